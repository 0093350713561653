#include "domain/action_life.h"

#include <algorithm>
#include <array>

namespace tideline {
namespace {

constexpr std::array<std::string_view, kActionStatuses> kStatuses = {"open", "done", "snoozed",
                                                                     "dismissed", "withdrawn"};
constexpr std::array<std::string_view, kActionOutcomes> kOutcomes = {"", "worked", "did_not",
                                                                     "no_answer"};
constexpr std::array<std::string_view, kActionSteps> kSteps = {
    "recommend", "assign",  "done", "snooze",   "dismiss",
    "reopen",    "outcome", "wake", "withdraw", "release"};

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (name.empty() || found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

bool waits(const OwnedAction& action) {
  return action.status == ActionStatus::open || action.status == ActionStatus::snoozed;
}

Error conflict(const OwnedAction& action, const char* what, const char* reason) {
  return {ErrorCode::conflict,
          "the action is " + std::string(name_of(action.status)) + "; " + what, reason};
}

Status assign(OwnedAction& action, const ActionRequest& request, ActionChange& change) {
  if (!waits(action)) {
    return fail(conflict(action, "only an open or a snoozed one can be assigned", "not_open"));
  }
  if (request.owner.size() > kOwnerMax) {
    return fail(ErrorCode::invalid, "an owner has at most 128 bytes", "bad_owner");
  }
  action.owner = request.owner;
  change.note = request.owner;
  return {};
}

Status finish(OwnedAction& action, const ActionRequest& request, ActionChange& change) {
  if (!waits(action)) {
    return fail(conflict(action, "only an open or a snoozed one can be done", "not_open"));
  }
  action.status = ActionStatus::done;
  action.until.reset();
  if (action.owner.empty()) action.owner = request.by;
  if (request.outcome == ActionOutcome::none) return {};
  action.outcome = request.outcome;
  action.note = request.text;
  change.note = std::string(name_of(request.outcome));
  if (!request.text.empty()) change.note += ": " + request.text;
  return {};
}

Status snooze(OwnedAction& action, const ActionRequest& request, Time now, ActionChange& change) {
  if (!waits(action)) {
    return fail(conflict(action, "only an open or a snoozed one can be snoozed", "not_open"));
  }
  if (!request.until || *request.until <= now || *request.until > now + kSnoozeMax) {
    return fail(ErrorCode::invalid, "until is a time in the future, at most 366 days from now",
                "bad_until");
  }
  action.status = ActionStatus::snoozed;
  action.until = request.until;
  change.note = format_time(*request.until);
  return {};
}

Status dismiss(OwnedAction& action, const ActionRequest& request, ActionChange& change) {
  if (!waits(action)) {
    return fail(conflict(action, "only an open or a snoozed one can be dismissed", "not_open"));
  }
  if (request.text.empty()) {
    return fail(ErrorCode::invalid, "a dismissal needs a reason", "missing_reason");
  }
  action.status = ActionStatus::dismissed;
  action.until.reset();
  action.reason = request.text;
  change.note = request.text;
  return {};
}

Status reopen(OwnedAction& action) {
  if (action.status == ActionStatus::open || action.status == ActionStatus::withdrawn) {
    return fail(conflict(action, "only one that is done, snoozed or dismissed can be reopened",
                         "not_closed"));
  }
  action.status = ActionStatus::open;
  action.until.reset();
  action.reason.clear();
  action.outcome = ActionOutcome::none;
  action.note.clear();
  return {};
}

Status tell_outcome(OwnedAction& action, const ActionRequest& request, ActionChange& change) {
  if (action.status != ActionStatus::done) {
    return fail(conflict(action, "only one that is done has an outcome", "not_done"));
  }
  if (request.outcome == ActionOutcome::none) {
    return fail(ErrorCode::invalid, "outcome is worked, did_not or no_answer", "bad_outcome");
  }
  action.outcome = request.outcome;
  action.note = request.text;
  change.note = std::string(name_of(request.outcome));
  if (!request.text.empty()) change.note += ": " + request.text;
  return {};
}

}  // namespace

std::string_view name_of(ActionStatus status) {
  return kStatuses[static_cast<std::size_t>(status)];
}
std::optional<ActionStatus> action_status_of(std::string_view name) {
  return named<ActionStatus>(kStatuses, name);
}
std::string_view name_of(ActionOutcome outcome) {
  return kOutcomes[static_cast<std::size_t>(outcome)];
}
std::optional<ActionOutcome> action_outcome_of(std::string_view name) {
  return named<ActionOutcome>(kOutcomes, name);
}
std::string_view name_of(ActionStep step) { return kSteps[static_cast<std::size_t>(step)]; }
std::optional<ActionStep> action_step_of(std::string_view name) {
  return named<ActionStep>(kSteps, name);
}

Result<OwnedAction> after_request(OwnedAction action, const ActionRequest& request, Time now) {
  if (request.version && *request.version != action.version) {
    return fail(ErrorCode::conflict,
                "somebody changed the action meanwhile; look at it again before you decide",
                "changed");
  }
  if (request.text.size() > kActionTextMax) {
    return fail(ErrorCode::invalid, "a note or reason has at most 2,000 bytes", "text_too_long");
  }
  ActionChange change{now, request.by, request.step, {}};
  switch (request.step) {
    case ActionStep::assign: TRY(assign(action, request, change)); break;
    case ActionStep::done: TRY(finish(action, request, change)); break;
    case ActionStep::snooze: TRY(snooze(action, request, now, change)); break;
    case ActionStep::dismiss: TRY(dismiss(action, request, change)); break;
    case ActionStep::reopen: TRY(reopen(action)); break;
    case ActionStep::outcome: TRY(tell_outcome(action, request, change)); break;
    default: return fail(ErrorCode::invalid, "no such step for people", "bad_step");
  }
  ++action.version;
  action.changes.push_back(std::move(change));
  return action;
}

}  // namespace tideline
