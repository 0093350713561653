// MemoryLake: the lake in memory, for tests and for use cases tried without a disk.
#pragma once

#include <map>
#include <mutex>
#include <variant>

#include "ports/lake.h"

namespace tideline {

// Thread-safe. Scans work on a copy, so a visitor may call the lake.
class MemoryLake final : public Lake {
 public:
  Status write_events(const std::string& file, std::span<const EventRow> rows) override;
  Status write_rows(const std::string& file, const Rows& rows) override;
  Status scan_events(std::span<const std::string> files, std::optional<Time> arrived_by,
                     const EventVisitor& visit) override;
  Status scan_facts(std::span<const std::string> files, std::optional<Time> arrived_by,
                    const FactsVisitor& visit) override;
  [[nodiscard]] Result<std::vector<EventRow>> newest_events(std::span<const std::string> files,
                                                            const CustomerId& customer,
                                                            std::optional<Time> before,
                                                            std::size_t limit) override;
  Status merge(std::span<const std::string> files, const std::string& into) override;
  [[nodiscard]] Result<std::vector<std::string>> list() override;
  Status remove(std::span<const std::string> files) override;
  [[nodiscard]] Result<std::uint64_t> verify(const std::string& file) override;

  // The rows of a table's file as written, for a test's expectations; nullopt when there is none.
  [[nodiscard]] std::optional<Rows> rows(const std::string& file) const;
  // Makes verify answer `corrupt` for a file, as if its bytes had been damaged.
  void damage(const std::string& file);

 private:
  struct File {
    std::variant<std::vector<EventRow>, Rows> content;
    bool damaged = false;
  };
  [[nodiscard]] Result<std::vector<EventRow>> events_of(std::span<const std::string> files) const;

  mutable std::mutex mutex_;
  std::map<std::string, File> files_;
};

}  // namespace tideline
