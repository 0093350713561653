#include "access/sessions.h"

#include "base/bytes.h"

namespace tideline {
namespace {

constexpr std::string_view kPrefix = "session/";  // of keys in Family::access; a digest follows
constexpr std::string_view kCsrfPurpose = "csrf of ";

std::string encode(const Session& session) {
  ByteWriter out;
  out.text(session.user);
  out.time(session.created);
  out.time(session.last_used);
  out.time(session.expires);
  return out.take();
}

Result<Session> decode(std::string_view bytes) {
  ByteReader in(bytes);
  Session session;
  session.user = in.text();
  session.created = in.time();
  session.last_used = in.time();
  session.expires = in.time();
  if (!in.done()) return fail(ErrorCode::corrupt, "state holds a broken session");
  return session;
}

std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    out += kDigits[value >> 4];
    out += kDigits[value & 15];
  }
  return out;
}

}  // namespace

std::string Sessions::key_of(std::string_view token) const {
  return std::string(kPrefix) + crypto_.digest(token);
}

bool Sessions::in_force(const Session& session) const {
  const Time now = clock_.now();
  return now < session.expires && now - session.last_used < options_.idle_max;
}

Status Sessions::load() {
  std::unordered_map<std::string, Stored> found;
  std::optional<Error> broken;
  TRY(store_.scan(Family::access, kPrefix, prefix_end(kPrefix),
                  [&](std::string_view key, std::string_view value) {
                    auto session = decode(value);
                    if (!session) {
                      broken = session.error();
                      return false;
                    }
                    found.emplace(std::string(key), Stored{std::move(*session), true});
                    return true;
                  }));
  if (broken) return fail(*broken);
  const std::lock_guard lock(mutex_);
  by_key_ = std::move(found);
  return {};
}

Result<std::string> Sessions::begin(const std::string& user) {
  std::string token = make_secret(crypto_);
  const Time now = clock_.now();
  const Session session{user, now, now, now + options_.length_max};
  std::string key = key_of(token);
  WriteBatch batch;
  batch.put(Family::access, key, encode(session));
  TRY(store_.write(batch, Durability::now));
  const std::lock_guard lock(mutex_);
  by_key_.emplace(std::move(key), Stored{session, true});
  return token;
}

std::optional<Session> Sessions::find(std::string_view token) const {
  if (token.size() != kSecretCharacters) return std::nullopt;
  const std::string key = key_of(token);
  const std::lock_guard lock(mutex_);
  const auto known = by_key_.find(key);
  if (known == by_key_.end() || !in_force(known->second.session)) return std::nullopt;
  known->second.session.last_used = clock_.now();
  known->second.use_is_kept = false;
  return known->second.session;
}

std::string Sessions::csrf_token_of(std::string_view token) const {
  return hex(crypto_.digest(std::string(kCsrfPurpose) + std::string(token)));
}

Status Sessions::end(std::string_view token) {
  const std::string key = key_of(token);
  {
    const std::lock_guard lock(mutex_);
    if (by_key_.erase(key) == 0) return {};
  }
  WriteBatch batch;
  batch.remove(Family::access, key);
  return store_.write(batch, Durability::now);
}

Status Sessions::end_all(const std::string& user, std::string_view spared) {
  const std::string spared_key = spared.empty() ? std::string() : key_of(spared);
  WriteBatch batch;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = by_key_.begin(); at != by_key_.end();) {
      if (at->second.session.user != user || at->first == spared_key) {
        ++at;
        continue;
      }
      batch.remove(Family::access, at->first);
      at = by_key_.erase(at);
    }
  }
  if (batch.empty()) return {};
  return store_.write(batch, Durability::now);
}

std::size_t Sessions::count(const std::string& user) const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [key, stored] : by_key_) {
    if (stored.session.user == user && in_force(stored.session)) ++count;
  }
  return count;
}

Status Sessions::tend() {
  WriteBatch batch;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = by_key_.begin(); at != by_key_.end();) {
      if (!in_force(at->second.session)) {
        batch.remove(Family::access, at->first);
        at = by_key_.erase(at);
        continue;
      }
      if (!at->second.use_is_kept) {
        at->second.use_is_kept = true;
        batch.put(Family::access, at->first, encode(at->second.session));
      }
      ++at;
    }
  }
  if (batch.empty()) return {};
  return store_.write(batch, Durability::later);
}

}  // namespace tideline
