#include "adapters/rocksdb/rocksdb_store.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <tuple>

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include "base/check.h"

namespace tideline {
namespace {

constexpr std::string_view kFormatHint =
    "; the state can be built again from the history with `tideline replay`";

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

ErrorCode code_of(const rocksdb::Status& status) {
  if (status.IsNoSpace()) return ErrorCode::disk_full;
  switch (status.code()) {
    case rocksdb::Status::kCorruption: return ErrorCode::corrupt;
    case rocksdb::Status::kIOError: return ErrorCode::io_failed;
    case rocksdb::Status::kNotFound: return ErrorCode::not_found;
    case rocksdb::Status::kBusy:
    case rocksdb::Status::kTryAgain:
    case rocksdb::Status::kShutdownInProgress: return ErrorCode::unavailable;
    case rocksdb::Status::kTimedOut: return ErrorCode::timeout;
    default: return ErrorCode::internal;
  }
}

tl::unexpected<Error> refuse(std::string_view doing, const std::string& folder,
                             const rocksdb::Status& status) {
  const ErrorCode code = code_of(status);
  std::string message =
      "cannot " + std::string(doing) + " the state in " + folder + ": " + status.ToString();
  if (code == ErrorCode::corrupt) message += kFormatHint;
  return fail(code, std::move(message), code == ErrorCode::corrupt ? "state_damaged" : "");
}

// Remembers why the database stopped taking writes.
class Trouble final : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    const std::lock_guard lock(mutex_);
    first_ = first_.ok() ? *status : first_;
  }
  void OnErrorRecoveryEnd(const rocksdb::BackgroundErrorRecoveryInfo& ended) override {
    const std::lock_guard lock(mutex_);
    if (ended.new_bg_error.ok()) first_ = rocksdb::Status::OK();
  }
  [[nodiscard]] rocksdb::Status first() {
    const std::lock_guard lock(mutex_);
    return first_;
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    first_ = rocksdb::Status::OK();
  }

 private:
  std::mutex mutex_;
  rocksdb::Status first_;
};

// Two cores and many small families: little memory each, few threads, bounded files.
rocksdb::DBOptions database_options(const RocksDbStore::Options& options) {
  rocksdb::DBOptions db;
  db.create_if_missing = !options.read_only;
  db.create_missing_column_families = !options.read_only;
  db.max_background_jobs = 2;
  db.max_open_files = 512;
  db.db_write_buffer_size = 128 << 20;  // of all families together
  db.max_total_wal_size = 256 << 20;
  db.bytes_per_sync = 1 << 20;
  db.keep_log_file_num = 4;
  db.max_log_file_size = 4 << 20;
  db.info_log_level = rocksdb::WARN_LEVEL;
  db.paranoid_checks = true;
  // A crash leaves a whole prefix of the writes: what follows the first gap was never synced.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  return db;
}

rocksdb::ColumnFamilyOptions family_options(Family family,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  table.block_size = 16 << 10;
  const bool looked_up =
      family == Family::dedupe || family == Family::customers || family == Family::predictions;
  if (looked_up) {
    // Most message ids are new, so most dedupe lookups are for keys that are not there.
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    // Filters may be larger than the cache: then a lookup reads a part of one, not all of it.
    table.partition_filters = true;
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    table.metadata_block_size = 16 << 10;
  }

  rocksdb::ColumnFamilyOptions column;
  column.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  column.write_buffer_size = looked_up ? 32 << 20 : 8 << 20;
  // The same filter over what is not yet in files: some 13 bits a mark.
  column.memtable_whole_key_filtering = looked_up;
  column.memtable_prefix_bloom_size_ratio = looked_up ? 0.02 : 0;
  // A batch comes in the order of its keys, so each goes in near the one before it.
  column.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(0));
  column.max_write_buffer_number = 3;
  column.level_compaction_dynamic_level_bytes = true;
  column.compression = rocksdb::kLZ4Compression;
  // What is rewritten with each scoring of everybody is soon compressed again.
  const bool rewritten = family == Family::predictions;
  column.bottommost_compression = rewritten ? rocksdb::kLZ4Compression : rocksdb::kZSTD;
  return column;
}

// Of one key the last operation stays the last.
std::vector<const WriteBatch::Operation*> in_order_of_keys(const WriteBatch& batch) {
  std::vector<const WriteBatch::Operation*> ordered;
  ordered.reserve(batch.operations().size());
  for (const auto& operation : batch.operations()) ordered.push_back(&operation);
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto* a, const auto* b) {
    return std::tie(a->family, a->key) < std::tie(b->family, b->key);
  });
  return ordered;
}

}  // namespace

struct RocksDbStore::Parts {
  Options options;
  std::shared_ptr<Trouble> trouble = std::make_shared<Trouble>();  // shared with RocksDB
  std::shared_ptr<rocksdb::Cache> cache;                           // too
  std::unique_ptr<rocksdb::DB> db;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilyCount> families{};
  std::mutex resuming;

  ~Parts() {
    if (db == nullptr) return;
    for (auto* family : families) {
      if (family != nullptr) db->DestroyColumnFamilyHandle(family);
    }
    db->Close().PermitUncheckedError();  // nobody is left to be told
  }

  // After a failed background write the database refuses everything; its first reason is the one
  // that helps.
  [[nodiscard]] tl::unexpected<Error> refused(std::string_view doing,
                                              const rocksdb::Status& status) const {
    const rocksdb::Status first = trouble->first();
    if (first.ok() || status.IsNoSpace()) return refuse(doing, options.folder, status);
    Error error = refuse(doing, options.folder, first).value();
    error.reason = "state_failed";
    error.message += "; it takes no writes until the program is started again";
    return fail(std::move(error));
  }
};

// A database that ran out of space takes writes again once it was told to go on and found room.
bool RocksDbStore::resumed() {
  if (!parts_->trouble->first().IsNoSpace()) return false;
  const std::lock_guard lock(parts_->resuming);
  if (!parts_->trouble->first().IsNoSpace()) return true;  // another thread was here
  if (!parts_->db->Resume().ok()) return false;
  parts_->trouble->clear();
  return true;
}

RocksDbStore::RocksDbStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
RocksDbStore::~RocksDbStore() = default;

Result<std::unique_ptr<RocksDbStore>> RocksDbStore::open(const Options& options) {
  auto parts = std::make_unique<Parts>();
  parts->options = options;
  if (!options.read_only && options.files != nullptr) {
    TRY(options.files->make_folder(options.folder));
  }
  rocksdb::DBOptions db_options = database_options(options);
  db_options.listeners.push_back(parts->trouble);
  const auto cache = parts->cache = rocksdb::NewLRUCache(options.cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> columns;
  columns.emplace_back(rocksdb::kDefaultColumnFamilyName, family_options(Family::settings, cache));
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    columns.emplace_back(std::string(name_of(family)), family_options(family, cache));
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status =
      options.read_only
          ? rocksdb::DB::OpenForReadOnly(db_options, options.folder, columns, &handles, &db)
          : rocksdb::DB::Open(db_options, options.folder, columns, &handles, &db);
  if (!status.ok()) {
    const bool locked = status.IsIOError() && status.ToString().find("lock") != std::string::npos;
    if (locked) {
      return fail(ErrorCode::unavailable,
                  "the state in " + options.folder + " is open in another process",
                  "state_locked");
    }
    return refuse("open", options.folder, status);
  }
  parts->db.reset(db);
  db->DestroyColumnFamilyHandle(handles.front());
  std::copy(handles.begin() + 1, handles.end(), parts->families.begin());
  return std::unique_ptr<RocksDbStore>(new RocksDbStore(std::move(parts)));
}

rocksdb::ColumnFamilyHandle* RocksDbStore::of(Family family) const {
  return parts_->families[static_cast<std::size_t>(family)];
}

Result<std::optional<std::string>> RocksDbStore::get(Family family, std::string_view key) {
  std::string value;
  const auto status = parts_->db->Get(rocksdb::ReadOptions(), of(family), slice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return refuse("read", parts_->options.folder, status);
  return std::optional<std::string>(std::move(value));
}

Result<std::vector<std::optional<std::string>>> RocksDbStore::get_many(
    Family family, std::span<const std::string> keys) {
  std::vector<rocksdb::Slice> slices;
  slices.reserve(keys.size());
  for (const auto& key : keys) slices.push_back(slice(key));
  std::vector<rocksdb::PinnableSlice> found(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  parts_->db->MultiGet(rocksdb::ReadOptions(), of(family), slices.size(), slices.data(),
                       found.data(), statuses.data());
  std::vector<std::optional<std::string>> values(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].ok()) {
      values[i] = found[i].ToString();
    } else if (!statuses[i].IsNotFound()) {
      return refuse("read", parts_->options.folder, statuses[i]);
    }
  }
  return values;
}

Status RocksDbStore::scan(Family family, std::string_view from, std::string_view to,
                          const Visitor& visit) {
  if (!to.empty() && to <= from) return {};
  rocksdb::ReadOptions read;
  const rocksdb::Slice upper = slice(to);
  if (!to.empty()) read.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> it(parts_->db->NewIterator(read, of(family)));
  for (it->Seek(slice(from)); it->Valid(); it->Next()) {
    if (!visit(view(it->key()), view(it->value()))) return {};
  }
  if (!it->status().ok()) return refuse("read", parts_->options.folder, it->status());
  return {};
}

Status RocksDbStore::scan_back(Family family, std::string_view from, std::string_view to,
                               const Visitor& visit) {
  if (!to.empty() && to <= from) return {};
  rocksdb::ReadOptions read;
  const rocksdb::Slice lower = slice(from);
  const rocksdb::Slice upper = slice(to);
  read.iterate_lower_bound = &lower;
  if (!to.empty()) read.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> it(parts_->db->NewIterator(read, of(family)));
  for (it->SeekToLast(); it->Valid(); it->Prev()) {
    if (!visit(view(it->key()), view(it->value()))) return {};
  }
  if (!it->status().ok()) return refuse("read", parts_->options.folder, it->status());
  return {};
}

Status RocksDbStore::write(const WriteBatch& batch, Durability durability) {
  const Options& options = parts_->options;
  if (options.read_only) {
    return fail(ErrorCode::refused, "the state in " + options.folder + " was opened to be read");
  }
  if (options.files != nullptr && options.reserve_bytes > 0) {
    const auto free = options.files->free_bytes(options.folder);
    if (free && *free < options.reserve_bytes) {  // not known is not full
      return fail(ErrorCode::disk_full,
                  "the disk of " + options.folder + " has " + std::to_string(*free >> 20) +
                      " MiB free, less than the reserve of " +
                      std::to_string(options.reserve_bytes >> 20) + " MiB; nothing was written",
                  "disk_reserve");
    }
  }
  rocksdb::WriteBatch changes;
  for (const WriteBatch::Operation* operation : in_order_of_keys(batch)) {
    const rocksdb::Status added =
        operation->value ? changes.Put(of(operation->family), operation->key, *operation->value)
                         : changes.Delete(of(operation->family), operation->key);
    if (!added.ok()) return refuse("write", options.folder, added);
  }
  rocksdb::WriteOptions write;
  write.memtable_insert_hint_per_batch = true;
  write.sync = durability == Durability::now;
  rocksdb::Status written = parts_->db->Write(write, &changes);
  if (!written.ok() && resumed()) written = parts_->db->Write(write, &changes);
  if (!written.ok()) return parts_->refused("write", written);
  return {};
}

Status RocksDbStore::sync() {
  if (parts_->options.read_only) return {};
  rocksdb::Status synced = parts_->db->FlushWAL(true);
  if (!synced.ok() && resumed()) synced = parts_->db->FlushWAL(true);
  if (!synced.ok()) return parts_->refused("sync", synced);
  return {};
}

std::uint64_t RocksDbStore::disk_bytes() const {
  std::uint64_t bytes = 0;
  for (auto* family : parts_->families) {
    std::uint64_t tables = 0;
    std::uint64_t buffers = 0;  // stands for the write-ahead log
    parts_->db->GetIntProperty(family, rocksdb::DB::Properties::kTotalSstFilesSize, &tables);
    parts_->db->GetIntProperty(family, rocksdb::DB::Properties::kCurSizeAllMemTables, &buffers);
    bytes += tables + buffers;
  }
  return bytes;
}

Result<std::uint64_t> RocksDbStore::verify() {
  const rocksdb::Status checked = parts_->db->VerifyChecksum(rocksdb::ReadOptions());
  if (!checked.ok()) return refuse("verify", parts_->options.folder, checked);
  std::vector<rocksdb::LiveFileMetaData> tables;
  parts_->db->GetLiveFilesMetaData(&tables);
  return static_cast<std::uint64_t>(tables.size());
}

Status RocksDbStore::compact() {
  for (auto* family : parts_->families) {
    const auto status =
        parts_->db->CompactRange(rocksdb::CompactRangeOptions(), family, nullptr, nullptr);
    if (!status.ok()) return parts_->refused("compact", status);
  }
  return {};
}

Status RocksDbStore::copy_to(const std::string& folder) {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(parts_->db.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(folder);
  if (!status.ok()) return parts_->refused("copy", status);
  return {};
}

Status RocksDbStore::clear(Family family) {
  auto*& handle = parts_->families[static_cast<std::size_t>(family)];
  rocksdb::Status status = parts_->db->DropColumnFamily(handle);
  if (!status.ok()) return parts_->refused("clear", status);
  status = parts_->db->DestroyColumnFamilyHandle(handle);
  handle = nullptr;
  if (!status.ok()) return parts_->refused("clear", status);
  status = parts_->db->CreateColumnFamily(family_options(family, parts_->cache),
                                          std::string(name_of(family)), &handle);
  if (!status.ok()) return parts_->refused("clear", status);
  return {};
}

}  // namespace tideline
