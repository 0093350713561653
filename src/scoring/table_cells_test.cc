#include "scoring/table_cells.h"

#include <gtest/gtest.h>

namespace tideline {
namespace {

TEST(TableCells, NumbersInEveryStyle) {
  EXPECT_EQ(parse_number("1234.5", NumberStyle::plain), 1234.5);
  EXPECT_EQ(parse_number("+7", NumberStyle::plain), 7);
  EXPECT_EQ(parse_number("-2e3", NumberStyle::plain), -2000);
  EXPECT_EQ(parse_number("1,234,567.50", NumberStyle::grouped), 1234567.5);
  EXPECT_EQ(parse_number("-12,000", NumberStyle::grouped), -12000);
  EXPECT_EQ(parse_number("1.234,5", NumberStyle::decimal_comma), 1234.5);
  EXPECT_EQ(parse_number("0,5", NumberStyle::decimal_comma), 0.5);
}

TEST(TableCells, WhatIsNoNumber) {
  for (const char* text : {"", "-", "1 2", "nan", "inf", "-Infinity", "1e999", "12a", "0x10"}) {
    EXPECT_FALSE(parse_number(text, NumberStyle::plain)) << text;
  }
  for (const char* text : {"1,23", ",5", "12,3456", "1,,2", "1234,567", "1,234."}) {
    EXPECT_FALSE(parse_number(text, NumberStyle::grouped)) << text;
  }
}

TEST(TableCells, DatesInTheOrderThatIsAskedFor) {
  const double day = 18'016;  // 2019-04-30
  EXPECT_EQ(parse_day("2019-04-30", DateOrder::year_first), day);
  EXPECT_EQ(parse_day("2019/4/30", DateOrder::year_first), day);
  EXPECT_EQ(parse_day("20190430", DateOrder::year_first), day);
  EXPECT_EQ(parse_day("2019-04-30 06:00", DateOrder::year_first), day + 0.25);
  EXPECT_EQ(parse_day("2019-04-30T12:00:00Z", DateOrder::year_first), day + 0.5);
  EXPECT_EQ(parse_day("30.4.2019", DateOrder::day_first), day);
  EXPECT_EQ(parse_day("04/30/2019", DateOrder::month_first), day);
  EXPECT_EQ(parse_day("1950-01-01", DateOrder::year_first), -7'305);
}

TEST(TableCells, WhatIsNoDate) {
  for (const char* text : {"", "2019", "2019-13-01", "2019-02-29", "2019-04/30", "30-04-2019",
                           "2019-04-30 25:00", "2019-04-30x", "0001-01-01"}) {
    EXPECT_FALSE(parse_day(text, DateOrder::year_first)) << text;
  }
  EXPECT_FALSE(parse_day("13/01/2019", DateOrder::month_first));
  EXPECT_FALSE(parse_day("01/13/2019", DateOrder::day_first));
  EXPECT_FALSE(parse_day("01/02/19", DateOrder::day_first));
}

TEST(TableCells, YesNoAndMissing) {
  EXPECT_EQ(parse_yes_no("Yes"), true);
  EXPECT_EQ(parse_yes_no("FALSE"), false);
  EXPECT_EQ(parse_yes_no("0"), false);
  EXPECT_EQ(parse_yes_no("1.0"), true);
  EXPECT_FALSE(parse_yes_no("maybe"));
  for (const char* text : {"", "NA", "n/a", "NaN", "NULL", "?", "-", "-inf"}) {
    EXPECT_TRUE(is_missing_word(text)) << text;
  }
  EXPECT_FALSE(is_missing_word("0"));
}

}  // namespace
}  // namespace tideline
