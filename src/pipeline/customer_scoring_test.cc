// One customer by itself: as production would score it, and what a row tells of its days.
#include "pipeline/customer_scoring.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "pipeline/rescorer.h"
#include "pipeline/test_models.h"
#include "pipeline/test_rig.h"
#include "scoring/test_pack.h"

namespace tideline {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

TEST(CustomerScoringTest, IsWhatProductionFirstSays) {
  Rig rig;
  rig.pack = test_pack();
  std::vector<std::string> events;
  for (int day = 0; day < 20; ++day) {
    events.push_back(
        track("e" + std::to_string(day), "c", "Bought", R"({"amount":5})",
              R"(,"timestamp":")" + format_time(rig.clock.now() - day * kDay) + "\""));
  }
  rig.append(events);
  rig.process_all();
  const auto model = std::make_shared<const Model>(linear_model(*rig.pack, "v1", -0.1));
  Rescorer rescorer({}, *rig.pack, rig.store, rig.clock);
  rescorer.use_model(model, "no_model");
  ASSERT_TRUE(rescorer.score_all(false));
  const Prediction shown = rescorer.prediction_of(CustomerId("c"))->value().prediction;
  const auto bytes = rig.store.get(Family::customers, "c").value();
  const CustomerState state = CustomerState::decode(*rig.pack, *bytes).value();
  const auto scoring =
      score_customer(*rig.pack, model.get(), CustomerId("c"), state, rig.clock.now());
  EXPECT_EQ(scoring.prediction.figures, shown.figures);
  EXPECT_EQ(scoring.prediction.tier, shown.tier);
  EXPECT_EQ(scoring.prediction.coverage, shown.coverage);
  EXPECT_FALSE(scoring.tier_reason.empty());
  const auto without = score_customer(*rig.pack, nullptr, CustomerId("c"), state, rig.clock.now());
  EXPECT_EQ(without.prediction.reason, "no_model");
  EXPECT_EQ(without.prediction.status, ScoreStatus::unscored);
}

TEST(CustomerScoringTest, ARowTellsItsDaysByTheFeatureThatIsThem) {
  const auto pack = test_pack();  // the last feature is since("Bought", 120d)
  const auto days = days_told_by(*pack, std::vector<double>{1, 2, 3, 17, 1, 2, 3, kNan});
  ASSERT_EQ(days.size(), 2u);
  EXPECT_EQ(days[0], 17);
  EXPECT_TRUE(std::isnan(days[1]));
}

TEST(CustomerScoringTest, OnlyAFeatureThatIsNothingElseTellsThem) {
  std::string text = kTestPack;
  const std::string old = R"('since("Bought", 120d)')";
  for (const char* other : {R"('since("Looked", 120d)')", R"('since("Bought", 120d) / 2')"}) {
    std::string changed = text;
    changed.replace(changed.find(old), old.size(), other);
    const auto pack = Pack::parse(changed, "changed.toml");
    ASSERT_TRUE(pack.has_value()) << pack.error().message;
    EXPECT_TRUE(std::isnan(days_told_by(**pack, std::vector<double>{1, 2, 3, 17})[0])) << other;
  }
}

}  // namespace
}  // namespace tideline
