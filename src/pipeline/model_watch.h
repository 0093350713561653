// ModelWatch: follows models in service: whether their predictions came true, whether customers
// still look like those that the model was trained on, and what a model in the shadow would say.
//
// Once a day a scheduled scoring is noted: what the model in production said of the watched
// customers, and what the shadow says of the same features. Once a week these predictions are kept
// with model and as_of; when a label's horizon is over, what happened is looked up in the lake and
// put beside them. Owns Family::watch.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "base/clock.h"
#include "learning/drift.h"
#include "packs/pack.h"
#include "pipeline/watch_records.h"
#include "ports/lake.h"
#include "ports/state_store.h"
#include "scoring/model.h"

namespace tideline {

struct ModelWatchOptions {
  // Where there are more, a fixed part of the customers is watched, chosen by hash.
  std::size_t customers_max = 20'000;
  double holdout_share = 0.1;
  int weeks_kept = 26;           // predictions older than that leave
  int weeks_judged = 13;         // realised metrics are of the newest whose labels are known
  std::uint64_t fresh_salt = 0;  // of the holdout, for a folder that has none yet
};

// Thread-safe but for begin() to end(), which are one thread's.
class ModelWatch {
 public:
  ModelWatch(ModelWatchOptions options, const Pack& pack, StateStore& store)
      : options_(options), pack_(pack), store_(store) {}

  // Reads what is known, and settles the folder's salt. Once, before anything else.
  Status load();

  // What the model was trained on; empty: its first scoring becomes the reference.
  void use_reference(const std::string& model_version, std::vector<DriftBins> reference);
  void use_shadow(std::shared_ptr<const Model> shadow);  // nullptr: none
  [[nodiscard]] std::shared_ptr<const Model> shadow() const;
  // The pack with the rules of tiers that are in force; until the first call the pack's own.
  void use_rules(std::shared_ptr<const Pack> rules);

  // Never shown an action, so that what happens to them shows the model alone.
  [[nodiscard]] bool in_holdout(const CustomerId& customer) const;

  // A scheduled scoring of all `customers` begins; false: this one is not noted.
  [[nodiscard]] Result<bool> begin(const std::string& model_version, Time now,
                                   std::uint64_t customers);
  [[nodiscard]] bool watches(const CustomerId& customer) const;
  void note(const CustomerId& customer, std::span<const double> features,
            double days_since_qualifying, std::span<const std::optional<double>> figures,
            const std::string& tier);
  // Keeps what was noted, and compares.
  Status end();

  // Looks up what happened of every kept prediction whose label is known by `now`, and renews the
  // realised metrics; how many predictions got a label.
  [[nodiscard]] Result<std::size_t> settle(Lake& lake, Time now);

  // What is known of a model in service: {"realised":{…},"drift":{…},"comparison":{…}}, each where
  // there is something (docs/operations.md).
  [[nodiscard]] boost::json::object report(const std::string& model_version) const;

 private:
  struct Noted {
    std::vector<CustomerId> customers;
    std::vector<double> features;  // customers x features
    std::vector<double> days_since_qualifying;
    std::vector<std::optional<double>> figures;  // customers x tasks
    std::vector<std::string> tiers;
  };
  struct Due;
  [[nodiscard]] std::shared_ptr<const Pack> rules() const;
  Status judge_drift(WriteBatch& writes);
  void compare_shadow(const Model& shadow, std::span<const std::optional<double>> figures,
                      WriteBatch& writes);
  Status keep_rows(const std::string& mark_name, const std::string& model_version,
                   std::span<const std::optional<double>> figures,
                   const std::vector<std::string>& tiers, WriteBatch& writes);
  [[nodiscard]] Result<Due> rows_due(Time now);
  Status renew_realised(Time now);
  Status remove_old(Time now);
  void set_report(const std::string& model_version, std::string_view part,
                  boost::json::object content, WriteBatch& writes);

  ModelWatchOptions options_;
  const Pack& pack_;
  StateStore& store_;
  std::uint64_t salt_ = 0;

  // The scoring that is being noted.
  std::string model_version_;
  Time now_{};
  std::uint64_t watched_below_ = 0;  // hashes below it are watched
  bool everybody_ = true;
  Noted noted_;

  mutable std::mutex mutex_;  // everything below
  std::shared_ptr<const Model> shadow_;
  std::shared_ptr<const Pack> rules_;
  std::string reference_of_;
  std::vector<DriftBins> reference_;
  boost::json::object reports_;  // by model version
  std::mutex settling_;          // one at a time
};

}  // namespace tideline
