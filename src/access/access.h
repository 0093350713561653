// Access: who may come in, as whom, and the log of what they did. The front page of this module.
//
// People have a name, a password and a role, and are signed in by a session; programs show a key
// with scopes. Both come to a Caller with a PermissionSet. Everything stands in Family::access,
// Family::keys and Family::audit; nothing that is kept opens anything by itself.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "access/api_keys.h"
#include "access/audit_log.h"
#include "access/login_throttle.h"
#include "access/permission.h"
#include "access/sessions.h"
#include "access/users.h"
#include "telemetry/log.h"

namespace tideline {

// Whom a request comes from.
struct Caller {
  enum class Kind {
    user,
    key,
    visitor,  // whoever is on this machine, where the settings give them a role
    command   // of the command line, by the control socket or on the folder itself
  };
  Kind kind = Kind::command;
  std::string id;  // the user's name or the key's id; else empty
  PermissionSet permissions;
  std::optional<Role> role;  // of users and visitors

  // "user:ada", "key:shop", "visitor", "command": as the audit log has it.
  [[nodiscard]] std::string name() const;
};
inline constexpr const char* kCommandCaller = "command";

// An address of this machine itself, as text.
[[nodiscard]] bool is_loopback_address(std::string_view address);

struct SignedIn {
  User user;
  std::string token;  // for the cookie; known to nobody else
  std::string csrf_token;
};

// Thread-safe.
class Access {
 public:
  struct Options {
    Sessions::Options sessions;
    Duration setup_link_lasts = kDay;
  };
  // All but the options must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<Access>> open(Options options, AccessCrypto crypto,
                                                            StateStore& store, const Clock& clock,
                                                            Logger& logger);

  [[nodiscard]] ApiKeys& keys() { return keys_; }
  [[nodiscard]] const Users& users() const { return users_; }
  [[nodiscard]] const Sessions& sessions() const { return sessions_; }
  [[nodiscard]] const AuditLog& audit() const { return audit_; }

  [[nodiscard]] std::optional<Caller> caller_of_key(std::string_view key) const;
  // nullopt too when the user is gone or disabled.
  [[nodiscard]] std::optional<Caller> caller_of_session(std::string_view token) const;

  // Takes tens of milliseconds. unauthorized (wrong_login), overloaded (too_many_logins, with the
  // seconds to wait in `wait`).
  [[nodiscard]] Result<SignedIn> log_in(const std::string& name, const std::string& password,
                                        const std::string& address, Duration& wait);
  Status log_out(std::string_view token);

  // A token that lets whoever has it make the first admin, once; an earlier one is void. refused
  // when there are users.
  [[nodiscard]] Result<std::string> make_setup_link();
  [[nodiscard]] Result<SignedIn> set_up(std::string_view token, const std::string& name,
                                        const std::string& password);

  // Each notes in the audit log that `who` (Caller::name) did it, or tried to.
  [[nodiscard]] Result<User> create_user(const std::string& who, const std::string& name,
                                         Role role, const std::string& password);
  // A change of role, password or being disabled ends the user's sessions, but the one of
  // `spared`.
  [[nodiscard]] Result<User> change_user(const std::string& who, const std::string& name,
                                         const Users::Change& change,
                                         std::string_view spared = {});
  // The user's own; unauthorized (wrong_login) when `current` is not the password.
  Status change_own_password(const std::string& name, const std::string& current,
                             const std::string& next, std::string_view session);
  [[nodiscard]] Result<NewKey> create_key(const std::string& who, const KeyWish& wish);
  Status revoke_key(const std::string& who, const std::string& id);

  // Notes what somebody did to `target`, and what came of it. A log that cannot be written is
  // told to the administrator; what was done stays done.
  void note(const std::string& who, const std::string& what, const std::string& target,
            const Status& outcome = {});

  // Once a minute or so: drops what has expired, keeps what was used when.
  void tend();

 private:
  Access(Options options, AccessCrypto crypto, StateStore& store, const Clock& clock,
         Logger& logger);
  [[nodiscard]] Result<SignedIn> sign_in(const User& user);
  [[nodiscard]] std::string role_of(const std::string& who) const;
  [[nodiscard]] Status check_setup_token(std::string_view token);

  const Options options_;
  const AccessCrypto crypto_;
  StateStore& store_;
  const Clock& clock_;
  Logger& logger_;
  ApiKeys keys_;
  Users users_;
  Sessions sessions_;
  AuditLog audit_;
  LoginThrottle throttle_;
  std::atomic<int> logging_in_ = 0;
  // Passwords are looked at, and users changed, one after the other: no session begins with a
  // password that was replaced meanwhile, and hashing takes its memory once.
  std::mutex changing_;
};

}  // namespace tideline
