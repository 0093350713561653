#include "api/json_writer.h"

#include <gtest/gtest.h>

#include <limits>

#include "api/base64.h"
#include "api/csv.h"

namespace tideline {
namespace {

TEST(JsonWriterTest, NumbersAreTheShortestThatReadBack) {
  EXPECT_EQ(json_number(0.35), "0.35");
  EXPECT_EQ(json_number(1), "1");
  EXPECT_EQ(json_number(-0.0), "0");
  EXPECT_EQ(json_number(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(json_number(1e300), "1e+300");
  for (const double value : {2.2250738585072014e-308, 1.7976931348623157e308, 1.0 / 3}) {
    EXPECT_EQ(std::stod(json_number(value)), value);
  }
}

TEST(JsonWriterTest, WhatIsNoNumberIsNull) {
  EXPECT_EQ(json_number(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(json_number(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(json_number(-std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonWriterTest, NestsAndSeparates) {
  JsonWriter json;
  json.begin_object().key("a").begin_array().value(1).value("x\"\x01").begin_object();
  json.end_object().end_array().member("b", std::optional<double>()).member("c", true);
  json.member_or_null("d", "").member_or_null("e", "</script>").end_object();
  EXPECT_EQ(json.take(), R"({"a":[1,"x\"\u0001",{}],"b":null,"c":true,"d":null,"e":"</script>"})");
}

TEST(Base64Test, RoundTripsEveryLength) {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    const std::string text = base64url_encode(bytes);
    EXPECT_EQ(text.find_first_of("+/="), std::string::npos);
    EXPECT_EQ(base64_decode(text), bytes);
    bytes += static_cast<char>(i * 37);
  }
  EXPECT_EQ(base64_decode("dXNlcjo="), "user:");
  EXPECT_EQ(base64_decode("_-8"), base64_decode("/+8="));
  for (const char* wrong : {"a", "abc$", "ab cd", "===="}) {
    EXPECT_FALSE(base64_decode(wrong).has_value()) << wrong;
  }
}

TEST(CsvTest, CellsAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(csv_text_cell("plain text"), "plain text");
  EXPECT_EQ(csv_text_cell(""), "\"\"");
  EXPECT_EQ(csv_text_cell(" x"), "\" x\"");
  EXPECT_EQ(csv_text_cell("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_text_cell("a;=1+1"), "\"a;=1+1\"");
  EXPECT_EQ(csv_text_cell("a\"b\n"), "\"a\"\"b\n\"");
}

// What people put into names so that a spreadsheet runs it.
TEST(CsvTest, NoTextBeginsLikeAFormula) {
  for (const std::string_view text :
       {"=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1+1", "=", "-",
        "+-1", "=HYPERLINK(\"http://x\")", "\uff1d1+1", "-1e", "--1", "+1;2", "\t"}) {
    const std::string cell = csv_text_cell(text);
    ASSERT_GE(cell.size(), 3u) << text;
    EXPECT_EQ(cell.substr(0, 2), "\"'") << text;
  }
}

TEST(CsvTest, NumbersStayNumbers) {
  for (const std::string_view text : {"-5", "+5", "-0.25", "-1e-7", "12", "0"}) {
    EXPECT_EQ(csv_text_cell(text), text);
  }
}

}  // namespace
}  // namespace tideline
