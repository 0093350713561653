#include "features/finish.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tideline {
namespace {

// Population deviation from exact integers: sqrt(n sum(x^2) - sum(x)^2) / n.
double deviation(std::uint64_t n, unsigned __int128 sum, unsigned __int128 squares) {
  return std::sqrt(static_cast<double>(n * squares - sum * sum)) / static_cast<double>(n);
}

}  // namespace

double finish_gaps(AggregateKind kind, std::span<const std::int32_t> days) {
  if (days.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  const std::uint64_t gaps = days.size() - 1;
  const auto whole = static_cast<std::uint64_t>(days.back() - days.front());
  std::uint64_t greatest = 0;
  unsigned __int128 squares = 0;
  for (std::size_t i = 1; i < days.size(); ++i) {
    const auto gap = static_cast<std::uint64_t>(days[i] - days[i - 1]);
    greatest = std::max(greatest, gap);
    squares += static_cast<unsigned __int128>(gap) * gap;
  }
  switch (kind) {
    case AggregateKind::gap_mean: return static_cast<double>(whole) / static_cast<double>(gaps);
    case AggregateKind::gap_max: return static_cast<double>(greatest);
    default: return deviation(gaps, whole, squares);
  }
}

double finish_blocks(AggregateKind kind, std::span<const std::uint64_t> counts) {
  unsigned __int128 sum = 0;
  unsigned __int128 squares = 0;
  std::uint64_t active = 0;
  for (const std::uint64_t count : counts) {
    sum += count;
    squares += static_cast<unsigned __int128>(count) * count;
    active += count > 0 ? 1 : 0;
  }
  switch (kind) {
    case AggregateKind::blocks_active: return static_cast<double>(active);
    case AggregateKind::blocks_mean:
      return static_cast<double>(sum) / static_cast<double>(counts.size());
    default: return deviation(counts.size(), sum, squares);
  }
}

}  // namespace tideline
