#include "ports/record_batch.h"

#include <gtest/gtest.h>

namespace tideline {
namespace {

TEST(RecordBatchTest, HoldsWhatWasAddedInItsOrder) {
  RecordBatch batch{{7, RecordKind::event, "first"}, {9, RecordKind::reject, ""}};
  std::string& payload = batch.open();
  payload += "encoded";
  payload += " in place";
  batch.close(65535, RecordKind::event);
  ASSERT_EQ(batch.size(), 3U);
  EXPECT_EQ(batch.bytes(), 3 * RecordBatch::kHeadBytes + 5 + 0 + 16);
  const auto records = batch.records();
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].shard, 7);
  EXPECT_EQ(records[0].payload, "first");
  EXPECT_EQ(records[1].kind, RecordKind::reject);
  EXPECT_EQ(records[1].payload, "");
  EXPECT_EQ(records[2].shard, 65535);
  EXPECT_EQ(records[2].kind, RecordKind::event);
  EXPECT_EQ(records[2].payload, "encoded in place");
}

TEST(RecordBatchTest, IsEmptyOnceItsBufferWasTaken) {
  RecordBatch batch;
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.bytes(), 0U);
  batch.reserve(10, 1000);
  EXPECT_EQ(batch.bytes(), 0U);
  batch.add(1, RecordKind::event, "a");
  const std::size_t bytes = batch.bytes();
  EXPECT_EQ(batch.take().size(), RecordBatch::kFrontRoom + bytes);
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(batch.records().empty());
  batch.add(2, RecordKind::event, "b");
  EXPECT_EQ(batch.records().front().payload, "b");
}

}  // namespace
}  // namespace tideline
