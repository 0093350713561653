#include "adapters/sql_worker/worker_channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/rng.h"
#include "ports/test_seed.h"

namespace tideline {
namespace {

struct Ends {
  Ends() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0); }
  int ends[2];
};

TEST(WorkerChannel, CarriesFrames) {
  const Ends pair;
  WorkerChannel a(pair.ends[0]), b(pair.ends[1]);
  ASSERT_TRUE(a.send(FrameKind::query, "select 1"));
  ASSERT_TRUE(a.send(FrameKind::end, ""));
  const auto first = b.receive();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->kind, FrameKind::query);
  EXPECT_EQ(first->payload, "select 1");
  EXPECT_EQ(b.receive()->kind, FrameKind::end);
}

TEST(WorkerChannel, SaysWhenTheOtherEndIsGoneOrSilent) {
  const Ends pair;
  WorkerChannel a(pair.ends[0]);
  const auto late = a.receive(std::chrono::steady_clock::now() + std::chrono::milliseconds(5));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::timeout);
  ::close(pair.ends[1]);
  EXPECT_EQ(a.receive().error().code, ErrorCode::unavailable);
}

TEST(WorkerChannel, RefusesWhatIsNoFrame) {
  for (const std::string& bytes : {std::string("\xff\xff\xff\xff\x01", 5),
                                   std::string("\0\0\0\0\0", 5), std::string("\0\0\0\0\x63", 5)}) {
    const Ends pair;
    WorkerChannel a(pair.ends[0]), b(pair.ends[1]);
    ASSERT_EQ(::write(pair.ends[1], bytes.data(), bytes.size()), 5);
    EXPECT_EQ(a.receive().error().code, ErrorCode::corrupt);
  }
}

TEST(WorkerChannel, QueriesViewsAndErrorsComeBackAsTheyWere) {
  const WorkerQuery query{"select ?", {Cell(), Cell(std::string("x")), Cell(2.5), Cell(true)}, 7};
  const auto read = decode_worker_query(encode(query));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sql, query.sql);
  EXPECT_EQ(read->parameters, query.parameters);
  EXPECT_EQ(read->rows_max, 7u);
  const std::vector<LakeView> views = {{"events", {{"a", "BIGINT"}}, {"f1", "f2"}, ""}};
  const auto seen = decode_views(encode(views));
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->front().columns, views.front().columns);
  EXPECT_EQ(seen->front().files, views.front().files);
  const Error error = decode_error(encode(Error{ErrorCode::refused, "no", "select_only"}));
  EXPECT_EQ(error.code, ErrorCode::refused);
  EXPECT_EQ(error.reason, "select_only");
}

std::string block_of(std::uint64_t count, const std::vector<Cell>& cells) {
  ByteWriter out;
  out.varint(count);
  std::string block = out.take();
  append_row(block, cells);
  return block;
}

TEST(WorkerChannel, RowsMustFitTheirColumns) {
  const std::vector<ResultColumn> columns = {{"n", ResultKind::integer}, {"d", ResultKind::exact}};
  const auto visited = [&](const std::vector<Cell>& cells) {
    return visit_rows(block_of(1, cells), columns,
                      [](std::span<const Cell>) -> Result<bool> { return true; });
  };
  EXPECT_TRUE(visited({Cell(std::int64_t{1}), Cell(std::string("-12.50"))}));
  EXPECT_TRUE(visited({Cell(), Cell()}));
  EXPECT_FALSE(visited({Cell(std::string("1")), Cell()}));
  for (const char* text : {"1,\"x\":2", "", "-", "01", "1.", "1e5", "NaN", ".5"}) {
    EXPECT_FALSE(visited({Cell(), Cell(std::string(text))})) << text;
  }
}

TEST(WorkerChannel, DamagedBytesAreAnErrorNeverACrash) {
  Rng rng(test_seed());
  const std::vector<ResultColumn> columns = {{"a", ResultKind::text}, {"b", ResultKind::number}};
  const std::string rows = block_of(1, {Cell(std::string("some text")), Cell(1.5)});
  const std::string names = encode(std::span<const ResultColumn>(columns));
  for (int round = 0; round < 20'000; ++round) {
    for (const std::string& whole : {rows, names}) {
      std::string bytes = whole;
      bytes[rng.below(bytes.size())] = static_cast<char>(rng.below(256));
      bytes.resize(rng.below(bytes.size()) + 1);
      static_cast<void>(decode_columns(bytes));
      static_cast<void>(
          visit_rows(bytes, columns, [](std::span<const Cell>) -> Result<bool> { return false; }));
      static_cast<void>(decode_views(bytes));
      static_cast<void>(decode_error(bytes));
    }
  }
}

}  // namespace
}  // namespace tideline
