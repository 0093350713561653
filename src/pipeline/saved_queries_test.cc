#include "pipeline/saved_queries.h"

#include <gtest/gtest.h>

#include "ports/memory_state_store.h"

namespace tideline {
namespace {

const Time kNow = *parse_time("2026-01-31T12:00:00Z");

TEST(SavedQueries, KeepsReplacesListsAndRemoves) {
  MemoryStateStore store;
  ManualClock clock(kNow);
  SavedQueries queries(store, clock);
  ASSERT_TRUE(queries.save("b", "Events a day", "select 1"));
  ASSERT_TRUE(queries.save("a", "Tiers", "select 2"));
  ASSERT_TRUE(queries.save("a", "By tier", "select 3"));
  const auto all = queries.list();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].name, "By tier");
  EXPECT_EQ((*all)[0].sql, "select 3");
  EXPECT_EQ((*all)[0].changed, kNow);
  EXPECT_EQ((*all)[1].id, "b");
  ASSERT_TRUE(queries.remove("a"));
  EXPECT_EQ(queries.remove("a").error().code, ErrorCode::not_found);
  EXPECT_EQ(queries.find("a").error().code, ErrorCode::not_found);
  EXPECT_EQ(queries.find("b")->sql, "select 1");
}

TEST(SavedQueries, RefusesWhatIsEmptyOrTooLong) {
  MemoryStateStore store;
  ManualClock clock(kNow);
  SavedQueries queries(store, clock);
  EXPECT_FALSE(queries.save("a", "", "select 1"));
  EXPECT_FALSE(queries.save("a", "x", ""));
  EXPECT_FALSE(queries.save("a", std::string(201, 'x'), "select 1"));
  EXPECT_TRUE(queries.save("a", std::string(200, 'x'), std::string(100'000, 'x')));
  EXPECT_FALSE(queries.save("a", "x", std::string(100'001, 'x')));
}

}  // namespace
}  // namespace tideline
