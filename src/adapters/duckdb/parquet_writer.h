// ParquetWriter: a Parquet file outside the lake, written row by row: what `generate` and `--out`
// make.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ports/lake.h"

namespace tideline {

struct ParquetWriterOptions {
  std::string path;  // its folder exists; an existing file is replaced when finish() succeeds
  std::vector<Column> columns;
  unsigned threads = 2;
  std::uint64_t memory_bytes = 512ULL
                               << 20;  // beyond it rows wait in a temporary folder beside the file
  std::size_t row_group_rows = 122'880;
};

// Equal rows in equal order give equal bytes. NaN and infinities become nulls. Not thread-safe.
class ParquetWriter {
 public:
  [[nodiscard]] static Result<std::unique_ptr<ParquetWriter>> open(ParquetWriterOptions options);
  // Without finish() nothing is left behind.
  ~ParquetWriter();
  ParquetWriter(const ParquetWriter&) = delete;
  ParquetWriter& operator=(const ParquetWriter&) = delete;

  // `rows` of `columns.size()` cells each, one after another. invalid when a cell does not fit its
  // column.
  Status append(std::span<const std::vector<Cell>> rows);
  // The same, one row and no cell made for it: each column is set once, with its own type, then
  // the row ends. A text that is not UTF-8 gets U+FFFD.
  void set_text(std::size_t column, std::string_view text);
  void set_number(std::size_t column, double number);
  void set_time(std::size_t column, Time time);
  void set_null(std::size_t column);
  Status end_row();
  // Writes, syncs and renames the file. Call once, last.
  Status finish();
  [[nodiscard]] std::uint64_t rows() const;

 private:
  struct Impl;
  explicit ParquetWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// All rows at once.
Status write_parquet(const std::string& path, const Rows& rows);

// One row of the format that `generate` writes and `import` reads without a map.
struct GeneratedEvent {
  std::string customer;
  Time time{};
  std::string event;
  std::string type = "track";
  std::string id;
  std::optional<Time> received_at;
  std::string properties = "{}";
};

// The generate format: customer, time, event, type, id, received_at, properties. As ParquetWriter,
// but typed columns and no cell per value: millions of rows a file.
class GeneratedEventWriter {
 public:
  [[nodiscard]] static Result<std::unique_ptr<GeneratedEventWriter>> open(
      ParquetWriterOptions options);  // `columns` is not looked at
  ~GeneratedEventWriter();
  GeneratedEventWriter(const GeneratedEventWriter&) = delete;
  GeneratedEventWriter& operator=(const GeneratedEventWriter&) = delete;

  Status append(std::span<const GeneratedEvent> events);
  Status finish();
  [[nodiscard]] std::uint64_t rows() const;

 private:
  struct Impl;
  explicit GeneratedEventWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tideline
