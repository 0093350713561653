// Clock: time passed in. Only `app` makes a SystemClock; everything else is handed a Clock.
#pragma once

#include <atomic>

#include "base/time.h"

namespace tideline {

class Clock {
 public:
  virtual ~Clock() = default;
  // Thread-safe.
  [[nodiscard]] virtual Time now() const = 0;
};

// The machine's clock.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Time now() const override;
};

// A clock that stands still until told: tests, scripts and `serve --as-of`.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : now_ms_(millis(start)) {}
  [[nodiscard]] Time now() const override { return time_from_millis(now_ms_.load()); }
  void set(Time t) { now_ms_ = millis(t); }
  void advance(Duration d) { now_ms_ += d.count(); }

 private:
  std::atomic<std::int64_t> now_ms_;
};

}  // namespace tideline
