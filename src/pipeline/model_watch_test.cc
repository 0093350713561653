// ModelWatch: predictions are kept once a week with model and as_of, meet what happened when it is
// known, and drift and the shadow are told of what the model met.
#include "pipeline/model_watch.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "pipeline/rescorer.h"
#include "pipeline/test_models.h"
#include "pipeline/test_rig.h"
#include "scoring/test_pack.h"

namespace tideline {
namespace {

namespace json = boost::json;

class ModelWatchTest : public ::testing::Test {
 protected:
  static constexpr int kCustomers = 60;

  ModelWatchTest() {
    EXPECT_TRUE(watch_.load());
    rescorer_.watch_with(watch_);
    use("v1", -0.5);
    live(20);
  }

  void use(const std::string& version, double slope) {
    rescorer_.use_model(std::make_shared<const Model>(linear_model(*rig_.pack, version, slope)),
                        "no_model");
  }
  // Customers buy every other day for `days`; those with an odd number stop after the 20 days that
  // every test begins with.
  void live(int days) {
    std::vector<std::string> events;
    const Time from = rig_.clock.now();
    for (int day = 0; day < days; ++day) {
      for (int c = day % 2; c < kCustomers; c += 2) {
        if (begun_ && (c / 2) % 2 == 1) continue;
        events.push_back(track("e" + std::to_string(++ids_), customer(c), "Bought",
                               R"({"amount":5})",
                               R"(,"timestamp":")" + format_time(from + day * kDay) + "\""));
      }
    }
    begun_ = true;
    rig_.clock.set(from + days * kDay);
    rig_.append(events);
    rig_.process_all();
    rescorer_.note_changed(rig_.changed);
    rig_.changed.clear();
    EXPECT_TRUE(rig_.archiver().flush());
  }
  static std::string customer(int c) { return "customer" + std::to_string(c); }
  void score() {
    ASSERT_TRUE(rescorer_.score_changed());
    const auto scored = rescorer_.score_all(true);
    ASSERT_TRUE(scored) << scored.error().message;
  }
  std::vector<WatchedRow> rows() {
    std::vector<WatchedRow> found;
    const std::string prefix = watched_prefix();
    EXPECT_TRUE(rig_.store.scan(Family::watch, prefix, prefix_end(prefix),
                                [&](std::string_view key, std::string_view value) {
                                  found.push_back(decode_watched_row(key, value).value());
                                  return true;
                                }));
    return found;
  }
  static std::string_view text(const json::value& value) {
    return {value.as_string().data(), value.as_string().size()};
  }
  static const json::object* realised(const json::object& report, std::string_view task,
                                      std::string_view group) {
    const json::value* part = report.if_contains("realised");
    if (part == nullptr) return nullptr;
    for (const json::value& entry : part->at("tasks").as_array()) {
      if (text(entry.at("task")) == task && text(entry.at("group")) == group)
        return &entry.as_object();
    }
    return nullptr;
  }

  Rig rig_;
  ModelWatchOptions options_{.fresh_salt = 42};
  ModelWatch watch_{options_, *(rig_.pack = test_pack()), rig_.store};
  Rescorer rescorer_{{}, *rig_.pack, rig_.store, rig_.clock};
  bool begun_ = false;
  int ids_ = 0;
};

TEST_F(ModelWatchTest, KeepsPredictionsOnceAWeek) {
  score();
  const std::size_t once = rows().size();
  EXPECT_EQ(once, std::size_t{kCustomers});
  score();
  EXPECT_EQ(rows().size(), once) << "the same day";
  const Time first = rig_.clock.now();
  rig_.clock.set(first + kDay);
  score();
  rig_.clock.set(first + 8 * kDay);
  score();
  EXPECT_EQ(rows().size(), 2 * once) << "another week, and not another day of the same one";
  const WatchedRow row = rows().front();
  EXPECT_EQ(row.model_version, "shop-health-v1");
  EXPECT_EQ(row.as_of, first);
  ASSERT_EQ(row.row.figures.size(), rig_.pack->tasks().size());
  EXPECT_EQ(row.row.figures, rescorer_.history_of(row.customer, 10)->back().prediction.figures);
}

TEST_F(ModelWatchTest, LabelsComeWhenTheirHorizonIsOver) {
  score();
  EXPECT_EQ(watch_.settle(rig_.lake, rig_.clock.now()).value(), 0u);
  live(30);
  // 14 + 30 days must be over for the one, 30 for the health score.
  ASSERT_GT(watch_.settle(rig_.lake, rig_.clock.now()).value(), 0u);
  auto report = watch_.report("shop-health-v1");
  EXPECT_EQ(realised(report, "churn_risk_14d", "all"), nullptr);
  EXPECT_NE(realised(report, "health_score", "all"), nullptr);
  live(30);
  EXPECT_EQ(watch_.settle(rig_.lake, rig_.clock.now()).value(), 2u * kCustomers);
  EXPECT_EQ(watch_.settle(rig_.lake, rig_.clock.now()).value(), 0u) << "each label once";
  report = watch_.report("shop-health-v1");
  const json::object* churn = realised(report, "churn_risk_14d", "all");
  ASSERT_NE(churn, nullptr);
  EXPECT_EQ(churn->at("n").to_number<int>(), kCustomers);
  EXPECT_DOUBLE_EQ(churn->at("realised").to_number<double>(), 0.5) << "every other one stopped";
  EXPECT_TRUE(churn->contains("brier"));
  const std::string text = json::serialize(report);
  ModelWatch again(options_, *rig_.pack, rig_.store);
  ASSERT_TRUE(again.load());
  EXPECT_EQ(json::serialize(again.report("shop-health-v1")), text) << "after a restart";
}

TEST_F(ModelWatchTest, TheHoldoutIsJudgedByItself) {
  score();
  live(45);
  ASSERT_TRUE(watch_.settle(rig_.lake, rig_.clock.now()));
  int held = 0;
  for (int c = 0; c < kCustomers; ++c) held += watch_.in_holdout(CustomerId(customer(c))) ? 1 : 0;
  ASSERT_GT(held, 0);
  const auto report = watch_.report("shop-health-v1");
  const json::object* holdout = realised(report, "churn_risk_14d", "holdout");
  ASSERT_NE(holdout, nullptr);
  EXPECT_EQ(holdout->at("n").to_number<int>(), held);
  EXPECT_EQ(realised(report, "velocity", "holdout"), nullptr);
  int in_tiers = 0;
  for (const std::string& tier : rig_.pack->tiers()) {
    if (const auto* of_tier = realised(report, "churn_risk_14d", tier))
      in_tiers += of_tier->at("n").to_number<int>();
  }
  EXPECT_EQ(in_tiers, kCustomers);
}

TEST_F(ModelWatchTest, AboutATenthIsHeldOutAndAlwaysTheSame) {
  int held = 0, also = 0;
  ModelWatch other({.fresh_salt = 43}, *rig_.pack, rig_.store);
  ASSERT_TRUE(other.load()) << "the folder has its salt already";
  MemoryStateStore fresh;
  ModelWatch salted({.fresh_salt = 43}, *rig_.pack, fresh);
  ASSERT_TRUE(salted.load());
  for (int i = 0; i < 10'000; ++i) {
    const CustomerId id("c" + std::to_string(i));
    EXPECT_EQ(watch_.in_holdout(id), other.in_holdout(id));
    held += watch_.in_holdout(id) ? 1 : 0;
    also += watch_.in_holdout(id) && salted.in_holdout(id) ? 1 : 0;
  }
  EXPECT_NEAR(held, 1'000, 120);
  EXPECT_NEAR(also, 100, 50) << "another folder holds out others";
}

TEST_F(ModelWatchTest, TheShadowIsScoredBesideAndNotShown) {
  watch_.use_shadow(std::make_shared<const Model>(linear_model(*rig_.pack, "v2", 0.5)));
  score();
  EXPECT_EQ(rows().size(), 2u * kCustomers);
  for (int c = 0; c < kCustomers; ++c) {
    EXPECT_EQ(rescorer_.prediction_of(CustomerId(customer(c)))->value().prediction.model_version,
              "shop-health-v1");
  }
  const auto report = watch_.report("shop-health-v2");
  ASSERT_TRUE(report.contains("comparison"));
  EXPECT_EQ(report.at("comparison").at("beside"), "shop-health-v1");
  EXPECT_EQ(report.at("comparison").at("rows").to_number<int>(), kCustomers);
  EXPECT_EQ(report.at("comparison").at("other_tier").to_number<int>(), kCustomers);
  live(45);
  ASSERT_TRUE(watch_.settle(rig_.lake, rig_.clock.now()));
  for (const char* version : {"shop-health-v1", "shop-health-v2"}) {
    const auto realised_report = watch_.report(version);
    const json::object* churn = realised(realised_report, "churn_risk_14d", "all");
    ASSERT_NE(churn, nullptr) << version;
    EXPECT_EQ(churn->at("n").to_number<int>(), kCustomers);
  }
}

TEST_F(ModelWatchTest, AModelThatComesLaterIsWatchedFromItsFirstDay) {
  score();
  watch_.use_shadow(std::make_shared<const Model>(linear_model(*rig_.pack, "v2", 0.5)));
  score();
  EXPECT_EQ(rows().size(), 2u * kCustomers) << "production is not kept twice";
}

TEST_F(ModelWatchTest, FewRowsAreNoDrift) {
  std::vector<DriftBins> reference;
  for (const auto& feature : rig_.pack->features())
    reference.push_back(drift_bins(feature.name, std::vector<double>(1'000, 1e6)));
  for (const auto& task : rig_.pack->tasks())
    reference.push_back(drift_bins(task.name, std::vector<double>(1'000, 0.5)));
  watch_.use_reference("shop-health-v1", reference);
  score();
  const auto report = watch_.report("shop-health-v1");
  EXPECT_EQ(report.at("drift").at("verdict"), "too_little_data");
  EXPECT_EQ(report.at("drift").at("reference"), "training");
  EXPECT_TRUE(report.at("drift").at("alarms").as_array().empty());
}

TEST_F(ModelWatchTest, WhereThereAreMoreAFixedPartIsWatched) {
  ModelWatchOptions few = options_;
  few.customers_max = 20;
  ModelWatch watch(few, *rig_.pack, rig_.store);
  ASSERT_TRUE(watch.load());
  ASSERT_TRUE(watch.begin("m", rig_.clock.now(), 10'000).value());
  int watched = 0;
  for (int i = 0; i < 10'000; ++i) watched += watch.watches(CustomerId(std::to_string(i))) ? 1 : 0;
  EXPECT_NEAR(watched, 20, 18);
}

}  // namespace
}  // namespace tideline
