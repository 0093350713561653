// SourceLimits: how fast each source may send: requests, events and inflated bytes, each by a
// token bucket.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "domain/event.h"
#include "domain/token_bucket.h"

namespace tideline {

struct SourceRates {
  double requests_per_s = 0;  // 0: no limit
  double events_per_s = 0;
  double bytes_per_s = 0;  // of bodies, inflated
  // How many seconds' worth a source that rested may send at once.
  double burst_s = 5;
};

// Thread-safe. Holds three buckets for each source that ever sent, and sources need a key.
class SourceLimits {
 public:
  SourceLimits(SourceRates rates, const Clock& clock) : rates_(rates), clock_(clock) {}

  // overloaded, reason rate_limited, with the time after which to try again, while a bucket of the
  // source is empty.
  struct Refusal {
    Duration wait{};
    const char* what = "";  // "requests", "events", "bytes"
  };
  [[nodiscard]] std::optional<Refusal> check(const SourceId& source);
  [[nodiscard]] Status admit(const SourceId& source);
  // One request that was decoded, whatever became of its events.
  void charge(const SourceId& source, std::uint64_t events, std::uint64_t bytes);

 private:
  struct Buckets {
    TokenBucket requests;
    TokenBucket events;
    TokenBucket bytes;
  };
  [[nodiscard]] bool unlimited() const {
    return rates_.requests_per_s <= 0 && rates_.events_per_s <= 0 && rates_.bytes_per_s <= 0;
  }
  Buckets& buckets_of(const SourceId& source, Time now);  // under the mutex

  const SourceRates rates_;
  const Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<std::string, Buckets> buckets_;
};

}  // namespace tideline
