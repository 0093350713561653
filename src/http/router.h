// Router: which handler answers which method and path; and Responder, the way a handler answers.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"

namespace tideline::http {

// Answers one request, once, from any thread, also after the server is gone (then nobody hears).
// Dropped without an answer it answers 500.
class Responder {
 public:
  explicit Responder(std::function<void(Response)> deliver) : deliver_(std::move(deliver)) {}
  Responder(Responder&& other) noexcept : deliver_(std::exchange(other.deliver_, nullptr)) {}
  // What was unanswered here is answered 500, as if dropped.
  Responder& operator=(Responder&& other) noexcept {
    const Responder dropped(std::exchange(deliver_, std::exchange(other.deliver_, nullptr)));
    return *this;
  }
  ~Responder();

  void operator()(Response response);

 private:
  std::function<void(Response)> deliver_;
};

// Runs on one of the server's threads: whatever waits or computes long belongs on another one. An
// exception that leaves a handler is answered with 500.
using Handler = std::function<void(Request, Responder)>;

inline constexpr std::size_t kBodyBytesMax = 1024 * 1024;
inline constexpr std::size_t kInflatedBytesMax = 20u << 20;

struct RouteOptions {
  std::size_t wire_bytes_max = kBodyBytesMax;          // of the body as sent; more is 413
  std::size_t inflated_bytes_max = kInflatedBytesMax;  // of the body inflated; more is 413
  bool trailing_slash = false;  // also answers the path with "/" behind it; never a redirect
  bool cors = false;            // browsers on other origins may call it; preflight is answered
  bool control_only = false;    // exists on the control socket alone; 404 elsewhere
  // Inflating the body and the handler wait for a place in the server's WorkQueue: for what takes
  // the processor, so that reading heads and refusing stays quick.
  bool queued = false;
  // Asked when the head is there, on the server's threads; must take microseconds. Null: all come
  // in.
  std::function<Admission(const RequestHead&)> admit = {};
};

struct CorsOptions {
  // Allowed origins; empty: any, answered as "*".
  std::vector<std::string> origins;
  // "*" stands for any field but Authorization; the others are for browsers that do not know it.
  // The SDKs add fields of their own to a repeated request.
  std::string allow_headers =
      "*, Authorization, Content-Type, Content-Encoding, X-Request-Id, Idempotency-Key, "
      "X-Retry-Count, AnonymousId, SentAt, Rsa-Recovered, Rsa-Retry-Attempt, Rsa-Retry-Reason, "
      "Rsa-Since-First-Attempt, Rsa-Since-Last-Attempt";
  std::string expose_headers = "X-Request-Id, Retry-After";
  int max_age_s = 86400;
};

class Router {
 public:
  struct Route {
    std::string pattern;
    RouteOptions options;
    Handler handler;
  };
  struct Match {
    enum class Kind { found, no_path, no_method, bad_path };
    Kind kind = Kind::no_path;
    const Route* route = nullptr;  // of `found`; of `no_method` any route of that path
    std::vector<std::pair<std::string, std::string>> params;
    std::string allow;  // of the path: "GET, HEAD, OPTIONS"
  };

  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  // `pattern` is "/api/v1/customers/{id}/features": a {name} takes one segment, not empty, of any
  // bytes. A fixed segment wins over a {name}. A GET route answers HEAD too. The same method and
  // pattern twice is a programmer's error.
  void add(Method method, std::string pattern, Handler handler, RouteOptions options = {});

  // `path` as sent, without the query.
  [[nodiscard]] Match find(Method method, std::string_view path, bool control) const;

  [[nodiscard]] const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

 private:
  struct Node;
  std::unique_ptr<Node> root_;
  std::vector<std::unique_ptr<Route>> routes_;
};

}  // namespace tideline::http
