// RuleBook: a pack's rules as a book and back, and a table of mistakes with their places.
#include "packs/rule_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <sstream>

#include "packs/program.h"

namespace tideline {
namespace {

using testing::HasSubstr;

std::shared_ptr<const Pack> marketplace() {
  std::ifstream file(std::string(TIDELINE_SOURCE_DIR) + "/packs/marketplace/pack.toml");
  std::stringstream text;
  text << file.rdbuf();
  auto pack = Pack::parse(text.str(), "pack.toml");
  EXPECT_TRUE(pack.has_value()) << pack.error().message;
  return pack ? *pack : nullptr;
}

bool same_code(const Expression& a, const Expression& b) {
  if (a.code.size() != b.code.size()) return false;
  for (std::size_t i = 0; i < a.code.size(); ++i) {
    const Op &x = a.code[i], &y = b.code[i];
    if (x.code != y.code || x.arg != y.arg || x.number != y.number) return false;
  }
  return true;
}

TEST(RuleBookTest, the_packs_own_book_gives_the_pack_again) {
  const auto pack = marketplace();
  const RuleBook book = rule_book_of(*pack);
  ASSERT_EQ(book.tiers.size(), 4U);
  EXPECT_EQ(book.tiers[0].rule, "health_score < 30 or churn_risk_14d > 0.7");
  EXPECT_EQ(book.margin_number, 2);
  EXPECT_EQ(book.margin_probability, 0.02);
  const auto again = with_rules(*pack, book);
  ASSERT_TRUE(again.has_value()) << again.error().place << ": " << again.error().message;
  EXPECT_EQ((*again)->tiers(), pack->tiers());
  EXPECT_EQ((*again)->tier_margins(), pack->tier_margins());
  EXPECT_EQ((*again)->feature_hash(), pack->feature_hash());
  EXPECT_EQ((*again)->program().state_hash, pack->program().state_hash);
  ASSERT_EQ((*again)->plays().size(), pack->plays().size());
  for (std::size_t i = 0; i < pack->plays().size(); ++i) {
    const auto &ours = (*again)->program(), &theirs = pack->program();
    EXPECT_TRUE(same_code(ours.play_rules[i], theirs.play_rules[i])) << pack->plays()[i].name;
    ASSERT_EQ(ours.play_numbers[i].size(), theirs.play_numbers[i].size());
    for (std::size_t k = 0; k < ours.play_numbers[i].size(); ++k)
      EXPECT_TRUE(same_code(ours.play_numbers[i][k], theirs.play_numbers[i][k]));
  }
  EXPECT_EQ(rule_book_of(**again), book);
}

TEST(RuleBookTest, a_play_that_is_off_is_checked_and_left_out) {
  const auto pack = marketplace();
  RuleBook book = rule_book_of(*pack);
  book.plays[1].on = false;
  const std::string name = book.plays[1].name;
  const auto changed = with_rules(*pack, book);
  ASSERT_TRUE(changed.has_value());
  EXPECT_EQ((*changed)->plays().size(), pack->plays().size() - 1);
  for (const PlaySpec& play : (*changed)->plays()) EXPECT_NE(play.name, name);
  EXPECT_EQ((*changed)->program().play_rules.size(), (*changed)->plays().size());
  EXPECT_EQ((*changed)->program().play_numbers.size(), (*changed)->plays().size());
  book.plays[1].when = "helth_score < 3";
  EXPECT_FALSE(with_rules(*pack, book).has_value());
}

TEST(RuleBookTest, mistakes_name_their_place_and_the_nearest_word) {
  const auto pack = marketplace();
  const std::tuple<std::function<void(RuleBook&)>, const char*, const char*> cases[] = {
      {[](RuleBook& b) { b.tiers[0].rule = "helth_score < 30"; }, "tiers[0].rule",
       "did you mean \"health_score\"?"},
      {[](RuleBook& b) { b.tiers[1].rule = "health_score >"; }, "tiers[1].rule", ""},
      {[](RuleBook& b) { b.tiers[1].rule = "health_score"; }, "tiers[1].rule", "is a number"},
      {[](RuleBook& b) { b.tiers[3].rule = "health_score > 1"; }, "tiers[3].rule", "'true'"},
      {[](RuleBook& b) { b.tiers[0].rule = "health_score < 130"; }, "tiers[0].rule",
       "between 0 and 100, and is compared with 130"},
      {[](RuleBook& b) { b.tiers[0].rule = "churn_risk_14d > 70"; }, "tiers[0].rule",
       "between 0 and 1, and is compared with 70"},
      {[](RuleBook& b) { b.tiers[0].rule = "0 - 1 > health_score or -5 < churn_risk_14d"; }, "",
       ""},
      {[](RuleBook& b) { b.tiers[0].rule = "churn_risk_14d > -5"; }, "tiers[0].rule",
       "compared with -5"},
      {[](RuleBook& b) { b.tiers[0].rule = "1.5 < churn_risk_14d"; }, "tiers[0].rule",
       "compared with 1.5"},
      {[](RuleBook& b) { b.tiers.pop_back(); }, "tiers", "every tier"},
      {[](RuleBook& b) { b.tiers[2].name = "helthy"; }, "tiers[2].name",
       "did you mean \"healthy\"?"},
      {[](RuleBook& b) { std::swap(b.tiers[0], b.tiers[1]); }, "tiers[0].name", "in its order"},
      {[](RuleBook& b) { b.margin_probability = 2; }, "margins.probability", "0 to 1"},
      {[](RuleBook& b) { b.margin_number = -1; }, "margins.number", "0 to 100"},
      {[](RuleBook& b) { b.plays[2].when = "recent < erlier"; }, "plays[2].when", "'erlier'"},
      {[](RuleBook& b) { b.plays[0].say = "{payment_succes_rate}"; }, "plays[0].say",
       "payment_success_rate"},
      {[](RuleBook& b) { b.plays[0].priority = "hihg"; }, "plays[0].priority",
       "did you mean \"high\"?"},
      {[](RuleBook& b) { b.plays[0].cooldown = "soon"; }, "plays[0].cooldown", "14d or 36h"},
      {[](RuleBook& b) { b.plays[0].cost = -1; }, "plays[0].cost", "0 or more"},
      {[](RuleBook& b) { b.plays[0].name = "two words"; }, "plays[0].name", "is no name"},
      {[](RuleBook& b) { b.plays[1].name = b.plays[0].name; }, "plays[1].name", "twice"},
      {[](RuleBook& b) { b.plays[0].say = ""; }, "plays[0].say", "empty"},
      {[](RuleBook& b) {
         b.plays[0].parts = {{"when", "1"}};
       },
       "plays[0].parts[0]", "taken"},
      {[](RuleBook& b) {
         b.plays[0].parts = {{"a", "1"}, {"a", "2"}};
       },
       "plays[0].parts[1]", "taken"},
      {[](RuleBook& b) {
         b.plays[0].parts = {{"a b", "1"}};
       },
       "plays[0].parts[0]", "no name"},
      {[](RuleBook& b) {
         b.plays[0].parts = {{"unused", "1"}};
       },
       "plays[0].parts[0]", "unused"},
      {[](RuleBook& b) { b.plays[0].when.assign(kRuleTextMax + 1, 'a'); }, "plays[0].when",
       "longer than"},
      {[](RuleBook& b) { b.plays.assign(kPlaysMax + 1, b.plays[0]); }, "plays", "at most"},
  };
  for (const auto& [change, place, words] : cases) {
    RuleBook book = rule_book_of(*pack);
    change(book);
    const auto ruled = with_rules(*pack, book);
    if (*place == '\0') {
      EXPECT_TRUE(ruled.has_value()) << ruled.error().place << ": " << ruled.error().message;
      continue;
    }
    ASSERT_FALSE(ruled.has_value()) << place << " " << words;
    EXPECT_EQ(ruled.error().place, place) << ruled.error().message;
    EXPECT_THAT(ruled.error().message, HasSubstr(words));
  }
}

}  // namespace
}  // namespace tideline
