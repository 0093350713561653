#include "scoring/purchase_rule.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace tideline {

PurchaseHistory purchase_history(std::span<const double> features,
                                 const std::array<std::int32_t, 3>& columns) {
  const double days = features[std::size_t(columns[0])];
  const double since_last = features[std::size_t(columns[1])];
  const double since_first = features[std::size_t(columns[2])];
  PurchaseHistory history{-1, 0, 0};
  const bool known = days >= 1 && since_last >= 0 && since_first >= since_last &&
                     std::isfinite(since_first) && std::isfinite(days);
  if (!known) return history;
  history.repeats = days - 1;
  history.age = since_first / kDaysOfWeek;
  // Two purchases of one day are one; the time between them is none.
  history.last = history.repeats > 0 ? (since_first - since_last) / kDaysOfWeek : 0;
  return history;
}

void PurchaseRule::score(const ScoringBlock& block, std::span<double> figures) const {
  CHECK(block.width == feature_count && figures.size() == block.rows * spans.size());
  for (std::size_t r = 0; r < block.rows; ++r) {
    const PurchaseHistory history = purchase_history(block.row(r), columns);
    for (std::size_t k = 0; k < spans.size(); ++k) {
      const bool tells = history.repeats >= 0 && !std::isnan(spans[k]);
      figures[r * spans.size() + k] =
          tells ? model.none_within(history, spans[k]) : std::numeric_limits<double>::quiet_NaN();
    }
  }
}

bool PurchaseRule::is_sound() const {
  if (!model.is_sound() || model.family > PurchaseFamily::pareto_nbd) return false;
  const bool in_range = std::all_of(columns.begin(), columns.end(), [&](std::int32_t c) {
    return c >= 0 && std::size_t(c) < feature_count;
  });
  const bool spans_fit = std::all_of(spans.begin(), spans.end(), [](double span) {
    return std::isnan(span) || (std::isfinite(span) && span >= 0);
  });
  return in_range && spans_fit;
}

}  // namespace tideline
