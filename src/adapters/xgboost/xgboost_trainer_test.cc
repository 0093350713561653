#include "adapters/xgboost/xgboost_trainer.h"

#include <functional>
#include <thread>

#include "adapters/xgboost/test_booster.h"
#include "learning/tree_trainer_contract.h"
#include "scoring/test_trees.h"
#include "scoring/xgboost_model.h"

namespace tideline {
INSTANTIATE_TYPED_TEST_SUITE_P(Xgboost, TreeTrainerContract, XgboostTrainer);

namespace {

TrainingRows noisy_rows(std::size_t rows, std::size_t width, std::uint64_t seed) {
  Rng rng(seed);
  TrainingRows made;
  made.rows = rows;
  made.width = width;
  made.tasks = 1;
  for (std::size_t r = 0; r < rows; ++r) {
    double sum = 0;
    for (std::size_t f = 0; f < width; ++f) {
      const double x = rng.normal();
      sum += x * (f % 3 == 0 ? 1 : 0.2) + (x > 1 ? 0.5 : 0);
      made.features.push_back(rng.chance(0.05) ? std::nan("") : x);
    }
    made.labels.push_back(rng.chance(1 / (1 + std::exp(-sum))) ? 1 : 0);
  }
  made.days_since_qualifying.assign(rows, std::nan(""));
  return made;
}

TreeOptions small_options() {
  TreeOptions options;
  options.rounds_max = 30;
  options.row_share = 0.8;
  return options;
}

TEST(XgboostTrainer, ItsTreesScoreAsInTheLibrary) {
  const TrainingRows rows = noisy_rows(3000, 12, 1);
  const auto fit = XgboostTrainer().fit(rows, {}, 0, small_options());
  ASSERT_TRUE(fit.has_value()) << fit.error().message;
  const std::vector<float> values(rows.features.begin(), rows.features.end());
  const TestBooster booster(to_xgboost_json(fit->trees, rows.width, {}));
  const auto expected = booster.predict(values, rows.rows, TestBooster::Output::figure);
  const auto forest = Forest::make(rows.width, {fit->trees});
  std::vector<double> figures(rows.rows);
  forest->score(rows.block(), figures);
  for (std::size_t r = 0; r < rows.rows; ++r) {
    ASSERT_TRUE(same_bits(float(figures[r]), expected[r])) << "row " << r;
  }
}

TEST(XgboostTrainer, TwoThreadsAtOnceLearnWhatOneLearns) {
  const TrainingRows rows = noisy_rows(2000, 8, 2);
  const auto alone = XgboostTrainer().fit(rows, {}, 0, small_options());
  std::vector<Result<TreeFit>> together(2, fail(ErrorCode::internal, ""));
  {
    const auto learn = [&](Result<TreeFit>& fit) {
      fit = XgboostTrainer().fit(rows, {}, 0, small_options());
    };
    const std::jthread first(learn, std::ref(together[0]));
    const std::jthread second(learn, std::ref(together[1]));
  }
  for (const auto& fit : together) {
    ASSERT_TRUE(fit.has_value()) << fit.error().message;
    EXPECT_EQ(fit->trees, alone->trees);
  }
}

TEST(XgboostTrainer, LabelsOfAnySizeHaveTheirMean) {
  for (const double size : {1e-9, 1.0, 3e5, 123456789012.0}) {
    TrainingRows rows = noisy_rows(200, 2, 4);
    double mean = 0;
    for (double& label : rows.labels) {
      label = size * (1 + label);
      mean += label / double(rows.rows);
    }
    TreeOptions options = small_options();
    options.objective = TreeObjective::squared_error;
    const auto fit = XgboostTrainer().fit(rows, {}, 0, options);
    ASSERT_TRUE(fit.has_value()) << fit.error().message;
    EXPECT_NEAR(double(fit->trees.base_score), mean, 1e-6 * mean);
  }
}

TEST(XgboostTrainer, SaysNothing) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const TrainingRows rows = noisy_rows(300, 4, 3);
  TreeOptions options = small_options();
  (void)XgboostTrainer().fit(rows, rows, 0, options);
#if !defined(__SANITIZE_THREAD__)  // it does not know how OpenMP's threads wait for each other
  options.threads = 2;
  options.rounds_max = 2;
  (void)XgboostTrainer().fit(rows, rows, 0, options);
#endif
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(xgboost_version().substr(0, 2), "1.");
}

}  // namespace
}  // namespace tideline
