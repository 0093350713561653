// DuckLake: the lake as Parquet files in a folder, written and read through DuckDB.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "ports/lake.h"

namespace tideline {

class DuckConnection;
class DuckDatabase;

struct LakeOptions {
  std::string folder;    // made when missing
  unsigned threads = 2;  // DuckDB's own
  // Of writes together, and of each scan and merge; beyond it DuckDB spills to `folder`/.spill.
  // Sorting needs some 180,000 rows in memory: where rows are so long that these take more, they
  // get more.
  std::uint64_t memory_bytes = 512ULL << 20;
  std::size_t row_group_rows = 122'880;  // of the files it writes, at most
};

// Thread-safe: every call uses its own connection; calls run side by side and share threads and
// memory. A file holds, beside its rows, a sum of their hashes; verify and merge compare it.
class DuckLake final : public Lake {
 public:
  // io_failed when the folder cannot be made or used. Removes what an earlier process spilled.
  [[nodiscard]] static Result<std::unique_ptr<DuckLake>> open(LakeOptions options);
  ~DuckLake() override;

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

 private:
  explicit DuckLake(LakeOptions options);
  [[nodiscard]] std::string path_of(const std::string& file) const;
  [[nodiscard]] Result<std::vector<std::string>> existing_paths(
      std::span<const std::string> files) const;
  // A DuckDB that can sort the rows of these files.
  [[nodiscard]] Result<std::unique_ptr<DuckDatabase>> sorting_database(
      std::span<const std::string> paths);
  [[nodiscard]] Result<std::unique_ptr<DuckDatabase>> open_database(unsigned threads,
                                                                    std::uint64_t memory_bytes);
  Status write_select(DuckConnection& connection, const std::string& select,
                      const std::string& order, std::uint64_t bytes_per_row,
                      const std::string& file);

  LakeOptions options_;
  std::atomic<std::uint64_t> spills_{0};  // folders named so far; two DuckDBs must not share one
  std::unique_ptr<DuckDatabase> database_;
  // Files are written by one thread: several hold row groups of long rows at once, beyond the
  // memory.
  std::unique_ptr<DuckDatabase> writing_;
};

}  // namespace tideline
