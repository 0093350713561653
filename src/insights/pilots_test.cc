// Pilots: kept, enrolled by tier, phase and hash, measured once when the horizon is over, and
// stopped from growing where the split is broken or the treatment does harm.
#include "insights/pilots.h"

#include <gtest/gtest.h>

#include <map>

#include "base/rng.h"
#include "ports/memory_state_store.h"

namespace tideline {
namespace {

const Time kNow = *parse_time("2026-03-01");
constexpr std::uint64_t kSeed = 20260607;

Pilot draft(const std::string& name) {
  Pilot pilot;
  pilot.name = name;
  pilot.treatment = "a mail with three tutors";
  pilot.tiers = {"at_risk"};
  pilot.arms = {{"control", 0.5}, {"mail", 0.5}};
  pilot.salt = "salt of " + name;
  pilot.baseline = 0.5;
  pilot.change = 0.1;
  pilot.phases = {0.25, 1};
  return pilot;
}

std::vector<Newcomer> newcomers(int n) {
  std::vector<Newcomer> out;
  for (int i = 0; i < n; ++i) {
    out.push_back({CustomerId("c" + std::to_string(i)), i % 4 == 0 ? "healthy" : "at_risk",
                   double(i % 50), 0.3 + 0.004 * (i % 100)});
  }
  return out;
}

class PilotsTest : public testing::Test {
 protected:
  // Runs pilot `id` over its horizon; who is treated comes back with `treated`, others with
  // `control`.
  void live(const std::string& id, double control, double treated) {
    const Pilot pilot = *pilots_.find(id);
    Rng rng(kSeed);
    const auto measured = pilots_.measure(
        kNow + 31 * kDay,
        [&](const CustomerId& customer, Time from,
            Time until) -> Result<std::optional<Exposure::Outcome>> {
          EXPECT_EQ(until - from, 30 * kDay);
          const bool is_treated = arm_of(pilot, customer) == 1;
          return Exposure::Outcome{{}, rng.chance(is_treated ? treated : control), 10.0};
        });
    ASSERT_TRUE(measured.has_value());
  }

  MemoryStateStore store_;
  Pilots pilots_{store_};
};

TEST_F(PilotsTest, AreKept) {
  const auto created = pilots_.create(draft("Tutor match"), kNow);
  ASSERT_TRUE(created.has_value()) << created.error().message;
  EXPECT_EQ(created->id, "tutor-match");
  EXPECT_EQ(created->planned, 776U);  // 388 in each arm, power_test.cc
  EXPECT_EQ(pilots_.create(draft("tutor  MATCH"), kNow).error().reason, "pilot_exists");
  ASSERT_TRUE(pilots_.create(draft("Later"), kNow + kDay).has_value());
  ASSERT_TRUE(pilots_.start("tutor-match", kNow + kHour).has_value());
  Pilots again(store_);
  const auto list = again.list();
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ(list->front().id, "later");
  const Pilot& kept = list->back();
  EXPECT_EQ(kept.status, PilotStatus::running);
  EXPECT_EQ(kept.started, kNow + kHour);
  EXPECT_EQ(kept.arms, created->arms);
  EXPECT_EQ(kept.phases, created->phases);
  EXPECT_EQ(kept.salt, created->salt);
  EXPECT_EQ(kept.horizon, created->horizon);
  EXPECT_EQ(pilots_.find("nobody").error().reason, "unknown_pilot");
  EXPECT_EQ(pilots_.start("tutor-match", kNow).error().reason, "not_draft");
  store_.refuse_writes(Error{ErrorCode::disk_full, "full", ""});
  EXPECT_EQ(pilots_.stop("tutor-match", "", kNow).error().code, ErrorCode::disk_full);
  store_.refuse_writes(std::nullopt);
  EXPECT_EQ(pilots_.find("tutor-match")->status, PilotStatus::running);
}

// Three arms of 0.5, 0.3 and 0.2: 0.2 against 0.5 decides.
TEST_F(PilotsTest, TheSmallestArmDecidesTheSize) {
  Pilot pilot = draft("Three");
  pilot.arms = {{"control", 0.5}, {"mail", 0.3}, {"call", 0.2}};
  PowerOptions options;
  options.treated_share = 0.2 / 0.7;
  const auto pair = sample_size_for_shares(0.5, 0.1, options);
  const auto all = planned_customers(pilot);
  EXPECT_GE(*all, 2 * pair->control);
  EXPECT_NEAR(double(*all), 5.0 * double(pair->treated), 5);
  pilot.outcome = PilotOutcome::amount;
  EXPECT_EQ(planned_customers(pilot).error().reason, "bad_deviation");
}

TEST_F(PilotsTest, EnrolsByTierPhaseAndHashOnce) {
  ASSERT_TRUE(pilots_.create(draft("A"), kNow).has_value());
  const auto all = newcomers(4'000);
  EXPECT_EQ(*pilots_.enrol(all, kNow), 0U) << "nobody is in a draft";
  EXPECT_TRUE(pilots_.running()->empty());
  ASSERT_TRUE(pilots_.start("a", kNow).has_value());
  EXPECT_EQ(pilots_.running()->size(), 1U);
  const std::size_t came = *pilots_.enrol(all, kNow);
  EXPECT_NEAR(double(came), 750, 120);
  EXPECT_EQ(*pilots_.enrol(all, kNow + kDay), 0U) << "nobody comes in twice";
  const Pilot pilot = *pilots_.find("a");
  const auto log = pilots_.exposures({"a", std::nullopt, 10'000, ""});
  ASSERT_EQ(log->size(), came);
  for (const Exposure& one : *log) {
    EXPECT_EQ(one.tier, "at_risk");
    EXPECT_EQ(one.arm, arm_of(pilot, one.customer));
    EXPECT_TRUE(reaches(pilot, one.customer));
    EXPECT_EQ(one.time, kNow);
    EXPECT_EQ(one.phase, 0U);
  }
  // A page at a time, and by arm.
  const auto first = pilots_.exposures({"a", std::nullopt, 10, ""});
  const auto next = pilots_.exposures({"a", std::nullopt, 10, first->back().customer.str()});
  EXPECT_EQ(next->front().customer, (*log)[10].customer);
  std::size_t treated = 0;
  for (const Exposure& one : *log) treated += one.arm;
  EXPECT_EQ(pilots_.exposures({"a", 1, 10'000, ""})->size(), treated);
  ASSERT_TRUE(pilots_.widen("a", kNow + kDay).has_value());
  EXPECT_EQ(*pilots_.enrol(all, kNow + kDay) + came, 3'000U);
  ASSERT_TRUE(pilots_.stop("a", "enough", kNow + 2 * kDay).has_value());
  EXPECT_EQ(*pilots_.enrol(newcomers(5'000), kNow + 3 * kDay), 0U);
}

TEST_F(PilotsTest, MeasuresOnceAndFindsTheEffect) {
  Pilot whole = draft("A");
  whole.phases = {1};
  ASSERT_TRUE(pilots_.create(whole, kNow).has_value());
  ASSERT_TRUE(pilots_.start("a", kNow).has_value());
  const std::size_t came = *pilots_.enrol(newcomers(4'000), kNow);
  PilotReport report = *pilots_.report("a", kNow);
  EXPECT_EQ(report.customers, came);
  EXPECT_EQ(report.measured, 0U);
  EXPECT_EQ(report.next_known, kNow + 30 * kDay);
  EXPECT_FALSE(report.experiment.comparisons.front().enough);
  const auto too_early = pilots_.measure(
      kNow + 30 * kDay - Duration(1),
      [](const CustomerId&, Time, Time) -> Result<std::optional<Exposure::Outcome>> {
        ADD_FAILURE() << "nothing is known yet";
        return std::optional<Exposure::Outcome>();
      });
  EXPECT_EQ(*too_early, 0U);
  live("a", 0.5, 0.6);
  report = *pilots_.report("a", kNow + 31 * kDay);
  EXPECT_EQ(report.measured, came);
  EXPECT_TRUE(report.interim) << "it still runs";
  EXPECT_FALSE(report.experiment.ratio.alarm);
  const Comparison& effect = report.experiment.comparisons.front();
  EXPECT_TRUE(effect.enough);
  EXPECT_LE(effect.effect.low, 0.1) << "seed " << kSeed;
  EXPECT_GE(effect.effect.high, 0.1) << "seed " << kSeed;
  EXPECT_TRUE(effect.effect.is_clear());
  EXPECT_TRUE(effect.cuped.has_value());
  ASSERT_TRUE(pilots_.stop("a", "", kNow + 31 * kDay).has_value());
  EXPECT_FALSE(pilots_.report("a", kNow + 31 * kDay)->interim);
}

TEST_F(PilotsTest, HarmStopsItFromGrowing) {
  ASSERT_TRUE(pilots_.create(draft("A"), kNow).has_value());
  ASSERT_TRUE(pilots_.start("a", kNow).has_value());
  ASSERT_TRUE(pilots_.enrol(newcomers(4'000), kNow).has_value());
  live("a", 0.7, 0.4);
  EXPECT_EQ(pilots_.widen("a", kNow + 31 * kDay).error().reason, "harmful");
  EXPECT_EQ(pilots_.find("a")->phase, 0U);
}

// Somebody filters the list that newcomers come from by what only the treated have.
TEST_F(PilotsTest, ABrokenSplitStopsItFromGrowing) {
  ASSERT_TRUE(pilots_.create(draft("A"), kNow).has_value());
  const Pilot pilot = *pilots_.start("a", kNow);
  std::vector<Newcomer> broken;
  for (const Newcomer& one : newcomers(4'000)) {
    if (arm_of(pilot, one.customer) == 0 || one.risk < 0.55) broken.push_back(one);
  }
  ASSERT_TRUE(pilots_.enrol(broken, kNow).has_value());
  EXPECT_TRUE(pilots_.report("a", kNow)->experiment.ratio.alarm);
  EXPECT_EQ(pilots_.widen("a", kNow).error().reason, "broken_split");
}

TEST_F(PilotsTest, TwoPilotsDoNotShareTheirChance) {
  for (const char* name : {"A", "B"}) {
    Pilot whole = draft(name);
    whole.phases = {1};
    ASSERT_TRUE(pilots_.create(whole, kNow).has_value());
    ASSERT_TRUE(pilots_.start(pilot_id_of(name), kNow).has_value());
  }
  ASSERT_TRUE(pilots_.enrol(newcomers(8'000), kNow).has_value());
  std::map<std::string, std::size_t> in_a;
  const auto log = *pilots_.exposures({"a", std::nullopt, 10'000, ""});
  for (const Exposure& one : log) in_a[one.customer.str()] = one.arm;
  double both = 0;
  const auto in_b = *pilots_.exposures({"b", std::nullopt, 10'000, ""});
  ASSERT_EQ(in_b.size(), in_a.size());
  for (const Exposure& one : in_b) both += in_a[one.customer.str()] == one.arm ? 1 : 0;
  EXPECT_NEAR(both / double(in_b.size()), 0.5, 0.032);  // five standard deviations
}

}  // namespace
}  // namespace tideline
