// Users: people who sign in, each with a role. A password is kept as its Argon2id hash.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "access/permission.h"
#include "access/secret.h"
#include "base/clock.h"
#include "ports/state_store.h"

namespace tideline {

struct User {
  std::string name;  // as written when it was made; told apart without case
  Role role = Role::viewer;
  Time created{};
  bool disabled = false;  // cannot sign in
  std::optional<Time> last_login;
};

inline constexpr std::size_t kPasswordCharactersMin = 10;

// Thread-safe. Every change is synced.
class Users {
 public:
  // All must outlive it.
  Users(const AccessCrypto& crypto, StateStore& store, const Clock& clock)
      : crypto_(crypto), store_(store), clock_(clock) {}

  Status load();
  // conflict when there is one of that name; invalid for a name or password that cannot be.
  [[nodiscard]] Result<User> create(const std::string& name, Role role,
                                    const std::string& password);
  // Changes what is given. conflict, reason last_admin, when nobody could administer after it.
  struct Change {
    std::optional<Role> role;
    std::optional<bool> disabled;
    std::optional<std::string> password;
  };
  [[nodiscard]] Result<User> change(const std::string& name, const Change& change);

  // The user whose password this is, who is not disabled. As slow for a name that nobody has.
  [[nodiscard]] std::optional<User> check(const std::string& name,
                                          const std::string& password) const;
  Status note_login(const std::string& name);

  [[nodiscard]] std::optional<User> find(const std::string& name) const;
  [[nodiscard]] std::vector<User> list() const;
  [[nodiscard]] bool none() const;

 private:
  struct Stored {
    User user;
    std::string hash;
  };
  [[nodiscard]] static std::string encode(const Stored& stored);
  [[nodiscard]] static Result<Stored> decode(std::string_view bytes);
  [[nodiscard]] std::optional<Stored> stored(const std::string& name) const;
  [[nodiscard]] bool other_admin(const std::string& key) const;
  Status keep(const Stored& stored);

  const AccessCrypto& crypto_;
  StateStore& store_;
  const Clock& clock_;
  std::mutex writing_;  // one change at a time; taken before mutex_, which no write waits under
  mutable std::mutex mutex_;
  std::map<std::string, Stored> by_key_;  // by name in lower case
  mutable std::once_flag nobody_made_;
  mutable std::string nobodys_hash_;  // made at the first login, which alone is slower
};

}  // namespace tideline
