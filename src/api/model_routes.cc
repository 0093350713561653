// The versions of the folder's model: the list, and how well one of them does.
#include <algorithm>
#include <boost/json.hpp>

#include "api/cursor.h"
#include "api/model_rows.h"
#include "api/prediction_json.h"
#include "api/resources.h"
#include "api/writing.h"

namespace tideline {
namespace {

constexpr const char* kModelsList = "models";

void write_manifest(JsonWriter& json, const ModelManifest& manifest) {
  json.member("model_version", manifest.model_version).member("pack", manifest.pack);
  json.member("program_version", manifest.program_version);
  json.member("feature_count", manifest.features.size());
  json.member("feature_hash", manifest.feature_hash.hex());
  json.member("training_rows", manifest.training_rows);
  json.member("training_from", manifest.training_from);
  json.member("training_to", manifest.training_to);
  json.member("known_until", manifest.known_until);
  json.member("data_hash", manifest.data_hash.hex()).member("seed", manifest.seed);
  json.key("tasks").begin_array();
  for (const ModelTask& task : manifest.tasks) {
    json.begin_object().member("task", task.name);
    json.member("kind", task.kind == TaskKind::probability ? "probability" : "number");
    json.member("champion", name_of(task.champion, task.kind));
    json.member("definition", task.definition).end_object();
  }
  json.end_array();
}

// One part of what is known of a model in service; null while there is nothing.
void write_part(JsonWriter& json, const boost::json::object& report, const char* part) {
  json.key(part);
  const boost::json::value* known = report.if_contains(part);
  if (known == nullptr) {
    json.null();
  } else {
    json.raw(boost::json::serialize(*known));
  }
}

// Of drift only the verdict and the alarms: the list of models stays short.
void write_drift_verdict(JsonWriter& json, const boost::json::object& report) {
  json.key("drift");
  const boost::json::value* known = report.if_contains("drift");
  if (known == nullptr || !known->is_object()) {
    json.null();
    return;
  }
  json.begin_object();
  for (const char* name : {"as_of", "rows", "verdict", "alarms"}) {
    if (const auto* value = known->get_object().if_contains(name))
      json.key(name).raw(boost::json::serialize(*value));
  }
  json.end_object();
}

boost::json::object report_of(const Services& services, const ModelVersion& version) {
  return services.model_watch == nullptr ? boost::json::object()
                                         : services.model_watch->report(name_of(version.key));
}

struct ListModels {
  struct Input {
    std::size_t limit = kLimitDefault;
    std::string after;  // the last one of the page before; empty: the first page
  };
  struct Output {
    std::vector<ModelVersion> versions;
    ModelRoles roles;
    std::string next_cursor;
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    Input input;
    TRY_ASSIGN(input.limit, limit_of(request.query));
    if (const std::string cursor = text_of(request.query, "cursor"); !cursor.empty()) {
      TRY_ASSIGN(input.after, read_cursor(kModelsList, cursor));
    }
    return input;
  }
  // There are few of them: a page is cut from all.
  static Result<Output> handle(Services& services, const Input& input) {
    Output output;
    TRY_ASSIGN(output.versions, services.models.list());
    TRY_ASSIGN(output.roles, services.models.roles());
    auto& rows = output.versions;
    const auto last = std::find_if(rows.begin(), rows.end(), [&](const ModelVersion& version) {
      return name_of(version.key) == input.after;
    });
    if (last != rows.end()) rows.erase(rows.begin(), last + 1);
    if (rows.size() <= input.limit) return output;
    rows.erase(rows.begin() + std::ptrdiff_t(input.limit), rows.end());
    output.next_cursor = make_cursor(kModelsList, name_of(rows.back().key));
    return output;
  }
  static http::Response answer(const Services& services, const Output& output) {
    const auto& earlier = output.roles.earlier;
    JsonWriter json;
    begin_list(json);
    for (const ModelVersion& version : output.versions) {
      json.begin_object().member("id", name_of(version.key));
      json.member("name", version.key.name).member("version", version.key.version);
      json.member("active", version.active).member("shadow", version.shadow);
      json.member("previous", !earlier.empty() && earlier.back() == version.key);
      json.member_or_null("problem", version.problem);
      if (version.manifest) write_manifest(json, *version.manifest);
      const auto report = report_of(services, version);
      write_drift_verdict(json, report);
      write_part(json, report, "realised");
      json.end_object();
    }
    end_list(json, services, output.next_cursor);
    return http::json_response(json.take());
  }
};

struct ShowEvaluation {
  using Input = std::string;  // "marketplace-health-v1", or "v1"
  struct Output {
    ModelVersion version;
    ModelManifest manifest;
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    return request.param("id");
  }
  static Result<Output> handle(Services& services, const Input& id) {
    TRY_ASSIGN(const ModelKey key, services.models.find(id));
    TRY_ASSIGN(const ModelRoles roles, services.models.roles());
    TRY_ASSIGN(auto manifest, services.models.manifest_of(key));
    return Output{{key, std::nullopt, "", roles.active == key, roles.shadow == key},
                  std::move(manifest)};
  }
  static http::Response answer(const Services& services, const Output& output) {
    JsonWriter json;
    json.begin_object().member("id", name_of(output.version.key));
    json.member("active", output.version.active).member("shadow", output.version.shadow);
    write_manifest(json, output.manifest);
    json.key("evaluation").raw(output.manifest.evaluation);
    const auto report = report_of(services, output.version);
    for (const char* part : {"realised", "drift", "comparison"}) write_part(json, report, part);
    write_as_of(json, services);
    return http::json_response(json.end_object().take());
  }
};

// ---- Which version does what

// The version that the caller saw in production; another one by now is a conflict.
Status check_seen(Services& services, const boost::json::object& body) {
  const auto* seen = body.if_contains("based_on");
  if (seen == nullptr) return {};
  TRY_ASSIGN(const auto active, services.models.active());
  const std::string now = active ? name_of(*active) : "";
  if (seen->is_null() ? now.empty() : seen->is_string() && seen->get_string() == now) return {};
  return fail(ErrorCode::conflict,
              now.empty() ? "no version is in production" : now + " is in production by now",
              "version_conflict");
}

Result<bool> of_shadow(const boost::json::object& body) {
  const auto* shadow = body.if_contains("shadow");
  if (shadow == nullptr) return false;
  if (shadow->is_bool()) return shadow->get_bool();
  return fail(ErrorCode::invalid, "shadow is true or false", "bad_parameter");
}

// What cannot be done now, as rolling back without a version before, is no lack of rights: 409.
Status told_as_conflict(Status done) {
  if (!done && done.error().code == ErrorCode::refused) done.error().code = ErrorCode::conflict;
  return done;
}

// The model is in use before the answer leaves; everybody is scored by it next.
Result<http::Response> roles_response(Services& services) {
  if (services.model_changed) services.model_changed();
  TRY_ASSIGN(const ModelRoles roles, services.models.roles());
  const auto named = [](const std::optional<ModelKey>& key) {
    return key ? name_of(*key) : std::string();
  };
  JsonWriter json;
  json.begin_object().member_or_null("active", named(roles.active));
  json.member_or_null("shadow", named(roles.shadow));
  json.member_or_null("previous", roles.earlier.empty() ? "" : name_of(roles.earlier.back()));
  return http::json_response(json.end_object().take());
}

Result<http::Response> promote_model(Services& services, const http::Request& request) {
  TRY_ASSIGN(const auto body, object_of(request.body, {"shadow", "based_on"}));
  TRY_ASSIGN(const bool shadow, of_shadow(body));
  TRY_ASSIGN(const ModelKey key, services.models.find(request.param("id")));
  TRY(check_seen(services, body));
  const Status done = shadow ? services.models.begin_shadow(key) : services.models.promote(key);
  services.audit(request.caller, shadow ? "begin_shadow" : "promote_model", name_of(key), done);
  TRY(told_as_conflict(done));
  return roles_response(services);
}

Result<http::Response> roll_back_model(Services& services, const http::Request& request) {
  TRY_ASSIGN(const auto body, object_of(request.body, {"shadow", "based_on"}));
  TRY_ASSIGN(const bool shadow, of_shadow(body));
  TRY(check_seen(services, body));
  Status done;
  std::string target;
  if (shadow) {
    done = services.models.end_shadow();
  } else {
    const auto key = services.models.roll_back();
    if (key) target = name_of(*key);
    if (!key) done = fail(key.error());
  }
  services.audit(request.caller, shadow ? "end_shadow" : "roll_back_model", target, done);
  TRY(told_as_conflict(done));
  return roles_response(services);
}

void add_writes(Endpoints& endpoints, Services& services) {
  Endpoint write;
  write.method = http::Method::post;
  write.permission = Permission::operate;
  write.tag = "models";
  write.options.wire_bytes_max = services.body_bytes_max;
  write.body = {{"application/json", "#ModelChange"}};
  write.answers = {{"application/json", "#ModelRoles"}};
  write.problems = {400, 404, 409, 413, 500, 503, 507};

  write.path = "/api/v1/models/{id}/promote";
  write.name = "promote_model";
  write.about =
      "Puts a version into production, or with shadow into the shadow, once it is known to score "
      "here; everybody is scored by it next";
  write.handler = writing(services, promote_model);
  endpoints.push_back(write);

  write.path = "/api/v1/models/rollback";
  write.name = "roll_back_model";
  write.about =
      "Back to the version that was in production before; with shadow: ends the shadow run";
  write.handler = writing(services, roll_back_model);
  endpoints.push_back(std::move(write));
}

}  // namespace

void add_model_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint list;
  list.path = "/api/v1/models";
  list.name = "list_models";
  list.tag = "models";
  list.about =
      "The versions of this folder's model, oldest first; one is active. Realised metrics and "
      "drift where the version was in service";
  list.query = {limit_parameter(), cursor_parameter()};
  list.answers = {{"application/json", "#ModelList"}};
  list.problems = {400, 504};
  endpoints.push_back(reading<ListModels>(services, std::move(list)));

  Endpoint evaluation;
  evaluation.path = "/api/v1/models/{id}/evaluation";
  evaluation.name = "show_model_evaluation";
  evaluation.tag = "models";
  evaluation.about =
      "How well a version did: on rows that it was not trained on, in service once labels "
      "matured, whether customers drifted from what it was trained on, and beside which model it "
      "ran";
  evaluation.answers = {{"application/json", "#ModelEvaluation"}};
  evaluation.problems = {400, 404, 504};
  endpoints.push_back(reading<ShowEvaluation>(services, std::move(evaluation)));

  add_writes(endpoints, services);
  add_invocation_endpoints(endpoints, services);
  add_inference_endpoints(endpoints, services);
}

}  // namespace tideline
