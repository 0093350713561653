#include "ports/memory_state_store.h"

namespace tideline {

Result<std::optional<std::string>> MemoryStateStore::get(Family family, std::string_view key) {
  const std::lock_guard lock(mutex_);
  const auto found = of(family).find(key);
  if (found == of(family).end()) return std::optional<std::string>();
  return std::optional<std::string>(found->second);
}

Result<std::vector<std::optional<std::string>>> MemoryStateStore::get_many(
    Family family, std::span<const std::string> keys) {
  const std::lock_guard lock(mutex_);
  std::vector<std::optional<std::string>> values;
  values.reserve(keys.size());
  for (const auto& key : keys) {
    const auto found = of(family).find(key);
    values.push_back(found == of(family).end() ? std::nullopt : std::optional(found->second));
  }
  return values;
}

MemoryStateStore::Entries MemoryStateStore::range(Family family, std::string_view from,
                                                  std::string_view to) const {
  const std::lock_guard lock(mutex_);
  const Entries& entries = families_[static_cast<std::size_t>(family)];
  if (!to.empty() && to <= from) return {};
  return Entries(entries.lower_bound(from), to.empty() ? entries.end() : entries.lower_bound(to));
}

Status MemoryStateStore::scan(Family family, std::string_view from, std::string_view to,
                              const Visitor& visit) {
  for (const auto& [key, value] : range(family, from, to)) {
    if (!visit(key, value)) break;
  }
  return {};
}

Status MemoryStateStore::scan_back(Family family, std::string_view from, std::string_view to,
                                   const Visitor& visit) {
  const Entries entries = range(family, from, to);
  for (auto it = entries.rbegin(); it != entries.rend(); ++it) {
    if (!visit(it->first, it->second)) break;
  }
  return {};
}

Status MemoryStateStore::write(const WriteBatch& batch, Durability) {
  const std::lock_guard lock(mutex_);
  if (refusal_) return fail(*refusal_);
  for (const auto& operation : batch.operations()) {
    if (operation.value) {
      of(operation.family)[operation.key] = *operation.value;
    } else {
      of(operation.family).erase(operation.key);
    }
  }
  return {};
}

Status MemoryStateStore::sync() { return {}; }

std::uint64_t MemoryStateStore::disk_bytes() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t bytes = 0;
  for (const auto& entries : families_) {
    for (const auto& [key, value] : entries) bytes += key.size() + value.size();
  }
  return bytes;
}

void MemoryStateStore::refuse_writes(std::optional<Error> error) {
  const std::lock_guard lock(mutex_);
  refusal_ = std::move(error);
}

}  // namespace tideline
