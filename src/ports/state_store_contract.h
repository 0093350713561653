// The contract suite of StateStore: what every implementation must do. A Subject type gives the
// store:
//
//   struct Subject {
//     StateStore& store();
//     bool reopen();       // closes and opens the store; false: it does not survive that
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Name, StateStoreContract, Subject);
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "base/rng.h"
#include "ports/state_store.h"
#include "ports/test_seed.h"

namespace tideline {

template <class Subject>
class StateStoreContract : public ::testing::Test {
 protected:
  using Entry = std::pair<std::string, std::string>;
  using Model = std::map<std::string, std::string>;

  StateStore& store() { return subject_.store(); }

  static Family family(std::size_t index) { return static_cast<Family>(index); }

  std::optional<std::string> get(Family family, std::string_view key) {
    auto value = store().get(family, key);
    EXPECT_TRUE(value.has_value());
    return value ? *value : std::nullopt;
  }

  void put(Family family, std::string key, std::string value) {
    WriteBatch batch;
    batch.put(family, std::move(key), std::move(value));
    ASSERT_TRUE(store().write(batch, Durability::later).has_value());
  }

  std::vector<Entry> scan(Family family, std::string_view from, std::string_view to,
                          std::size_t most = SIZE_MAX) {
    std::vector<Entry> found;
    const Status done = store().scan(family, from, to, [&](auto key, auto value) {
      found.emplace_back(key, value);
      return found.size() < most;
    });
    EXPECT_TRUE(done.has_value());
    return found;
  }

  std::vector<Entry> scan_back(Family family, std::string_view from, std::string_view to,
                               std::size_t most = SIZE_MAX) {
    std::vector<Entry> found;
    const Status done = store().scan_back(family, from, to, [&](auto key, auto value) {
      found.emplace_back(key, value);
      return found.size() < most;
    });
    EXPECT_TRUE(done.has_value());
    return found;
  }

  // Short keys over few bytes, zero and 0xFF among them, so that they meet and sit on borders.
  static std::string random_key(Rng& rng) {
    static constexpr char kBytes[] = {'\0', 'a', 'b', '\x7F', '\x80', '\xFF'};
    std::string key(1 + rng.below(4), '\0');
    for (auto& byte : key) byte = kBytes[rng.below(sizeof kBytes)];
    return key;
  }

  static std::vector<Entry> range(const Model& model, const std::string& from,
                                  const std::string& to) {
    std::vector<Entry> entries;
    for (const auto& [key, value] : model) {
      if (key >= from && (to.empty() || key < to)) entries.emplace_back(key, value);
    }
    return entries;
  }

  void write_randomly(std::array<Model, kFamilyCount>& models, Rng& rng) {
    WriteBatch batch;
    const auto operations = 1 + rng.below(8);
    for (std::uint64_t i = 0; i < operations; ++i) {
      const auto index = rng.below(kFamilyCount);
      const std::string key = random_key(rng);
      if (rng.chance(0.3)) {
        batch.remove(family(index), key);
        models[index].erase(key);
      } else {
        std::string value(rng.below(100), static_cast<char>(rng.below(256)));
        models[index][key] = value;
        batch.put(family(index), key, std::move(value));
      }
    }
    const auto durability = rng.chance(0.05) ? Durability::now : Durability::later;
    ASSERT_TRUE(store().write(batch, durability).has_value());
  }

  void expect_like(const std::array<Model, kFamilyCount>& models, Rng& rng) {
    for (std::size_t i = 0; i < kFamilyCount; ++i) {
      const Model& model = models[i];
      EXPECT_EQ(scan(family(i), "", ""), std::vector<Entry>(model.begin(), model.end()));
      std::string from = random_key(rng);
      std::string to = rng.chance(0.2) ? std::string() : random_key(rng);
      auto expected = range(model, from, to);
      EXPECT_EQ(scan(family(i), from, to), expected);
      std::reverse(expected.begin(), expected.end());
      EXPECT_EQ(scan_back(family(i), from, to), expected);
      std::vector<std::string> keys;
      for (int k = 0; k < 10; ++k) keys.push_back(random_key(rng));
      const auto values = store().get_many(family(i), keys);
      ASSERT_TRUE(values.has_value());
      ASSERT_EQ(values->size(), keys.size());
      for (std::size_t k = 0; k < keys.size(); ++k) {
        const auto found = model.find(keys[k]);
        const auto expected_value =
            found == model.end() ? std::nullopt : std::optional(found->second);
        EXPECT_EQ((*values)[k], expected_value);
        EXPECT_EQ(get(family(i), keys[k]), expected_value);
      }
    }
  }

  Subject subject_;
};

TYPED_TEST_SUITE_P(StateStoreContract);

TYPED_TEST_P(StateStoreContract, TellsAbsentFromEmpty) {
  EXPECT_EQ(this->get(Family::settings, "a"), std::nullopt);
  this->put(Family::settings, "a", "");
  EXPECT_EQ(this->get(Family::settings, "a"), "");
  EXPECT_EQ(this->get(Family::keys, "a"), std::nullopt) << "families are apart";
}

TYPED_TEST_P(StateStoreContract, BehavesLikeAMap) {
  Rng rng(test_seed());
  std::array<typename TestFixture::Model, kFamilyCount> models;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 40; ++i) this->write_randomly(models, rng);
    this->expect_like(models, rng);
  }
}

TYPED_TEST_P(StateStoreContract, SurvivesBeingReopened) {
  Rng rng(test_seed());
  std::array<typename TestFixture::Model, kFamilyCount> models;
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 40; ++i) this->write_randomly(models, rng);
    if (!this->subject_.reopen()) GTEST_SKIP() << "nothing of it survives";
    this->expect_like(models, rng);
  }
}

TYPED_TEST_P(StateStoreContract, TheLastOperationOnAKeyWins) {
  WriteBatch batch;
  batch.put(Family::links, "a", "1");
  batch.remove(Family::links, "a");
  batch.put(Family::links, "b", "1");
  batch.put(Family::links, "b", "2");
  batch.remove(Family::links, "never there");
  ASSERT_TRUE(this->store().write(batch, Durability::now).has_value());
  EXPECT_EQ(this->get(Family::links, "a"), std::nullopt);
  EXPECT_EQ(this->get(Family::links, "b"), "2");
}

TYPED_TEST_P(StateStoreContract, AnEmptyBatchIsWritten) {
  EXPECT_TRUE(this->store().write(WriteBatch(), Durability::now).has_value());
  EXPECT_TRUE(this->store().sync().has_value());
}

TYPED_TEST_P(StateStoreContract, ScansStopWhenTold) {
  for (const char* key : {"a", "b", "c", "d"}) this->put(Family::history, key, key);
  using Entries = std::vector<typename TestFixture::Entry>;
  EXPECT_EQ(this->scan(Family::history, "", "", 2), (Entries{{"a", "a"}, {"b", "b"}}));
  EXPECT_EQ(this->scan(Family::history, "b", "d"), (Entries{{"b", "b"}, {"c", "c"}}));
  EXPECT_EQ(this->scan(Family::history, "bb", ""), (Entries{{"c", "c"}, {"d", "d"}}));
  EXPECT_EQ(this->scan_back(Family::history, "", "", 2), (Entries{{"d", "d"}, {"c", "c"}}));
  EXPECT_EQ(this->scan_back(Family::history, "b", "d"), (Entries{{"c", "c"}, {"b", "b"}}));
  EXPECT_EQ(this->scan_back(Family::history, "", "cc", 1), (Entries{{"c", "c"}}));
  EXPECT_TRUE(this->scan(Family::history, "d", "b").empty());
  EXPECT_TRUE(this->scan_back(Family::history, "d", "b").empty());
  EXPECT_TRUE(this->scan(Family::history, "c", "c").empty());
}

TYPED_TEST_P(StateStoreContract, AScanSeesOneMoment) {
  for (const char* key : {"a", "b", "c"}) this->put(Family::imports, key, "old");
  std::vector<std::string> seen;
  const Status done = this->store().scan(Family::imports, "", "", [&](auto key, auto value) {
    this->put(Family::imports, std::string(key) + "2", "new");
    this->put(Family::imports, "c", "new");
    seen.push_back(std::string(key) + "=" + std::string(value));
    return true;
  });
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(seen, (std::vector<std::string>{"a=old", "b=old", "c=old"}));
}

TYPED_TEST_P(StateStoreContract, ABatchIsSeenWholeOrNotAtAll) {
  constexpr int kWrites = 500;
  const auto write = [this](int i) {
    WriteBatch batch;
    for (const auto family : {Family::commits, Family::customers, Family::dedupe}) {
      for (const char* key : {"a", "z"}) batch.put(family, key, std::to_string(i));
    }
    ASSERT_TRUE(this->store().write(batch, Durability::later).has_value());
  };
  write(0);
  std::atomic<bool> writing{true};
  std::thread writer([&] {
    for (int i = 1; i <= kWrites; ++i) write(i);
    writing = false;
  });
  int last = 0;
  do {
    const auto entries = this->scan(Family::customers, "", "");
    ASSERT_EQ(entries.size(), 2u);
    EXPECT_EQ(entries[0].second, entries[1].second);
    const int now = std::stoi(entries[0].second);
    EXPECT_GE(now, last);
    const auto other = this->get(Family::commits, "a");
    EXPECT_GE(std::stoi(other.value_or("-1")), now) << "another family of the same batch";
    last = now;
  } while (writing);
  writer.join();
  EXPECT_EQ(this->get(Family::dedupe, "z"), std::to_string(kWrites));
}

TYPED_TEST_P(StateStoreContract, ManyThreadsWriteAtOnce) {
  constexpr int kThreads = 4;
  constexpr int kWrites = 200;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kWrites; ++i) {
        const std::string key = std::to_string(t) + "/" + std::to_string(i);
        this->put(Family::predictions, key, key);
        EXPECT_EQ(this->get(Family::predictions, key), key);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(this->scan(Family::predictions, "", "").size(),
            static_cast<std::size_t>(kThreads * kWrites));
}

TYPED_TEST_P(StateStoreContract, CountsItsBytes) {
  this->put(Family::manifest, "a", std::string(100'000, 'x'));
  EXPECT_GT(this->store().disk_bytes(), 0u);
}

REGISTER_TYPED_TEST_SUITE_P(StateStoreContract, TellsAbsentFromEmpty, BehavesLikeAMap,
                            SurvivesBeingReopened, TheLastOperationOnAKeyWins,
                            AnEmptyBatchIsWritten, ScansStopWhenTold, AScanSeesOneMoment,
                            ABatchIsSeenWholeOrNotAtAll, ManyThreadsWriteAtOnce, CountsItsBytes);

}  // namespace tideline
