// RulePreview: what other rules of tiers and another playbook would do to the customers there are,
// before anybody saves them.
//
// Over what is kept already: the latest figures of every customer, and the features of a share of
// them. Nothing is scored and nothing is written.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "domain/event.h"
#include "packs/rule_book.h"
#include "pipeline/rule_versions.h"
#include "ports/state_store.h"
#include "scoring/model.h"

namespace tideline {

// Where tiers lie over two figures, and how many customers stand where.
struct TierPlane {
  std::size_t x = 0;             // a task
  std::optional<std::size_t> y;  // another; nullopt: the rules look at one figure only
  double x_min = 0, x_max = 1, y_min = 0, y_max = 1;
  std::size_t columns = 0, rows = 0;
  // Row by row from y_min on, the tier's place in Pack::tiers() in the middle of each cell; -1: it
  // hangs on other figures.
  std::vector<int> tiers;
  std::vector<std::uint32_t> customers;
};

struct TierPreview {
  std::uint64_t total = 0;      // customers with a tier now
  std::uint64_t customers = 0;  // with figures that give a tier by both rules
  std::uint64_t moved = 0;
  std::uint64_t undecided = 0;  // figures or features that the draft asks for are missing
  // tiers x tiers, from the rules in force to the draft: how many customers.
  std::vector<std::uint64_t> matrix;
  struct Example {
    CustomerId customer;
    std::size_t from = 0;
    std::size_t to = 0;
  };
  std::vector<Example> examples;  // some of those who move
  std::optional<TierPlane> plane;
};

struct PlayPreview {
  std::string play;
  std::uint64_t customers = 0;  // whom it would be recommended for now; the holdout left out
  std::string example;          // its sentence for one of them; empty: nobody
};

struct PlaybookPreview {
  std::vector<PlayPreview> plays;  // in the order of the draft, those that are off too
  std::uint64_t looked_at = 0;     // customers whose features were looked at
  std::uint64_t customers = 0;     // all that could be; more than looked_at: counts are estimates
};

struct RulePreviewOptions {
  std::size_t features_max = 20'000;  // customers whose features are computed
  std::size_t drivers_max = 2'000;    // of these, whose drivers are, where a play asks
  Duration figures_kept = std::chrono::seconds(5);
  Duration features_kept = std::chrono::seconds(60);
};

// Thread-safe.
class RulePreview {
 public:
  using InHoldout = std::function<bool(const CustomerId&)>;  // null: nobody is
  using ModelNow = std::function<std::shared_ptr<const Model>()>;
  // `folder_clock`: the folder's own now, as of which features are computed.
  RulePreview(RulePreviewOptions options, const Pack& pack, StateStore& state, const Clock& clock,
              const Clock& folder_clock, InHoldout in_holdout, ModelNow model)
      : options_(options),
        pack_(pack),
        state_(state),
        clock_(clock),
        folder_clock_(folder_clock),
        in_holdout_(std::move(in_holdout)),
        model_(std::move(model)) {}

  // From `now` to `draft`: packs with the same tasks and tiers.
  [[nodiscard]] Result<TierPreview> tiers(const Pack& now, const Pack& draft);
  // `book`: of the draft; its plays are looked at whether they are on or off.
  [[nodiscard]] Result<PlaybookPreview> plays(const Pack& now, const RuleBook& book);

 private:
  struct Rows;
  using SharedRows = std::shared_ptr<const Rows>;  // many previews may look at one reading
  [[nodiscard]] Result<SharedRows> rows(bool with_features);
  [[nodiscard]] Result<SharedRows> read(bool with_features);
  Status add_features(Rows& rows);

  const RulePreviewOptions options_;
  const Pack& pack_;
  StateStore& state_;
  const Clock& clock_;
  const Clock& folder_clock_;
  const InHoldout in_holdout_;
  const ModelNow model_;

  std::mutex reading_;  // one reading at a time
  std::mutex mutex_;    // everything below
  SharedRows figures_;
  SharedRows features_;
};

}  // namespace tideline
