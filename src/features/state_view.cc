#include "features/state_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "base/check.h"
#include "features/finish.h"
#include "features/series_input.h"
#include "features/state_parts.h"

namespace tideline {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

double or_missing(const std::optional<double>& value) { return value.value_or(kMissing); }

// How often each of some values came. Open addressing, at most half full; a few take no memory.
class Counted {
 public:
  Counted() = default;
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  void add(std::uint64_t value, std::uint64_t count) {
    if (2 * (different_ + 1) > mask_ + 1) grow();
    Entry& entry = entry_of(value);
    different_ += entry.count == 0 ? 1 : 0;
    entry.value = value;
    entry.count += count;
    most_ = std::max(most_, entry.count);
  }
  [[nodiscard]] std::uint64_t different() const { return different_; }
  [[nodiscard]] std::uint64_t most() const { return most_; }

 private:
  struct Entry {
    std::uint64_t value = 0;
    std::uint64_t count = 0;  // 0: free
  };
  static constexpr std::size_t kFew = 64;

  Entry& entry_of(std::uint64_t value) {
    for (std::size_t at = (value * 0x9E3779B97F4A7C15ULL) >> 32;; ++at) {
      Entry& entry = entries_[at & mask_];
      if (entry.count == 0 || entry.value == value) return entry;
    }
  }
  void grow() {
    const std::vector<Entry> old(entries_, entries_ + mask_ + 1);
    many_.assign(2 * old.size(), Entry{});
    entries_ = many_.data();
    mask_ = many_.size() - 1;
    for (const Entry& entry : old) {
      if (entry.count > 0) entry_of(entry.value) = entry;
    }
  }

  std::array<Entry, kFew> few_{};
  std::vector<Entry> many_;
  Entry* entries_ = few_.data();
  std::size_t mask_ = kFew - 1;
  std::uint64_t different_ = 0;
  std::uint64_t most_ = 0;
};

}  // namespace

StateView::StateView(const Pack& pack, const CustomerState& state, Time as_of)
    : pack_(pack), state_(state), as_of_(as_of) {
  const CustomerState::Parts& parts = state.parts();
  if (!parts.laid_out) return;
  layers_[layer_count_++] = &parts;
  if (parts.recent.empty() || parts.recent.front().time > as_of) return;
  scratch_ = std::make_unique<CustomerState::Parts>();
  scratch_->lay_out(pack);
  scratch_->newest = parts.newest;
  for (const Observation& observation : parts.recent) {
    if (observation.time > as_of) break;
    fold(pack, *scratch_, observation);
  }
  layers_[layer_count_++] = scratch_.get();
}

StateView::~StateView() = default;

TileRange StateView::range_of(const Aggregate& call) const {
  const Time from = edge(as_of_, call.window);
  const bool open = call.before.count() == 0;
  return TileRange::of(from, open ? from : edge(as_of_, call.before), open);
}

namespace {

template <class Cell, class Visit>
void visit_cells(const Track<Cell>& track, const TileRange& range, const Visit& visit) {
  visit_cells(track.hours, range.head_from, range.head_to, visit);
  visit_cells(track.days, range.days_from, range.days_to, visit);
  visit_cells(track.hours, range.tail_from, range.tail_to, visit);
}

}  // namespace

template <class Cell, class Visit>
void StateView::visit(std::vector<Track<Cell>> CustomerState::Parts::*tracks, std::uint16_t slot,
                      const Aggregate& call, const Visit& visit) const {
  const bool ever = call.window.count() == 0;
  std::optional<TileRange> asked;  // most tracks of the recent observations are empty
  for (std::size_t i = 0; i < layer_count_; ++i) {
    const Track<Cell>& track = (layers_[i]->*tracks)[slot];
    if (track.empty()) continue;
    if (ever) {
      for (const Cell& cell : track.ever) visit(cell);
      continue;
    }
    if (!asked) asked = range_of(call);
    visit_cells(track, *asked, visit);
  }
}

double StateView::value(const Aggregate& call, const Series& series) const {
  switch (call.kind) {
    case AggregateKind::count: return count(call, series);
    case AggregateKind::sum:
    case AggregateKind::mean:
    case AggregateKind::geo_mean:
      return series.accumulator == Accumulator::moments ? moments(call, series)
                                                        : sums(call, series);
    case AggregateKind::sd: return moments(call, series);
    case AggregateKind::min_of:
    case AggregateKind::max_of: return extremes(call, series);
    case AggregateKind::last: return last(call, series);
    case AggregateKind::distinct:
    case AggregateKind::top_share: return bag(call, series);
    case AggregateKind::active_days:
    case AggregateKind::gap_mean:
    case AggregateKind::gap_max:
    case AggregateKind::gap_sd: return day_figures(call, series);
    case AggregateKind::blocks_mean:
    case AggregateKind::blocks_sd:
    case AggregateKind::blocks_active: return blocks(call, series);
    case AggregateKind::since:
    case AggregateKind::since_first: return since(call, series);
  }
  return kMissing;
}

double StateView::count(const Aggregate& call, const Series& series) const {
  if (series.accumulator == Accumulator::counters)
    return static_cast<double>(lifetime_of(series).count);
  std::uint64_t total = 0;
  visit(&CustomerState::Parts::counts, series.slot, call,
        [&](const CountCell& cell) { total += cell.count; });
  return static_cast<double>(total);
}

double StateView::sums(const Aggregate& call, const Series& series) const {
  ExactSum total;
  visit(&CustomerState::Parts::sums, series.slot, call,
        [&](const SumCell& cell) { total.merge(cell.sum); });
  if (call.kind == AggregateKind::sum) return total.total();
  const double mean = or_missing(total.mean());
  return call.kind == AggregateKind::geo_mean ? std::exp(mean) : mean;
}

double StateView::moments(const Aggregate& call, const Series& series) const {
  ExactMoments total;
  visit(&CustomerState::Parts::moments, series.slot, call,
        [&](const MomentCell& cell) { total.merge(cell.moments); });
  if (call.kind == AggregateKind::sd) return or_missing(total.sd());
  if (call.kind == AggregateKind::sum) return ExactSum{total.n, total.sum}.total();
  return or_missing(total.mean());
}

double StateView::extremes(const Aggregate& call, const Series& series) const {
  const bool least = call.kind == AggregateKind::min_of;
  double result = kMissing;
  visit(&CustomerState::Parts::extremes, series.slot, call, [&](const ExtremeCell& cell) {
    const double value = least ? cell.least : cell.greatest;
    if (std::isnan(result) || (least ? value < result : value > result)) result = value;
  });
  return result;
}

double StateView::bag(const Aggregate& call, const Series& series) const {
  Counted counted;
  std::uint64_t total = 0;
  visit(&CustomerState::Parts::bags, series.slot, call, [&](const BagCell& cell) {
    counted.add(cell.value, cell.count);
    total += cell.count;
  });
  if (call.kind == AggregateKind::distinct) return static_cast<double>(counted.different());
  return total == 0 ? kMissing : static_cast<double>(counted.most()) / static_cast<double>(total);
}

double StateView::day_figures(const Aggregate& call, const Series& series) const {
  std::vector<std::int32_t> days;
  if (series.accumulator == Accumulator::days) {
    for (std::size_t i = 0; i < layer_count_; ++i) {
      const auto& kept = layers_[i]->days[series.slot];
      days.insert(days.end(), kept.begin(), kept.end());
    }
  } else {
    const TileRange range = range_of(call);
    for (std::size_t i = 0; i < layer_count_; ++i) {
      const Track<CountCell>& track = layers_[i]->counts[series.slot];
      if (track.empty()) continue;
      const auto hour = [&](const CountCell& cell) {
        days.push_back(static_cast<std::int32_t>(day_index(start_of_hour(cell.tile))));
      };
      visit_cells(track.hours, range.head_from, range.head_to, hour);
      visit_cells(track.days, range.days_from, range.days_to,
                  [&](const CountCell& cell) { days.push_back(cell.tile); });
      visit_cells(track.hours, range.tail_from, range.tail_to, hour);
    }
  }
  if (!std::is_sorted(days.begin(), days.end())) std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
  if (call.kind == AggregateKind::active_days) return static_cast<double>(days.size());
  return finish_gaps(call.kind, days);
}

double StateView::blocks(const Aggregate& call, const Series& series) const {
  std::array<std::uint64_t, 120> room;  // NOLINT: as much of it as is wanted is set below
  CHECK(call.blocks >= 1 && call.blocks <= room.size());
  const auto counts = std::span(room).first(call.blocks);
  std::fill(counts.begin(), counts.end(), 0);
  for (std::size_t i = 0; i < layer_count_; ++i) {
    const Track<CountCell>& track = layers_[i]->counts[series.slot];
    if (track.empty()) continue;
    Time end = as_of_;
    for (std::uint16_t block = 0; block < call.blocks; ++block) {
      const Time begin = edge(as_of_, call.window * (block + 1));
      visit_cells(track, TileRange::of(begin, end, block == 0),
                  [&](const CountCell& cell) { counts[block] += cell.count; });
      end = begin;
    }
  }
  return finish_blocks(call.kind, counts);
}

double StateView::last(const Aggregate& call, const Series& series) const {
  const Latest* newest = nullptr;
  for (std::size_t i = 0; i < layer_count_; ++i) {
    const Latest& latest = layers_[i]->latest[series.slot];
    // A later layer holds later observations.
    if (latest.present) newest = &latest;
  }
  if (newest == nullptr) return kMissing;
  if (call.window.count() > 0 && newest->time < edge(as_of_, call.window)) return kMissing;
  return newest->value;
}

Lifetime StateView::lifetime_of(const Series& series) const {
  Lifetime total;
  for (std::size_t i = 0; i < layer_count_; ++i) {
    if (series.accumulator == Accumulator::times) {
      total.merge(layers_[i]->times[series.slot]);
      continue;
    }
    for (const Route& route : series.routes) {
      total.merge(route.event == kAnyEvent ? layers_[i]->any : layers_[i]->events[route.event]);
    }
  }
  return total;
}

double StateView::since(const Aggregate& call, const Series& series) const {
  const Lifetime lifetime = lifetime_of(series);
  if (lifetime.count == 0) return kMissing;
  if (call.kind == AggregateKind::since_first) return days(as_of_ - lifetime.first);
  if (call.window.count() > 0 && lifetime.last < edge(as_of_, call.window)) return kMissing;
  return days(as_of_ - lifetime.last);
}

double StateView::trait(std::uint16_t trait) const {
  double value = kMissing;
  for (std::size_t i = 0; i < layer_count_; ++i) {
    const TraitValue& kept = layers_[i]->traits[trait];
    if (!kept.present) continue;
    if (const double* number = std::get_if<double>(&kept.value)) value = *number;
    if (const bool* boolean = std::get_if<bool>(&kept.value)) value = *boolean ? 1.0 : 0.0;
  }
  return value;
}

}  // namespace tideline
