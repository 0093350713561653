// The simulated platform: the same bytes for a seed, the baseline that was asked for, the truth.
#include "simulator/platform.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <sstream>

#include "packs/pack.h"
#include "simulator/platform_generate.h"
#include "simulator/platform_solve.h"
#include "simulator/platform_world.h"

namespace tideline {
namespace {

class MemorySink : public PlatformSink {
 public:
  Status events(std::uint32_t file, std::span<const Event> block) override {
    const std::lock_guard lock(mutex_);
    files[file].insert(files[file].end(), block.begin(), block.end());
    return {};
  }
  Status end_file(std::uint32_t file) override {
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(ended.insert(file).second);
    return {};
  }
  Status truth(std::span<const PlatformTruth> block) override {
    truths.insert(truths.end(), block.begin(), block.end());
    return {};
  }
  Status manifest(const std::string& json) override {
    manifest_json = json;
    return {};
  }
  [[nodiscard]] std::map<CustomerId, std::vector<Event>> by_customer() const {
    std::map<CustomerId, std::vector<Event>> all;
    for (const auto& [file, events] : files) {
      for (const Event& event : events) all[event.customer].push_back(event);
    }
    return all;
  }

  std::map<std::uint32_t, std::vector<Event>> files;
  std::set<std::uint32_t> ended;
  std::vector<PlatformTruth> truths;
  std::string manifest_json;

 private:
  std::mutex mutex_;
};

PlatformGenerateOptions options_for(std::uint32_t customers, std::uint32_t days,
                                    std::uint64_t seed = 5) {
  PlatformGenerateOptions options;
  options.platform.customers = customers;
  options.platform.days = days;
  options.platform.end = parse_time("2026-01-01").value();
  options.platform.seed = seed;
  return options;
}

PlatformSummary run(const PlatformGenerateOptions& options, MemorySink& sink) {
  auto made = generate_platform(options, sink);
  EXPECT_TRUE(made.has_value()) << made.error().message;
  return made ? *made : PlatformSummary{};
}

TEST(Platform, TheSameBytesForASeedOnAnyNumberOfThreadsAndFiles) {
  PlatformGenerateOptions options = options_for(130, 60);
  options.customers_per_file = 30;
  MemorySink one, again, cut, other;
  const PlatformSummary summary = run(options, one);
  EXPECT_EQ(summary.files, 5U);
  EXPECT_EQ(one.ended.size(), 5U);
  EXPECT_GT(summary.events, 8'000U);
  options.threads = 3;
  run(options, again);
  EXPECT_EQ(one.files, again.files);
  EXPECT_EQ(one.manifest_json, again.manifest_json);
  options.customers_per_file = 100;
  run(options, cut);
  EXPECT_EQ(one.by_customer(), cut.by_customer());
  run(options_for(130, 60, 6), other);
  EXPECT_NE(one.by_customer(), other.by_customer());
}

TEST(Platform, TheBaselineIsThatOfTheTargets) {
  MemorySink sink;
  const PlatformGenerateOptions options = options_for(5000, 86);
  const PlatformFigures f = run(options, sink).figures;
  const PlatformTargets t;
  EXPECT_EQ(f.windows, 3U);
  EXPECT_NEAR(f.engagement / t.engagement, 1, 0.02);
  EXPECT_NEAR(f.high_share / t.high_share, 1, 0.12);
  EXPECT_NEAR(f.churn / t.churn, 1, 0.03);
  EXPECT_NEAR(f.premium / t.premium, 1, 0.05);
  EXPECT_NEAR(f.revenue / t.revenue, 1, 0.05);
  EXPECT_NEAR(f.events_a_day, 2, 0.4);
  EXPECT_GT(f.noise_ceiling, 0.84);
  EXPECT_LT(f.noise_ceiling, 0.90);
  EXPECT_NEAR(f.churn_gap, 0, 0.04);
}

// Levels that stay: the first window of a long history looks like the last.
TEST(Platform, LevelsAreStationary) {
  const PlatformWorld world(options_for(4000, 400).platform, usual_levels());
  const auto share_here = [&](std::int64_t on_day) {
    double here = 0, registered = 0;
    for (std::uint32_t i = 0; i < 4000; ++i) {
      PlatformBeginning who = world.begin(i);
      if (who.joined_day >= on_day) continue;
      for (std::int64_t day = who.lived_from; day < on_day; ++day) (void)who.life.live_unseen();
      registered += 1;
      here += who.life.stage == PlatformStage::here ? 1 : 0;
    }
    return here / registered;
  };
  EXPECT_NEAR(share_here(world.first_day()), share_here(world.end_day()), 0.025);
}

TEST(Platform, OtherTargetsAreSolvedFor) {
  PlatformTargets targets;
  targets.engagement = 0.40;
  targets.high_share = 0.12;
  targets.churn = 0.40;
  targets.premium = 0.10;
  targets.revenue = 60;
  const auto levels = solve_levels(targets, 4000, 2);
  ASSERT_TRUE(levels.has_value()) << levels.error().message;
  const PlatformOutcome outcome = outcome_at(*levels, 4000, 1);
  EXPECT_NEAR(outcome.engagement, targets.engagement, 0.004);
  EXPECT_NEAR(outcome.high_share, targets.high_share, 0.003);
  EXPECT_NEAR(outcome.churn, targets.churn, 0.004);
  EXPECT_NEAR(outcome.premium, targets.premium, 0.01);
  EXPECT_NEAR(outcome.price_share * levels->price + outcome.boosts, targets.revenue, 6);
  targets.engagement = 0.2;
  targets.high_share = 0.4;  // above 0.6 already makes a mean of 0.24
  EXPECT_FALSE(solve_levels(targets, 2000, 2).has_value());
}

TEST(Platform, APlantedGapIsThere) {
  MemorySink sink;
  PlatformGenerateOptions options = options_for(4000, 60);
  options.platform.planted_gap = 0.2;
  EXPECT_NEAR(run(options, sink).figures.churn_gap, 0.2, 0.04);
}

TEST(Platform, EventsAreThoseOfThePack) {
  std::ifstream file(TIDELINE_SOURCE_DIR "/packs/engagement/pack.toml");
  std::stringstream text;
  text << file.rdbuf();
  const auto pack = Pack::parse(text.str(), "pack.toml");
  ASSERT_TRUE(pack.has_value()) << pack.error().message;
  MemorySink sink;
  const PlatformGenerateOptions options = options_for(400, 90);
  run(options, sink);
  std::set<std::string> names, ids;
  const Time start = options.platform.end - 90 * kDay;
  for (const auto& [customer, events] : sink.by_customer()) {
    EXPECT_EQ(events.front().type, EventType::identify);
    for (const Event& event : events) {
      ASSERT_TRUE(event.event_time >= start && event.event_time < options.platform.end);
      ASSERT_TRUE(ids.insert(event.message_id.str()).second);
      if (event.type != EventType::track) continue;
      names.insert(event.name);
      ASSERT_NE((*pack)->find_event(event.name), nullptr) << event.name;
    }
  }
  EXPECT_EQ(names.size(), (*pack)->events().size());
}

TEST(Platform, WhatIsExpectedIsWhatComesOnAverage) {
  MemorySink sink;
  run(options_for(4000, 31), sink);
  double expected = 0, came = 0, risk = 0, churned = 0, rows = 0;
  for (const PlatformTruth& truth : sink.truths) {
    if (!truth.outlook) continue;
    expected += truth.outlook->engagement_expected;
    came += truth.outlook->engagement;
    risk += truth.outlook->churn_expected;
    churned += truth.outlook->churned ? 1 : 0;
    rows += 1;
  }
  ASSERT_GT(rows, 3800);
  EXPECT_NEAR(expected / rows, came / rows, 0.005);
  EXPECT_NEAR(risk / rows, churned / rows, 0.01);
}

TEST(Platform, OptionsOutOfRangeAreRefused) {
  MemorySink sink;
  PlatformGenerateOptions options = options_for(100, 29);
  EXPECT_FALSE(generate_platform(options, sink).has_value());
  options = options_for(100, 60);
  options.platform.targets.churn = 0.9;
  EXPECT_FALSE(generate_platform(options, sink).has_value());
  options = options_for(100, 60);
  options.platform.end += kHour;
  EXPECT_FALSE(generate_platform(options, sink).has_value());
}

TEST(NormalQuantile, IsTheInverseOfTheDistribution) {
  for (const double x : {-4.0, -2.5, -1.0, 0.0, 0.3, 1.96, 3.5}) {
    EXPECT_NEAR(normal_quantile(0.5 * std::erfc(-x / std::sqrt(2.0))), x, 1e-6);
  }
}

}  // namespace
}  // namespace tideline
