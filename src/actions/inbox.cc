#include "actions/inbox.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/bytes.h"

namespace tideline {
namespace {

constexpr std::size_t kChangesKept = 200;  // of one action; the lake has them all
constexpr std::size_t kSweptAtOnce = 10'000;
constexpr std::size_t kMeasuredAtOnce = 1'000;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool contains_without_case(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

Error unknown_action() { return {ErrorCode::not_found, "no such action", "unknown_action"}; }

// Status and urgency of each part of the inbox that a query looks through, in order.
std::vector<std::string> parts_of(const InboxQuery& query) {
  std::vector<std::string> parts;
  for (std::size_t s = 0; s < kActionStatuses; ++s) {
    const auto status = static_cast<ActionStatus>(s);
    if (query.status && *query.status != status) continue;
    for (std::uint8_t urgency = 0; urgency < 3; ++urgency) {
      if (!query.priority.empty() && urgency_of(query.priority) != urgency) continue;
      parts.push_back(inbox_prefix(status, urgency));
    }
  }
  return parts;
}

Result<bool> passes(const InboxQuery& query, const InboxEntry& entry) {
  if (!query.play.empty() && entry.play != query.play) return false;
  if (query.owner && entry.owner != *query.owner) return false;
  if (!query.text.empty() && !contains_without_case(entry.customer.str(), query.text))
    return false;
  return query.customer ? query.customer(entry.customer) : true;
}

const PlayMark* open_mark(std::span<const PlayMark> marks, const PlayMark& like) {
  const auto found = std::find_if(marks.begin(), marks.end(), [&](const PlayMark& mark) {
    return mark.open && mark.play == like.play && mark.since == like.since;
  });
  return found == marks.end() ? nullptr : &*found;
}

}  // namespace

void Inbox::Writing::kept() {
  const std::lock_guard lock(inbox_.counts_mutex_);
  for (std::size_t s = 0; s < kActionStatuses; ++s) {
    for (std::size_t u = 0; u < 3; ++u)
      inbox_.counts_[s][u] += static_cast<std::uint64_t>(moved_[s][u]);
  }
  moved_ = {};
  inbox_.changes_ += std::exchange(changes_, 0);
}

Status Inbox::load() {
  Counts counts{};
  for (std::size_t s = 0; s < kActionStatuses; ++s) {
    const std::string prefix = inbox_prefix(static_cast<ActionStatus>(s));
    TRY(store_.scan(Family::actions, prefix, prefix_end(prefix),
                    [&](std::string_view key, std::string_view) {
                      const auto urgency = static_cast<std::uint8_t>(key[prefix.size()]);
                      ++counts[s][std::min<std::size_t>(urgency, 2)];
                      return true;
                    }));
  }
  const std::lock_guard lock(counts_mutex_);
  counts_ = counts;
  return {};
}

Inbox::Counts Inbox::counts() const {
  const std::lock_guard lock(counts_mutex_);
  return counts_;
}

Result<std::optional<OwnedAction>> Inbox::read(std::string_view id) {
  TRY_ASSIGN(const auto bytes, store_.get(Family::actions, action_key(id)));
  if (!bytes) return std::optional<OwnedAction>();
  TRY_ASSIGN(OwnedAction action, decode_owned_action(*bytes));
  return std::optional(std::move(action));
}

// The action, its places in the inbox, and a row of the lake. `before` nullptr: it is new.
void Inbox::put(Writing& writing, const OwnedAction* before, const OwnedAction& after,
                WriteBatch& writes) {
  const auto count = [&](const OwnedAction& action, std::int64_t by) {
    writing.moved_[static_cast<std::size_t>(action.status)][urgency_of(action.action.priority)] +=
        by;
  };
  if (before != nullptr) {
    writes.remove(Family::actions, inbox_key(*before));
    if (before->until)
      writes.remove(Family::actions, snoozed_key(*before->until, before->action.id));
    count(*before, -1);
  } else {
    writes.put(Family::actions, by_customer_key(after), "");
  }
  count(after, +1);
  ++writing.changes_;
  writes.put(Family::actions, action_key(after.action.id), encode(after));
  writes.put(Family::actions, inbox_key(after), encode_entry(after));
  if (after.until)
    writes.put(Family::actions, snoozed_key(*after.until, after.action.id), after.action.id);
  const ActionChange& change = after.changes.back();
  writes.put(Family::outbox, lake_row_key(after, change), encode(LakeRow{after, change}));
}

Result<std::vector<PlayMark>> Inbox::withheld(const CustomerId& customer) {
  TRY_ASSIGN(const auto bytes, store_.get(Family::actions, withheld_key(customer)));
  if (!bytes) return std::vector<PlayMark>();
  return decode_marks(*bytes);
}

Result<std::vector<PlayMark>> Inbox::without_settled(const Pack& rules, const CustomerId& customer,
                                                     std::vector<PlayMark> marks, Time now) {
  for (PlayMark& mark : marks) {
    const auto play = std::find_if(rules.plays().begin(), rules.plays().end(),
                                   [&](const PlaySpec& spec) { return spec.name == mark.play; });
    if (!mark.open || play == rules.plays().end() || now - mark.since < play->cooldown) continue;
    TRY_ASSIGN(const auto action, read(action_id(customer, mark)));
    if (!action) continue;
    mark.open = action->status != ActionStatus::done && action->status != ActionStatus::dismissed;
  }
  return marks;
}

Status Inbox::record(Writing& writing, const Pack& rules, const Scored& scored, Time now,
                     WriteBatch& writes) {
  for (const PlayMark& mark : scored.before) {
    if (mark.open && open_mark(scored.after, mark) == nullptr)
      TRY(end_action(writing, scored.customer, mark, now, writes));
  }
  for (const PlayMark& mark : scored.after) {
    if (mark.open && open_mark(scored.before, mark) == nullptr)
      TRY(begin_action(writing, rules, scored, mark, writes));
  }
  const bool moved = scored.before != scored.after;
  if (moved && held_out(scored.customer))
    writes.put(Family::actions, withheld_key(scored.customer), encode(scored.after));
  return {};
}

Status Inbox::begin_action(Writing& writing, const Pack& rules, const Scored& scored,
                           const PlayMark& mark, WriteBatch& writes) {
  auto made = action_of(rules, scored.customer, mark);
  if (!made) return {};
  FollowUp follow_up{made->id,   scored.customer, mark.play, held_out(scored.customer),
                     mark.since, scored.standing, {}};
  writes.put(Family::actions, follow_up_key(made->id), encode(follow_up));
  writes.put(Family::actions, due_key(mark.since + options_.lapse, made->id), made->id);
  if (follow_up.held_out) return {};
  TRY_ASSIGN(const auto known, read(made->id));
  if (known) return {};  // of a scoring whose prediction was lost in a power cut
  OwnedAction action;
  action.action = std::move(*made);
  action.changes.push_back({mark.since, {}, ActionStep::recommend, mark.say});
  put(writing, nullptr, action, writes);
  return {};
}

// The customer no longer fits. What somebody has taken stays; the rest would only be in the way.
Status Inbox::end_action(Writing& writing, const CustomerId& customer, const PlayMark& mark,
                         Time now, WriteBatch& writes) {
  TRY_ASSIGN(const auto before, read(action_id(customer, mark)));
  if (!before || !before->holds) return {};
  OwnedAction after = *before;
  after.holds = false;
  const bool untouched = after.status == ActionStatus::open && after.owner.empty();
  if (untouched) after.status = ActionStatus::withdrawn;
  ++after.version;
  after.changes.push_back({now, {}, untouched ? ActionStep::withdraw : ActionStep::release, {}});
  put(writing, &*before, after, writes);
  return {};
}

Result<OwnedAction> Inbox::change(const ActionRequest& request, Time now) {
  TRY_ASSIGN(auto changed, change(std::span(&request, 1), now));
  return std::move(changed.front());
}

Result<std::vector<Result<OwnedAction>>> Inbox::change(std::span<const ActionRequest> requests,
                                                       Time now) {
  std::vector<Result<OwnedAction>> results;
  std::unordered_set<std::string> seen;
  WriteBatch writes;
  Writing writing = begin();
  for (const ActionRequest& request : requests) {
    auto result = [&]() -> Result<OwnedAction> {
      if (!seen.insert(request.id).second) {
        return fail(ErrorCode::invalid, "the action is named twice", "named_twice");
      }
      TRY_ASSIGN(const auto before, read(request.id));
      if (!before || held_out(before->action.customer)) return fail(unknown_action());
      TRY_ASSIGN(OwnedAction after, after_request(*before, request, now));
      if (after.changes.size() > kChangesKept)
        after.changes.erase(after.changes.begin() + 1);  // the first tells why it was recommended
      put(writing, &*before, after, writes);
      return after;
    }();
    results.push_back(std::move(result));
  }
  if (writes.empty()) return results;
  TRY(store_.write(writes, Durability::now));
  writing.kept();
  return results;
}

Result<OwnedAction> Inbox::find(const std::string& id) {
  TRY_ASSIGN(auto action, read(id));
  if (!action || held_out(action->action.customer)) return fail(unknown_action());
  return std::move(*action);
}

Result<InboxPage> Inbox::list(const InboxQuery& query) {
  std::vector<std::string> places;  // keys in the inbox
  std::vector<std::string> keys;    // of the actions
  std::optional<Error> broken;
  const auto visit = [&](std::string_view key, std::string_view value) {
    const auto entry = decode_entry(value);
    const auto wanted = entry ? passes(query, *entry) : Result<bool>(fail(entry.error()));
    if (!wanted) {
      broken = wanted.error();
      return false;
    }
    if (!*wanted || held_out(entry->customer)) return true;
    places.emplace_back(key);
    keys.push_back(action_key(entry->id));
    return keys.size() <= query.limit;
  };
  bool behind = query.after.empty();
  for (const std::string& part : parts_of(query)) {
    const bool here = !behind && query.after.starts_with(part);
    if (!behind && !here) continue;
    behind = true;
    if (query.oldest_first) {
      TRY(store_.scan_back(Family::actions, part, here ? query.after : prefix_end(part), visit));
    } else {
      TRY(store_.scan(Family::actions, here ? query.after + '\0' : part, prefix_end(part), visit));
    }
    if (broken) return fail(*broken);
    if (keys.size() > query.limit) break;
  }
  InboxPage page;
  if (keys.size() > query.limit) {
    keys.pop_back();
    places.pop_back();
    page.next_cursor = places.back();
  }
  TRY_ASSIGN(const auto values, store_.get_many(Family::actions, keys));
  for (const auto& value : values) {
    if (!value) continue;  // changed since: it is elsewhere now
    TRY_ASSIGN(OwnedAction action, decode_owned_action(*value));
    page.actions.push_back(std::move(action));
  }
  return page;
}

Result<std::vector<OwnedAction>> Inbox::of_customer(const CustomerId& customer,
                                                    std::size_t limit) {
  std::vector<OwnedAction> actions;
  if (held_out(customer)) return actions;
  const std::string prefix = by_customer_prefix(customer);
  std::vector<std::string> keys;
  TRY(store_.scan(Family::actions, prefix, prefix_end(prefix),
                  [&](std::string_view key, std::string_view) {
                    keys.push_back(action_key(key.substr(prefix.size() + 8)));
                    return keys.size() < limit;
                  }));
  TRY_ASSIGN(const auto values, store_.get_many(Family::actions, keys));
  for (const auto& value : values) {
    if (!value) continue;
    TRY_ASSIGN(OwnedAction action, decode_owned_action(*value));
    actions.push_back(std::move(action));
  }
  return actions;
}

Result<std::vector<std::optional<FollowUp>>> Inbox::follow_ups_of(
    std::span<const OwnedAction> actions) {
  std::vector<std::string> keys;
  for (const OwnedAction& action : actions) keys.push_back(follow_up_key(action.action.id));
  TRY_ASSIGN(const auto values, store_.get_many(Family::actions, keys));
  std::vector<std::optional<FollowUp>> found(actions.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) continue;
    TRY_ASSIGN(FollowUp follow_up, decode_follow_up(*values[i]));
    if (follow_up.outcome) found[i] = std::move(follow_up);
  }
  return found;
}

Result<std::size_t> Inbox::wake(Time now) {
  std::vector<std::string> ids;
  const auto collect = [&](std::string_view, std::string_view id) {
    ids.emplace_back(id);
    return true;
  };
  TRY(store_.scan(Family::actions, snoozed_prefix(), snoozed_key(now + Duration(1), ""), collect));
  if (ids.empty()) return std::size_t{0};
  WriteBatch writes;
  Writing writing = begin();
  std::size_t woken = 0;
  for (const std::string& id : ids) {
    TRY_ASSIGN(const auto before, read(id));
    const bool over = before && before->status == ActionStatus::snoozed && before->until &&
                      *before->until <= now;
    if (!over) continue;  // somebody changed it meanwhile
    OwnedAction after = *before;
    after.status = ActionStatus::open;
    after.until.reset();
    ++after.version;
    after.changes.push_back({now, {}, ActionStep::wake, {}});
    put(writing, &*before, after, writes);
    ++woken;
  }
  TRY(store_.write(writes, Durability::now));
  writing.kept();
  return woken;
}

Status Inbox::sweep(Time now) {
  struct Old {
    ActionStatus status;
    Duration kept;
  };
  for (const auto& [status, kept] : {Old{ActionStatus::withdrawn, options_.withdrawn_kept},
                                     Old{ActionStatus::done, options_.closed_kept},
                                     Old{ActionStatus::dismissed, options_.closed_kept}}) {
    InboxQuery query;
    query.status = status;
    query.oldest_first = true;
    query.limit = kSweptAtOnce;
    TRY_ASSIGN(const InboxPage page, list(query));
    WriteBatch writes;
    Writing writing = begin();
    for (const OwnedAction& old : page.actions) {
      TRY_ASSIGN(const auto action, read(old.action.id));
      if (!action || action->status != status || now - action->action.created < kept) continue;
      writes.remove(Family::actions, inbox_key(*action));
      writes.remove(Family::actions, by_customer_key(*action));
      writes.remove(Family::actions, action_key(action->action.id));
      --writing.moved_[static_cast<std::size_t>(status)][urgency_of(action->action.priority)];
      ++writing.changes_;
    }
    TRY(store_.write(writes, Durability::later));
    writing.kept();
  }
  WriteBatch writes;
  TRY(visit_follow_ups([&](const FollowUp& one) {
    if (now - one.due > options_.follow_ups_kept)
      writes.remove(Family::actions, follow_up_key(one.id));
    return writes.operations().size() < kSweptAtOnce;
  }));
  return store_.write(writes, Durability::later);
}

Result<std::size_t> Inbox::measure(Time now, const Look& look) {
  std::size_t measured = 0;
  for (bool more = true; more;) {
    std::vector<std::pair<std::string, std::string>> due;  // key, id
    TRY(store_.scan(Family::actions, due_action_prefix(), due_key(now + Duration(1), ""),
                    [&](std::string_view key, std::string_view id) {
                      due.emplace_back(key, id);
                      return due.size() < kMeasuredAtOnce;
                    }));
    more = due.size() == kMeasuredAtOnce;
    WriteBatch writes;
    for (const auto& [key, id] : due) {
      writes.remove(Family::actions, key);
      TRY_ASSIGN(const auto bytes, store_.get(Family::actions, follow_up_key(id)));
      if (!bytes) continue;
      TRY_ASSIGN(FollowUp follow_up, decode_follow_up(*bytes));
      TRY_ASSIGN(auto outcome,
                 look(follow_up.customer, follow_up.due, follow_up.due + options_.lapse));
      if (!outcome) continue;
      outcome->time = now;
      follow_up.outcome = std::move(outcome);
      writes.put(Family::actions, follow_up_key(id), encode(follow_up));
      ++measured;
    }
    TRY(store_.write(writes, Durability::now));
  }
  changes_ += measured;
  return measured;
}

Status Inbox::visit_follow_ups(const std::function<bool(const FollowUp&)>& visit) {
  std::optional<Error> broken;
  TRY(store_.scan(Family::actions, follow_up_prefix(), prefix_end(follow_up_prefix()),
                  [&](std::string_view, std::string_view value) {
                    const auto follow_up = decode_follow_up(value);
                    if (!follow_up) broken = follow_up.error();
                    return follow_up && visit(*follow_up);
                  }));
  if (broken) return fail(*broken);
  return {};
}

}  // namespace tideline
