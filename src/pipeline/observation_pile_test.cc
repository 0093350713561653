// ObservationPile: every customer once, with its observations in the order in which they were put.
#include "pipeline/observation_pile.h"

#include <gtest/gtest.h>

#include <map>

#include "base/memory_file_system.h"
#include "base/rng.h"
#include "ports/test_seed.h"

namespace tideline {
namespace {

bool same(const Observation& a, const Observation& b) {
  const auto fields_match = [](const FieldValue& x, const FieldValue& y) {
    return x.field == y.field && x.value == y.value;
  };
  return a.time == b.time && a.type == b.type && a.event == b.event &&
         a.name_hash == b.name_hash && a.message == b.message &&
         a.foreign_currency == b.foreign_currency &&
         std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
                    fields_match);
}

Observation made(Rng& rng) {
  Observation observation;
  observation.time = time_from_millis(static_cast<std::int64_t>(rng.below(2'000)) - 1'000);
  observation.type = static_cast<EventType>(rng.below(6));
  observation.event = static_cast<std::uint16_t>(rng.next());
  observation.name_hash = rng.next();
  observation.message = std::string(rng.below(60), static_cast<char>(rng.next()));
  observation.foreign_currency = rng.chance(0.5);
  for (std::uint64_t i = rng.below(5); i > 0; --i) {
    FieldValue& value = observation.fields.emplace_back();
    value.field = static_cast<std::uint16_t>(rng.next());
    switch (rng.below(4)) {
      case 0: value.value = static_cast<double>(rng.next()); break;
      case 1: value.value = rng.chance(0.5); break;
      default: value.value = std::string(rng.below(40), '\0');
    }
  }
  return observation;
}

using Pasts = std::map<std::string, std::vector<Observation>>;

Pasts take_all(ObservationPile& pile) {
  Pasts taken;
  EXPECT_TRUE(pile.take_all(
      [&](std::string_view customer, std::span<const Observation> observations) -> Status {
        EXPECT_FALSE(observations.empty());
        auto& past = taken[std::string(customer)];
        EXPECT_TRUE(past.empty()) << "visited twice: " << customer;
        past.assign(observations.begin(), observations.end());
        return {};
      }));
  return taken;
}

TEST(ObservationPile, GivesBackWhatWasPut) {
  Rng rng(test_seed());
  for (const bool in_files : {false, true}) {
    SCOPED_TRACE(in_files);
    MemoryFileSystem files;
    Pasts expected;
    {
      // As if there were many, so that there are parts; little memory, so that they spill.
      ObservationPile pile({4'000'000, in_files ? &files : nullptr, "/scratch", 20'000});
      for (int i = 0; i < 5'000; ++i) {
        const std::string customer(rng.below(4), static_cast<char>('a' + rng.below(20)));
        expected[customer].push_back(made(rng));
        ASSERT_TRUE(pile.put(customer, expected[customer].back()));
      }
      EXPECT_EQ(files.list("/scratch").value_or(std::vector<std::string>()).empty(), !in_files);
      const Pasts taken = take_all(pile);
      ASSERT_EQ(taken.size(), expected.size());
      for (const auto& [customer, past] : expected) {
        const auto found = taken.find(customer);
        ASSERT_TRUE(found != taken.end()) << customer;
        EXPECT_TRUE(
            std::equal(past.begin(), past.end(), found->second.begin(), found->second.end(), same))
            << customer;
      }
      EXPECT_TRUE(take_all(pile).empty());
    }
    EXPECT_TRUE(files.list("/scratch").value_or(std::vector<std::string>()).empty());
  }
}

TEST(ObservationPile, ALongRecordFits) {
  ObservationPile pile({1, nullptr, {}});
  Observation observation;
  observation.message = std::string(300'000, 'm');
  ASSERT_TRUE(pile.put("a", observation));
  ASSERT_TRUE(pile.put("b", observation));
  const Pasts taken = take_all(pile);
  ASSERT_EQ(taken.size(), 2u);
  for (const auto& [customer, past] : taken) EXPECT_TRUE(same(past.front(), observation));
}

TEST(ObservationPile, AFullDiskIsTold) {
  MemoryFileSystem files;
  ObservationPile pile({4'000'000, &files, "/scratch", 100});
  files.set_capacity(1'000);
  Status put;
  for (int i = 0; put && i < 1'000; ++i) put = pile.put("c" + std::to_string(i), Observation{});
  ASSERT_FALSE(put.has_value());
  EXPECT_EQ(put.error().code, ErrorCode::disk_full);
}

}  // namespace
}  // namespace tideline
