// LineReader: lines of a plain, gzip or zstd file, inflated as they are read; and what a file is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ports/import_source.h"

namespace tideline {

enum class Compression : std::uint8_t { none, gzip, zstd };
enum class ImportFormat : std::uint8_t { ndjson, csv, parquet };

struct ImportFile {
  Compression compression = Compression::none;
  ImportFormat format = ImportFormat::csv;
};
// By the file's first bytes, inflated where needed: the compression by its mark, Parquet by its
// mark, NDJSON when the first character that is not blank is { or [, else CSV. An empty file goes
// by its name.
[[nodiscard]] Result<ImportFile> recognise_file(const std::string& path);

struct LineReaderOptions {
  std::string path;
  std::size_t line_bytes_max = 64 * 1024;  // of a line's kept text; the rest is counted, not kept
  std::size_t block_bytes_max = 4 << 20;   // a block of lines ends beyond it
};

// A byte order mark at the start is left out. Lines end with LF or CRLF; the last one may lack its
// end. Several gzip members or zstd frames in a row are one text. corrupt: the compressed bytes
// are damaged or end too early; lines before the damage have been handed out.
class LineReader final : public ImportLines {
 public:
  // not_found or io_failed names the file.
  [[nodiscard]] static Result<std::unique_ptr<LineReader>> open(LineReaderOptions options);
  ~LineReader() override;

  Result<bool> next(std::vector<ImportLine>& block) override;
  // Bytes of the file read so far (as stored), and in all: for a progress bar.
  [[nodiscard]] std::uint64_t bytes_read() const;
  [[nodiscard]] std::uint64_t bytes_total() const;

 private:
  struct Impl;
  explicit LineReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tideline
