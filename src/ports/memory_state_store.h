// MemoryStateStore: the StateStore of tests and simulations. Nothing survives it.
#pragma once

#include <array>
#include <map>
#include <mutex>

#include "ports/state_store.h"

namespace tideline {

class MemoryStateStore final : public StateStore {
 public:
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

  // Every write from now on answers `error` and changes nothing; nullopt: as usual again.
  void refuse_writes(std::optional<Error> error);

 private:
  using Entries = std::map<std::string, std::string, std::less<>>;  // ordered by unsigned bytes
  // A copy of [from, to), so that a visitor may write.
  [[nodiscard]] Entries range(Family family, std::string_view from, std::string_view to) const;
  [[nodiscard]] Entries& of(Family family) { return families_[static_cast<std::size_t>(family)]; }

  mutable std::mutex mutex_;
  std::optional<Error> refusal_;
  std::array<Entries, kFamilyCount> families_;
};

}  // namespace tideline
