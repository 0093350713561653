#include "packs/compiler.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "packs/aggregate_form.h"
#include "packs/spelling.h"

namespace tideline {
namespace {

constexpr int kStack = 64;  // of evaluate()

struct Function {
  const char* name;
  OpCode code;
  int least_args;
  int most_args;
};
constexpr int kAnyNumber = 32;
constexpr std::array<Function, 8> kFunctions = {{
    {"min", OpCode::minimum, 2, kAnyNumber},
    {"max", OpCode::maximum, 2, kAnyNumber},
    {"abs", OpCode::absolute, 1, 1},
    {"log", OpCode::logarithm, 1, 1},
    {"sqrt", OpCode::square_root, 1, 1},
    {"present", OpCode::present, 1, 1},
    {"when", OpCode::when, 2, 2},
    {"or_else", OpCode::or_else, 2, 2},
}};

bool is_nonzero_constant(const Node& node) {
  return (node.kind == Node::Kind::number && node.number != 0) ||
         (node.kind == Node::Kind::duration && node.duration.count() != 0);
}

OpCode code_of(const std::string& symbol) {
  static const std::map<std::string, OpCode> codes = {
      {"+", OpCode::add},        {"-", OpCode::subtract},       {"*", OpCode::multiply},
      {"/", OpCode::divide},     {"<", OpCode::less},           {"<=", OpCode::less_equal},
      {">", OpCode::greater},    {">=", OpCode::greater_equal}, {"==", OpCode::equal},
      {"!=", OpCode::not_equal}, {"and", OpCode::logical_and},  {"or", OpCode::logical_or}};
  return codes.at(symbol);
}

// Values that the code needs on the stack at once.
int depth_of(const std::vector<Op>& code) {
  int depth = 0;
  int most = 0;
  for (const Op& op : code) {
    if (op.code <= OpCode::slot) {
      ++depth;
    } else if (op.code == OpCode::minimum || op.code == OpCode::maximum) {
      depth -= static_cast<int>(op.arg) - 1;
    } else if (op.code == OpCode::weighted) {
      depth -= 2 * static_cast<int>(op.arg) - 1;
    } else if (op.code >= OpCode::add) {
      --depth;
    }
    most = std::max(most, depth);
  }
  return most;
}

}  // namespace

void Compiler::push(OpCode code, std::uint32_t arg, double number) {
  code_.push_back(Op{code, arg, number});
}

Parsed<Expression> Compiler::compile(const Node& node) {
  code_.clear();
  TRY_ASSIGN(const Typed typed, emit(node));
  if (depth_of(code_) > kStack) return mistake(node.line, "the expression is nested too deeply");
  Expression expression;
  expression.code = std::move(code_);
  expression.text = render(node);
  expression.can_be_missing = typed.can_be_missing;
  expression.is_boolean = typed.is_boolean;
  code_.clear();
  return expression;
}

void Compiler::finish(Expression& expression) const {
  const auto calls = static_cast<std::uint32_t>(aggregates.size());
  for (Op& op : expression.code) {
    if (op.code != OpCode::slot) continue;
    const std::uint32_t tag = op.arg & ~(kTag - 1);
    const std::uint32_t number = op.arg & (kTag - 1);
    if (tag == kTraitTag || tag == kGoneTag) op.arg = calls + number;
    if (tag == kFirstSuccessTag) {
      op.arg = calls + static_cast<std::uint32_t>(gones.size()) + number;
    }
  }
}

Parsed<Compiler::Typed> Compiler::emit(const Node& node) {
  switch (node.kind) {
    case Node::Kind::number:
      push(OpCode::number, 0, node.number);
      return Typed{false, false, node.number};
    case Node::Kind::duration:
      push(OpCode::number, 0, days(node.duration));
      return Typed{false, false, days(node.duration)};
    case Node::Kind::boolean: push(OpCode::number, 0, node.number); return Typed{false, true};
    case Node::Kind::text:
      return mistake(node.line,
                     "\"" + node.text +
                         "\" is no value here: events stand within an aggregate such as "
                         "count(\"Event\", 7d), texts are compared by == and != within where");
    case Node::Kind::name: return scope_ == Scope::condition ? emit_field(node) : emit_name(node);
    case Node::Kind::member: return emit_trait(node);
    case Node::Kind::call: break;
    case Node::Kind::unary: return emit_unary(node);
    case Node::Kind::binary: return emit_binary(node);
  }
  if (const AggregateForm* form = find_aggregate_form(node.text)) {
    if (scope_ == Scope::features || scope_ == Scope::label) return emit_aggregate(node, *form);
    return mistake(node.line,
                   node.text + "() cannot be used here: " +
                       (scope_ == Scope::condition ? "where sees one event's own properties"
                                                   : "make it a feature and name that"));
  }
  if (node.text == "gone" || node.text == "first_success") {
    if (scope_ != Scope::label) return mistake(node.line, node.text + "() is for labels only");
    return node.text == "gone" ? emit_gone(node) : emit_first_success(node);
  }
  return node.text == "weighted" ? emit_weighted(node) : emit_function(node);
}

Parsed<Compiler::Typed> Compiler::emit_name(const Node& node) {
  if (scope_ == Scope::figures) {
    const auto figure = std::find(figures_.begin(), figures_.end(), node.text);
    if (figure != figures_.end()) {
      push(OpCode::slot, static_cast<std::uint32_t>(figure - figures_.begin()));
      return Typed{true, false};
    }
    return mistake(node.line, "unknown name '" + node.text + "'" +
                                  did_you_mean(node.text, figures_) +
                                  " (allowed: names of tasks and of features)");
  }
  for (const EventSet& set : pack_.sets()) {
    if (set.name != node.text) continue;
    return mistake(node.line, "'" + node.text +
                                  "' is a set of events: it stands within an aggregate, " +
                                  "such as count(" + node.text + ", 7d)");
  }
  return mistake(node.line, "unknown name '" + node.text +
                                "': a part of an expression is given beside it as " + node.text +
                                " = '...', an event as \"Event\", a trait as trait.NAME");
}

Parsed<Compiler::Typed> Compiler::emit_trait(const Node& node) {
  if (scope_ == Scope::figures) {
    const std::string name = render(node);
    const auto figure = std::find(figures_.begin(), figures_.end(), name);
    if (figure == figures_.end()) {
      return mistake(node.line, "unknown name '" + name + "'" + did_you_mean(name, figures_) +
                                    " (plays know past.TASK, driver.FEATURE and tier.TIER)");
    }
    push(OpCode::slot, static_cast<std::uint32_t>(figure - figures_.begin()));
    return Typed{true, node.args[0].text == "tier"};
  }
  if (node.args[0].kind != Node::Kind::name || node.args[0].text != "trait") {
    return mistake(node.line, render(node) +
                                  " is no value here: a property stands within an aggregate "
                                  "such as mean(\"Event\".property, 30d)");
  }
  if (scope_ != Scope::features) {
    return mistake(node.line,
                   "trait." + node.text + " can be used in features and eligibility only");
  }
  const FieldSpec* trait = pack_.find_trait(node.text);
  if (trait == nullptr) {
    std::vector<std::string> names;
    for (const FieldSpec& other : pack_.traits()) names.push_back(other.name);
    return mistake(node.line, "unknown trait '" + node.text + "'" +
                                  did_you_mean(node.text, names) +
                                  (names.empty() ? " (the pack declares no [trait])"
                                                 : " (allowed: " + listed(names) + ")"));
  }
  if (trait->is_protected) {
    return mistake(node.line, "trait." + node.text +
                                  " is protected: it is kept for fairness checks and "
                                  "never part of a feature");
  }
  if (trait->type != FieldType::number && trait->type != FieldType::boolean) {
    return mistake(node.line,
                   "trait." + node.text + " is a text; only numbers and booleans can be used");
  }
  push(OpCode::slot, kTraitTag | trait->index);
  return Typed{true, false};
}

Parsed<Compiler::Typed> Compiler::require_boolean(const Node& node, bool wanted) {
  TRY_ASSIGN(const Typed typed, emit(node));
  if (typed.is_boolean == wanted) return typed;
  const std::string text = "'" + render(node) + "'";
  return mistake(node.line,
                 wanted ? text + " is a number where a condition is expected: compare it, e.g. > 0"
                        : text + " is a condition where a number is expected");
}

Parsed<Compiler::Typed> Compiler::emit_unary(const Node& node) {
  const bool is_not = node.text == "not";
  TRY_ASSIGN(const Typed typed, require_boolean(node.args[0], is_not));
  push(is_not ? OpCode::logical_not : OpCode::negate);
  return Typed{typed.can_be_missing, typed.is_boolean};
}

Parsed<Compiler::Typed> Compiler::emit_binary(const Node& node) {
  const OpCode code = code_of(node.text);
  const bool logical = code == OpCode::logical_and || code == OpCode::logical_or;
  const bool comparison = code >= OpCode::less && code <= OpCode::not_equal;
  if (scope_ == Scope::condition && comparison &&
      (node.args[0].kind == Node::Kind::text || node.args[1].kind == Node::Kind::text)) {
    return emit_text_comparison(node);
  }
  // Boolean properties and traits are 1 or 0 and may be compared with true and false.
  const bool with_truth = comparison && (node.args[0].kind == Node::Kind::boolean ||
                                         node.args[1].kind == Node::Kind::boolean);
  const auto operand = [&](const Node& arg) -> Parsed<Typed> {
    return with_truth ? emit(arg) : require_boolean(arg, logical);
  };
  TRY_ASSIGN(const Typed left, operand(node.args[0]));
  TRY_ASSIGN(const Typed right, operand(node.args[1]));
  push(code);
  Typed typed;
  typed.is_boolean = logical || comparison;
  typed.can_be_missing = left.can_be_missing || right.can_be_missing ||
                         (code == OpCode::divide && !is_nonzero_constant(node.args[1]));
  if (code == OpCode::add) typed.least = left.least + right.least;
  if (code == OpCode::multiply && left.least >= 0 && right.least >= 0) {
    typed.least = left.least * right.least;
  }
  if (code == OpCode::divide && left.least >= 0 && right.least >= 0) typed.least = 0;
  return typed;
}

Parsed<Compiler::Typed> Compiler::emit_function(const Node& node) {
  const auto function = std::find_if(kFunctions.begin(), kFunctions.end(),
                                     [&](const Function& f) { return node.text == f.name; });
  if (function == kFunctions.end()) {
    std::vector<std::string> names = aggregate_names();
    for (const Function& f : kFunctions) names.emplace_back(f.name);
    for (const char* name : {"weighted", "gone", "first_success"}) names.emplace_back(name);
    return mistake(node.line, "unknown function " + node.text + "()" +
                                  did_you_mean(node.text, names) + " (allowed: " + listed(names) +
                                  ")");
  }
  if (!node.options.empty()) {
    return mistake(node.line, node.text + "() takes no option '" + node.options[0].name + "'");
  }
  const auto given = static_cast<int>(node.args.size());
  if (given < function->least_args || given > function->most_args) {
    return mistake(node.line, node.text + "() takes " + std::to_string(function->least_args) +
                                  (function->most_args > function->least_args ? " or more" : "") +
                                  " arguments, not " + std::to_string(given));
  }
  std::vector<Typed> args;
  for (std::size_t i = 0; i < node.args.size(); ++i) {
    const bool is_condition = function->code == OpCode::when && i == 0;
    TRY_ASSIGN(const Typed arg, function->code == OpCode::present
                                    ? emit(node.args[i])
                                    : require_boolean(node.args[i], is_condition));
    args.push_back(arg);
  }
  push(function->code, static_cast<std::uint32_t>(given));
  return result_of(function->code, args);
}

// What a function of numbers gives: a logarithm of 1 + clicks, say, is never missing.
Compiler::Typed Compiler::result_of(OpCode code, const std::vector<Typed>& args) {
  Typed typed;
  double least_of_all = std::numeric_limits<double>::infinity();
  for (const Typed& arg : args) {
    typed.can_be_missing = typed.can_be_missing || arg.can_be_missing;
    least_of_all = std::min(least_of_all, arg.least);
    if (code == OpCode::maximum) typed.least = std::max(typed.least, arg.least);
  }
  const double least = args.back().least;
  switch (code) {
    case OpCode::present: return Typed{false, true};
    case OpCode::minimum: typed.least = least_of_all; break;
    case OpCode::absolute: typed.least = 0; break;
    case OpCode::or_else:
      typed.can_be_missing = args.back().can_be_missing;
      typed.least = least_of_all;
      break;
    case OpCode::when:
      typed.can_be_missing = true;
      typed.least = least;
      break;
    case OpCode::logarithm:
      typed.can_be_missing = typed.can_be_missing || least <= 0;
      if (least > 0) typed.least = std::log(least);
      break;
    case OpCode::square_root:
      typed.can_be_missing = typed.can_be_missing || least < 0;
      typed.least = 0;
      break;
    default: break;
  }
  return typed;
}

Parsed<Compiler::Typed> Compiler::emit_weighted(const Node& node) {
  if (node.args.size() < 2 || node.args.size() % 2 != 0 || node.args.size() > kAnyNumber ||
      !node.options.empty()) {
    return mistake(node.line, "weighted() takes pairs: weighted(0.6, part, 0.4, other_part)");
  }
  Typed typed{true, false};
  for (std::size_t i = 0; i < node.args.size(); i += 2) {
    const Node& weight = node.args[i];
    if (weight.kind != Node::Kind::number || weight.number <= 0) {
      return mistake(node.line,
                     "a weight of weighted() is a number above 0, not '" + render(weight) + "'");
    }
    push(OpCode::number, 0, weight.number);
    // A condition counts as 1 or 0 here.
    TRY_ASSIGN(const Typed part, emit(node.args[i + 1]));
    typed.can_be_missing = typed.can_be_missing && part.can_be_missing;
  }
  push(OpCode::weighted, static_cast<std::uint32_t>(node.args.size() / 2));
  return typed;
}

const FieldSpec* Compiler::field_of(std::uint16_t event, const std::string& name) const {
  for (const FieldSpec& field : pack_.events()[event].fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

Parsed<Compiler::Typed> Compiler::emit_field(const Node& node) {
  CHECK(condition_ != nullptr);
  const FieldSpec* field = field_of(event_, node.text);
  const FieldSpec* typed_by = field;  // a set's other event may be the one that declares it
  for (const FieldSpec& other : pack_.fields()) {
    if (typed_by == nullptr && other.name == node.text) typed_by = &other;
  }
  CHECK(typed_by != nullptr);  // check_condition_names saw to that
  if (typed_by->type == FieldType::text || typed_by->type == FieldType::choice) {
    return mistake(node.line,
                   "'" + node.text + "' is a text: compare it by == or != with a text in \"\"");
  }
  push(OpCode::slot, static_cast<std::uint32_t>(condition_->inputs.size()));
  condition_->inputs.push_back({field == nullptr ? kNoField : field->index, std::nullopt});
  return Typed{true, typed_by->type == FieldType::boolean};
}

Parsed<Compiler::Typed> Compiler::emit_text_comparison(const Node& node) {
  const bool swapped = node.args[0].kind == Node::Kind::text;
  const Node& name = node.args[swapped ? 1 : 0];
  const Node& text = node.args[swapped ? 0 : 1];
  if (name.kind != Node::Kind::name || (node.text != "==" && node.text != "!=")) {
    return mistake(node.line,
                   "'" + render(node) + "': a text is compared with a property by == or !=");
  }
  const FieldSpec* field = field_of(event_, name.text);
  if (field != nullptr && field->type != FieldType::text && field->type != FieldType::choice) {
    return mistake(node.line, "'" + name.text + "' is no text: it cannot be compared with \"" +
                                  text.text + "\"");
  }
  if (field != nullptr && field->type == FieldType::choice &&
      std::find(field->choices.begin(), field->choices.end(), text.text) == field->choices.end()) {
    return mistake(node.line, "\"" + text.text + "\" is no value of '" + name.text +
                                  "' (allowed: " + listed(field->choices) + ")");
  }
  push(OpCode::slot, static_cast<std::uint32_t>(condition_->inputs.size()));
  condition_->inputs.push_back({field == nullptr ? kNoField : field->index, text.text});
  if (node.text == "!=") push(OpCode::logical_not);
  return Typed{true, true};
}

}  // namespace tideline
