// Rescorer: who is scored and who is not and why, counts that follow, history, slow tiers,
// lateness.
#include "pipeline/rescorer.h"

#include <gtest/gtest.h>

#include <map>

#include "alerts/alert_records.h"
#include "packs/rule_book.h"
#include "pipeline/test_rig.h"
#include "scoring/test_pack.h"

namespace tideline {
namespace {

// A model that says the same of everybody.
std::shared_ptr<const Model> saying(const Pack& pack, const std::string& version,
                                    std::map<std::string, double> figures) {
  ModelManifest manifest;
  manifest.name = "shop-health";
  manifest.version = version;
  manifest.model_version = "shop-health-" + version;
  manifest.pack = pack.name();
  manifest.feature_hash = pack.feature_hash();
  for (const auto& feature : pack.features()) manifest.features.push_back(feature.name);
  ConstantRule rule;
  for (const TaskSpec& spec : pack.tasks()) {
    ModelTask task;
    task.name = spec.name;
    task.kind = spec.kind;
    task.champion = Champion::base_rate;
    task.min = spec.min;
    task.max = spec.max;
    manifest.tasks.push_back(task);
    rule.figures.push_back(figures.at(spec.name));
  }
  ModelParts parts;
  parts.calibrations.resize(rule.figures.size());
  parts.constant = rule;
  return std::make_shared<const Model>(Model::assemble(std::move(manifest), std::move(parts)));
}

class RescorerTest : public ::testing::Test {
 protected:
  RescorerTest() {
    // steady buys, fresh came yesterday, gone bought long ago, looker never bought.
    std::vector<std::string> events;
    for (int day = 0; day < 20; ++day) {
      events.push_back(bought("s" + std::to_string(day), "steady", day));
      events.push_back(bought("g" + std::to_string(day), "gone", 40 + day));
    }
    events.push_back(bought("f", "fresh", 1));
    events.push_back(track("l", "looker", "Looked", "{}"));
    append(events);
  }
  std::string bought(const std::string& id, const std::string& customer, int days_ago) {
    return track(id, customer, "Bought", R"({"amount":5})",
                 R"(,"timestamp":")" + format_time(rig_.clock.now() - kDay * days_ago) + "\"");
  }
  void append(const std::vector<std::string>& events) {
    rig_.append(events);
    rig_.process_all();
    rescorer_.note_changed(rig_.changed);
    rig_.changed.clear();
  }
  Prediction of(const std::string& customer) {
    const auto kept = rescorer_.prediction_of(CustomerId(customer)).value();
    EXPECT_TRUE(kept.has_value()) << customer;
    return kept ? kept->prediction : Prediction();
  }
  std::vector<std::string> tier_changes() {
    std::vector<std::string> changes;
    const std::string prefix = outbox_prefix("tier_changes");
    EXPECT_TRUE(rig_.store.scan(Family::outbox, prefix, prefix_end(prefix),
                                [&](std::string_view, std::string_view value) {
                                  const TierChange change = decode_tier_change(value).value();
                                  changes.push_back(change.from + ">" + change.to);
                                  return true;
                                }));
    return changes;
  }
  // What people are told, "from>to" of tiers and plays by name.
  std::vector<std::string> told() {
    std::vector<std::string> words;
    EXPECT_TRUE(rig_.store.scan(Family::alerts, queue_prefix(), prefix_end(queue_prefix()),
                                [&](std::string_view, std::string_view value) {
                                  const Alert alert = decode_alert(value).value();
                                  if (const auto* move = std::get_if<TierMove>(&alert.what)) {
                                    words.push_back(move->customer.str() + " " + move->from + ">" +
                                                    move->to);
                                  }
                                  return true;
                                }));
    return words;
  }
  void use(const std::string& version, double p14, double health) {
    rescorer_.use_model(saying(*rig_.pack, version,
                               {{"churn_risk_14d", p14},
                                {"churn_risk_30d", 0.9},
                                {"health_score", health},
                                {"velocity", 1.0}}),
                        "no_model");
  }

  Rig rig_;
  Rescorer rescorer_{{}, *(rig_.pack = test_pack()), rig_.store, rig_.clock};
};

TEST_F(RescorerTest, WithoutAModelNobodyIsScored) {
  EXPECT_EQ(rescorer_.score_changed().value(), 4u);
  EXPECT_EQ(rescorer_.score_changed().value(), 0u) << "nothing changed since";
  EXPECT_EQ(of("steady").reason, "no_model");
  EXPECT_EQ(of("fresh").reason, "not_enough_data");
  EXPECT_EQ(of("gone").reason, "lapsed");
  EXPECT_TRUE(of("gone").lapsed);
  EXPECT_EQ(of("looker").status, ScoreStatus::unscored);
  const ScoreCounts counts = rescorer_.counts();
  EXPECT_EQ(counts.customers, 4u);
  EXPECT_EQ(counts.lapsed, 1u);
  EXPECT_TRUE(counts.by_tier.empty());
  EXPECT_TRUE(rescorer_.history_of(CustomerId("steady"), 10)->empty());
}

TEST_F(RescorerTest, AScoredOneHasFiguresTierAndHistory) {
  use("v1", 0.1, 80);
  ASSERT_TRUE(rescorer_.score_all(true).has_value());
  const Prediction p = of("steady");
  EXPECT_EQ(p.status, ScoreStatus::scored);
  EXPECT_EQ(p.tier, "thriving");
  EXPECT_EQ(p.figures, (std::vector<std::optional<double>>{0.1, 0.9, 80.0, 1.0}));
  EXPECT_EQ(p.model_version, "shop-health-v1");
  EXPECT_EQ(p.timestamp, rig_.clock.now());
  EXPECT_EQ(rescorer_.counts().by_tier.at("thriving"), 1u);
  EXPECT_EQ(rescorer_.counts().health_count, 1u);
  EXPECT_DOUBLE_EQ(rescorer_.counts().health_sum, 80);
  EXPECT_EQ(rescorer_.last_full_scoring(), rig_.clock.now());
  EXPECT_EQ(tier_changes(), std::vector<std::string>{">thriving"});
  EXPECT_EQ(rescorer_.history_of(CustomerId("steady"), 10)->size(), 1u);

  rig_.clock.advance(std::chrono::minutes(5));
  ASSERT_TRUE(rescorer_.score_all(true).has_value());
  EXPECT_EQ(rescorer_.history_of(CustomerId("steady"), 10)->size(), 1u) << "nothing moved";
  rig_.clock.advance(kDay);
  ASSERT_TRUE(rescorer_.score_all(true).has_value());
  EXPECT_EQ(rescorer_.history_of(CustomerId("steady"), 10)->size(), 2u) << "one a day";
  EXPECT_EQ(rescorer_.counts().customers, 4u) << "counted once, however often scored";
}

TEST_F(RescorerTest, NewRulesAreShownAtOnceAndNamed) {
  rescorer_.use_rules(rig_.pack, "rules 0");
  use("v1", 0.1, 69);  // healthy, a point below the border
  ASSERT_TRUE(rescorer_.score_all(true).has_value());
  EXPECT_EQ(of("steady").tier, "healthy");
  RuleBook book = rule_book_of(*rig_.pack);
  book.tiers[1].rule = "health_score > 68 and churn_risk_14d < 0.2";
  rescorer_.use_rules(*with_rules(*rig_.pack, book), "rules 1");
  rig_.clock.advance(kSecond);
  ASSERT_TRUE(rescorer_.score_all(false).has_value());
  EXPECT_EQ(of("steady").tier, "thriving") << "within the margin, but the rules asked for it";
  EXPECT_EQ(of("steady").reason, "health_score > 68 and churn_risk_14d < 0.2");
  EXPECT_EQ(tier_changes(), (std::vector<std::string>{">healthy", "healthy>thriving"}));
  EXPECT_EQ(rescorer_.counts().by_tier.at("thriving"), 1u);
  // What the figures ask for waits at the border as ever.
  use("v2", 0.1, 67);
  rig_.clock.advance(kSecond);
  ASSERT_TRUE(rescorer_.score_all(true).has_value());
  EXPECT_EQ(of("steady").tier, "thriving");
}

TEST_F(RescorerTest, TheNewestAreInOrderPageByPage) {
  use("v1", 0.1, 80);
  ASSERT_TRUE(rescorer_.score_all(true).has_value());
  rig_.clock.advance(kSecond);
  append({bought("new", "fresh", 0)});
  ASSERT_TRUE(rescorer_.score_changed().has_value());
  const std::vector<std::string> order = {"fresh", "gone", "looker", "steady"};
  const auto names = [](const Result<std::vector<KeptPrediction>>& rows) {
    std::vector<std::string> ids;
    for (const KeptPrediction& row : *rows) ids.push_back(row.prediction.customer.str());
    return ids;
  };
  EXPECT_EQ(names(rescorer_.newest(10)), order);
  for (std::size_t limit = 1; limit <= 4; ++limit) {
    auto page = rescorer_.newest(limit);
    std::vector<std::string> all = names(page);
    while (!page->empty()) {
      const Prediction& last = page->back().prediction;
      page = rescorer_.newest_after({last.timestamp, last.customer}, limit);
      for (const std::string& id : names(page)) all.push_back(id);
    }
    EXPECT_EQ(all, order) << limit;
  }
  const std::uint64_t version = rescorer_.version();
  EXPECT_EQ(rescorer_.version(), version);
  ASSERT_TRUE(rescorer_.score_all(false).has_value());
  EXPECT_GT(rescorer_.version(), version);
}

TEST_F(RescorerTest, ATierChangesBeyondTheMarginOrSlowly) {
  use("v1", 0.1, 80);
  ASSERT_TRUE(rescorer_.score_all(true).has_value());
  use("v2", 0.1, 69);  // less than two points over the border
  ASSERT_TRUE(rescorer_.score_all(true).has_value());
  EXPECT_EQ(of("steady").tier, "thriving");
  ASSERT_TRUE(rescorer_.score_all(true).has_value());
  EXPECT_EQ(of("steady").tier, "healthy") << "twice over the border";
  use("v3", 0.9, 10);
  rig_.clock.advance(kSecond);
  ASSERT_TRUE(rescorer_.score_all(false).has_value());
  EXPECT_EQ(of("steady").tier, "churned") << "beyond the margin at once";
  EXPECT_EQ(rescorer_.counts().by_tier.at("churned"), 1u);
  EXPECT_EQ(rescorer_.counts().by_tier["healthy"], 0u);
}

// The figures of the same model change; whether that is news depends on what brought it about.
TEST_F(RescorerTest, ATierThatChangesIsToldUnlessItIsHistory) {
  const AlertQueue alerts;
  rescorer_.alert_with(alerts);
  use("v1", 0.1, 80);
  ASSERT_TRUE(rescorer_.score_changed().has_value());
  EXPECT_TRUE(told().empty()) << "a first score is no change";
  use("v2", 0.9, 20);
  ASSERT_TRUE(rescorer_.score_all(false).has_value());
  EXPECT_TRUE(told().empty()) << "another model is no news of a customer";
  use("v2", 0.1, 80);
  ASSERT_TRUE(rescorer_.score_all(false).has_value());
  EXPECT_EQ(told(), std::vector<std::string>{"steady churned>thriving"});

  use("v2", 0.9, 20);
  const ChangedCustomer imported{CustomerId("steady"), std::nullopt, true};
  rescorer_.note_changed(std::span(&imported, 1));
  ASSERT_TRUE(rescorer_.score_all(false).has_value()) << "before it is scored as changed";
  ASSERT_TRUE(rescorer_.score_changed().has_value());
  EXPECT_EQ(told().size(), 1u) << "imported events alone are history";
  rig_.clock.advance(kSecond);
  use("v2", 0.1, 80);
  const ChangedCustomer live{CustomerId("steady"), std::nullopt, false};
  rescorer_.note_changed(std::span(&imported, 1));
  rescorer_.note_changed(std::span(&live, 1));
  ASSERT_TRUE(rescorer_.score_changed().has_value());
  EXPECT_EQ(told().size(), 2u);

  rig_.clock.advance(8 * kDay);
  use("v2", 0.9, 20);
  ASSERT_TRUE(rescorer_.score_all(false).has_value());
  EXPECT_EQ(told().size(), 2u) << "after a week without scoring nothing is news";
}

TEST_F(RescorerTest, AFolderOfImportsAloneIsSilent) {
  const AlertQueue alerts([] { return true; });
  rescorer_.alert_with(alerts);
  use("v1", 0.1, 80);
  ASSERT_TRUE(rescorer_.score_changed().has_value());
  use("v1", 0.9, 20);
  ASSERT_TRUE(rescorer_.score_all(false).has_value());
  EXPECT_EQ(of("steady").tier, "churned");
  EXPECT_TRUE(told().empty());
}

TEST_F(RescorerTest, WithoutItsModelALastScoreTurnsStale) {
  use("v1", 0.1, 80);
  ASSERT_TRUE(rescorer_.score_all(true).has_value());
  rescorer_.use_model(nullptr, "model_refused");
  rig_.clock.advance(kHour);
  ASSERT_TRUE(rescorer_.score_all(true).has_value());
  const Prediction p = of("steady");
  EXPECT_EQ(p.status, ScoreStatus::stale);
  EXPECT_EQ(p.reason, "model_refused");
  EXPECT_EQ(p.tier, "thriving");
  EXPECT_EQ(p.timestamp, rig_.clock.now() - kHour) << "its age shows";
  EXPECT_EQ(of("fresh").status, ScoreStatus::unscored);
}

TEST_F(RescorerTest, ALapsedOneKeepsItsLastScore) {
  use("v1", 0.1, 80);
  ASSERT_TRUE(rescorer_.score_all(true).has_value());
  rig_.clock.advance(kDay * 31);
  ASSERT_TRUE(rescorer_.score_all(true).has_value());
  const Prediction p = of("steady");
  EXPECT_TRUE(p.lapsed);
  EXPECT_EQ(p.tier, "thriving");
  EXPECT_EQ(p.timestamp, rig_.clock.now() - kDay * 31);
  EXPECT_EQ(rescorer_.counts().by_tier["thriving"], 0u);
  EXPECT_EQ(rescorer_.counts().lapsed, 4u);
}

TEST_F(RescorerTest, ALateEventMarksWhatItOvertook) {
  use("v1", 0.1, 80);
  ASSERT_TRUE(rescorer_.score_changed().has_value());
  rig_.clock.advance(kDay * 5);
  ASSERT_TRUE(rescorer_.score_all(true).has_value());
  append({bought("late", "steady", 4)});
  ASSERT_TRUE(rescorer_.score_changed().has_value());
  const auto history = rescorer_.history_of(CustomerId("steady"), 10).value();
  ASSERT_GE(history.size(), 2u);
  EXPECT_TRUE(history[history.size() - 2].superseded) << "scored after the event's time";
  EXPECT_FALSE(history.back().superseded) << "scored before it";
}

TEST_F(RescorerTest, ARestartCountsTheSame) {
  use("v1", 0.1, 80);
  ASSERT_TRUE(rescorer_.score_all(true).has_value());
  Rescorer restarted({}, *rig_.pack, rig_.store, rig_.clock);
  ASSERT_TRUE(restarted.load().has_value());
  EXPECT_EQ(restarted.counts().customers, 4u);
  EXPECT_EQ(restarted.counts().by_tier, rescorer_.counts().by_tier);
  EXPECT_EQ(restarted.counts().unscored, rescorer_.counts().unscored);
  EXPECT_EQ(restarted.newest(10)->size(), 4u);
  EXPECT_EQ(restarted.newest(2)->size(), 2u);
}

}  // namespace
}  // namespace tideline
