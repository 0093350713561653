// What a CustomerState is made of. For the files of this module only.
//
// Every series keeps its own sorted cells, so that a window is one stretch of memory. An event
// goes into an hour cell (kept 15 days), a day cell (kept 121 days) and what is kept for ever. The
// newest observations stay as they came ("recent"): features as of a time inside them see exactly
// those not later than it.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "base/exact.h"
#include "base/hash.h"
#include "base/time.h"
#include "features/customer_state.h"
#include "packs/program.h"

namespace tideline {

// Observations at most this much older than the newest stay unfolded. Ingest cuts an event's time
// to at most 5 minutes after its arrival, so features as of now are exact.
inline constexpr Duration kRecent = std::chrono::minutes(10);
// Cells whose day lies further back from the day of the newest observation are dropped; those of
// a series whose windows are shorter as soon as none of them reaches that far.
inline constexpr std::int64_t kHourTileDays = 15;
inline constexpr std::int64_t kDayTileDays = 121;

// `tile` is a whole number of hours or days since 1970.
struct CountCell {
  std::int32_t tile = 0;
  std::uint32_t count = 0;
  bool operator==(const CountCell&) const = default;
};
struct SumCell {
  std::int32_t tile = 0;
  ExactSum sum;
  bool operator==(const SumCell&) const = default;
};
struct MomentCell {
  std::int32_t tile = 0;
  ExactMoments moments;
  bool operator==(const MomentCell&) const = default;
};
struct ExtremeCell {
  std::int32_t tile = 0;
  double least = 0;
  double greatest = 0;
  bool operator==(const ExtremeCell&) const = default;
};
// Sorted by tile, then value.
struct BagCell {
  std::int32_t tile = 0;
  std::uint32_t count = 0;
  std::uint64_t value = 0;  // xxh64 of the text, or the bits of the number
  bool operator==(const BagCell&) const = default;
};

// `ever` holds one cell of tile 0, or none.
template <class Cell>
struct Track {
  std::vector<Cell> hours;
  std::vector<Cell> days;
  std::vector<Cell> ever;
  [[nodiscard]] bool empty() const { return hours.empty() && days.empty() && ever.empty(); }
};

// How many, first and last.
struct Lifetime {
  std::uint64_t count = 0;
  Time first{};
  Time last{};
  void add(Time t);
  void merge(const Lifetime& other);
};

// The value of the newest event; of one time the greatest message id (by bytes), then value.
struct Latest {
  bool present = false;
  Time time{};
  std::string message;
  double value = 0;
};

struct TraitValue {
  bool present = false;
  Time time{};
  std::string message;
  std::variant<double, std::string, bool> value;
};

struct CustomerState::Parts {
  bool laid_out = false;  // the vectors below have their sizes of the pack's program
  bool has_newest = false;
  Time newest{};  // of all observations, also identify, group and alias
  // Day of `newest` when cells were last dropped.
  std::int64_t evicted_on = std::numeric_limits<std::int64_t>::min();
  std::uint64_t foreign = 0;              // events in another currency
  Lifetime any;                           // track, page and screen
  std::vector<Lifetime> events;           // by EventSpec::index
  std::vector<std::uint16_t> qualifying;  // the pack's, so that accessors need no pack

  // By Series::slot.
  std::vector<Track<CountCell>> counts;
  std::vector<Track<SumCell>> sums;
  std::vector<Track<MomentCell>> moments;
  std::vector<Track<ExtremeCell>> extremes;
  std::vector<Track<BagCell>> bags;
  std::vector<Latest> latest;
  std::vector<Lifetime> times;
  std::vector<std::vector<std::int32_t>> days;  // ascending, each once

  std::vector<TraitValue> traits;   // by FieldSpec::index
  std::vector<Observation> recent;  // in the order of comes_before()

  void lay_out(const Pack& pack);
};

// How many, first and last of an event, or of the qualifying ones, the recent observations up to
// `until` included.
[[nodiscard]] Lifetime any_lifetime(const CustomerState::Parts& parts, Time until);
[[nodiscard]] Lifetime event_lifetime(const CustomerState::Parts& parts, std::uint16_t event,
                                      Time until);
[[nodiscard]] Lifetime qualifying_lifetime(const CustomerState::Parts& parts, Time until);

// A total order that depends on the observations alone.
[[nodiscard]] bool comes_before(const Observation& a, const Observation& b);

// Adds an observation to everything that keeps it. Cells before the limits of `parts.newest` are
// left out.
void fold(const Pack& pack, CustomerState::Parts& parts, const Observation& observation);

// Drops the cells that parts.newest has left behind.
void evict(const Pack& pack, CustomerState::Parts& parts);

}  // namespace tideline
