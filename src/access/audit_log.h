// AuditLog: who did what, in order. Each entry holds the hash of the one before, so that none can
// be changed, dropped or slipped in between without the rest telling.
//
// Family::audit: key = number, big endian; value = the entry and its hash. The number and hash of
// the last one stand in Family::access, so that a missing end is seen too.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "access/secret.h"
#include "base/clock.h"
#include "ports/state_store.h"

namespace tideline {

struct AuditEntry {
  std::uint64_t number = 0;  // from 1; set when it is written, as are time and hash
  Time time{};
  std::string who;      // "user:ada", "key:shop", "visitor", "command"
  std::string role;     // "admin"; of a key its scopes
  std::string what;     // "login", "create_key", "promote_model"
  std::string target;   // on what: a user's name, a key's id, a dead letter's; may be empty
  std::string outcome;  // "done", or the code of the error
  std::string hash;     // of this entry and all before it
};

struct AuditPage {
  std::vector<AuditEntry> entries;  // newest first
  bool more = false;
};

// Thread-safe.
class AuditLog {
 public:
  // All must outlive it.
  AuditLog(const AccessCrypto& crypto, StateStore& store, const Clock& clock)
      : crypto_(crypto), store_(store), clock_(clock) {}

  Status load();
  // Synced.
  Status append(AuditEntry entry);
  // Below number `before`, when given.
  [[nodiscard]] Result<AuditPage> list(std::optional<std::uint64_t> before,
                                       std::size_t limit) const;
  // Reads all of it; the number of entries. corrupt names the first that is not as written.
  [[nodiscard]] Result<std::uint64_t> verify() const;

 private:
  struct Head {
    std::uint64_t number = 0;
    std::string hash;
  };
  [[nodiscard]] Result<Head> stored_head() const;

  const AccessCrypto& crypto_;
  StateStore& store_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // also held while an entry is written: they are in order
  Head head_;
};

}  // namespace tideline
