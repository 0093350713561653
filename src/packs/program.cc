#include "packs/program.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "packs/compiler.h"

namespace tideline {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kStack = 64;  // the compiler refuses deeper expressions

double truth(bool value) { return value ? 1.0 : 0.0; }

double compare(OpCode code, double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return kMissing;
  switch (code) {
    case OpCode::less: return truth(a < b);
    case OpCode::less_equal: return truth(a <= b);
    case OpCode::greater: return truth(a > b);
    case OpCode::greater_equal: return truth(a >= b);
    case OpCode::equal: return truth(a == b);
    default: return truth(a != b);
  }
}

double combine(OpCode code, double a, double b) {
  switch (code) {
    case OpCode::add: return a + b;
    case OpCode::subtract: return a - b;
    case OpCode::multiply: return a * b;
    case OpCode::divide: return b == 0 ? kMissing : a / b;
    case OpCode::logical_and: {
      if (a == 0 || b == 0) return 0;
      return std::isnan(a) || std::isnan(b) ? kMissing : 1;
    }
    case OpCode::logical_or: {
      if ((!std::isnan(a) && a != 0) || (!std::isnan(b) && b != 0)) return 1;
      return std::isnan(a) || std::isnan(b) ? kMissing : 0;
    }
    case OpCode::when: return !std::isnan(a) && a != 0 ? b : kMissing;
    case OpCode::or_else: return std::isnan(a) ? b : a;
    default: return compare(code, a, b);
  }
}

double single(OpCode code, double a) {
  if (code == OpCode::present) return truth(!std::isnan(a));
  if (std::isnan(a)) return kMissing;
  switch (code) {
    case OpCode::negate: return -a;
    case OpCode::logical_not: return truth(a == 0);
    case OpCode::absolute: return std::fabs(a);
    case OpCode::logarithm: return a > 0 ? std::log(a) : kMissing;
    default: return a >= 0 ? std::sqrt(a) : kMissing;
  }
}

double extreme(OpCode code, std::span<const double> values) {
  double result = values[0];
  for (const double value : values) {
    if (std::isnan(value)) return kMissing;
    result = code == OpCode::minimum ? std::min(result, value) : std::max(result, value);
  }
  return result;
}

// Pairs of weight and value; absent values leave the sum.
double weighted(std::span<const double> pairs) {
  double sum = 0;
  double weights = 0;
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    if (std::isnan(pairs[i + 1])) continue;
    sum += pairs[i] * pairs[i + 1];
    weights += pairs[i];
  }
  return weights > 0 ? sum / weights : kMissing;
}

}  // namespace

double evaluate(const Expression& expression, std::span<const double> slots) {
  std::array<double, kStack + 1> stack;
  std::size_t top = 0;
  for (const Op& op : expression.code) {
    switch (op.code) {
      case OpCode::number: stack[top++] = op.number; break;
      case OpCode::slot:
        CHECK(op.arg < slots.size());
        stack[top++] = slots[op.arg];
        break;
      case OpCode::minimum:
      case OpCode::maximum:
        top -= op.arg;
        stack[top] = extreme(op.code, std::span(stack).subspan(top, op.arg));
        ++top;
        break;
      case OpCode::weighted:
        top -= 2 * static_cast<std::size_t>(op.arg);
        stack[top] = weighted(std::span(stack).subspan(top, 2 * static_cast<std::size_t>(op.arg)));
        ++top;
        break;
      default:
        if (op.code < OpCode::add) {
          stack[top - 1] = single(op.code, stack[top - 1]);
        } else {
          --top;
          stack[top - 1] = combine(op.code, stack[top - 1], stack[top]);
        }
    }
  }
  // Overflow to infinity is no figure either.
  return top == 1 && std::isfinite(stack[0]) ? stack[0] : kMissing;
}

bool holds(const Expression& expression, std::span<const double> slots) {
  const double value = evaluate(expression, slots);
  return !std::isnan(value) && value != 0;
}

namespace {

tl::unexpected<Error> refuse(const Mistake& wrong) {
  return fail(ErrorCode::invalid, wrong.message);
}

// The series of the pack that answers what a series of a rule given by hand asks.
std::optional<std::uint16_t> kept_series(const Program& program, const Series& wanted) {
  for (std::size_t i = 0; i < program.series.size(); ++i) {
    const Series& kept = program.series[i];
    const bool same =
        kept.accumulator == wanted.accumulator ||
        (kept.accumulator == Accumulator::moments && wanted.accumulator == Accumulator::sums);
    if (kept.key != wanted.key || !same) continue;
    const bool covers = (kept.keeps_hours || !wanted.keeps_hours) &&
                        (kept.keeps_days || !wanted.keeps_days) &&
                        (kept.keeps_ever || !wanted.keeps_ever) && kept.reach >= wanted.reach;
    if (covers) return static_cast<std::uint16_t>(i);
  }
  return std::nullopt;
}

}  // namespace

Result<Rule> parse_rule(const Pack& pack, std::string_view text) {
  const auto node = parse_expression(text, 1);
  if (!node) return refuse(node.error());
  Compiler compiler(pack, Compiler::Scope::features);
  auto expression = compiler.compile(*node);
  if (!expression) return refuse(expression.error());
  if (!expression->is_boolean) {
    return fail(ErrorCode::invalid, "'" + std::string(text) +
                                        "' is a number, not a rule: compare it, e.g. " +
                                        "since(qualifying) <= 90d");
  }
  compiler.finish(*expression);
  Rule rule;
  rule.expression = std::move(*expression);
  rule.aggregates = std::move(compiler.aggregates);
  const std::size_t first_loose = pack.program().series.size();
  for (Aggregate& call : rule.aggregates) {
    const Series& wanted = compiler.series[call.series];
    if (wanted.accumulator == Accumulator::counters) {
      call.series = static_cast<std::uint16_t>(first_loose + rule.loose.size());
      rule.loose.push_back(wanted);
      continue;
    }
    const auto kept = kept_series(pack.program(), wanted);
    if (!kept) {
      return fail(ErrorCode::invalid, "the pack keeps no such figures of " + wanted.key +
                                          ": a rule given by hand may use since(), "
                                          "since_first() and count(…, ever) of any events, and "
                                          "aggregates that the pack's features use");
    }
    call.series = *kept;
  }
  return rule;
}

Result<LabelProgram> parse_label(const Pack& pack, std::string_view text) {
  const auto node = parse_expression(text, 1);
  if (!node) return refuse(node.error());
  auto program = compile_label(pack, *node);
  if (!program) return refuse(program.error());
  return std::move(*program);
}

Parsed<LabelProgram> compile_label(const Pack& pack, const Node& node) {
  Compiler compiler(pack, Compiler::Scope::label);
  TRY_ASSIGN(Expression expression, compiler.compile(node));
  if (compiler.horizon.count() == 0) {
    return mistake(node.line,
                   "a label says what happens after t: it needs gone(), first_success() or an "
                   "aggregate with ahead, and '" +
                       render(node) + "' has none");
  }
  compiler.finish(expression);
  LabelProgram program;
  program.text = expression.text;
  program.series = std::move(compiler.series);
  program.aggregates = std::move(compiler.aggregates);
  program.gones = std::move(compiler.gones);
  program.first_successes = std::move(compiler.first_successes);
  program.expression = std::move(expression);
  program.horizon = compiler.horizon;
  return program;
}

}  // namespace tideline
