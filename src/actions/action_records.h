// Keys and bytes of Family::actions, and of actions on their way into the lake. Internal to the
// module, but for LakeRow.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/action_life.h"
#include "scoring/playbook.h"

namespace tideline {

// "act" + id: an action. "box" + status, urgency, newest first, id: the inbox, with what is
// filtered by as its value. "who" + customer, created, id: by customer. "nap" + until, id: snoozed
// ones. "kept" + closed, id: what may be swept.
[[nodiscard]] std::string action_key(std::string_view id);
[[nodiscard]] std::string inbox_prefix(ActionStatus status);
[[nodiscard]] std::string inbox_prefix(ActionStatus status, std::uint8_t urgency);
[[nodiscard]] std::string inbox_key(const OwnedAction& action);
[[nodiscard]] std::string by_customer_prefix(const CustomerId& customer);
[[nodiscard]] std::string by_customer_key(const OwnedAction& action);
[[nodiscard]] std::string snoozed_prefix();
[[nodiscard]] std::string snoozed_key(Time until, std::string_view id);
// 0 is the most urgent: high, medium, low.
[[nodiscard]] std::uint8_t urgency_of(std::string_view priority);

// What the inbox can be filtered by without reading the action.
struct InboxEntry {
  std::string id;
  CustomerId customer;
  std::string play;
  std::string owner;
};
[[nodiscard]] std::string encode_entry(const OwnedAction& action);
[[nodiscard]] Result<InboxEntry> decode_entry(std::string_view bytes);

[[nodiscard]] std::string encode(const OwnedAction& action);
[[nodiscard]] Result<OwnedAction> decode_owned_action(std::string_view bytes);

// "held" + customer: the marks of a customer of the holdout, never shown.
[[nodiscard]] std::string withheld_key(const CustomerId& customer);
[[nodiscard]] std::string encode(const std::vector<PlayMark>& marks);
[[nodiscard]] Result<std::vector<PlayMark>> decode_marks(std::string_view bytes);

// "late" + id: how an action that was due turned out. "due" + time, id: those to be measured.
[[nodiscard]] std::string follow_up_prefix();
[[nodiscard]] std::string follow_up_key(std::string_view id);
[[nodiscard]] std::string due_action_prefix();
[[nodiscard]] std::string due_key(Time time, std::string_view id);
[[nodiscard]] std::string encode(const FollowUp& follow_up);
[[nodiscard]] Result<FollowUp> decode_follow_up(std::string_view bytes);

// "hand" + customer, since: tiers set by hand, also those that ended.
[[nodiscard]] std::string override_prefix();
[[nodiscard]] std::string override_prefix(const CustomerId& customer);
[[nodiscard]] std::string override_key(const TierOverride& one);
[[nodiscard]] std::string encode(const TierOverride& one);
[[nodiscard]] Result<TierOverride> decode_override(std::string_view bytes);

// Family::outbox: one row of lake/actions, an action as it was after a change. The key is laid out
// as all of the outbox: "actions/", the time, what makes it unique.
struct LakeRow {
  OwnedAction action;  // without its changes
  ActionChange change;
};
[[nodiscard]] std::string lake_row_key(const OwnedAction& action, const ActionChange& change);
[[nodiscard]] std::string encode(const LakeRow& row);
[[nodiscard]] Result<LakeRow> decode_lake_row(std::string_view bytes);

}  // namespace tideline
