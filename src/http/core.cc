#include "http/core.h"

#include <fmt/format.h>

#include "http/connection.h"

namespace tideline::http {
namespace {

// Connections over the limit that are told so at one moment; further ones are closed without a
// word.
constexpr std::size_t kRefusedMax = 256;

RouteProbe make_probe(Metrics& metrics, const std::string& route) {
  RouteProbe probe;
  for (int digit = 1; digit < 6; ++digit) {
    probe.by_class[digit] =
        metrics.counter("tideline_http_requests_total", "Requests answered, by route and status.",
                        {{"route", route}, {"status", fmt::format("{}xx", digit)}});
  }
  probe.seconds = metrics.histogram("tideline_http_request_seconds",
                                    "From the head of a request to its answer.",
                                    latency_buckets_s(), {{"route", route}});
  return probe;
}

}  // namespace

Core::Core(ServerOptions given, Router routes)
    : options(std::move(given)), router(std::move(routes)) {
  if (options.metrics == nullptr) {
    probes_[nullptr] = {};
    return;
  }
  open_connections_ = options.metrics->gauge("tideline_http_connections", "Connections open now.");
  probes_[nullptr] = make_probe(*options.metrics, "none");
  for (const auto& route : router.routes()) {
    probes_[route.get()] = make_probe(*options.metrics, route->pattern);
  }
}

std::string Core::next_request_id() {
  return fmt::format("{}-{:08x}", options.request_id_seed, ++requests_);
}

std::string Core::date() const {
  if (options.clock == nullptr) return {};
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Time now = options.clock->now();
  const auto midnight = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(now - midnight));
  return fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
      kDays[std::chrono::weekday(midnight).c_encoding()], static_cast<unsigned>(date.day()),
      kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
      time.hours().count(), time.minutes().count(), time.seconds().count());
}

Core::Room Core::enter(const std::shared_ptr<Connection>& connection, bool control) {
  const std::lock_guard lock(mutex_);
  auto& count = control ? control_count_ : tcp_count_;
  const auto limit = control ? options.control_connections_max : options.connections_max;
  connections_.insert(connection);
  open_connections_.set(static_cast<double>(connections_.size()));
  if (++count <= limit) return Room::enough;
  return count <= limit + kRefusedMax ? Room::full : Room::flooded;
}

void Core::leave(const std::shared_ptr<Connection>& connection, bool control) {
  const std::lock_guard lock(mutex_);
  if (connections_.erase(connection) == 0) return;
  --(control ? control_count_ : tcp_count_);
  open_connections_.set(static_cast<double>(connections_.size()));
}

std::vector<std::shared_ptr<Connection>> Core::connections() const {
  const std::lock_guard lock(mutex_);
  return {connections_.begin(), connections_.end()};
}

void Core::begin_request() {
  const std::lock_guard lock(mutex_);
  ++in_flight_;
}

void Core::end_request() {
  const std::lock_guard lock(mutex_);
  if (--in_flight_ == 0) answered_.notify_all();
}

std::size_t Core::in_flight() const {
  const std::lock_guard lock(mutex_);
  return in_flight_;
}

bool Core::wait_until_answered(Duration bound) {
  std::unique_lock lock(mutex_);
  return answered_.wait_for(lock, bound, [this] { return in_flight_ == 0; });
}

bool Core::reserve(std::size_t bytes) {
  if (body_bytes_.fetch_add(bytes) + bytes <= options.bodies_in_flight_bytes_max) return true;
  body_bytes_.fetch_sub(bytes);
  return false;
}

void Core::release(std::size_t bytes) { body_bytes_.fetch_sub(bytes); }

const RouteProbe& Core::probe(const Router::Route* route) const {
  const auto found = probes_.find(route);
  return found != probes_.end() ? found->second : probes_.at(nullptr);
}

}  // namespace tideline::http
