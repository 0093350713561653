// Live traffic goes on where the history ends, on the same clock, at any step and speed.
#include "simulator/live_traffic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <set>

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 11;

MarketplaceSimulator simulator(std::string_view end = "2026-03-03T15:20:00Z") {
  SimulationOptions options;
  options.customers = 150;
  options.days = 90;
  options.end = parse_time(end).value();
  options.seed = kSeed;
  return MarketplaceSimulator::open(options).value();
}

LiveTraffic begin(const MarketplaceSimulator& of, double speed = 1,
                  const LiveTraffic::OnHistory& history = {}) {
  return LiveTraffic::begin(of, LiveOptions{speed}, history).value();
}

TEST(LiveTraffic, TellsTheHistoryThatGenerateWrites) {
  const MarketplaceSimulator of = simulator();
  for (const double speed : {0.5, 1.0, 7.5}) {
    std::vector<Event> told;
    (void)begin(of, speed, [&](std::span<const Event> block) {
      told.insert(told.end(), block.begin(), block.end());
    });
    std::vector<Event> expected;
    Truth truth;
    for (std::uint32_t i = 0; i < of.customers(); ++i) of.simulate_customer(i, expected, truth);
    std::stable_sort(expected.begin(), expected.end(),
                     [](const Event& a, const Event& b) { return a.event_time < b.event_time; });
    ASSERT_GT(told.size(), 5'000U);
    EXPECT_TRUE(told == expected) << "speed " << speed << ", seed " << kSeed;
  }
}

TEST(LiveTraffic, SmallStepsAndOneStepGiveTheSame) {
  const MarketplaceSimulator of = simulator();
  const Time end = of.options().end;
  LiveTraffic stepping = begin(of, 3);
  LiveTraffic leaping = begin(of, 3);
  std::vector<Event> steps;
  std::vector<Event> leap;
  for (Time now = end; now < end + 2 * kDay;) {
    now += 7 * std::chrono::minutes(1) + Duration(13);
    const std::size_t before = steps.size();
    const Time from = stepping.position();
    const Time due = stepping.next_due();
    stepping.take_until(now, steps);
    EXPECT_EQ(stepping.position(), now);
    EXPECT_EQ(steps.size() > before, due <= now);
    for (std::size_t i = before; i < steps.size(); ++i) {
      EXPECT_GE(steps[i].event_time, from);
      EXPECT_LE(steps[i].event_time, now);
    }
  }
  leaping.take_until(stepping.position(), leap);
  ASSERT_GT(steps.size(), 500U);
  EXPECT_TRUE(steps == leap) << "seed " << kSeed;
  const std::size_t before = leap.size();
  leaping.take_until(end, leap);
  EXPECT_EQ(leap.size(), before);
}

TEST(LiveTraffic, GoesOnWithoutAGapAndWithoutRepeatingIds) {
  const MarketplaceSimulator of = simulator();
  std::set<std::string> ids;
  std::uint64_t events = 0;
  LiveTraffic live = begin(of, 4, [&](std::span<const Event> block) {
    for (const Event& event : block) ids.insert(event.message_id.str());
    events += block.size();
  });
  std::vector<Event> out;
  live.take_until(of.options().end + 3 * kDay, out);
  ASSERT_FALSE(out.empty());
  EXPECT_LT(out.front().event_time - of.options().end, 2 * kHour);
  for (const Event& event : out) ids.insert(event.message_id.str());
  EXPECT_EQ(ids.size(), events + out.size());
  EXPECT_TRUE(std::is_sorted(out.begin(), out.end(), [](const Event& a, const Event& b) {
    return a.event_time < b.event_time;
  }));
}

TEST(LiveTraffic, SpeedMultipliesTheNumberOfEvents) {
  const MarketplaceSimulator of = simulator();
  const auto count = [&](double speed) {
    LiveTraffic live = begin(of, speed);
    std::vector<Event> out;
    live.take_until(of.options().end + 7 * kDay, out);
    return static_cast<double>(out.size());
  };
  const double plain = count(1);
  ASSERT_GT(plain, 1'000);
  EXPECT_NEAR(count(0.25) / plain, 0.25, 0.03);
  EXPECT_NEAR(count(2.5) / plain, 2.5, 0.3);
  EXPECT_NEAR(count(20) / plain, 20, 2.5);
}

TEST(LiveTraffic, SkippingForgetsWhatLiesBetween) {
  const MarketplaceSimulator of = simulator();
  const Time resume = of.options().end + 36 * kHour;
  LiveTraffic whole = begin(of);
  LiveTraffic skipped = begin(of);
  std::vector<Event> all;
  std::vector<Event> rest;
  whole.take_until(resume + kDay, all);
  skipped.skip_until(resume);
  EXPECT_EQ(skipped.position(), resume);
  skipped.take_until(resume + kDay, rest);
  std::erase_if(all, [&](const Event& event) { return event.event_time <= resume; });
  ASSERT_FALSE(rest.empty());
  EXPECT_TRUE(rest == all);
}

TEST(LiveTraffic, NewCustomersJoin) {
  const MarketplaceSimulator of = simulator();
  LiveTraffic live = begin(of);
  std::vector<Event> out;
  live.take_until(of.options().end + 10 * kDay, out);
  const auto joins = std::count_if(out.begin(), out.end(), [&](const Event& event) {
    return event.type == EventType::identify &&
           event.customer > of.customer_id(of.customers() - 1);
  });
  EXPECT_GE(joins, 3);
  EXPECT_LE(joins, 30);
}

double count_between(const std::vector<Event>& events, Time from, Time until) {
  return static_cast<double>(std::count_if(events.begin(), events.end(), [&](const Event& event) {
    return event.event_time >= from && event.event_time < until;
  }));
}

TEST(LiveTraffic, BurstsHaveTheirRateFromTheFirstMinuteToTheLast) {
  const MarketplaceSimulator of = simulator();
  const Time end = of.options().end;
  BurstPlan plan;
  plan.first = end + 2 * kHour + std::chrono::minutes(3);
  plan.length = std::chrono::minutes(15);
  plan.every = 2 * kHour;
  for (const double speed : {0.5, 30.0}) {
    std::vector<Event> usual;
    std::vector<Event> bursting;
    LiveTraffic plain = begin(of, speed);
    LiveTraffic burst = begin(of, speed);
    ASSERT_TRUE(burst.plan_bursts(plan).has_value());
    plain.take_until(end + 3 * kDay, usual);
    burst.take_until(end + 3 * kDay, bursting);
    EXPECT_TRUE(std::is_sorted(
        bursting.begin(), bursting.end(),
        [](const Event& a, const Event& b) { return a.event_time < b.event_time; }));
    double within = 0;
    double usual_within = 0;
    double first_minutes = 0;
    double last_minutes = 0;
    constexpr Duration kEdge = std::chrono::minutes(3);
    for (Time from = plan.first; from < end + 3 * kDay; from += plan.every) {
      EXPECT_EQ(burst.rate_at(from), 7.5 * speed);
      EXPECT_EQ(burst.rate_at(from + plan.length), speed);
      within += count_between(bursting, from, from + plan.length);
      usual_within += count_between(usual, from, from + plan.length);
      first_minutes += count_between(bursting, from, from + kEdge);
      last_minutes += count_between(bursting, from + plan.length - kEdge, from + plan.length);
    }
    std::printf("speed %g: %.0f events in bursts, %.0f without, seed %llu\n", speed, within,
                usual_within, static_cast<unsigned long long>(kSeed));
    if (speed < 1) continue;  // too few to tell
    EXPECT_NEAR(within / usual_within, 7.5, 1.0);
    EXPECT_NEAR(first_minutes / within, 0.2, 0.04);
    EXPECT_NEAR(last_minutes / within, 0.2, 0.04);
    // Outside of bursts nothing changes.
    EXPECT_EQ(double(bursting.size()) - within, double(usual.size()) - usual_within);
    std::set<std::string> ids;
    for (const Event& event : bursting) ids.insert(event.message_id.str());
    EXPECT_EQ(ids.size(), bursting.size());
  }
}

TEST(LiveTraffic, RefusesImpossibleBursts) {
  const MarketplaceSimulator of = simulator();
  LiveTraffic live = begin(of);
  BurstPlan plan;
  plan.first = of.options().end;
  plan.length = kHour;
  plan.every = kHour;
  EXPECT_FALSE(live.plan_bursts(plan).has_value());
  plan.every = 2 * kHour;
  plan.factor = 0.5;
  EXPECT_FALSE(live.plan_bursts(plan).has_value());
}

TEST(LiveTraffic, DensityFollowsTheHoursOfTheDay) {
  const MarketplaceSimulator of = simulator();
  const auto by_hour = [&](double speed) {
    LiveTraffic live = begin(of, speed);
    std::vector<Event> out;
    live.take_until(of.options().end + 28 * kDay, out);
    std::vector<double> share(8, 0.0);
    for (const Event& event : out) {
      share[static_cast<std::size_t>(hour_index(event.event_time) % 24 / 3)] +=
          1.0 / static_cast<double>(out.size());
    }
    return share;
  };
  const auto lives = by_hour(1);
  const auto dense = by_hour(6);
  for (std::size_t i = 0; i < lives.size(); ++i) EXPECT_NEAR(dense[i], lives[i], 0.035) << i;
}

TEST(LiveTraffic, RefusesAnImpossibleSpeed) {
  const MarketplaceSimulator of = simulator();
  EXPECT_FALSE(LiveTraffic::begin(of, LiveOptions{0}, {}).has_value());
  EXPECT_FALSE(LiveTraffic::begin(of, LiveOptions{-1}, {}).has_value());
  EXPECT_FALSE(LiveTraffic::begin(of, LiveOptions{1e9}, {}).has_value());
}

}  // namespace
}  // namespace tideline
