#include "http/query.h"

#include <gtest/gtest.h>

namespace tideline::http {
namespace {

TEST(Query, KeepsBracketsAndDecodesOnce) {
  const auto query = Query::parse("churn_risk_14d[gte]=0.5&q=a+b%2Bc%2526&tier%5B%5D=x&flag&e=&&");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->get("churn_risk_14d[gte]"), "0.5");
  EXPECT_EQ(query->get("q"), "a b+c%26");
  EXPECT_EQ(query->get("tier[]"), "x");
  EXPECT_EQ(query->get("flag"), "");
  EXPECT_EQ(query->get("e"), "");
  EXPECT_FALSE(query->get("none"));
  EXPECT_EQ(std::distance(query->begin(), query->end()), 5);
}

TEST(Query, ValueMayHoldEqualsSigns) {
  EXPECT_EQ(Query::parse("cursor=YWI==")->get("cursor"), "YWI==");
}

TEST(Query, NamesTheRepeatedKey) {
  EXPECT_FALSE(Query::parse("a=1&b=2&A=3")->repeated_key());
  EXPECT_EQ(Query::parse("a=1&b=2&%61=3")->repeated_key(), "a");
  EXPECT_EQ(Query::parse("a=1&a=2")->get("a"), "1");
}

TEST(Query, RefusesBrokenEscapes) {
  for (const char* text : {"%", "a=%4", "a=%zz", "%4g=1", "a=1&b=%"}) {
    const auto query = Query::parse(text);
    ASSERT_FALSE(query) << text;
    EXPECT_EQ(query.error().reason, "bad_target");
  }
  EXPECT_TRUE(Query::parse("")->empty());
}

TEST(Query, SplitsNameAndOperator) {
  EXPECT_EQ(split_bracket_key("churn[gte]").name, "churn");
  EXPECT_EQ(split_bracket_key("churn[gte]").op, "gte");
  EXPECT_EQ(split_bracket_key("churn").op, "");
  EXPECT_EQ(split_bracket_key("churn[gte").name, "churn[gte");
  EXPECT_EQ(split_bracket_key("[gte]").name, "[gte]");
  EXPECT_EQ(split_bracket_key("").name, "");
}

TEST(PercentCode, RoundTripsEveryByte) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const std::string encoded = percent_encode(all);
  EXPECT_EQ(encoded.find_first_of("/?#& +\n"), std::string::npos);
  EXPECT_EQ(percent_decode(encoded), all);
  EXPECT_EQ(percent_decode(encoded, true), all);
  EXPECT_EQ(percent_decode("a+b"), "a+b");
}

}  // namespace
}  // namespace tideline::http
