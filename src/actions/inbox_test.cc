// Inbox: the life of an action, who may change it when, what the holdout leaves behind, and what
// time does.
#include "actions/inbox.h"

#include <gtest/gtest.h>

#include <set>

#include "ports/memory_state_store.h"

namespace tideline {
namespace {

const Time kNow = *parse_time("2026-03-01T09:00:00Z");

constexpr const char* kPack = R"(
[pack]
name = "shop"
about = "For tests"
currency = "EUR"
qualifying = ["Bought"]
lapse_days = 30

[event."Bought"]

[[feature]]
name = "bought_30d"
group = "shop"
unit = "times"
value = 'count("Bought", 30d)'

[eligible]
rule = 'since(qualifying) <= 90d'

[[task]]
name = "churn_risk_30d"
kind = "probability"
label = 'gone(30d, lapse)'
definition = "Gone within 30 days."

[[tier]]
name = "at_risk"
rule = 'true'

[[play]]
name = "call"
when = 'churn_risk_30d > 0.5'
priority = "high"
say = "Risk of {churn_risk_30d}"
cooldown = "14d"

[[play]]
name = "write"
when = 'churn_risk_30d > 0.2'
priority = "low"
say = "Write"
cooldown = "14d"
)";

class InboxTest : public ::testing::Test {
 protected:
  InboxTest() : pack_(*Pack::parse(kPack, "test.toml")), inbox_(options(), store_) {}

  InboxOptions options() {
    InboxOptions options;
    options.held_out = [this](const CustomerId& customer) {
      return held_out_.contains(customer.str());
    };
    return options;
  }
  static PlayMark mark(const std::string& play, Time since) {
    return {play, since, true, "said of " + play};
  }
  void score(const std::string& customer, std::vector<PlayMark> before,
             std::vector<PlayMark> after, Time now = kNow) {
    WriteBatch writes;
    Inbox::Writing writing = inbox_.begin();
    ASSERT_TRUE(inbox_
                    .record(writing, *pack_,
                            {CustomerId(customer),
                             std::move(before),
                             std::move(after),
                             {"at_risk", 0.6, 40.0, 12.5}},
                            now, writes)
                    .has_value());
    ASSERT_TRUE(store_.write(writes, Durability::later).has_value());
    writing.kept();
  }
  std::vector<OwnedAction> listed(InboxQuery query = {}) {
    auto page = inbox_.list(query);
    EXPECT_TRUE(page.has_value());
    return page ? page->actions : std::vector<OwnedAction>();
  }
  std::string id_of(const std::string& customer, const std::string& play, Time since = kNow) {
    return action_id(CustomerId(customer), mark(play, since));
  }
  Result<OwnedAction> step(const std::string& id, ActionStep step,
                           const std::function<void(ActionRequest&)>& more = {}) {
    ActionRequest request;
    request.id = id;
    request.step = step;
    request.by = "ada";
    if (more) more(request);
    return inbox_.change(request, now_);
  }
  std::string reason_of(const Result<OwnedAction>& result) {
    return result ? "" : result.error().reason;
  }
  std::size_t outbox_rows() {
    std::size_t rows = 0;
    EXPECT_TRUE(store_.scan(Family::outbox, "actions/", "actions0",
                            [&](std::string_view, std::string_view value) {
                              rows += decode_lake_row(value) ? 1 : 1'000;
                              return true;
                            }));
    return rows;
  }

  std::shared_ptr<const Pack> pack_;
  std::set<std::string> held_out_;
  MemoryStateStore store_;
  Inbox inbox_;
  Time now_ = kNow + kHour;
};

TEST_F(InboxTest, TheMostUrgentFirstAPageAtATime) {
  for (int i = 0; i < 5; ++i) {
    const Time since = kNow + i * kSecond;
    score("c" + std::to_string(i), {}, {mark("call", since), mark("write", since)});
  }
  InboxQuery query;
  query.limit = 4;
  std::vector<std::string> seen;
  for (int pages = 0; pages < 4; ++pages) {
    const auto page = inbox_.list(query);
    ASSERT_TRUE(page.has_value());
    for (const auto& one : page->actions)
      seen.push_back(one.action.play + " " + one.action.customer.str());
    query.after = page->next_cursor;
    if (query.after.empty()) break;
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"call c4", "call c3", "call c2", "call c1", "call c0",
                                            "write c4", "write c3", "write c2", "write c1",
                                            "write c0"}));
  query = {};
  query.oldest_first = true;
  query.limit = 3;
  const auto first = inbox_.list(query);
  query.after = first->next_cursor;
  const auto second = listed(query);
  EXPECT_EQ(first->actions[0].action.customer.str(), "c0");
  EXPECT_EQ(second[0].action.customer.str(), "c3");
  EXPECT_EQ(second[2].action.play, "write");
  EXPECT_EQ(inbox_.counts()[0], (std::array<std::uint64_t, 3>{5, 0, 5}));
}

TEST_F(InboxTest, FiltersByPlayOwnerPriorityAndCustomer) {
  score("Ann", {}, {mark("call", kNow), mark("write", kNow)});
  score("bob", {}, {mark("call", kNow)});
  ASSERT_TRUE(step(id_of("bob", "call"), ActionStep::assign, [](auto& r) {
                r.owner = "grace";
              }).has_value());
  InboxQuery query;
  query.play = "call";
  EXPECT_EQ(listed(query).size(), 2U);
  query.owner = "grace";
  ASSERT_EQ(listed(query).size(), 1U);
  EXPECT_EQ(listed(query)[0].action.customer.str(), "bob");
  query.owner = "";
  EXPECT_EQ(listed(query)[0].action.customer.str(), "Ann");
  query = {};
  query.priority = "low";
  EXPECT_EQ(listed(query).size(), 1U);
  query = {};
  query.text = "aN";
  EXPECT_EQ(listed(query).size(), 2U);
  query.customer = [](const CustomerId&) -> Result<bool> { return false; };
  EXPECT_TRUE(listed(query).empty());
}

TEST_F(InboxTest, AWholeLife) {
  score("c1", {}, {mark("call", kNow)});
  const std::string id = id_of("c1", "call");
  ASSERT_TRUE(step(id, ActionStep::assign, [](auto& r) { r.owner = "grace"; }).has_value());
  const auto snoozed = step(id, ActionStep::snooze, [&](auto& r) { r.until = now_ + kDay; });
  ASSERT_TRUE(snoozed.has_value());
  EXPECT_EQ(snoozed->status, ActionStatus::snoozed);
  EXPECT_TRUE(listed().empty());
  EXPECT_EQ(*inbox_.wake(now_ + kDay - Duration(1)), 0U);
  EXPECT_EQ(*inbox_.wake(now_ + kDay), 1U);
  EXPECT_EQ(listed().size(), 1U);
  EXPECT_EQ(
      reason_of(step(id, ActionStep::outcome, [](auto& r) { r.outcome = ActionOutcome::worked; })),
      "not_done");
  ASSERT_TRUE(step(id, ActionStep::done).has_value());
  EXPECT_EQ(reason_of(step(id, ActionStep::done)), "not_open");
  ASSERT_TRUE(step(id, ActionStep::outcome, [](auto& r) {
                r.outcome = ActionOutcome::no_answer;
                r.text = "rang twice";
              }).has_value());
  const OwnedAction after = *inbox_.find(id);
  EXPECT_EQ(after.owner, "grace");
  EXPECT_EQ(after.outcome, ActionOutcome::no_answer);
  std::vector<std::string> steps;
  for (const ActionChange& change : after.changes)
    steps.push_back(std::string(name_of(change.step)) + " " + change.by);
  EXPECT_EQ(steps, (std::vector<std::string>{"recommend ", "assign ada", "snooze ada", "wake ",
                                             "done ada", "outcome ada"}));
  EXPECT_EQ(after.version, 6U);
  EXPECT_EQ(outbox_rows(), 6U);
  ASSERT_TRUE(step(id, ActionStep::reopen).has_value());
  EXPECT_EQ(inbox_.find(id)->outcome, ActionOutcome::none);
  EXPECT_EQ(reason_of(step(id, ActionStep::dismiss)), "missing_reason");
  ASSERT_TRUE(step(id, ActionStep::dismiss, [](auto& r) { r.text = "left town"; }).has_value());
  EXPECT_EQ(inbox_.counts()[std::size_t(ActionStatus::dismissed)][0], 1U);
  EXPECT_EQ(inbox_.counts()[std::size_t(ActionStatus::open)][0], 0U);
  // Another one reads the same.
  Inbox again(options(), store_);
  ASSERT_TRUE(again.load().has_value());
  EXPECT_EQ(again.counts(), inbox_.counts());
}

TEST_F(InboxTest, RefusesWhatIsOutOfBounds) {
  score("c1", {}, {mark("call", kNow)});
  const std::string id = id_of("c1", "call");
  const auto until = [&](Time time) {
    return reason_of(step(id, ActionStep::snooze, [&](auto& r) { r.until = time; }));
  };
  EXPECT_EQ(until(now_), "bad_until");
  EXPECT_EQ(until(now_ + kSnoozeMax + Duration(1)), "bad_until");
  EXPECT_EQ(until(now_ + kSnoozeMax), "");
  const auto note = [&](std::size_t bytes) {
    return reason_of(
        step(id, ActionStep::assign, [&](auto& r) { r.owner = std::string(bytes, 'x'); }));
  };
  EXPECT_EQ(note(kOwnerMax), "");
  EXPECT_EQ(note(kOwnerMax + 1), "bad_owner");
  EXPECT_EQ(reason_of(step(id, ActionStep::done,
                           [](auto& r) { r.text = std::string(kActionTextMax + 1, 'x'); })),
            "text_too_long");
  EXPECT_EQ(reason_of(step("nothing", ActionStep::done)), "unknown_action");
  EXPECT_EQ(reason_of(step(id, ActionStep::wake)), "bad_step");
}

TEST_F(InboxTest, TwoPeopleAtOnce) {
  score("c1", {}, {mark("call", kNow)});
  const std::string id = id_of("c1", "call");
  const std::uint32_t seen = inbox_.find(id)->version;
  ASSERT_TRUE(step(id, ActionStep::assign, [&](auto& r) {
                r.version = seen;
                r.owner = "grace";
              }).has_value());
  EXPECT_EQ(reason_of(step(id, ActionStep::done, [&](auto& r) { r.version = seen; })), "changed");
  EXPECT_EQ(inbox_.find(id)->owner, "grace");
  EXPECT_EQ(inbox_.find(id)->status, ActionStatus::open);
}

TEST_F(InboxTest, ManyAtOnceEachByItself) {
  score("c1", {}, {mark("call", kNow), mark("write", kNow)});
  std::vector<ActionRequest> requests(4);
  for (auto& request : requests) request.step = ActionStep::done;
  requests[0].id = id_of("c1", "call");
  requests[1].id = "nothing";
  requests[2].id = id_of("c1", "write");
  requests[3].id = requests[0].id;
  const auto results = inbox_.change(requests, now_);
  ASSERT_TRUE(results.has_value());
  EXPECT_TRUE((*results)[0].has_value());
  EXPECT_EQ(reason_of((*results)[1]), "unknown_action");
  EXPECT_TRUE((*results)[2].has_value());
  EXPECT_EQ(reason_of((*results)[3]), "named_twice");
  EXPECT_EQ(inbox_.counts()[std::size_t(ActionStatus::done)],
            (std::array<std::uint64_t, 3>{1, 0, 1}));
}

TEST_F(InboxTest, WithdrawnUnlessSomebodyHasIt) {
  score("c1", {}, {mark("call", kNow), mark("write", kNow)});
  ASSERT_TRUE(step(id_of("c1", "write"), ActionStep::assign, [](auto& r) {
                r.owner = "grace";
              }).has_value());
  score("c1", {mark("call", kNow), mark("write", kNow)}, {}, now_);
  EXPECT_EQ(inbox_.find(id_of("c1", "call"))->status, ActionStatus::withdrawn);
  const auto kept = listed();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].action.play, "write");
  EXPECT_FALSE(kept[0].holds);
  EXPECT_EQ(reason_of(step(id_of("c1", "call"), ActionStep::reopen)), "not_closed");
}

TEST_F(InboxTest, TheHoldoutSeesNothing) {
  held_out_ = {"secret"};
  score("secret", {}, {mark("call", kNow)});
  score("c1", {}, {mark("call", kNow)});
  EXPECT_EQ(inbox_.withheld(CustomerId("secret"))->size(), 1U);
  EXPECT_EQ(listed().size(), 1U);
  EXPECT_TRUE(inbox_.of_customer(CustomerId("secret"), 10)->empty());
  const std::string id = id_of("secret", "call");
  EXPECT_FALSE(inbox_.find(id).has_value());
  EXPECT_EQ(reason_of(step(id, ActionStep::done)), "unknown_action");
  EXPECT_EQ(outbox_rows(), 1U);
  // that it was due is known all the same
  std::set<std::string> due;
  ASSERT_TRUE(inbox_
                  .visit_follow_ups([&](const FollowUp& one) {
                    due.insert(one.customer.str() + (one.held_out ? " held out" : ""));
                    return true;
                  })
                  .has_value());
  EXPECT_EQ(due, (std::set<std::string>{"c1", "secret held out"}));
  // one whose customer came into the holdout later is gone from sight
  held_out_ = {"secret", "c1"};
  EXPECT_TRUE(listed().empty());
  EXPECT_FALSE(inbox_.find(id_of("c1", "call")).has_value());
}

TEST_F(InboxTest, MeasuresALapsePeriodLater) {
  held_out_ = {"secret"};
  score("c1", {}, {mark("call", kNow)});
  score("secret", {}, {mark("call", kNow)});
  std::vector<std::string> asked;
  const Inbox::Look look = [&](const CustomerId& customer, Time from,
                               Time until) -> Result<std::optional<FollowUp::Outcome>> {
    asked.push_back(customer.str());
    EXPECT_EQ(from, kNow);
    EXPECT_EQ(until, kNow + 30 * kDay);
    return std::optional(FollowUp::Outcome{{}, customer.str() == "c1", {"at_risk", 0.3, 60, 20}});
  };
  const auto always = [] { return true; };
  EXPECT_EQ(*inbox_.measure(kNow + 31 * kDay, look, [] { return false; }), 0U);
  EXPECT_EQ(*inbox_.measure(kNow + 30 * kDay - Duration(1), look, always), 0U);
  EXPECT_EQ(*inbox_.measure(kNow + 30 * kDay, look, always), 2U);
  EXPECT_EQ(*inbox_.measure(kNow + 31 * kDay, look, always), 0U);
  EXPECT_EQ(std::set<std::string>(asked.begin(), asked.end()),
            (std::set<std::string>{"c1", "secret"}));
  const auto found = inbox_.follow_ups_of(listed());
  ASSERT_TRUE(found.has_value() && found->size() == 1 && (*found)[0].has_value());
  EXPECT_TRUE((*found)[0]->outcome->retained);
  EXPECT_EQ((*found)[0]->before.risk, 0.6);
  EXPECT_EQ((*found)[0]->outcome->after.risk, 0.3);
}

TEST_F(InboxTest, ComesBackAfterItsCooldownThoughItNeverCeased) {
  score("c1", {}, {mark("call", kNow)});
  const auto marks = [&](Time now) {
    return inbox_.without_settled(*pack_, CustomerId("c1"), {mark("call", kNow)}, now).value();
  };
  EXPECT_TRUE(marks(kNow + 15 * kDay)[0].open);
  ASSERT_TRUE(step(id_of("c1", "call"), ActionStep::done).has_value());
  EXPECT_TRUE(marks(kNow + 13 * kDay)[0].open);
  EXPECT_FALSE(marks(kNow + 14 * kDay)[0].open);
}

TEST_F(InboxTest, SweepsWhatIsOld) {
  score("c1", {}, {mark("call", kNow), mark("write", kNow)});
  score("c1", {mark("call", kNow), mark("write", kNow)}, {mark("write", kNow)});
  ASSERT_TRUE(step(id_of("c1", "write"), ActionStep::done).has_value());
  ASSERT_TRUE(inbox_.sweep(kNow + 89 * kDay).has_value());
  EXPECT_EQ(inbox_.of_customer(CustomerId("c1"), 10)->size(), 2U);
  ASSERT_TRUE(inbox_.sweep(kNow + 90 * kDay).has_value());
  EXPECT_EQ(inbox_.of_customer(CustomerId("c1"), 10)->size(), 1U);
  ASSERT_TRUE(inbox_.sweep(kNow + 401 * kDay).has_value());
  EXPECT_TRUE(inbox_.of_customer(CustomerId("c1"), 10)->empty());
  for (const auto& by_priority : inbox_.counts()) {
    for (const std::uint64_t count : by_priority) EXPECT_EQ(count, 0U);
  }
}

}  // namespace
}  // namespace tideline
