// Late, duplicate and malformed events: in their shares, the same always, and counted exactly.
#include "simulator/disturbance.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "simulator/generate.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 5;

// All rows in memory.
class Rows : public GenerateSink {
 public:
  Status events(std::uint32_t, std::span<const Event> block) override {
    all.insert(all.end(), block.begin(), block.end());
    return {};
  }
  Status truth(std::uint32_t, std::span<const Truth>) override { return {}; }
  Status end_file(std::uint32_t) override { return {}; }
  Status manifest(const std::string& json) override {
    manifest_json = json;
    return {};
  }
  std::vector<Event> all;
  std::string manifest_json;
};

struct Generated {
  Rows rows;
  GenerateSummary summary;
};

Generated generated(const DisturbanceOptions& disturbance, std::uint32_t per_file = 100) {
  GenerateOptions options;
  options.simulation.customers = 100;
  options.simulation.days = 120;
  options.simulation.end = parse_time("2026-01-01").value();
  options.simulation.seed = kSeed;
  options.customers_per_file = per_file;
  options.disturbance = disturbance;
  Generated made;
  made.summary = generate(options, made.rows).value();
  return made;
}

DisturbanceOptions shares(double late, double duplicate, double malformed) {
  DisturbanceOptions options;
  options.late_share = late;
  options.duplicate_share = duplicate;
  options.malformed_share = malformed;
  return options;
}

bool is_broken(const Event& event) {
  return event.customer.empty() || event.properties.back() != '}' ||
         (event.type == EventType::track && event.name.empty()) ||
         event.properties.find(":-7}") != std::string::npos;
}

TEST(Disturbance, NothingHappensUnlessAskedFor) {
  const Generated clean = generated({});
  const SentCounts& counts = clean.summary.counts;
  EXPECT_EQ(counts.sent, clean.summary.events);
  EXPECT_EQ(counts.late + counts.duplicates + counts.malformed_in_all(), 0U);
  std::set<std::string> ids;
  for (const Event& event : clean.rows.all) {
    EXPECT_FALSE(is_broken(event));
    EXPECT_EQ(event.arrival_time, event.event_time);
    EXPECT_TRUE(ids.insert(event.message_id.str()).second);
  }
}

TEST(Disturbance, WhatIsCountedIsWhatIsThere) {
  const Generated rough = generated(shares(0.05, 0.04, 0.03));
  const SentCounts& counts = rough.summary.counts;
  std::map<std::string, std::uint64_t> seen;
  std::uint64_t late = 0;
  std::uint64_t broken = 0;
  std::uint64_t again = 0;
  for (const Event& event : rough.rows.all) {
    const Duration delay = event.arrival_time - event.event_time;
    EXPECT_TRUE(delay == Duration{} || (delay > 72 * kHour && delay < 21 * kDay));
    late += delay > Duration{} ? 1 : 0;
    broken += is_broken(event) ? 1 : 0;
    again += seen[event.message_id.str()]++ > 0 ? 1 : 0;
    EXPECT_LT(event.arrival_time, parse_time("2026-01-01").value());
  }
  EXPECT_EQ(counts.sent, rough.rows.all.size());
  EXPECT_EQ(counts.late, late);
  EXPECT_EQ(counts.duplicates, again);
  EXPECT_EQ(counts.malformed_in_all(), broken);
  const auto events = static_cast<double>(counts.sent - counts.duplicates);
  EXPECT_NEAR(double(counts.duplicates) / events, 0.04, 0.006) << "seed " << kSeed;
  EXPECT_NEAR(double(broken) / events, 0.03, 0.005) << "seed " << kSeed;
  EXPECT_NEAR(double(late) / events, 0.05, 0.012) << "seed " << kSeed;
  for (const std::uint64_t of_a_kind : counts.malformed) EXPECT_GT(of_a_kind, 20U);
  const std::string& json = rough.rows.manifest_json;
  EXPECT_NE(json.find("\"late\": " + std::to_string(late)), std::string::npos) << json;
  EXPECT_NE(json.find("\"duplicates\": " + std::to_string(again)), std::string::npos) << json;
}

TEST(Disturbance, TheSameWhateverTheFiles) {
  const DisturbanceOptions options = shares(0.05, 0.04, 0.03);
  const auto sorted = [](std::vector<Event> events) {
    std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
      return std::pair(a.message_id, a.event_time) < std::pair(b.message_id, b.event_time);
    });
    return events;
  };
  const Generated whole = generated(options, 100);
  const Generated cut = generated(options, 7);
  EXPECT_EQ(sorted(whole.rows.all), sorted(cut.rows.all));
  EXPECT_EQ(whole.rows.manifest_json, generated(options, 100).rows.manifest_json);
}

TEST(Disturbance, UntouchedEventsStayAsTheyWere) {
  std::map<std::string, Event> clean;
  for (const Event& event : generated({}).rows.all) clean.emplace(event.message_id.str(), event);
  std::size_t untouched = 0;
  for (const Event& event : generated(shares(0.1, 0.1, 0.1)).rows.all) {
    if (is_broken(event)) continue;
    Event original = clean.at(event.message_id.str());
    original.arrival_time = event.arrival_time;
    EXPECT_EQ(original, event);
    ++untouched;
  }
  EXPECT_GT(untouched, clean.size() * 8 / 10);
}

TEST(Disturbance, RefusesImpossibleShares) {
  EXPECT_TRUE(check(shares(0.5, 0.3, 0.2)).has_value());
  EXPECT_FALSE(check(shares(0.5, 0.3, 0.3)).has_value());
  EXPECT_FALSE(check(shares(-0.1, 0, 0)).has_value());
  EXPECT_FALSE(check(shares(0, 1.1, 0)).has_value());
}

}  // namespace
}  // namespace tideline
