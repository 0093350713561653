// generate: the same bytes for a seed, however the customers are cut into files.
#include "simulator/generate.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 5;

// Keeps everything in memory and checks the order of the calls.
class MemorySink : public GenerateSink {
 public:
  Status events(std::uint32_t file, std::span<const Event> block) override {
    if (fail_at_event > 0 && total() >= fail_at_event) return fail(ErrorCode::disk_full, "full");
    EXPECT_EQ(file, ended);
    EXPECT_FALSE(block.empty());
    largest_block = std::max(largest_block, block.size());
    files.resize(file + 1);
    files[file].insert(files[file].end(), block.begin(), block.end());
    return {};
  }
  Status truth(std::uint32_t file, std::span<const Truth> block) override {
    EXPECT_EQ(file, ended);
    truths.insert(truths.end(), block.begin(), block.end());
    return {};
  }
  Status end_file(std::uint32_t file) override {
    EXPECT_EQ(file, ended);
    ++ended;
    return {};
  }
  Status manifest(const std::string& json) override {
    manifest_json = json;
    return {};
  }
  [[nodiscard]] std::size_t total() const {
    std::size_t sum = 0;
    for (const auto& file : files) sum += file.size();
    return sum;
  }
  // All events by customer, then time.
  [[nodiscard]] std::vector<Event> by_customer() const {
    std::vector<Event> all;
    for (const auto& file : files) all.insert(all.end(), file.begin(), file.end());
    std::stable_sort(all.begin(), all.end(),
                     [](const Event& a, const Event& b) { return a.customer < b.customer; });
    return all;
  }

  std::vector<std::vector<Event>> files;
  std::vector<Truth> truths;
  std::string manifest_json;
  std::uint32_t ended = 0;
  std::size_t largest_block = 0;
  std::size_t fail_at_event = 0;
};

GenerateOptions options_for(std::uint32_t per_file, std::uint64_t seed = kSeed) {
  GenerateOptions options;
  options.simulation.customers = 130;
  options.simulation.days = 150;
  options.simulation.end = parse_time("2026-01-01").value();
  options.simulation.seed = seed;
  options.simulation.sample_every_days = 30;
  options.customers_per_file = per_file;
  return options;
}

TEST(Generate, SameSeedSameBytes) {
  MemorySink one;
  MemorySink two;
  const auto summary = generate(options_for(50), one).value();
  ASSERT_TRUE(generate(options_for(50), two).has_value());
  EXPECT_EQ(summary.files, 3U);
  EXPECT_EQ(summary.customers, 130U);
  EXPECT_EQ(summary.events, one.total());
  ASSERT_GT(summary.events, 10'000U);
  EXPECT_EQ(one.manifest_json, two.manifest_json);
  EXPECT_TRUE(one.files == two.files);
}

TEST(Generate, AnotherSeedDiffers) {
  MemorySink one;
  MemorySink two;
  ASSERT_TRUE(generate(options_for(50), one).has_value());
  ASSERT_TRUE(generate(options_for(50, kSeed + 1), two).has_value());
  EXPECT_NE(one.manifest_json, two.manifest_json);
  EXPECT_FALSE(one.files == two.files);
}

TEST(Generate, CuttingIntoFilesChangesNoRow) {
  MemorySink whole;
  MemorySink cut;
  ASSERT_TRUE(generate(options_for(130), whole).has_value());
  ASSERT_TRUE(generate(options_for(7), cut).has_value());
  EXPECT_EQ(whole.files.size(), 1U);
  EXPECT_EQ(cut.ended, 19U);
  EXPECT_TRUE(whole.by_customer() == cut.by_customer()) << "seed " << kSeed;

  // And they are the lives that the simulator tells one by one.
  const auto simulator = MarketplaceSimulator::open(options_for(7).simulation).value();
  std::vector<Event> alone;
  ASSERT_EQ(whole.truths.size(), 130U);
  for (std::uint32_t i = 0; i < simulator.customers(); ++i) {
    Truth truth;
    simulator.simulate_customer(i, alone, truth);
    for (const Truth& other : {whole.truths[i], cut.truths[i]}) {
      EXPECT_EQ(other.customer, truth.customer);
      EXPECT_EQ(other.left, truth.left);
      EXPECT_EQ(other.events, truth.events);
      EXPECT_EQ(other.leave_hazard, truth.leave_hazard);
      EXPECT_EQ(other.samples.size(), truth.samples.size());
    }
  }
  EXPECT_TRUE(whole.by_customer() == alone);
}

TEST(Generate, FilesAreSortedByTimeAndComeInDays) {
  MemorySink sink;
  ASSERT_TRUE(generate(options_for(65), sink).has_value());
  for (const auto& file : sink.files) {
    EXPECT_TRUE(std::is_sorted(file.begin(), file.end(), [](const Event& a, const Event& b) {
      return a.event_time < b.event_time;
    }));
  }
  // Memory is bounded by a day: no block may hold much more than a day's share.
  EXPECT_LT(sink.largest_block, sink.files[0].size() / 30);
}

TEST(Generate, ManifestNamesWhatWasWritten) {
  MemorySink sink;
  const auto summary = generate(options_for(65), sink).value();
  const std::string& json = sink.manifest_json;
  const auto has = [&](const std::string& part) { return json.find(part) != std::string::npos; };
  EXPECT_TRUE(has("\"pack\": \"marketplace\"")) << json;
  EXPECT_TRUE(has("\"seed\": 5"));
  EXPECT_TRUE(has("\"days\": 150"));
  EXPECT_TRUE(has("\"start\": \"2025-08-04T00:00:00.000Z\""));
  EXPECT_TRUE(has("\"end\": \"2026-01-01T00:00:00.000Z\""));
  EXPECT_TRUE(has("\"events\": " + std::to_string(summary.events)));
  for (std::uint32_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(has("{\"name\": \"" + events_file_name(i) +
                    "\", \"rows\": " + std::to_string(sink.files[i].size()) + ", \"hash\": \""));
  }
  EXPECT_TRUE(has("\"truth\": {\"rows\": 130, "));
  EXPECT_EQ(events_file_name(7), "events-007.parquet");
  EXPECT_EQ(events_file_name(1234), "events-1234.parquet");
}

TEST(Generate, SinkFailureEndsTheRun) {
  MemorySink sink;
  sink.fail_at_event = 100;
  const auto result = generate(options_for(65), sink);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, ErrorCode::disk_full);
  EXPECT_TRUE(sink.manifest_json.empty());
}

TEST(Generate, RefusesWhatItCannotDo) {
  MemorySink sink;
  GenerateOptions other_pack = options_for(65);
  other_pack.pack = "commerce";
  EXPECT_EQ(generate(other_pack, sink).error().code, ErrorCode::invalid);
  EXPECT_EQ(generate(options_for(0), sink).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace tideline
