// Rescorer: keeps every customer's prediction fresh: changed customers within a second, all of
// them every 5 minutes.
//
// Owns the latest predictions: nobody else writes Family::predictions and history.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>

#include "actions/inbox.h"
#include "alerts/alert_queue.h"
#include "base/clock.h"
#include "domain/prediction.h"
#include "packs/pack.h"
#include "pipeline/batch_processor.h"
#include "pipeline/model_watch.h"
#include "pipeline/tier_flow.h"
#include "scoring/model.h"
#include "scoring/tiers.h"
#include "telemetry/right_of_way.h"

namespace tideline {

struct RescorerOptions {
  std::size_t changed_max = 1'000'000;  // remembered at once; more wait for the scheduled scoring
  std::size_t newest_kept = 1'000;      // of the newest predictions, for lists
  unsigned threads = 1;                 // that score at once; at least 1
  // Answering who sends goes first; nullptr: nothing does. Must outlive the rescorer.
  RightOfWay* gives_way_to = nullptr;
};

// How many customers stand where; sums to customers.
struct ScoreCounts {
  std::uint64_t customers = 0;
  std::map<std::string, std::uint64_t> by_tier;   // scored ones, lapsed ones left out
  std::map<std::string, std::uint64_t> unscored;  // by reason
  std::uint64_t lapsed = 0;  // eligible or not, with a frozen score or without
  double health_sum = 0;     // of scored customers, where the pack has health_score
  std::uint64_t health_count = 0;
};

// What is expected to be lost (design 4.9), summed up whenever everybody is scored.
struct ExpectedLoss {
  Time as_of{};                  // epoch: never summed up
  std::uint64_t customers = 0;   // eligible ones with a figure
  double churn = 0;              // of them so many are expected to leave
  std::optional<double> amount;  // a 30 days, the pack's currency; nullopt: it tells no amounts
};

// A prediction that was written, beside the one before it. Both stay only while it is told.
struct PredictionChange {
  const KeptPrediction* before = nullptr;  // nullptr: the customer's first
  const KeptPrediction* after = nullptr;
  // Tier, status or reason differ, or a figure moved far enough for a row of history.
  bool moved = false;
};
// Hears of predictions after they were written, on the scoring thread. Nothing in it: any of them
// may have changed.
using PredictionListener = std::function<void(std::span<const PredictionChange>)>;

class Rescorer {
 public:
  Rescorer(RescorerOptions options, const Pack& pack, StateStore& store, const Clock& clock)
      : options_(options), pack_(pack), store_(store), clock_(clock), flow_(store) {}

  // Counts what is already there. Once, before anything else.
  Status load();

  // nullptr: no model; customers that were scored turn stale, others are unscored. `why` is their
  // reason.
  void use_model(std::shared_ptr<const Model> model, std::string why);
  [[nodiscard]] std::shared_ptr<const Model> model() const;
  // Why there is none: "no_model", "model_refused".
  [[nodiscard]] std::string no_model_why() const;
  // The pack with the rules of tiers and plays that are in force from now on, and what they are
  // called; until the first call the pack's own.
  void use_rules(std::shared_ptr<const Pack> rules, std::string name);
  // Is told of scheduled scorings; must outlive the rescorer. Before the first scoring.
  void watch_with(ModelWatch& watch) { watch_ = &watch; }
  // Takes what is recommended; must outlive the rescorer. Before the first scoring.
  void recommend_into(Inbox& inbox) { inbox_ = &inbox; }
  // Hears of tiers that change and of new actions; must outlive the rescorer. Before the first
  // scoring.
  void alert_with(const AlertQueue& alerts) { alerts_ = &alerts; }
  // What the listener uses must outlive every scoring that follows.
  void tell(PredictionListener listener);

  // From workers, after a commit. Thread-safe, short.
  void note_changed(std::span<const ChangedCustomer> changed);
  // Until a customer is noted or `bound` is over.
  void wait_for_change(Duration bound);
  // Wakes who waits there.
  void stop_waiting();

  // Scores the customers noted so far; how many.
  Result<std::size_t> score_changed();
  // Scores every customer, and between two blocks those who changed meanwhile, so that they do not
  // wait for all the others; `scheduled` counts for slow tier changes. How many, changed ones left
  // out.
  Result<std::size_t> score_all(bool scheduled);

  [[nodiscard]] ScoreCounts counts() const;
  [[nodiscard]] ExpectedLoss expected_loss() const;
  [[nodiscard]] const TierFlow& flow() const { return flow_; }
  Status sweep_flow(Time keep_from) { return flow_.sweep(keep_from); }
  // The task whose figure tells how likely a customer is to leave, at the longest horizon;
  // nullopt: the pack has none.
  [[nodiscard]] std::optional<std::size_t> task_of_leaving() const;
  [[nodiscard]] Time last_full_scoring() const;
  // Grows whenever predictions were written: what was read before may no longer be the latest.
  [[nodiscard]] std::uint64_t version() const { return version_; }
  // By time, the newest first, those of one moment by customer; at most `limit`.
  [[nodiscard]] Result<std::vector<KeptPrediction>> newest(std::size_t limit);
  // The same of those that come after a row. Reads all latest predictions.
  struct Row {
    Time timestamp{};
    CustomerId customer;
    [[nodiscard]] bool stands_before(const Row& other) const {
      if (timestamp != other.timestamp) return timestamp > other.timestamp;
      return customer < other.customer;
    }
  };
  [[nodiscard]] Result<std::vector<KeptPrediction>> newest_after(const Row& row,
                                                                 std::size_t limit);
  [[nodiscard]] Result<std::optional<KeptPrediction>> prediction_of(const CustomerId& customer);
  // Newest first, at most `limit`.
  [[nodiscard]] Result<std::vector<KeptPrediction>> history_of(const CustomerId& customer,
                                                               std::size_t limit);

 private:
  struct Subject;  // one customer on the way through a scoring
  // The pack as to its tiers and plays.
  struct Rules {
    std::shared_ptr<const Pack> now;
    std::shared_ptr<const Pack> earlier;  // nullptr: they did not change since the start
    Time since{};                         // of now, where there were earlier ones
    std::string name;
  };
  [[nodiscard]] Rules rules() const;
  // `by_rules`: other rules, and not the figures, asked for the tier.
  static TierStep next_tier_of(const Subject& subject, const Rules& rules,
                               std::span<const std::optional<double>> figures, bool scheduled,
                               bool& by_rules);
  struct Block;  // some of them, read, scored and written together
  class Round;
  Result<std::size_t> score_noted();
  Status gather(Round& round, std::string& from, bool& more);
  Result<std::size_t> score_round(Round& round, bool scheduled,
                                  const std::function<Status()>& gather = {});
  Status score_block(Block& block, Time now, bool scheduled);
  Status read_stored(Block& block);
  Status read_block(Block& block, Time now, const Model* model);
  void note_scored(const Block& block);
  Status begin_watching();
  Status end_watching();
  void judge(Subject& subject, Time now, bool has_model);
  void tell(const Subject& subject, const Model& model, const Pack& rules, WriteBatch& writes);
  void settle(Subject& subject, const Model& model, std::span<const std::optional<double>> figures,
              double ms, Time now, bool scheduled, const Rules& rules, WriteBatch& writes);
  Status recommend_plays(Subject& subject, const Model& model, const Pack& rules);
  Status keep_block(Block& block, Time now, const Pack& rules, WriteBatch& writes);
  void add_loss(const Subject& subject);
  void keep(Subject& subject, Time now, WriteBatch& writes);
  Status keep_flow(Time now, WriteBatch& writes);
  void count(const KeptPrediction* before, const KeptPrediction& after);
  Status supersede(const CustomerId& customer, Time since);
  void tell_all(std::span<const Subject> block, Time now);

  std::atomic<std::uint64_t> version_{0};
  RescorerOptions options_;
  const Pack& pack_;
  StateStore& store_;
  const Clock& clock_;

  mutable std::mutex mutex_;  // everything below
  std::condition_variable noted_;
  bool waiting_is_over_ = false;
  std::shared_ptr<const Model> model_;
  std::string no_model_why_ = "no_model";
  Rules rules_;
  struct Noted {
    std::optional<Time> late_since;
    bool is_history = true;  // nothing but imported events so far
  };
  std::unordered_map<CustomerId, Noted> changed_;
  ScoreCounts counts_;
  ExpectedLoss loss_;
  std::deque<Row> newest_;  // times never grow from front to back
  Time last_full_{};
  std::vector<PredictionListener> listeners_;
  std::mutex scoring_;  // one scoring at a time
  std::mutex keeping_;  // one block is written at a time
  ModelWatch* watch_ = nullptr;
  const AlertQueue* alerts_ = nullptr;
  Inbox* inbox_ = nullptr;
  TierFlow flow_;
  std::optional<ExpectedLoss> summing_;  // while everybody is being scored
  std::string watched_model_;            // whose scoring is being watched; empty: none
};

}  // namespace tideline
