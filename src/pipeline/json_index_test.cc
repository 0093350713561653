// JsonIndex against JsonCursor, which reads every byte: the same members, texts and nesting.
#include "pipeline/json_index.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "pipeline/json_scan.h"
#include "ports/test_seed.h"

namespace tideline {
namespace {

std::string blanks(Rng& rng) {
  static constexpr std::string_view kBlanks[] = {"", "", "", " ", "\n\t", "\r\n  "};
  return std::string(kBlanks[rng.below(std::size(kBlanks))]);
}

std::string random_json(Rng& rng, int depth) {
  static constexpr std::string_view kScalars[] = {
      "1",      "-2.5e3",          "true",        "false", "null", R"("")",
      R"("a")", R"("}]{[,:\"\\")", R"("é\u00e9")"};
  if (depth == 0 || rng.chance(0.3)) return std::string(kScalars[rng.below(std::size(kScalars))]);
  const bool object = rng.chance(0.6);
  std::string text = object ? "{" : "[";
  const auto members = rng.below(5);
  for (std::uint64_t i = 0; i < members; ++i) {
    text += (i > 0 ? "," : "") + blanks(rng);
    if (object) text += R"("k\")" + std::to_string(i) + '"' + blanks(rng) + ":" + blanks(rng);
    text += random_json(rng, depth - 1) + blanks(rng);
  }
  return text + (members == 0 ? blanks(rng) : "") + (object ? "}" : "]");
}

// Walks both, and everything below, sometimes without being asked for values.
void expect_same(const JsonIndex& json, JsonIndex::At at, std::string_view text, Rng& rng) {
  EXPECT_EQ(json.value(at), text);
  EXPECT_EQ(json.depth(at), depth_of(text));
  JsonMembers members(json, at);
  for (JsonCursor expected(text); expected.next();) {
    ASSERT_TRUE(members.next());
    EXPECT_EQ(members.key(), expected.key());
    if (rng.chance(0.5)) {
      EXPECT_EQ(members.value(), expected.value());
    }
    if (rng.chance(0.5)) expect_same(json, members.at(), expected.value(), rng);
    if (rng.chance(0.5)) {
      JsonMembers inner(json, members.at());
      while (inner.next()) {}
      EXPECT_EQ(inner.whole(), expected.value());
      members.passed(inner);
    }
  }
  EXPECT_FALSE(members.next());
  EXPECT_FALSE(members.next());
  EXPECT_EQ(members.whole(), text);
  EXPECT_EQ(members.depth(), depth_of(text));
}

TEST(JsonIndexTest, WalksAsTheScannerDoes) {
  Rng rng(test_seed());
  JsonIndex json;
  for (int i = 0; i < 3'000; ++i) {
    const std::string text = blanks(rng) + random_json(rng, 6) + blanks(rng);
    SCOPED_TRACE(text);
    ASSERT_FALSE(json.read(text).has_value());
    expect_same(json, 0, trimmed(text), rng);
    if (HasFailure()) return;
  }
}

TEST(JsonIndexTest, RefusesWhatIsNotJson) {
  JsonIndex json;
  for (const char* text : {"", " ", "{", "[1,]", "nul", R"({"a":01})", R"({"a":1}})", "\"\xff\"",
                           R"(["\x"])", "[1] 2"}) {
    const auto trouble = json.read(text);
    ASSERT_TRUE(trouble.has_value()) << text;
    EXPECT_FALSE(trouble->no_memory);
    EXPECT_FALSE(json.read("[1, 2]").has_value()) << "and the next one is read again";
    EXPECT_EQ(json.value(3), "2");
  }
}

}  // namespace
}  // namespace tideline
