// CustomerState as bytes, format 1:
//
//   u8 2, u64 low half of Program::state_hash, then varints; times as zigzag milliseconds; at last
//   u32 CRC-32C. Every list is its length and its items; tracks that are empty are left out, tiles
//   are written as distances.
#include <algorithm>
#include <limits>

#include "base/check.h"
#include "features/state_bytes.h"
#include "features/state_parts.h"

namespace tideline {
namespace {

constexpr std::uint8_t kFormat = 2;
constexpr std::size_t kChecksumBytes = 4;

// ---- cells
// -------------------------------------------------------------------------------------------

void write_value(StateWriter& out, const CountCell& cell) { out.varint(cell.count); }
void write_value(StateWriter& out, const SumCell& cell) {
  out.varint(cell.sum.n), out.wide(cell.sum.sum);
}
void write_value(StateWriter& out, const MomentCell& cell) {
  out.varint(cell.moments.n);
  out.wide(cell.moments.sum);
  out.wide(cell.moments.squares);
}
void write_value(StateWriter& out, const ExtremeCell& cell) {
  out.real(cell.least);
  out.real(cell.greatest);
}
void write_value(StateWriter& out, const BagCell& cell) {
  out.varint(cell.count), out.fixed64(cell.value);
}

void read_value(StateReader& in, CountCell& cell) {
  cell.count = static_cast<std::uint32_t>(in.index(std::numeric_limits<std::uint32_t>::max()));
}
void read_value(StateReader& in, SumCell& cell) {
  cell.sum.n = in.varint();
  cell.sum.sum = in.wide_signed();
}
void read_value(StateReader& in, MomentCell& cell) {
  cell.moments.n = in.varint();
  cell.moments.sum = in.wide_signed();
  cell.moments.squares = in.wide_unsigned();
}
void read_value(StateReader& in, ExtremeCell& cell) {
  cell.least = in.real();
  cell.greatest = in.real();
}
void read_value(StateReader& in, BagCell& cell) {
  cell.count = static_cast<std::uint32_t>(in.index(std::numeric_limits<std::uint32_t>::max()));
  cell.value = in.fixed64();
}

template <class Cell>
void write_cells(StateWriter& out, const std::vector<Cell>& cells) {
  out.varint(cells.size());
  std::int64_t last = 0;
  for (const Cell& cell : cells) {
    out.signed_varint(cell.tile - last);
    last = cell.tile;
    write_value(out, cell);
  }
}

template <class Cell>
void read_cells(StateReader& in, std::vector<Cell>& cells) {
  const std::size_t size = in.count(2);
  cells.reserve(size);
  std::int64_t last = 0;
  for (std::size_t i = 0; i < size && in.ok(); ++i) {
    const std::int64_t step = in.signed_varint();
    // Hours since 1970 stay far inside 32 bits; several cells of one tile are for bags only.
    constexpr std::int64_t kFar = std::numeric_limits<std::int32_t>::max();
    if (step < -kFar || step > kFar || (i > 0 && step < 0)) return in.refuse();
    last += step;
    if (last < -kFar || last > kFar) return in.refuse();
    Cell& cell = cells.emplace_back();
    cell.tile = static_cast<std::int32_t>(last);
    read_value(in, cell);
    if (i == 0) continue;
    const Cell& before = cells[i - 1];
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

template <class Cell>
void write_tracks(StateWriter& out, const std::vector<Track<Cell>>& tracks) {
  write_sparse(
      out, tracks, [](const Track<Cell>& track) { return track.empty(); },
      [&](const Track<Cell>& track) {
        write_cells(out, track.hours);
        write_cells(out, track.days);
        write_cells(out, track.ever);
      });
}

template <class Cell>
void read_tracks(StateReader& in, std::vector<Track<Cell>>& tracks) {
  read_sparse(in, tracks, [&](Track<Cell>& track) {
    read_cells(in, track.hours);
    read_cells(in, track.days);
    read_cells(in, track.ever);
  });
}

// ---- the rest
// ----------------------------------------------------------------------------------------

void write_lifetime(StateWriter& out, const Lifetime& lifetime) {
  out.varint(lifetime.count);
  if (lifetime.count == 0) return;
  out.time(lifetime.first);
  out.varint(static_cast<std::uint64_t>((lifetime.last - lifetime.first).count()));
}

void read_lifetime(StateReader& in, Lifetime& lifetime) {
  lifetime.count = in.varint();
  if (lifetime.count == 0) return;
  lifetime.first = in.time();
  // Both within the years that times can have, so that no sum overflows.
  constexpr std::int64_t kLongest = std::int64_t{1} << 50;
  const std::uint64_t length = in.varint();
  if (length > kLongest || std::abs(millis(lifetime.first)) > kLongest) return in.refuse();
  lifetime.last = lifetime.first + Duration(static_cast<std::int64_t>(length));
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

void write_observation(StateWriter& out, const Observation& observation, Time newest) {
  out.varint(static_cast<std::uint64_t>((newest - observation.time).count()));
  out.byte(static_cast<std::uint8_t>(static_cast<unsigned>(observation.type) |
                                     (observation.foreign_currency ? 0x80U : 0U)));
  out.varint(observation.event);
  out.fixed64(observation.name_hash);
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
  if ((type & 0x7F) > static_cast<std::uint8_t>(EventType::alias)) return in.refuse(), observation;
  observation.type = static_cast<EventType>(type & 0x7F);
  observation.foreign_currency = (type & 0x80) != 0;
  const std::uint64_t event = in.varint();
  if (event >= pack.events().size() && event != kUnknownEvent) return in.refuse(), observation;
  observation.event = static_cast<std::uint16_t>(event);
  observation.name_hash = in.fixed64();
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

void write_parts(StateWriter& out, const CustomerState::Parts& parts) {
  out.byte(parts.has_newest ? 1 : 0);
  if (!parts.has_newest) return;
  out.time(parts.newest);
  out.varint(parts.foreign);
  write_lifetime(out, parts.any);
  write_sparse(
      out, parts.events, [](const Lifetime& l) { return l.count == 0; },
      [&](const Lifetime& l) { write_lifetime(out, l); });
  write_tracks(out, parts.counts);
  write_tracks(out, parts.sums);
  write_tracks(out, parts.moments);
  write_tracks(out, parts.extremes);
  write_tracks(out, parts.bags);
  write_sparse(
      out, parts.latest, [](const Latest& l) { return !l.present; },
      [&](const Latest& l) { out.time(l.time), out.text(l.message), out.real(l.value); });
  write_sparse(
      out, parts.times, [](const Lifetime& l) { return l.count == 0; },
      [&](const Lifetime& l) { write_lifetime(out, l); });
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
    write_observation(out, observation, parts.newest);
}

void read_parts(StateReader& in, const Pack& pack, CustomerState::Parts& parts) {
  parts.lay_out(pack);
  parts.has_newest = in.byte() != 0;
  if (!parts.has_newest) return;
  parts.newest = in.time();
  if (std::abs(millis(parts.newest)) > (std::int64_t{1} << 50)) return in.refuse();
  parts.foreign = in.varint();
  read_lifetime(in, parts.any);
  read_sparse(in, parts.events, [&](Lifetime& l) { read_lifetime(in, l); });
  read_tracks(in, parts.counts);
  read_tracks(in, parts.sums);
  read_tracks(in, parts.moments);
  read_tracks(in, parts.extremes);
  read_tracks(in, parts.bags);
  read_sparse(in, parts.latest, [&](Latest& l) {
    l.present = true;
    l.time = in.time();
    l.message = in.text();
    l.value = in.real();
  });
  read_sparse(in, parts.times, [&](Lifetime& l) { read_lifetime(in, l); });
  read_sparse(in, parts.days, [&](auto& days) { read_days(in, days); });
  read_sparse(in, parts.traits, [&](TraitValue& t) {
    t.present = true;
    t.time = in.time();
    t.message = in.text();
    t.value = read_variant(in);
  });
  const std::size_t recent = in.count(13);
  for (std::size_t i = 0; i < recent && in.ok(); ++i) {
    parts.recent.push_back(read_observation(in, pack, parts.newest));
  }
  if (!std::is_sorted(parts.recent.begin(), parts.recent.end(), comes_before)) in.refuse();
}

void append_checksum(std::string& bytes) {
  const std::uint32_t crc = crc32c(bytes);
  for (unsigned i = 0; i < kChecksumBytes; ++i) bytes.push_back(static_cast<char>(crc >> (8 * i)));
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
  out.fixed64(pack.program().state_hash.low);
  write_parts(out, *parts_);
  std::string bytes = out.take();
  append_checksum(bytes);
  return bytes;
}

Result<CustomerState> CustomerState::decode(const Pack& pack, std::string_view bytes) {
  constexpr std::size_t kLeast = 1 + 8 + 1 + kChecksumBytes;
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
  if (in.fixed64() != pack.program().state_hash.low) {
    return fail(ErrorCode::refused,
                "a customer's state was written with another version of the pack \"" +
                    pack.name() + "\"; run `tideline replay` to build it anew",
                "other_pack");
  }
  CustomerState state;
  read_parts(in, pack, *state.parts_);
  if (!in.ok() || !in.at_end()) {
    return fail(ErrorCode::corrupt,
                "a customer's state does not read as one; run `tideline replay` to build it anew");
  }
  return state;
}

}  // namespace tideline
