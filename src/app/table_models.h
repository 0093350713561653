// Table models: training from a table and scoring one, over a folder's store of models alone, so
// that a folder with nothing but tables needs no pack.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string>

#include "app/operations.h"
#include "ports/model_store.h"

namespace tideline {

struct TableContext {
  ModelStore& models;
  std::function<bool(const OperationProgress&)> progress;  // as OperationContext::progress
};

// Arguments: table, target, and optionally id, time, drop (list), seed, out, report. Answers the
// JSON of contract 2 with "model_version", "rows" and "features".
[[nodiscard]] Result<Json> train_on_table(const TableContext& context,
                                          const boost::json::object& arguments);

// Arguments: in (list), out, and optionally model, part. Answers as `score` does.
[[nodiscard]] Result<Json> score_with_table_model(const TableContext& context,
                                                  const boost::json::object& arguments);

// The name of models that were learnt from tables, without a version: the newest is meant.
[[nodiscard]] Result<bool> is_name_of_table_models(ModelStore& models, const std::string& name);

// What `models` answers where there is no pack.
[[nodiscard]] Result<Json> list_table_models(const TableContext& context);

// The same operations by name: train_table, score, models; not_found with reason "pack_missing"
// for those that need a pack.
[[nodiscard]] Result<Json> run_table_operation(const std::string& name,
                                               const TableContext& context,
                                               const boost::json::object& arguments);

}  // namespace tideline
