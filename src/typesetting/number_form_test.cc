// How numbers are written for people.
#include "typesetting/number_form.h"

#include <gtest/gtest.h>

#include <limits>

namespace tideline::typesetting {
namespace {

using Kind = NumberForm::Kind;

TEST(NumberFormTest, PlainNumbers) {
  EXPECT_EQ(shown(1234567.0, {}), "1,234,567");
  EXPECT_EQ(shown(999.0, {}), "999");
  EXPECT_EQ(shown(1000.0, {}), "1,000");
  EXPECT_EQ(shown(0.37049, {Kind::plain, 3, ""}), "0.370");
  EXPECT_EQ(shown(-1234.5, {Kind::plain, 1, "GiB"}),
            "\xe2\x88\x92"
            "1,234.5 GiB");
  EXPECT_EQ(shown(-0.0001, {Kind::plain, 2, ""}), "0.00");
}

TEST(NumberFormTest, SharesAndDifferences) {
  EXPECT_EQ(shown(0.492, {Kind::share, 1, ""}), "49.2 %");
  EXPECT_EQ(shown(0.0765903, {Kind::signed_share, 1, ""}), "+7.7 points");
  EXPECT_EQ(shown(-0.012, {Kind::signed_share, 1, ""}),
            "\xe2\x88\x92"
            "1.2 points");
}

TEST(NumberFormTest, MoneyByCurrency) {
  EXPECT_EQ(shown(214336.4, {Kind::money, 0, "USD"}), "$214,336");
  EXPECT_EQ(shown(-2.5, {Kind::money, 2, "USD"}), "\xe2\x88\x92$2.50");
  EXPECT_EQ(shown(3.0, {Kind::money, 2, "CHF"}), "3.00 CHF");
}

TEST(NumberFormTest, AsManyDigitsAsCount) {
  const NumberForm money{Kind::money, NumberForm::kByItsSize, "USD"};
  EXPECT_EQ(shown(5656.3, money), "$5,656");
  EXPECT_EQ(shown(73.584, money), "$73.58");
  EXPECT_EQ(shown(0.0748, money), "$0.0748");
  EXPECT_EQ(shown(0.00014234, money), "$0.000142");
  EXPECT_EQ(shown(0.0, money), "$0");
}

TEST(NumberFormTest, WhatIsNoNumberSaysSo) {
  EXPECT_EQ(shown(std::numeric_limits<double>::quiet_NaN(), {}), "n/a");
  EXPECT_EQ(shown(std::numeric_limits<double>::infinity(), {Kind::money, 0, "USD"}), "n/a");
  EXPECT_EQ(shown(std::nullopt, {}), "n/a");
}

TEST(NumberFormTest, ShortForAxes) {
  EXPECT_EQ(shown_short(9'000, {}), "9,000");
  EXPECT_EQ(shown_short(40'000, {}), "40k");
  EXPECT_EQ(shown_short(2'500'000, {}), "2.5M");
  EXPECT_EQ(shown_short(-20'000, {}),
            "\xe2\x88\x92"
            "20k");
  EXPECT_EQ(shown_short(12'000, {Kind::money, 0, "USD"}), "$12k");
}

}  // namespace
}  // namespace tideline::typesetting
