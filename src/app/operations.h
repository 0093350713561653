// Operations: what commands do to a folder, with JSON in and out, so that a command does the same
// whether it opens the folder itself or asks the server that owns it (control socket).
#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <string>
#include <vector>

#include "app/engine.h"

namespace tideline {

using Json = boost::json::value;

struct OperationProgress {
  std::string step;    // "importing", "evaluate fold 2 of 5"
  double share = -1;   // 0..1; negative: not known
  std::string detail;  // "120,000 rows"
};

struct OperationContext {
  Engine& engine;
  // Returns false to stop. May be empty.
  std::function<bool(const OperationProgress&)> progress;
};

struct Operation {
  const char* name;
  Result<Json> (*run)(const OperationContext& context, const boost::json::object& arguments);
};

// Every operation, by name: import, features, files, train, train_table, evaluate, models,
// lake_ddl, snapshot, report, deadletters, deadletter, retry, drop, actions, change_actions,
// ask, pilots, keys, create_key, revoke_key, users, create_user, change_user, replay, verify,
// status, promote, rollback, export, score, predict.
[[nodiscard]] const std::vector<Operation>& operations();
[[nodiscard]] Result<Json> run_operation(const std::string& name, const OperationContext& context,
                                         const boost::json::object& arguments);

// Reading arguments; invalid when one is there with another type.
[[nodiscard]] Result<std::optional<std::string>> text_argument(
    const boost::json::object& arguments, const char* name);
[[nodiscard]] Result<std::vector<std::string>> list_argument(const boost::json::object& arguments,
                                                             const char* name);
[[nodiscard]] Result<std::vector<Time>> times_argument(const boost::json::object& arguments,
                                                       const char* name);

// One for each room of operations_*.cc.
Result<Json> import_files(const OperationContext& context, const boost::json::object& arguments);
Result<Json> write_features(const OperationContext& context, const boost::json::object& arguments);
Result<Json> lake_files(const OperationContext& context, const boost::json::object& arguments);
Result<Json> write_lake_ddl(const OperationContext& context, const boost::json::object& arguments);
Result<Json> write_snapshot_file(const OperationContext& context,
                                 const boost::json::object& arguments);
Result<Json> train_model(const OperationContext& context, const boost::json::object& arguments);
Result<Json> evaluate_model(const OperationContext& context, const boost::json::object& arguments);
Result<Json> train_table(const OperationContext& context, const boost::json::object& arguments);
Result<Json> draw_lapse_curve(const OperationContext& context,
                              const boost::json::object& arguments);
Result<Json> list_models(const OperationContext& context, const boost::json::object& arguments);
Result<Json> export_model(const OperationContext& context, const boost::json::object& arguments);
Result<Json> promote_model(const OperationContext& context, const boost::json::object& arguments);
Result<Json> roll_back_model(const OperationContext& context,
                             const boost::json::object& arguments);
Result<Json> score_file(const OperationContext& context, const boost::json::object& arguments);
Result<Json> predict_customer(const OperationContext& context,
                              const boost::json::object& arguments);
Result<Json> list_dead_letters(const OperationContext& context,
                               const boost::json::object& arguments);
Result<Json> show_dead_letter(const OperationContext& context,
                              const boost::json::object& arguments);
Result<Json> retry_dead_letter(const OperationContext& context,
                               const boost::json::object& arguments);
Result<Json> drop_dead_letter(const OperationContext& context,
                              const boost::json::object& arguments);
Result<Json> draw_reports(const OperationContext& context, const boost::json::object& arguments);
Result<Json> list_actions(const OperationContext& context, const boost::json::object& arguments);
Result<Json> change_actions(const OperationContext& context, const boost::json::object& arguments);
Result<Json> work_on_pilots(const OperationContext& context, const boost::json::object& arguments);
Result<Json> ask_question(const OperationContext& context, const boost::json::object& arguments);
Result<Json> list_keys(const OperationContext& context, const boost::json::object& arguments);
Result<Json> create_key(const OperationContext& context, const boost::json::object& arguments);
Result<Json> revoke_key(const OperationContext& context, const boost::json::object& arguments);
Result<Json> list_users(const OperationContext& context, const boost::json::object& arguments);
Result<Json> create_user(const OperationContext& context, const boost::json::object& arguments);
Result<Json> change_user(const OperationContext& context, const boost::json::object& arguments);
Result<Json> replay_state(const OperationContext& context, const boost::json::object& arguments);
Result<Json> verify_folder(const OperationContext& context, const boost::json::object& arguments);
Result<Json> pipeline_status(const OperationContext& context,
                             const boost::json::object& arguments);

}  // namespace tideline
