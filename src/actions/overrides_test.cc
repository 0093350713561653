// Overrides: their bounds, their end by hand and by time, and which one held when.
#include "actions/overrides.h"

#include <gtest/gtest.h>

#include "ports/memory_state_store.h"
#include "scoring/test_pack.h"

namespace tideline {
namespace {

const Time kNow = *parse_time("2026-03-01T09:00:00Z");
const CustomerId kAnn("ann");

class OverridesTest : public ::testing::Test {
 protected:
  std::string set(const std::string& tier, const std::string& reason, Time expires, Time now) {
    const auto one = overrides_.set(kAnn, tier, reason, expires, "ada", now);
    return one ? "" : one.error().reason;
  }
  std::string at(Time time) {
    const auto one = overrides_.at(kAnn, time);
    EXPECT_TRUE(one.has_value());
    return one && *one ? (*one)->tier : "";
  }

  std::shared_ptr<const Pack> pack_ = test_pack();
  MemoryStateStore store_;
  Overrides overrides_{*pack_, store_};
};

TEST_F(OverridesTest, NeedsATierAReasonAndAnEnd) {
  EXPECT_EQ(set("splendid", "she said so", kNow + kDay, kNow), "unknown_tier");
  EXPECT_EQ(set("churned", "", kNow + kDay, kNow), "missing_reason");
  EXPECT_EQ(set("churned", "she said so", kNow, kNow), "bad_expiry");
  EXPECT_EQ(set("churned", "she said so", kNow + kOverrideMax + Duration(1), kNow), "bad_expiry");
  EXPECT_EQ(set("churned", std::string(kActionTextMax + 1, 'x'), kNow + kDay, kNow),
            "text_too_long");
  EXPECT_FALSE(overrides_.any());
  EXPECT_EQ(set("churned", "she said so", kNow + kOverrideMax, kNow), "");
}

TEST_F(OverridesTest, EndsByTimeByHandAndByAnother) {
  ASSERT_EQ(set("churned", "she said so", kNow + 10 * kDay, kNow), "");
  EXPECT_EQ(overrides_.of(kAnn, kNow + 10 * kDay - Duration(1))->tier, "churned");
  EXPECT_FALSE(overrides_.of(kAnn, kNow + 10 * kDay).has_value());
  ASSERT_EQ(set("thriving", "came back", kNow + 20 * kDay, kNow + 2 * kDay), "");
  EXPECT_EQ(overrides_.in_force(kNow + 2 * kDay).size(), 1U);
  const auto ended = overrides_.end(kAnn, "grace", kNow + 5 * kDay);
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->ended_by, "grace");
  EXPECT_EQ(overrides_.end(kAnn, "grace", kNow + 5 * kDay).error().reason, "no_override");
  EXPECT_FALSE(overrides_.of(kAnn, kNow + 5 * kDay).has_value());
  EXPECT_EQ(at(kNow - kDay), "");
  EXPECT_EQ(at(kNow + kDay), "churned");
  EXPECT_EQ(at(kNow + 3 * kDay), "thriving");
  EXPECT_EQ(at(kNow + 6 * kDay), "");
}

TEST_F(OverridesTest, AreReadAgain) {
  ASSERT_EQ(set("churned", "she said so", kNow + 10 * kDay, kNow), "");
  ASSERT_EQ(set("thriving", "no, she did not", kNow + 9 * kDay, kNow), "");
  Overrides again(*pack_, store_);
  ASSERT_TRUE(again.load().has_value());
  ASSERT_TRUE(again.any());
  EXPECT_EQ(again.of(kAnn, kNow)->reason, "no, she did not");
  ASSERT_TRUE(again.end(kAnn, "", kNow + kDay).has_value());
  Overrides third(*pack_, store_);
  ASSERT_TRUE(third.load().has_value());
  EXPECT_FALSE(third.any());
}

}  // namespace
}  // namespace tideline
