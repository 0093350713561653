// Rescorer: keeps every customer's prediction fresh: changed customers within a second, all of
// them every 5 minutes.
//
// Owns the latest predictions: nobody else writes Family::predictions and history.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>

#include "alerts/alert_queue.h"
#include "base/clock.h"
#include "domain/prediction.h"
#include "packs/pack.h"
#include "pipeline/batch_processor.h"
#include "pipeline/model_watch.h"
#include "scoring/model.h"

namespace tideline {

struct RescorerOptions {
  std::size_t changed_max = 1'000'000;  // remembered at once; more wait for the scheduled scoring
  std::size_t newest_kept = 1'000;      // of the newest predictions, for lists
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
      : options_(options), pack_(pack), store_(store), clock_(clock) {}

  // Counts what is already there. Once, before anything else.
  Status load();

  // nullptr: no model; customers that were scored turn stale, others are unscored. `why` is their
  // reason.
  void use_model(std::shared_ptr<const Model> model, std::string why);
  [[nodiscard]] std::shared_ptr<const Model> model() const;
  // Why there is none: "no_model", "model_refused".
  [[nodiscard]] std::string no_model_why() const;
  // Is told of scheduled scorings; must outlive the rescorer. Before the first scoring.
  void watch_with(ModelWatch& watch) { watch_ = &watch; }
  // Hears of tiers that change and of new actions; must outlive the rescorer. Before the first
  // scoring.
  void alert_with(const AlertQueue& alerts) { alerts_ = &alerts; }
  // What the listener uses must outlive every scoring that follows.
  void tell(PredictionListener listener);

  // From workers, after a commit. Thread-safe, short.
  void note_changed(std::span<const ChangedCustomer> changed);

  // Scores the customers noted so far; how many.
  Result<std::size_t> score_changed();
  // Scores every customer; `scheduled` counts for slow tier changes.
  Result<std::size_t> score_all(bool scheduled);

  [[nodiscard]] ScoreCounts counts() const;
  [[nodiscard]] Time last_full_scoring() const;
  // Newest first, at most `limit`.
  [[nodiscard]] Result<std::vector<KeptPrediction>> newest(std::size_t limit);
  [[nodiscard]] Result<std::optional<KeptPrediction>> prediction_of(const CustomerId& customer);
  // Newest first, at most `limit`, only those before `before` when given.
  [[nodiscard]] Result<std::vector<KeptPrediction>> history_of(const CustomerId& customer,
                                                               std::size_t limit);

 private:
  struct Subject;  // one customer on the way through a scoring
  Result<std::size_t> score_block(std::vector<Subject>& block, bool scheduled);
  Status begin_watching();
  Status end_watching();
  void judge(Subject& subject, Time now, bool has_model);
  void tell(const Subject& subject, const Model& model, WriteBatch& writes);
  void settle(Subject& subject, const Model& model, std::span<const std::optional<double>> figures,
              double ms, Time now, bool scheduled, WriteBatch& writes);
  void keep(Subject& subject, Time now, WriteBatch& writes);
  void count(const KeptPrediction* before, const KeptPrediction& after);
  Status supersede(const CustomerId& customer, Time since);
  void tell_all(std::span<const Subject> block, Time now);

  RescorerOptions options_;
  const Pack& pack_;
  StateStore& store_;
  const Clock& clock_;

  mutable std::mutex mutex_;  // everything below
  std::shared_ptr<const Model> model_;
  std::string no_model_why_ = "no_model";
  struct Noted {
    std::optional<Time> late_since;
    bool is_history = true;  // nothing but imported events so far
  };
  std::unordered_map<CustomerId, Noted> changed_;
  ScoreCounts counts_;
  std::deque<CustomerId> newest_;
  Time last_full_{};
  std::vector<PredictionListener> listeners_;
  std::mutex scoring_;  // one scoring at a time
  ModelWatch* watch_ = nullptr;
  const AlertQueue* alerts_ = nullptr;
  std::string watched_model_;  // whose scoring is being watched; empty: none
};

}  // namespace tideline
