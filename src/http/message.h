// Request and Response: an HTTP exchange as handlers see it. No third-party type.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/problem.h"
#include "http/query.h"
#include "http/stream.h"

namespace tideline::http {

enum class Method { get, head, post, put, patch, delete_, options, other };
[[nodiscard]] std::string_view name_of(Method method);
[[nodiscard]] Method parse_method(std::string_view text);

// Header fields in the order they came; names compare without case.
class Headers {
 public:
  // The first field of that name.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  void set(std::string_view name, std::string value);  // replaces all of that name
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};
[[nodiscard]] bool same_header_name(std::string_view a, std::string_view b);

struct Request {
  Method method = Method::get;  // HEAD arrives as get; the server leaves the body out
  std::string target;           // as sent
  std::string path;             // before '?', not decoded
  std::string route;            // the pattern that matched: "/api/v1/customers/{id}"
  std::vector<std::pair<std::string, std::string>> params;  // of the path, decoded once; any bytes
  Query query;
  Headers headers;
  std::string body;              // inflated; empty when there is none
  std::uint64_t wire_bytes = 0;  // length of the body before it was inflated
  std::string id;                // X-Request-Id of the answer
  std::string remote_address;    // "127.0.0.1"; empty on the control socket
  bool control = false;          // came over the control socket
  std::uint64_t flow = 0;        // who sends it, by the route's `admit`
  std::string caller;            // the same in words, for logs; empty: nobody needed to be known

  // The value of {name} in the pattern; a name that is not in it is a programmer's error.
  [[nodiscard]] const std::string& param(std::string_view name) const;
};

// Looks up a field of a head by its name; empty when there is none.
using FieldOf = std::function<std::string_view(std::string_view name)>;

// What is known of a request before its body is read.
struct RequestHead {
  Method method = Method::get;
  std::string_view path;
  std::string_view authorization;   // the field of that name; empty when there is none
  std::uint64_t body_bytes = 0;     // as sent; 0 also when it is sent in chunks
  std::string_view remote_address;  // as in Request
  bool control = false;             // as in Request
  FieldOf field;                    // of any field of the head
};

// A body that many answers have in common: none copies it, and it counts as held for none.
struct SharedBody {
  std::shared_ptr<const void> owner;  // of the text; empty where that lasts as long as the program
  std::string_view text;
};

// What the server adds by itself where the handler set nothing: Content-Length, X-Request-Id, the
// security headers, Cache-Control: no-store, CORS.
struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::optional<SharedBody> shared;  // when set, in place of body
  // When set, the server writes it, with the request's id, in place of body.
  std::optional<Problem> problem;
  // When set, the answer goes on by it; body stays empty.
  std::optional<Streaming> stream;

  [[nodiscard]] std::string_view content() const { return shared ? shared->text : body; }
};

// What becomes of a request whose head is known.
struct Admission {
  std::optional<Response> refusal;  // answered at once; the body is skipped unread
  std::uint64_t flow = 0;           // who sends it, for WorkQueue
  std::string caller;               // for Request::caller
};

[[nodiscard]] Response json_response(std::string body, int status = 200);
[[nodiscard]] Response text_response(std::string body, std::string content_type, int status = 200);
[[nodiscard]] Response shared_response(SharedBody body, std::string content_type);
[[nodiscard]] Response empty_response(int status = 204);
[[nodiscard]] Response problem_response(Problem problem);
[[nodiscard]] Response problem_response(int status, std::string code, std::string detail);

// "Not Found"; "Unknown" for a number without a name.
[[nodiscard]] std::string_view reason_phrase(int status);

// Sets a strong ETag from the body of a 200, unless it has one, and, when the request's
// If-None-Match names it, turns the answer into a 304 without body. Cache-Control becomes no-cache
// unless it is set.
void apply_etag(const Request& request, Response& response);

}  // namespace tideline::http
