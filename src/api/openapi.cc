#include "api/openapi.h"

#include <algorithm>
#include <set>

#include "api/access_gate.h"
#include "api/idempotency.h"
#include "api/json_writer.h"
#include "api/openapi_schemas.h"

namespace tideline {
namespace {

std::string lower_name(http::Method method) {
  std::string name(http::name_of(method));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return static_cast<char>(c - 'A' + 'a'); });
  return name;
}

void write_schema(JsonWriter& json, const std::string& schema) {
  json.key("schema");
  if (!schema.starts_with('#')) {
    json.raw(schema);
    return;
  }
  json.begin_object().member("$ref", "#/components/schemas/" + schema.substr(1)).end_object();
}

void write_contents(JsonWriter& json, const std::vector<Content>& contents) {
  json.key("content").begin_object();
  for (const Content& content : contents) {
    json.key(content.type).begin_object();
    write_schema(json, content.schema);
    json.end_object();
  }
  json.end_object();
}

void write_parameter(JsonWriter& json, const char* place, const Parameter& parameter) {
  json.begin_object().member("name", parameter.name).member("in", place);
  json.member("required", parameter.required).member("description", parameter.about);
  json.key("schema").raw(parameter.schema).end_object();
}

// The {names} of a path.
std::vector<Parameter> path_parameters(const std::string& path) {
  std::vector<Parameter> parameters;
  for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at)) {
    const std::size_t end = path.find('}', at);
    parameters.push_back({path.substr(at + 1, end - at - 1), "Percent-encoded, any bytes"});
    parameters.back().required = true;
    at = end;
  }
  return parameters;
}

// Who may call it: the permission by its name, and what shows that one has it.
void write_access(JsonWriter& json, Permission permission) {
  json.member("x-permission", name_of(permission));
  json.key("security").begin_array();
  const auto scheme = [&](const char* name) {
    json.begin_object().key(name).begin_array().end_array().end_object();
  };
  const bool ingest = permission == Permission::ingest;
  if (permission != Permission::open) {
    scheme("basic");
    scheme("bearer");
    if (!ingest) scheme("session");
    // A key in the body or the address; a caller on this machine.
    if (ingest || permission == Permission::local) json.begin_object().end_object();
  }
  json.end_array();
}

void write_operation(JsonWriter& json, const Endpoint& endpoint) {
  json.key(lower_name(endpoint.method)).begin_object();
  json.member("operationId", endpoint.name).member("summary", endpoint.about);
  json.key("tags").begin_array().value(endpoint.tag).end_array();
  json.key("parameters").begin_array();
  for (const Parameter& p : path_parameters(endpoint.path)) write_parameter(json, "path", p);
  for (const Parameter& p : endpoint.query) write_parameter(json, "query", p);
  if (takes_idempotency_key(endpoint)) {
    write_parameter(json, "header",
                    {kIdempotencyKey,
                     "The same key with the same request is answered as the first time, and not "
                     "done again, for 24 hours; with another request it is 422",
                     R"({"type":"string","minLength":1,"maxLength":255})"});
  }
  json.end_array();
  if (!endpoint.body.empty()) {
    json.key("requestBody").begin_object();
    write_contents(json, endpoint.body);
    json.end_object();
  }
  json.key("responses").begin_object().key("200").begin_object();
  json.member("description", "As described");
  write_contents(json, endpoint.answers);
  json.end_object();
  std::set<int> problems(endpoint.problems.begin(), endpoint.problems.end());
  if (endpoint.permission != Permission::open) problems.insert({401, 403});
  if (takes_idempotency_key(endpoint)) problems.insert({409, 422});
  for (const int status : problems) {
    json.key(std::to_string(status)).begin_object();
    json.member("description", http::reason_phrase(status));
    write_contents(json, {{std::string(http::kProblemType), "#Problem"}});
    json.end_object();
  }
  json.end_object();
  write_access(json, *endpoint.permission);
  json.end_object();
}

void write_components(JsonWriter& json, const Pack& pack) {
  json.key("components").begin_object().key("securitySchemes").begin_object();
  json.key("basic").begin_object().member("type", "http").member("scheme", "basic");
  json.member("description", "The key as user, no password").end_object();
  json.key("bearer").begin_object().member("type", "http").member("scheme", "bearer");
  json.member("description", "The key").end_object();
  json.key("session").begin_object().member("type", "apiKey").member("in", "cookie");
  json.member("name", kSessionCookie);
  json.member("description", "Of /api/v1/login. Whatever changes something also needs the field " +
                                 std::string(kCsrfHeader) + " with the token of /api/v1/me");
  json.end_object().end_object().key("schemas").begin_object();
  for (const auto& [name, schema] : openapi_schemas(pack)) json.key(name).raw(schema);
  json.end_object().end_object();
}

// Indents valid JSON, two blanks a level.
std::string indented(std::string_view json) {
  std::string out;
  std::size_t depth = 0;
  const auto new_line = [&] { out += '\n' + std::string(2 * depth, ' '); };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      const std::size_t begin = i++;
      while (json[i] != '"') i += json[i] == '\\' ? 2 : 1;
      out += json.substr(begin, i - begin + 1);
    } else if (c == '{' || c == '[') {
      out += c;
      const char close = c == '{' ? '}' : ']';
      if (json[i + 1] == close) {
        out += close, ++i;
      } else {
        ++depth, new_line();
      }
    } else if (c == '}' || c == ']') {
      --depth, new_line();
      out += c;
    } else if (c == ',') {
      out += c, new_line();
    } else {
      out += c;
      if (c == ':') out += ' ';
    }
  }
  return out + '\n';
}

}  // namespace

std::string openapi_document(const Endpoints& endpoints, const Pack& pack,
                             const std::string& program_version) {
  JsonWriter json;
  json.begin_object().member("openapi", "3.1.0").key("info").begin_object();
  json.member("title", "Tideline").member("version", program_version);
  json.member(
      "description",
      "Customer events in; features, figures and tiers out. The keys of predictions follow "
      "the pack's tasks (here: " +
          pack.name() + "). HEAD is answered wherever GET is.");
  json.end_object().key("paths").begin_object();
  std::vector<std::string> paths;
  for (const Endpoint& endpoint : endpoints) {
    if (std::find(paths.begin(), paths.end(), endpoint.path) == paths.end()) {
      paths.push_back(endpoint.path);
    }
  }
  for (const std::string& path : paths) {
    json.key(path).begin_object();
    for (const Endpoint& endpoint : endpoints) {
      if (endpoint.path == path) write_operation(json, endpoint);
    }
    json.end_object();
  }
  json.end_object();
  write_components(json, pack);
  return indented(json.end_object().take());
}

}  // namespace tideline
