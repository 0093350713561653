// RocksDbStore: the StateStore on RocksDB, one database with a column family a Family.
//
// Durability::later is in the write-ahead log's file when the call returns (it survives the end of
// the process); Durability::now and sync() also sync that file. After a failed write or sync in
// the background the database takes no more writes: every write answers that error until it is
// opened again; reads go on. Only a full disk is not final: each later write looks whether there
// is room again, and answers disk_full while there is none.
#pragma once

#include <memory>
#include <string>

#include "base/file.h"
#include "ports/state_store.h"

namespace rocksdb {
class DB;
class ColumnFamilyHandle;
}  // namespace rocksdb

namespace tideline {

class RocksDbStore final : public StateStore {
 public:
  struct Options {
    std::string folder;
    // Shared by all families for blocks, indexes and filters.
    std::uint64_t cache_bytes = 256ULL << 20;
    // Writes are refused with disk_full while less than this is free on the folder's disk; 0:
    // never.
    std::uint64_t reserve_bytes = 128ULL << 20;
    // Asked for the free space; must outlive the store. Null: no reserve.
    FileSystem* files = nullptr;
    // Opens what is there as of now and takes no lock; writes answer `refused`.
    bool read_only = false;
  };

  // corrupt: the database's files are damaged; unavailable: another process has it open;
  // not_found: read_only and there is none.
  [[nodiscard]] static Result<std::unique_ptr<RocksDbStore>> open(const Options& options);
  ~RocksDbStore() override;

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

  // Reads every byte of every table file and checks it against its checksum; answers their number.
  // The write-ahead log is checked when the database is opened.
  [[nodiscard]] Result<std::uint64_t> verify();
  // Rewrites all families without what was deleted, e.g. after a replay.
  Status compact();
  // A store of its own with everything written so far, in `folder`, which must not exist; on the
  // same disk it shares the table files, so that it costs next to nothing.
  Status copy_to(const std::string& folder);
  // Drops everything of a family at once. While nobody else uses the store.
  Status clear(Family family);

 private:
  struct Parts;
  explicit RocksDbStore(std::unique_ptr<Parts> parts);
  [[nodiscard]] rocksdb::ColumnFamilyHandle* of(Family family) const;
  [[nodiscard]] bool resumed();

  std::unique_ptr<Parts> parts_;
};

}  // namespace tideline
