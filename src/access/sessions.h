// Sessions: who is signed in, in which browser. A session is known by a random token, of which
// only the digest is kept; it survives a restart.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "access/secret.h"
#include "base/clock.h"
#include "ports/state_store.h"

namespace tideline {

struct Session {
  std::string user;
  Time created{};
  Time last_used{};
  Time expires{};
};

// Thread-safe.
class Sessions {
 public:
  struct Options {
    Duration length_max = 7 * kDay;  // from signing in, however busy
    Duration idle_max = kDay;        // without a request
  };
  // All must outlive it.
  Sessions(Options options, const AccessCrypto& crypto, StateStore& store, const Clock& clock)
      : options_(options), crypto_(crypto), store_(store), clock_(clock) {}

  Status load();
  [[nodiscard]] const Options& options() const { return options_; }
  // The token of a new one. Synced.
  [[nodiscard]] Result<std::string> begin(const std::string& user);
  // Of a token in force; notes that it was used.
  [[nodiscard]] std::optional<Session> find(std::string_view token) const;
  // What a page must show beside the cookie when it changes anything. Follows from the token, so
  // that nothing more is kept, and does not lead back to it.
  [[nodiscard]] std::string csrf_token_of(std::string_view token) const;
  Status end(std::string_view token);
  // Ends those of `user`, but not the one of `spared`. Over once this returns.
  Status end_all(const std::string& user, std::string_view spared = {});
  [[nodiscard]] std::size_t count(const std::string& user) const;

  // Drops what has expired, keeps when the others were used. Not synced.
  Status tend();

 private:
  struct Stored {
    Session session;
    bool use_is_kept = true;
  };
  [[nodiscard]] bool in_force(const Session& session) const;
  [[nodiscard]] std::string key_of(std::string_view token) const;

  const Options options_;
  const AccessCrypto& crypto_;
  StateStore& store_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, Stored> by_key_;  // by key in Family::access
};

}  // namespace tideline
