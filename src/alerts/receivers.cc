#include "alerts/receivers.h"

#include <algorithm>
#include <optional>

#include "alerts/alert_records.h"
#include "alerts/signature.h"
#include "base/bytes.h"
#include "base/hash.h"

namespace tideline {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kIdDigits = 16;

}  // namespace

Result<std::vector<Receiver>> Receivers::list() {
  std::vector<Receiver> receivers;
  std::optional<Error> broken;
  TRY(store_.scan(Family::alerts, receiver_prefix(), prefix_end(receiver_prefix()),
                  [&](std::string_view, std::string_view value) {
                    auto receiver = decode_receiver(value);
                    if (receiver) {
                      receivers.push_back(std::move(*receiver));
                    } else {
                      broken = receiver.error();
                    }
                    return !broken;
                  }));
  if (broken) return fail(*broken);
  std::sort(receivers.begin(), receivers.end(), [](const Receiver& a, const Receiver& b) {
    return std::tie(a.name, a.id) < std::tie(b.name, b.id);
  });
  return receivers;
}

Result<Receiver> Receivers::load(const std::string& id) {
  TRY_ASSIGN(const auto bytes, store_.get(Family::alerts, receiver_key(id)));
  if (!bytes) return fail(ErrorCode::not_found, "no receiver " + id, "not_found");
  return decode_receiver(*bytes);
}

Result<Receiver> Receivers::show(const std::string& id) { return load(id); }

Status Receivers::keep(const Receiver& receiver) {
  WriteBatch batch;
  batch.put(Family::alerts, receiver_key(receiver.id), encode(receiver));
  return store_.write(batch, Durability::now);
}

Result<Receiver> Receivers::create(Receiver receiver) {
  const std::lock_guard lock(mutex_);
  TRY_ASSIGN(const auto present, list());
  if (present.size() >= kReceiversMax)
    return fail(ErrorCode::refused, "there are 100 receivers; remove one first", "too_many");
  receiver.id = "rc_" + Hash128{0, from_big_endian(random_bytes_(8))}.hex().substr(
                            Hash128{}.hex().size() - kIdDigits);
  receiver.created = clock_.now();
  if (receiver.kind != ReceiverKind::webhook) {
    receiver.secret.clear();
  } else if (receiver.secret.empty()) {
    receiver.secret = secret_of_key(random_bytes_(kSecretBytes));
  }
  TRY(check_receiver(receiver));
  TRY(keep(receiver));
  return receiver;
}

Result<Receiver> Receivers::change(const std::string& id,
                                   const std::function<void(Receiver&)>& change) {
  const std::lock_guard lock(mutex_);
  TRY_ASSIGN(Receiver receiver, load(id));
  change(receiver);
  TRY(check_receiver(receiver));
  TRY(keep(receiver));
  return receiver;
}

Status Receivers::remove(const std::string& id) {
  const std::lock_guard lock(mutex_);
  TRY(load(id));
  WriteBatch batch;
  batch.remove(Family::alerts, receiver_key(id));
  batch.remove(Family::alerts, digest_key(id));
  for (const std::string& prefix : {delivery_prefix(id), gathered_prefix(id)}) {
    TRY(store_.scan(Family::alerts, prefix, prefix_end(prefix),
                    [&](std::string_view key, std::string_view) {
                      batch.remove(Family::alerts, std::string(key));
                      return true;
                    }));
  }
  TRY(store_.scan(Family::alerts, due_delivery_prefix(), prefix_end(due_delivery_prefix()),
                  [&](std::string_view key, std::string_view) {
                    const auto due = due_of_key(key);
                    if (due && due->receiver == id) batch.remove(Family::alerts, std::string(key));
                    return true;
                  }));
  return store_.write(batch, Durability::now);
}

Result<Receiver> Receivers::rotate_secret(const std::string& id, Duration overlap) {
  TRY_ASSIGN(const Receiver receiver, load(id));
  if (receiver.kind != ReceiverKind::webhook)
    return fail(ErrorCode::invalid, "only webhooks have a secret", "no_secret");
  return change(id, [&](Receiver& changed) {
    changed.old_secret = changed.secret;
    changed.old_secret_until = clock_.now() + overlap;
    changed.secret = secret_of_key(random_bytes_(kSecretBytes));
  });
}

}  // namespace tideline
