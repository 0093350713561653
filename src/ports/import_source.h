// What an import reads: rows of tables (ImportRows) or lines of text (ImportLines).
// Implementations: files (adapters/duckdb: DuckImportRows, LineReader) and MemoryImportRows,
// MemoryImportLines below.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace tideline {

// One mapped row. Absent and empty are kept apart: nullopt is SQL's NULL.
struct ImportRow {
  std::optional<std::string> customer;
  std::optional<Time> time;  // nullopt: missing, or a text that is no time
  std::string time_text;     // as it stands in the file, for a dead letter; empty when missing
  std::optional<std::string> event;
  std::optional<std::string> type;
  std::optional<std::string> id;
  std::optional<Time> received_at;
  std::string received_at_text;
  std::optional<std::string> properties;  // JSON text, not yet checked
  std::uint64_t copy =
      0;  // equal rows of this import before it: tells repeats apart that are real
  bool operator==(const ImportRow&) const = default;
};

// A record of a file that is no row of a table: too few cells, bytes that are no UTF-8, ...
struct ImportReject {
  std::string file;
  std::uint64_t record = 0;  // number of the record in the file, the header being 1
  std::string text;          // the record as far as it could be read
  std::string reason;        // for people
  bool operator==(const ImportReject&) const = default;
};

// Rows in order of time, then of all their columns; rows without a time last. The same files and
// the same map yield the same sequence, so a row's number in it is a place to go on from. Not
// thread-safe.
class ImportRows {
 public:
  virtual ~ImportRows() = default;
  // Replaces `block` by the next rows, at most 8,192; false at the end, with an empty block.
  virtual Result<bool> next(std::vector<ImportRow>& block) = 0;
  // Rows in all, those already read and skipped ones included.
  [[nodiscard]] virtual std::uint64_t total() const = 0;
  // Records that are in no row; complete from the start, in order of file and record.
  [[nodiscard]] virtual const std::vector<ImportReject>& rejects() const = 0;
};

struct ImportLine {
  std::uint64_t number = 0;  // in its file, from 1
  std::string text;          // without LF or CRLF; cut to the reader's limit
  std::uint64_t bytes = 0;   // of the whole line, without its end
  bool operator==(const ImportLine&) const = default;
};

// Lines of a text in its order. Not thread-safe.
class ImportLines {
 public:
  virtual ~ImportLines() = default;
  // Replaces `block` by the next lines, at most 8,192; false at the end, with an empty block.
  virtual Result<bool> next(std::vector<ImportLine>& block) = 0;
};

// Hands out what it was given, in blocks of `block_rows`.
class MemoryImportRows final : public ImportRows {
 public:
  MemoryImportRows(std::vector<ImportRow> rows, std::vector<ImportReject> rejects,
                   std::size_t block_rows = 8'192)
      : rows_(std::move(rows)), rejects_(std::move(rejects)), block_rows_(block_rows) {}
  Result<bool> next(std::vector<ImportRow>& block) override;
  [[nodiscard]] std::uint64_t total() const override { return rows_.size(); }
  [[nodiscard]] const std::vector<ImportReject>& rejects() const override { return rejects_; }

 private:
  std::vector<ImportRow> rows_;
  std::vector<ImportReject> rejects_;
  std::size_t block_rows_;
  std::size_t at_ = 0;
};

class MemoryImportLines final : public ImportLines {
 public:
  explicit MemoryImportLines(std::vector<std::string> lines, std::size_t block_lines = 8'192)
      : lines_(std::move(lines)), block_lines_(block_lines) {}
  Result<bool> next(std::vector<ImportLine>& block) override;

 private:
  std::vector<std::string> lines_;
  std::size_t block_lines_;
  std::size_t at_ = 0;
};

}  // namespace tideline
