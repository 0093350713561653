// CallerLimits: how many requests a second each API key may make, told with every answer.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "domain/token_bucket.h"
#include "http/router.h"

namespace tideline {

struct CallerRates {
  double requests_per_s = 0;  // of one key; 0: no limit
  double burst_s = 10;        // how many seconds' worth a key that rested may ask at once
};

// Thread-safe. Holds a bucket for each key that ever asked, and somebody has to make keys.
class CallerLimits {
 public:
  CallerLimits(CallerRates rates, const Clock& clock) : rates_(rates), clock_(clock) {}

  // Requests of keys (Request::caller "key:…") beyond the rate are answered 429 rate_limited with
  // Retry-After; all others carry RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-
  // headers). This must outlive the handler.
  [[nodiscard]] http::Handler limit(http::Handler handler);

 private:
  struct Standing {
    Duration wait{};  // 0: the request is taken
    double left = 0;  // requests that may follow at once
    Duration full{};  // until the bucket is full again
  };
  [[nodiscard]] Standing charge(const std::string& caller);
  void tell(http::Response& response, const Standing& standing) const;

  const CallerRates rates_;
  const Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, TokenBucket> buckets_;
};

}  // namespace tideline
