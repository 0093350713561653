#include "actions/action_records.h"

#include <limits>

#include "base/bytes.h"

namespace tideline {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint64_t kChangesMax = 100'000;

std::string key_of(std::string_view kind, std::string_view rest = {}) {
  return std::string(kind) + '\0' + std::string(rest);
}
std::string of_time(Time time) { return big_endian(static_cast<std::uint64_t>(millis(time))); }
std::string newest_first(Time time) {
  return big_endian(std::numeric_limits<std::uint64_t>::max() -
                    static_cast<std::uint64_t>(millis(time)));
}

Error broken(const char* what) {
  return {ErrorCode::corrupt,
          std::string("state holds a broken ") + what + "; run `tideline verify`",
          {}};
}

void write_time(ByteWriter& out, const std::optional<Time>& time) {
  out.u8(time.has_value());
  out.time(time.value_or(Time{}));
}
std::optional<Time> read_time(ByteReader& in) {
  const bool known = in.u8();
  const Time time = in.time();
  return known ? std::optional(time) : std::nullopt;
}
void write_number(ByteWriter& out, const std::optional<double>& number) {
  out.u8(number.has_value());
  if (number) out.real(*number);
}
std::optional<double> read_number(ByteReader& in) {
  return in.u8() ? std::optional(in.real()) : std::nullopt;
}

void write_change(ByteWriter& out, const ActionChange& change) {
  out.time(change.time);
  out.text(change.by);
  out.u8(static_cast<std::uint8_t>(change.step));
  out.text(change.note);
}
ActionChange read_change(ByteReader& in) {
  ActionChange change;
  change.time = in.time();
  change.by = in.text();
  change.step = static_cast<ActionStep>(in.u8());
  change.note = in.text();
  return change;
}

// Everything but the changes.
void write_state(ByteWriter& out, const OwnedAction& owned) {
  const Action& action = owned.action;
  out.u8(kFormat);
  out.text(action.id);
  out.text(action.customer.str());
  out.text(action.play);
  out.text(action.priority);
  out.text(action.channel);
  out.text(action.say);
  out.real(action.cost);
  out.time(action.created);
  out.u8(static_cast<std::uint8_t>(owned.status));
  out.u8(owned.holds);
  out.text(owned.owner);
  write_time(out, owned.until);
  out.text(owned.reason);
  out.u8(static_cast<std::uint8_t>(owned.outcome));
  out.text(owned.note);
  out.varint(owned.version);
}

bool read_state(ByteReader& in, OwnedAction& owned) {
  Action& action = owned.action;
  const bool known = in.u8() == kFormat;
  action.id = in.text();
  action.customer = CustomerId(in.text());
  action.play = in.text();
  action.priority = in.text();
  action.channel = in.text();
  action.say = in.text();
  action.cost = in.real();
  action.created = in.time();
  const std::uint8_t status = in.u8();
  owned.holds = in.u8();
  owned.owner = in.text();
  owned.until = read_time(in);
  owned.reason = in.text();
  const std::uint8_t outcome = in.u8();
  owned.note = in.text();
  owned.version = static_cast<std::uint32_t>(in.varint());
  if (!known || status >= kActionStatuses || outcome >= kActionOutcomes) return false;
  owned.status = static_cast<ActionStatus>(status);
  owned.outcome = static_cast<ActionOutcome>(outcome);
  return true;
}

void write_standing(ByteWriter& out, const FollowUp::Standing& standing) {
  out.text(standing.tier);
  write_number(out, standing.risk);
  write_number(out, standing.health);
  write_number(out, standing.amount);
}
FollowUp::Standing read_standing(ByteReader& in) {
  FollowUp::Standing standing;
  standing.tier = in.text();
  standing.risk = read_number(in);
  standing.health = read_number(in);
  standing.amount = read_number(in);
  return standing;
}

}  // namespace

std::string action_key(std::string_view id) { return key_of("act", id); }

std::uint8_t urgency_of(std::string_view priority) {
  return priority == "high" ? 0 : priority == "medium" ? 1 : 2;
}

std::string inbox_prefix(ActionStatus status) { return key_of("box") + static_cast<char>(status); }
std::string inbox_prefix(ActionStatus status, std::uint8_t urgency) {
  return inbox_prefix(status) + static_cast<char>(urgency);
}
std::string inbox_key(const OwnedAction& action) {
  return inbox_prefix(action.status, urgency_of(action.action.priority)) +
         newest_first(action.action.created) + action.action.id;
}

std::string by_customer_prefix(const CustomerId& customer) {
  ByteWriter key(key_of("who"));
  key.text(customer.str());
  return key.take();
}
std::string by_customer_key(const OwnedAction& action) {
  return by_customer_prefix(action.action.customer) + newest_first(action.action.created) +
         action.action.id;
}

std::string snoozed_prefix() { return key_of("nap"); }
std::string snoozed_key(Time until, std::string_view id) {
  return snoozed_prefix() + of_time(until) + std::string(id);
}

std::string encode_entry(const OwnedAction& action) {
  ByteWriter out;
  out.text(action.action.id);
  out.text(action.action.customer.str());
  out.text(action.action.play);
  out.text(action.owner);
  return out.take();
}

Result<InboxEntry> decode_entry(std::string_view bytes) {
  ByteReader in(bytes);
  InboxEntry entry;
  entry.id = in.text();
  entry.customer = CustomerId(in.text());
  entry.play = in.text();
  entry.owner = in.text();
  if (!in.done()) return fail(broken("entry of the inbox"));
  return entry;
}

std::string encode(const OwnedAction& action) {
  ByteWriter out;
  write_state(out, action);
  out.varint(action.changes.size());
  for (const ActionChange& change : action.changes) write_change(out, change);
  return out.take();
}

Result<OwnedAction> decode_owned_action(std::string_view bytes) {
  ByteReader in(bytes);
  OwnedAction action;
  const bool known = read_state(in, action);
  const std::uint64_t changes = in.varint();
  for (std::uint64_t i = 0; i < changes && i < kChangesMax && in.ok(); ++i) {
    action.changes.push_back(read_change(in));
    if (static_cast<std::size_t>(action.changes.back().step) >= kActionSteps)
      return fail(broken("action"));
  }
  if (!known || !in.done()) return fail(broken("action"));
  return action;
}

std::string withheld_key(const CustomerId& customer) { return key_of("held", customer.str()); }

std::string encode(const std::vector<PlayMark>& marks) {
  ByteWriter out;
  out.varint(marks.size());
  for (const PlayMark& mark : marks) {
    out.text(mark.play);
    out.time(mark.since);
    out.u8(mark.open);
    out.text(mark.say);
  }
  return out.take();
}

Result<std::vector<PlayMark>> decode_marks(std::string_view bytes) {
  ByteReader in(bytes);
  std::vector<PlayMark> marks;
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    PlayMark& mark = marks.emplace_back();
    mark.play = in.text();
    mark.since = in.time();
    mark.open = in.u8();
    mark.say = in.text();
  }
  if (!in.done()) return fail(broken("mark of a play"));
  return marks;
}

std::string follow_up_prefix() { return key_of("late"); }
std::string follow_up_key(std::string_view id) { return key_of("late", id); }
std::string due_action_prefix() { return key_of("due"); }
std::string due_key(Time time, std::string_view id) {
  return due_action_prefix() + of_time(time) + std::string(id);
}

std::string encode(const FollowUp& follow_up) {
  ByteWriter out;
  out.u8(kFormat);
  out.text(follow_up.id);
  out.text(follow_up.customer.str());
  out.text(follow_up.play);
  out.u8(follow_up.held_out);
  out.time(follow_up.due);
  write_standing(out, follow_up.before);
  out.u8(follow_up.outcome.has_value());
  if (!follow_up.outcome) return out.take();
  out.time(follow_up.outcome->time);
  out.u8(follow_up.outcome->retained);
  write_standing(out, follow_up.outcome->after);
  return out.take();
}

Result<FollowUp> decode_follow_up(std::string_view bytes) {
  ByteReader in(bytes);
  FollowUp follow_up;
  const bool known = in.u8() == kFormat;
  follow_up.id = in.text();
  follow_up.customer = CustomerId(in.text());
  follow_up.play = in.text();
  follow_up.held_out = in.u8();
  follow_up.due = in.time();
  follow_up.before = read_standing(in);
  if (in.u8()) {
    FollowUp::Outcome& outcome = follow_up.outcome.emplace();
    outcome.time = in.time();
    outcome.retained = in.u8();
    outcome.after = read_standing(in);
  }
  if (!known || !in.done()) return fail(broken("follow-up of an action"));
  return follow_up;
}

std::string override_prefix() { return key_of("hand"); }
std::string override_prefix(const CustomerId& customer) {
  ByteWriter key(override_prefix());
  key.text(customer.str());
  return key.take();
}
std::string override_key(const TierOverride& one) {
  return override_prefix(one.customer) + of_time(one.since);
}

std::string encode(const TierOverride& one) {
  ByteWriter out;
  out.u8(kFormat);
  out.text(one.customer.str());
  out.text(one.tier);
  out.text(one.reason);
  out.text(one.by);
  out.time(one.since);
  out.time(one.expires);
  write_time(out, one.ended);
  out.text(one.ended_by);
  return out.take();
}

Result<TierOverride> decode_override(std::string_view bytes) {
  ByteReader in(bytes);
  TierOverride one;
  const bool known = in.u8() == kFormat;
  one.customer = CustomerId(in.text());
  one.tier = in.text();
  one.reason = in.text();
  one.by = in.text();
  one.since = in.time();
  one.expires = in.time();
  one.ended = read_time(in);
  one.ended_by = in.text();
  if (!known || !in.done()) return fail(broken("tier set by hand"));
  return one;
}

std::string lake_row_key(const OwnedAction& action, const ActionChange& change) {
  return "actions/" + of_time(change.time) + action.action.id + big_endian(action.version);
}

std::string encode(const LakeRow& row) {
  ByteWriter out;
  write_state(out, row.action);
  write_change(out, row.change);
  return out.take();
}

Result<LakeRow> decode_lake_row(std::string_view bytes) {
  ByteReader in(bytes);
  LakeRow row;
  const bool known = read_state(in, row.action);
  row.change = read_change(in);
  const bool step = static_cast<std::size_t>(row.change.step) < kActionSteps;
  if (!known || !step || !in.done()) return fail(broken("row of actions"));
  return row;
}

}  // namespace tideline
