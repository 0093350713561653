// Pilot: an experiment with arms, by which the effect of a treatment is measured: who is in which
// arm, and what may happen to a pilot when.
//
// Chance is a hash, so that anybody can tell again who is where: XXH64 with seed 0 of the text
// SALT:phase:CUSTOMER or SALT:arm:CUSTOMER, its upper 53 bits over 2^53. The first, against the
// share of the pilot's phase, says whether a customer is in the pilot; the second, against the
// arms' shares laid end to end, in which arm. A salt of its own makes pilots independent of each
// other and of the holdout; a wider phase only adds customers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/event.h"

namespace tideline {

enum class PilotStatus : std::uint8_t {
  draft,    // may still be changed; nobody is in it
  running,  // takes customers in, phase by phase
  stopped,  // takes nobody in any more; outcomes of those in it are still awaited. Final
};
[[nodiscard]] std::string_view name_of(PilotStatus status);
[[nodiscard]] std::optional<PilotStatus> pilot_status_of(std::string_view name);

// What a pilot is judged by; measured when its horizon is over after a customer came in.
enum class PilotOutcome : std::uint8_t {
  retained,  // a qualifying event within the horizon: 0 or 1
  amount,    // a 30 days, in the pack's currency
};
[[nodiscard]] std::string_view name_of(PilotOutcome outcome);
[[nodiscard]] std::optional<PilotOutcome> pilot_outcome_of(std::string_view name);

struct PilotArm {
  std::string name;
  double share = 0;  // of the pilot's customers, above 0; the arms' sum is 1
  bool operator==(const PilotArm&) const = default;
};

struct Pilot {
  std::string id;  // letters, digits and -; made from the name
  std::string name;
  std::string hypothesis;          // what is believed, and why; may be empty
  std::string treatment;           // what the treated get, in words
  std::vector<std::string> tiers;  // whom it is about; empty: every scored customer
  std::vector<PilotArm> arms;      // the first is the control, which gets nothing new
  std::string salt;

  PilotOutcome outcome = PilotOutcome::retained;
  Duration horizon = 30 * kDay;  // an outcome is known so long after a customer came in

  // What it was planned for.
  double baseline = 0;        // the control's outcome as expected: a share, or an amount
  double change = 0;          // the least effect that is worth finding
  double deviation = 0;       // of an amount; 0 of a share
  double power = 0.8;         // chance to find it
  std::uint64_t planned = 0;  // customers, all arms

  std::vector<double> phases = {0.1, 1};  // shares of those whom it is about; grow; the last is 1
  std::size_t phase = 0;                  // place in `phases` of the present one

  PilotStatus status = PilotStatus::draft;
  std::string by;  // who made it
  Time created{};
  std::optional<Time> started;
  std::optional<Time> widened;  // when the present phase began
  std::optional<Time> stopped;
  std::string stop_reason;

  // Of those whom it is about, how many are in it: 0 of a draft.
  [[nodiscard]] double share() const;
  // It speaks of this tier.
  [[nodiscard]] bool is_about(std::string_view tier) const;
};

// Bounds.
inline constexpr std::size_t kPilotArmsMax = 10;
inline constexpr std::size_t kPilotPhasesMax = 10;
inline constexpr std::size_t kPilotNameMax = 100;    // bytes
inline constexpr std::size_t kPilotTextMax = 2'000;  // bytes of hypothesis, treatment, reason
inline constexpr Duration kPilotHorizonMax = 365 * kDay;

// invalid ("bad_pilot"), saying what: a name, arms, phases or horizon out of bounds.
[[nodiscard]] Status check_pilot(const Pilot& pilot);

// "Tutor match, spring" as "tutor-match-spring".
[[nodiscard]] std::string pilot_id_of(std::string_view name);

// In [0, 1), evenly; as said above. `purpose` is "phase" or "arm".
[[nodiscard]] double chance_of(std::string_view salt, std::string_view purpose,
                               const CustomerId& customer);
// The place in pilot.arms of the arm of a customer, whatever the phase.
[[nodiscard]] std::size_t arm_of(const Pilot& pilot, const CustomerId& customer);
// Whether the phases so far, the present one included, have reached it.
[[nodiscard]] bool reaches(const Pilot& pilot, const CustomerId& customer);

// A customer whom a pilot may be about, as it stands now.
struct Newcomer {
  CustomerId customer;
  std::string tier;
  std::optional<double> amount;  // a 30 days, over the 90 days before now
  std::optional<double> risk;    // of leaving, 0..1
};

// Whether one of the pilots that take customers in would take this one.
[[nodiscard]] bool wanted(const std::vector<Pilot>& running, const CustomerId& customer,
                          std::string_view tier);

// What happens to a pilot. Errors are conflict ("not_draft", "not_running", "widest").
[[nodiscard]] Result<Pilot> started(Pilot pilot, Time now);
[[nodiscard]] Result<Pilot> widened(Pilot pilot, Time now);  // to the next phase
[[nodiscard]] Result<Pilot> stopped(Pilot pilot, std::string reason, Time now);

}  // namespace tideline
