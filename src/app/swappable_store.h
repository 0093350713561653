// SwappableStore: a StateStore whose inside can be replaced while everybody holds on to it; for
// `replay`.
#pragma once

#include <functional>
#include <mutex>
#include <shared_mutex>

#include "ports/state_store.h"

namespace tideline {

class SwappableStore final : public StateStore {
 public:
  explicit SwappableStore(StateStore& inside) : inside_(&inside) {}

  Result<std::optional<std::string>> get(Family family, std::string_view key) override;
  Result<std::vector<std::optional<std::string>>> get_many(
      Family family, std::span<const std::string> keys) override;
  Status scan(Family family, std::string_view from, std::string_view to,
              const Visitor& visit) override;
  Status scan_back(Family family, std::string_view from, std::string_view to,
                   const Visitor& visit) override;
  Status write(const WriteBatch& batch, Durability durability) override;
  Status sync() override;
  [[nodiscard]] std::uint64_t disk_bytes() const override;

  // While held, writers wait and readers see what is.
  [[nodiscard]] std::unique_lock<std::shared_mutex> hold_writes() {
    return std::unique_lock(writing_);
  }
  // Waits for readers, then runs `swap`, which answers the new inside (or the old one).
  void swap(const std::function<StateStore*()>& swap);

 private:
  mutable std::shared_mutex reading_;
  std::shared_mutex writing_;
  StateStore* inside_;
};

}  // namespace tideline
