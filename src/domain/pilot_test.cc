// Pilot: arms that anybody can tell again, that are as large as planned and have nothing to do
// with those of another pilot; phases that only add; and what may happen when.
#include "domain/pilot.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace tideline {
namespace {

const Time kStart = *parse_time("2026-03-01");
constexpr int kCustomers = 100'000;

Pilot pilot(std::string salt) {
  Pilot one;
  one.id = "spring";
  one.name = "Spring";
  one.treatment = "a mail with three tutors";
  one.arms = {{"control", 0.5}, {"mail", 0.3}, {"call", 0.2}};
  one.salt = std::move(salt);
  return one;
}

CustomerId customer(int i) { return CustomerId("u" + std::to_string(i)); }

// XXH64 of "s1:arm:u7" with seed 0 is 0x8035E8756BE0C9D3 and of "s1:phase:u7" 0x49F1D458113EDBD1,
// by an implementation of the specification in Python.
TEST(PilotTest, ChanceIsTheStatedHash) {
  EXPECT_EQ(chance_of("s1", "arm", CustomerId("u7")),
            std::ldexp(double(0x8035E8756BE0C9D3ULL >> 11), -53));
  EXPECT_EQ(chance_of("s1", "phase", CustomerId("u7")),
            std::ldexp(double(0x49F1D458113EDBD1ULL >> 11), -53));
}

TEST(PilotTest, ArmsAreAsLargeAsPlanned) {
  const Pilot one = pilot("a1");
  std::array<int, 3> counts{};
  for (int i = 0; i < kCustomers; ++i) ++counts.at(arm_of(one, customer(i)));
  // Five standard deviations of 158.
  EXPECT_NEAR(counts[0], 50'000, 790);
  EXPECT_NEAR(counts[1], 30'000, 790);
  EXPECT_NEAR(counts[2], 20'000, 790);
}

// Who is in an arm of one pilot is so often in an arm of the other, or reached by its phase, as
// chance has it: chi-square of the table of both, 4 and 2 degrees of freedom, 0.9999 quantiles.
TEST(PilotTest, PilotsAreIndependent) {
  const Pilot one = pilot("a1");
  const Pilot other = pilot("a2");
  const std::array<double, 3> shares = {0.5, 0.3, 0.2};
  std::array<std::array<double, 3>, 3> both{};
  std::array<double, 3> reached{};
  Pilot running = one;
  running.status = PilotStatus::running;
  for (int i = 0; i < kCustomers; ++i) {
    const std::size_t arm = arm_of(one, customer(i));
    ++both.at(arm).at(arm_of(other, customer(i)));
    reached.at(arm) += reaches(running, customer(i)) ? 1 : 0;
  }
  double arms = 0, phases = 0;
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = 0; b < 3; ++b) {
      const double expected = kCustomers * shares[a] * shares[b];
      arms += std::pow(both[a][b] - expected, 2) / expected;
    }
    const double expected = kCustomers * shares[a] * 0.1;
    phases += std::pow(reached[a] - expected, 2) / expected;
  }
  EXPECT_LT(arms, 31.8);    // 8 degrees, for the margins are given
  EXPECT_LT(phases, 21.2);  // 3 degrees
}

TEST(PilotTest, PhasesOnlyAdd) {
  Pilot one = pilot("a1");
  one.phases = {0.1, 0.4, 1};
  EXPECT_FALSE(reaches(one, customer(1))) << "a draft reaches nobody";
  one = *started(one, kStart);
  std::vector<bool> before(kCustomers);
  for (const double share : {0.1, 0.4, 1.0}) {
    int reached = 0;
    for (int i = 0; i < kCustomers; ++i) {
      const bool now = reaches(one, customer(i));
      EXPECT_TRUE(now || !before[std::size_t(i)]);
      before[std::size_t(i)] = now;
      reached += now ? 1 : 0;
    }
    EXPECT_NEAR(reached, kCustomers * share, 800);
    if (share < 1) one = *widened(one, kStart + kDay);
  }
}

TEST(PilotTest, LivesInOrder) {
  const Pilot draft = pilot("a1");
  EXPECT_TRUE(check_pilot(draft).has_value());
  EXPECT_EQ(widened(draft, kStart).error().reason, "not_running");
  EXPECT_EQ(stopped(draft, "", kStart).error().reason, "not_running");
  const Pilot running = *started(draft, kStart);
  EXPECT_EQ(running.share(), 0.1);
  EXPECT_EQ(running.started, kStart);
  EXPECT_EQ(started(running, kStart).error().reason, "not_draft");
  const Pilot wide = *widened(running, kStart + kDay);
  EXPECT_EQ(wide.share(), 1);
  EXPECT_EQ(wide.started, kStart);
  EXPECT_EQ(wide.widened, kStart + kDay);
  EXPECT_EQ(widened(wide, kStart).error().reason, "widest");
  const Pilot over = *stopped(wide, "enough", kStart + 2 * kDay);
  EXPECT_EQ(over.stop_reason, "enough");
  EXPECT_EQ(over.share(), 1);  // those in it stay in it
  EXPECT_EQ(started(over, kStart).error().code, ErrorCode::conflict);
  EXPECT_EQ(stopped(over, "", kStart).error().reason, "not_running");
}

TEST(PilotTest, RefusesWhatCannotBeMeasured) {
  const auto refused = [](auto change) {
    Pilot one = pilot("a1");
    change(one);
    return !check_pilot(one).has_value();
  };
  EXPECT_TRUE(refused([](Pilot& p) { p.name = "!?"; }));
  EXPECT_TRUE(refused([](Pilot& p) { p.treatment.clear(); }));
  EXPECT_TRUE(refused([](Pilot& p) { p.arms.resize(1); }));
  EXPECT_TRUE(refused([](Pilot& p) { p.arms[1].share = 0.31; }));
  EXPECT_TRUE(refused([](Pilot& p) { p.arms[1].name = "control"; }));
  EXPECT_TRUE(refused([](Pilot& p) { p.phases = {0.1, 0.5}; }));
  EXPECT_TRUE(refused([](Pilot& p) { p.phases = {0.5, 0.1, 1}; }));
  EXPECT_TRUE(refused([](Pilot& p) { p.horizon = kHour; }));
  EXPECT_TRUE(refused([](Pilot& p) { p.salt.clear(); }));
}

TEST(PilotTest, IdsComeFromNames) {
  EXPECT_EQ(pilot_id_of("Tutor match, spring"), "tutor-match-spring");
  EXPECT_EQ(pilot_id_of("  -- 2026! "), "2026");
  EXPECT_EQ(pilot_id_of("ü"), "");
}

}  // namespace
}  // namespace tideline
