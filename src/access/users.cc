#include "access/users.h"

#include <algorithm>

#include "base/bytes.h"

namespace tideline {
namespace {

constexpr std::string_view kPrefix = "user/";  // of keys in Family::access
constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kPasswordBytesMax = 1024;

std::string key_of(const std::string& name) {
  std::string key = name;
  std::transform(key.begin(), key.end(), key.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return key;
}

Status check_name(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '.' || c == '-' || c == '_' || c == '@' || c == '+';
  });
  if (!name.empty() && name.size() <= kNameBytesMax && plain) return {};
  return fail(ErrorCode::invalid,
              "a user's name is 1 to 64 letters, digits and . - _ @ +, as in an address",
              "bad_name");
}

Status check_password(const std::string& name, const std::string& password) {
  const auto characters =
      std::count_if(password.begin(), password.end(), [](char c) { return (c & 0xC0) != 0x80; });
  if (static_cast<std::size_t>(characters) < kPasswordCharactersMin) {
    return fail(
        ErrorCode::invalid,
        "a password has at least " + std::to_string(kPasswordCharactersMin) + " characters",
        "weak_password");
  }
  if (password.size() > kPasswordBytesMax) {
    return fail(ErrorCode::invalid, "a password has at most 1024 bytes", "weak_password");
  }
  if (key_of(password) == key_of(name)) {
    return fail(ErrorCode::invalid, "the password is the user's name", "weak_password");
  }
  return {};
}

}  // namespace

std::string Users::encode(const Stored& stored) {
  ByteWriter out;
  out.text(stored.user.name);
  out.text(name_of(stored.user.role));
  out.time(stored.user.created);
  out.u8(stored.user.disabled ? 1 : 0);
  out.u8(stored.user.last_login ? 1 : 0);
  out.time(stored.user.last_login.value_or(Time{}));
  out.text(stored.hash);
  return out.take();
}

Result<Users::Stored> Users::decode(std::string_view bytes) {
  ByteReader in(bytes);
  Stored stored;
  stored.user.name = in.text();
  const auto role = parse_role(in.text());
  stored.user.created = in.time();
  stored.user.disabled = in.u8() != 0;
  const bool logged_in = in.u8() != 0;
  const Time last_login = in.time();
  if (logged_in) stored.user.last_login = last_login;
  stored.hash = in.text();
  if (!in.done() || !role) return fail(ErrorCode::corrupt, "state holds a broken user");
  stored.user.role = *role;
  return stored;
}

Status Users::load() {
  std::map<std::string, Stored> found;
  std::optional<Error> broken;
  TRY(store_.scan(Family::access, kPrefix, prefix_end(kPrefix),
                  [&](std::string_view key, std::string_view value) {
                    auto stored = decode(value);
                    if (!stored) {
                      broken = stored.error();
                      return false;
                    }
                    found.emplace(key.substr(kPrefix.size()), std::move(*stored));
                    return true;
                  }));
  if (broken) return fail(*broken);
  const std::lock_guard lock(mutex_);
  by_key_ = std::move(found);
  return {};
}

Status Users::keep(const Stored& stored) {
  const std::string key = key_of(stored.user.name);
  WriteBatch batch;
  batch.put(Family::access, std::string(kPrefix) + key, encode(stored));
  TRY(store_.write(batch, Durability::now));
  const std::lock_guard lock(mutex_);
  by_key_[key] = stored;
  return {};
}

std::optional<Users::Stored> Users::stored(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto known = by_key_.find(key_of(name));
  if (known == by_key_.end()) return std::nullopt;
  return known->second;
}

bool Users::other_admin(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(by_key_.begin(), by_key_.end(), [&](const auto& entry) {
    const User& user = entry.second.user;
    return entry.first != key && user.role == Role::admin && !user.disabled;
  });
}

Result<User> Users::create(const std::string& name, Role role, const std::string& password) {
  TRY(check_name(name));
  TRY(check_password(name, password));
  TRY_ASSIGN(std::string hash, crypto_.hash_password(password));
  const std::lock_guard one(writing_);
  if (stored(name)) {
    return fail(ErrorCode::conflict, "there is a user " + name + " already", "user_exists");
  }
  Stored made{{name, role, clock_.now(), false, std::nullopt}, std::move(hash)};
  TRY(keep(made));
  return made.user;
}

Result<User> Users::change(const std::string& name, const Change& change) {
  std::optional<std::string> hash;
  if (change.password) {
    TRY(check_password(name, *change.password));
    TRY_ASSIGN(hash, crypto_.hash_password(*change.password));
  }
  const std::lock_guard one(writing_);
  auto known = stored(name);
  if (!known) return fail(ErrorCode::not_found, "no user " + name, "not_found");
  const bool was_admin = known->user.role == Role::admin && !known->user.disabled;
  if (change.role) known->user.role = *change.role;
  if (change.disabled) known->user.disabled = *change.disabled;
  if (hash) known->hash = *hash;
  const bool is_admin = known->user.role == Role::admin && !known->user.disabled;
  if (was_admin && !is_admin && !other_admin(key_of(name))) {
    return fail(ErrorCode::conflict, name + " is the last admin", "last_admin");
  }
  TRY(keep(*known));
  return known->user;
}

std::optional<User> Users::check(const std::string& name, const std::string& password) const {
  if (password.size() > kPasswordBytesMax) return std::nullopt;
  const auto known = stored(name);
  std::call_once(nobody_made_, [&] {
    nobodys_hash_ = crypto_.hash_password(make_secret(crypto_)).value_or(std::string());
  });
  const bool fits = crypto_.password_fits(known ? known->hash : nobodys_hash_, password);
  if (!fits || !known || known->user.disabled) return std::nullopt;
  return known->user;
}

Status Users::note_login(const std::string& name) {
  const std::lock_guard one(writing_);
  auto known = stored(name);
  if (!known) return fail(ErrorCode::not_found, "no user " + name, "not_found");
  known->user.last_login = clock_.now();
  return keep(*known);
}

std::optional<User> Users::find(const std::string& name) const {
  const auto known = stored(name);
  if (!known) return std::nullopt;
  return known->user;
}

std::vector<User> Users::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<User> users;
  for (const auto& [key, stored] : by_key_) users.push_back(stored.user);
  return users;
}

bool Users::none() const {
  const std::lock_guard lock(mutex_);
  return by_key_.empty();
}

}  // namespace tideline
