// Properties are compact JSON with fixed number formats.
#include "simulator/property_writer.h"

#include <gtest/gtest.h>

namespace tideline {
namespace {

TEST(PropertyWriter, WritesCompactJson) {
  EXPECT_EQ(PropertyWriter().take(), "{}");
  EXPECT_EQ(
      PropertyWriter().text("by", "tutor").number("notice_hours", 3.25, 1).whole("n", -7).take(),
      R"({"by":"tutor","notice_hours":3.3,"n":-7})");
}

TEST(PropertyWriter, NumbersHaveTheirDecimals) {
  EXPECT_EQ(PropertyWriter().number("a", 45, 2).take(), R"({"a":45.00})");
  EXPECT_EQ(PropertyWriter().number("a", 0.05, 2).take(), R"({"a":0.05})");
  EXPECT_EQ(PropertyWriter().number("a", -0.5, 2).take(), R"({"a":-0.50})");
  EXPECT_EQ(PropertyWriter().number("a", -0.001, 2).take(), R"({"a":0.00})");
  EXPECT_EQ(PropertyWriter().number("a", 59.6, 0).take(), R"({"a":60})");
  EXPECT_EQ(PropertyWriter().number("a", 0.9999999, 6).take(), R"({"a":1.000000})");
}

TEST(PropertyWriter, EscapesText) {
  EXPECT_EQ(PropertyWriter().text("q\"", "a\\b\"c\n\x01").take(),
            R"({"q\"":"a\\b\"c\u000a\u0001"})");
}

}  // namespace
}  // namespace tideline
