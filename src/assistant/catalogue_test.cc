// The catalogue: every pack's questions can be read by their own examples, stated as queries
// without a leftover, and told from rows.
#include "assistant/catalogue.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include "assistant/answer.h"
#include "assistant/grammar.h"

namespace tideline {
namespace {

std::shared_ptr<const Pack> pack_of(const std::string& name) {
  std::ifstream in(std::string(TIDELINE_SOURCE_DIR) + "/packs/" + name + "/pack.toml");
  std::stringstream text;
  text << in.rdbuf();
  auto pack = Pack::parse(text.str(), name);
  EXPECT_TRUE(pack.has_value()) << name;
  return *pack;
}

const Time kNow = *parse_time("2026-01-15T10:00:00Z");

// Something for every slot that a question takes.
Arguments full(const Question& question, const Pack& pack) {
  Arguments a;
  for (const Slot slot : question.takes) {
    if (slot == Slot::customer) a.customer = "o'neil";
    if (slot == Slot::other) a.other = "c000002";
    if (slot == Slot::tier) a.tier = pack.tiers().front();
    if (slot == Slot::from_tier) a.from_tier = pack.tiers().back();
    if (slot == Slot::event) a.event = pack.events().front().name;
    if (slot == Slot::threshold) a.threshold = 0.25;
  }
  return a;
}

class CataloguePacks : public testing::TestWithParam<const char*> {};

TEST_P(CataloguePacks, EveryExampleIsReadAsItsQuestion) {
  const auto pack = pack_of(GetParam());
  const Catalogue catalogue(*pack);
  const Grammar grammar(*pack, catalogue);
  for (const Question& question : catalogue.questions()) {
    const Reading reading = grammar.read(question.example, kNow);
    ASSERT_EQ(reading.kind, Reading::Kind::answer) << question.example << ": " << reading.message;
    EXPECT_EQ(reading.question->id, question.id) << question.example;
  }
}

TEST_P(CataloguePacks, StatementsAreWholeAndQuoteTheirValues) {
  const auto pack = pack_of(GetParam());
  const Catalogue catalogue(*pack);
  std::set<std::string> ids;
  for (const Question& question : catalogue.questions()) {
    EXPECT_TRUE(ids.insert(question.id).second) << question.id;
    const Statement statement = statement_of(question, full(question, *pack), kNow);
    const bool told = !question.told.empty();
    EXPECT_EQ(statement.sql.empty(), !question.reading.path.empty() || told) << question.id;
    // Names of values have become places, and values stand quoted in the text to run by hand.
    for (std::size_t at = statement.sql.find('$'); at != std::string::npos;
         at = statement.sql.find('$', at + 1))
      EXPECT_TRUE(std::isdigit(static_cast<unsigned char>(statement.sql[at + 1]))) << question.id;
    EXPECT_EQ(statement.text.find('$'), std::string::npos) << question.id;
    EXPECT_EQ(statement.text.find("o'neil"), std::string::npos) << question.id;
    if (std::getenv("STATEMENTS") != nullptr && !statement.sql.empty())
      std::cout << "-- " << question.id << "\n" << statement.text << ";\n";
  }
}

// The template of every sentence names only what its rows or slots have.
TEST_P(CataloguePacks, SentencesCanBeTold) {
  const auto pack = pack_of(GetParam());
  const Catalogue catalogue(*pack);
  for (const Question& question : catalogue.questions()) {
    const Arguments arguments = full(question, *pack);
    AnswerRows rows = told_rows(question, {});
    if (question.told.empty()) {
      for (const AnswerColumn& column : question.columns) rows.columns.push_back(column.name);
      for (const char* more : {"total", "over_all", "done", "came_to"})
        rows.columns.emplace_back(more);
      rows.rows = {std::vector<AnswerCell>(rows.columns.size(), 0.5)};
    }
    const auto answer = answer_of(question, arguments, rows, pack->currency(), kNow);
    ASSERT_TRUE(answer.has_value()) << question.id << ": " << answer.error().message;
    EXPECT_EQ(answer->sentence.find_first_of("{}"), std::string::npos) << question.id;
    AnswerRows none = rows;
    none.rows.clear();
    const auto nothing = answer_of(question, arguments, none, pack->currency(), kNow);
    ASSERT_TRUE(nothing.has_value()) << question.id << ": " << nothing.error().message;
  }
}

INSTANTIATE_TEST_SUITE_P(All, CataloguePacks,
                         testing::Values("marketplace", "engagement", "commerce", "learning"));

TEST(Catalogue, HasTheQuestionsOfAMarketplace) {
  const auto pack = pack_of("marketplace");
  EXPECT_GE(Catalogue(*pack).questions().size(), 60u);
  // A pack without amounts is not asked about money.
  EXPECT_EQ(Catalogue(*pack_of("learning")).find("revenue"), nullptr);
}

TEST(Statement, WritesValuesSoThatTheyCannotBeMore) {
  const auto pack = pack_of("marketplace");
  const Catalogue catalogue(*pack);
  Arguments arguments;
  arguments.customer = "x'; DROP TABLE customers; --";
  const Question& question = *catalogue.find("customer_money");
  const Statement statement = statement_of(question, arguments, kNow);
  EXPECT_NE(statement.text.find("'x''; DROP TABLE customers; --'"), std::string::npos);
  EXPECT_EQ(statement.sql.find("DROP"), std::string::npos);
  ASSERT_EQ(statement.parameters.size(), 3u);
  EXPECT_EQ(statement.parameters[0], SqlValue(std::string("x'; DROP TABLE customers; --")));
  EXPECT_EQ(statement.parameters[1], SqlValue(std::string("1970-01-01 00:00:00.000")));

  const Question& drivers = *catalogue.find("customer_drivers");
  arguments.customer = "a/../b?c d";
  EXPECT_EQ(statement_of(drivers, arguments, kNow).path,
            "/api/v1/customers/a%2F..%2Fb%3Fc%20d/drivers?task=churn_risk_14d");
}

}  // namespace
}  // namespace tideline
