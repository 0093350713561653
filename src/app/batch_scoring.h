// Batch scoring: figures for tables or for a folder's customers as a folder of Parquet files, part
// by part, so that memory does not grow with the rows, a run that was ended goes on where it
// stopped, and several runners can share the work.
//
//   OUT/model_version=V/feature_hash=H/part-00001-of-00060.parquet   of tables
//   OUT/model_version=V/feature_hash=H/part-1-of-4-00001.parquet     of customers, runner 1 of 4
//   OUT/model_version=V/feature_hash=H/_input.json                   what was scored
//
// The names of folders are columns to whoever reads Hive partitions.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/operations.h"
#include "app/score_file.h"

namespace tideline {

struct BatchRequest {
  std::string out;                 // the folder; made where it is not there
  std::vector<std::string> files;  // tables; empty: the folder's customers as of now
  ScorePart part;                  // of tables every count-th part, of customers by their ids
};

// Answers {rows, scored, parts, parts_found, model_version, path}. `rows` and `scored` are of this
// run; `parts_found` were there already. refused, "other_input": OUT has scores of something else.
[[nodiscard]] Result<Json> score_in_parts(const OperationContext& context,
                                          std::shared_ptr<const Model> model,
                                          const BatchRequest& request);

// Whether `out` asks for a folder: it has no ending.
[[nodiscard]] bool is_score_folder(const std::string& out);

}  // namespace tideline
