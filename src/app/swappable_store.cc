#include "app/swappable_store.h"

namespace tideline {

Result<std::optional<std::string>> SwappableStore::get(Family family, std::string_view key) {
  const std::shared_lock lock(reading_);
  return inside_->get(family, key);
}

Result<std::vector<std::optional<std::string>>> SwappableStore::get_many(
    Family family, std::span<const std::string> keys) {
  const std::shared_lock lock(reading_);
  return inside_->get_many(family, keys);
}

// The visitor of a scan may read and write again, so the lock is taken only to find the inside;
// swap() happens while writes are held and processing stands still, and waits for the scans that
// API readers have running.
Status SwappableStore::scan(Family family, std::string_view from, std::string_view to,
                            const Visitor& visit) {
  const std::shared_lock lock(reading_);
  return inside_->scan(family, from, to, visit);
}

Status SwappableStore::scan_back(Family family, std::string_view from, std::string_view to,
                                 const Visitor& visit) {
  const std::shared_lock lock(reading_);
  return inside_->scan_back(family, from, to, visit);
}

Status SwappableStore::write(const WriteBatch& batch, Durability durability) {
  const std::shared_lock writing(writing_);
  const std::shared_lock lock(reading_);
  return inside_->write(batch, durability);
}

Status SwappableStore::sync() {
  const std::shared_lock lock(reading_);
  return inside_->sync();
}

std::uint64_t SwappableStore::disk_bytes() const {
  const std::shared_lock lock(reading_);
  return inside_->disk_bytes();
}

void SwappableStore::swap(const std::function<StateStore*()>& swap) {
  const std::unique_lock lock(reading_);
  inside_ = swap();
}

}  // namespace tideline
