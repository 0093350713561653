// State: lifetime counters, traits, eviction, bytes and their damage.
#include "features/customer_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>

#include "features/compute.h"
#include "features/state_bytes.h"
#include "features/test_events.h"

namespace tideline {
namespace {

using testing::HasSubstr;

const Time kT = *parse_time("2025-06-15T00:00:00Z");

class CustomerStateTest : public testing::Test {
 protected:
  void track(Duration after, const std::string& name, const Properties& properties = {}) {
    const std::vector<Observation> one = {maker_.track(kT + after, name, properties)};
    state_.apply(*pack_, one);
  }

  std::shared_ptr<const Pack> pack_ = load_pack("marketplace");
  EventMaker maker_{*pack_};
  CustomerState state_;
};

TEST_F(CustomerStateTest, counts_over_the_whole_life_survive_the_tiles) {
  track(-400 * kDay, "Session Completed");
  track(-399 * kDay, "Signed In");
  track(-399 * kDay, "Nobody Knows This");
  track(Duration(0), "Session Completed");
  EXPECT_EQ(state_.event_count(), 4U);
  EXPECT_EQ(state_.qualifying_count(), 2U);
  EXPECT_EQ(state_.first_event(), kT - 400 * kDay);
  EXPECT_EQ(state_.last_event(), kT);
  EXPECT_EQ(state_.last_qualifying(), kT);
  const auto counters = state_.counters(*pack_);
  ASSERT_EQ(counters.size(), 2U);
  EXPECT_EQ(counters[0].event, "Session Completed");
  EXPECT_EQ(counters[0].count, 2U);
  EXPECT_EQ(counters[0].first, kT - 400 * kDay);
  EXPECT_EQ(counters[0].last, kT);
}

TEST_F(CustomerStateTest, bytes_stay_bounded_for_a_customer_who_never_stops) {
  std::size_t most = 0;
  for (int day = 0; day < 500; ++day) {
    for (int i = 0; i < 3; ++i) {
      track(day * kDay + i * 3 * kHour, "Session Completed",
            {{"duration_min", 50.0 + i},
             {"tutor_id", std::string_view("t1")},
             {"tutor_rating", 5.0}});
    }
    const std::size_t size = state_.encode(*pack_).size();
    if (day == 130) most = size;
    if (day > 130) {
      EXPECT_LE(size, most + most / 10);
    }
  }
  EXPECT_LT(most, 16'000U);
}

// A series keeps what its longest window can see, whatever the order of arrival.
TEST_F(CustomerStateTest, tiles_leave_when_no_window_sees_them) {
  const std::string text = R"([pack]
name = "t"
qualifying = ["E"]
[event."E"]
x = "number"
[[feature]]
name = "f"
value = 'sum("E".x, WINDOW)'
[eligible]
rule = 'true'
)";
  const auto bytes_with = [&](const std::string& window, bool late, bool sent) {
    std::string filled = text;
    filled.replace(filled.find("WINDOW"), 6, window);
    const auto pack = *Pack::parse(filled, "t.toml");
    EventMaker maker(*pack);
    std::vector<Observation> all = {maker.track(kT - 35 * kDay, "E", {{"x", sent ? 0.1 : 0.3}}),
                                    maker.track(kT, "E", {{"x", 7.0}})};
    all[0].message = "a";
    all[1].message = "b";
    if (late) std::swap(all[0], all[1]);
    CustomerState state;
    for (const Observation& one : all) state.apply(*pack, std::span(&one, 1));
    return state.encode(*pack);
  };
  for (const char* window : {"7d", "30d", "33d"}) {
    EXPECT_EQ(bytes_with(window, false, true), bytes_with(window, true, true)) << window;
    EXPECT_EQ(bytes_with(window, false, true), bytes_with(window, false, false)) << window;
  }
  for (const char* window : {"34d", "35d", "120d"}) {
    EXPECT_EQ(bytes_with(window, false, true), bytes_with(window, true, true)) << window;
    EXPECT_NE(bytes_with(window, false, true), bytes_with(window, false, false)) << window;
  }
}

TEST_F(CustomerStateTest, traits_follow_event_time_and_not_arrival) {
  const std::string text = R"([pack]
name = "t"
qualifying = ["E"]
[event."E"]
[trait]
plan = "text"
seats = "number"
[[feature]]
name = "f"
value = 'trait.seats'
[eligible]
rule = 'true'
)";
  const auto pack = *Pack::parse(text, "t.toml");
  EventMaker maker(*pack);
  const auto identify = [&](Duration after, const char* plan, double seats) {
    return maker.make(EventType::identify, kT + after, "",
                      {{"plan", std::string_view(plan)}, {"seats", seats}});
  };
  const std::vector<Observation> late_first = {identify(Duration(0), "gold", 5),
                                               identify(-3 * kDay, "tin", 1)};
  CustomerState state;
  state.apply(*pack, late_first);
  EXPECT_EQ(std::get<std::string>(*state.trait(0)), "gold");
  EXPECT_EQ(compute_features(*pack, state, kT).values[0], 5);
  EXPECT_EQ(compute_features(*pack, state, kT - Duration(1)).values[0], 1);  // as known then
  const std::vector<Observation> other_order = {late_first[1], late_first[0]};
  CustomerState other;
  other.apply(*pack, other_order);
  EXPECT_EQ(other.encode(*pack), state.encode(*pack));
  EXPECT_EQ(state.event_count(), 0U);  // identify is no activity
  EXPECT_FALSE(CustomerState().trait(0).has_value());
}

// As SQL orders them: arg_max(x, (event_time, message_id)).
TEST_F(CustomerStateTest, of_one_time_the_greatest_message_id_is_the_last) {
  const std::string text = R"([pack]
name = "t"
qualifying = ["E"]
[event."E"]
x = "number"
[trait]
seats = "number"
[[feature]]
name = "f"
value = 'last("E".x, ever)'
[[feature]]
name = "g"
value = 'trait.seats'
[eligible]
rule = 'true'
)";
  const auto pack = *Pack::parse(text, "t.toml");
  EventMaker maker(*pack);
  const auto make = [&](EventType type, const char* id, double x) {
    Observation made = maker.make(type, kT, "E", {{"x", x}, {"seats", x}});
    made.message = id;
    return made;
  };
  std::vector<Observation> all;
  for (const EventType type : {EventType::track, EventType::identify}) {
    all.push_back(make(type, "a-very-long-message-id-10", 1));
    all.push_back(make(type, "a-very-long-message-id-9", 2));
    all.push_back(make(type, "a-very-long-message-id-1", 4));
    all.push_back(make(type, "a-very-long-message-id-9", 3));  // of another source
  }
  for (int turn = 0; turn < 2; ++turn) {
    CustomerState state;
    for (const Observation& one : all) state.apply(*pack, std::span(&one, 1));
    const auto values = compute_features(*pack, state, kT).values;
    EXPECT_EQ(values[0], 3);
    EXPECT_EQ(values[1], 3);
    std::reverse(all.begin(), all.end());
  }
}

TEST_F(CustomerStateTest, another_currency_is_counted_and_its_amount_left_out) {
  track(-kDay, "Payment Succeeded", {{"amount", 10.0}, {"currency", std::string_view("usd")}});
  track(-kDay, "Payment Succeeded", {{"amount", 99.0}, {"currency", std::string_view("EUR")}});
  track(Duration(0), "Payment Succeeded",
        {{"currency", std::string_view("EUR")}, {"amount", 99.0}});
  EXPECT_EQ(state_.foreign_currency_count(), 2U);
  EXPECT_EQ(state_.qualifying_count(), 3U);
  const auto vector = compute_features(*pack_, state_, kT);
  EXPECT_EQ(vector.values[*pack_->feature_index("avg_transaction_value")], 10);
}

TEST_F(CustomerStateTest, bytes_come_back_the_same_and_damage_is_refused) {
  const std::uint64_t seed = 5;
  std::cout << "seed " << seed << "\n";
  Rng rng(seed);
  for (int i = 0; i < 120; ++i) {
    track(Duration(static_cast<std::int64_t>(rng.uniform(-130, 0) * 86'400'000.0)),
          "Session Completed",
          {{"duration_min", rng.uniform(0, 100)},
           {"tutor_id", std::string_view(i % 2 ? "a" : "b")}});
    track(Duration(static_cast<std::int64_t>(rng.uniform(-600'000, 0))), "Payment Succeeded",
          {{"amount", rng.uniform(-1e9, 1e9)}});
  }
  const std::string bytes = state_.encode(*pack_);
  const auto again = CustomerState::decode(*pack_, bytes);
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->encode(*pack_), bytes);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << rng.below(8)));
    EXPECT_FALSE(CustomerState::decode(*pack_, damaged).has_value()) << at;
    EXPECT_FALSE(CustomerState::decode(*pack_, bytes.substr(0, at)).has_value()) << at;
  }
}

// With a right checksum over wrong bytes the reader itself must hold.
TEST_F(CustomerStateTest, forged_bytes_never_harm) {
  const std::uint64_t seed = 6;
  std::cout << "seed " << seed << "\n";
  Rng rng(seed);
  for (int i = 0; i < 40; ++i) {
    track(-i * 3 * kDay, "Session Completed",
          {{"duration_min", 5.0}, {"tutor_id", std::string_view("a")}});
    track(-Duration(i), "Message Sent", {{"reply_hours", 1.5}});
  }
  const std::string bytes = state_.encode(*pack_);
  int read = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string forged = bytes.substr(0, bytes.size() - 4);
    for (std::uint64_t n = 1 + rng.below(3); n > 0; --n) {
      forged[5 + rng.below(forged.size() - 5)] = static_cast<char>(rng.below(256));
    }
    const std::uint32_t crc = crc32c(forged);
    for (unsigned i = 0; i < 4; ++i) forged.push_back(static_cast<char>(crc >> (8 * i)));
    auto state = CustomerState::decode(*pack_, forged);
    if (!state) continue;
    ++read;
    static_cast<void>(compute_features(*pack_, *state, kT));
    const std::vector<Observation> one = {maker_.track(kT + kDay, "Session Completed")};
    state->apply(*pack_, one);
    static_cast<void>(state->encode(*pack_));
  }
  EXPECT_GT(read, 100);  // some changes only change a number
}

TEST_F(CustomerStateTest, the_state_of_another_pack_is_refused_in_words) {
  track(Duration(0), "Session Completed");
  const auto commerce = load_pack("commerce");
  const auto other = CustomerState::decode(*commerce, state_.encode(*pack_));
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code, ErrorCode::refused);
  EXPECT_THAT(other.error().message, HasSubstr("replay"));
}

TEST_F(CustomerStateTest, a_cleared_state_is_a_new_one) {
  const std::string empty = state_.encode(*pack_);
  const auto fill = [&] {
    for (int day = 0; day < 40; ++day) {
      track(-day * kDay, "Session Completed",
            {{"duration_min", 50.0 + day}, {"tutor_id", std::string_view("t1")}});
      track(-day * kDay, "Payment Succeeded", {{"amount", 19.9}});
      track(-day * kDay, "Nobody Knows This");
    }
    const std::vector<Observation> one = {
        maker_.make(EventType::identify, kT - kDay, "", {{"plan", std::string_view("gold")}})};
    state_.apply(*pack_, one);
    return state_.encode(*pack_);
  };
  const std::string full = fill();
  state_.clear();
  EXPECT_EQ(state_.encode(*pack_), empty);
  EXPECT_EQ(state_.event_count(), 0U);
  EXPECT_FALSE(state_.last_qualifying().has_value());
  const std::vector<double> none = compute_features(*pack_, CustomerState(), kT).values;
  const std::vector<double> cleared = compute_features(*pack_, state_, kT).values;
  for (std::size_t i = 0; i < none.size(); ++i) {
    EXPECT_TRUE(none[i] == cleared[i] || (std::isnan(none[i]) && std::isnan(cleared[i]))) << i;
  }
  maker_ = EventMaker(*pack_);
  EXPECT_EQ(fill(), full);
}

TEST_F(CustomerStateTest, read_in_the_memory_of_another_it_is_the_same) {
  const auto state_of = [&](std::string_view tutor, int days) {
    CustomerState state;
    std::vector<Observation> all = {
        maker_.make(EventType::identify, kT, "", {{"plan", std::string(tutor)}})};
    for (int day = 0; day < days; ++day) {
      all.push_back(maker_.make(EventType::track, kT - day * kDay, "Session Completed",
                                {{"duration_min", 10.0 * day}, {"tutor_id", tutor}}));
    }
    state.apply(*pack_, all);
    return state.encode(*pack_);
  };
  const std::string empty = CustomerState().encode(*pack_);
  const std::string few = state_of("t1", 2);
  const std::string many = state_of("t2", 90);
  CustomerState used;
  for (const std::string& bytes : {many, few, empty, many, few}) {
    ASSERT_TRUE(used.read(*pack_, bytes).has_value());
    EXPECT_EQ(used.encode(*pack_), bytes);
  }
  std::string broken = many;
  broken[broken.size() / 2] ^= 1;
  EXPECT_FALSE(used.read(*pack_, broken).has_value());
  ASSERT_TRUE(used.read(*pack_, few).has_value());
  EXPECT_EQ(used.encode(*pack_), few);
}

TEST_F(CustomerStateTest, an_empty_state_has_bytes_too) {
  const auto again = CustomerState::decode(*pack_, CustomerState().encode(*pack_));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->event_count(), 0U);
  EXPECT_FALSE(again->first_event().has_value());
}

TEST(StateBytesTest, wide_numbers_come_back) {
  const std::uint64_t seed = 8;
  std::cout << "seed " << seed << "\n";
  Rng rng(seed);
  for (int round = 0; round < 5000; ++round) {
    std::array<std::uint64_t, 3> wide{};
    for (auto& word : wide) word = rng.chance(0.4) ? 0 : rng.next() << rng.below(64);
    auto number = static_cast<Int128>(
        (static_cast<unsigned __int128>(rng.next()) << 64 | rng.next()) >> (1 + rng.below(127)));
    if (rng.chance(0.5)) number = -number;
    StateWriter out;
    out.wide(wide);
    out.wide(number);
    out.signed_varint(static_cast<std::int64_t>(wide[0]));
    StateReader in(out.bytes());
    EXPECT_EQ(in.wide_unsigned(), wide);
    EXPECT_TRUE(in.wide_signed() == number);
    EXPECT_EQ(in.signed_varint(), static_cast<std::int64_t>(wide[0]));
    EXPECT_TRUE(in.ok() && in.at_end());
  }
}

}  // namespace
}  // namespace tideline
