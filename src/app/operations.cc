#include "app/operations.h"

#include <boost/json/array.hpp>

namespace tideline {

const std::vector<Operation>& operations() {
  static const std::vector<Operation> kOperations = {
      {"import", import_files},
      {"features", write_features},
      {"files", lake_files},
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
      {"actions", list_actions},
      {"change_actions", change_actions},
      {"keys", list_keys},
      {"create_key", create_key},
      {"revoke_key", revoke_key},
      {"replay", replay_state},
      {"verify", verify_folder},
      {"status", pipeline_status},
  };
  return kOperations;
}

Result<Json> run_operation(const std::string& name, const OperationContext& context,
                           const boost::json::object& arguments) {
  for (const Operation& operation : operations()) {
    if (name == operation.name) return operation.run(context, arguments);
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
