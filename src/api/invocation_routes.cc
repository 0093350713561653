// The model as a service: rows or a customer in, figures out: /invocations and /ping as model
// servers have them, /endpoints/{name}/invocations as SageMaker's runtime clients ask, and
// /api/v1/predict.
#include <simdjson.h>

#include "api/model_rows.h"
#include "api/prediction_json.h"
#include "api/resources.h"
#include "learning/train.h"
#include "pipeline/customer_scoring.h"
#include "scoring/tiers.h"

namespace tideline {
namespace {

constexpr const char* kCsv = "text/csv; charset=utf-8";

std::string csv_of(const Model& model, std::span<const std::optional<double>> figures) {
  std::string text;
  for (std::size_t i = 0; i < figures.size(); ++i) {
    if (figures[i]) text += json_number(*figures[i]);
    text += (i + 1) % model.task_count() == 0 ? '\n' : ',';
  }
  return text;
}

std::string json_of(const Pack& pack, const Model& model, const NumberRows& rows,
                    std::span<const std::optional<double>> figures) {
  const std::size_t tasks = model.task_count(), width = model.feature_count();
  JsonWriter json;
  json.begin_object().key("predictions").begin_array();
  for (std::size_t r = 0; r < rows.rows; ++r) {
    const auto own = figures.subspan(r * tasks, tasks);
    json.begin_object();
    for (std::size_t k = 0; k < tasks; ++k) json.member(model.manifest().tasks[k].name, own[k]);
    json.member_or_null("tier",
                        tier_of(pack, own, std::span(rows.values).subspan(r * width, width)).tier);
    json.end_object();
  }
  json.end_array().member("model_version", model.version());
  return json.end_object().take();
}

Result<http::Response> invoke(const Services& services, const http::Request& request) {
  TRY_ASSIGN(const auto model, model_in_production(services));
  const auto wanted = wanted_form(request);
  if (!wanted) {
    return http::problem_response(406, "not_acceptable",
                                  "the answer comes as text/csv or application/json");
  }
  if (request.body.empty())
    return fail(ErrorCode::invalid, "the body is empty; it holds rows of CSV or JSON", "bad_row");
  TRY_ASSIGN(const NumberRows rows, form_of(request) == RowForm::json
                                        ? parse_json_rows(request.body, *model)
                                        : parse_number_rows(request.body, model->feature_count()));
  const auto figures =
      model->score(rows.values, rows.rows, days_told_by(services.pack, rows.values));
  if (*wanted == RowForm::json)
    return http::json_response(json_of(*services.ruled_pack(), *model, rows, figures));
  return http::text_response(csv_of(*model, figures), kCsv);
}

// The kind of trouble in SageMaker's words, which its clients turn into exceptions.
const char* sagemaker_error(int status) {
  if (status == 503) return "ServiceUnavailable";
  return status >= 500 ? "InternalFailure" : "ValidationError";
}

http::Response invoke_endpoint(const Services& services, const http::Request& request) {
  const std::string name = model_name(services.pack), &asked = request.param("name");
  http::Response response;
  if (asked != name && asked != name + "-endpoint") {
    response = http::problem_response(404, "unknown_endpoint",
                                      "the endpoint is called " + name + "-endpoint");
  } else {
    auto answer = invoke(services, request);
    response = answer ? std::move(*answer) : problem_of(answer.error());
  }
  if (response.status >= 400) {
    response.headers.set("x-amzn-ErrorType", sagemaker_error(response.status));
  } else if (const auto model = services.rescorer.model()) {
    response.headers.set("x-Amzn-Invoked-Production-Variant", model->version());
  }
  return response;
}

struct PredictInput {
  std::optional<std::string> customer;
  std::optional<std::string> features;  // JSON text
};

Result<PredictInput> read_predict(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(body.data(), body.size()).get(document) != simdjson::SUCCESS)
    return fail(ErrorCode::invalid, "the body is not JSON", "malformed_json");
  PredictInput input;
  std::string_view id;
  simdjson::dom::element features;
  if (document.is_object()) {
    if (document["customer_id"].get_string().get(id) == simdjson::SUCCESS) input.customer = id;
    if (document["features"].get(features) == simdjson::SUCCESS)
      input.features = simdjson::minify(features);
  }
  if (input.customer.has_value() == input.features.has_value()) {
    return fail(ErrorCode::invalid,
                "the body holds either \"customer_id\" or \"features\", an object by their names",
                "bad_request");
  }
  return input;
}

Result<Prediction> predict_customer(const Services& services, const Model& model,
                                    const std::string& id) {
  TRY_ASSIGN(const auto bytes, services.state.get(Family::customers, id));
  if (!bytes) return fail(ErrorCode::not_found, "no such customer", "unknown_customer");
  TRY_ASSIGN(const CustomerState state, CustomerState::decode(services.pack, *bytes));
  return score_customer(*services.ruled_pack(), &model, CustomerId(id), state,
                        services.folder_now())
      .prediction;
}

Result<Prediction> predict_features(const Services& services, const Model& model,
                                    const std::string& json) {
  TRY_ASSIGN(const auto values, parse_json_features(json, model));
  return score_rows(*services.ruled_pack(), model, values, days_told_by(services.pack, values),
                    services.folder_now())
      .front();
}

Result<http::Response> predict(const Services& services, const http::Request& request) {
  TRY_ASSIGN(const PredictInput input, read_predict(request.body));
  TRY_ASSIGN(const auto model, model_in_production(services));
  TRY_ASSIGN(const Prediction p, input.customer
                                     ? predict_customer(services, *model, *input.customer)
                                     : predict_features(services, *model, *input.features));
  const ModelManifest& manifest = model->manifest();
  JsonWriter json;
  json.begin_object().member("success", true);
  if (input.customer) json.member("customer_id", *input.customer);
  json.key("predictions");
  write_figures(json, *model, p.figures);
  json.member_or_null("segment", p.tier).member_or_null("tier", p.tier);
  json.member("status", name_of(p.status));
  json.member_or_null("reason", p.status == ScoreStatus::scored ? "" : p.reason);
  json.member("model", manifest.name).member("version", manifest.version);
  json.member("model_version", manifest.model_version);
  json.member("features_as_of", p.features_as_of);
  json.key("definition").begin_object();
  for (const ModelTask& task : manifest.tasks) json.member(task.name, task.definition);
  json.end_object();
  write_as_of(json, services);
  return http::json_response(json.end_object().take());
}

http::Handler ping(Services& services) {
  return [&services](const http::Request&, http::Responder responder) {
    const auto model = services.rescorer.model();
    if (!model) return responder(problem_of(no_model(services)));
    JsonWriter json;
    json.begin_object().member("status", "ok").member("model_version", model->version());
    responder(http::json_response(json.end_object().take()));
  };
}

Endpoint described(const char* path, const char* name, const char* about) {
  Endpoint endpoint;
  endpoint.path = path;
  endpoint.name = name;
  endpoint.permission = Permission::read;
  endpoint.tag = "models";
  endpoint.about = about;
  return endpoint;
}

Endpoint taking_rows(const Services& services, const char* path, const char* name,
                     const char* about) {
  Endpoint endpoint = described(path, name, about);
  endpoint.method = http::Method::post;
  endpoint.body = {{"text/csv", R"({"type":"string"})"}, {"application/json", "#Instances"}};
  endpoint.answers = {{"text/csv", R"({"type":"string"})"},
                      {"application/json", "#InstancePredictions"}};
  endpoint.problems = {400, 406, 413, 503};
  endpoint.options.wire_bytes_max = services.body_bytes_max;
  return endpoint;
}

}  // namespace

void add_invocation_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint rows = taking_rows(
      services, "/invocations", "invoke_model",
      "Scores rows: one a line, the features in the pack's order, no header, an empty cell for a "
      "missing value; answers one line a row, the figures in the order of the tasks. Or the same "
      "as JSON");
  rows.handler = answering(
      services, [&services](const http::Request& request) { return invoke(services, request); });
  endpoints.push_back(std::move(rows));

  Endpoint endpoint = taking_rows(
      services, "/endpoints/{name}/invocations", "invoke_endpoint",
      "The same under the path that SageMaker's runtime clients use; the name is the pack's "
      "model_endpoint. Signatures are not looked at");
  endpoint.problems.insert(endpoint.problems.begin() + 1, 404);
  endpoint.handler =
      answering(services, [&services](const http::Request& request) -> Result<http::Response> {
        return invoke_endpoint(services, request);
      });
  endpoints.push_back(std::move(endpoint));

  Endpoint one = described("/api/v1/predict", "predict",
                           "The figures of one customer as of now, or of features by their names "
                           "(one that is absent is missing)");
  one.method = http::Method::post;
  one.body = {{"application/json", "#PredictRequest"}};
  one.answers = {{"application/json", "#PredictAnswer"}};
  one.problems = {400, 404, 413, 503};
  one.options.wire_bytes_max = services.body_bytes_max;
  one.handler = answering(
      services, [&services](const http::Request& request) { return predict(services, request); });
  endpoints.push_back(std::move(one));

  Endpoint alive = described("/ping", "ping_model",
                             "200 when a model is in production and answers /invocations");
  alive.permission = Permission::local;
  alive.answers = {{"application/json", "#Ping"}};
  alive.problems = {503};
  alive.handler = ping(services);
  endpoints.push_back(std::move(alive));
}

}  // namespace tideline
