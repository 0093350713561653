#include "http/router.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/check.h"

namespace tideline::http {
namespace {

constexpr std::size_t kMethodCount = static_cast<std::size_t>(Method::other);

// The segments between slashes of "/a/b/": "a", "b", "".
std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  path.remove_prefix(1);
  while (true) {
    const std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

Responder::~Responder() {
  if (!deliver_) return;
  deliver_(problem_response(500, "internal", "the request was not answered; see the log"));
}

void Responder::operator()(Response response) {
  CHECK(deliver_ != nullptr);
  std::exchange(deliver_, nullptr)(std::move(response));
}

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> fixed;
  std::unique_ptr<Node> any;  // of a {name}; the names belong to the route
  std::array<const Route*, kMethodCount> routes{};

  // The deepest fixed fit that has a route the caller may see; values of {names} in `taken`.
  const Node* find(const std::vector<std::string>& segments, std::size_t depth, bool control,
                   std::vector<std::string>& taken) const {
    if (depth == segments.size()) return visible(control) != nullptr ? this : nullptr;
    if (const auto next = fixed.find(segments[depth]); next != fixed.end()) {
      if (const Node* found = next->second->find(segments, depth + 1, control, taken))
        return found;
    }
    if (any == nullptr || segments[depth].empty()) return nullptr;
    taken.push_back(segments[depth]);
    if (const Node* found = any->find(segments, depth + 1, control, taken)) return found;
    taken.pop_back();
    return nullptr;
  }

  // Any route here that exists for this kind of caller.
  const Route* visible(bool control) const {
    for (const Route* route : routes) {
      if (route != nullptr && (control || !route->options.control_only)) return route;
    }
    return nullptr;
  }

  const Route* route_of(Method method, bool control) const {
    if (method == Method::head) method = Method::get;
    const auto index = static_cast<std::size_t>(method);
    const Route* route = index < kMethodCount ? routes[index] : nullptr;
    if (route == nullptr || (route->options.control_only && !control)) return nullptr;
    return route;
  }

  std::string allow(bool control) const {
    std::string text;
    for (std::size_t i = 0; i < kMethodCount; ++i) {
      const auto method = static_cast<Method>(i);
      if (method == Method::options || route_of(method, control) == nullptr) continue;
      text += name_of(method);
      text += ", ";
    }
    return text + "OPTIONS";
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(Method method, std::string pattern, Handler handler, RouteOptions options) {
  CHECK(pattern.starts_with('/'));
  CHECK(handler != nullptr);
  CHECK(method != Method::head && method != Method::options && method != Method::other);
  auto& route = routes_.emplace_back(std::make_unique<Route>());
  *route = {std::move(pattern), options, std::move(handler)};
  const auto place = [&](std::string_view path) {
    Node* node = root_.get();
    for (const std::string_view segment : segments_of(path)) {
      const bool named = segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
      auto& next = named ? node->any : node->fixed[std::string(segment)];
      if (next == nullptr) next = std::make_unique<Node>();
      node = next.get();
    }
    auto& slot = node->routes[static_cast<std::size_t>(method)];
    CHECK(slot == nullptr);
    slot = route.get();
  };
  place(route->pattern);
  if (options.trailing_slash) place(route->pattern + "/");
}

Router::Match Router::find(Method method, std::string_view path, bool control) const {
  Match match;
  if (!path.starts_with('/')) {
    match.kind = Match::Kind::bad_path;
    return match;
  }
  std::vector<std::string> segments;
  for (const std::string_view segment : segments_of(path)) {
    auto decoded = percent_decode(segment);
    if (!decoded) {
      match.kind = Match::Kind::bad_path;
      return match;
    }
    segments.push_back(*std::move(decoded));
  }
  std::vector<std::string> taken;
  const Node* node = root_->find(segments, 0, control, taken);
  if (node == nullptr) return match;
  match.allow = node->allow(control);
  match.route = node->route_of(method, control);
  if (match.route == nullptr) {
    match.kind = Match::Kind::no_method;
    match.route = node->visible(control);
    return match;
  }
  match.kind = Match::Kind::found;
  auto value = taken.begin();
  for (const std::string_view segment : segments_of(match.route->pattern)) {
    if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}') continue;
    match.params.emplace_back(segment.substr(1, segment.size() - 2), std::move(*value++));
  }
  return match;
}

}  // namespace tideline::http
