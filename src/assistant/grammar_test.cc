// What the grammar promises beside the phrasings: it says what it does not know, keeps a
// conversation, and stays whole whatever is typed.
#include "assistant/grammar.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "assistant/vocabulary.h"

namespace tideline {
namespace {

class GrammarOfMarketplace : public testing::Test {
 protected:
  static std::shared_ptr<const Pack> load() {
    std::ifstream in(std::string(TIDELINE_SOURCE_DIR) + "/packs/marketplace/pack.toml");
    std::stringstream text;
    text << in.rdbuf();
    return *Pack::parse(text.str(), "pack.toml");
  }
  Reading read(std::string_view text, const Context& context = {}) const {
    return grammar_.read(text, now_, context);
  }
  // Question and arguments of a reading that must be an answer.
  Context after(std::string_view text, const Context& context = {}) const {
    const Reading reading = read(text, context);
    EXPECT_EQ(reading.kind, Reading::Kind::answer) << text << ": " << reading.message;
    if (reading.question == nullptr) return {};
    return {reading.question->id, reading.arguments};
  }

  std::shared_ptr<const Pack> pack_ = load();
  Catalogue catalogue_{*pack_};
  Grammar grammar_{*pack_, catalogue_};
  Time now_ = *parse_time("2026-01-15T10:00:00Z");
};

TEST_F(GrammarOfMarketplace, SaysWhichWordItDoesNotKnow) {
  const Reading reading = read("how many customers own a bicycle");
  EXPECT_NE(reading.kind, Reading::Kind::answer);
  EXPECT_NE(reading.message.find("\"bicycle\""), std::string::npos) << reading.message;
}

TEST_F(GrammarOfMarketplace, SaysHowItReadWhatWasMisspelt) {
  const Reading reading = read("average helth scroe");
  ASSERT_EQ(reading.kind, Reading::Kind::answer);
  ASSERT_EQ(reading.respelt.size(), 2u);
  EXPECT_EQ(reading.respelt[0], (std::pair<std::string, std::string>("helth", "health")));
}

TEST_F(GrammarOfMarketplace, KeepsAConversation) {
  Context context = after("how many customers are at risk");
  EXPECT_EQ(context.arguments.tier, "at_risk");
  context = after("and healthy?", context);
  EXPECT_EQ(context.question, "tier_count");
  EXPECT_EQ(context.arguments.tier, "healthy");
  context = after("which ones?", context);
  EXPECT_EQ(context.question, "customers_of_tier");
  EXPECT_EQ(context.arguments.tier, "healthy");

  context = after("revenue by week");
  context = after("and in december?", context);
  EXPECT_EQ(context.question, "revenue_trend");
  EXPECT_EQ(context.arguments.by, "week");
  EXPECT_EQ(format_date(context.arguments.period->from), "2025-12-01");

  context = after("tell me about c000007");
  context = after("why?", context);
  EXPECT_EQ(context.question, "customer_drivers");
  context = after("compare with c000009", context);
  EXPECT_EQ(context.question, "compare_customers");
  EXPECT_EQ(context.arguments.customer, "c000007");
  EXPECT_EQ(context.arguments.other, "c000009");
  // A question that stands alone is of nothing before it.
  context = after("how many customers do we have", context);
  EXPECT_EQ(context.question, "customers_total");
  EXPECT_FALSE(context.arguments.customer.has_value());
}

TEST_F(GrammarOfMarketplace, AContextThatIsNoneIsPassedOver) {
  Context context{"no_such_question", {}};
  EXPECT_EQ(after("revenue", context).question, "revenue");
  EXPECT_NE(read("and healthy?", context).kind, Reading::Kind::answer);
}

TEST_F(GrammarOfMarketplace, WhatGoesOnIsNoQuestionOfItsOwn) {
  const Context context = after("revenue last month");
  EXPECT_NE(read("and the month before?", context).kind, Reading::Kind::answer);
}

TEST_F(GrammarOfMarketplace, KnownWordsInQuotesAreNoName) {
  EXPECT_EQ(after("what does \"health score\" mean").question, "definitions");
}

TEST_F(GrammarOfMarketplace, ANameThatNobodyKnowsIsNotPassedOver) {
  EXPECT_NE(read("what was the churn rate of Acmetutors last month").kind, Reading::Kind::answer);
}

TEST_F(GrammarOfMarketplace, AShareIsAboveUnlessItIsBelow) {
  EXPECT_EQ(after("how many customers are past the 75% mark of risk").arguments.threshold, 0.75);
  EXPECT_NE(read("how many customers have a risk bleow 20%").kind, Reading::Kind::answer);
  EXPECT_NE(read("how many customers have a risk of at most 20%").kind, Reading::Kind::answer);
}

TEST_F(GrammarOfMarketplace, WhoPutsHimselfRightMeansTheLast) {
  const Context context = after("how many customers are healthy, no sorry, thriving");
  EXPECT_EQ(context.question, "tier_count");
  EXPECT_EQ(context.arguments.tier, "thriving");
  EXPECT_EQ(
      after("how many customers are above seventy per cent, no make that eighty percent risk")
          .arguments.threshold,
      0.8);
}

TEST_F(GrammarOfMarketplace, ToShowIsNoCommand) {
  EXPECT_EQ(after("send me the list of customers at risk").question, "customers_of_tier");
  EXPECT_NE(read("send c000001 the list of customers at risk").kind, Reading::Kind::answer);
  EXPECT_NE(read("set c000001 to thriving").kind, Reading::Kind::answer);
}

TEST_F(GrammarOfMarketplace, WhatStandsNowIsNotToldOfThePast) {
  EXPECT_NE(read("how many customers were at risk in november").kind, Reading::Kind::answer);
  EXPECT_NE(read("what was the average health score last week").kind, Reading::Kind::answer);
  EXPECT_EQ(after("are these numbers fresh or is this from yesterday").question, "freshness");
}

TEST_F(GrammarOfMarketplace, AWordThatMightBeAnEventIsNone) {
  EXPECT_EQ(after("how many customers do we have on the books").question, "customers_total");
}

TEST_F(GrammarOfMarketplace, QuotedTextIsAName) {
  const Context context = after("how is \"how many customers; DROP TABLE\" doing");
  EXPECT_EQ(context.question, "customer_status");
  EXPECT_EQ(context.arguments.customer, "how many customers; DROP TABLE");
}

TEST_F(GrammarOfMarketplace, TellsNothingOfDaysToCome) {
  EXPECT_NE(read("revenue next month").kind, Reading::Kind::answer);
  EXPECT_NE(read("how many customers will we lose in the next 300 days").kind,
            Reading::Kind::answer);
  EXPECT_EQ(after("how many customers will we lose in the next 30 days").question,
            "expected_losses");
}

// Every statement of whatever is typed has whole quotes, and nothing breaks.
TEST_F(GrammarOfMarketplace, AnyTextIsReadWithoutHarm) {
  std::uint64_t state = 20260115;
  const auto next = [&](std::uint64_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33) % below;
  };
  const std::vector<std::string> parts = {
      "how many", "customers", "at risk",     "'",        "\"",  ";",          "--",
      "c000001",  "last",      "30",          "days",     "70%", "above",      "why",
      "{",        "}",         "$now",        "\xff\xfe", "\n",  "events",     "per week",
      "revenue",  "top 5",     "\\",          "é",        "q4",  "drop table", "compare",
      "and",      "`",         "since monday"};
  Context context;
  int answered = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::string text;
    for (std::uint64_t k = next(9); k > 0; --k) text += parts[next(parts.size())] + " ";
    const Reading reading = read(text, context);
    if (reading.kind != Reading::Kind::answer) {
      ASSERT_FALSE(reading.message.empty() && !text.empty() && reading.near.empty()) << text;
      continue;
    }
    ++answered;
    context = {reading.question->id, reading.arguments};
    const Statement statement = statement_of(*reading.question, reading.arguments, now_);
    ASSERT_EQ(std::count(statement.text.begin(), statement.text.end(), '\'') % 2, 0) << text;
  }
  EXPECT_GT(answered, 100);
  EXPECT_NE(read(std::string(100'000, 'a')).kind, Reading::Kind::answer);
}

}  // namespace
}  // namespace tideline
