// Windows (design 4.4): where they are cut, and which tiles they cover.
//
// edge(t, k) = t - k, floored to the hour for k up to 14 days, to the day beyond. A window as of t
// is [edge(t, k), t]; "before b" is [edge(t, k), edge(t, b)). Both edges are whole hours, so a
// window is a stretch of days with up to a day's hours at either end.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/time.h"

namespace tideline {

inline constexpr Duration kHourlyReach = 14 * kDay;

[[nodiscard]] constexpr Time edge(Time t, Duration k) {
  return k <= kHourlyReach ? start_of_hour(hour_index(t - k)) : start_of_day(day_index(t - k));
}

// Tiles of a window. Ends are exclusive.
struct TileRange {
  std::int64_t head_from = 0, head_to = 0;  // hours before the first whole day
  std::int64_t days_from = 0, days_to = 0;
  std::int64_t tail_from = 0, tail_to = 0;  // hours after the last whole day

  // [from, to); `open`: no end.
  [[nodiscard]] static TileRange of(Time from, Time to, bool open) {
    constexpr std::int64_t kForEver = std::numeric_limits<std::int32_t>::max();
    const std::int64_t first = hour_index(from);
    const std::int64_t last = open ? kForEver : hour_index(to);
    TileRange range;
    range.days_from = day_index(from + kDay - Duration(1));  // rounded up
    range.days_to = open ? kForEver : day_index(to);
    if (range.days_from > range.days_to) {  // within one day
      range.head_from = first;
      range.head_to = last;
      range.days_from = range.days_to = 0;
      return range;
    }
    range.head_from = first;
    range.head_to = range.days_from * 24;
    if (!open) {
      range.tail_from = range.days_to * 24;
      range.tail_to = last;
    }
    return range;
  }
};

// Calls visit(cell) for the cells of tiles [from, to).
template <class Cell, class Visit>
void visit_cells(const std::vector<Cell>& cells, std::int64_t from, std::int64_t to,
                 const Visit& visit) {
  if (from >= to || cells.empty() || cells.back().tile < from) return;
  auto cell = std::lower_bound(cells.begin(), cells.end(), from,
                               [](const Cell& c, std::int64_t tile) { return c.tile < tile; });
  for (; cell != cells.end() && cell->tile < to; ++cell) visit(*cell);
}

}  // namespace tideline
