// The part of PackBuilder that reads what is written in expressions: features, eligibility, tasks,
// tiers, plays.
#include <algorithm>
#include <cctype>

#include "packs/aggregate_form.h"
#include "packs/pack_builder.h"
#include "packs/pack_toml.h"
#include "packs/program.h"
#include "packs/spelling.h"

namespace tideline {
namespace {

// The tables of [[name]]; empty when there are none.
Parsed<std::vector<const TomlNode*>> tables_of(const TomlNode& root, const std::string& name) {
  std::vector<const TomlNode*> tables;
  const TomlNode* list = root.find(name);
  if (list == nullptr) return tables;
  for (const TomlNode& item : list->items) {
    if (item.kind == TomlNode::Kind::table) tables.push_back(&item);
  }
  if (list->kind != TomlNode::Kind::array || tables.size() != list->items.size()) {
    return mistake(list->line, in_quotes(name) + " is written as [[" + name + "]], once for each");
  }
  return tables;
}

bool is_form(const std::string& form) {
  return form == "%" || (form.size() == 2 && form[0] == '.' &&
                         std::isdigit(static_cast<unsigned char>(form[1])) != 0);
}

// The names in "{name}", "{name:%}" or "{name:.1}", each once.
Parsed<std::vector<std::string>> names_in(const std::string& key, const std::string& sentence,
                                          int line) {
  std::vector<std::string> names;
  std::size_t at = 0;
  while ((at = sentence.find('{', at)) != std::string::npos) {
    const std::size_t close = sentence.find('}', at);
    if (close == std::string::npos) return mistake(line, "a '{' of " + key + " is not closed");
    const std::string inside = sentence.substr(at + 1, close - at - 1);
    const std::string name = inside.substr(0, inside.find(':'));
    const std::string form = inside.size() > name.size() ? inside.substr(name.size() + 1) : "%";
    if (!is_form(form)) {
      return mistake(line,
                     "unknown form '" + form + "' of {" + name + "} (allowed: % and .0 to .9)");
    }
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    at = close + 1;
  }
  return names;
}

}  // namespace

// Every key of `node` that is none of `keys`, as an expression.
Parsed<PackBuilder::NamedParts> PackBuilder::read_parts(const TomlNode& node,
                                                        const std::vector<std::string>& keys) {
  NamedParts parts;
  for (const TomlNode::Member& member : node.members) {
    if (std::find(keys.begin(), keys.end(), member.key) != keys.end()) continue;
    if (member.value.kind != TomlNode::Kind::text) continue;  // found unused later
    const auto part = parse_expression(member.value.text, member.value.line);
    // A key that is misspelt need not hold an expression at all: then say that first.
    if (!part && !did_you_mean(member.key, keys).empty()) continue;
    if (!part) return tl::unexpected(part.error());
    parts[member.key] = *part;
  }
  return parts;
}

Parsed<void> PackBuilder::check_parts_used(const TomlNode& node, const std::string& main,
                                           const std::vector<std::string>& keys,
                                           const std::vector<std::string>& used) {
  std::map<std::string, int> lines;
  for (const TomlNode::Member& member : node.members) lines[member.key] = member.line;
  for (const auto& [name, line] : lines) {
    if (std::find(keys.begin(), keys.end(), name) != keys.end()) continue;
    if (std::find(used.begin(), used.end(), name) != used.end()) continue;
    return mistake(line, in_quotes(name) + " is neither a key here (" + listed(keys) +
                             ") nor a part used in " + main + did_you_mean(name, keys));
  }
  return {};
}

Parsed<PackBuilder::Formula> PackBuilder::read_formula(const TomlNode& node,
                                                       const std::string& main,
                                                       const std::vector<std::string>& keys) {
  const TomlNode* value = node.find(main);
  if (value == nullptr) return mistake(node.line, main + " = '...' is missing");
  TRY_ASSIGN(const std::string text, text_of(*value, main));
  TRY_ASSIGN(const Node written, parse_expression(text, value->line));
  TRY_ASSIGN(const NamedParts parts, read_parts(node, keys));
  std::vector<std::string> used;
  TRY_ASSIGN(Node whole, expand(written, parts, used));
  TRY(check_parts_used(node, main, keys, used));
  return Formula{std::move(whole), value->line};
}

Parsed<Expression> PackBuilder::read_condition(const TomlNode& node, const std::string& main,
                                               const std::vector<std::string>& keys,
                                               Compiler& compiler) {
  TRY_ASSIGN(const Formula formula, read_formula(node, main, keys));
  TRY_ASSIGN(Expression expression, compiler.compile(formula.node));
  if (expression.is_boolean) return expression;
  return mistake(formula.line, main + " is a condition such as a > 0.5, and '" + expression.text +
                                   "' is a number");
}

Parsed<void> PackBuilder::read_features(const TomlNode& root) {
  TRY_ASSIGN(const auto tables, tables_of(root, "feature"));
  if (tables.empty()) return mistake(1, "a pack needs at least one [[feature]]");
  for (const TomlNode* table : tables) TRY(read_feature(*table));
  return {};
}

Parsed<void> PackBuilder::read_feature(const TomlNode& node) {
  FeatureSpec feature;
  TRY_ASSIGN(feature.name, required_text(node, "name", "[[feature]]"));
  const int line = node.find("name")->line;
  TRY(check_name(feature.name, "feature", line));
  if (pack_.feature_index(feature.name))
    return mistake(line, "feature " + in_quotes(feature.name) + " is defined twice");
  TRY_ASSIGN(feature.group, text_or(node, "group", ""));
  TRY_ASSIGN(feature.unit, text_or(node, "unit", ""));
  TRY(text_or(node, "about", ""));
  TRY(read_words(node, feature));
  TRY_ASSIGN(const Formula formula, read_formula(node, "value",
                                                 {"name", "group", "unit", "value", "about",
                                                  "theme", "label", "form", "phrase", "missing"}));
  TRY_ASSIGN(Expression expression, compiler_.compile(formula.node));
  if (expression.is_boolean) {
    return mistake(formula.line,
                   "a feature is a number, and '" + expression.text + "' is a condition");
  }
  feature.definition = expression.text;
  feature.can_be_missing = expression.can_be_missing;
  pack_.features_.push_back(std::move(feature));
  pack_.program_->features.push_back(std::move(expression));
  return {};
}

Parsed<void> PackBuilder::read_words(const TomlNode& node, FeatureSpec& feature) {
  std::string spoken = feature.name;
  std::replace(spoken.begin(), spoken.end(), '_', ' ');
  TRY_ASSIGN(feature.label, text_or(node, "label", spoken));
  TRY_ASSIGN(feature.theme, text_or(node, "theme", feature.name));
  TRY_ASSIGN(feature.form, text_or(node, "form", feature.unit == "0..1" ? "%" : ""));
  if (!feature.form.empty() && !is_form(feature.form)) {
    return mistake(node.find("form")->line,
                   "unknown form '" + feature.form + "' (allowed: % and .0 to .9)");
  }
  TRY_ASSIGN(feature.missing, text_or(node, "missing", ""));
  TRY_ASSIGN(feature.phrase, text_or(node, "phrase", ""));
  if (const TomlNode* phrase = node.find("phrase")) {
    TRY_ASSIGN(const auto names, names_in("phrase", feature.phrase, phrase->line));
    if (!names.empty() && names != std::vector<std::string>{"now"})
      return mistake(phrase->line, "phrase knows {now} only");
  }
  return {};
}

Parsed<void> PackBuilder::read_purchases(const TomlNode& root) {
  const TomlNode* node = root.find("purchases");
  if (node == nullptr) return {};
  const std::vector<std::string> keys = {"active_days", "since_last", "since_first"};
  TRY(check_keys(*node, "[purchases]", keys));
  std::vector<std::size_t> places;
  for (const std::string& key : keys) {
    TRY_ASSIGN(const std::string name, required_text(*node, key, "[purchases]"));
    const auto place = pack_.feature_index(name);
    if (!place) {
      std::vector<std::string> names;
      for (const FeatureSpec& feature : pack_.features_) names.push_back(feature.name);
      return mistake(node->find(key)->line, key + " of [purchases] names a feature, and '" + name +
                                                "' is none" + did_you_mean(name, names));
    }
    places.push_back(*place);
  }
  pack_.program_->purchases = PurchaseColumns{places[0], places[1], places[2]};
  return {};
}

Parsed<void> PackBuilder::read_eligible(const TomlNode& root) {
  const TomlNode* node = root.find("eligible");
  if (node == nullptr)
    return mistake(1, "the section [eligible] with its rule = '...' is missing (all: 'true')");
  if (node->kind != TomlNode::Kind::table)
    return mistake(node->line, "[eligible] is a table with rule = '...'");
  TRY_ASSIGN(pack_.program_->eligible, read_condition(*node, "rule", {"rule"}, compiler_));
  return {};
}

Parsed<void> PackBuilder::read_tasks(const TomlNode& root) {
  TRY_ASSIGN(const auto tables, tables_of(root, "task"));
  for (const TomlNode* table : tables) TRY(read_task(*table));
  return check_order_of_tasks(root);
}

Parsed<void> PackBuilder::read_task(const TomlNode& node) {
  static const std::vector<std::string> keys = {"name", "kind", "label",     "definition",
                                                "min",  "max",  "not_below", "unit"};
  TaskSpec task;
  TRY_ASSIGN(task.name, required_text(node, "name", "[[task]]"));
  const int line = node.find("name")->line;
  TRY(check_name(task.name, "task", line));
  if (pack_.task_index(task.name) || pack_.feature_index(task.name)) {
    return mistake(line, "the name " + in_quotes(task.name) +
                             " of a task is taken by another task or feature");
  }
  TRY_ASSIGN(const std::string kind, required_text(node, "kind", "task " + in_quotes(task.name)));
  if (kind != "probability" && kind != "number") {
    return mistake(node.find("kind")->line,
                   "unknown kind " + in_quotes(kind) + " (allowed: probability, number)");
  }
  task.kind = kind == "number" ? TaskKind::number : TaskKind::probability;
  TRY_ASSIGN(task.definition, required_text(node, "definition", "task " + in_quotes(task.name)));
  TRY_ASSIGN(task.not_below, text_or(node, "not_below", ""));
  TRY(text_or(node, "unit", ""));
  for (const char* key : {"min", "max"}) {
    const TomlNode* limit = node.find(key);
    if (limit == nullptr) continue;
    TRY_ASSIGN(const double number, number_of(*limit, key));
    if (task.kind != TaskKind::number)
      return mistake(limit->line, "min and max are for the kind number only");
    (key == std::string("min") ? task.min : task.max) = number;
  }
  TRY_ASSIGN(const Formula formula, read_formula(node, "label", keys));
  TRY_ASSIGN(LabelProgram label, compile_label(pack_, formula.node));
  task.label = label.text;
  task.horizon = label.horizon;
  pack_.tasks_.push_back(std::move(task));
  pack_.tier_margins_.push_back(
      pack_.tasks_.back().kind == TaskKind::number ? margin_number_ : margin_probability_);
  pack_.program_->labels.push_back(std::move(label));
  return {};
}

Parsed<void> PackBuilder::check_order_of_tasks(const TomlNode& root) {
  std::vector<std::string> names;
  for (const TaskSpec& task : pack_.tasks_) names.push_back(task.name);
  for (std::size_t i = 0; i < pack_.tasks_.size(); ++i) {
    const TaskSpec& task = pack_.tasks_[i];
    if (task.not_below.empty()) continue;
    const int line = root.find("task")->items[i].find("not_below")->line;
    const auto other = pack_.task_index(task.not_below);
    if (!other) {
      return mistake(line, "not_below names the unknown task " + in_quotes(task.not_below) +
                               did_you_mean(task.not_below, names));
    }
    if (*other >= i || task.kind != TaskKind::probability ||
        pack_.tasks_[*other].kind != TaskKind::probability) {
      return mistake(line, "not_below names a probability that stands before this one");
    }
  }
  return {};
}

std::vector<std::string> PackBuilder::figures() const {
  std::vector<std::string> names;
  for (const TaskSpec& task : pack_.tasks_) names.push_back(task.name);
  for (const FeatureSpec& feature : pack_.features_) names.push_back(feature.name);
  return names;
}

Parsed<void> PackBuilder::read_tiers(const TomlNode& root) {
  static const std::vector<std::string> keys = {"name", "rule", "about"};
  TRY_ASSIGN(const auto tables, tables_of(root, "tier"));
  Compiler compiler(pack_, Compiler::Scope::figures, figures());
  for (const TomlNode* table : tables) {
    TRY_ASSIGN(std::string name, required_text(*table, "name", "[[tier]]"));
    TRY(check_name(name, "tier", table->find("name")->line));
    if (std::find(pack_.tiers_.begin(), pack_.tiers_.end(), name) != pack_.tiers_.end()) {
      return mistake(table->find("name")->line, "tier " + in_quotes(name) + " is defined twice");
    }
    TRY(text_or(*table, "about", ""));
    TRY_ASSIGN(Expression rule, read_condition(*table, "rule", keys, compiler));
    pack_.tiers_.push_back(std::move(name));
    pack_.program_->tier_rules.push_back(std::move(rule));
  }
  if (!tables.empty() && pack_.program_->tier_rules.back().text != "true") {
    return mistake(tables.back()->find("rule")->line,
                   "the last tier takes everybody who is left: its rule is 'true'");
  }
  return {};
}

// The names that a play may use, in the order of its slots (packs/program.h).
std::vector<std::string> PackBuilder::play_names() const {
  std::vector<std::string> names = figures();
  for (const TaskSpec& task : pack_.tasks_) names.push_back("past." + task.name);
  for (const FeatureSpec& feature : pack_.features_) names.push_back("driver." + feature.name);
  for (const std::string& tier : pack_.tiers_) names.push_back("tier." + tier);
  return names;
}

Parsed<void> PackBuilder::read_plays(const TomlNode& root) {
  static const std::vector<std::string> keys = {"name",     "when",    "priority", "say",
                                                "cooldown", "channel", "cost"};
  TRY_ASSIGN(const auto tables, tables_of(root, "play"));
  Compiler compiler(pack_, Compiler::Scope::figures, play_names());
  for (const TomlNode* table : tables) {
    TRY_ASSIGN(PlaySpec play, read_play(*table));
    TRY(read_play_rule(*table, keys, compiler, play));
    pack_.plays_.push_back(std::move(play));
  }
  return {};
}

// The condition and the numbers of the sentence; named parts may be used in both.
Parsed<void> PackBuilder::read_play_rule(const TomlNode& node,
                                         const std::vector<std::string>& keys, Compiler& compiler,
                                         PlaySpec& play) {
  TRY_ASSIGN(const NamedParts parts, read_parts(node, keys));
  std::vector<std::string> used;
  const auto compiled = [&](const std::string& text, int line) -> Parsed<Expression> {
    TRY_ASSIGN(const Node written, parse_expression(text, line));
    TRY_ASSIGN(const Node whole, expand(written, parts, used));
    return compiler.compile(whole);
  };
  const TomlNode* when = node.find("when");
  if (when == nullptr) return mistake(node.line, "when = '...' is missing");
  TRY_ASSIGN(const std::string condition, text_of(*when, "when"));
  TRY_ASSIGN(Expression rule, compiled(condition, when->line));
  if (!rule.is_boolean) {
    return mistake(when->line,
                   "when is a condition such as a > 0.5, and '" + rule.text + "' is a number");
  }
  play.when = rule.text;
  const int line = node.find("say")->line;
  TRY_ASSIGN(play.numbers, names_in("say", play.say, line));
  std::vector<Expression> numbers;
  for (const std::string& name : play.numbers) {
    auto number = compiled(name, line);
    if (!number) {
      return mistake(line, "{" + name + "} of say is no figure: " + number.error().message);
    }
    numbers.push_back(std::move(*number));
  }
  TRY(check_parts_used(node, "when or say", keys, used));
  pack_.program_->play_rules.push_back(std::move(rule));
  pack_.program_->play_numbers.push_back(std::move(numbers));
  return {};
}

Parsed<PlaySpec> PackBuilder::read_play(const TomlNode& node) {
  static const std::vector<std::string> priorities = {"low", "medium", "high"};
  PlaySpec play;
  TRY_ASSIGN(play.name, required_text(node, "name", "[[play]]"));
  TRY(check_name(play.name, "play", node.find("name")->line));
  for (const PlaySpec& other : pack_.plays_) {
    if (other.name == play.name)
      return mistake(node.find("name")->line,
                     "play " + in_quotes(play.name) + " is defined twice");
  }
  TRY_ASSIGN(play.priority, text_or(node, "priority", "medium"));
  if (std::find(priorities.begin(), priorities.end(), play.priority) == priorities.end()) {
    return mistake(node.find("priority")->line, "unknown priority " + in_quotes(play.priority) +
                                                    did_you_mean(play.priority, priorities) +
                                                    " (allowed: low, medium, high)");
  }
  TRY_ASSIGN(play.say, required_text(node, "say", "play " + in_quotes(play.name)));
  TRY_ASSIGN(const std::string cooldown, text_or(node, "cooldown", "14d"));
  const auto duration = parse_duration(cooldown);
  if (!duration) {
    return mistake(node.find("cooldown")->line,
                   "cooldown is a duration such as 14d or 36h, not " + in_quotes(cooldown));
  }
  play.cooldown = *duration;
  TRY_ASSIGN(play.channel, text_or(node, "channel", ""));
  if (const TomlNode* cost = node.find("cost")) {
    TRY_ASSIGN(play.cost, number_of(*cost, "cost"));
    if (!(play.cost >= 0)) return mistake(cost->line, "cost is an amount of 0 or more");
  }
  return play;
}

}  // namespace tideline
