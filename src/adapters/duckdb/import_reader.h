// DuckImportRows: CSV, Parquet and mapped files as sorted rows of an import (docs/import-maps.md).
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/file_table.h"
#include "ports/import_source.h"

namespace tideline {

struct ImportReaderOptions {
  // Without a map: CSV (delimiter , ; tab or | by the header) and Parquet files, plain, .gz or
  // .zst, with the columns customer, time, event and optionally type, id, received_at, properties.
  // Other columns are an error.
  std::vector<std::string> files;
  // With a map: its tables with their files, and its SELECT. `files` is then empty.
  std::vector<FileTable> tables;
  std::string select;

  std::string temp_folder;  // a folder of ours is made in it, and removed at the end; not empty
  unsigned threads = 2;
  std::uint64_t memory_bytes = 1ULL << 30;  // beyond it DuckDB spills to temp_folder
  std::uint64_t skip_rows = 0;              // rows of the sequence that are already done
  std::stop_token stop;                     // ends open() and next() with `cancelled`
};

class DuckImportRows final : public ImportRows {
 public:
  // Reads and maps all files into a temporary database, so it takes as long as that. invalid: a
  // missing or unknown column, a wrong type, a SELECT that DuckDB refuses; not_found: no such
  // file.
  [[nodiscard]] static Result<std::unique_ptr<DuckImportRows>> open(ImportReaderOptions options);
  ~DuckImportRows() override;

  Result<bool> next(std::vector<ImportRow>& block) override;
  [[nodiscard]] std::uint64_t total() const override;
  [[nodiscard]] const std::vector<ImportReject>& rejects() const override;

 private:
  struct Impl;
  explicit DuckImportRows(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tideline
