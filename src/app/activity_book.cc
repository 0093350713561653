#include "app/activity_book.h"

#include "pipeline/activity.h"

namespace tideline {
namespace {

constexpr Duration kAgeMax = std::chrono::minutes(10);

}  // namespace

Result<ActivityFigures> ActivityBook::figures() {
  const std::lock_guard lock(mutex_);
  const Time read = engine_.clock().now();
  if (figures_ && read_ <= read && read - read_ < kAgeMax) return *figures_;
  const Time now = engine_.now().now();
  if (!engine_.as_of()) TRY(engine_.flush_lake(false));
  TRY_ASSIGN(const auto customers,
             read_activity(engine_.state(), engine_.lake(), engine_.pack(), now));
  ActivityCounter counter(now);
  for (const CustomerActivity& one : customers) counter.add(one.days, one.amounts);
  figures_ = counter.figures();
  read_ = read;
  return *figures_;
}

}  // namespace tideline
