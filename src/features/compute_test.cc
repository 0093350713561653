// The worked example of the marketplace's table, and every function of the language by hand.
#include "features/compute.h"

#include <gtest/gtest.h>

#include <cmath>

#include "features/test_events.h"

namespace tideline {
namespace {

const Time kT = *parse_time("2025-06-15T00:00:00Z");

Time at(double day) { return kT + Duration(std::llround(day * 86'400'000.0)); }

double feature(const Pack& pack, const CustomerState& state, const std::string& name,
               Time as_of = kT) {
  return compute_features(pack, state, as_of).values.at(*pack.feature_index(name));
}

TEST(ComputeTest, worked_example_of_the_marketplace) {
  const auto pack = load_pack("marketplace");
  ASSERT_NE(pack, nullptr);
  EventMaker maker(*pack);
  const auto session = [&](double day, std::string_view tutor) {
    return maker.track(at(day), "Session Completed", {{"tutor_id", tutor}});
  };
  const std::vector<Observation> sessions = {session(-0.5, "A"), session(-0.25, "A"),
                                             session(-2.5, "A"), session(-9.5, "B")};
  CustomerState state;
  state.apply(*pack, sessions);
  EXPECT_EQ(feature(*pack, state, "sessions_7d"), 3);
  EXPECT_EQ(feature(*pack, state, "sessions_14d"), 4);
  EXPECT_DOUBLE_EQ(feature(*pack, state, "session_frequency_7d"), 2.0 / 7);
  EXPECT_EQ(feature(*pack, state, "avg_session_gap"), 4.5);
  EXPECT_EQ(feature(*pack, state, "max_session_gap"), 7);
  EXPECT_EQ(feature(*pack, state, "session_trend"), 1);
  EXPECT_EQ(feature(*pack, state, "tutor_consistency"), 0.75);
  EXPECT_EQ(feature(*pack, state, "distinct_tutors_90d"), 2);
  EXPECT_EQ(feature(*pack, state, "days_since_last_session"), 0.25);
}

TEST(ComputeTest, a_customer_without_events_has_counts_of_0_and_the_rest_missing) {
  const auto pack = load_pack("marketplace");
  const FeatureVector vector = compute_features(*pack, CustomerState(), kT);
  for (std::size_t i = 0; i < vector.values.size(); ++i) {
    const FeatureSpec& spec = pack->features()[i];
    EXPECT_EQ(std::isnan(vector.values[i]), spec.can_be_missing) << spec.name;
    if (!spec.can_be_missing) {
      EXPECT_EQ(vector.values[i], 0) << spec.name;
    }
  }
  EXPECT_EQ(vector.coverage, 0);
  EXPECT_FALSE(is_eligible(*pack, CustomerState(), kT));
  EXPECT_TRUE(is_lapsed(*pack, CustomerState(), kT));
  EXPECT_STREQ(unscored_reason(*pack, CustomerState(), vector, kT), "not_enough_data");
}

TEST(ComputeTest, eligible_lapsed_and_enough_data) {
  const auto pack = load_pack("marketplace");
  EventMaker maker(*pack);
  CustomerState state;
  const std::vector<Observation> first = {maker.track(at(-7), "Session Completed"),
                                          maker.track(at(-1), "Signed In")};
  state.apply(*pack, first);
  const auto reason = [&](Time t) {
    return unscored_reason(*pack, state, compute_features(*pack, state, t), t);
  };
  EXPECT_NE(reason(kT), nullptr);  // one qualifying event
  const std::vector<Observation> second = {
      maker.track(at(-0.5), "Session Completed", {{"duration_min", 30.0}})};
  state.apply(*pack, second);
  EXPECT_EQ(reason(kT), nullptr);
  EXPECT_TRUE(is_eligible(*pack, state, kT));
  EXPECT_FALSE(is_lapsed(*pack, state, at(29.5)));
  EXPECT_TRUE(is_lapsed(*pack, state, at(29.5) + Duration(1)));
  EXPECT_TRUE(is_eligible(*pack, state, at(89.5)));
  EXPECT_FALSE(is_eligible(*pack, state, at(89.5) + Duration(1)));
}

// One event kind with every type of property; the formula under test is its only feature.
std::shared_ptr<const Pack> pack_with(const std::string& formula) {
  const std::string text = R"([pack]
name = "test"
currency = "EUR"
qualifying = ["E"]
[event."E"]
x = "number"
id = "id"
kind = { type = "choice", values = ["a", "b"] }
flag = "boolean"
[event."F"]
x = "number"
[event."Never"]
x = "number"
[trait]
seats = "number"
vip = "boolean"
[set]
both = ["E", "F"]
[[feature]]
name = "f"
value = ''')" + formula + R"('''
[eligible]
rule = 'true'
)";
  auto pack = Pack::parse(text, "test.toml");
  EXPECT_TRUE(pack.has_value()) << pack.error().message;
  return pack ? *pack : nullptr;
}

std::vector<Observation> history(const Pack& pack) {
  EventMaker maker(pack);
  const auto text = [](const char* s) { return PropertyValue(std::string_view(s)); };
  return {
      maker.track(at(-200), "E", {{"x", 100.0}, {"id", text("old")}}),
      maker.track(at(-40.5), "E", {{"x", 8.0}, {"id", text("p")}, {"kind", text("a")}}),
      maker.track(at(-20.5), "E",
                  {{"x", 2.0}, {"id", text("p")}, {"kind", text("b")}, {"flag", true}}),
      maker.track(at(-20.25), "F", {{"x", 5.0}}),
      maker.track(at(-10.5), "E", {{"x", 4.0}, {"id", std::int64_t{7}}, {"flag", false}}),
      maker.track(at(-3.5), "E", {{"id", text("q")}, {"kind", text("a")}}),
      maker.track(at(-3.25), "E",
                  {{"x", 6.0}, {"id", text("p")}, {"kind", text("a")}, {"flag", true}}),
      maker.track(at(-1.5), "Unknown"),
      maker.make(EventType::page, at(-1.25), "Home"),
      maker.make(EventType::identify, at(-50), "", {{"seats", std::int64_t{3}}, {"vip", true}}),
      maker.make(EventType::identify, at(-60), "", {{"seats", std::int64_t{9}}}),
  };
}

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Case {
  const char* formula;
  double value;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.formula; }

class Language : public testing::TestWithParam<Case> {};

TEST_P(Language, means_what_docs_packs_md_says) {
  const auto pack = pack_with(GetParam().formula);
  ASSERT_NE(pack, nullptr);
  CustomerState state;
  state.apply(*pack, history(*pack));
  const double value = feature(*pack, state, "f");
  if (std::isnan(GetParam().value)) {
    EXPECT_TRUE(std::isnan(value)) << value;
    EXPECT_TRUE(pack->features()[0].can_be_missing);
  } else {
    EXPECT_NEAR(value, GetParam().value, 1e-12);
  }
  // Through the store and back: the same bits.
  const auto again = CustomerState::decode(*pack, state.encode(*pack));
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(std::isnan(value), std::isnan(feature(*pack, *again, "f")));
  if (!std::isnan(value)) {
    EXPECT_EQ(value, feature(*pack, *again, "f"));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Aggregates, Language,
    testing::Values(
        Case{"count(\"E\", 7d)", 2}, Case{"count(\"E\", 14d)", 3}, Case{"count(\"E\", 120d)", 5},
        Case{"count(\"E\", ever)", 6}, Case{"count(both, 30d)", 5}, Case{"count(any, 30d)", 7},
        Case{"count(any, ever)", 9}, Case{"count(\"Never\", 30d)", 0},
        Case{"count(\"E\".x, 7d)", 1}, Case{"count(both.x, ever)", 6},
        Case{"count(\"E\".kind, ever)", 4}, Case{"count(\"E\", 28d, before = 14d)", 1},
        Case{"count(\"E\", 14d, before = 84h)", 1}, Case{"count(\"E\", 84h)", 2},
        Case{"count(\"E\", 83h)", 1}, Case{"count(\"E\", ever, where = kind == \"a\")", 3},
        Case{"count(\"E\", 30d, where = kind != \"a\")", 1},
        Case{"count(\"E\", 120d, where = x > 3 and x < 8)", 2},
        Case{"count(\"E\", 120d, where = flag)", 2},
        Case{"count(\"E\", 120d, where = not flag)", 1},
        Case{"count(\"E\", 120d, where = flag == false)", 1},
        Case{"count(\"E\", ever, where = id == \"7\")", 1},
        Case{"count(both, ever, where = x <= 5)", 3},
        Case{"count(both, ever, where = flag or x == 5)", 3}, Case{"sum(\"E\".x, 30d)", 12},
        Case{"sum(\"E\".x, ever)", 120}, Case{"sum(\"Never\".x, 30d)", 0},
        Case{"sum(\"E\".flag, ever)", 2}, Case{"mean(\"E\".x, 30d)", 4},
        Case{"mean(both.x, 30d)", 4.25}, Case{"mean(\"E\".x, ever)", 24},
        Case{"mean(\"Never\".x, ever)", kNaN}, Case{"mean(\"E\".x, 3d)", kNaN},
        Case{"sd(\"E\".x, 30d)", std::sqrt(8.0 / 3)}, Case{"sd(\"E\".x, 7d)", 0},
        Case{"sd(\"E\".x, 1d)", kNaN},
        Case{"sd(\"E\".x, 30d) + mean(\"E\".x, 30d) + sum(\"E\".x, 7d)", std::sqrt(8.0 / 3) + 10},
        Case{"min_of(\"E\".x, 120d)", 2}, Case{"max_of(\"E\".x, 120d)", 8},
        Case{"max_of(\"E\".x, ever)", 100}, Case{"min_of(\"E\".x, 14d)", 4},
        Case{"max_of(\"E\".x, 28d, before = 7d)", 4}, Case{"min_of(\"E\".x, 2d)", kNaN},
        Case{"last(\"E\".x, ever)", 6}, Case{"last(\"E\".x, 84h)", 6},
        Case{"last(\"E\".x, 2d)", kNaN}, Case{"last(\"E\".x, ever, where = kind == \"b\")", 2},
        Case{"distinct(\"E\".id, 30d)", 3}, Case{"distinct(\"E\".id, 7d)", 2},
        Case{"distinct(\"E\".x, 120d)", 4}, Case{"distinct(any.name, 30d)", 4},
        Case{"distinct(\"Never\".x, 30d)", 0}, Case{"top_share(\"E\".id, 120d)", 0.6},
        Case{"top_share(\"E\".id, 1d)", kNaN}, Case{"top_share(any.name, 30d)", 4.0 / 7}));

INSTANTIATE_TEST_SUITE_P(
    DaysAndBlocks, Language,
    testing::Values(
        Case{"active_days(\"E\", 7d)", 1}, Case{"active_days(\"E\", 120d)", 4},
        Case{"active_days(\"E\", ever)", 5}, Case{"active_days(both, 30d)", 3},
        Case{"active_days(any, 30d)", 4}, Case{"gap_mean(\"E\", 120d)", 37.0 / 3},
        Case{"gap_max(\"E\", 120d)", 20},
        Case{"gap_sd(\"E\", 120d)", std::sqrt((400 + 100 + 49) / 3.0 - 37.0 * 37 / 9)},
        Case{"gap_mean(\"E\", 7d)", kNaN}, Case{"gap_max(\"E\", ever)", 159},
        Case{"gap_mean(\"E\", 90d, before = 14d)", 20},
        Case{"gap_sd(\"E\", ever, where = flag)", 0}, Case{"blocks_active(\"E\", 7d, 3)", 3},
        Case{"blocks_active(\"E\", 7d, 12)", 4}, Case{"blocks_mean(\"E\", 7d, 2)", 1.5},
        Case{"blocks_sd(\"E\", 7d, 2)", 0.5}, Case{"blocks_mean(\"E\", 12h, 8)", 0.25},
        Case{"blocks_active(\"E\".x, 7d, 1)", 1}, Case{"since(\"E\")", 3.25},
        Case{"since(\"E\", 3d)", kNaN}, Case{"since(\"E\", 4d)", 3.25},
        Case{"since(\"Never\")", kNaN}, Case{"since(both)", 3.25}, Case{"since(any)", 1.25},
        Case{"since(\"E\", ever, where = kind == \"b\")", 20.5}, Case{"since(qualifying)", 3.25},
        Case{"since(\"E\", 20d, where = kind == \"b\")", kNaN}, Case{"since_first(\"E\")", 200},
        Case{"since_first(\"E\", where = flag)", 20.5}, Case{"since_first(any)", 200},
        Case{"since_first(\"Never\")", kNaN}, Case{"geo_mean(\"E\".x, 30d)", std::cbrt(48.0)},
        Case{"geo_mean(\"E\".x, 30d, plus = 1)", std::cbrt(105.0)},
        Case{"geo_mean(\"Never\".x, 30d)", kNaN}));

INSTANTIATE_TEST_SUITE_P(
    Operators, Language,
    testing::Values(Case{"1 + 2 * 3 - 4 / 2", 5}, Case{"-(1 + 2) * 3", -9}, Case{"- -2", 2},
                    Case{"8 / 2 / 2", 2}, Case{"8 / (2 / 2)", 8}, Case{"1 - 2 - 3", -4},
                    Case{"1e3 + 2.5e-1", 1000.25}, Case{"36h + 2d", 3.5},
                    Case{"1 / count(\"Never\", 7d)", kNaN}, Case{"0 / count(\"Never\", 7d)", kNaN},
                    Case{"1 + mean(\"Never\".x, 7d)", kNaN}, Case{"min(3, 1, 2)", 1},
                    Case{"max(3, 1, 2)", 3}, Case{"min(1, mean(\"Never\".x, 7d))", kNaN},
                    Case{"abs(1 - 3)", 2}, Case{"sqrt(9)", 3}, Case{"sqrt(-1)", kNaN},
                    Case{"log(1)", 0}, Case{"log(0)", kNaN},
                    Case{"or_else(mean(\"Never\".x, 7d), 5)", 5}, Case{"or_else(2, 5)", 2},
                    Case{"when(1 < 2, 7)", 7}, Case{"when(2 < 1, 7)", kNaN},
                    Case{"when(present(mean(\"Never\".x, 7d)), 7)", kNaN},
                    Case{"when(not present(mean(\"Never\".x, 7d)), 7)", 7},
                    Case{"when(1 < 2 and not 2 < 1 or 1 > 2, 7)", 7},
                    Case{"when(1 == 1 and 1 != 2 and 2 >= 2 and 2 <= 2, 7)", 7},
                    // Missing decides nothing, and what the other side decides stands.
                    Case{"when(mean(\"Never\".x, 7d) > 1 or 2 > 1, 7)", 7},
                    Case{"when(not (mean(\"Never\".x, 7d) > 1 and 1 > 2), 7)", 7},
                    Case{"when(not (mean(\"Never\".x, 7d) > 1), 7)", kNaN},
                    Case{"weighted(3, 1, 1, 0)", 0.75},
                    Case{"weighted(3, 1, 1, mean(\"Never\".x, 7d))", 1},
                    Case{"weighted(3, mean(\"Never\".x, 7d))", kNaN},
                    Case{"weighted(1, 2 > 1, 1, 1 > 2)", 0.5}, Case{"trait.seats * 2", 6},
                    Case{"when(trait.vip == true, 1)", 1}, Case{"trait.vip + 0", 1}));

TEST(ComputeTest, the_leading_edge_is_exact_to_the_millisecond) {
  const auto pack = pack_with("count(\"E\", 7d)");
  EventMaker maker(*pack);
  CustomerState state;
  std::vector<Observation> observations;
  for (int second = 0; second < 600; second += 10) {
    observations.push_back(maker.track(kT + std::chrono::seconds(second), "E"));
  }
  state.apply(*pack, observations);
  for (int second = 0; second < 600; second += 10) {
    const Time t = kT + std::chrono::seconds(second);
    EXPECT_EQ(feature(*pack, state, "f", t), second / 10 + 1);
    EXPECT_EQ(feature(*pack, state, "f", t - Duration(1)), second / 10);
  }
}

TEST(ComputeTest, the_tail_edge_takes_its_whole_hour_or_day) {
  for (const auto& [formula, tail] :
       {std::pair{"count(\"E\", 14d)", kHour}, std::pair{"count(\"E\", 15d)", kDay}}) {
    const auto pack = pack_with(formula);
    const Duration k = (tail == kHour ? 14 : 15) * kDay;
    const Time as_of = kT + 5 * kHour + Duration(1234);
    const Time edge = as_of - k - Duration(millis(as_of) % tail.count());
    EventMaker maker(*pack);
    for (const auto& [time, count] : {std::pair{edge, 1}, std::pair{edge - Duration(1), 0}}) {
      CustomerState state;
      const std::vector<Observation> observations = {maker.track(time, "E")};
      state.apply(*pack, observations);
      EXPECT_EQ(feature(*pack, state, "f", as_of), count) << formula;
    }
  }
}

TEST(ComputeTest, rules_given_by_hand_are_asked_of_the_state) {
  const auto pack = pack_with("count(\"E\", 30d)");
  CustomerState state;
  state.apply(*pack, history(*pack));
  const auto holds = [&](const std::string& text) {
    const auto rule = parse_rule(*pack, text);
    EXPECT_TRUE(rule.has_value()) << rule.error().message;
    return meets_rule(*pack, *rule, state, kT);
  };
  EXPECT_TRUE(holds("since(qualifying) <= 3.25"));
  EXPECT_FALSE(holds("since(qualifying) < 78h"));
  EXPECT_TRUE(holds("count(\"F\", ever) == 1 and count(\"E\", 30d) == 4"));
  EXPECT_TRUE(holds("trait.seats == 3 and since_first(any) == 200"));
  EXPECT_FALSE(holds("since(\"Never\") < 1000"));
  EXPECT_TRUE(holds("true"));
}

}  // namespace
}  // namespace tideline
