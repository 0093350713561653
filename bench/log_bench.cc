// Durable appends: the segment log beside RocksDB used as a log (one WriteBatch a commit, sync),
// the same 376-byte records, round by round in turn. Every round reads back what it wrote.
//
//   log_bench FOLDER ROUNDS RECORDS_A_ROUND
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

namespace fs = std::filesystem;

constexpr std::size_t kRecordBytes = 376;
constexpr std::size_t kTexts = 64;
constexpr std::uint16_t kShards = 16;

// Record n of a round: its number, big-endian, then letters.
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
  [[nodiscard]] std::string record(std::uint64_t n) const {
    std::string text = texts_[n % kTexts];
    const std::string number = key(n);
    std::memcpy(text.data(), number.data(), number.size());
    return text;
  }
  [[nodiscard]] static std::string key(std::uint64_t n) {
    std::string bytes(8, '\0');
    for (int i = 7; i >= 0; --i, n >>= 8) bytes[static_cast<std::size_t>(i)] = char(n & 0xFF);
    return bytes;
  }

 private:
  std::vector<std::string> texts_;
};

struct Round {
  std::string folder;
  std::uint64_t total = 0;
  std::uint64_t per_commit = 0;
};

void check_log(EventLog& log, const Records& records, std::uint64_t total) {
  std::uint64_t n = 0;
  for (LogPosition at = log.begin(); at < log.end();) {
    const auto found = log.read(at, 1'000, 1 << 20);
    require(found.has_value(), found ? "" : found.error().message);
    for (const LogRecord& record : *found) {
      require(record.payload == records.record(n), "the segment log gave another record back");
      ++n;
    }
    at += found->size();
  }
  require(n == total, "the segment log holds another number of records");
}

Elapsed segment_log_round(const Round& round, const Records& records) {
  PosixFileSystem files;
  SystemClock clock;
  SegmentLog::Options options;
  options.folder = round.folder;
  options.files = &files;
  options.clock = &clock;
  options.shards = kShards;
  auto log = SegmentLog::open(options);
  require(log.has_value(), log ? "" : log.error().message);
  const Stopwatch watch;
  for (std::uint64_t n = 0; n < round.total;) {
    std::vector<NewRecord> batch;
    batch.reserve(round.per_commit);
    for (std::uint64_t i = 0; i < round.per_commit; ++i, ++n) {
      batch.push_back(
          {static_cast<std::uint16_t>(n % kShards), RecordKind::event, records.record(n)});
    }
    const auto appended = append_and_wait(**log, std::move(batch));
    require(appended.has_value(), appended ? "" : appended.error().message);
  }
  const Elapsed elapsed = watch.elapsed();
  require((*log)->stats().commits == round.total / round.per_commit,
          "the segment log made another number of syncs");
  check_log(**log, records, round.total);
  return elapsed;
}

// As kind to a log as its options allow: nothing is compressed, compacted or throttled.
rocksdb::Options rocksdb_options() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kNoCompression;
  options.disable_auto_compactions = true;
  options.write_buffer_size = 64 << 20;
  options.max_write_buffer_number = 4;
  options.level0_slowdown_writes_trigger = 1 << 20;
  options.level0_stop_writes_trigger = 1 << 20;
  return options;
}

void check_rocksdb(rocksdb::DB& db, const Records& records, std::uint64_t total) {
  std::uint64_t n = 0;
  const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator(rocksdb::ReadOptions()));
  for (at->SeekToFirst(); at->Valid(); at->Next(), ++n) {
    require(at->key() == Records::key(n) && at->value() == records.record(n),
            "RocksDB gave another record back");
  }
  require(at->status().ok() && n == total, "RocksDB holds another number of records");
}

Elapsed rocksdb_round(const Round& round, const Records& records) {
  rocksdb::DB* opened = nullptr;
  const auto status = rocksdb::DB::Open(rocksdb_options(), round.folder, &opened);
  require(status.ok(), status.ToString());
  const std::unique_ptr<rocksdb::DB> db(opened);
  rocksdb::WriteOptions durable;
  durable.sync = true;
  const Stopwatch watch;
  for (std::uint64_t n = 0; n < round.total;) {
    rocksdb::WriteBatch batch;
    for (std::uint64_t i = 0; i < round.per_commit; ++i, ++n) {
      require(batch.Put(Records::key(n), records.record(n)).ok(), "RocksDB refused a record");
    }
    const auto written = db->Write(durable, &batch);
    require(written.ok(), written.ToString());
  }
  const Elapsed elapsed = watch.elapsed();
  check_rocksdb(*db, records, round.total);
  return elapsed;
}

void run(const std::string& folder, int rounds, std::uint64_t total) {
  const Records records(1);
  for (int round = 0; round < rounds; ++round) {
    for (const std::uint64_t per_commit : {std::uint64_t{1'000}, std::uint64_t{10'000}}) {
      const std::string suffix = "_" + std::to_string(per_commit);
      // Which of the two comes first changes with every round.
      for (const int turn : {round % 2, 1 - round % 2}) {
        const bool ours = turn == 0;
        const Round one{folder + (ours ? "/log" : "/rocksdb"), total, per_commit};
        fs::remove_all(one.folder);
        const Elapsed elapsed =
            ours ? segment_log_round(one, records) : rocksdb_round(one, records);
        print_round((ours ? "log" : "rocksdb") + suffix, total, elapsed);
        fs::remove_all(one.folder);
      }
    }
  }
}

}  // namespace
}  // namespace tideline::bench

int main(int argc, char** argv) {
  using tideline::bench::require;
  require(argc == 4, "usage: log_bench FOLDER ROUNDS RECORDS_A_ROUND");
  const auto total = std::strtoull(argv[3], nullptr, 10);
  require(total > 0 && total % 10'000 == 0, "RECORDS_A_ROUND: a multiple of 10,000");
  tideline::bench::run(argv[1], std::atoi(argv[2]), total);
}
