// Disturbance: what goes wrong on the way of simulated events: some come late, some twice, some
// broken.
//
// Which event is hit is a function of its message id and the seed alone, so that it does not
// depend on how events are cut into files or batches. An event has at most one flaw.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "domain/event.h"

namespace tideline {

enum class Flaw : std::uint8_t { none, late, duplicate, malformed };

// How a malformed event is broken; named after the dead letter that it must become.
enum class Malformation : std::uint8_t {
  missing_customer,
  missing_event,
  bad_property,   // a declared number out of its range
  malformed_json  // its properties end in the middle
};
inline constexpr std::size_t kMalformations = 4;
[[nodiscard]] std::string_view name_of(Malformation malformation);

struct DisturbanceOptions {
  // Shares of the events, each 0 .. 1, together at most 1.
  double late_share = 0;
  double duplicate_share = 0;
  double malformed_share = 0;
  std::uint64_t seed = 1;

  [[nodiscard]] bool any() const { return late_share + duplicate_share + malformed_share > 0; }
};

// `invalid` when a share is out of range.
[[nodiscard]] Status check(const DisturbanceOptions& options);

[[nodiscard]] Flaw flaw_of(const DisturbanceOptions& options, const Event& event);
// For a late event: how long it was under way; more than three days, less than three weeks.
[[nodiscard]] Duration delay_of(const DisturbanceOptions& options, const Event& event);
// Breaks an event.
[[nodiscard]] Malformation malform(const DisturbanceOptions& options, Event& event);

// What was sent, exactly. sent = fine + late + 2 x duplicates + malformed.
struct SentCounts {
  std::uint64_t sent = 0;        // events or rows in all
  std::uint64_t late = 0;        // must be counted as late
  std::uint64_t duplicates = 0;  // second ones; must be counted as duplicates
  std::array<std::uint64_t, kMalformations> malformed{};  // must become dead letters

  [[nodiscard]] std::uint64_t malformed_in_all() const;
};

}  // namespace tideline
