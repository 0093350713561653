#include "learning/table_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace tideline {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

CustomerColumn text_column(const std::string& name, std::size_t rows,
                           const std::function<std::string(std::size_t)>& cell) {
  CustomerColumn column;
  column.name = name;
  for (std::size_t r = 0; r < rows; ++r) {
    const std::string text = cell(r);
    const auto found = std::find(column.texts.begin(), column.texts.end(), text);
    column.places.push_back(std::uint32_t(found - column.texts.begin()));
    if (found == column.texts.end()) column.texts.push_back(text);
  }
  return column;
}

// A table of 100 rows with a target of every third row, and the columns given.
class TableColumnsTest : public ::testing::Test {
 protected:
  TableColumnsTest() {
    table_.origin = "customers.csv";
    table_.rows = kRows;
    add("gone", [](std::size_t r) { return r % 3 == 0 ? "Yes" : "No"; });
    add("visits", [](std::size_t r) { return std::to_string(r % 7); });
  }
  void add(const std::string& name, const std::function<std::string(std::size_t)>& cell) {
    table_.columns.push_back(text_column(name, kRows, cell));
  }
  TablePlan plan() {
    auto plan = plan_table(table_, request_);
    EXPECT_TRUE(plan) << plan.error().message;
    return plan ? std::move(*plan) : TablePlan{};
  }
  std::string problem() {
    const auto plan = plan_table(table_, request_);
    EXPECT_FALSE(plan);
    return plan ? std::string() : plan.error().message;
  }
  const ColumnEncoding* encoding_of(const TablePlan& plan, const std::string& name) {
    for (const ColumnEncoding& column : plan.encoding.columns) {
      if (column.name == name) return &column;
    }
    return nullptr;
  }
  static std::vector<std::string> codes(const TablePlan& plan) {
    std::vector<std::string> codes;
    for (const Warning& warning : plan.warnings) codes.push_back(warning.code);
    return codes;
  }

  static constexpr std::size_t kRows = 100;
  CustomerTable table_;
  TableRequest request_{"gone", "", "", {}};
};

TEST_F(TableColumnsTest, TypesEveryColumnByItsValues) {
  add("spent", [](std::size_t r) { return r == 5 ? " " : std::to_string(r % 50) + ".5"; });
  add("active", [](std::size_t r) { return r % 2 == 0 ? "true" : "FALSE"; });
  add("joined", [](std::size_t r) { return "2019-0" + std::to_string(r % 9 + 1) + "-15"; });
  add("plan", [](std::size_t r) { return r % 10 == 0 ? "" : r % 2 == 0 ? "basic" : "pro"; });
  add("price", [](std::size_t r) { return std::to_string(r % 20) + ",25"; });
  const TablePlan found = plan();
  EXPECT_EQ(encoding_of(found, "visits")->use, ColumnUse::number);
  EXPECT_EQ(encoding_of(found, "spent")->use, ColumnUse::number);
  EXPECT_EQ(encoding_of(found, "active")->use, ColumnUse::yes_no);
  EXPECT_EQ(encoding_of(found, "joined")->use, ColumnUse::date);
  EXPECT_EQ(encoding_of(found, "price")->number_style, NumberStyle::decimal_comma);
  const ColumnEncoding* plan_column = encoding_of(found, "plan");
  ASSERT_NE(plan_column, nullptr);
  EXPECT_THAT(plan_column->categories, ElementsAre("basic", "pro"));
  EXPECT_TRUE(plan_column->blanks);
  EXPECT_FALSE(plan_column->others);
  EXPECT_EQ(found.encoding.newest_day, *parse_day("2019-09-15", DateOrder::year_first));
  EXPECT_THAT(codes(found), IsEmpty());
  EXPECT_THAT(found.encoding.feature_names(),
              ElementsAre("visits", "spent", "active", "days since joined", "plan = basic",
                          "plan = pro", "plan = (empty)", "price"));
}

TEST_F(TableColumnsTest, LeavesOutWhatSaysWhoSomebodyIsAndTellsIt) {
  add("number", [](std::size_t r) { return std::to_string(1000 + r); });
  add("name", [](std::size_t r) { return "customer " + std::to_string(r); });
  add("country", [](std::size_t) { return "NL"; });
  add("city", [](std::size_t r) { return "city " + std::to_string(r % 60); });
  const TablePlan found = plan();
  EXPECT_EQ(found.encoding.columns.size(), 1U);
  EXPECT_THAT(codes(found),
              UnorderedElementsAre("dropped_ids", "dropped_constants", "high_cardinality"));
  for (const Warning& warning : found.warnings) {
    if (warning.code == "dropped_ids") EXPECT_THAT(warning.message, HasSubstr("number, name"));
    if (warning.code == "high_cardinality") EXPECT_THAT(warning.message, HasSubstr("city"));
  }
}

TEST_F(TableColumnsTest, NeverGuessesTheOrderOfADate) {
  add("unclear", [](std::size_t r) { return "0" + std::to_string(r % 9 + 1) + "/01/2019"; });
  add("mixed", [](std::size_t r) { return r % 2 == 0 ? "24-12-2018" : "12-24-2018"; });
  add("told", [](std::size_t r) { return r == 7 ? "24/12/2018" : "01/02/2018"; });
  const TablePlan found = plan();
  EXPECT_EQ(encoding_of(found, "unclear"), nullptr);
  EXPECT_EQ(encoding_of(found, "mixed"), nullptr);
  ASSERT_NE(encoding_of(found, "told"), nullptr);
  EXPECT_EQ(encoding_of(found, "told")->date_order, DateOrder::day_first);
  EXPECT_THAT(codes(found), ElementsAre("unclear_dates", "unclear_dates"));
}

TEST_F(TableColumnsTest, CellsThatCannotBeReadAreMissingAndCounted) {
  add("amount", [](std::size_t r) {
    return r == 3 ? "NaN" : r == 4 ? "-inf" : r == 5 ? "twelve" : std::to_string(r % 40);
  });
  const TablePlan found = plan();
  ASSERT_THAT(codes(found), ElementsAre("unreadable_cells"));
  EXPECT_THAT(found.warnings[0].message, HasSubstr("1 cells of amount"));
  const auto encoded = encode_table(table_, found.encoding);
  ASSERT_TRUE(encoded);
  for (const std::size_t row : {3, 4, 5}) {
    EXPECT_TRUE(std::isnan(encoded->features[row * encoded->width + 1])) << row;
  }
  EXPECT_EQ(encoded->features[6 * encoded->width + 1], 6);
}

TEST_F(TableColumnsTest, ATargetIsYesOrNoOneOfTwoWordsOrANumber) {
  EXPECT_EQ(plan().labels[3], 1);
  EXPECT_EQ(plan().labels[4], 0);
  add("state", [](std::size_t r) { return r % 4 == 0 ? "churned" : "here"; });
  add("spend", [](std::size_t r) { return r == 2 ? "" : std::to_string(r % 9); });
  request_.target = "state";
  const TablePlan words = plan();
  EXPECT_EQ(words.encoding.positive, "churned");
  EXPECT_EQ(words.labels[4], 1);
  EXPECT_THAT(codes(words), ElementsAre("target_values"));
  request_.target = "spend";
  const TablePlan amounts = plan();
  EXPECT_EQ(amounts.task.kind, TaskKind::number);
  EXPECT_TRUE(std::isnan(amounts.labels[2]));
  EXPECT_EQ(amounts.labels[5], 5);
  EXPECT_THAT(codes(amounts), ElementsAre("missing_target"));
}

TEST_F(TableColumnsTest, RefusesWhatCannotBeLearntSayingWhy) {
  add("constant", [](std::size_t) { return "No"; });
  add("words", [](std::size_t r) { return "word " + std::to_string(r % 5); });
  request_.target = "gonne";
  EXPECT_THAT(problem(), HasSubstr("did you mean \"gone\"?"));
  request_.target = "constant";
  EXPECT_THAT(problem(), HasSubstr("No in every row"));
  request_.target = "words";
  EXPECT_THAT(problem(), HasSubstr("5 values"));
  request_.target = "gone";
  request_.drop = {"visit"};
  EXPECT_THAT(problem(), HasSubstr("did you mean \"visits\"?"));
  request_.drop = {"gone"};
  EXPECT_THAT(problem(), HasSubstr("cannot be dropped"));
  request_.drop = {"visits", "words"};
  EXPECT_THAT(problem(), HasSubstr("no column to learn from"));
  request_.drop = {};
  request_.time = "visits";
  EXPECT_THAT(problem(), HasSubstr("dates"));
  request_.time = "";
  table_.rows = 0;
  EXPECT_THAT(problem(), HasSubstr("has no rows"));
}

TEST_F(TableColumnsTest, OneRowHasNothingToTeach) {
  table_.rows = 1;
  for (CustomerColumn& column : table_.columns) column.places.resize(1);
  EXPECT_THAT(problem(), HasSubstr("in every row"));
}

TEST_F(TableColumnsTest, AnotherTableIsEncodedTheSame) {
  add("plan", [](std::size_t r) { return r % 2 == 0 ? "basic" : "pro"; });
  add("joined", [](std::size_t r) { return "2019-0" + std::to_string(r % 9 + 1) + "-15"; });
  const TablePlan found = plan();
  const auto again = parse_table_encoding(to_json(found.encoding));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, found.encoding);

  CustomerTable other{"new.csv", 2, {}};
  other.columns.push_back(text_column("joined", 2, [](std::size_t) { return "2019-09-14"; }));
  other.columns.push_back(
      text_column("plan", 2, [](std::size_t r) { return r ? "gold" : "pro"; }));
  auto lacking = encode_table(other, *again);
  ASSERT_FALSE(lacking);
  EXPECT_THAT(lacking.error().message, HasSubstr("no column \"visits\""));
  other.columns.push_back(text_column("visits", 2, [](std::size_t r) { return r ? "x" : "4"; }));
  const auto encoded = encode_table(other, *again);
  ASSERT_TRUE(encoded) << encoded.error().message;
  EXPECT_THAT(std::vector(encoded->features.begin(), encoded->features.begin() + 4),
              ElementsAre(4, 0, 1, 1));
  EXPECT_TRUE(std::isnan(encoded->features[4]));
  EXPECT_EQ(encoded->unreadable.at("visits").cells, 1U);
  // A value that training never saw is none of those it did.
  EXPECT_EQ(encoded->features[5], 0);
  EXPECT_EQ(encoded->features[6], 0);
  EXPECT_THAT(encoded->ids, ElementsAre("0", "1"));
}

TEST_F(TableColumnsTest, UnknownValuesAreOther) {
  add("region", [](std::size_t r) { return r < 60 ? "north" : r < 97 ? "south" : "far"; });
  const TablePlan found = plan();
  const ColumnEncoding* region = encoding_of(found, "region");
  ASSERT_NE(region, nullptr);
  EXPECT_THAT(region->categories, ElementsAre("north", "south"));
  EXPECT_TRUE(region->others);
  const auto encoded = encode_table(table_, found.encoding);
  ASSERT_TRUE(encoded);
  EXPECT_EQ(encoded->features[99 * encoded->width + 3], 1);
  EXPECT_EQ(encoded->features[0 * encoded->width + 3], 0);
}

TEST_F(TableColumnsTest, DamagedEncodingsAreRefused) {
  const std::string text = to_json(plan().encoding);
  for (std::size_t cut = 0; cut < text.size(); cut += 7) {
    EXPECT_FALSE(parse_table_encoding(text.substr(0, cut)));
  }
  std::string other = text;
  other.replace(other.find("\"use\":0"), 7, "\"use\":9");
  EXPECT_FALSE(parse_table_encoding(other));
}

}  // namespace
}  // namespace tideline
