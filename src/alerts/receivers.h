// Receivers: who is told, as people set it up. Owns the receivers' records.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "alerts/receiver.h"
#include "base/clock.h"
#include "ports/state_store.h"

namespace tideline {

inline constexpr std::size_t kReceiversMax = 100;
// How long a secret that was replaced signs too, unless told otherwise.
inline constexpr Duration kOldSecretStays = kDay;

// Thread-safe. Every change is synced before it returns.
class Receivers {
 public:
  // `random_bytes`: from a secure source.
  using RandomBytes = std::function<std::string(std::size_t)>;
  Receivers(RandomBytes random_bytes, StateStore& store, const Clock& clock)
      : random_bytes_(std::move(random_bytes)), store_(store), clock_(clock) {}

  // By name.
  [[nodiscard]] Result<std::vector<Receiver>> list();
  [[nodiscard]] Result<Receiver> show(const std::string& id);
  // Gives it id and, a webhook without one, a secret.
  [[nodiscard]] Result<Receiver> create(Receiver receiver);
  // Nothing is kept when what `change` made of it does not pass check_receiver.
  [[nodiscard]] Result<Receiver> change(const std::string& id,
                                        const std::function<void(Receiver&)>& change);
  // With everything that was sent to it.
  Status remove(const std::string& id);
  // A new secret; the old one signs beside it for `overlap`. invalid for what has no secret.
  [[nodiscard]] Result<Receiver> rotate_secret(const std::string& id, Duration overlap);

 private:
  [[nodiscard]] Result<Receiver> load(const std::string& id);
  Status keep(const Receiver& receiver);

  RandomBytes random_bytes_;
  StateStore& store_;
  const Clock& clock_;
  std::mutex mutex_;  // one change at a time
};

}  // namespace tideline
