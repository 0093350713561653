#include "ports/memory_state_store.h"

#include "ports/state_store_contract.h"

namespace tideline {
namespace {

class MemorySubject {
 public:
  StateStore& store() { return store_; }
  bool reopen() { return false; }

 private:
  MemoryStateStore store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, StateStoreContract, MemorySubject);

TEST(MemoryStateStore, RefusesWhenTold) {
  MemoryStateStore store;
  store.refuse_writes(Error{ErrorCode::disk_full, "full"});
  WriteBatch batch;
  batch.put(Family::keys, "a", "1");
  const Status refused = store.write(batch, Durability::now);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::disk_full);
  EXPECT_EQ(store.get(Family::keys, "a").value(), std::nullopt);
}

TEST(PrefixEnd, IsOnePastTheLastKeyOfThePrefix) {
  EXPECT_EQ(prefix_end("a"), "b");
  EXPECT_EQ(prefix_end("a\xFF"), "b");
  EXPECT_EQ(prefix_end("\xFF\xFF"), "");
  EXPECT_EQ(prefix_end(""), "");
  EXPECT_EQ(prefix_end(std::string("a\0", 2)), "a\x01");
}

}  // namespace
}  // namespace tideline
