// The contract suite of TreeTrainer: what every implementation must do. A Subject is the trainer's
// type; it is made without arguments.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/rng.h"
#include "learning/tree_training.h"

namespace tideline {

template <class Trainer>
class TreeTrainerContract : public ::testing::Test {
 protected:
  static constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

  // Task 0: likely when feature 0 is above 1 or missing, task 1: a number of about 3 x feature 1,
  // never negative; feature 2 says nothing. A tenth of the cells is missing, a fifth of the
  // labels.
  static TrainingRows rows(std::size_t count, std::uint64_t seed) {
    Rng rng(seed);
    TrainingRows made;
    made.rows = count;
    made.width = 3;
    made.tasks = 2;
    for (std::size_t r = 0; r < count; ++r) {
      double x[3] = {rng.uniform(0, 2), rng.uniform(0, 5), rng.normal()};
      const bool likely = x[0] > 1 || rng.chance(0.1);
      if (likely && x[0] <= 1) x[0] = kNan;
      const double gone = rng.chance(likely ? 0.9 : 0.1) ? 1 : 0;
      const double amount = std::max(0.05, 3 * x[1] + rng.normal());
      if (rng.chance(0.1)) x[1] = kNan;
      made.features.insert(made.features.end(), x, x + 3);
      made.labels.push_back(rng.chance(0.2) ? kNan : gone);
      made.labels.push_back(rng.chance(0.2) ? kNan : amount);
      made.days_since_qualifying.push_back(kNan);
    }
    return made;
  }
  static TreeOptions options(TreeObjective objective) {
    TreeOptions chosen;
    chosen.objective = objective;
    chosen.depth_max = 3;
    chosen.rounds_max = 40;
    chosen.learning_rate = 0.3;
    chosen.patience = 5;
    return chosen;
  }
  TreeFit fit(const TrainingRows& train, const TrainingRows& judge, std::size_t task,
              const TreeOptions& chosen) {
    auto made = trainer_.fit(train, judge, task, chosen);
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made ? std::move(*made) : TreeFit{};
  }
  ErrorCode refusal(const TrainingRows& train, std::size_t task, const TreeOptions& chosen) {
    const auto made = trainer_.fit(train, {}, task, chosen);
    EXPECT_FALSE(made.has_value());
    return made ? ErrorCode::internal : made.error().code;
  }
  // Figures of the trees for the rows that have a label of the task, and those labels.
  static std::vector<std::pair<double, double>> figures(const TreeFit& fit,
                                                        const TrainingRows& judged,
                                                        std::size_t task) {
    const auto forest = Forest::make(judged.width, {fit.trees});
    EXPECT_TRUE(forest.has_value()) << forest.error().message;
    std::vector<double> scored(judged.rows);
    forest->score(judged.block(), scored);
    std::vector<std::pair<double, double>> found;
    for (std::size_t r = 0; r < judged.rows; ++r) {
      if (!std::isnan(judged.label(r, task))) found.emplace_back(scored[r], judged.label(r, task));
    }
    return found;
  }

 private:
  Trainer trainer_;
};
TYPED_TEST_SUITE_P(TreeTrainerContract);

TYPED_TEST_P(TreeTrainerContract, LearnsAProbability) {
  const TrainingRows judge = this->rows(800, 2);
  const TreeFit fit =
      this->fit(this->rows(1500, 1), judge, 0, this->options(TreeObjective::logistic));
  double loss = 0;
  const auto figures = this->figures(fit, judge, 0);
  for (const auto& [p, y] : figures) loss -= std::log(y == 1 ? p : 1 - p);
  loss /= double(figures.size());
  EXPECT_NEAR(loss, fit.validation_loss, 1e-4);
  // The best possible is the entropy of 0.1, 0.325; knowing nothing gives 0.69.
  EXPECT_LT(loss, 0.40);
}

TYPED_TEST_P(TreeTrainerContract, LearnsNumbersUnderEveryObjective) {
  const TrainingRows train = this->rows(1500, 3);
  const TrainingRows judge = this->rows(800, 4);
  for (const auto objective : {TreeObjective::squared_error, TreeObjective::poisson,
                               TreeObjective::gamma, TreeObjective::tweedie}) {
    SCOPED_TRACE(name_of(objective));
    const auto figures =
        this->figures(this->fit(train, judge, 1, this->options(objective)), judge, 1);
    double error = 0;
    double spread = 0;
    for (const auto& [figure, label] : figures) {
      error += (figure - label) * (figure - label);
      spread += (7.5 - label) * (7.5 - label);
    }
    EXPECT_LT(error, 0.4 * spread);
  }
}

TYPED_TEST_P(TreeTrainerContract, SameRowsAndSeedGiveTheSameTrees) {
  const TrainingRows train = this->rows(900, 5);
  const TrainingRows judge = this->rows(300, 6);
  TreeOptions chosen = this->options(TreeObjective::logistic);
  chosen.row_share = 0.7;
  chosen.feature_share = 0.7;
  const TreeFit first = this->fit(train, judge, 0, chosen);
  const TreeFit second = this->fit(train, judge, 0, chosen);
  EXPECT_EQ(first.trees, second.trees);
  EXPECT_EQ(first.validation_loss, second.validation_loss);
  chosen.seed = 99;
  EXPECT_NE(this->fit(train, judge, 0, chosen).trees, first.trees);
}

TYPED_TEST_P(TreeTrainerContract, KeepsTheRoundsThatWereBest) {
  const TrainingRows train = this->rows(300, 7);
  TreeOptions chosen = this->options(TreeObjective::logistic);
  chosen.depth_max = 6;
  chosen.rounds_max = 200;
  const TreeFit stopped = this->fit(train, this->rows(300, 8), 0, chosen);
  EXPECT_GT(stopped.trees.trees.size(), 0U);
  EXPECT_LT(stopped.trees.trees.size(), 60U);
  chosen.rounds_max = 25;
  const TreeFit whole = this->fit(train, {}, 0, chosen);
  EXPECT_EQ(whole.trees.trees.size(), 25U);
  EXPECT_TRUE(std::isnan(whole.validation_loss));
}

TYPED_TEST_P(TreeTrainerContract, RowsWithoutALabelTeachNothing) {
  TrainingRows train = this->rows(600, 9);
  const TreeOptions chosen = this->options(TreeObjective::logistic);
  const TreeFit before = this->fit(train, {}, 0, chosen);
  for (std::size_t r = 0; r < train.rows; ++r) {
    if (std::isnan(train.label(r, 0))) train.features[r * train.width] = 1e6;
  }
  EXPECT_EQ(this->fit(train, {}, 0, chosen).trees, before.trees);
}

TYPED_TEST_P(TreeTrainerContract, ConstantsAndExtremesAreNoTrouble) {
  TrainingRows train = this->rows(400, 10);
  for (std::size_t r = 0; r < train.rows; ++r) {
    train.features[r * train.width + 2] = r % 3 == 0 ? this->kNan : 7;
    const double extremes[] = {1e300, -1e300, std::numeric_limits<double>::infinity(), 1e-310};
    if (r < 4) train.features[r * train.width + 1] = extremes[r];
  }
  const TreeFit fit = this->fit(train, {}, 0, this->options(TreeObjective::logistic));
  for (const auto& [figure, label] : this->figures(fit, train, 0)) {
    ASSERT_TRUE(figure >= 0 && figure <= 1) << figure;
  }
  for (double& label : train.labels) label = std::isnan(label) ? label : 1;
  EXPECT_TRUE(
      check_trees(this->fit(train, {}, 0, this->options(TreeObjective::logistic)).trees, 3));
}

TYPED_TEST_P(TreeTrainerContract, RefusesWhatTeachesNothing) {
  TrainingRows train = this->rows(200, 11);
  TreeOptions chosen = this->options(TreeObjective::logistic);
  EXPECT_EQ(this->refusal(train, 1, chosen), ErrorCode::invalid);  // labels above 1
  chosen.depth_max = 0;
  EXPECT_EQ(this->refusal(train, 0, chosen), ErrorCode::invalid);
  chosen = this->options(TreeObjective::gamma);
  EXPECT_EQ(this->refusal(train, 0, chosen), ErrorCode::invalid);  // zeros
  chosen = this->options(TreeObjective::logistic);
  for (double& label : train.labels) label = this->kNan;
  EXPECT_EQ(this->refusal(train, 0, chosen), ErrorCode::invalid);
}

REGISTER_TYPED_TEST_SUITE_P(TreeTrainerContract, LearnsAProbability,
                            LearnsNumbersUnderEveryObjective, SameRowsAndSeedGiveTheSameTrees,
                            KeepsTheRoundsThatWereBest, RowsWithoutALabelTeachNothing,
                            ConstantsAndExtremesAreNoTrouble, RefusesWhatTeachesNothing);

}  // namespace tideline
