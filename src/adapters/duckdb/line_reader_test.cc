#include "adapters/duckdb/line_reader.h"

#include <gtest/gtest.h>

#include "adapters/duckdb/test_files.h"
#include "adapters/duckdb/test_folder.h"

namespace tideline {
namespace {

class LineReaderTest : public ::testing::Test {
 protected:
  // Lines of a file with these bytes; the error that ended it, if any, in error_.
  std::vector<ImportLine> lines(const std::string& bytes, LineReaderOptions options = {}) {
    options.path = folder_.path("file");
    write_file(options.path, bytes);
    auto reader = LineReader::open(options);
    EXPECT_TRUE(reader) << reader.error().message;
    std::vector<ImportLine> all;
    std::vector<ImportLine> block;
    for (;;) {
      auto more = (*reader)->next(block);
      if (!more) {
        error_ = more.error();
        break;
      }
      if (!*more) break;
      EXPECT_LE(block.size(), 8'192U);
      all.insert(all.end(), block.begin(), block.end());
    }
    EXPECT_EQ((*reader)->bytes_total(), bytes.size());
    return all;
  }
  std::vector<std::string> texts(const std::string& bytes) {
    std::vector<std::string> all;
    for (const ImportLine& line : lines(bytes)) all.push_back(line.text);
    return all;
  }
  TestFolder folder_;
  Error error_;
};

using Texts = std::vector<std::string>;

TEST_F(LineReaderTest, CutsLinesAtLfAndCrlf) {
  EXPECT_EQ(texts("a\nb\r\n\nc"), (Texts{"a", "b", "", "c"}));
  EXPECT_EQ(texts("a\n"), Texts{"a"});
  EXPECT_EQ(texts(""), Texts{});
  EXPECT_EQ(texts("\n\r\n"), (Texts{"", ""}));
  EXPECT_EQ(texts("a\rb\n\r\r\n"), (Texts{"a\rb", "\r"}));
  EXPECT_EQ(texts("\xEF\xBB\xBF{}\n\xEF\xBB\xBF"), (Texts{"{}", "\xEF\xBB\xBF"}));
  EXPECT_EQ(texts("\xEF\xBB\xBF"), Texts{});
  EXPECT_EQ(texts(std::string("a\0b\n", 4)), Texts{std::string("a\0b", 3)});
}

TEST_F(LineReaderTest, NumbersLinesAndCutsLongOnes) {
  const std::string text = "12345678\r\n123456789\n" + std::string(1'000'000, 'x') + "\nend";
  for (const std::string& bytes : {text, gzip(text), zstd(text)}) {
    const auto all = lines(bytes, {.line_bytes_max = 8});
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(all[0], (ImportLine{1, "12345678", 8}));
    EXPECT_EQ(all[1], (ImportLine{2, "12345678", 9}));
    EXPECT_EQ(all[2], (ImportLine{3, "xxxxxxxx", 1'000'000}));
    EXPECT_EQ(all[3], (ImportLine{4, "end", 3}));
  }
}

TEST_F(LineReaderTest, InflatesSeveralMembersAndFrames) {
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += "line " + std::to_string(i * 7919) + "\n";
  const std::string half = text.substr(0, 333'333);
  const std::string rest = text.substr(333'333);
  const Texts plain = texts(text);
  ASSERT_EQ(plain.size(), 60'000U);
  EXPECT_EQ(texts(gzip(half) + gzip(rest)), plain);
  EXPECT_EQ(texts(gzip(text) + std::string(512, '\0')), plain);
  EXPECT_EQ(texts(zstd(half) + zstd(rest)), plain);
  EXPECT_EQ(error_.message, "");
}

TEST_F(LineReaderTest, HandsOutWhatStandsBeforeDamage) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i * 2654435761U) + "\n";
  for (const std::string& packed : {gzip(text), zstd(text)}) {
    error_ = Error{};
    const auto cut = lines(packed.substr(0, packed.size() - 10));
    EXPECT_EQ(error_.code, ErrorCode::corrupt);
    EXPECT_NE(error_.message.find(folder_.path("file")), std::string::npos);
    EXPECT_GT(cut.size(), 1'000U);
    EXPECT_EQ(cut.front().text, "0");

    error_ = Error{};
    std::string flipped = packed;
    flipped[packed.size() / 2] = static_cast<char>(flipped[packed.size() / 2] ^ 0x10);
    lines(flipped);
    EXPECT_NE(error_.message, "") << "a flipped bit is noticed";
  }
}

TEST_F(LineReaderTest, NamesAFileThatIsNotThere) {
  auto reader = LineReader::open({folder_.path("none")});
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().code, ErrorCode::not_found);
  EXPECT_FALSE(LineReader::open({folder_.path("")}));
}

TEST_F(LineReaderTest, RecognisesFilesByTheirBytes) {
  const auto recognised = [&](const std::string& name, const std::string& bytes) {
    write_file(folder_.path(name), bytes);
    auto file = recognise_file(folder_.path(name));
    EXPECT_TRUE(file);
    return std::pair(file->compression, file->format);
  };
  using F = ImportFormat;
  EXPECT_EQ(recognised("a.txt", "\n {\"a\":1}\n"), std::pair(Compression::none, F::ndjson));
  EXPECT_EQ(recognised("b", gzip("a,b\n1,2\n")), std::pair(Compression::gzip, F::csv));
  EXPECT_EQ(recognised("c.csv", zstd("\xEF\xBB\xBF{}\n")),
            std::pair(Compression::zstd, F::ndjson));
  EXPECT_EQ(recognised("d", "PAR1...."), std::pair(Compression::none, F::parquet));
  EXPECT_EQ(recognised("e.ndjson.gz", ""), std::pair(Compression::none, F::ndjson));
  EXPECT_EQ(recognised("f.csv", ""), std::pair(Compression::none, F::csv));
}

}  // namespace
}  // namespace tideline
