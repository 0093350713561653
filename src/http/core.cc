#include "http/core.h"

#include <fmt/format.h>

#include "http/connection.h"

namespace tideline::http {
namespace {

// Connections over the limit that are told so at one moment; further ones are closed without a
// word.
constexpr std::size_t kRefusedMax = 256;
// Who has kept the server waiting for this long may lose its connection to somebody else's need.
constexpr auto kSlow = std::chrono::seconds(1);
constexpr std::size_t kBuffersMax = 64;
// A buffer that grew beyond this is not kept.
constexpr std::size_t kBufferBytesMax = 4 * kReadBytes;

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
    : options(std::move(given)),
      router(std::move(routes)),
      held(options.held_bytes_max),
      work({options.threads, options.queue_wait_max}) {
  if (options.metrics == nullptr) {
    probes_[nullptr] = {};
    return;
  }
  open_connections_ = options.metrics->gauge("tideline_http_connections", "Connections open now.");
  open_streams_ = options.metrics->gauge("tideline_http_streams", "Answers that go on, open now.");
  evicted_ = options.metrics->counter(
      "tideline_http_evicted_total",
      "Connections of slow callers closed because others needed their place or memory.");
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
  std::size_t over = 0;
  {
    const std::lock_guard lock(mutex_);
    auto& count = control ? control_count_ : tcp_count_;
    const auto limit = control ? options.control_connections_max : options.connections_max;
    connections_.insert(connection);
    open_connections_.set(static_cast<double>(connections_.size()));
    if (++count <= limit) return Room::enough;
    over = count - limit;
  }
  // One that only keeps its connection open makes room for one that wants something.
  if (!control && over <= kRefusedMax && evict_first(empty_handed_)) return Room::enough;
  return over <= kRefusedMax ? Room::full : Room::flooded;
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

std::shared_ptr<const TlsContext> Core::tls() const {
  const std::lock_guard lock(tls_mutex_);
  return tls_;
}

void Core::use_tls(std::shared_ptr<const TlsContext> tls) {
  const std::lock_guard lock(tls_mutex_);
  tls_ = std::move(tls);
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

void Core::wait_until_streams_ended(Duration bound) {
  std::unique_lock lock(mutex_);
  answered_.wait_for(lock, bound, [this] { return streams_ == 0; });
}

void Core::begin_wait(WaitPlace& place, bool holding) {
  WaitList& list = holding ? holding_ : empty_handed_;
  const std::lock_guard lock(waits_mutex_);
  if (place.in == &list) return;
  WaitList& from = place.in == nullptr ? place.node : *place.in;
  if (place.in == nullptr || holding) place.since = std::chrono::steady_clock::now();
  list.splice(list.end(), from, place.at);
  place.in = &list;
}

void Core::end_wait(WaitPlace& place) {
  const std::lock_guard lock(waits_mutex_);
  if (place.in == nullptr) return;
  place.node.splice(place.node.begin(), *place.in, place.at);
  place.in = nullptr;
}

bool Core::evict_first(WaitList& list) {
  const std::lock_guard lock(waits_mutex_);
  if (list.empty()) return false;
  Connection& slowest = *list.front();
  WaitPlace& place = slowest.wait_place();
  if (std::chrono::steady_clock::now() - place.since < kSlow) return false;
  // Out of the list at once, so that the next call finds the next one.
  place.node.splice(place.node.begin(), list, place.at);
  place.in = nullptr;
  slowest.close_soon();
  evicted_.add();
  return true;
}

bool Core::evict_slowest_holder() { return evict_first(holding_); }

ReadBuffer Core::lend_buffer() {
  const std::lock_guard lock(buffers_mutex_);
  if (buffers_.empty()) return ReadBuffer(options.header_bytes_max + kReadBytes);
  ReadBuffer buffer = std::move(buffers_.back());
  buffers_.pop_back();
  return buffer;
}

void Core::take_back(ReadBuffer buffer) {
  buffer.clear();
  if (buffer.capacity() > kBufferBytesMax) return;
  const std::lock_guard lock(buffers_mutex_);
  if (buffers_.size() < kBuffersMax) buffers_.push_back(std::move(buffer));
}

void Core::count_refusal(const std::string& code) {
  if (options.metrics == nullptr) return;
  const std::lock_guard lock(refusals_mutex_);
  auto known = refusals_.find(code);
  if (known == refusals_.end()) {
    known = refusals_
                .emplace(code, options.metrics->counter(
                                   "tideline_http_refusals_total",
                                   "Requests refused for want of room or time, by the code of the "
                                   "answer.",
                                   {{"code", code}}))
                .first;
  }
  known->second.add();
}

void Core::count_timeout(const char* phase) {
  if (options.metrics == nullptr) return;
  options.metrics
      ->counter("tideline_http_timeouts_total", "Connections whose caller was too slow, by phase.",
                {{"phase", phase}})
      .add();
}

bool Core::enter_stream() {
  const std::size_t open = ++streams_;
  if (open > options.streams_max) {
    --streams_;
    return false;
  }
  open_streams_.set(static_cast<double>(open));
  return true;
}

void Core::leave_stream() {
  {
    const std::lock_guard lock(mutex_);
    open_streams_.set(static_cast<double>(--streams_));
  }
  answered_.notify_all();
}

Server::Load Core::load() const {
  Server::Load load;
  {
    const std::lock_guard lock(mutex_);
    load.connections = connections_.size();
    load.in_flight = in_flight_;
  }
  load.connections_max = options.connections_max;
  load.streams = streams_;
  load.held_bytes = held.held();
  load.held_bytes_max = held.max();
  {
    const std::lock_guard lock(refusals_mutex_);
    for (const auto& [code, counter] : refusals_) {
      load.refusals.emplace_back(code, static_cast<std::uint64_t>(counter.value()));
    }
  }
  {
    const std::lock_guard lock(waits_mutex_);
    load.slow = holding_.size();
  }
  load.work = work.load(std::chrono::steady_clock::now());
  return load;
}

const RouteProbe& Core::probe(const Router::Route* route) const {
  const auto found = probes_.find(route);
  return found != probes_.end() ? found->second : probes_.at(nullptr);
}

}  // namespace tideline::http
