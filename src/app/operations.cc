#include "app/operations.h"

#include <boost/json/array.hpp>

namespace tideline {
namespace {

// What commands change beside keys and users, which note themselves.
constexpr struct {
  const char* operation;
  const char* what;
  const char* target;  // the argument that names it; empty: there is none
} kNoted[] = {
    {"promote", "promote_model", "version"}, {"rollback", "roll_back_model", ""},
    {"retry", "retry_dead_letter", "id"},    {"drop", "drop_dead_letter", "id"},
    {"export", "export_model", "version"},   {"replay", "replay", ""},
};

void note_in_audit_log(const std::string& name, Engine& engine,
                       const boost::json::object& arguments, const Result<Json>& result) {
  for (const auto& noted : kNoted) {
    if (name != noted.operation) continue;
    const auto target = text_argument(arguments, noted.target);
    engine.access().note(kCommandCaller, noted.what, target ? target->value_or("") : std::string(),
                         result ? Status() : Status(fail(result.error())));
  }
}

}  // namespace

const std::vector<Operation>& operations() {
  static const std::vector<Operation> kOperations = {
      {"import", import_files},
      {"features", write_features},
      {"files", lake_files},
      {"lake_ddl", write_lake_ddl},
      {"snapshot", write_snapshot_file},
      {"report", draw_reports},
      {"train", train_model},
      {"train_table", train_table},
      {"evaluate", evaluate_model},
      {"models", list_models},
      {"lapse", draw_lapse_curve},
      {"export", export_model},
      {"promote", promote_model},
      {"rollback", roll_back_model},
      {"score", score_file},
      {"predict", predict_customer},
      {"deadletters", list_dead_letters},
      {"deadletter", show_dead_letter},
      {"retry", retry_dead_letter},
      {"drop", drop_dead_letter},
      {"ask", ask_question},
      {"actions", list_actions},
      {"change_actions", change_actions},
      {"pilots", work_on_pilots},
      {"keys", list_keys},
      {"create_key", create_key},
      {"revoke_key", revoke_key},
      {"users", list_users},
      {"create_user", create_user},
      {"change_user", change_user},
      {"replay", replay_state},
      {"verify", verify_folder},
      {"status", pipeline_status},
  };
  return kOperations;
}

Result<Json> run_operation(const std::string& name, const OperationContext& context,
                           const boost::json::object& arguments) {
  for (const Operation& operation : operations()) {
    if (name != operation.name) continue;
    auto result = operation.run(context, arguments);
    note_in_audit_log(name, context.engine, arguments, result);
    return result;
  }
  return fail(ErrorCode::not_found, "no operation " + name, "no_operation");
}

Result<std::optional<std::string>> text_argument(const boost::json::object& arguments,
                                                 const char* name) {
  const Json* value = arguments.if_contains(name);
  if (!value || value->is_null()) return std::optional<std::string>();
  if (!value->is_string())
    return fail(ErrorCode::invalid, std::string(name) + " is not a text", "bad_argument");
  return std::optional(std::string(value->get_string()));
}

Result<std::vector<std::string>> list_argument(const boost::json::object& arguments,
                                               const char* name) {
  std::vector<std::string> list;
  const Json* value = arguments.if_contains(name);
  if (!value || value->is_null()) return list;
  if (!value->is_array())
    return fail(ErrorCode::invalid, std::string(name) + " is not a list", "bad_argument");
  for (const Json& element : value->get_array()) {
    if (!element.is_string())
      return fail(ErrorCode::invalid, std::string(name) + " holds no texts", "bad_argument");
    list.emplace_back(element.get_string());
  }
  return list;
}

Result<std::vector<Time>> times_argument(const boost::json::object& arguments, const char* name) {
  TRY_ASSIGN(const auto texts, list_argument(arguments, name));
  std::vector<Time> times;
  for (const std::string& text : texts) {
    const auto time = parse_time(text);
    if (!time) return fail(ErrorCode::invalid, "no RFC 3339 time: " + text, "bad_time");
    times.push_back(*time);
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

}  // namespace tideline
