#include "api/caller_limits.h"

#include <cmath>
#include <memory>

namespace tideline {
namespace {

long long whole_seconds(Duration time) {
  return static_cast<long long>(std::ceil(std::chrono::duration<double>(time).count()));
}

}  // namespace

CallerLimits::Standing CallerLimits::charge(const std::string& caller) {
  const Time now = clock_.now();
  const double burst = rates_.requests_per_s * rates_.burst_s;
  const std::lock_guard lock(mutex_);
  TokenBucket& bucket =
      buckets_.try_emplace(caller, rates_.requests_per_s, burst, now).first->second;
  Standing standing;
  // A whole request must be left: others are refused before there is a debt.
  const double left = bucket.left(now);
  if (left < 1) {
    standing.wait =
        Duration(static_cast<Duration::rep>(std::ceil((1 - left) / rates_.requests_per_s * 1000)));
  } else {
    bucket.charge(1, now);
  }
  standing.left = std::floor(bucket.left(now));
  standing.full = Duration(
      static_cast<Duration::rep>((burst - bucket.left(now)) / rates_.requests_per_s * 1000));
  return standing;
}

void CallerLimits::tell(http::Response& response, const Standing& standing) const {
  const auto burst = static_cast<long long>(rates_.requests_per_s * rates_.burst_s);
  response.headers.set("RateLimit-Policy",
                       "\"requests\";q=" + std::to_string(burst) + ";w=" +
                           std::to_string(static_cast<long long>(std::ceil(rates_.burst_s))));
  response.headers.set("RateLimit",
                       "\"requests\";r=" + std::to_string(static_cast<long long>(standing.left)) +
                           ";t=" + std::to_string(whole_seconds(standing.full)));
}

http::Handler CallerLimits::limit(http::Handler handler) {
  return [this, handler = std::move(handler)](http::Request request, http::Responder responder) {
    if (rates_.requests_per_s <= 0 || !request.caller.starts_with("key:"))
      return handler(std::move(request), std::move(responder));
    const Standing standing = charge(request.caller);
    if (standing.wait > Duration(0)) {
      http::Problem problem{429, "rate_limited",
                            "this key asks faster than its rate; wait as Retry-After says"};
      problem.retry_after_s = static_cast<int>(std::max(1LL, whole_seconds(standing.wait)));
      http::Response response = http::problem_response(std::move(problem));
      tell(response, standing);
      return responder(std::move(response));
    }
    auto shared = std::make_shared<http::Responder>(std::move(responder));
    handler(std::move(request), http::Responder([this, shared, standing](http::Response response) {
              tell(response, standing);
              (*shared)(std::move(response));
            }));
  };
}

}  // namespace tideline
