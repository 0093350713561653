#include "config/import_map.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace tideline {
namespace {

constexpr std::string_view kMap = R"toml(
description = "One purchase a line"
pack = "commerce"
select = """
SELECT * FROM purchases
"""

[files.purchases]
match = ["purchases_*.csv", "purchases_*.csv.gz"]

[files.extra]
match = "extra?.txt"
required = false
header = false
delim = "|"
quote = ""
columns = ["id", "amount DECIMAL(18, 2)"]

[files.log]
match = "*.log"
format = "lines"

[files.any]
match = "any.*"
required = false
columns = ["n INTEGER"]
)toml";

ImportMap parsed(std::string_view text) {
  auto map = parse_import_map(text, "maps/shop.toml");
  EXPECT_TRUE(map) << map.error().message;
  return map ? *map : ImportMap{};
}

std::string mistake(std::string_view text) {
  auto map = parse_import_map(text, "maps/shop.toml");
  EXPECT_FALSE(map);
  return map ? "" : map.error().message;
}

std::string replaced(std::string_view from, std::string_view to) {
  std::string text(kMap);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ImportMap, ReadsEveryKey) {
  const ImportMap map = parsed(kMap);
  EXPECT_EQ(map.description, "One purchase a line");
  EXPECT_EQ(map.pack, "commerce");
  EXPECT_EQ(map.source, "shop");
  EXPECT_EQ(map.select, "SELECT * FROM purchases\n");
  ASSERT_EQ(map.tables.size(), 4U);  // by name: any, extra, log, purchases
  const ImportMap::Table& extra = map.tables[1];
  EXPECT_EQ(extra.table.name, "extra");
  EXPECT_FALSE(extra.required);
  EXPECT_FALSE(extra.table.header);
  EXPECT_EQ(extra.table.delim, "|");
  EXPECT_EQ(extra.table.quote, "");
  EXPECT_EQ(extra.table.columns,
            (std::vector<TableColumn>{{"id", "VARCHAR"}, {"amount", "DECIMAL(18, 2)"}}));
  EXPECT_EQ(map.tables[2].format, TableFormat::lines);
  EXPECT_FALSE(map.tables[2].table.header);
  EXPECT_EQ(map.tables[3].match.size(), 2U);
  EXPECT_TRUE(map.tables[3].required);
  EXPECT_TRUE(map.tables[3].table.header);
  EXPECT_EQ(parsed("source = \"web\"\n" + std::string(kMap)).source, "web");
}

TEST(ImportMap, NamesFileLineAndKeyOfAMistake) {
  EXPECT_EQ(mistake("a = [\n").substr(0, 15), "maps/shop.toml:");
  EXPECT_EQ(mistake("colour = 1\n" + std::string(kMap)),
            "maps/shop.toml:1: unknown key colour; allowed are description, pack, source, select, "
            "files");
  EXPECT_NE(mistake(replaced("match = \"*.log\"", "match = \"*.log\"\nspeed = 1"))
                .find("unknown key files.log.speed; allowed are match, required"),
            std::string::npos);
  const std::pair<std::string, std::string> mistakes[] = {
      {"pack = \"commerce\"", "no key pack"},
      {"description = \"One purchase a line\"", "no key description"},
  };
  for (const auto& [line, message] : mistakes) {
    EXPECT_NE(mistake(replaced(line, "")).find(message), std::string::npos) << line;
  }
  const auto says = [](const std::string& from, const std::string& to,
                       const std::string& message) {
    const std::string said = mistake(replaced(from, to));
    EXPECT_NE(said.find(message), std::string::npos) << said;
  };
  says("match = \"*.log\"", "", "files.log.match must be given");
  says("match = \"*.log\"", "match = 5", "files.log.match must be a text or an array of texts");
  says("match = \"*.log\"", "match = []", "files.log.match must be");
  says("\"lines\"", "\"xml\"", "files.log.format must be csv, lines, ndjson or parquet");
  says("format = \"lines\"", "format = \"lines\"\ndelim = \",\"", "csv only");
  says("format = \"lines\"", "format = \"ndjson\"\nheader = true", "csv and lines only");
  says("delim = \"|\"", "delim = \"||\"", "files.extra.delim must be one character");
  says("columns = [\"id\", \"amount DECIMAL(18, 2)\"]", "", "files.extra.columns must be given");
  says("\"n INTEGER\"", "\"n INTEGER); DROP\"", "files.any.columns");
  says("columns = [\"n INTEGER\"]", "", "required = false");
  says("required = false", "required = 0", "true or false");
  says("[files.log]", "[files.\"1log\"]", "a table's name");
  EXPECT_NE(mistake("description='d'\npack='p'\nselect='s'\n").find("[files.NAME]"),
            std::string::npos);
}

TEST(ImportMap, WhatIsNoKeyIsAMistake) {
  for (const char* text : {"[?]", "[[?", "["}) {
    const auto map = parse_import_map(text, "some.toml");
    ASSERT_FALSE(map.has_value()) << text;
    EXPECT_EQ(map.error().code, ErrorCode::invalid);
  }
}

TEST(ImportMap, GivesEachFileToOneTable) {
  const ImportMap map = parsed(kMap);
  const std::vector<std::string> files = {"d/purchases_2.csv", "x/purchases_1.csv.gz", "a.log",
                                          "any.json.zst"};
  auto tables = assign_files(map, files);
  ASSERT_TRUE(tables) << tables.error().message;
  EXPECT_EQ((*tables)[3].files,
            (std::vector<std::string>{"d/purchases_2.csv", "x/purchases_1.csv.gz"}));
  EXPECT_EQ((*tables)[3].format, TableFormat::csv);
  EXPECT_EQ((*tables)[2].format, TableFormat::lines);
  EXPECT_EQ((*tables)[0].format, TableFormat::ndjson);
  EXPECT_TRUE((*tables)[1].files.empty());

  const auto refused = [&](std::vector<std::string> some) {
    auto assigned = assign_files(map, some);
    EXPECT_FALSE(assigned);
    return assigned ? "" : assigned.error().message;
  };
  EXPECT_EQ(refused({"purchases_1.csv", "b/other.bin"}),
            "no table of the map takes b/other.bin; its tables are any, extra, log, purchases");
  EXPECT_EQ(refused({"any.log"}), "several tables of the map take any.log: any, log");
  EXPECT_EQ(refused({"a.log"}),
            "no file for the map's table purchases (it takes purchases_*.csv)");
  EXPECT_NE(
      refused({"a.log", "purchases_1.csv", "any.csv", "any.parquet"}).find("several formats"),
      std::string::npos);
}

TEST(ImportMap, MatchesPatterns) {
  EXPECT_TRUE(matches_pattern("", "*"));
  EXPECT_TRUE(matches_pattern("abcabd", "*abd"));
  EXPECT_TRUE(matches_pattern("a*b", "a?b"));
  EXPECT_TRUE(matches_pattern("aXXbXXc", "a*b*c"));
  EXPECT_FALSE(matches_pattern("a", "a?"));
  EXPECT_FALSE(matches_pattern("abc", "ab"));
  EXPECT_FALSE(matches_pattern("ABC", "abc"));
  EXPECT_FALSE(matches_pattern("a.b", "a[.]b"));
}

// The maps that come with the packs say what this reader accepts.
TEST(ImportMap, ReadsTheMapsOfThePacks) {
  std::size_t maps = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(TIDELINE_SOURCE_DIR "/packs")) {
    const std::filesystem::path& path = entry.path();
    if (path.parent_path().filename() != "import" || path.extension() != ".toml") continue;
    std::ifstream in(path);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    auto map = parse_import_map(text, path.string());
    ASSERT_TRUE(map) << map.error().message;
    EXPECT_EQ(map->pack, path.parent_path().parent_path().filename()) << path;
    ++maps;
  }
  EXPECT_GT(maps, 0U);
}

}  // namespace
}  // namespace tideline
