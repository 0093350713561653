#include "scoring/ubjson.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace tideline {
namespace {

using std::string_literals::operator""s;

std::string text_of(const std::string& bytes) {
  const auto value = parse_ubjson(bytes);
  if (!value) {
    EXPECT_EQ(value.error().code, ErrorCode::invalid);
    return "refused: " + value.error().message;
  }
  return boost::json::serialize(*value);
}

TEST(Ubjson, ReadsEveryKindOfValue) {
  EXPECT_EQ(text_of("Z"), "null");
  EXPECT_EQ(text_of("NNTN"), "true");
  EXPECT_EQ(text_of("i\xff"), "-1");
  EXPECT_EQ(text_of("U\xff"), "255");
  EXPECT_EQ(text_of("I\x01\x02"), "258");
  EXPECT_EQ(text_of("l\xff\xff\xff\xfe"), "-2");
  EXPECT_EQ(text_of("L\x00\x00\x00\x01\x00\x00\x00\x00"s), "4294967296");
  EXPECT_EQ(text_of("d\x3f\xc0\x00\x00"s), "1.5E0");
  EXPECT_EQ(text_of("D\x3f\xf8\x00\x00\x00\x00\x00\x00"s), "1.5E0");
  EXPECT_EQ(text_of("Si\x03you"), "\"you\"");
  EXPECT_EQ(text_of("Cy"), "\"y\"");
}

TEST(Ubjson, ReadsEveryKindOfContainer) {
  EXPECT_EQ(text_of("[i\x01[]T]"), "[1,[],true]");
  EXPECT_EQ(text_of("[#i\x02i\x01i\x02"), "[1,2]");
  EXPECT_EQ(text_of("[$U#i\x03\x01\x02\x03"), "[1,2,3]");
  EXPECT_EQ(text_of("[$d#L\x00\x00\x00\x00\x00\x00\x00\x01\x3f\x80\x00\x00"s), "[1E0]");
  EXPECT_EQ(text_of("{i\x01"
                    "ai\x01U\x01"
                    "b[]}"),
            R"({"a":1,"b":[]})");
  EXPECT_EQ(text_of("{#i\x01i\x01"
                    "aZ"),
            R"({"a":null})");
}

TEST(Ubjson, RefusesWhatIsCutOrPromisesTooMuch) {
  const std::string whole =
      "{i\x01"
      "a[$d#i\x02\x3f\x80\x00\x00\x3f\x80\x00\x00U\x01"
      "bSi\x02hi}"s;
  ASSERT_EQ(text_of(whole), R"({"a":[1E0,1E0],"b":"hi"})");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_ubjson(whole.substr(0, size))) << size;
  }
  EXPECT_FALSE(parse_ubjson(whole + "Z"));
  EXPECT_FALSE(parse_ubjson("[$Z#l\x7f\xff\xff\xff"));
  EXPECT_FALSE(parse_ubjson("[$U#l\x7f\xff\xff\xff"));
  EXPECT_FALSE(parse_ubjson("[#l\x7f\xff\xff\xffZZ"));
  EXPECT_FALSE(parse_ubjson("Sl\xff\xff\xff\xff"));
  EXPECT_FALSE(parse_ubjson("[$U"));
  EXPECT_FALSE(parse_ubjson("x"));
  EXPECT_FALSE(parse_ubjson(std::string(100, '[') + std::string(100, ']')));
}

}  // namespace
}  // namespace tideline
