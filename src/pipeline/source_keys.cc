#include "pipeline/source_keys.h"

#include "base/bytes.h"

namespace tideline {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kKeyCharacters = 43;  // 6 bits each: 258 random bits
constexpr std::size_t kPrefixCharacters = 9;

struct StoredKey {
  SourceKey key;
  std::string digest;
};

std::string encode(const StoredKey& stored) {
  ByteWriter out;
  out.text(stored.key.source.str());
  out.text(stored.key.prefix);
  out.time(stored.key.created);
  out.u8(stored.key.revoked);
  out.text(stored.digest);
  return out.take();
}

Result<StoredKey> decode(std::string_view bytes) {
  ByteReader in(bytes);
  StoredKey stored;
  stored.key.source = SourceId(in.text());
  stored.key.prefix = in.text();
  stored.key.created = in.time();
  stored.key.revoked = in.u8();
  stored.digest = in.text();
  if (!in.done()) return fail(ErrorCode::corrupt, "state holds a broken key");
  return stored;
}

Result<std::vector<StoredKey>> stored_keys(StateStore& store) {
  std::vector<StoredKey> keys;
  std::optional<Error> broken;
  TRY(store.scan(Family::keys, "", "", [&](std::string_view, std::string_view value) {
    auto stored = decode(value);
    if (!stored) {
      broken = stored.error();
      return false;
    }
    keys.push_back(std::move(*stored));
    return true;
  }));
  if (broken) return fail(*broken);
  return keys;
}

}  // namespace

Status SourceKeys::load() {
  TRY_ASSIGN(const auto keys, stored_keys(store_));
  const std::lock_guard lock(mutex_);
  by_digest_.clear();
  for (const StoredKey& stored : keys) {
    if (!stored.key.revoked) by_digest_.emplace(stored.digest, stored.key.source);
  }
  return {};
}

Result<NewKey> SourceKeys::create(const std::string& source) {
  TRY_ASSIGN(const auto keys, stored_keys(store_));
  std::string name = source.empty() ? "source-" + std::to_string(keys.size() + 1) : source;
  for (const StoredKey& stored : keys) {
    if (stored.key.source.str() == name && !stored.key.revoked) {
      return fail(ErrorCode::conflict, "source " + name + " has a key; revoke it first",
                  "key_exists");
    }
  }
  NewKey made{SourceId(name), "tl_"};
  for (const char byte : crypto_.random_bytes(kKeyCharacters)) {
    made.key += kAlphabet[static_cast<unsigned char>(byte) % kAlphabet.size()];
  }
  const StoredKey stored{{made.source, made.key.substr(0, kPrefixCharacters), clock_.now(), false},
                         crypto_.digest(made.key)};
  WriteBatch batch;
  batch.put(Family::keys, name, encode(stored));
  TRY(store_.write(batch, Durability::now));
  TRY(load());
  return made;
}

Result<std::vector<SourceKey>> SourceKeys::list() {
  TRY_ASSIGN(const auto keys, stored_keys(store_));
  std::vector<SourceKey> result;
  for (const StoredKey& stored : keys) result.push_back(stored.key);
  return result;
}

Status SourceKeys::revoke(const std::string& source) {
  TRY_ASSIGN(const auto bytes, store_.get(Family::keys, source));
  if (!bytes) return fail(ErrorCode::not_found, "no key of source " + source, "not_found");
  TRY_ASSIGN(StoredKey stored, decode(*bytes));
  stored.key.revoked = true;
  WriteBatch batch;
  batch.put(Family::keys, source, encode(stored));
  TRY(store_.write(batch, Durability::now));
  return load();
}

std::optional<SourceId> SourceKeys::source_of(std::string_view key) const {
  const std::string digest = crypto_.digest(key);
  const std::lock_guard lock(mutex_);
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end()) return std::nullopt;
  return found->second;
}

}  // namespace tideline
