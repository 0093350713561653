// RightOfWay: work that can be done later waits while those who answer need the processors
// (docs/adr/0010).
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace tideline {

// Whoever answers says how long that took. While it comes to more than an eighth of all
// processors, the way is theirs: for a second at most, so that nothing waits long under a load
// that does not end; the time that it was not is regained. Thread-safe.
class RightOfWay {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr auto kWindow = std::chrono::milliseconds(5);  // over which work is summed up
  static constexpr auto kHold = std::chrono::milliseconds(10);   // after a window of much work
  static constexpr auto kLongest = std::chrono::seconds(1);

  explicit RightOfWay(unsigned processors) : processors_(processors) {}

  // A thread answered for so long, until now.
  void worked(Clock::duration took, Clock::time_point now);
  [[nodiscard]] bool is_taken(Clock::time_point now) const;
  // Returns once the way is free. For threads of later work, between two pieces of it.
  void let_pass();

 private:
  const unsigned processors_;
  std::mutex mutex_;              // of what follows
  std::condition_variable free_;  // only its clock runs out: nobody gives the way back early
  Clock::time_point window_begin_;
  Clock::duration worked_{};  // in the window
  Clock::duration left_ = kLongest;
  std::atomic<Clock::time_point> taken_until_{Clock::time_point()};
};

}  // namespace tideline
