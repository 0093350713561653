// Packs as text: the three that come with the program, and a table of mistakes with their
// messages.
#include "packs/pack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "packs/program.h"

namespace tideline {
namespace {

using testing::HasSubstr;

std::string text_of_pack(const std::string& name) {
  std::ifstream file(std::string(TIDELINE_SOURCE_DIR) + "/packs/" + name + "/pack.toml");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::shared_ptr<const Pack> load(const std::string& name) {
  auto pack = Pack::parse(text_of_pack(name), "packs/" + name + "/pack.toml");
  EXPECT_TRUE(pack.has_value()) << pack.error().message;
  return pack ? *pack : nullptr;
}

std::size_t features_that_can_be_missing(const Pack& pack) {
  std::size_t found = 0;
  for (const FeatureSpec& feature : pack.features()) found += feature.can_be_missing ? 1 : 0;
  return found;
}

// log(1 + clicks) is always there: the pack lets no session have fewer than 0 clicks.
TEST(PackTest, what_cannot_be_missing_is_not_counted_as_if_it_could) {
  const auto learning = load("learning");
  const auto commerce = load("commerce");
  ASSERT_TRUE(learning != nullptr && commerce != nullptr);
  EXPECT_EQ(features_that_can_be_missing(*learning), 29U);
  EXPECT_EQ(features_that_can_be_missing(*commerce), 23U);
}

TEST(PackTest, marketplace_has_its_46_features_in_order_and_30_that_can_be_missing) {
  const auto pack = load("marketplace");
  ASSERT_NE(pack, nullptr);
  ASSERT_EQ(pack->features().size(), 46U);
  EXPECT_EQ(pack->features()[0].name, "sessions_7d");
  EXPECT_EQ(pack->features()[21].name, "payment_success_rate");
  EXPECT_EQ(pack->features()[45].name, "current_tutor_tenure");
  EXPECT_EQ(features_that_can_be_missing(*pack), 30U);
  const std::vector<std::string> tasks = {"first_session_success", "session_velocity",
                                          "churn_risk_14d", "churn_risk_30d", "health_score"};
  ASSERT_EQ(pack->tasks().size(), tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) EXPECT_EQ(pack->tasks()[i].name, tasks[i]);
  EXPECT_EQ(pack->tasks()[0].horizon, 44 * kDay);
  EXPECT_EQ(pack->tasks()[1].horizon, 28 * kDay);
  EXPECT_EQ(pack->tasks()[2].horizon, 44 * kDay);
  EXPECT_EQ(pack->tasks()[3].horizon, 60 * kDay);
  EXPECT_EQ(pack->tasks()[4].horizon, 30 * kDay);
  EXPECT_EQ(pack->tiers(),
            (std::vector<std::string>{"churned", "thriving", "healthy", "at_risk"}));
  EXPECT_EQ(pack->tier_margins(), (std::vector<double>{0.02, 2, 0.02, 0.02, 2}));
  EXPECT_EQ(pack->lapse(), 30 * kDay);
  const EventSpec* paid = pack->find_event("Payment Succeeded");
  ASSERT_NE(paid, nullptr);
  EXPECT_TRUE(pack->is_qualifying(paid->index));
  EXPECT_FALSE(pack->is_cancellation(paid->index));
  EXPECT_EQ(pack->find_event("Payment"), nullptr);
  EXPECT_TRUE(paid->fields[0].is_money);
}

TEST(PackTest, the_other_packs_parse_and_name_the_shared_tasks) {
  for (const char* name : {"commerce", "learning"}) {
    const auto pack = load(name);
    ASSERT_NE(pack, nullptr) << name;
    EXPECT_EQ(pack->name(), name);
    for (const char* task :
         {"churn_risk_14d", "churn_risk_30d", "session_velocity", "health_score"}) {
      EXPECT_TRUE(pack->task_index(task).has_value()) << name << " " << task;
    }
    EXPECT_EQ(pack->tiers().size(), 4U);
    EXPECT_GE(pack->features().size(), 30U);
  }
  const auto learning = load("learning");
  ASSERT_NE(learning, nullptr);
  EXPECT_EQ(learning->lapse(), 14 * kDay);
  EXPECT_EQ(learning->fold_trait(), "student");
  EXPECT_TRUE(learning->is_end(learning->find_event("Course Ended")->index));
}

TEST(PackTest, purchases_name_features) {
  const auto pack = load("commerce");
  ASSERT_NE(pack, nullptr);
  const auto& purchases = pack->program().purchases;
  ASSERT_TRUE(purchases.has_value());
  EXPECT_EQ(pack->features()[purchases->active_days].name, "order_days_ever");
  EXPECT_EQ(pack->features()[purchases->since_last].name, "days_since_last_order");
  EXPECT_EQ(pack->features()[purchases->since_first].name, "days_since_first_order");
  EXPECT_FALSE(load("learning")->program().purchases.has_value());
}

TEST(PackTest, tier_rules_are_total_and_boundaries_are_as_written) {
  const auto pack = load("marketplace");
  ASSERT_NE(pack, nullptr);
  const std::size_t health = *pack->task_index("health_score");
  const std::size_t churn = *pack->task_index("churn_risk_14d");
  const auto tier = [&](double health_score, double p14) {
    std::vector<double> slots(pack->tasks().size() + pack->features().size(), std::nan(""));
    slots[health] = health_score;
    slots[churn] = p14;
    for (std::size_t i = 0; i < pack->tiers().size(); ++i) {
      if (holds(pack->program().tier_rules[i], slots)) return pack->tiers()[i];
    }
    return std::string();
  };
  EXPECT_EQ(tier(29.99, 0.0), "churned");
  EXPECT_EQ(tier(30, 0.0), "at_risk");
  EXPECT_EQ(tier(90, 0.71), "churned");
  EXPECT_EQ(tier(90, 0.7), "at_risk");
  EXPECT_EQ(tier(70, 0.1), "healthy");
  EXPECT_EQ(tier(70.01, 0.1), "thriving");
  EXPECT_EQ(tier(70.01, 0.2), "healthy");
  EXPECT_EQ(tier(50, 0.39), "healthy");
  EXPECT_EQ(tier(50, 0.4), "at_risk");
  EXPECT_EQ(tier(std::nan(""), 0.9), "churned");  // one known figure is enough to decide an `or`
  EXPECT_EQ(tier(std::nan(""), std::nan("")), "at_risk");
}

// A small pack that is right; mistakes are made by replacing one of its lines.
const char* const kSmall = R"([pack]
name = "small"
currency = "USD"
qualifying = ["Order Completed"]
[event."Order Completed"]
revenue = { type = "number", min = 0, money = true }
channel = { type = "choice", values = ["web", "shop"] }
note = "text"
[event."Signed In"]
[trait]
age = { type = "number", protected = true }
plan = "text"
seats = "number"
[set]
things = ["Order Completed", "Signed In"]
[[feature]]
name = "orders"
value = 'count("Order Completed", 30d)'
[eligible]
rule = 'since(qualifying) <= 90d'
[[task]]
name = "risk"
kind = "probability"
definition = "Gone."
label = 'gone(14d, lapse)'
[[tier]]
name = "high"
rule = 'risk > 0.5'
[[tier]]
name = "low"
rule = 'true'
[[play]]
name = "call"
when = 'risk > 0.5'
say = "Risk {risk:%}"
)";

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = kSmall;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(PackTest, the_small_pack_is_right) {
  const auto pack = Pack::parse(kSmall, "small.toml");
  ASSERT_TRUE(pack.has_value()) << pack.error().message;
  EXPECT_EQ((*pack)->features()[0].definition, "count(\"Order Completed\", 30d)");
  EXPECT_EQ((*pack)->tier_margins(), std::vector<double>{0.02});
}

struct Wrong {
  const char* from;
  const char* to;
  int line;
  const char* says;
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.from << " -> " << wrong.to; }

class WrongPack : public testing::TestWithParam<Wrong> {};

TEST_P(WrongPack, is_refused_with_file_line_and_what_is_allowed) {
  const Wrong& wrong = GetParam();
  const auto pack = Pack::parse(replaced(wrong.from, wrong.to), "small.toml");
  ASSERT_FALSE(pack.has_value());
  EXPECT_EQ(pack.error().code, ErrorCode::invalid);
  EXPECT_THAT(pack.error().message, HasSubstr("small.toml:" + std::to_string(wrong.line) + ": "));
  EXPECT_THAT(pack.error().message, HasSubstr(wrong.says));
}

const char* const kOrders = "'count(\"Order Completed\", 30d)'";

INSTANTIATE_TEST_SUITE_P(
    Table, WrongPack,
    testing::Values(
        Wrong{"name = \"small\"", "name = ", 2, "this is not TOML"},
        Wrong{"[pack]", "[pakc]", 1, "unknown key \"pakc\" in the pack; did you mean \"pack\"?"},
        Wrong{"currency =", "currancy =", 3,
              "did you mean \"currency\"? (allowed: name, about, currency"},
        Wrong{"[\"Order Completed\"]", "[\"Order Complete\"]", 4,
              "did you mean \"Order Completed\"?"},
        Wrong{"[\"Order Completed\"]", "\"Order Completed\"", 4, "is a list such as"},
        Wrong{"type = \"number\", min", "type = \"numbr\", min", 6,
              "did you mean \"number\"? (allowed: number, id"},
        Wrong{"min = 0, money", "min = 0, mony", 6, "did you mean \"money\"?"},
        Wrong{"values = [\"web\", \"shop\"]", "values = []", 7, "needs its values"},
        Wrong{"note = \"text\"", "note = 3", 8, "is declared by a type in quotes"},
        Wrong{"seats =", "2seats =", 13, "is no name"},
        Wrong{"things =", "any =", 15, "taken by the language"},
        Wrong{"\"Order Completed\", \"Signed In\"]", "\"Sign In\"]", 15,
              "did you mean \"Signed In\"?"},
        Wrong{kOrders, "'count(\"Order Complete\", 30d)'", 18,
              "did you mean \"Order Completed\"?"},
        Wrong{kOrders, "'count(thing, 30d)'", 18, "did you mean \"things\"?"},
        Wrong{kOrders, "'cuont(things, 30d)'", 18, "did you mean \"count\"? (allowed: count, sum"},
        Wrong{kOrders, "'count(things)'", 18, "needs a window"},
        Wrong{kOrders, "'count(things, 121d)'", 18,
              "further than tiles are kept (allowed: whole hours"},
        Wrong{kOrders, "'count(things, 30m)'", 18, "windows are cut at whole hours"},
        Wrong{kOrders, "'count(things, 372h)'", 18, "windows are cut at whole hours"},
        Wrong{kOrders, "'count(things, 14d, before = 14d)'", 18, "before must be shorter"},
        Wrong{kOrders, "'count(things, 14d, befor = 7d)'", 18, "did you mean \"before\"?"},
        Wrong{kOrders, "'count(things, ahead = 14d)'", 18, "ahead is for labels only"},
        Wrong{kOrders, "'count(things, 14d, where = revenu > 3)'", 18,
              "did you mean \"revenue\"?"},
        Wrong{kOrders, "'count(things, 14d, where = revenue)'", 18, "where needs a condition"},
        Wrong{kOrders, "'count(things, 14d, where = channel == \"wbe\")'", 18,
              "(allowed: web, shop)"},
        Wrong{kOrders, "'count(things, 14d, where = channel > 3)'", 18, "is a text"},
        Wrong{kOrders, "'count(any, 14d, where = channel == \"web\")'", 18, "has no properties"},
        Wrong{kOrders, "'sum(\"Order Completed\", 14d)'", 18, "needs a property"},
        Wrong{kOrders, "'sum(\"Order Completed\".note, 14d)'", 18, "needs a number"},
        Wrong{kOrders, "'sum(\"Order Completed\".revnue, 14d)'", 18, "did you mean \"revenue\"?"},
        Wrong{kOrders, "'distinct(any.name, ever)'", 18, "not ever"},
        Wrong{kOrders, "'gone(14d, lapse)'", 18, "for labels only"},
        Wrong{kOrders, "'trait.age'", 18, "protected"},
        Wrong{kOrders, "'trait.plan'", 18, "is a text"},
        Wrong{kOrders, "'trait.seat'", 18, "did you mean \"seats\"?"},
        Wrong{kOrders, "'1 +'", 18, "expected a number, a name"},
        Wrong{kOrders, "'(1 + 2'", 18, "expected ')'"},
        Wrong{kOrders, "'1 < 2 < 3'", 18, "do not chain"},
        Wrong{kOrders, "'1 # 2'", 18, "unexpected character '#' at column 3"},
        Wrong{kOrders, "'14dd'", 18, "neither a number nor a duration"},
        Wrong{kOrders, "'1 < 2'", 18, "is a condition"},
        Wrong{kOrders, "'-(1 < 2)'", 18, "where a number is expected"},
        Wrong{kOrders, "'min(1)'", 18, "takes 2 or more arguments, not 1"},
        Wrong{kOrders, "'a'", 18, "unknown name 'a': a part of an expression"},
        Wrong{kOrders, "'a'\na = 'b'\nb = 'a'", 20, "is defined by itself"},
        Wrong{kOrders, "'1'\nunti = \"orders\"", 19, "\"unti\" is neither a key here"},
        Wrong{"name = \"orders\"", "name = \"my orders\"", 17, "is no name"},
        Wrong{"[eligible]", "[purchases]\nactive_days = \"order\"\n[eligible]", 20,
              "names a feature, and 'order' is none; did you mean \"orders\"?"},
        Wrong{"'since(qualifying) <= 90d'", "'since(qualifying)'", 20, "is a condition such as"},
        Wrong{"kind = \"probability\"", "kind = \"chance\"", 23, "(allowed: probability, number)"},
        Wrong{"'gone(14d, lapse)'", "'count(things, 7d)'", 25,
              "a label says what happens after t"},
        Wrong{"name = \"risk\"", "name = \"orders\"", 22, "is taken by another"},
        Wrong{"'risk > 0.5'", "'rsk > 0.5'", 28, "did you mean \"risk\"?"},
        Wrong{"'true'", "'risk < 0.2'", 31, "the last tier takes everybody"},
        Wrong{"say = \"Risk {risk:%}\"", "say = \"Risk {rsk:%}\"", 35, "did you mean \"risk\"?"},
        Wrong{"say = \"Risk {risk:%}\"", "say = \"Risk {risk:x}\"", 35,
              "(allowed: % and .0 to .9)"}));

TEST(PackTest, feature_hash_follows_definitions_and_nothing_else) {
  const auto hash = [](const std::string& text) {
    const auto pack = Pack::parse(text, "small.toml");
    EXPECT_TRUE(pack.has_value()) << pack.error().message;
    return pack ? (*pack)->feature_hash() : Hash128{};
  };
  const Hash128 first = hash(kSmall);
  EXPECT_EQ(first, hash(kSmall));
  EXPECT_EQ(first, hash(replaced("30d)", "30d )")));                         // blanks
  EXPECT_EQ(first, hash(replaced("risk > 0.5'\nsay", "risk > 0.4'\nsay")));  // a play
  EXPECT_EQ(first, hash(replaced(kOrders, "'a'\na = 'count(\"Order Completed\", 30d)'")));
  EXPECT_NE(first, hash(replaced("30d)", "28d)")));
  EXPECT_NE(first, hash(replaced("name = \"orders\"", "name = \"orders_30d\"")));
  const std::string set = replaced(kOrders, "'count(things, 30d)'");
  std::string other_set = set;
  other_set.replace(other_set.find("things = [\"Order Completed\", "), 29, "things = [");
  EXPECT_NE(hash(set), hash(other_set));
  const std::string sum = replaced(kOrders, "'sum(\"Order Completed\".revenue, 30d)'");
  std::string other_range = sum;
  other_range.replace(other_range.find("min = 0"), 7, "min = 1");
  EXPECT_NE(hash(sum), hash(other_range));
}

TEST(PackTest, what_is_no_key_is_a_mistake) {
  for (const char* text : {"[?]", "[\"a\", ]", "[[", "[", "[\x01"}) {
    const auto pack = Pack::parse(text, "small.toml");
    ASSERT_FALSE(pack.has_value()) << text;
    EXPECT_EQ(pack.error().code, ErrorCode::invalid);
  }
}

TEST(PackTest, rules_given_by_hand) {
  const auto pack = *Pack::parse(kSmall, "small.toml");
  EXPECT_TRUE(parse_rule(*pack, "since(qualifying) <= 90d").has_value());
  EXPECT_TRUE(parse_rule(*pack, "count(\"Signed In\", ever) > 3 and trait.seats > 1").has_value());
  EXPECT_TRUE(parse_rule(*pack, "count(\"Order Completed\", 14d, where = channel == \"web\") > 3")
                  .has_value() == false);
  EXPECT_FALSE(parse_rule(*pack, "since(qualifying)").has_value());
  EXPECT_FALSE(parse_rule(*pack, "since(qualifyin) <= 3").has_value());
  const auto label = parse_label(*pack, "gone(0d, 14d)");
  ASSERT_TRUE(label.has_value());
  EXPECT_EQ(label->horizon, 14 * kDay);
  EXPECT_FALSE(parse_label(*pack, "count(things, 7d)").has_value());
}

}  // namespace
}  // namespace tideline
