#include "telemetry/right_of_way.h"

#include <algorithm>

namespace tideline {

void RightOfWay::worked(Clock::duration took, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  worked_ += took;
  const Clock::duration window = now - window_begin_;
  if (window < kWindow) return;
  const bool much = 8 * worked_ > processors_ * window;
  left_ = std::clamp<Clock::duration>(much ? left_ - window : left_ + window, {}, kLongest);
  if (much && left_ > Clock::duration()) taken_until_ = now + kHold;
  window_begin_ = now;
  worked_ = {};
}

bool RightOfWay::is_taken(Clock::time_point now) const { return now < taken_until_.load(); }

void RightOfWay::let_pass() {
  if (!is_taken(Clock::now())) return;
  std::unique_lock lock(mutex_);
  while (is_taken(Clock::now())) free_.wait_until(lock, taken_until_.load());
}

}  // namespace tideline
