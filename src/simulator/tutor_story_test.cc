// The story of the demo: one tutor's content customers, bad news only, all within its time.
#include "simulator/tutor_story.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "simulator/event_names.h"
#include "simulator/live_traffic.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 4;

MarketplaceSimulator simulator() {
  SimulationOptions options;
  options.customers = 400;
  options.days = 60;
  options.end = parse_time("2026-03-03T15:20:00Z").value();
  options.seed = kSeed;
  return MarketplaceSimulator::open(options).value();
}

TEST(TutorStory, TellsABadMonthInMinutes) {
  const MarketplaceSimulator of = simulator();
  const LiveTraffic live = LiveTraffic::begin(of, {}, {}).value();
  const Time begins = of.options().end + kHour;
  StoryOptions options;
  options.begins = begins;
  auto story = TutorStory::plan(live.world(), live.customers(), options);
  ASSERT_TRUE(story.has_value());
  ASSERT_GE(story->customers().size(), 8U);
  for (const SimulatedCustomer& customer : live.customers()) {
    if (!story->customers().contains(customer.id)) continue;
    EXPECT_EQ(live.world().tutor_id(customer.tutor), story->tutor());
    EXPECT_GT(satisfaction(customer), 0.5);
  }

  std::vector<Event> events;
  story->take_until(begins - Duration(1), events);
  EXPECT_TRUE(events.empty());
  story->take_until(begins + std::chrono::minutes(2), events);
  const std::size_t half = events.size();
  story->take_until(begins + kDay, events);
  EXPECT_GT(half, events.size() / 4);
  EXPECT_LT(half, events.size() * 3 / 4);
  std::set<std::string> ids;
  std::map<std::string, std::size_t> by_name;
  for (const Event& event : events) {
    EXPECT_GE(event.event_time, begins);
    EXPECT_LE(event.event_time, story->ends());
    EXPECT_TRUE(ids.insert(event.message_id.str()).second);
    EXPECT_TRUE(story->customers().contains(event.customer));
    EXPECT_NE(event.name, marketplace_event::kSessionCompleted);
    EXPECT_NE(event.name, marketplace_event::kPaymentSucceeded);
    ++by_name[event.name];
  }
  for (const auto name :
       {marketplace_event::kSessionCancelled, marketplace_event::kSessionRated,
        marketplace_event::kSupportTicketOpened, marketplace_event::kPaymentFailed}) {
    EXPECT_GE(by_name[std::string(name)], 3 * story->customers().size()) << name;
  }
}

TEST(TutorStory, ItsCustomersDoNothingElse) {
  const MarketplaceSimulator of = simulator();
  const LiveTraffic live = LiveTraffic::begin(of, {}, {}).value();
  StoryOptions options;
  options.begins = of.options().end + kHour;
  const auto story = TutorStory::plan(live.world(), live.customers(), options);
  ASSERT_TRUE(story.has_value());
  Event ordinary;
  ordinary.customer = *story->customers().begin();
  ordinary.event_time = options.begins - Duration(1);
  EXPECT_FALSE(story->replaces(ordinary));
  ordinary.event_time = options.begins;
  EXPECT_TRUE(story->replaces(ordinary));
  ordinary.customer = CustomerId("somebody else");
  EXPECT_FALSE(story->replaces(ordinary));
}

TEST(TutorStory, NeedsSomebodyToTellOf) {
  const MarketplaceSimulator of = simulator();
  const LiveTraffic live = LiveTraffic::begin(of, {}, {}).value();
  EXPECT_FALSE(TutorStory::plan(live.world(), {}, {}).has_value());
}

}  // namespace
}  // namespace tideline
