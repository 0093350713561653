// Models: the versions of the folder, and the model in production as a service.
#include <limits>
#include <memory>

#include "api/csv.h"
#include "api/prediction_json.h"
#include "api/resources.h"

namespace tideline {
namespace {

Error no_model() {
  return {ErrorCode::unavailable,
          "no model is in production; train one with `tideline model train`", "no_model"};
}

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

struct ListModels {
  struct Input {};
  using Output = std::vector<ModelVersion>;
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request&) { return Input{}; }
  static Result<Output> handle(Services& services, const Input&) { return services.models.list(); }
  static http::Response answer(const Services& services, const Output& versions) {
    JsonWriter json;
    begin_list(json);
    for (const ModelVersion& version : versions) {
      json.begin_object().member("id", version.key.name + "-" + version.key.version);
      json.member("name", version.key.name).member("version", version.key.version);
      json.member("active", version.active).member_or_null("problem", version.problem);
      if (version.manifest) write_manifest(json, *version.manifest);
      json.end_object();
    }
    end_list(json, services, "");
    return http::json_response(json.take());
  }
};

Result<std::string> invoke(const Services& services, std::string_view body) {
  const auto model = services.rescorer.model();
  if (!model) return fail(no_model());
  if (body.empty())
    return fail(ErrorCode::invalid, "the body is empty; it holds rows of CSV", "bad_row");
  TRY_ASSIGN(const NumberRows rows, parse_number_rows(body, model->feature_count()));
  // A row alone does not tell when the customer was last seen.
  const std::vector<double> unknown(rows.rows, std::numeric_limits<double>::quiet_NaN());
  const auto figures = model->score(rows.values, rows.rows, unknown);
  std::string text;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    if (figures[i]) text += json_number(*figures[i]);
    text += (i + 1) % model->task_count() == 0 ? '\n' : ',';
  }
  return text;
}

http::Handler invocations(Services& services) {
  return [&services](http::Request request, http::Responder responder) {
    auto shared = std::make_shared<http::Responder>(std::move(responder));
    services.in_background([&services, shared, body = std::move(request.body)] {
      auto text = invoke(services, body);
      (*shared)(text ? http::text_response(std::move(*text), "text/csv; charset=utf-8")
                     : problem_of(text.error()));
    });
  };
}

http::Handler ping(Services& services) {
  return [&services](const http::Request&, http::Responder responder) {
    const auto model = services.rescorer.model();
    if (!model) return responder(problem_of(no_model()));
    JsonWriter json;
    json.begin_object().member("status", "ok").member("model_version", model->version());
    responder(http::json_response(json.end_object().take()));
  };
}

}  // namespace

void add_model_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint list;
  list.path = "/api/v1/models";
  list.name = "list_models";
  list.tag = "models";
  list.about = "The versions of this folder's model, oldest first; one is active";
  list.answers = {{"application/json", "#ModelList"}};
  list.problems = {400, 504};
  endpoints.push_back(reading<ListModels>(services, std::move(list)));

  Endpoint invoke_model;
  invoke_model.method = http::Method::post;
  invoke_model.path = "/invocations";
  invoke_model.name = "invoke_model";
  invoke_model.tag = "models";
  invoke_model.about =
      "Scores rows: one a line, the features in the pack's order, no header, an empty cell for a "
      "missing value; answers one line a row, the figures in the order of the tasks";
  invoke_model.body = {{"text/csv", R"({"type":"string"})"}};
  invoke_model.answers = {{"text/csv", R"({"type":"string"})"}};
  invoke_model.problems = {400, 413, 503};
  invoke_model.options.wire_bytes_max = services.body_bytes_max;
  invoke_model.handler = invocations(services);
  endpoints.push_back(std::move(invoke_model));

  Endpoint alive;
  alive.path = "/ping";
  alive.name = "ping_model";
  alive.tag = "models";
  alive.about = "200 when a model is in production and answers /invocations";
  alive.answers = {{"application/json", "#Ping"}};
  alive.problems = {503};
  alive.handler = ping(services);
  endpoints.push_back(std::move(alive));
}

}  // namespace tideline
