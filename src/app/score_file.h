// ScoreFile: the file of figures that `score` writes, row by row, and the part of the rows that a
// run takes.
#pragma once

#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/duckdb/parquet_writer.h"
#include "base/result.h"
#include "domain/prediction.h"

namespace tideline {

// A row on its way out.
struct ScoredRow {
  std::string customer;  // empty: the table has no ids
  std::optional<Time> as_of;
  Prediction prediction;
};

// customer_id, as_of, the tasks' figures, tier, status, reason, model_version; CSV or Parquet by
// the name's end. A file of that name is replaced when all rows are in.
class ScoreFile {
 public:
  // `with_tiers` false: no column tier. bad_argument: a name that ends otherwise.
  [[nodiscard]] static Result<std::unique_ptr<ScoreFile>> open(const std::string& path,
                                                               std::vector<std::string> tasks,
                                                               bool with_tiers);
  ~ScoreFile();  // without end() nothing is left behind
  ScoreFile(const ScoreFile&) = delete;
  ScoreFile& operator=(const ScoreFile&) = delete;

  // Each with one figure a task.
  Status add(std::span<const ScoredRow> rows);
  Status end();

  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] std::uint64_t scored() const { return scored_; }

 private:
  ScoreFile(std::string path, std::vector<std::string> tasks, bool with_tiers);
  [[nodiscard]] std::string unfinished() const { return path_ + ".unfinished"; }
  Status add_parquet(std::span<const ScoredRow> rows);
  Status add_csv(std::span<const ScoredRow> rows);

  std::string path_;
  std::vector<std::string> tasks_;
  bool with_tiers_;
  std::ofstream out_;
  std::unique_ptr<ParquetWriter> parquet_;
  std::uint64_t rows_ = 0;
  std::uint64_t scored_ = 0;
};

// One of N parts of the customers, told by the id, so that all parts together hold each once. Rows
// without an id are told by their number.
struct ScorePart {
  std::uint64_t index = 0;
  std::uint64_t count = 1;
  [[nodiscard]] bool holds(const std::string& customer, std::uint64_t row) const;
};

// "2/8"; nullopt: everything.
[[nodiscard]] Result<ScorePart> parse_part(const std::optional<std::string>& text);

}  // namespace tideline
