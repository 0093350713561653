// Importer: rows or lines of files into the log, applied and archived when it returns; resumable,
// and done only once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "pipeline/archiver.h"
#include "pipeline/decoder.h"
#include "pipeline/ingest.h"
#include "pipeline/processor.h"
#include "ports/import_source.h"

namespace tideline {

// What became of the rows of an import, earlier interrupted runs included.
struct ImportCounts {
  Totals totals;
  bool already_done =
      false;  // the ledger knows this import: nothing was read, every row counts as duplicate
};
// Codes with their counts, zero ones left out.
[[nodiscard]] std::map<std::string, std::uint64_t> codes_of(const Totals& totals);

struct ImportIdentity {
  SourceId source;
  std::string name;  // for messages
  Hash128 content;   // of the files and the map: with the source the key of the ledger
};

struct ImportProgress {
  std::uint64_t rows = 0;
  std::uint64_t rows_total = 0;  // 0: not known
  bool archiving = false;        // all are read; the lake is being written
};

class Importer {
 public:
  // Called after each block; returns false to stop, the import then answers `cancelled` and can be
  // run again.
  using OnProgress = std::function<bool(const ImportProgress&)>;

  Importer(DecodeLimits limits, Ingest& ingest, Processor& processor, Archiver& archiver,
           StateStore& store, const Clock& clock, Duration lateness = std::chrono::hours(72))
      : decoder_(limits),
        limits_(limits),
        ingest_(ingest),
        processor_(processor),
        archiver_(archiver),
        store_(store),
        clock_(clock),
        lateness_(lateness) {}

  // Rows of this import that an earlier run has already put in: the reader may skip them. nullopt:
  // all.
  [[nodiscard]] Result<std::optional<std::uint64_t>> rows_done(const ImportIdentity& import);
  // The counts of an import that the ledger knows as done.
  [[nodiscard]] Result<ImportCounts> done_before(const ImportIdentity& import);

  // `rows` continues behind rows_done().
  [[nodiscard]] Result<ImportCounts> import_rows(const ImportIdentity& import, ImportRows& rows,
                                                 const OnProgress& progress);
  // `lines` begins with the first line; lines done before are skipped here.
  [[nodiscard]] Result<ImportCounts> import_lines(const ImportIdentity& import, ImportLines& lines,
                                                  const OnProgress& progress);

 private:
  struct Ledger;
  struct Run;
  struct Origin;
  [[nodiscard]] Result<Ledger> ledger_of(const ImportIdentity& import);
  Status keep(const ImportIdentity& import, const Ledger& ledger, Durability durability);
  [[nodiscard]] Entry entry_of(const ImportIdentity& import, const ImportRow& row);
  [[nodiscard]] Entry entry_of(const ImportIdentity& import, const ImportLine& line, Run& run);
  [[nodiscard]] Entry reject_of(const ImportIdentity& import, DeadLetterCode code,
                                std::string reason, const std::string& payload,
                                std::uint64_t copy);
  [[nodiscard]] std::optional<Entry> wrong_row(const ImportIdentity& import, const ImportRow& row,
                                               const std::string& payload);
  Status submit(const ImportIdentity& import, Run& run, std::vector<Entry> entries,
                std::uint64_t rows);
  Status begin(const ImportIdentity& import, Run& run);
  [[nodiscard]] Result<std::optional<PostedVerdict>> earlier_fate(Run& run, const Origin& origin);
  Status settle(const ImportIdentity& import, Run& run);
  tl::unexpected<Error> stopped(const ImportIdentity& import, Run& run);
  [[nodiscard]] Result<ImportCounts> finish(const ImportIdentity& import, Run& run,
                                            std::uint64_t rows, const OnProgress& progress);

  Decoder decoder_;
  DecodeLimits limits_;
  Ingest& ingest_;
  Processor& processor_;
  Archiver& archiver_;
  StateStore& store_;
  const Clock& clock_;
  Duration lateness_;  // of the processor: what is applied later than this counts as late
};

}  // namespace tideline
