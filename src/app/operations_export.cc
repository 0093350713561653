// export: a model version as an ONNX file.
#include <filesystem>
#include <fstream>

#include "app/operations.h"
#include "scoring/onnx_model.h"

namespace tideline {

Result<Json> export_model(const OperationContext& context, const boost::json::object& arguments) {
  Engine& engine = context.engine;
  TRY_ASSIGN(const auto version, text_argument(arguments, "version"));
  TRY_ASSIGN(const auto out, text_argument(arguments, "out"));
  if (!out) return fail(ErrorCode::invalid, "--out names the file to write", "bad_argument");
  std::optional<ModelKey> key;
  if (version) {
    TRY_ASSIGN(key, engine.models().find(*version));
  } else {
    TRY_ASSIGN(const ModelRoles roles, engine.models().roles());
    key = roles.active;
  }
  if (!key) return fail(ErrorCode::not_found, "no model yet; `model train` makes one", "no_model");
  TRY_ASSIGN(const auto model, engine.models().load(*key));
  TRY_ASSIGN(const std::string bytes, to_onnx(*model));
  std::ofstream file(*out, std::ios::binary | std::ios::trunc);
  file << bytes;
  file.close();
  if (!file) return fail(ErrorCode::io_failed, "cannot write " + *out);
  boost::json::object champions;
  boost::json::array others;
  for (const ModelTask& task : model->manifest().tasks) {
    champions[task.name] = std::string(name_of(task.champion, task.kind));
    if (task.champion != Champion::network) others.push_back(boost::json::string(task.name));
  }
  return Json(boost::json::object{{"model_version", model->version()},
                                  {"file", *out},
                                  {"bytes", bytes.size()},
                                  {"champions", std::move(champions)},
                                  {"not_the_champion", std::move(others)}});
}

}  // namespace tideline
