// ApiKeys: what programs show to be let in. A key is shown once, when it is made; kept is its
// digest.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "access/permission.h"
#include "access/secret.h"
#include "base/clock.h"
#include "domain/event.h"
#include "ports/state_store.h"

namespace tideline {

struct ApiKey {
  std::string id;      // of a key that sends events also the name of its source
  std::string prefix;  // the key's first characters, to recognise it by
  PermissionSet scopes;
  Time created{};
  std::optional<Time> expires;  // from then on it opens nothing
  std::optional<Time> last_used;
  bool revoked = false;
};

struct KeyWish {
  std::string id;  // empty: "source-N"
  PermissionSet scopes = {Permission::ingest};
  std::optional<Time> expires = {};
};

struct NewKey {
  std::string id;
  std::string key;  // "tl_" and 49 characters (secret.h); never stored
};

// Thread-safe.
class ApiKeys {
 public:
  // All must outlive it.
  ApiKeys(const AccessCrypto& crypto, StateStore& store, const Clock& clock)
      : crypto_(crypto), store_(store), clock_(clock) {}

  Status load();
  // conflict when that id has a key in force; invalid without a scope, or for a moment that has
  // passed. Synced.
  [[nodiscard]] Result<NewKey> create(const KeyWish& wish);
  [[nodiscard]] Result<std::vector<ApiKey>> list() const;
  // In force no more once this returns. not_found without such a key.
  Status revoke(const std::string& id);

  struct InForce {
    std::string id;
    PermissionSet permissions;  // closed
  };
  // Of a key that is neither unknown, revoked nor expired; notes that it was used.
  [[nodiscard]] std::optional<InForce> find(std::string_view key) const;
  // The source of a key in force that may send events.
  [[nodiscard]] std::optional<SourceId> source_of(std::string_view key) const;
  [[nodiscard]] std::optional<PermissionSet> scopes_of(const std::string& id) const;

  // Writes when keys were last used. Not synced.
  Status keep_uses();

 private:
  struct Stored {
    ApiKey key;
    std::string digest;
    bool use_is_kept = true;
  };
  [[nodiscard]] static std::string encode(const Stored& stored);
  [[nodiscard]] static Result<Stored> decode(std::string_view bytes);
  [[nodiscard]] bool in_force(const ApiKey& key) const;
  Status write(const Stored& stored, Durability durability);  // under the mutex

  const AccessCrypto& crypto_;
  StateStore& store_;
  const Clock& clock_;
  std::mutex writing_;  // one change at a time; taken before mutex_, which no write waits under
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, Stored> by_id_;
  std::unordered_map<std::string, std::string> id_by_digest_;
};

}  // namespace tideline
