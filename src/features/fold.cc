// How one observation goes into tiles, lifetime counters and traits, and how old tiles leave.
#include <algorithm>
#include <tuple>

#include "features/series_input.h"
#include "features/state_parts.h"

namespace tideline {
namespace {

template <class Cell>
Cell empty_cell(std::int32_t tile) {
  Cell cell;
  cell.tile = tile;
  return cell;
}

// The cell of a tile, made where there is none. Newest tiles are the likeliest.
template <class Cell>
Cell& cell_at(std::vector<Cell>& cells, std::int32_t tile) {
  if (cells.empty() || cells.back().tile < tile) return cells.emplace_back(empty_cell<Cell>(tile));
  if (cells.back().tile == tile) return cells.back();
  auto place = std::lower_bound(cells.begin(), cells.end(), tile,
                                [](const Cell& cell, std::int32_t t) { return cell.tile < t; });
  if (place->tile != tile) place = cells.insert(place, empty_cell<Cell>(tile));
  return *place;
}

void add_to_bag(std::vector<BagCell>& cells, std::int32_t tile, std::uint64_t value) {
  const auto before = [](const BagCell& a, const BagCell& b) {
    return std::tie(a.tile, a.value) < std::tie(b.tile, b.value);
  };
  const BagCell wanted{tile, 0, value};
  auto place = std::lower_bound(cells.begin(), cells.end(), wanted, before);
  if (place == cells.end() || place->tile != tile || place->value != value) {
    place = cells.insert(place, wanted);
  }
  ++place->count;
}

// Cells further back than this from the newest observation's day are seen by no window.
std::int64_t days_kept(const Series& series) {
  return std::min(kDayTileDays, (series.reach + kDay - Duration(1)) / kDay + 1);
}
std::int64_t hour_days_kept(const Series& series) {
  return std::min(kHourTileDays, days_kept(series));
}

// Calls add(cells, tile) for each kind of tile that the series keeps of this time.
template <class Cell, class Add>
void into_tiles(const Series& series, const CustomerState::Parts& parts, Track<Cell>& track,
                Time t, const Add& add) {
  const std::int64_t day = day_index(t);
  const std::int64_t newest = day_index(parts.newest);
  if (series.keeps_hours && day >= newest - hour_days_kept(series)) {
    add(track.hours, static_cast<std::int32_t>(hour_index(t)));
  }
  if (series.keeps_days && day >= newest - days_kept(series)) {
    add(track.days, static_cast<std::int32_t>(day));
  }
  if (series.keeps_ever) add(track.ever, 0);
}

void add_extreme(ExtremeCell& cell, bool fresh, double value) {
  cell.least = fresh ? value : std::min(cell.least, value);
  cell.greatest = fresh ? value : std::max(cell.greatest, value);
}

// Two sources may use one message id: then the value decides.
template <class Kept, class Value>
bool is_newer(const Observation& observation, const Value& value, const Kept& than) {
  return std::tie(observation.time, observation.message, value) >
         std::tie(than.time, than.message, than.value);
}

void add_latest(Latest& latest, const Observation& observation, double value) {
  if (latest.present && !is_newer(observation, value, latest)) return;
  latest = Latest{true, observation.time, observation.message, value};
}

void add_day(std::vector<std::int32_t>& days, std::int32_t day) {
  const auto place = std::lower_bound(days.begin(), days.end(), day);
  if (place == days.end() || *place != day) days.insert(place, day);
}

void add_number(CustomerState::Parts& parts, const Series& series, double value,
                const Observation& observation) {
  const auto fixed = Fixed::from(value);
  if (!fixed) return;  // the observer lets no such number pass
  const Time t = observation.time;
  switch (series.accumulator) {
    case Accumulator::sums:
      into_tiles(series, parts, parts.sums[series.slot], t,
                 [&](auto& cells, std::int32_t tile) { cell_at(cells, tile).sum.add(*fixed); });
      break;
    case Accumulator::moments:
      into_tiles(
          series, parts, parts.moments[series.slot], t,
          [&](auto& cells, std::int32_t tile) { cell_at(cells, tile).moments.add(*fixed); });
      break;
    case Accumulator::extremes:
      into_tiles(series, parts, parts.extremes[series.slot], t,
                 [&](auto& cells, std::int32_t tile) {
                   const std::size_t size = cells.size();
                   ExtremeCell& cell = cell_at(cells, tile);
                   add_extreme(cell, cells.size() > size, value);
                 });
      break;
    default: add_latest(parts.latest[series.slot], observation, value);
  }
}

void add_to_series(CustomerState::Parts& parts, const Series& series, const Route& route,
                   const Observation& observation) {
  const Time t = observation.time;
  switch (series.accumulator) {
    case Accumulator::counters: break;
    case Accumulator::count:
      into_tiles(series, parts, parts.counts[series.slot], t,
                 [](auto& cells, std::int32_t tile) { ++cell_at(cells, tile).count; });
      break;
    case Accumulator::bag: {
      const std::uint64_t key = input_key(route, observation);
      into_tiles(series, parts, parts.bags[series.slot], t,
                 [&](auto& cells, std::int32_t tile) { add_to_bag(cells, tile, key); });
      break;
    }
    case Accumulator::times: parts.times[series.slot].add(t); break;
    case Accumulator::days:
      add_day(parts.days[series.slot], static_cast<std::int32_t>(day_index(t)));
      break;
    case Accumulator::sums:
    case Accumulator::moments:
    case Accumulator::extremes:
    case Accumulator::latest:
      if (const auto value = input_number(series, route, observation)) {
        add_number(parts, series, *value, observation);
      }
  }
}

void fold_traits(CustomerState::Parts& parts, const Observation& observation) {
  for (const FieldValue& value : observation.fields) {
    TraitValue& trait = parts.traits[value.field];
    if (trait.present && !is_newer(observation, value.value, trait)) continue;
    trait = TraitValue{true, observation.time, observation.message, value.value};
  }
}

template <class Cell>
void evict_track(Track<Cell>& track, std::int64_t first_hour, std::int64_t first_day) {
  const auto drop = [](std::vector<Cell>& cells, std::int64_t first) {
    if (cells.empty() || cells.front().tile >= first) return;
    const auto keep = std::find_if(cells.begin(), cells.end(),
                                   [&](const Cell& cell) { return cell.tile >= first; });
    cells.erase(cells.begin(), keep);
  };
  drop(track.hours, first_hour);
  drop(track.days, first_day);
}

}  // namespace

void Lifetime::add(Time t) { merge(Lifetime{1, t, t}); }

void Lifetime::merge(const Lifetime& other) {
  if (other.count == 0) return;
  first = count == 0 ? other.first : std::min(first, other.first);
  last = count == 0 ? other.last : std::max(last, other.last);
  count += other.count;
}

void CustomerState::Parts::lay_out(const Pack& pack) {
  if (laid_out) return;
  const std::vector<std::uint16_t>& slots = pack.program().slots_of;
  const auto slots_of = [&](Accumulator a) { return slots[static_cast<std::size_t>(a)]; };
  events.resize(pack.events().size());
  for (const EventSpec& event : pack.events()) {
    if (pack.is_qualifying(event.index)) qualifying.push_back(event.index);
  }
  counts.resize(slots_of(Accumulator::count));
  sums.resize(slots_of(Accumulator::sums));
  moments.resize(slots_of(Accumulator::moments));
  extremes.resize(slots_of(Accumulator::extremes));
  bags.resize(slots_of(Accumulator::bag));
  latest.resize(slots_of(Accumulator::latest));
  times.resize(slots_of(Accumulator::times));
  days.resize(slots_of(Accumulator::days));
  traits.resize(pack.traits().size());
  laid_out = true;
}

bool comes_before(const Observation& a, const Observation& b) {
  const auto key = [](const Observation& o) {
    return std::tie(o.time, o.message, o.type, o.event, o.name_hash, o.foreign_currency);
  };
  if (key(a) != key(b)) return key(a) < key(b);
  return std::lexicographical_compare(
      a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
      [](const FieldValue& x, const FieldValue& y) {
        return std::tie(x.field, x.value) < std::tie(y.field, y.value);
      });
}

void fold(const Pack& pack, CustomerState::Parts& parts, const Observation& observation) {
  if (observation.foreign_currency) ++parts.foreign;
  if (observation.type == EventType::identify) fold_traits(parts, observation);
  if (!is_activity(observation)) return;
  parts.any.add(observation.time);
  const Program& program = pack.program();
  const bool known = observation.event != kUnknownEvent;
  if (known) parts.events[observation.event].add(observation.time);
  const auto& reached = known ? program.reached_by[observation.event] : program.reached_by_unknown;
  for (const Program::Reach reach : reached) {
    const Series& series = program.series[reach.series];
    const Route& route = series.routes[reach.route];
    if (takes(series, route, observation)) add_to_series(parts, series, route, observation);
  }
}

void evict(const Pack& pack, CustomerState::Parts& parts) {
  const std::int64_t day = day_index(parts.newest);
  if (day == parts.evicted_on) return;
  parts.evicted_on = day;
  for (const Series& series : pack.program().series) {
    const std::int64_t first_hour = (day - hour_days_kept(series)) * 24;
    const std::int64_t first_day = day - days_kept(series);
    const auto evict_from = [&](auto& tracks) {
      evict_track(tracks[series.slot], first_hour, first_day);
    };
    switch (series.accumulator) {
      case Accumulator::count: evict_from(parts.counts); break;
      case Accumulator::sums: evict_from(parts.sums); break;
      case Accumulator::moments: evict_from(parts.moments); break;
      case Accumulator::extremes: evict_from(parts.extremes); break;
      case Accumulator::bag: evict_from(parts.bags); break;
      case Accumulator::counters:
      case Accumulator::latest:
      case Accumulator::times:
      case Accumulator::days: break;
    }
  }
}

}  // namespace tideline
