#include "access/access.h"

#include "base/bytes.h"

namespace tideline {
namespace {

constexpr std::string_view kSetupKey = "setup_link";  // in Family::access: digest and expiry
constexpr int kLoginsAtOnceMax = 2;
constexpr std::size_t kNotedBytesMax = 256;  // of what callers choose freely

// Text of a stranger, as it can stand in a log that people read.
std::string noted(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, kNotedBytesMax)) {
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  }
  return out;
}

class Counted {
 public:
  explicit Counted(std::atomic<int>& count) : count_(count), now_(++count) {}
  ~Counted() { --count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  [[nodiscard]] int now() const { return now_; }

 private:
  std::atomic<int>& count_;
  int now_;
};

std::string scope_names(PermissionSet scopes) {
  std::string names;
  for (const Permission scope : kScopes) {
    if (!scopes.has(scope)) continue;
    names += (names.empty() ? "" : " ") + std::string(name_of(scope));
  }
  return names;
}

}  // namespace

bool is_loopback_address(std::string_view address) {
  return address == "::1" || address.starts_with("127.") || address.starts_with("::ffff:127.");
}

std::string Caller::name() const {
  switch (kind) {
    case Kind::user: return "user:" + id;
    case Kind::key: return "key:" + id;
    case Kind::visitor: return "visitor";
    case Kind::command: return kCommandCaller;
  }
  return {};
}

Access::Access(Options options, AccessCrypto crypto, StateStore& store, const Clock& clock,
               Logger& logger)
    : options_(options),
      crypto_(std::move(crypto)),
      store_(store),
      clock_(clock),
      logger_(logger),
      keys_(crypto_, store, clock),
      users_(crypto_, store, clock),
      sessions_(options.sessions, crypto_, store, clock),
      audit_(crypto_, store, clock) {}

Result<std::unique_ptr<Access>> Access::open(Options options, AccessCrypto crypto,
                                             StateStore& store, const Clock& clock,
                                             Logger& logger) {
  std::unique_ptr<Access> access(new Access(options, std::move(crypto), store, clock, logger));
  TRY(access->keys_.load());
  TRY(access->users_.load());
  TRY(access->sessions_.load());
  TRY(access->audit_.load());
  return access;
}

std::optional<Caller> Access::caller_of_key(std::string_view key) const {
  auto found = keys_.find(key);
  if (!found) return std::nullopt;
  return Caller{Caller::Kind::key, std::move(found->id), found->permissions, std::nullopt};
}

std::optional<Caller> Access::caller_of_session(std::string_view token) const {
  const auto session = sessions_.find(token);
  if (!session) return std::nullopt;
  const auto user = users_.find(session->user);
  if (!user || user->disabled) return std::nullopt;
  return Caller{Caller::Kind::user, user->name, permissions_of(user->role), user->role};
}

Result<SignedIn> Access::sign_in(const User& user) {
  TRY_ASSIGN(std::string token, sessions_.begin(user.name));
  TRY(users_.note_login(user.name));
  std::string csrf_token = sessions_.csrf_token_of(token);
  return SignedIn{user, std::move(token), std::move(csrf_token)};
}

Result<SignedIn> Access::log_in(const std::string& name, const std::string& password,
                                const std::string& address, Duration& wait) {
  // People behind a proxy of this machine share its address.
  const std::string counted = is_loopback_address(address) ? std::string() : address;
  const std::string tried = noted(name);
  const Counted busy(logging_in_);
  if (busy.now() > kLoginsAtOnceMax) {
    wait = kSecond;
    return fail(ErrorCode::overloaded, "many log in at this moment; try again", "login_busy");
  }
  wait = throttle_.begin(tried, counted, clock_.now());
  if (wait > Duration(0)) {
    return fail(ErrorCode::overloaded, "too many failed logins; wait a moment", "too_many_logins");
  }
  auto signed_in = [&]() -> Result<SignedIn> {
    const std::lock_guard one(changing_);
    const auto user = users_.check(name, password);
    if (!user) {
      return fail(ErrorCode::unauthorized, "name or password is wrong", "wrong_login");
    }
    return sign_in(*user);
  }();
  if (signed_in) throttle_.succeeded(tried, counted);
  note("user:" + tried, "login", address, signed_in ? Status() : Status(fail(signed_in.error())));
  return signed_in;
}

Status Access::log_out(std::string_view token) {
  const auto session = sessions_.find(token);
  TRY(sessions_.end(token));
  if (session) note("user:" + session->user, "logout", "");
  return {};
}

Result<std::string> Access::make_setup_link() {
  if (!users_.none()) {
    return fail(ErrorCode::refused, "there are users already; an admin makes further ones",
                "users_exist");
  }
  std::string token = make_secret(crypto_);
  ByteWriter out;
  out.text(crypto_.digest(token));
  out.time(clock_.now() + options_.setup_link_lasts);
  WriteBatch batch;
  batch.put(Family::access, std::string(kSetupKey), out.take());
  TRY(store_.write(batch, Durability::now));
  return token;
}

Status Access::check_setup_token(std::string_view token) {
  const Error void_link{ErrorCode::unauthorized,
                        "the set-up link is not valid any more; a restart prints a new one",
                        "void_setup_link"};
  TRY_ASSIGN(const auto bytes, store_.get(Family::access, kSetupKey));
  if (!bytes || !users_.none()) return fail(void_link);
  ByteReader in(*bytes);
  const std::string digest = in.text();
  const Time expires = in.time();
  if (!in.done() || !same_secret(digest, crypto_.digest(token)) || clock_.now() >= expires) {
    return fail(void_link);
  }
  return {};
}

Result<SignedIn> Access::set_up(std::string_view token, const std::string& name,
                                const std::string& password) {
  const std::lock_guard one(changing_);  // of two who have the link, one gets in
  TRY(check_setup_token(token));
  auto user = users_.create(name, Role::admin, password);
  note("setup", "create_user", name, user ? Status() : Status(fail(user.error())));
  if (!user) return fail(user.error());
  WriteBatch batch;
  batch.remove(Family::access, std::string(kSetupKey));
  TRY(store_.write(batch, Durability::now));
  return sign_in(*user);
}

Result<User> Access::create_user(const std::string& who, const std::string& name, Role role,
                                 const std::string& password) {
  const std::lock_guard one(changing_);
  auto user = users_.create(name, role, password);
  note(who, "create_user", noted(name) + " as " + std::string(name_of(role)),
       user ? Status() : Status(fail(user.error())));
  return user;
}

Result<User> Access::change_user(const std::string& who, const std::string& name,
                                 const Users::Change& change, std::string_view spared) {
  const std::lock_guard one(changing_);
  auto user = users_.change(name, change);
  const Status outcome = user ? Status() : Status(fail(user.error()));
  if (change.role) {
    note(who, "change_role", noted(name) + " to " + std::string(name_of(*change.role)), outcome);
  }
  if (change.disabled) note(who, *change.disabled ? "disable_user" : "enable_user", name, outcome);
  if (change.password) note(who, "set_password", name, outcome);
  if (!user) return user;
  TRY(sessions_.end_all(user->name, spared));
  return user;
}

Status Access::change_own_password(const std::string& name, const std::string& current,
                                   const std::string& next, std::string_view session) {
  Duration wait{};
  const std::string tried = noted(name);
  wait = throttle_.begin(tried, {}, clock_.now());
  if (wait > Duration(0)) {
    return fail(ErrorCode::overloaded, "too many wrong passwords; wait a moment",
                "too_many_logins");
  }
  {
    const std::lock_guard one(changing_);
    if (!users_.check(name, current)) {
      return fail(ErrorCode::refused, "that is not your present password", "wrong_login");
    }
  }
  throttle_.succeeded(tried, {});
  Users::Change change;
  change.password = next;
  TRY_ASSIGN(const User user, change_user("user:" + name, name, change, session));
  return {};
}

Result<NewKey> Access::create_key(const std::string& who, const KeyWish& wish) {
  auto key = keys_.create(wish);
  note(who, "create_key", (key ? key->id : noted(wish.id)) + " for " + scope_names(wish.scopes),
       key ? Status() : Status(fail(key.error())));
  return key;
}

Status Access::revoke_key(const std::string& who, const std::string& id) {
  auto revoked = keys_.revoke(id);
  note(who, "revoke_key", noted(id), revoked);
  return revoked;
}

std::string Access::role_of(const std::string& who) const {
  const std::size_t colon = who.find(':');
  if (colon == std::string::npos) return {};
  const std::string id = who.substr(colon + 1);
  if (who.starts_with("user:")) {
    const auto user = users_.find(id);
    return user ? std::string(name_of(user->role)) : std::string();
  }
  return scope_names(keys_.scopes_of(id).value_or(PermissionSet()));
}

void Access::note(const std::string& who, const std::string& what, const std::string& target,
                  const Status& outcome) {
  AuditEntry entry;
  entry.who = noted(who);
  entry.role = role_of(who);
  entry.what = what;
  entry.target = noted(target);
  entry.outcome = "done";
  if (!outcome) {
    const Error& error = outcome.error();
    entry.outcome = error.reason.empty() ? std::string(name_of(error.code)) : error.reason;
  }
  const auto kept = audit_.append(std::move(entry));
  if (!kept) logger_.error("the audit log cannot be written: " + what, kept.error());
}

void Access::tend() {
  if (auto kept = keys_.keep_uses(); !kept) {
    logger_.error("uses of keys cannot be kept", kept.error());
  }
  if (auto kept = sessions_.tend(); !kept) {
    logger_.error("uses of sessions cannot be kept", kept.error());
  }
}

}  // namespace tideline
