// FactPile: every customer once, with its events in the order in which they were put.
#include "pipeline/fact_pile.h"

#include <gtest/gtest.h>

#include <map>

#include "base/memory_file_system.h"
#include "base/rng.h"
#include "ports/test_seed.h"

namespace tideline {
namespace {

// What came back: message ids by customer, and how often each customer was visited.
struct Taken {
  std::map<std::string, std::vector<std::string>> ids;
  std::map<std::string, int> visits;
};

Taken take_all(FactPile& pile) {
  Taken taken;
  EXPECT_TRUE(pile.take_all([&](std::span<const EventFacts> facts) -> Status {
    EXPECT_FALSE(facts.empty());
    ++taken.visits[std::string(facts.front().customer)];
    for (const EventFacts& one : facts) {
      EXPECT_EQ(one.customer, facts.front().customer);
      EXPECT_EQ(one.name, "name of " + std::string(one.message_id));
      EXPECT_EQ(one.properties, "{\"id\":\"" + std::string(one.message_id) + "\"}");
      EXPECT_EQ(one.arrival_time, one.event_time + kSecond);
      taken.ids[std::string(one.customer)].emplace_back(one.message_id);
    }
    return {};
  }));
  return taken;
}

void put(FactPile& pile, const std::string& customer, const std::string& id, std::int64_t at) {
  const std::string name = "name of " + id;
  const std::string properties = "{\"id\":\"" + id + "\"}";
  const Time time = time_from_millis(at);
  ASSERT_TRUE(pile.put({EventType::track, customer, name, id, time, time + kSecond, properties}));
}

TEST(FactPile, GivesBackWhatWasPut) {
  Rng rng(test_seed());
  for (const bool in_files : {false, true}) {
    SCOPED_TRACE(in_files);
    MemoryFileSystem files;
    std::map<std::string, std::vector<std::string>> expected;
    {
      // As if there were many events, so that there are parts; small ones, so that they spill.
      FactPile pile({4'000'000, in_files ? &files : nullptr, "/scratch", 20'000});
      for (int i = 0; i < 5'000; ++i) {
        const std::string customer(rng.below(4), static_cast<char>('a' + rng.below(20)));
        expected[customer].push_back(std::to_string(i));
        put(pile, customer, std::to_string(i), -1'000 + i);
      }
      EXPECT_EQ(files.list("/scratch").value_or(std::vector<std::string>()).empty(), !in_files);
      const Taken taken = take_all(pile);
      EXPECT_TRUE(taken.ids == expected);
      for (const auto& [customer, visits] : taken.visits) EXPECT_EQ(visits, 1) << customer;
    }
    EXPECT_TRUE(files.list("/scratch").value_or(std::vector<std::string>()).empty());
  }
}

TEST(FactPile, AFullDiskIsTold) {
  MemoryFileSystem files;
  FactPile pile({4'000'000, &files, "/scratch", 100});
  files.set_capacity(1'000);
  Status put;
  for (int i = 0; put && i < 1'000; ++i) {
    put = pile.put({EventType::track, "c" + std::to_string(i), "n", "m", {}, {}, "{}"});
  }
  ASSERT_FALSE(put.has_value());
  EXPECT_EQ(put.error().code, ErrorCode::disk_full);
}

}  // namespace
}  // namespace tideline
