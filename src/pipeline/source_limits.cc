#include "pipeline/source_limits.h"

#include <algorithm>

namespace tideline {

SourceLimits::Buckets& SourceLimits::buckets_of(const SourceId& source, Time now) {
  const auto known = buckets_.find(source.str());
  if (known != buckets_.end()) return known->second;
  const auto bucket = [&](double per_s) {
    return TokenBucket(per_s, std::max(1.0, per_s * rates_.burst_s), now);
  };
  return buckets_
      .emplace(source.str(), Buckets{bucket(rates_.requests_per_s), bucket(rates_.events_per_s),
                                     bucket(rates_.bytes_per_s)})
      .first->second;
}

std::optional<SourceLimits::Refusal> SourceLimits::check(const SourceId& source) {
  if (unlimited()) return std::nullopt;
  const Time now = clock_.now();
  const std::lock_guard lock(mutex_);
  Buckets& buckets = buckets_of(source, now);
  Refusal longest;
  for (const Refusal& refusal :
       {Refusal{buckets.requests.wait(now), "requests"},
        Refusal{buckets.events.wait(now), "events"}, Refusal{buckets.bytes.wait(now), "bytes"}}) {
    if (refusal.wait > longest.wait) longest = refusal;
  }
  if (longest.wait == Duration(0)) return std::nullopt;
  return longest;
}

Status SourceLimits::admit(const SourceId& source) {
  const auto refusal = check(source);
  if (!refusal) return {};
  return fail(ErrorCode::overloaded,
              "source " + source.str() + " sends " + refusal->what +
                  " faster than it may (ingest.source_" + refusal->what + "_per_s)",
              "rate_limited");
}

void SourceLimits::charge(const SourceId& source, std::uint64_t events, std::uint64_t bytes) {
  if (unlimited()) return;
  const Time now = clock_.now();
  const std::lock_guard lock(mutex_);
  Buckets& buckets = buckets_of(source, now);
  buckets.requests.charge(1, now);
  buckets.events.charge(static_cast<double>(events), now);
  buckets.bytes.charge(static_cast<double>(bytes), now);
}

}  // namespace tideline
