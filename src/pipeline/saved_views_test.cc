// Saved views: whose they are, what is shared, what is refused.
#include "pipeline/saved_views.h"

#include <gtest/gtest.h>

#include "ports/memory_state_store.h"

namespace tideline {
namespace {

class SavedViewsTest : public ::testing::Test {
 protected:
  Result<SavedView> save(const std::string& id, const std::string& owner, bool shared) {
    return views.save({id, "name of " + id, "customers", {{"tier", "low"}}, shared, owner, {}});
  }
  std::vector<std::string> seen_by(const std::string& user) {
    std::vector<std::string> ids;
    const auto seen = views.list(user);
    for (const SavedView& view : *seen) ids.push_back(view.id);
    return ids;
  }
  MemoryStateStore store;
  ManualClock clock{*parse_time("2026-01-31T12:00:00Z")};
  SavedViews views{store, clock};
};

TEST_F(SavedViewsTest, OnesOwnAndSharedOnesAreSeen) {
  ASSERT_TRUE(save("a", "ann", false).has_value());
  ASSERT_TRUE(save("b", "bob", true).has_value());
  ASSERT_TRUE(save("c", "bob", false).has_value());
  EXPECT_EQ(seen_by("ann"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(seen_by("bob"), (std::vector<std::string>{"b", "c"}));
  const SavedView view = views.list("ann")->front();
  EXPECT_EQ(view.search.at("tier"), "low");
  EXPECT_EQ(view.saved, clock.now());
}

TEST_F(SavedViewsTest, OnlyTheOwnerDeletes) {
  ASSERT_TRUE(save("a", "ann", false).has_value());
  ASSERT_TRUE(save("b", "bob", true).has_value());
  EXPECT_EQ(views.remove("a", "bob").error().code, ErrorCode::not_found);
  EXPECT_EQ(views.remove("b", "ann").error().code, ErrorCode::refused);
  EXPECT_TRUE(views.remove("a", "ann").has_value());
  EXPECT_EQ(views.remove("a", "ann").error().code, ErrorCode::not_found);
  EXPECT_EQ(seen_by("ann"), std::vector<std::string>{"b"});
}

TEST_F(SavedViewsTest, NamesSearchesAndNumbersAreBounded) {
  SavedView view{"x", "", "customers", {}, false, "ann", {}};
  EXPECT_EQ(views.save(view).error().code, ErrorCode::invalid);
  view.name = std::string(81, 'n');
  EXPECT_EQ(views.save(view).error().code, ErrorCode::invalid);
  view.name = std::string(80, 'n');
  EXPECT_TRUE(views.save(view).has_value());
  view.search["q"] = std::string(4096, 's');
  EXPECT_EQ(views.save(view).error().code, ErrorCode::invalid);
  for (int i = 1; i < 200; ++i) ASSERT_TRUE(save(std::to_string(i), "ann", false).has_value());
  EXPECT_EQ(save("more", "ann", false).error().code, ErrorCode::conflict);
  EXPECT_TRUE(save("more", "bob", false).has_value());
}

}  // namespace
}  // namespace tideline
