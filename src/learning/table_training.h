// Training from a table: the same families, splits and report as from a folder's history.
#pragma once

#include <string>

#include "domain/customer_table.h"
#include "learning/table_columns.h"
#include "learning/train.h"
#include "scoring/table_encoding.h"

namespace tideline {

struct TableTrainOptions {
  int version = 1;  // N of "table-churn-vN"
  std::uint64_t seed = 1;
  const TreeTrainer* trees = nullptr;  // borrowed; null: no boosted trees compete
  int threads = 1;                     // how many changes no byte
  ProgressCallback progress;
};

struct TableTrained {
  TrainedModel model;  // its files with table.json, whose hash is the feature hash
  TableEncoding encoding;
};

// Without a time column 5 folds (fold_of() of the id, or of the row's number from 0), with one the
// strongest split by time that the rows allow. The same table, request and options give the same
// bytes. invalid as plan_table() and encode_table() say, refused as refuse_leaks() does; cancelled
// by the callback.
[[nodiscard]] Result<TableTrained> train_on_table(const CustomerTable& table,
                                                  const TableRequest& request,
                                                  const TableTrainOptions& options);

// The ModelStore key of models that predict this column: "table-" and its letters and digits.
[[nodiscard]] std::string table_model_name(std::string_view target);

// A model that was learnt from a table, ready to score others.
struct TableModel {
  Model model;
  TableEncoding encoding;
};
// corrupt: a file is not what was written. refused: the model was not learnt from a table.
[[nodiscard]] Result<TableModel> parse_table_model(const Model::Files& files);

}  // namespace tideline
