// The baseline: the recency rule where there are labels, the mean of a number, nothing of nothing.
#include "learning/baseline_model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/rng.h"
#include "scoring/test_pack.h"

namespace tideline {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(BaselineModelTest, RulesScoreAndTheModelComesBackWhole) {
  const auto pack = test_pack();
  Rng rng(3);
  SnapshotTable table;
  table.now = time_from_millis(1'700'006'400'000);
  for (int i = 0; i < 400; ++i) {
    Snapshot row;
    row.customer = CustomerId("c" + std::to_string(i));
    row.as_of = table.now - 90 * kDay;
    row.fold_key = row.customer.str();
    row.days_since_qualifying = rng.uniform(0, 60);
    row.features = {1, 2, kNan, row.days_since_qualifying};
    const double gone = row.days_since_qualifying > 30 ? 1 : 0;
    row.labels = {gone, gone, 50 + rng.normal(), kNan};  // nobody's velocity is known
    row.past = {kNan, kNan, kNan, kNan};
    row.eligible = row.scorable = true;
    table.rows.push_back(row);
  }
  TrainOptions options;
  options.version = 4;
  const auto trained = train_baseline(table, *pack, options);
  ASSERT_TRUE(trained.has_value()) << trained.error().message;
  EXPECT_EQ(trained->manifest.model_version, "shop-health-v4");
  const auto model = Model::parse(trained->files, pack->feature_hash());
  ASSERT_TRUE(model.has_value()) << model.error().message;
  const std::vector<double> days = {2, 55};
  const auto figures = model->score(std::vector<double>(8, 1.0), 2, days);
  EXPECT_LT(*figures[0], 0.1);
  EXPECT_GT(*figures[4], 0.9);
  EXPECT_GE(*figures[1], *figures[0]);
  EXPECT_NEAR(*figures[2], 50, 1);
  EXPECT_FALSE(figures[3].has_value());
}

}  // namespace
}  // namespace tideline
