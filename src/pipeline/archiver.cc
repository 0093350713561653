#include "pipeline/archiver.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "base/fault.h"
#include "pipeline/entry.h"

namespace tideline {
namespace {

std::string events_file(const std::string& date, const std::string& name) {
  return "events/dt=" + date + "/" + name + ".parquet";
}

// When a file was written, by its name: "r1769860800000-3-1024.parquet", "m...".
Time written_at(const std::string& file) {
  const std::size_t name = file.rfind('/') + 1;
  std::int64_t ms = 0;
  std::from_chars(file.data() + std::min(name + 1, file.size()), file.data() + file.size(), ms);
  return time_from_millis(ms);
}

// Rows of one range come in the same order whenever they are written: by shard and offset.
void sort_by_place(std::vector<EventRow>& rows) {
  std::sort(rows.begin(), rows.end(),
            [](const EventRow& a, const EventRow& b) { return a.place < b.place; });
}

}  // namespace

struct Archiver::Round {
  std::map<std::string, std::vector<EventRow>> by_date;
  std::vector<ManifestFile::Range> ranges;
  WriteBatch done;  // what the end of the round commits beside the files
  std::map<std::uint16_t, std::vector<bool>> applied;  // by shard, from first_offset on
  std::map<std::uint16_t, std::uint64_t> first_offset;
  LogPosition log_first = ~LogPosition{0};
  std::uint64_t missing = 0;  // records of the ranges not yet read
  std::size_t rows = 0;
  bool full = false;
};

Status Archiver::flush() {
  const std::lock_guard lock(mutex_);
  for (bool more = true; more;) TRY(flush_round(more));
  return {};
}

Status Archiver::flush_round(bool& more) {
  Round round;
  for (std::uint16_t shard = 0; shard < options_.shards; ++shard) TRY(collect(shard, round));
  more = round.full;
  if (round.done.empty()) return {};
  TRY(read_rows(round));
  return write_round(round);
}

// Adds the committed and not yet archived batches of a shard, as far as the round has room.
Status Archiver::collect(std::uint16_t shard, Round& round) {
  std::vector<AppliedBits> batches;
  std::size_t rows = round.rows;
  std::optional<Error> broken;
  const std::string prefix = applied_prefix(shard);
  TRY(store_.scan(Family::manifest, prefix, prefix_end(prefix),
                  [&](std::string_view, std::string_view value) {
                    if (rows >= options_.flush_rows_max) {
                      round.full = true;
                      return false;
                    }
                    auto bits = decode_applied_bits(value);
                    if (!bits) {
                      broken = bits.error();
                      return false;
                    }
                    rows += bits->applied.size();
                    batches.push_back(std::move(*bits));
                    return true;
                  }));
  if (broken) return fail(*broken);
  if (batches.empty()) return {};

  for (const AppliedBits& bits : batches) {
    round.done.remove(Family::manifest, applied_key(shard, bits.first_offset));
    round.log_first = std::min(round.log_first, bits.log_first);
  }
  round.rows = rows;
  const std::uint64_t end = batches.back().first_offset + batches.back().applied.size();
  round.ranges.push_back({shard, batches.front().first_offset, end - 1});
  round.done.put(Family::commits, archive_cursor_key(shard),
                 encode(ArchiveCursor{end, batches.back().log_first}));
  round.missing += end - batches.front().first_offset;
  std::vector<bool>& applied = round.applied[shard];
  for (const AppliedBits& bits : batches)
    applied.insert(applied.end(), bits.applied.begin(), bits.applied.end());
  round.first_offset[shard] = batches.front().first_offset;
  return {};
}

// One pass over the log for the ranges of all shards; keeps the rows that were applied.
Status Archiver::read_rows(Round& round) {
  LogPosition at = round.log_first;
  while (round.missing > 0) {
    TRY_ASSIGN(const auto records, log_.read(at, 4'096, 4 << 20));
    if (records.empty()) {
      return fail(ErrorCode::corrupt, "the log ends before " + std::to_string(round.missing) +
                                          " records that state says are committed");
    }
    for (const LogRecord& record : records) {
      at = record.position + 1;
      const auto applied = round.applied.find(record.place.shard);
      if (applied == round.applied.end()) continue;
      const std::uint64_t first = round.first_offset[record.place.shard];
      if (record.place.offset < first || record.place.offset - first >= applied->second.size())
        continue;
      --round.missing;
      if (!applied->second[record.place.offset - first]) continue;
      TRY_ASSIGN(Entry entry, decode_entry(record.payload, record.stored_time));
      const Event* event = entry.event();
      if (!event) return fail(ErrorCode::corrupt, "state says that a reject was applied");
      round.by_date[format_date(event->event_time)].push_back({*event, record.place});
    }
  }
  return {};
}

Status Archiver::write_round(Round& round) {
  std::vector<ManifestFile> files;
  const std::string name = "r" + std::to_string(millis(clock_.now())) + "-" +
                           std::to_string(round.ranges.front().shard) + "-" +
                           std::to_string(round.ranges.front().first);
  for (auto& [date, rows] : round.by_date) {
    sort_by_place(rows);
    ManifestFile file{events_file(date, name), "events", date, false, rows.size(), round.ranges};
    files.push_back(std::move(file));
  }
  WriteBatch promise;
  for (const auto& file : files)
    promise.put(Family::manifest, manifest_key(file.file), encode(file));
  TRY(store_.write(promise, Durability::now));
  fault::crash_point("archive.after_promise");
  for (const auto& file : files) TRY(lake_.write_events(file.file, round.by_date[file.date]));
  fault::crash_point("archive.after_write");
  for (auto& file : files) {
    file.complete = true;
    round.done.put(Family::manifest, manifest_key(file.file), encode(file));
  }
  TRY(store_.write(round.done, Durability::now));
  fault::crash_point("archive.after_commit");
  return {};
}

// Promised files hold rows whose batches are still marked as to be archived: dropping the promise
// and archiving them anew gives the same rows once.
Status Archiver::recover() {
  const std::lock_guard lock(mutex_);
  TRY_ASSIGN(const auto entries, manifest_entries(store_));
  WriteBatch dropped;
  std::set<std::string> known;
  for (const auto& entry : entries) {
    if (entry.complete) {
      known.insert(entry.file);
    } else {
      dropped.remove(Family::manifest, manifest_key(entry.file));
    }
  }
  if (!dropped.empty()) TRY(store_.write(dropped, Durability::now));
  TRY_ASSIGN(const auto present, lake_.list());
  std::vector<std::string> swept;
  for (const auto& file : present) {
    if (!known.contains(file)) swept.push_back(file);
  }
  if (!swept.empty()) TRY(lake_.remove(swept));
  return {};
}

Status Archiver::merge_files() {
  TRY(remove_replaced());
  return merge_dates(clock_.now() - options_.settled_after);
}

Status Archiver::merge_after_import() { return merge_dates(Time::max()); }

Status Archiver::merge_dates(Time settled_before) {
  TRY_ASSIGN(const auto files, manifest_files(store_, "events"));
  std::map<std::string, std::vector<ManifestFile>> by_date;
  for (const auto& file : files) by_date[file.date].push_back(file);
  for (auto& [date, of_date] : by_date) {
    const bool settled = std::all_of(
        of_date.begin(), of_date.end(),
        [&](const ManifestFile& file) { return written_at(file.file) < settled_before; });
    if (of_date.size() <= (settled ? options_.files_settled_max : options_.files_per_date_max))
      continue;
    const std::lock_guard lock(mutex_);
    TRY(merge_date(date, std::move(of_date)));
  }
  return {};
}

Status Archiver::remove_replaced() {
  const std::lock_guard lock(mutex_);
  if (replaced_.empty()) return {};
  return lake_.remove(std::exchange(replaced_, {}));
}

Status Archiver::retire(const std::string& table, const std::string& first_kept) {
  const std::lock_guard lock(mutex_);
  TRY_ASSIGN(auto files, manifest_files(store_, table));
  std::erase_if(files, [&](const ManifestFile& file) { return file.date >= first_kept; });
  if (files.empty()) return {};
  WriteBatch writes;
  for (const auto& file : files) writes.remove(Family::manifest, manifest_key(file.file));
  TRY(store_.write(writes, Durability::now));  // before a file goes: a crash leaves them to sweep
  return lake_.remove(names_of(files));
}

Status Archiver::merge_date(const std::string& date, std::vector<ManifestFile> files) {
  ManifestFile merged;
  merged.file = events_file(
      date, "m" + std::to_string(millis(clock_.now())) + "-" + std::to_string(files.size()));
  merged.table = "events";
  merged.date = date;
  WriteBatch swap;
  for (const auto& file : files) {
    merged.rows += file.rows;
    merged.ranges.insert(merged.ranges.end(), file.ranges.begin(), file.ranges.end());
    swap.remove(Family::manifest, manifest_key(file.file));
  }
  TRY(lake_.merge(names_of(files), merged.file));
  TRY_ASSIGN(const std::uint64_t rows, lake_.verify(merged.file));
  if (rows != merged.rows) {
    return fail(ErrorCode::corrupt, "merging the files of " + date + " gave " +
                                        std::to_string(rows) + " rows of " +
                                        std::to_string(merged.rows) + "; the old files stay");
  }
  merged.complete = true;
  swap.put(Family::manifest, manifest_key(merged.file), encode(merged));
  fault::crash_point("archive.before_swap");
  TRY(store_.write(swap, Durability::now));  // synced before any old file goes
  fault::crash_point("archive.after_swap");
  for (const auto& file : files) replaced_.push_back(file.file);
  return {};
}

Result<LogPosition> Archiver::archived_to() {
  // Batches still to be archived name their first log position; without any, everything committed
  // is archived.
  LogPosition oldest = ~LogPosition{0};
  std::optional<Error> broken;
  TRY(store_.scan(Family::manifest, "todo", prefix_end("todo"),
                  [&](std::string_view, std::string_view value) {
                    auto bits = decode_applied_bits(value);
                    if (!bits) {
                      broken = bits.error();
                      return false;
                    }
                    oldest = std::min(oldest, bits->log_first);
                    return true;
                  }));
  if (broken) return fail(*broken);
  for (std::uint16_t shard = 0; shard < options_.shards; ++shard) {
    TRY_ASSIGN(const auto commit, load<ShardCommit>(store_, Family::commits,
                                                    shard_commit_key(shard), decode_shard_commit));
    TRY_ASSIGN(const auto reader, store_.get(Family::commits, "reader"));
    const LogPosition committed =
        std::max(commit ? commit->log_next : 0, reader ? from_big_endian(*reader) : 0);
    oldest = std::min(oldest, committed);
  }
  return oldest;
}

Status Archiver::trim_log(Time stored_before) {
  TRY_ASSIGN(const LogPosition archived, archived_to());
  TRY(store_.sync());  // state that the log would rebuild must be on disk first
  fault::crash_point("retention.before_log");
  return log_.trim(archived, stored_before);
}

}  // namespace tideline
