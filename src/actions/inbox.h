// Inbox: the actions of a folder: what the playbook recommends, and what people make of it.
//
// An action begins when scoring finds that a play fits a customer (record()), and is then changed
// by people (change()) and by time (wake()). Customers of the holdout never have one; that it
// would have been due is kept apart, so that the effect of actions can be measured. Owns
// Family::actions together with Overrides; every change also goes into the lake's outbox.
// Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actions/action_records.h"
#include "base/clock.h"
#include "packs/pack.h"
#include "ports/state_store.h"

namespace tideline {

struct InboxOptions {
  // Whose actions are withheld; null: nobody's.
  std::function<bool(const CustomerId&)> held_out;
  Duration lapse = 30 * kDay;  // how long after an action was due its customer is looked at again
  Duration closed_kept = 400 * kDay;    // done and dismissed ones, after they were recommended
  Duration withdrawn_kept = 90 * kDay;  // those that nobody ever took
  Duration follow_ups_kept = 400 * kDay;
};

// Which actions, in which order; a page at a time.
struct InboxQuery {
  std::optional<ActionStatus> status = ActionStatus::open;  // nullopt: any
  std::string priority;                                     // empty: any
  std::optional<std::string> owner;                         // "" nobody; nullopt: any
  std::string play;                                         // empty: any
  std::string text;  // part of the customer's id, without case; empty: any
  // Asked of each customer that passes the rest; null: all.
  std::function<Result<bool>(const CustomerId&)> customer;
  bool oldest_first = false;  // within a priority the newest come first
  std::size_t limit = 100;
  std::string after;  // cursor of the page before; empty: the first
};

struct InboxPage {
  std::vector<OwnedAction> actions;
  std::string next_cursor;  // empty: the last page
};

class Inbox {
 public:
  // By status, then urgency: 0 high, 1 medium, 2 low.
  using Counts = std::array<std::array<std::uint64_t, 3>, kActionStatuses>;

  Inbox(InboxOptions options, StateStore& store) : options_(std::move(options)), store_(store) {}

  // Counts what is there. Once, before anything else.
  Status load();

  [[nodiscard]] bool held_out(const CustomerId& customer) const {
    return options_.held_out && options_.held_out(customer);
  }

  // --- for scoring ---------------------------------------------------------------------------

  // What was kept of a customer of the holdout.
  [[nodiscard]] Result<std::vector<PlayMark>> withheld(const CustomerId& customer);
  // The marks with those closed whose action is done or dismissed and whose cooldown is over, so
  // that the play may come back though its condition never ceased. `rules`: with the plays that
  // are in force.
  [[nodiscard]] Result<std::vector<PlayMark>> without_settled(const Pack& rules,
                                                              const CustomerId& customer,
                                                              std::vector<PlayMark> marks,
                                                              Time now);

  // The plays of one customer before and after a scoring.
  struct Scored {
    CustomerId customer;
    std::vector<PlayMark> before;
    std::vector<PlayMark> after;
    FollowUp::Standing standing;
  };
  // A change of several actions under way: others wait until it goes. It counts once it is kept.
  class Writing {
   public:
    void kept();

   private:
    friend class Inbox;
    explicit Writing(Inbox& inbox) : inbox_(inbox), lock_(inbox.mutex_) {}
    Inbox& inbox_;
    std::unique_lock<std::mutex> lock_;
    std::array<std::array<std::int64_t, 3>, kActionStatuses> moved_{};
    std::uint64_t changes_ = 0;
  };
  [[nodiscard]] Writing begin() { return Writing(*this); }
  // Adds to `writes` what the scoring came to.
  Status record(Writing& writing, const Pack& rules, const Scored& scored, Time now,
                WriteBatch& writes);

  // --- for people ----------------------------------------------------------------------------

  // Each by itself, in one synced write; conflict where an action changed meanwhile.
  [[nodiscard]] Result<std::vector<Result<OwnedAction>>> change(
      std::span<const ActionRequest> requests, Time now);
  [[nodiscard]] Result<OwnedAction> change(const ActionRequest& request, Time now);

  [[nodiscard]] Result<OwnedAction> find(const std::string& id);
  [[nodiscard]] Result<InboxPage> list(const InboxQuery& query);
  // Newest first.
  [[nodiscard]] Result<std::vector<OwnedAction>> of_customer(const CustomerId& customer,
                                                             std::size_t limit);
  [[nodiscard]] Counts counts() const;
  // Grows whenever an action or what is known of one changes, since this process began.
  [[nodiscard]] std::uint64_t changes() const { return changes_.load(); }
  // How the customers of these actions stood a lapse period later; nullopt: not known yet.
  [[nodiscard]] Result<std::vector<std::optional<FollowUp>>> follow_ups_of(
      std::span<const OwnedAction> actions);

  // --- as time goes by -----------------------------------------------------------------------

  // Opens those whose snooze is over; how many.
  [[nodiscard]] Result<std::size_t> wake(Time now);
  // Removes what is older than it is kept.
  Status sweep(Time now);

  // The standing of a customer now, and whether it did something that counts in (from, until];
  // nullopt: it is not known any more.
  using Look = std::function<Result<std::optional<FollowUp::Outcome>>(const CustomerId& customer,
                                                                      Time from, Time until)>;
  // Measures what is due by `now`, for as long as `go_on` says so, the longest due first; how
  // many.
  [[nodiscard]] Result<std::size_t> measure(Time now, const Look& look,
                                            const std::function<bool()>& go_on);
  // Return false to stop.
  Status visit_follow_ups(const std::function<bool(const FollowUp&)>& visit);

 private:
  Status begin_action(Writing& writing, const Pack& rules, const Scored& scored,
                      const PlayMark& mark, WriteBatch& writes);
  Status end_action(Writing& writing, const CustomerId& customer, const PlayMark& mark, Time now,
                    WriteBatch& writes);
  [[nodiscard]] Result<std::optional<OwnedAction>> read(std::string_view id);
  void put(Writing& writing, const OwnedAction* before, const OwnedAction& after,
           WriteBatch& writes);

  InboxOptions options_;
  StateStore& store_;
  std::mutex mutex_;  // one change at a time
  mutable std::mutex counts_mutex_;
  Counts counts_{};
  std::atomic<std::uint64_t> changes_ = 0;
};

}  // namespace tideline
