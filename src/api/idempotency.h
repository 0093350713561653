// Idempotency: a write that is sent again under the same Idempotency-Key is answered as it was the
// first time, and not done again, for 24 hours.
#pragma once

#include <mutex>
#include <set>
#include <string>

#include "api/endpoint.h"
#include "base/clock.h"
#include "base/hash.h"
#include "ports/state_store.h"

namespace tideline {

// Writes of the API; not ingest, where events have ids of their own, not models as a service,
// which write nothing, and not those whose answers hold secrets (keys, receivers) or rows (SQL).
[[nodiscard]] bool takes_idempotency_key(const Endpoint& endpoint);

inline constexpr const char* kIdempotencyKey = "Idempotency-Key";
inline constexpr Duration kAnswersKept = 24 * kHour;

// Thread-safe. Answers are kept by caller, method, path and key; what trouble of the program or of
// the caller's rights made of a write (401, 403, 429, 5xx) is not kept.
class Idempotency {
 public:
  Idempotency(StateStore& state, const Clock& clock) : state_(state), clock_(clock) {}

  // `services` and this must outlive the handler. Answers 422 idempotency_key_reused for another
  // body under a key, 409 in_progress while the first is under way.
  [[nodiscard]] http::Handler once(Services& services, http::Handler handler);

 private:
  struct Asked {
    std::string key;  // of the answer
    Hash128 print;    // of what was sent
  };
  static Result<Asked> asked(const http::Request& request, const std::string& given);
  void run(const http::Handler& handler, http::Request request, http::Responder responder,
           const std::string& given);
  [[nodiscard]] Result<std::optional<http::Response>> kept(const Asked& asked);
  Status keep(const Asked& asked, const http::Response& response);
  Status forget_old(Time now, WriteBatch& batch);

  StateStore& state_;
  const Clock& clock_;
  std::mutex mutex_;
  std::set<std::string> under_way_;  // keys of answers
};

}  // namespace tideline
