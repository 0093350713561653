#include "ports/memory_event_log.h"

#include "ports/event_log_contract.h"

namespace tideline {
namespace {

class MemorySubject {
 public:
  EventLog& log() { return log_; }
  ManualClock& clock() { return clock_; }
  bool reopen() { return false; }

 private:
  ManualClock clock_{time_from_millis(1'700'000'000'000)};
  MemoryEventLog log_{clock_};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, EventLogContract, MemorySubject);

TEST(MemoryEventLog, RefusesWhenTold) {
  const ManualClock clock{Time{}};
  MemoryEventLog log(clock);
  log.refuse_appends(Error{ErrorCode::unavailable, "the log has failed", "log_failed"});
  const auto refused = append_and_wait(log, {{0, RecordKind::event, "a"}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "log_failed");
  EXPECT_EQ(log.end(), 0u);
  log.refuse_appends(std::nullopt);
  EXPECT_TRUE(append_and_wait(log, {{0, RecordKind::event, "a"}}).has_value());
}

}  // namespace
}  // namespace tideline
