// AttemptMarks: what was written is read by the next process; damage counts as none.
#include "pipeline/attempt_marks.h"

#include <gtest/gtest.h>

#include "base/memory_file_system.h"

namespace tideline {
namespace {

constexpr const char* kPath = "/run/attempts";

class AttemptMarksTest : public ::testing::Test {
 protected:
  AttemptMarksTest() { EXPECT_TRUE(files_.make_folder("/run")); }
  std::unique_ptr<AttemptMarks> open() {
    auto marks = AttemptMarks::open(files_, kPath, 4);
    EXPECT_TRUE(marks.has_value());
    return marks ? std::move(*marks) : nullptr;
  }
  MemoryFileSystem files_;
};

TEST_F(AttemptMarksTest, OutliveTheProcess) {
  EXPECT_FALSE(open()->read(0)->has_value());
  constexpr std::uint64_t kMost = ~std::uint64_t{0};
  ASSERT_TRUE(open()->write(1, {kMost, kMost, 7, true, true, kMost}));
  ASSERT_TRUE(open()->write(3, {5, 9, 1, false, true, 0}));
  ASSERT_TRUE(open()->write(3, {6, 6, 0, false, false, 0}));
  EXPECT_FALSE(open()->read(0)->has_value());
  EXPECT_FALSE(open()->read(2)->has_value());
  const auto marks = open();
  EXPECT_EQ((*marks->read(1))->isolate_until, kMost);
  EXPECT_EQ((*marks->read(1))->crashes, 7u);
  EXPECT_EQ((*marks->read(3))->last_offset, 6u);
  EXPECT_FALSE((*marks->read(3))->running);
}

TEST_F(AttemptMarksTest, ADamagedOneIsNone) {
  ASSERT_TRUE(open()->write(0, {5, 9, 1, false, true, 0}));
  const std::string whole = files_.content(kPath);
  const std::string mark = encode(AttemptMark{5, 9, 1, false, true, 0});
  for (std::size_t at = 0; at < mark.size() + 5; ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x11);
    files_.set_content(kPath, damaged);
    EXPECT_FALSE(open()->read(0)->has_value()) << at;
  }
  files_.set_content(kPath, "");
  EXPECT_FALSE(open()->read(0)->has_value());
}

TEST_F(AttemptMarksTest, AFullDiskDoesNotStopThem) {
  const auto marks = open();
  files_.set_capacity(0);
  EXPECT_TRUE(marks->write(3, {5, 9, 1, false, true, 0}));
}

}  // namespace
}  // namespace tideline
