// Uplift: by how much a treatment changes what a customer does, learnt from an experiment; and the
// Qini curve, which says how well that orders customers nobody learnt from.
//
// Two ways, each over trees or regressions: two models, one of the treated and one of the control,
// whose figures are subtracted; or the transformed outcome (Athey and Imbens 2016), a number whose
// expectation is the uplift itself, learnt by one model.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "learning/bootstrap.h"
#include "learning/logistic_training.h"
#include "learning/tree_training.h"

namespace tideline {

enum class UpliftMethod : std::uint8_t { two_models, transformed_outcome };
enum class UpliftBase : std::uint8_t { trees, regression };
[[nodiscard]] std::string_view name_of(UpliftMethod method);
[[nodiscard]] std::string_view name_of(UpliftBase base);

// Customers of two arms. `rows.tasks` is 1: its labels are the outcome, none NaN.
struct UpliftRows {
  TrainingRows rows;
  std::vector<bool> treated;  // one a row; both arms occur
  bool is_share = true;       // the outcome is 0 or 1
};

struct UpliftOptions {
  UpliftMethod method = UpliftMethod::two_models;
  UpliftBase base = UpliftBase::trees;
  const TreeTrainer* trees = nullptr;  // borrowed; needed where base is trees
  // Few and small trees: the effect is small beside what tells customers apart.
  TreeOptions tree_options = {
      .depth_max = 3, .rounds_max = 100, .patience = 0, .learning_rate = 0.05, .cover_min = 20};
  RegressionOptions regression;
};

class UpliftModel {
 public:
  // The mean over customers like this one of the outcome if treated less that if not. Rows as
  // those learnt from.
  [[nodiscard]] std::vector<double> uplift(const ScoringBlock& block) const;

 private:
  friend Result<UpliftModel> fit_uplift(const UpliftRows& rows, const UpliftOptions& options);
  std::unique_ptr<Scorer> treated_;  // or of the transformed outcome
  std::unique_ptr<Scorer> control_;  // null: of the transformed outcome
};

// The same rows and options give the same model. invalid: an arm is missing, or what the trees'
// trainer refuses; one outcome alone in an arm is no error, its model is that constant.
[[nodiscard]] Result<UpliftModel> fit_uplift(const UpliftRows& rows, const UpliftOptions& options);

// --- Qini ------------------------------------------------------------------------------------

// Customers in the order of their predicted uplift, the greatest first.
struct QiniRows {
  std::span<const double> uplift;    // predicted, one a row
  std::span<const double> outcomes;  // what they did
  const std::vector<bool>& treated;
};

// At the first k customers: Q(k) = Y_t(k) - Y_c(k) N_t(k) / N_c(k), counted within those k: what
// the treated did more than as many of the control would have. Nothing before the first of the
// control. Equal predictions are taken together.
struct QiniPoint {
  double share = 0;  // k / n, 0..1
  double gain = 0;   // Q(k) / n
};

struct Qini {
  // The area between the curve and the straight line to its end, over k / n, divided by n: 0 for
  // an order by chance.
  double coefficient = 0;
  Interval interval;             // 95 %, by drawing customers again
  double overall = 0;            // effect over all rows
  std::vector<QiniPoint> curve;  // 0, 1/100 .. 1
};
[[nodiscard]] Qini qini_of(const QiniRows& rows, std::uint64_t seed);
// The coefficient alone, customers counting `times` each; empty: once.
[[nodiscard]] double qini_coefficient(const QiniRows& rows, std::span<const double> times = {});

// The effect among the share of customers with the greatest predicted uplift; nullopt while one
// arm has nobody there. 0 < share <= 1; floor(n x share) customers, in their order where equal.
[[nodiscard]] std::optional<double> observed_uplift(const QiniRows& rows, double share);

}  // namespace tideline
