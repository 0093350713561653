#include "access/api_keys.h"

#include <algorithm>

#include "base/bytes.h"

namespace tideline {
namespace {

constexpr std::size_t kPrefixCharacters = 9;
constexpr std::size_t kIdBytesMax = 128;

void write_moment(ByteWriter& out, const std::optional<Time>& moment) {
  out.u8(moment.has_value() ? 1 : 0);
  out.time(moment.value_or(Time{}));
}

std::optional<Time> read_moment(ByteReader& in) {
  const bool known = in.u8() != 0;
  const Time moment = in.time();
  return known ? std::optional(moment) : std::nullopt;
}

bool readable(const std::string& id) {
  return std::none_of(id.begin(), id.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

std::string ApiKeys::encode(const Stored& stored) {
  ByteWriter out;
  out.text(stored.key.id);
  out.text(stored.key.prefix);
  out.time(stored.key.created);
  out.u8(stored.key.revoked ? 1 : 0);
  out.text(stored.digest);
  out.u8(stored.key.scopes.bits());
  write_moment(out, stored.key.expires);
  write_moment(out, stored.key.last_used);
  return out.take();
}

Result<ApiKeys::Stored> ApiKeys::decode(std::string_view bytes) {
  ByteReader in(bytes);
  Stored stored;
  stored.key.id = in.text();
  stored.key.prefix = in.text();
  stored.key.created = in.time();
  stored.key.revoked = in.u8() != 0;
  stored.digest = in.text();
  if (in.done()) {  // made before keys had scopes, when all that a key opened was ingest
    stored.key.scopes = {Permission::ingest};
    return stored;
  }
  stored.key.scopes = PermissionSet::from_bits(in.u8());
  stored.key.expires = read_moment(in);
  stored.key.last_used = read_moment(in);
  if (!in.done()) return fail(ErrorCode::corrupt, "state holds a broken key");
  return stored;
}

Status ApiKeys::load() {
  std::unordered_map<std::string, Stored> by_id;
  std::unordered_map<std::string, std::string> id_by_digest;
  std::optional<Error> broken;
  TRY(store_.scan(Family::keys, "", "", [&](std::string_view, std::string_view value) {
    auto stored = decode(value);
    if (!stored) {
      broken = stored.error();
      return false;
    }
    id_by_digest.emplace(stored->digest, stored->key.id);
    by_id.emplace(stored->key.id, std::move(*stored));
    return true;
  }));
  if (broken) return fail(*broken);
  const std::lock_guard lock(mutex_);
  by_id_ = std::move(by_id);
  id_by_digest_ = std::move(id_by_digest);
  return {};
}

bool ApiKeys::in_force(const ApiKey& key) const {
  return !key.revoked && (!key.expires || clock_.now() < *key.expires);
}

Status ApiKeys::write(const Stored& stored, Durability durability) {
  WriteBatch batch;
  batch.put(Family::keys, stored.key.id, encode(stored));
  return store_.write(batch, durability);
}

Result<NewKey> ApiKeys::create(const KeyWish& wish) {
  const std::lock_guard one(writing_);
  if (wish.scopes.empty()) return fail(ErrorCode::invalid, "a key needs a scope", "bad_scope");
  if (wish.expires && *wish.expires <= clock_.now()) {
    return fail(ErrorCode::invalid, "the key would expire in the past", "bad_expiry");
  }
  if (wish.id.size() > kIdBytesMax || !readable(wish.id)) {
    return fail(ErrorCode::invalid, "a key's id is at most 128 bytes without control characters",
                "bad_id");
  }
  Stored stored;
  {
    const std::lock_guard lock(mutex_);
    stored.key.id = wish.id.empty() ? "source-" + std::to_string(by_id_.size() + 1) : wish.id;
    const auto known = by_id_.find(stored.key.id);
    if (known != by_id_.end() && in_force(known->second.key)) {
      return fail(ErrorCode::conflict, "source " + stored.key.id + " has a key; revoke it first",
                  "key_exists");
    }
  }
  NewKey made{stored.key.id, make_key(crypto_)};
  stored.key.prefix = made.key.substr(0, kPrefixCharacters);
  stored.key.scopes = wish.scopes;
  stored.key.created = clock_.now();
  stored.key.expires = wish.expires;
  stored.digest = crypto_.digest(made.key);
  TRY(write(stored, Durability::now));
  const std::lock_guard lock(mutex_);
  if (const auto old = by_id_.find(made.id); old != by_id_.end()) {
    id_by_digest_.erase(old->second.digest);
  }
  id_by_digest_[stored.digest] = made.id;
  by_id_[made.id] = std::move(stored);
  return made;
}

Result<std::vector<ApiKey>> ApiKeys::list() const {
  std::vector<ApiKey> keys;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, stored] : by_id_) keys.push_back(stored.key);
  }
  std::sort(keys.begin(), keys.end(),
            [](const ApiKey& a, const ApiKey& b) { return a.id < b.id; });
  return keys;
}

Status ApiKeys::revoke(const std::string& id) {
  const std::lock_guard one(writing_);
  Stored stored;
  {
    const std::lock_guard lock(mutex_);
    const auto known = by_id_.find(id);
    if (known == by_id_.end()) {
      return fail(ErrorCode::not_found, "no key of source " + id, "not_found");
    }
    known->second.key.revoked = true;  // at once, whatever the disk says
    stored = known->second;
  }
  return write(stored, Durability::now);
}

std::optional<ApiKeys::InForce> ApiKeys::find(std::string_view key) const {
  if (shape_of_key(key) == KeyShape::mistyped) return std::nullopt;
  const std::string digest = crypto_.digest(key);
  const std::lock_guard lock(mutex_);
  const auto id = id_by_digest_.find(digest);
  if (id == id_by_digest_.end()) return std::nullopt;
  Stored& stored = by_id_.at(id->second);
  if (!in_force(stored.key)) return std::nullopt;
  stored.key.last_used = clock_.now();
  stored.use_is_kept = false;
  return InForce{stored.key.id, stored.key.scopes.closed()};
}

std::optional<SourceId> ApiKeys::source_of(std::string_view key) const {
  const auto found = find(key);
  if (!found || !found->permissions.has(Permission::ingest)) return std::nullopt;
  return SourceId(found->id);
}

std::optional<PermissionSet> ApiKeys::scopes_of(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto known = by_id_.find(id);
  if (known == by_id_.end()) return std::nullopt;
  return known->second.key.scopes;
}

Status ApiKeys::keep_uses() {
  const std::lock_guard one(writing_);
  WriteBatch batch;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, stored] : by_id_) {
      if (stored.use_is_kept) continue;
      stored.use_is_kept = true;
      batch.put(Family::keys, id, encode(stored));
    }
  }
  if (batch.empty()) return {};
  return store_.write(batch, Durability::later);
}

}  // namespace tideline
