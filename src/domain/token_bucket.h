// TokenBucket: how fast somebody may go on average, with a burst before that. Pure; time is passed
// in.
#pragma once

#include <algorithm>
#include <cmath>

#include "base/time.h"

namespace tideline {

// What was done is charged after the fact and may leave a debt, which time pays back: who asks
// wait() first is held to the rate in the long run, however large single charges are.
class TokenBucket {
 public:
  // Full at `now`. `per_s` 0: no limit. `burst` is what a bucket that rested holds; > 0.
  TokenBucket(double per_s, double burst, Time now)
      : per_s_(per_s), burst_(burst), tokens_(burst), at_(now) {}

  void charge(double amount, Time now) {
    if (per_s_ <= 0) return;
    fill(now);
    tokens_ -= amount;
  }
  // What is in it now; below 0: a debt.
  [[nodiscard]] double left(Time now) {
    fill(now);
    return tokens_;
  }
  // Until there is something in it again; 0: there is.
  [[nodiscard]] Duration wait(Time now) {
    if (per_s_ <= 0) return Duration(0);
    fill(now);
    if (tokens_ > 0) return Duration(0);
    return Duration(static_cast<Duration::rep>(std::floor(-tokens_ / per_s_ * 1000)) + 1);
  }

 private:
  void fill(Time now) {
    // A clock that was set back gives nothing and takes nothing.
    const double passed_s = std::chrono::duration<double>(std::max(now, at_) - at_).count();
    tokens_ = std::min(burst_, tokens_ + passed_s * per_s_);
    at_ = now;
  }

  double per_s_;
  double burst_;
  double tokens_;
  Time at_;
};

}  // namespace tideline
