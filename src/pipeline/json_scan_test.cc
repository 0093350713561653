// The cutting of JSON against simdjson, on random texts.
#include "pipeline/json_scan.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/rng.h"
#include "ports/test_seed.h"

namespace tideline {
namespace {

// Random JSON with blanks in odd places, escapes, repeated keys and brackets inside texts.
class RandomJson {
 public:
  explicit RandomJson(std::uint64_t seed) : rng_(seed) {}

  std::string value(int depth) {
    switch (rng_.below(depth > 0 ? 7 : 5)) {
      case 0: return pick({"null", "true", "false"});
      case 1: return pick({"0", "-1", "17", "1.5", "-0.25e-3", "1E+9", "18446744073709551615"});
      case 2:
      case 3:
      case 4: return text();
      case 5: return list(depth, '[', ']', [&] { return value(depth - 1); });
      default:
        return list(depth, '{', '}',
                    [&] { return text() + blank() + ":" + blank() + value(depth - 1); });
    }
  }

  std::string object(int depth) {
    return blank() +
           list(depth, '{', '}',
                [&] { return text() + blank() + ":" + blank() + value(depth - 1); }) +
           blank();
  }

  std::string array(int depth) {
    return list(depth, '[', ']', [&] { return value(depth - 1); });
  }

 private:
  std::string pick(std::initializer_list<const char*> words) {
    return *(words.begin() + rng_.below(words.size()));
  }
  std::string blank() { return rng_.chance(0.7) ? "" : pick({" ", "\t", "\n", "\r\n", "  "}); }
  std::string text() {
    std::string out = "\"";
    for (std::uint64_t n = rng_.below(6); n > 0; --n) {
      out += pick({"a", "batch", "}", "{", "]", "[", ",", ":", " ", "\\\"", "\\\\", "\\n",
                   "\\u0041", "\\ud83d\\ude00", "é", "\\/", "'"});
    }
    return out + "\"";
  }
  template <class Element>
  std::string list(int, char open, char close, Element element) {
    std::string out(1, open);
    out += blank();
    const std::uint64_t count = rng_.below(5);
    for (std::uint64_t i = 0; i < count; ++i)
      out += (i > 0 ? "," : "") + blank() + element() + blank();
    return out + close;
  }

  Rng rng_;
};

std::string minified(std::string_view raw) {
  simdjson::dom::parser parser;
  simdjson::dom::element element;
  if (parser.parse(simdjson::padded_string(raw)).get(element))
    return "not JSON: " + std::string(raw);
  return simdjson::minify(element);
}

std::size_t depth_of(const simdjson::dom::element& element) {
  std::size_t deepest = 0;
  if (element.is_array()) {
    for (const auto child : element.get_array()) deepest = std::max(deepest, depth_of(child));
    return deepest + 1;
  }
  if (!element.is_object()) return 0;
  for (const auto member : element.get_object())
    deepest = std::max(deepest, depth_of(member.value));
  return deepest + 1;
}

TEST(JsonScan, CutsObjectsAsSimdjsonReadsThem) {
  RandomJson made(test_seed());
  for (int i = 0; i < 3'000; ++i) {
    const std::string text = made.object(5);
    SCOPED_TRACE(text);
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    ASSERT_FALSE(parser.parse(simdjson::padded_string(text)).get(root));
    JsonCursor cursor(text);
    for (const auto member : root.get_object()) {
      ASSERT_TRUE(cursor.next());
      EXPECT_EQ(unquoted(cursor.key()), std::string(member.key));
      EXPECT_TRUE(key_is(cursor.key(), member.key));
      EXPECT_FALSE(key_is(cursor.key(), std::string(member.key) + "x"));
      EXPECT_EQ(minified(cursor.value()), simdjson::minify(member.value));
    }
    EXPECT_FALSE(cursor.next());
    EXPECT_FALSE(cursor.next()) << "the end stays the end";
    EXPECT_EQ(tideline::depth_of(text), depth_of(root));
  }
}

TEST(JsonScan, CutsArraysAsSimdjsonReadsThem) {
  RandomJson made(test_seed() + 1);
  for (int i = 0; i < 3'000; ++i) {
    const std::string text = made.array(5);
    SCOPED_TRACE(text);
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    ASSERT_FALSE(parser.parse(simdjson::padded_string(text)).get(root));
    JsonCursor cursor(text);
    for (const auto element : root.get_array()) {
      ASSERT_TRUE(cursor.next());
      EXPECT_TRUE(cursor.key().empty());
      EXPECT_EQ(minified(cursor.value()), simdjson::minify(element));
    }
    EXPECT_FALSE(cursor.next());
    EXPECT_EQ(tideline::depth_of(text), depth_of(root));
  }
}

TEST(JsonScan, ScalarsHaveNoMembers) {
  for (const char* text : {"", " ", "1", "null", "\"{}\"", "\"a\\\"b\""})
    EXPECT_FALSE(JsonCursor(text).next()) << text;
}

TEST(JsonScan, TextsOnlyAreUnquoted) {
  EXPECT_EQ(unquoted("\"a\\u0000b\""), std::string("a\0b", 3));
  EXPECT_EQ(unquoted("\"\""), "");
  EXPECT_EQ(unquoted("1"), std::nullopt);
  EXPECT_EQ(unquoted("\""), std::nullopt);
  EXPECT_EQ(unquoted(""), std::nullopt);
}

}  // namespace
}  // namespace tideline
