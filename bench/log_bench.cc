// Durable appends: the segment log beside RocksDB used as a log (one WriteBatch a commit, sync),
// the same 376-byte records, round by round in turn. Every round reads back what it wrote.
//
//   log_bench FOLDER ROUNDS RECORDS_A_ROUND
//
// Both are opened once and live through all rounds, as in a program that runs for days: what was
// written in earlier rounds is let go, and their files are used again. Rounds before the first
// measured one bring both there.
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include "adapters/segment_log/segment_log.h"
#include "base/rng.h"
#include "bench/measure.h"

namespace tideline::bench {
namespace {

constexpr std::size_t kRecordBytes = 376;
constexpr std::size_t kTexts = 64;
constexpr std::uint16_t kShards = 16;
constexpr std::uint64_t kWarmBytes = 512 << 20;  // written by each before the first round

// Record n: its number, big-endian, then letters.
class Records {
 public:
  explicit Records(std::uint64_t seed) {
    Rng rng(seed);
    for (std::size_t i = 0; i < kTexts; ++i) {
      std::string text(kRecordBytes, ' ');
      for (char& letter : text) letter = static_cast<char>('a' + rng.below(26));
      texts_.push_back(std::move(text));
    }
  }
  // Until the next call.
  [[nodiscard]] std::string_view record(std::uint64_t n) {
    std::string& text = texts_[n % kTexts];
    write_number(n, text.data());
    return text;
  }
  static void write_number(std::uint64_t n, char* to) {
    for (int i = 7; i >= 0; --i, n >>= 8) to[i] = static_cast<char>(n & 0xFF);
  }

 private:
  std::vector<std::string> texts_;
};

// `total` records from number `first` on.
struct Round {
  std::uint64_t first = 0;
  std::uint64_t total = 0;
  std::uint64_t per_commit = 0;
};

class Ours {
 public:
  explicit Ours(const std::string& folder) {
    SegmentLog::Options options;
    options.folder = folder;
    options.files = &files_;
    options.clock = &clock_;
    options.shards = kShards;
    options.prepare_ahead = true;
    auto log = SegmentLog::open(options);
    require(log.has_value(), log ? "" : log.error().message);
    log_ = *std::move(log);
  }

  Elapsed append(const Round& round, Records& records) {
    const std::uint64_t commits = log_->stats().commits;
    const Stopwatch watch;
    const std::uint64_t end = round.first + round.total;
    for (std::uint64_t n = round.first; n < end;) {
      RecordBatch batch;
      batch.reserve(round.per_commit, round.per_commit * kRecordBytes);
      for (std::uint64_t i = 0; i < round.per_commit; ++i, ++n) {
        batch.add(static_cast<std::uint16_t>(n % kShards), RecordKind::event, records.record(n));
      }
      const auto appended = log_->append_and_wait(std::move(batch));
      require(appended.has_value(), appended ? "" : appended.error().message);
    }
    const Elapsed elapsed = watch.elapsed();
    require(log_->stats().commits - commits == round.total / round.per_commit,
            "the segment log made another number of syncs");
    return elapsed;
  }

  void check(const Round& round, Records& records) {
    std::uint64_t n = round.first;
    for (LogPosition at = round.first; at < log_->end();) {
      const auto found = log_->read(at, 1'000, 1 << 20);
      require(found.has_value(), found ? "" : found.error().message);
      for (const LogRecord& record : *found) {
        require(record.payload == records.record(n++), "the segment log gave another record back");
      }
      at += found->size();
    }
    require(n == round.first + round.total, "the segment log holds another number of records");
    const Status let_go = log_->trim(log_->end(), clock_.now() + kDay);
    require(let_go.has_value(), let_go ? "" : let_go.error().message);
  }

 private:
  PosixFileSystem files_;
  SystemClock clock_;
  std::unique_ptr<SegmentLog> log_;
};

// As kind to a log as its options allow: nothing is compressed, merged or throttled, log files are
// used again (for which it must take any damage to them for a torn end), tables are dropped whole.
rocksdb::Options rocksdb_options() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kNoCompression;
  options.compaction_style = rocksdb::kCompactionStyleFIFO;
  options.compaction_options_fifo.max_table_files_size = 512 << 20;
  options.write_buffer_size = 64 << 20;
  options.max_write_buffer_number = 4;
  options.level0_slowdown_writes_trigger = 1 << 20;
  options.level0_stop_writes_trigger = 1 << 20;
  options.recycle_log_file_num = 4;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
  return options;
}

class Peer {
 public:
  explicit Peer(const std::string& folder) {
    rocksdb::DB* opened = nullptr;
    const auto status = rocksdb::DB::Open(rocksdb_options(), folder, &opened);
    require(status.ok(), status.ToString());
    db_.reset(opened);
  }

  Elapsed append(const Round& round, Records& records) {
    rocksdb::WriteOptions durable;
    durable.sync = true;
    const Stopwatch watch;
    const std::uint64_t end = round.first + round.total;
    char key[8];
    for (std::uint64_t n = round.first; n < end;) {
      rocksdb::WriteBatch batch(round.per_commit * (kRecordBytes + 16));
      for (std::uint64_t i = 0; i < round.per_commit; ++i, ++n) {
        Records::write_number(n, key);
        const auto put = batch.Put(rocksdb::Slice(key, sizeof key), records.record(n));
        require(put.ok(), "RocksDB refused a record");
      }
      const auto written = db_->Write(durable, &batch);
      require(written.ok(), written.ToString());
    }
    return watch.elapsed();
  }

  void check(const Round& round, Records& records) {
    std::uint64_t n = round.first;
    char key[8];
    Records::write_number(n, key);
    const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator(rocksdb::ReadOptions()));
    for (at->Seek(rocksdb::Slice(key, sizeof key)); at->Valid(); at->Next(), ++n) {
      require(at->value() == records.record(n), "RocksDB gave another record back");
    }
    require(at->status().ok() && n == round.first + round.total,
            "RocksDB holds another number of records");
  }

 private:
  std::unique_ptr<rocksdb::DB> db_;
};

class Bench {
 public:
  Bench(const std::string& folder, std::uint64_t total)
      : total_(total), ours_(folder + "/log"), peer_(folder + "/rocksdb") {}

  void warm() {
    for (std::uint64_t bytes = 0; bytes < kWarmBytes; bytes += total_ * kRecordBytes) {
      const Round round = next(ours_end_, 10'000);
      ours_.append(round, records_);
      ours_.check(round, records_);
      peer_.append(next(peer_end_, 10'000), records_);
    }
  }

  void round(bool ours, std::uint64_t per_commit) {
    const Round one = next(ours ? ours_end_ : peer_end_, per_commit);
    const Elapsed elapsed = ours ? ours_.append(one, records_) : peer_.append(one, records_);
    print_round((ours ? "log_" : "rocksdb_") + std::to_string(per_commit), total_, elapsed);
    if (ours) {
      ours_.check(one, records_);
    } else {
      peer_.check(one, records_);
    }
  }

 private:
  [[nodiscard]] Round next(std::uint64_t& end, std::uint64_t per_commit) const {
    const Round round{end, total_, per_commit};
    end += total_;
    return round;
  }

  std::uint64_t total_;
  std::uint64_t ours_end_ = 0;
  std::uint64_t peer_end_ = 0;
  Records records_{1};
  Ours ours_;
  Peer peer_;
};

}  // namespace
}  // namespace tideline::bench

int main(int argc, char** argv) {
  using tideline::bench::require;
  require(argc == 4, "usage: log_bench FOLDER ROUNDS RECORDS_A_ROUND");
  const auto total = std::strtoull(argv[3], nullptr, 10);
  require(total > 0 && total % 10'000 == 0, "RECORDS_A_ROUND: a multiple of 10,000");
  tideline::bench::Bench bench(argv[1], total);
  bench.warm();
  for (int round = 0; round < std::atoi(argv[2]); ++round) {
    for (const std::uint64_t per_commit : {std::uint64_t{1'000}, std::uint64_t{10'000}}) {
      // Which of the two comes first changes with every round.
      bench.round(round % 2 == 0, per_commit);
      bench.round(round % 2 != 0, per_commit);
    }
  }
}
