// SourceKeys: who may send events. A key is shown once, when it is made; kept is its digest.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "domain/event.h"
#include "ports/state_store.h"

namespace tideline {

struct SourceKey {
  SourceId source;     // also the id of the key
  std::string prefix;  // the key's first characters, to recognise it by
  Time created{};
  bool revoked = false;
};

struct NewKey {
  SourceId source;
  std::string key;  // "tl_" and 43 characters; never stored
};

class SourceKeys {
 public:
  // `digest`: a cryptographic hash; `random_bytes`: from a secure source.
  struct Crypto {
    std::function<std::string(std::string_view)> digest;
    std::function<std::string(std::size_t)> random_bytes;
  };
  SourceKeys(Crypto crypto, StateStore& store, const Clock& clock)
      : crypto_(std::move(crypto)), store_(store), clock_(clock) {}

  Status load();
  // conflict when the source has a key that is not revoked. An empty name becomes "source-N".
  // Synced.
  [[nodiscard]] Result<NewKey> create(const std::string& source);
  [[nodiscard]] Result<std::vector<SourceKey>> list();
  Status revoke(const std::string& source);
  // The source of a key in force. Thread-safe.
  [[nodiscard]] std::optional<SourceId> source_of(std::string_view key) const;

 private:
  Crypto crypto_;
  StateStore& store_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, SourceId> by_digest_;
};

}  // namespace tideline
