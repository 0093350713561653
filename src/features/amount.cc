#include "features/amount.h"

#include <algorithm>
#include <cmath>

#include "features/state_view.h"

namespace tideline {
namespace {

constexpr double kMonths = 3;  // 30 days each, of the window

// A plain sum of what came in: every event of it is a sign of life, and every value money.
bool is_income(const Pack& pack, const Series& series) {
  const bool sums =
      series.accumulator == Accumulator::sums || series.accumulator == Accumulator::moments;
  if (!sums || series.logs || !series.keeps_days || series.reach < kAmountWindow) return false;
  return !series.routes.empty() &&
         std::all_of(series.routes.begin(), series.routes.end(), [&](const Route& route) {
           return route.condition < 0 && route.event != kAnyEvent && route.field < kEventName &&
                  pack.is_qualifying(route.event) && pack.fields()[route.field].is_money;
         });
}

}  // namespace

bool tells_amount(const Pack& pack) {
  const auto& series = pack.program().series;
  return std::any_of(series.begin(), series.end(),
                     [&](const Series& one) { return is_income(pack, one); });
}

std::optional<double> amount_30d(const Pack& pack, const CustomerState& state, Time as_of) {
  return amount_30d(StateView(pack, state, as_of));
}

std::optional<double> amount_30d(const StateView& view) {
  const Pack& pack = view.pack();
  std::optional<double> total;
  std::vector<Route> counted;
  for (std::uint16_t i = 0; i < pack.program().series.size(); ++i) {
    const Series& series = pack.program().series[i];
    if (!is_income(pack, series)) continue;
    // The same property may be kept twice, as a sum and with its squares.
    const bool known = std::any_of(counted.begin(), counted.end(), [&](const Route& route) {
      return route.event == series.routes.front().event &&
             route.field == series.routes.front().field;
    });
    if (known) continue;
    counted.insert(counted.end(), series.routes.begin(), series.routes.end());
    Aggregate sum;
    sum.kind = AggregateKind::sum;
    sum.series = i;
    sum.window = kAmountWindow;
    const double value = view.value(sum, series);
    total = total.value_or(0) + (std::isnan(value) ? 0 : value);
  }
  if (total) *total /= kMonths;
  return total;
}

}  // namespace tideline
