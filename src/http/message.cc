#include "http/message.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/hash.h"

namespace tideline::http {
namespace {

constexpr std::array<std::pair<Method, std::string_view>, 7> kMethods{
    {{Method::get, "GET"},
     {Method::head, "HEAD"},
     {Method::post, "POST"},
     {Method::put, "PUT"},
     {Method::patch, "PATCH"},
     {Method::delete_, "DELETE"},
     {Method::options, "OPTIONS"}}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Whether a list of entity tags names `etag`, compared weakly (RFC 9110, 13.1.2).
bool names_etag(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    std::string_view tag = trimmed(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
    if (tag == "*") return true;
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == etag) return true;
  }
  return false;
}

}  // namespace

std::string_view name_of(Method method) {
  for (const auto& [known, name] : kMethods) {
    if (known == method) return name;
  }
  return "OTHER";
}

Method parse_method(std::string_view text) {
  for (const auto& [method, name] : kMethods) {
    if (name == text) return method;
  }
  return Method::other;
}

bool same_header_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const auto& [known, value] : fields_) {
    if (same_header_name(known, name)) return value;
  }
  return std::nullopt;
}

void Headers::set(std::string_view name, std::string value) {
  std::erase_if(fields_, [&](const auto& field) { return same_header_name(field.first, name); });
  fields_.emplace_back(std::string(name), std::move(value));
}

const std::string& Request::param(std::string_view name) const {
  const auto found = std::find_if(params.begin(), params.end(),
                                  [&](const auto& param) { return param.first == name; });
  CHECK(found != params.end());
  return found->second;
}

Response text_response(std::string body, std::string content_type, int status) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", std::move(content_type));
  response.body = std::move(body);
  return response;
}

Response shared_response(SharedBody body, std::string content_type) {
  Response response = text_response({}, std::move(content_type));
  response.shared = std::move(body);
  return response;
}

Response json_response(std::string body, int status) {
  return text_response(std::move(body), "application/json", status);
}

Response empty_response(int status) {
  Response response;
  response.status = status;
  return response;
}

Response problem_response(Problem problem) {
  Response response;
  response.status = problem.status;
  response.problem = std::move(problem);
  return response;
}

Response problem_response(int status, std::string code, std::string detail) {
  return problem_response(Problem{status, std::move(code), std::move(detail)});
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "Unknown";
  }
}

void apply_etag(const Request& request, Response& response) {
  if (response.status != 200 || response.problem) return;
  std::string etag(response.headers.get("ETag").value_or(std::string_view()));
  if (etag.empty()) {
    etag = '"' + xxh3_128(response.content()).hex() + '"';
    response.headers.set("ETag", etag);
  }
  if (!response.headers.get("Cache-Control")) response.headers.set("Cache-Control", "no-cache");
  const auto known = request.headers.get("If-None-Match");
  if (request.method != Method::get || !known || !names_etag(*known, etag)) return;
  response.status = 304;
  response.body.clear();
  response.shared.reset();
}

}  // namespace tideline::http
