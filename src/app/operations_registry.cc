// models, promote, rollback: the versions of the model, which one is in production, and which one
// in its shadow.
#include <boost/json.hpp>

#include "app/operations.h"

namespace tideline {
namespace {

Status check_moving(const Engine& engine) {
  if (!engine.as_of()) return {};
  return fail(ErrorCode::refused,
              "time stands still in this server; change the model in the folder itself");
}

// The model is in use before the answer leaves; a server shows its figures from the next tick on.
Result<Json> take_over(Engine& engine) {
  engine.load_model();
  engine.rescore_soon();
  TRY_ASSIGN(const ModelRoles roles, engine.models().roles());
  const auto named = [](const std::optional<ModelKey>& key) {
    return key ? Json(name_of(*key)) : Json(nullptr);
  };
  return boost::json::object{{"active", named(roles.active)}, {"shadow", named(roles.shadow)}};
}

Result<bool> shadow_argument(const boost::json::object& arguments) {
  const Json* value = arguments.if_contains("shadow");
  if (value == nullptr || value->is_null()) return false;
  if (!value->is_bool())
    return fail(ErrorCode::invalid, "shadow is neither true nor false", "bad_argument");
  return value->get_bool();
}

}  // namespace

Result<Json> list_models(const OperationContext& context, const boost::json::object&) {
  Engine& engine = context.engine;
  TRY_ASSIGN(const auto versions, engine.models().list());
  boost::json::array list;
  for (const ModelVersion& version : versions) {
    boost::json::object entry{{"name", version.key.name},
                              {"version", version.key.version},
                              {"active", version.active},
                              {"shadow", version.shadow}};
    if (version.manifest) {
      boost::system::error_code error;
      entry["manifest"] = boost::json::parse(to_json(*version.manifest), error);
    } else {
      entry["problem"] = version.problem;
    }
    const auto report = engine.watch().report(name_of(version.key));
    for (const auto& [part, content] : report) entry[part] = content;
    list.push_back(std::move(entry));
  }
  return Json(boost::json::object{{"models", std::move(list)}});
}

Result<Json> promote_model(const OperationContext& context, const boost::json::object& arguments) {
  Engine& engine = context.engine;
  TRY(check_moving(engine));
  TRY_ASSIGN(const auto version, text_argument(arguments, "version"));
  TRY_ASSIGN(const bool shadow, shadow_argument(arguments));
  if (!version) return fail(ErrorCode::invalid, "no version was named", "bad_argument");
  TRY_ASSIGN(const ModelKey key, engine.models().find(*version));
  if (shadow) {
    TRY(engine.models().begin_shadow(key));
  } else {
    TRY(engine.models().promote(key));
  }
  return take_over(engine);
}

Result<Json> roll_back_model(const OperationContext& context,
                             const boost::json::object& arguments) {
  Engine& engine = context.engine;
  TRY(check_moving(engine));
  TRY_ASSIGN(const bool shadow, shadow_argument(arguments));
  if (shadow) {
    TRY(engine.models().end_shadow());
  } else {
    TRY(engine.models().roll_back());
  }
  return take_over(engine);
}

}  // namespace tideline
