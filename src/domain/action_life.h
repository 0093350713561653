// The life of an action: what people make of a recommendation, how it turned out, and tiers that
// they set by hand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/action.h"

namespace tideline {

enum class ActionStatus : std::uint8_t {
  open,
  done,
  snoozed,    // not to be seen until a time, then open again
  dismissed,  // not to be done, for a reason
  withdrawn,  // nobody had taken it when the customer no longer fitted the play
};
inline constexpr std::size_t kActionStatuses = 5;
[[nodiscard]] std::string_view name_of(ActionStatus status);
[[nodiscard]] std::optional<ActionStatus> action_status_of(std::string_view name);

enum class ActionOutcome : std::uint8_t { none, worked, did_not, no_answer };
inline constexpr std::size_t kActionOutcomes = 4;
[[nodiscard]] std::string_view name_of(ActionOutcome outcome);  // none: empty
[[nodiscard]] std::optional<ActionOutcome> action_outcome_of(std::string_view name);

// What can be done with an action, by a person or by the program (`by` is then empty).
enum class ActionStep : std::uint8_t {
  recommend,
  assign,
  done,
  snooze,
  dismiss,
  reopen,
  outcome,
  wake,      // a snooze ended
  withdraw,  // the customer no longer fits, and nobody had taken it
  release,   // the same of one that somebody has: it stays, marked
};
inline constexpr std::size_t kActionSteps = 10;
[[nodiscard]] std::string_view name_of(ActionStep step);
[[nodiscard]] std::optional<ActionStep> action_step_of(std::string_view name);

struct ActionChange {
  Time time{};
  std::string by;  // user or key; empty: the program
  ActionStep step = ActionStep::recommend;
  std::string note;  // the owner, the end of a snooze, a reason, an outcome with its note
  bool operator==(const ActionChange&) const = default;
};

// A recommendation with everything that people made of it.
struct OwnedAction {
  Action action;
  ActionStatus status = ActionStatus::open;
  bool holds = true;          // the customer still fits the play
  std::string owner;          // empty: nobody
  std::optional<Time> until;  // of a snooze
  std::string reason;         // of a dismissal
  ActionOutcome outcome = ActionOutcome::none;
  std::string note;           // of the outcome
  std::uint32_t version = 1;  // grows with every change, so that two people do not undo each other
  std::vector<ActionChange> changes;  // oldest first
};

// What somebody wants to do with an action.
struct ActionRequest {
  std::string id;
  ActionStep step = ActionStep::done;
  std::string by;
  std::optional<std::uint32_t> version;  // the one that was seen; nullopt: whichever there is
  std::string owner;                     // assign; empty: nobody
  std::optional<Time> until;             // snooze
  std::string text;                      // dismiss: the reason; outcome, done: a note
  ActionOutcome outcome = ActionOutcome::none;  // outcome, done
};

// The action after `request` at `now`. Errors: invalid ("bad_until", "missing_reason", …) and
// conflict ("changed" where another version was seen, "not_open", "not_done", …).
[[nodiscard]] Result<OwnedAction> after_request(OwnedAction action, const ActionRequest& request,
                                                Time now);

// A customer for whom an action was due, whether it was shown or, in the holdout, withheld; and
// how the customer stood after a lapse period.
struct FollowUp {
  std::string id;  // the action's, also where it was withheld
  CustomerId customer;
  std::string play;
  bool held_out = false;
  Time due{};  // when it was recommended, or would have been
  struct Standing {
    std::string tier;
    std::optional<double> risk;    // of leaving, 0..1
    std::optional<double> health;  // 0..100
    std::optional<double> amount;  // a 30 days, over the 90 days before; the pack's currency
  };
  Standing before;
  // Measured a lapse period after `due`.
  struct Outcome {
    Time time{};
    bool retained = false;  // a qualifying event in (due, due + lapse]
    Standing after;
  };
  std::optional<Outcome> outcome;
};

// A tier set by hand, which stands beside the model's own.
struct TierOverride {
  CustomerId customer;
  std::string tier;
  std::string reason;
  std::string by;
  Time since{};
  Time expires{};
  std::optional<Time> ended;  // by hand, before it expired
  std::string ended_by;

  [[nodiscard]] bool in_force(Time t) const {
    return since <= t && t < expires && (!ended || t < *ended);
  }
};

// Bounds of what people may write.
inline constexpr std::size_t kActionTextMax = 2'000;  // bytes of a note or reason
inline constexpr std::size_t kOwnerMax = 128;         // bytes
inline constexpr Duration kSnoozeMax = 366 * kDay;
inline constexpr Duration kOverrideMax = 366 * kDay;

}  // namespace tideline
