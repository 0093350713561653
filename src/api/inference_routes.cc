// The Open Inference Protocol (version 2, JSON tensors) over the folder's models: /v2.
//
// A model takes one tensor "features" of shape [rows, features], or one tensor [rows] or [rows, 1]
// a feature, by its name; it answers one tensor [rows] a task. What JSON has no number for is
// null: a missing value going in, a missing figure coming out.
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "api/model_rows.h"
#include "api/resources.h"
#include "learning/train.h"
#include "packs/spelling.h"
#include "pipeline/customer_scoring.h"

namespace tideline {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kValuesMax = 8'000'000;  // of one request; far above what a body holds

tl::unexpected<Error> bad_tensor(const std::string& what) {
  return fail(ErrorCode::invalid, what, "bad_tensor");
}

// The model that {name} and {version} of the path mean: the one in production, or a version.
Result<std::shared_ptr<const Model>> model_of(const Services& services,
                                              const http::Request& request) {
  const std::string name = model_name(services.pack);
  if (request.param("name") != name) {
    return fail(ErrorCode::not_found,
                "no model " + request.param("name") + "; this folder's is " + name,
                "unknown_model");
  }
  const auto active = services.rescorer.model();
  for (const auto& [key, version] : request.params) {
    if (key != "version") continue;
    if (active && active->manifest().version == version) return active;
    return services.models.load({name, version});
  }
  if (!active) return fail(no_model(services));
  return active;
}

struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<double> values;
};

Status read_values(simdjson::dom::array data, std::vector<double>& values, int depth = 0) {
  for (const simdjson::dom::element element : data) {
    simdjson::dom::array nested;
    if (depth < 2 && element.get_array().get(nested) == simdjson::SUCCESS) {
      TRY(read_values(nested, values, depth + 1));
      continue;
    }
    double number = kMissing;
    const bool is_number = element.is_number() &&
                           element.get_double().get(number) == simdjson::SUCCESS &&
                           std::isfinite(number);
    if (!is_number && !element.is_null())
      return bad_tensor("a value of a tensor is neither a number nor null");
    if (values.size() == kValuesMax) return bad_tensor("the tensors are too large");
    values.push_back(number);
  }
  return {};
}

Result<Tensor> read_tensor(simdjson::dom::element input) {
  Tensor tensor;
  std::string_view name, type;
  simdjson::dom::array shape, data;
  const bool whole = input["name"].get_string().get(name) == simdjson::SUCCESS &&
                     input["datatype"].get_string().get(type) == simdjson::SUCCESS &&
                     input["shape"].get_array().get(shape) == simdjson::SUCCESS &&
                     input["data"].get_array().get(data) == simdjson::SUCCESS;
  if (!whole) return bad_tensor("an input has name, datatype, shape and data");
  static constexpr std::string_view kTypes[] = {"FP64",   "FP32",   "FP16",  "INT8",
                                                "INT16",  "INT32",  "INT64", "UINT8",
                                                "UINT16", "UINT32", "UINT64"};
  if (std::find(std::begin(kTypes), std::end(kTypes), type) == std::end(kTypes))
    return bad_tensor("the datatype of \"" + std::string(name) + "\" is no number's");
  tensor.name = name;
  std::uint64_t size = 1;
  for (const simdjson::dom::element extent : shape) {
    std::uint64_t length = 0;
    if (extent.get_uint64().get(length) != simdjson::SUCCESS || length > kValuesMax)
      return bad_tensor("the shape of \"" + tensor.name + "\" does not stand");
    tensor.shape.push_back(static_cast<std::int64_t>(length));
    size = std::min<std::uint64_t>(size * length, kValuesMax + 1);
  }
  TRY(read_values(data, tensor.values));
  if (tensor.values.size() != size || tensor.shape.empty()) {
    return bad_tensor("\"" + tensor.name + "\" holds " + std::to_string(tensor.values.size()) +
                      " values; its shape says otherwise");
  }
  return tensor;
}

struct InferInput {
  std::string id;
  std::vector<Tensor> tensors;
  std::vector<std::string> outputs;  // asked for; none: all
};

Result<InferInput> read_infer(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(body.data(), body.size()).get(document) != simdjson::SUCCESS)
    return fail(ErrorCode::invalid, "the body is not JSON", "malformed_json");
  InferInput input;
  simdjson::dom::array inputs, outputs;
  if (!document.is_object() || document["inputs"].get_array().get(inputs) != simdjson::SUCCESS)
    return bad_tensor("the body has no \"inputs\"");
  std::string_view id;
  if (document["id"].get_string().get(id) == simdjson::SUCCESS) input.id = id;
  for (const simdjson::dom::element tensor : inputs) {
    TRY_ASSIGN(auto read, read_tensor(tensor));
    input.tensors.push_back(std::move(read));
  }
  if (document["outputs"].get_array().get(outputs) == simdjson::SUCCESS) {
    for (const simdjson::dom::element output : outputs) {
      std::string_view name;
      if (output["name"].get_string().get(name) != simdjson::SUCCESS)
        return bad_tensor("an output has a name");
      input.outputs.emplace_back(name);
    }
  }
  return input;
}

// All features in one tensor, or one tensor a feature.
Result<NumberRows> rows_of(const std::vector<Tensor>& tensors, const Model& model) {
  const std::vector<std::string>& names = model.manifest().features;
  NumberRows rows;
  const bool whole = tensors.size() == 1 && tensors.front().name == "features";
  if (tensors.empty()) return bad_tensor("there are no inputs");
  rows.rows = static_cast<std::size_t>(tensors.front().shape.front());
  if (rows.rows == 0) return bad_tensor("there are no rows");
  if (whole) {
    const Tensor& tensor = tensors.front();
    const auto width = static_cast<std::int64_t>(names.size());
    if (tensor.shape.size() != 2 || tensor.shape[1] != width)
      return bad_tensor("\"features\" has the shape [rows, " + std::to_string(width) + "]");
    rows.values = tensor.values;
    return rows;
  }
  if (rows.rows * names.size() > kValuesMax) return bad_tensor("the tensors are too large");
  rows.values.assign(rows.rows * names.size(), kMissing);
  for (const Tensor& tensor : tensors) {
    const auto found = std::find(names.begin(), names.end(), tensor.name);
    if (found == names.end()) {
      return bad_tensor("\"" + tensor.name + "\" is no feature of " + model.version() +
                        did_you_mean(tensor.name, names));
    }
    if (tensor.values.size() != rows.rows)
      return bad_tensor("the inputs are of different numbers of rows");
    const auto column = static_cast<std::size_t>(found - names.begin());
    for (std::size_t r = 0; r < rows.rows; ++r)
      rows.values[r * names.size() + column] = tensor.values[r];
  }
  return rows;
}

Result<http::Response> infer(const Services& services, const http::Request& request) {
  TRY_ASSIGN(const auto model, model_of(services, request));
  TRY_ASSIGN(const InferInput input, read_infer(request.body));
  TRY_ASSIGN(const NumberRows rows, rows_of(input.tensors, *model));
  std::vector<std::string> tasks;
  for (const ModelTask& task : model->manifest().tasks) tasks.push_back(task.name);
  for (const std::string& output : input.outputs) {
    if (std::find(tasks.begin(), tasks.end(), output) == tasks.end())
      return bad_tensor("there is no output \"" + output + "\"" + did_you_mean(output, tasks));
  }
  const auto figures =
      model->score(rows.values, rows.rows, days_told_by(services.pack, rows.values));
  JsonWriter json;
  json.begin_object().member("model_name", model->manifest().name);
  json.member("model_version", model->manifest().version);
  if (!input.id.empty()) json.member("id", input.id);
  json.key("outputs").begin_array();
  const std::vector<std::string>& wanted = input.outputs.empty() ? tasks : input.outputs;
  for (const std::string& name : wanted) {
    const auto k =
        static_cast<std::size_t>(std::find(tasks.begin(), tasks.end(), name) - tasks.begin());
    json.begin_object().member("name", name).key("shape").begin_array().value(rows.rows);
    json.end_array().member("datatype", "FP64").key("data").begin_array();
    for (std::size_t r = 0; r < rows.rows; ++r) json.value(figures[r * tasks.size() + k]);
    json.end_array().end_object();
  }
  return http::json_response(json.end_array().end_object().take());
}

void write_tensor(JsonWriter& json, const std::string& name,
                  const std::vector<std::int64_t>& shape) {
  json.begin_object().member("name", name).member("datatype", "FP64").key("shape").begin_array();
  for (const std::int64_t extent : shape) json.value(extent);
  json.end_array().end_object();
}

Result<http::Response> describe(const Services& services, const http::Request& request) {
  TRY_ASSIGN(const auto model, model_of(services, request));
  const ModelManifest& manifest = model->manifest();
  TRY_ASSIGN(const auto versions, services.models.list());
  JsonWriter json;
  json.begin_object().member("name", manifest.name).key("versions").begin_array();
  for (const ModelVersion& version : versions) {
    if (version.key.name == manifest.name && version.problem.empty())
      json.value(version.key.version);
  }
  json.end_array().member("platform", "tideline").key("inputs").begin_array();
  write_tensor(json, "features", {-1, static_cast<std::int64_t>(manifest.features.size())});
  json.end_array().key("outputs").begin_array();
  for (const ModelTask& task : manifest.tasks) write_tensor(json, task.name, {-1});
  json.end_array().key("parameters").begin_object().key("features").begin_array();
  for (const std::string& feature : manifest.features) json.value(feature);
  json.end_array().end_object();
  return http::json_response(json.end_object().take());
}

http::Response ready_answer(const char* name, bool ready) {
  JsonWriter json;
  json.begin_object().member(name, ready);
  http::Response response = http::json_response(json.end_object().take(), ready ? 200 : 503);
  if (!ready) response.headers.set("Retry-After", "5");
  return response;
}

Endpoint described(std::string path, const char* name, const char* about, const char* schema) {
  Endpoint endpoint;
  endpoint.path = std::move(path);
  endpoint.name = name;
  endpoint.permission = Permission::read;
  endpoint.tag = "inference";
  endpoint.about = about;
  endpoint.answers = {{"application/json", schema}};
  return endpoint;
}

// The three routes of a model, with or without a version in the path.
void add_model_routes(Endpoints& endpoints, Services& services, const std::string& path,
                      const std::string& of) {
  const auto named = [&](const char* what) { return what + of; };
  const std::string show = named("show_inference_model"), ready = named("show_model_readiness"),
                    score = named("infer");
  Endpoint metadata =
      described(path, show.c_str(), "What the model takes and answers", "#InferenceModel");
  metadata.problems = {404, 503};
  metadata.handler = answering(
      services, [&services](const http::Request& request) { return describe(services, request); });
  endpoints.push_back(std::move(metadata));

  Endpoint alive =
      described(path + "/ready", ready.c_str(), "200 when the model can score", "#InferenceReady");
  alive.problems = {404, 503};
  alive.handler =
      answering(services, [&services](const http::Request& request) -> Result<http::Response> {
        TRY(model_of(services, request));
        return ready_answer("ready", true);
      });
  endpoints.push_back(std::move(alive));

  Endpoint infers = described(path + "/infer", score.c_str(),
                              "Scores tensors: \"features\" [rows, features], or one tensor a "
                              "feature; null is missing",
                              "#InferenceAnswer");
  infers.method = http::Method::post;
  infers.body = {{"application/json", "#InferenceRequest"}};
  infers.problems = {400, 404, 413, 503};
  infers.options.wire_bytes_max = services.body_bytes_max;
  infers.handler = answering(
      services, [&services](const http::Request& request) { return infer(services, request); });
  endpoints.push_back(std::move(infers));
}

}  // namespace

void add_inference_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint server =
      described("/v2", "show_inference_server",
                "This server, to clients of the Open Inference Protocol", "#InferenceServer");
  server.handler = [&services](const http::Request&, http::Responder responder) {
    JsonWriter json;
    json.begin_object().member("name", "tideline").member("version", services.program_version);
    json.key("extensions").begin_array().end_array();
    responder(http::json_response(json.end_object().take()));
  };
  endpoints.push_back(std::move(server));

  Endpoint live = described("/v2/health/live", "show_inference_liveness",
                            "200 as long as the program runs", "#InferenceLive");
  live.permission = Permission::local;
  live.handler = [](const http::Request&, http::Responder responder) {
    responder(ready_answer("live", true));
  };
  endpoints.push_back(std::move(live));

  Endpoint ready = described("/v2/health/ready", "show_inference_readiness",
                             "200 when a model is in production", "#InferenceReady");
  ready.permission = Permission::local;
  ready.problems = {503};
  ready.handler = [&services](const http::Request&, http::Responder responder) {
    responder(ready_answer("ready", services.rescorer.model() != nullptr));
  };
  endpoints.push_back(std::move(ready));

  add_model_routes(endpoints, services, "/v2/models/{name}", "");
  add_model_routes(endpoints, services, "/v2/models/{name}/versions/{version}", "_version");
}

}  // namespace tideline
