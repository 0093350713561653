#include "ports/memory_lake.h"

#include "ports/import_source.h"
#include "ports/lake_contract.h"

namespace tideline {
namespace {

struct MemoryLakeMaker {
  std::unique_ptr<Lake> make() { return std::make_unique<MemoryLake>(); }
};
INSTANTIATE_TYPED_TEST_SUITE_P(MemoryLake, LakeContract, MemoryLakeMaker);

TEST(MemoryLake, VerifyFindsDamage) {
  MemoryLake lake;
  ASSERT_TRUE(lake.write_rows("tiers/a.parquet", Rows{{{"n", ColumnType::integer}}, {}}));
  lake.damage("tiers/a.parquet");
  EXPECT_EQ(lake.verify("tiers/a.parquet").error().code, ErrorCode::corrupt);
}

TEST(Utf8, IsToldAndMended) {
  for (const std::string good :
       {"", "a", "\xC3\xA9", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF"}) {
    EXPECT_TRUE(is_utf8(good));
    EXPECT_EQ(as_utf8(good), good);
  }
  for (const std::string bad : {"\x80", "\xC0\xAF", "\xC3", "\xE0\x80\xAF", "\xED\xA0\x80",
                                "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xF0\x9F\x98"}) {
    EXPECT_FALSE(is_utf8(bad));
    EXPECT_TRUE(is_utf8(as_utf8(bad)));
  }
  EXPECT_EQ(as_utf8("a\xE2\x82z"), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
}

TEST(MemoryImport, HandsOutBlocks) {
  ImportRow row;
  row.customer = "c";
  MemoryImportRows rows({row, row, row}, {ImportReject{"f", 2, "x", "y"}}, 2);
  std::vector<ImportRow> block;
  EXPECT_TRUE(rows.next(block).value());
  EXPECT_EQ(block.size(), 2U);
  EXPECT_TRUE(rows.next(block).value());
  EXPECT_EQ(block.size(), 1U);
  EXPECT_FALSE(rows.next(block).value());
  EXPECT_EQ(rows.total(), 3U);
  EXPECT_EQ(rows.rejects().size(), 1U);

  MemoryImportLines lines({"a", "bc"});
  std::vector<ImportLine> some;
  EXPECT_TRUE(lines.next(some).value());
  EXPECT_EQ(some.back(), (ImportLine{2, "bc", 2}));
  EXPECT_FALSE(lines.next(some).value());
}

}  // namespace
}  // namespace tideline
