// CustomerState as bytes, format 3:
//
//   u8 3, u32 low bits of Program::state_hash, then varints; times as zigzag milliseconds; at last
//   u32 CRC-32C. Every list is its length and its items; what is empty is left out. Tiles are
//   written as distances, the first from the newest observation; what most cells share (a count of
//   1) is a bit of the distance. Values of bags stand once, in a list of their own. Lifetimes of
//   events are written as distances from the customer's own.
#include <algorithm>
#include <limits>

#include "base/check.h"
#include "features/state_bytes.h"
#include "features/state_parts.h"

namespace tideline {
namespace {

constexpr std::uint8_t kFormat = 3;
constexpr std::size_t kChecksumBytes = 4;

// Where the distances of tiles begin: no tile is newer.
struct Newest {
  std::int64_t hour = 0;
  std::int64_t day = 0;
  explicit Newest(Time t) : hour(hour_index(t)), day(day_index(t)) {}
};

// The different values of all bags, in the order in which they first come up.
struct BagValues {
  std::vector<std::uint64_t> values;
  // Writing only: the place in `values` of each cell, in the order of writing.
  std::vector<std::uint32_t> places;
  std::size_t written = 0;  // of them
};

// ---- cells
// -------------------------------------------------------------------------------------------
//
// is_plain: the likeliest kind of cell, of which less is written.

bool is_plain(const CountCell& cell) { return cell.count == 1; }
bool is_plain(const SumCell& cell) { return cell.sum.n == 1; }
bool is_plain(const MomentCell& cell) { return cell.moments.n == 1; }
bool is_plain(const ExtremeCell& cell) { return cell.least == cell.greatest; }
bool is_plain(const BagCell& cell) { return cell.count == 1; }

void write_value(StateWriter& out, const CountCell& cell, bool plain, BagValues&) {
  if (!plain) out.varint(cell.count);
}
void write_value(StateWriter& out, const SumCell& cell, bool plain, BagValues&) {
  if (!plain) out.varint(cell.sum.n);
  out.wide(cell.sum.sum);
}
// The sum of squares of one value follows from the value.
void write_value(StateWriter& out, const MomentCell& cell, bool plain, BagValues&) {
  if (!plain) out.varint(cell.moments.n);
  out.wide(cell.moments.sum);
  if (!plain) out.wide(cell.moments.squares);
}
void write_value(StateWriter& out, const ExtremeCell& cell, bool plain, BagValues&) {
  out.real(cell.least);
  if (!plain) out.real(cell.greatest);
}
void write_value(StateWriter& out, const BagCell& cell, bool plain, BagValues& values) {
  if (!plain) out.varint(cell.count);
  out.varint(values.places[values.written++]);
}

std::uint32_t read_count(StateReader& in, bool plain) {
  if (plain) return 1;
  return static_cast<std::uint32_t>(in.index(std::numeric_limits<std::uint32_t>::max()));
}
void read_value(StateReader& in, CountCell& cell, bool plain, const BagValues&) {
  cell.count = read_count(in, plain);
}
void read_value(StateReader& in, SumCell& cell, bool plain, const BagValues&) {
  cell.sum.n = plain ? 1 : in.varint();
  cell.sum.sum = in.wide_signed();
}
void read_value(StateReader& in, MomentCell& cell, bool plain, const BagValues&) {
  const std::uint64_t n = plain ? 1 : in.varint();
  const Int128 sum = in.wide_signed();
  constexpr Int128 kLargest = Int128{1} << 80;  // of one value, in 2^-40
  if (plain && (sum > kLargest || sum < -kLargest)) return in.refuse();
  if (plain) return cell.moments.add(Fixed::from_units(sum));
  cell.moments = ExactMoments{n, sum, in.wide_unsigned()};
}
void read_value(StateReader& in, ExtremeCell& cell, bool plain, const BagValues&) {
  cell.least = in.real();
  cell.greatest = plain ? cell.least : in.real();
}
void read_value(StateReader& in, BagCell& cell, bool plain, const BagValues& values) {
  cell.count = read_count(in, plain);
  const std::size_t place = in.index(values.values.size());
  if (in.ok()) cell.value = values.values[place];
}

template <class Cell>
void write_cells(StateWriter& out, const std::vector<Cell>& cells, std::int64_t newest,
                 BagValues& values) {
  out.varint(cells.size());
  std::int64_t last = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Cell& cell = cells[i];
    const bool plain = is_plain(cell);
    const std::int64_t step = i == 0 ? newest - cell.tile : cell.tile - last;
    out.varint((static_cast<std::uint64_t>(step) << 1) | (plain ? 0 : 1));
    last = cell.tile;
    write_value(out, cell, plain, values);
  }
}

template <class Cell>
void read_cells(StateReader& in, std::vector<Cell>& cells, std::int64_t newest,
                const BagValues& values) {
  const std::size_t size = in.count(1);
  if (size == 0) return in.refuse();
  cells.reserve(size);
  std::int64_t last = 0;
  for (std::size_t i = 0; i < size && in.ok(); ++i) {
    const std::uint64_t head = in.varint();
    // Hours since 1970 stay far inside 32 bits.
    constexpr std::int64_t kFar = std::numeric_limits<std::int32_t>::max();
    if (head >> 1 > static_cast<std::uint64_t>(kFar)) return in.refuse();
    const auto step = static_cast<std::int64_t>(head >> 1);
    last = i == 0 ? newest - step : last + step;
    if (last < -kFar || last > newest) return in.refuse();
    Cell& cell = cells.emplace_back();
    cell.tile = static_cast<std::int32_t>(last);
    read_value(in, cell, (head & 1) == 0, values);
    if (i == 0) continue;
    const Cell& before = cells[i - 1];
    // Several cells of one tile are for bags only.
    if constexpr (std::is_same_v<Cell, BagCell>) {
      if (before.tile == cell.tile && before.value >= cell.value) return in.refuse();
    } else {
      if (before.tile == cell.tile) return in.refuse();
    }
  }
}

// Items that are not empty, each with its distance from the one before.
template <class Items, class IsEmpty, class Write>
void write_sparse(StateWriter& out, const Items& items, const IsEmpty& is_empty,
                  const Write& write) {
  std::size_t present = 0;
  for (const auto& item : items) present += is_empty(item) ? 0 : 1;
  out.varint(present);
  std::size_t last = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (is_empty(items[i])) continue;
    out.varint(i - last);
    last = i;
    write(items[i]);
  }
}

template <class Items, class Read>
void read_sparse(StateReader& in, Items& items, const Read& read) {
  const std::size_t present = in.count(2);
  std::size_t at = 0;
  for (std::size_t i = 0; i < present && in.ok(); ++i) {
    at += in.index(items.size() - at);
    if (!in.ok()) return;
    read(items[at]);
    if (i + 1 < present && at + 1 == items.size()) return in.refuse();
  }
}

// Which of a track's lists follow.
constexpr std::uint8_t kHasHours = 1;
constexpr std::uint8_t kHasDays = 2;
constexpr std::uint8_t kHasEver = 4;

template <class Cell>
void write_tracks(StateWriter& out, const std::vector<Track<Cell>>& tracks, const Newest& newest,
                  BagValues& values) {
  write_sparse(
      out, tracks, [](const Track<Cell>& track) { return track.empty(); },
      [&](const Track<Cell>& track) {
        const unsigned lists = (track.hours.empty() ? 0U : kHasHours) |
                               (track.days.empty() ? 0U : kHasDays) |
                               (track.ever.empty() ? 0U : kHasEver);
        out.byte(static_cast<std::uint8_t>(lists));
        if (!track.hours.empty()) write_cells(out, track.hours, newest.hour, values);
        if (!track.days.empty()) write_cells(out, track.days, newest.day, values);
        if (!track.ever.empty()) write_cells(out, track.ever, 0, values);
      });
}

template <class Cell>
void read_tracks(StateReader& in, std::vector<Track<Cell>>& tracks, const Newest& newest,
                 const BagValues& values) {
  read_sparse(in, tracks, [&](Track<Cell>& track) {
    const std::uint8_t lists = in.byte();
    if (lists == 0 || lists > (kHasHours | kHasDays | kHasEver)) return in.refuse();
    if (lists & kHasHours) read_cells(in, track.hours, newest.hour, values);
    if (lists & kHasDays) read_cells(in, track.days, newest.day, values);
    if (lists & kHasEver) read_cells(in, track.ever, 0, values);
  });
}

BagValues values_of(const std::vector<Track<BagCell>>& bags) {
  BagValues result;
  std::size_t cells = 0;
  for (const Track<BagCell>& bag : bags) {
    cells += bag.hours.size() + bag.days.size() + bag.ever.size();
  }
  if (cells == 0) return result;
  result.places.reserve(cells);
  // Open addressing, at most half full; 0: free, else a place and 1.
  std::vector<std::uint32_t> table(std::bit_ceil(2 * cells));
  const auto place_of = [&](std::uint64_t value) {
    for (std::size_t at = (value * 0x9E3779B97F4A7C15ULL) >> 32;; ++at) {
      std::uint32_t& entry = table[at & (table.size() - 1)];
      if (entry != 0 && result.values[entry - 1] != value) continue;
      if (entry == 0) {
        result.values.push_back(value);
        entry = static_cast<std::uint32_t>(result.values.size());
      }
      return entry - 1;
    }
  };
  for (const Track<BagCell>& bag : bags) {
    for (const auto* list : {&bag.hours, &bag.days, &bag.ever}) {
      for (const BagCell& cell : *list) result.places.push_back(place_of(cell.value));
    }
  }
  return result;
}

void write_bag_values(StateWriter& out, const BagValues& bags) {
  out.varint(bags.values.size());
  for (const std::uint64_t value : bags.values) out.fixed64(value);
}

BagValues read_bag_values(StateReader& in) {
  BagValues bags;
  bags.values.resize(in.count(8));
  for (std::uint64_t& value : bags.values) value = in.fixed64();
  return bags;
}

// ---- the rest
// ----------------------------------------------------------------------------------------

// A lifetime that lies within `whole`.
void write_lifetime(StateWriter& out, const Lifetime& lifetime, const Lifetime& whole) {
  out.varint(lifetime.count);
  out.varint(static_cast<std::uint64_t>((lifetime.first - whole.first).count()));
  if (lifetime.count == 1) return;
  out.varint(static_cast<std::uint64_t>((whole.last - lifetime.last).count()));
}

void read_lifetime(StateReader& in, Lifetime& lifetime, const Lifetime& whole) {
  lifetime.count = in.varint();
  if (lifetime.count == 0) return in.refuse();
  const auto length = static_cast<std::uint64_t>((whole.last - whole.first).count());
  const std::uint64_t after = in.varint();
  const std::uint64_t before = lifetime.count == 1 ? length - after : in.varint();
  if (after > length || before > length - after) return in.refuse();
  lifetime.first = whole.first + Duration(static_cast<std::int64_t>(after));
  lifetime.last = whole.last - Duration(static_cast<std::int64_t>(before));
}

// The lifetime that all others lie within.
void write_whole(StateWriter& out, const Lifetime& whole) {
  out.varint(whole.count);
  if (whole.count == 0) return;
  out.time(whole.first);
  out.varint(static_cast<std::uint64_t>((whole.last - whole.first).count()));
}

void read_whole(StateReader& in, Lifetime& whole) {
  whole.count = in.varint();
  if (whole.count == 0) return;
  whole.first = in.time();
  // Both within the years that times can have, so that no sum overflows.
  constexpr std::int64_t kLongest = std::int64_t{1} << 50;
  const std::uint64_t length = in.varint();
  if (length > kLongest || std::abs(millis(whole.first)) > kLongest) return in.refuse();
  whole.last = whole.first + Duration(static_cast<std::int64_t>(length));
}

using Value = std::variant<double, std::string, bool>;

void write_variant(StateWriter& out, const Value& value) {
  out.byte(static_cast<std::uint8_t>(value.index()));
  if (const double* number = std::get_if<double>(&value)) out.real(*number);
  if (const std::string* text = std::get_if<std::string>(&value)) out.text(*text);
  if (const bool* boolean = std::get_if<bool>(&value)) out.byte(*boolean ? 1 : 0);
}

Value read_variant(StateReader& in) {
  switch (in.byte()) {
    case 0: return in.real();
    case 1: return in.text();
    case 2: return in.byte() != 0;
    default: in.refuse(); return 0.0;
  }
}

constexpr std::uint8_t kForeign = 0x80;
constexpr std::uint8_t kNameKnown = 0x40;  // the name's hash is that of the event's name

// Hash of the name of a known event; nullopt: its name is not known by number.
std::optional<std::uint64_t> known_hash(const Pack& pack, std::uint16_t event) {
  if (event >= pack.events().size()) return std::nullopt;
  return xxh64(pack.events()[event].name);
}

void write_observation(StateWriter& out, const Pack& pack, const Observation& observation,
                       Time newest) {
  out.varint(static_cast<std::uint64_t>((newest - observation.time).count()));
  const bool known = known_hash(pack, observation.event) == observation.name_hash;
  out.byte(static_cast<std::uint8_t>(static_cast<unsigned>(observation.type) |
                                     (observation.foreign_currency ? kForeign : 0U) |
                                     (known ? kNameKnown : 0U)));
  out.varint(observation.event);
  if (!known) out.fixed64(observation.name_hash);
  out.text(observation.message);
  out.varint(observation.fields.size());
  for (const FieldValue& value : observation.fields) {
    out.varint(value.field);
    write_variant(out, value.value);
  }
}

Observation read_observation(StateReader& in, const Pack& pack, Time newest) {
  Observation observation;
  const std::uint64_t age = in.varint();
  if (age >= static_cast<std::uint64_t>(kRecent.count())) return in.refuse(), observation;
  observation.time = newest - Duration(static_cast<std::int64_t>(age));
  const std::uint8_t type = in.byte();
  const auto plain_type = static_cast<std::uint8_t>(type & ~(kForeign | kNameKnown));
  if (plain_type > static_cast<std::uint8_t>(EventType::alias)) return in.refuse(), observation;
  observation.type = static_cast<EventType>(plain_type);
  observation.foreign_currency = (type & kForeign) != 0;
  const std::uint64_t event = in.varint();
  if (event >= pack.events().size() && event != kUnknownEvent) return in.refuse(), observation;
  observation.event = static_cast<std::uint16_t>(event);
  const std::optional<std::uint64_t> hash = known_hash(pack, observation.event);
  if ((type & kNameKnown) != 0 && !hash) return in.refuse(), observation;
  observation.name_hash = (type & kNameKnown) != 0 ? *hash : in.fixed64();
  observation.message = in.text();
  const std::size_t fields = in.count(3);
  const std::size_t known =
      observation.type == EventType::identify ? pack.traits().size() : pack.fields().size();
  for (std::size_t i = 0; i < fields && in.ok(); ++i) {
    FieldValue value;
    value.field = static_cast<std::uint16_t>(in.index(known));
    value.value = read_variant(in);
    observation.fields.push_back(std::move(value));
  }
  return observation;
}

void write_days(StateWriter& out, const std::vector<std::int32_t>& days) {
  out.varint(days.size());
  std::int64_t last = 0;
  for (const std::int32_t day : days) {
    out.signed_varint(day - last);
    last = day;
  }
}

void read_days(StateReader& in, std::vector<std::int32_t>& days) {
  const std::size_t size = in.count(1);
  std::int64_t last = 0;
  for (std::size_t i = 0; i < size && in.ok(); ++i) {
    const std::int64_t step = in.signed_varint();
    if (step < -1'000'000 || step > 1'000'000 || (i > 0 && step <= 0)) return in.refuse();
    last += step;
    days.push_back(static_cast<std::int32_t>(last));
  }
}

void write_parts(StateWriter& out, const Pack& pack, const CustomerState::Parts& parts) {
  out.byte(parts.has_newest ? 1 : 0);
  if (!parts.has_newest) return;
  out.time(parts.newest);
  out.varint(parts.foreign);
  write_whole(out, parts.any);
  write_sparse(
      out, parts.events, [](const Lifetime& l) { return l.count == 0; },
      [&](const Lifetime& l) { write_lifetime(out, l, parts.any); });
  const Newest newest(parts.newest);
  BagValues values = values_of(parts.bags);
  write_bag_values(out, values);
  write_tracks(out, parts.counts, newest, values);
  write_tracks(out, parts.sums, newest, values);
  write_tracks(out, parts.moments, newest, values);
  write_tracks(out, parts.extremes, newest, values);
  write_tracks(out, parts.bags, newest, values);
  write_sparse(
      out, parts.latest, [](const Latest& l) { return !l.present; },
      [&](const Latest& l) { out.time(l.time), out.text(l.message), out.real(l.value); });
  write_sparse(
      out, parts.times, [](const Lifetime& l) { return l.count == 0; },
      [&](const Lifetime& l) { write_lifetime(out, l, parts.any); });
  write_sparse(
      out, parts.days, [](const auto& days) { return days.empty(); },
      [&](const auto& days) { write_days(out, days); });
  write_sparse(
      out, parts.traits, [](const TraitValue& t) { return !t.present; },
      [&](const TraitValue& t) {
        out.time(t.time), out.text(t.message), write_variant(out, t.value);
      });
  out.varint(parts.recent.size());
  for (const Observation& observation : parts.recent)
    write_observation(out, pack, observation, parts.newest);
}

void read_parts(StateReader& in, const Pack& pack, CustomerState::Parts& parts) {
  parts.lay_out(pack);
  parts.has_newest = in.byte() != 0;
  if (!parts.has_newest) return;
  parts.newest = in.time();
  if (std::abs(millis(parts.newest)) > (std::int64_t{1} << 50)) return in.refuse();
  parts.evicted_on = day_index(parts.newest);
  parts.foreign = in.varint();
  read_whole(in, parts.any);
  read_sparse(in, parts.events, [&](Lifetime& l) { read_lifetime(in, l, parts.any); });
  const Newest newest(parts.newest);
  const BagValues values = read_bag_values(in);
  read_tracks(in, parts.counts, newest, values);
  read_tracks(in, parts.sums, newest, values);
  read_tracks(in, parts.moments, newest, values);
  read_tracks(in, parts.extremes, newest, values);
  read_tracks(in, parts.bags, newest, values);
  read_sparse(in, parts.latest, [&](Latest& l) {
    l.present = true;
    l.time = in.time();
    l.message = in.text();
    l.value = in.real();
  });
  read_sparse(in, parts.times, [&](Lifetime& l) { read_lifetime(in, l, parts.any); });
  read_sparse(in, parts.days, [&](auto& days) { read_days(in, days); });
  read_sparse(in, parts.traits, [&](TraitValue& t) {
    t.present = true;
    t.time = in.time();
    t.message = in.text();
    t.value = read_variant(in);
  });
  const std::size_t recent = in.count(5);
  for (std::size_t i = 0; i < recent && in.ok(); ++i) {
    parts.recent.push_back(read_observation(in, pack, parts.newest));
  }
  if (!std::is_sorted(parts.recent.begin(), parts.recent.end(), comes_before)) in.refuse();
}

bool checksum_fits(std::string_view bytes) {
  const std::string_view content = bytes.substr(0, bytes.size() - kChecksumBytes);
  const std::uint32_t crc = crc32c(content);
  std::uint32_t written = 0;
  for (unsigned i = 0; i < kChecksumBytes; ++i) {
    written |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[content.size() + i]))
               << (8 * i);
  }
  return written == crc;
}

}  // namespace

std::string CustomerState::encode(const Pack& pack) const {
  StateWriter out;
  out.byte(kFormat);
  out.fixed32(static_cast<std::uint32_t>(pack.program().state_hash.low));
  write_parts(out, pack, *parts_);
  out.fixed32(crc32c(out.bytes()));
  return std::string(out.bytes());
}

Result<CustomerState> CustomerState::decode(const Pack& pack, std::string_view bytes) {
  CustomerState state;
  TRY(state.read(pack, bytes));
  return state;
}

Status CustomerState::read(const Pack& pack, std::string_view bytes) {
  constexpr std::size_t kLeast = 1 + 4 + 1 + kChecksumBytes;
  if (bytes.size() < kLeast || !checksum_fits(bytes)) {
    return fail(ErrorCode::corrupt,
                "a customer's state is damaged (" + std::to_string(bytes.size()) +
                    " bytes, checksum wrong); run `tideline replay` to build it anew");
  }
  StateReader in(bytes.substr(0, bytes.size() - kChecksumBytes));
  if (in.byte() != kFormat) {
    return fail(ErrorCode::refused,
                "a customer's state was written in another format by another version; "
                "run `tideline replay` to build it anew",
                "other_format");
  }
  if (in.fixed32() != static_cast<std::uint32_t>(pack.program().state_hash.low)) {
    return fail(ErrorCode::refused,
                "a customer's state was written with another version of the pack \"" +
                    pack.name() + "\"; run `tideline replay` to build it anew",
                "other_pack");
  }
  clear();
  read_parts(in, pack, *parts_);
  if (!in.ok() || !in.at_end()) {
    return fail(ErrorCode::corrupt,
                "a customer's state does not read as one; run `tideline replay` to build it anew");
  }
  return {};
}

}  // namespace tideline
