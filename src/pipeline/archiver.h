// Archiver: moves committed events from the log into the lake, exactly once, and keeps the lake's
// files few.
//
// A flush takes what each shard committed since its cursor, in rows by date. It first commits to
// state which files it will write with which ranges (promised), then writes them, then marks them
// complete and moves the cursors, all in one write. After a crash promises that were not kept are
// dropped, and the next flush writes the same rows (docs/adr/0005-archive-by-promise.md).
#pragma once

#include <functional>
#include <map>
#include <mutex>

#include "base/clock.h"
#include "pipeline/manifest.h"
#include "pipeline/processor.h"
#include "ports/lake.h"

namespace tideline {

struct ArchiverOptions {
  std::uint16_t shards = 16;
  std::size_t flush_rows_max = 200'000;  // rows in memory; a longer range takes several rounds
  std::size_t files_per_date_max = 64;   // more of them are merged into one
  // The same for a settled date: one that got no file for `settled_after`.
  std::size_t files_settled_max = 8;
  Duration settled_after = kHour;
};

class Archiver {
 public:
  Archiver(ArchiverOptions options, EventLog& log, StateStore& store, Lake& lake,
           const Clock& clock)
      : options_(options), log_(log), store_(store), lake_(lake), clock_(clock) {}

  // After opening: drops promises that were not kept and sweeps files that no entry names.
  Status recover();

  // Archives everything that is committed when it is called. Thread-safe: one flush at a time.
  Status flush();

  // Merges the files of dates that have too many; flushes go on in between. What was merged stays
  // on disk until the next call or remove_replaced(), for those who still read it.
  Status merge_files();
  // The same with every date taken for settled: an import has ended.
  Status merge_after_import();
  Status remove_replaced();
  // Lets go of a table's dates before `first_kept` (YYYY-MM-DD): out of the manifest, then off the
  // disk.
  Status retire(const std::string& table, const std::string& first_kept);
  // Lets the log go of what is archived and older than `stored_before`.
  Status trim_log(Time stored_before);

  // The first log position that is not yet in the lake.
  [[nodiscard]] Result<LogPosition> archived_to();

 private:
  struct Round;  // one bounded piece of a flush
  Status flush_round(bool& more);
  Status collect(std::uint16_t shard, Round& round);
  Status read_rows(Round& round);
  Status write_round(Round& round);
  Status merge_dates(Time settled_before);
  Status merge_date(const std::string& date, std::vector<ManifestFile> files);

  ArchiverOptions options_;
  EventLog& log_;
  StateStore& store_;
  Lake& lake_;
  const Clock& clock_;
  std::mutex mutex_;
  std::vector<std::string> replaced_;  // by a merge; no longer in the manifest
};

}  // namespace tideline
