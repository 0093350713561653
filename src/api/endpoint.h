// Endpoint: a route together with its description. Router and OpenAPI document are both made from
// the same list, so none can be missing in the other.
//
// A read is a struct with Input, Output, read (request to Input), handle, and answer (Output to
// HTTP); reading<E>() adds what all reads have in common: unknown parameters, wait_for, ETag.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/permission.h"
#include "api/services.h"
#include "api/status.h"
#include "http/router.h"

namespace tideline {

struct Parameter {
  std::string name;
  std::string about;
  std::string schema = R"({"type":"string"})";  // JSON Schema
  bool required = false;
};

// A body, of a request or of the answer that is no trouble.
struct Content {
  std::string type = "application/json";
  std::string schema;  // JSON Schema; "#Name" refers to a component
};

struct Endpoint {
  http::Method method = http::Method::get;
  // What a caller needs (access/permission.h); checked before the handler, by AccessGate. Every
  // endpoint names it: without one the program does not start.
  std::optional<Permission> permission = {};
  std::string path;
  std::string name;  // operationId: "list_customers"
  std::string tag;   // of people's menus: "ingest", "reads"
  std::string about;
  std::vector<Parameter> query = {};
  std::vector<Content> body = {};     // what may be sent; none: no body
  std::vector<Content> answers = {};  // of a 200
  std::vector<int> problems = {};     // other statuses it may answer
  http::RouteOptions options = {};
  http::Handler handler = {};
};
using Endpoints = std::vector<Endpoint>;

// Where a read's handle() runs: only what neither waits nor scans may run on the server's threads.
enum class Where { server, background };

// The Where and the conversion are the read's; this does what all reads share.
void answer_read(Services& services, http::Request request, http::Responder responder, Where where,
                 std::function<http::Response()> answer);

// Errors: a parameter outside `allowed`, or one that is given twice.
[[nodiscard]] Status check_parameters(const http::Query& query,
                                      const std::vector<Parameter>& allowed);

[[nodiscard]] Parameter wait_for_parameter();
[[nodiscard]] Parameter limit_parameter();
[[nodiscard]] Parameter cursor_parameter();

inline constexpr std::size_t kLimitDefault = 100;
inline constexpr std::size_t kLimitMax = 1'000;
// `limit`, 1 to 1000, 100 where it is not given.
[[nodiscard]] Result<std::size_t> limit_of(const http::Query& query);
// A parameter's text; empty when it is not given.
[[nodiscard]] std::string text_of(const http::Query& query, std::string_view name);

// `described` without handler; it gets one, the parameter wait_for, and where it names none the
// permission read.
template <class E>
[[nodiscard]] Endpoint reading(Services& services, Endpoint described) {
  described.method = http::Method::get;
  if (!described.permission) described.permission = Permission::read;
  described.query.push_back(wait_for_parameter());
  described.handler = [&services, allowed = described.query](http::Request request,
                                                             http::Responder responder) {
    auto known = check_parameters(request.query, allowed);
    if (!known) return responder(problem_of(known.error()));
    auto input = E::read(services, request);
    if (!input) return responder(problem_of(input.error()));
    answer_read(services, std::move(request), std::move(responder), E::kWhere,
                [&services, input = std::move(*input)]() -> http::Response {
                  auto output = E::handle(services, input);
                  if (!output) return problem_of(output.error());
                  return E::answer(services, *output);
                });
  };
  return described;
}

}  // namespace tideline
