#include "features/compute.h"

#include <cmath>
#include <limits>

#include "features/state_parts.h"
#include "features/state_view.h"

namespace tideline {
namespace {

constexpr double kLeastCoverage = 0.25;
constexpr std::uint64_t kLeastQualifying = 2;
constexpr Duration kLeastAge = 7 * kDay;

// Slots of a rule: only what its code names is computed.
bool rule_holds(const StateView& view, const Expression& expression,
                std::span<const Aggregate> aggregates, std::span<const Series> loose) {
  const Pack& pack = view.pack();
  const std::vector<Series>& kept = pack.program().series;
  std::vector<double> slots(aggregates.size() + pack.traits().size(),
                            std::numeric_limits<double>::quiet_NaN());
  for (const Op& op : expression.code) {
    if (op.code != OpCode::slot) continue;
    if (op.arg >= aggregates.size()) {
      slots[op.arg] = view.trait(static_cast<std::uint16_t>(op.arg - aggregates.size()));
      continue;
    }
    const Aggregate& call = aggregates[op.arg];
    const Series& series =
        call.series < kept.size() ? kept[call.series] : loose[call.series - kept.size()];
    slots[op.arg] = view.value(call, series);
  }
  return holds(expression, slots);
}

}  // namespace

FeatureVector compute_features(const Pack& pack, const CustomerState& state, Time as_of) {
  return compute_features(StateView(pack, state, as_of));
}

FeatureVector compute_features(const StateView& view) {
  const Pack& pack = view.pack();
  const Program& program = pack.program();
  std::vector<double> slots;
  slots.reserve(program.aggregates.size() + pack.traits().size());
  for (const Aggregate& call : program.aggregates)
    slots.push_back(view.value(call, program.series[call.series]));
  for (const FieldSpec& trait : pack.traits()) slots.push_back(view.trait(trait.index));

  FeatureVector result;
  result.values.reserve(program.features.size());
  std::size_t can_be_missing = 0;
  std::size_t present = 0;
  for (const Expression& feature : program.features) {
    const double value = evaluate(feature, slots);
    result.values.push_back(value);
    if (!feature.can_be_missing) continue;
    ++can_be_missing;
    present += std::isnan(value) ? 0 : 1;
  }
  result.coverage = can_be_missing == 0
                        ? 1.0
                        : static_cast<double>(present) / static_cast<double>(can_be_missing);
  return result;
}

bool is_eligible(const Pack& pack, const CustomerState& state, Time as_of) {
  return is_eligible(StateView(pack, state, as_of));
}

bool is_eligible(const StateView& view) {
  const Program& program = view.pack().program();
  return rule_holds(view, program.eligible, program.aggregates, {});
}

bool meets_rule(const Pack& pack, const Rule& rule, const CustomerState& state, Time as_of) {
  return rule_holds(StateView(pack, state, as_of), rule.expression, rule.aggregates, rule.loose);
}

bool is_lapsed(const Pack& pack, const CustomerState& state, Time as_of) {
  const Lifetime qualifying = qualifying_lifetime(state.parts(), as_of);
  if (qualifying.count > 0) return as_of - qualifying.last > pack.lapse();
  // None at all: the period runs from the first event of any kind.
  const Lifetime any = any_lifetime(state.parts(), as_of);
  return any.count == 0 || as_of - any.first > pack.lapse();
}

const char* unscored_reason(const Pack& pack, const CustomerState& state,
                            const FeatureVector& features, Time as_of) {
  static_cast<void>(pack);
  const Lifetime any = any_lifetime(state.parts(), as_of);
  const bool enough = features.coverage >= kLeastCoverage && any.count > 0 &&
                      as_of - any.first >= kLeastAge &&
                      qualifying_lifetime(state.parts(), as_of).count >= kLeastQualifying;
  return enough ? nullptr : "not_enough_data";
}

}  // namespace tideline
