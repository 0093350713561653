#include "http/connection.h"

#include <array>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>

#include "base/check.h"

namespace tideline::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::system::error_code;

// The body of a refused request is skipped up to this size, and the connection goes on.
constexpr std::uint64_t kSkipBytesMax = 1024 * 1024;
// What a request costs beside its bytes, in bytes; and what a packed byte costs.
constexpr std::uint64_t kRequestCost = 2048;
constexpr std::uint64_t kPackedCost = 4;
// How much of a refused body is read and thrown away so that the caller sees the refusal.
constexpr std::size_t kLingerBytesMax = 4 * 1024 * 1024;

bool would_block(const error_code& ec) {
  return ec == asio::error::would_block || ec == asio::error::try_again;
}

Response overloaded(std::string detail) {
  Problem problem{429, "overloaded", std::move(detail)};
  problem.retry_after_s = 1;
  return problem_response(std::move(problem));
}

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

// "http://host/path?x" and "/path?x" both give "/path?x" (RFC 9112, 3.2.2).
std::string_view origin_form(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() < scheme.size()) continue;
    if (!same_header_name(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::size_t slash = target.find('/');
    return slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  return target;
}

}  // namespace

Connection::Connection(std::shared_ptr<Core> core, Socket socket, bool control,
                       std::string remote_address)
    : core_(std::move(core)),
      socket_(std::move(socket)),
      control_(control),
      remote_address_(std::move(remote_address)),
      buffer_(core_->options.header_bytes_max + kReadBytes),
      timer_(socket_.get_executor()) {
  if (const auto tls = core_->tls(); tls && !control_) tls_ = tls->accept(socket_.native_handle());
}

void Connection::start() {
  asio::dispatch(socket_.get_executor(), [self = shared_from_this()] { self->admit(); });
}

void Connection::close_soon() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->close(); });
}

void Connection::admit() {
  error_code ec;
  socket_.non_blocking(true, ec);
  const Core::Room room = core_->enter(shared_from_this(), control_);
  if (core_->stopping || room == Core::Room::flooded) return close();
  begin_exchange();
  if (room == Core::Room::enough) {
    // A connection that never says anything is no idle one: it has the time of a header.
    arm(core_->options.timeouts.header);
    return parse();
  }
  exchange_.id = core_->next_request_id();
  Problem problem{503, "too_many_connections", "the server has as many connections as it may"};
  problem.retry_after_s = 1;
  respond(problem_response(std::move(problem)));
}

void Connection::begin_exchange() {
  ++exchange_number_;
  exchange_ = {};
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(core_->options.header_bytes_max));
  parser_->body_limit(boost::none);  // set once the route is known
  parser_->eager(false);
  phase_ = Phase::idle;
  arm(core_->options.timeouts.idle);
}

void Connection::read_more() {
  if (buffer_.size() == buffer_.max_size()) {  // a chunk head without end
    return respond(problem_response(400, "malformed_http", "a chunk of the body has no end"));
  }
  const std::size_t body = phase_ == Phase::body ? parser_->get().body().size() : 0;
  if (!hold(buffer_.size() + body)) {
    exchange_.keep_alive = false;
    return respond(overloaded("too many bodies are being read at this moment"));
  }
  core_->begin_wait(wait_place_, held_ > 0);
  wait_readable();
}

void Connection::wait_readable() {
  if (buffer_.size() > 0) {
    buffer_.shrink_to_fit();
  } else if (buffer_.capacity() > 0) {
    core_->take_back(std::exchange(buffer_, ReadBuffer(buffer_.max_size())));
  }
  // Bytes that TLS has already are announced by nobody else.
  if (tls_ && tls_->has_buffered()) {
    return asio::post(socket_.get_executor(),
                      [self = shared_from_this()] { self->on_readable({}); });
  }
  const bool writing = tls_ && tls_->waits_to_write();
  socket_.async_wait(writing ? Socket::wait_write : Socket::wait_read,
                     [self = shared_from_this()](error_code ec) { self->on_readable(ec); });
}

std::size_t Connection::receive(asio::mutable_buffer buffer, error_code& ec) {
  return tls_ ? tls_->read_some(buffer, ec) : socket_.read_some(buffer, ec);
}

std::size_t Connection::send(const std::array<asio::const_buffer, 2>& buffers, error_code& ec) {
  return tls_ ? tls_->write_some(buffers, ec) : socket_.write_some(buffers, ec);
}

void Connection::on_readable(error_code ec) {
  if (phase_ == Phase::closed) return;
  if (timed_out_) {
    return respond(
        problem_response(408, "request_timeout", "the request took too long to arrive"));
  }
  if (ec) return close();
  if (buffer_.capacity() == 0) buffer_ = core_->lend_buffer();
  const std::size_t room = std::min(kReadBytes, buffer_.max_size() - buffer_.size());
  const std::size_t bytes = receive(buffer_.prepare(room), ec);
  if (would_block(ec)) return wait_readable();
  if (ec) return close();  // also the end of the stream: whatever was begun cannot be completed
  buffer_.commit(bytes);
  if (phase_ == Phase::skipping) return skip_body();
  if (phase_ == Phase::lingering) return linger();
  parse();
}

void Connection::parse() {
  while (phase_ != Phase::closed) {
    if (phase_ == Phase::body && parser_->is_done()) return on_body();
    if (buffer_.size() == 0) return read_more();
    error_code ec;
    const std::size_t used = parser_->put(buffer_.data(), ec);
    buffer_.consume(used);
    const bool more = ec == beast_http::error::need_more;
    if (phase_ != Phase::body && (!ec || more) && head_too_large(used)) {
      return on_bad_bytes(beast_http::error::header_limit);
    }
    if (more) {
      if (phase_ == Phase::idle) {
        phase_ = Phase::header;
        arm(core_->options.timeouts.header);
      }
      return read_more();
    }
    if (ec) return on_bad_bytes(ec);
    if (phase_ != Phase::body && parser_->is_header_done()) return on_head();
  }
}

// The parser's own limit takes the request line and the fields one by one.
bool Connection::head_too_large(std::size_t used) {
  exchange_.head_bytes += used;
  const std::size_t limit = core_->options.header_bytes_max;
  if (parser_->is_header_done()) return exchange_.head_bytes > limit;
  return exchange_.head_bytes + buffer_.size() >= limit;
}

void Connection::on_bad_bytes(error_code ec) {
  exchange_.keep_alive = false;
  if (exchange_.id.empty()) exchange_.id = core_->next_request_id();
  if (ec == beast_http::error::header_limit) {
    const auto limit = std::to_string(core_->options.header_bytes_max);
    return respond(problem_response(phase_ == Phase::body ? 400 : 431, "headers_too_large",
                                    "the head of the request is over " + limit + " bytes"));
  }
  if (ec == beast_http::error::body_limit) {
    const auto limit = std::to_string(exchange_.route->options.wire_bytes_max);
    return respond(problem_response(413, "body_too_large",
                                    "the body is over " + limit + " bytes; nothing was stored"));
  }
  if (ec == beast_http::error::bad_version) {
    return respond(problem_response(505, "http_version", "only HTTP/1.1 and HTTP/1.0 are spoken"));
  }
  respond(problem_response(400, "malformed_http", "the request is not HTTP: " + ec.message()));
}

void Connection::on_head() {
  const auto& head = parser_->get();
  exchange_.start = std::chrono::steady_clock::now();
  exchange_.id = core_->next_request_id();
  exchange_.http_1_0 = head.version() < 11;
  const bool has_body = parser_->chunked() || parser_->content_length().value_or(0) > 0 ||
                        head.count(beast_http::field::transfer_encoding) > 0;
  core_->end_wait(wait_place_);
  core_->begin_request();
  exchange_.counted = true;
  phase_ = Phase::body;
  auto refusal = check_head();
  if (refusal) {
    // What cannot be skipped is not read, so nothing after it can be understood.
    const std::uint64_t length = parser_->content_length().value_or(0);
    const bool comes = head.find(beast_http::field::expect) == head.end() || buffer_.size() > 0;
    const bool skippable = length > 0 && length <= kSkipBytesMax && comes;
    exchange_.keep_alive = head.keep_alive() && (!has_body || skippable) && !core_->draining;
    if (exchange_.keep_alive) exchange_.skip = length;
    return respond(*std::move(refusal));
  }
  exchange_.keep_alive = head.keep_alive();
  if (!has_body) return on_body();
  arm(core_->options.timeouts.body);
  if (head.find(beast_http::field::expect) != head.end() && buffer_.size() == 0) {
    return send_continue();
  }
  read_body();
}

std::optional<Response> Connection::check_head() {
  const auto& head = parser_->get();
  if (const auto origin = head.find(beast_http::field::origin); origin != head.end()) {
    exchange_.origin = origin->value();
  }
  const Method method = parse_method(view(head.method_string()));
  exchange_.head = method == Method::head;
  if (!exchange_.http_1_0 && head.find(beast_http::field::host) == head.end()) {
    return problem_response(400, "missing_host", "an HTTP/1.1 request needs a Host field");
  }
  if (auto answer = find_route(method)) return answer;
  if (core_->draining) {
    Problem problem{503, "draining", "the server is stopping"};
    problem.retry_after_s = 1;
    return problem_response(std::move(problem));
  }
  if (auto answer = admit_request()) return answer;
  if (auto answer = check_body_head()) return answer;
  if (exchange_.route->options.queued &&
      core_->work.would_refuse(exchange_.flow, cost_of(parser_->content_length().value_or(0)))) {
    return overloaded("more requests wait than can be worked on in time");
  }
  return std::nullopt;
}

// In the work queue, once its encoding is known.
std::uint64_t Connection::cost_of(std::uint64_t body_bytes) const {
  const std::uint64_t packed = exchange_.encoding == Encoding::identity ? 1 : kPackedCost;
  return kRequestCost + body_bytes * packed;
}

std::optional<Response> Connection::admit_request() {
  const auto& admit = exchange_.route->options.admit;
  if (!admit) return std::nullopt;
  const auto& head = parser_->get();
  RequestHead asked;
  asked.method = parse_method(view(head.method_string()));
  asked.path = exchange_.path;
  const auto authorization = head.find(beast_http::field::authorization);
  if (authorization != head.end()) asked.authorization = view(authorization->value());
  asked.body_bytes = parser_->content_length().value_or(0);
  asked.remote_address = remote_address_;
  asked.control = control_;
  asked.field = [&head](std::string_view name) {
    const auto found = head.find(boost::beast::string_view(name.data(), name.size()));
    return found == head.end() ? std::string_view() : view(found->value());
  };
  Admission admission = admit(asked);
  exchange_.flow = admission.flow;
  exchange_.caller = std::move(admission.caller);
  return std::move(admission.refusal);
}

std::optional<Response> Connection::find_route(Method method) {
  std::string_view target = view(parser_->get().target());
  if (target == "*" && method == Method::options) return empty_response();
  target = origin_form(target);
  const std::size_t mark = target.find('?');
  exchange_.path = target.substr(0, mark);
  Router::Match match = core_->router.find(method, exchange_.path, control_);
  exchange_.route = match.route;
  switch (match.kind) {
    case Router::Match::Kind::bad_path:
      return problem_response(400, "bad_target", "the path is not a readable one");
    case Router::Match::Kind::no_path:
      return problem_response(404, "not_found", "there is no such path here");
    case Router::Match::Kind::no_method: {
      if (method == Method::options) return options_response(match);
      auto answer = problem_response(405, "method_not_allowed",
                                     "this path answers " + match.allow + " only");
      answer.headers.set("Allow", match.allow);
      return answer;
    }
    case Router::Match::Kind::found: break;
  }
  exchange_.params = std::move(match.params);
  auto query = Query::parse(mark == std::string_view::npos ? "" : target.substr(mark + 1));
  if (!query) return problem_response(400, query.error().reason, query.error().message);
  exchange_.query = *std::move(query);
  return std::nullopt;
}

std::optional<Response> Connection::check_body_head() {
  const auto& head = parser_->get();
  const auto field = [&](beast_http::field name) {
    const auto found = head.find(name);
    return found == head.end() ? std::string_view() : view(found->value());
  };
  if (head.count(beast_http::field::transfer_encoding) > 0 &&
      !same_header_name(field(beast_http::field::transfer_encoding), "chunked")) {
    return problem_response(501, "transfer_encoding", "of transfer codings only chunked is known");
  }
  const std::string_view expect = field(beast_http::field::expect);
  if (!expect.empty() && !same_header_name(expect, "100-continue")) {
    return problem_response(417, "expectation", "of expectations only 100-continue is known");
  }
  const auto encoding = head.count(beast_http::field::content_encoding) > 1
                            ? std::nullopt
                            : parse_encoding(field(beast_http::field::content_encoding));
  if (!encoding) {
    return problem_response(415, "unknown_encoding",
                            "Content-Encoding must be gzip, deflate, zstd or identity");
  }
  exchange_.encoding = *encoding;
  const std::size_t limit = exchange_.route->options.wire_bytes_max;
  const std::uint64_t length = parser_->content_length().value_or(0);
  if (length > limit) {
    return problem_response(
        413, "body_too_large",
        "the body is over " + std::to_string(limit) + " bytes; nothing was stored");
  }
  if (!core_->held.has_room(length) && !core_->evict_slowest_holder()) {
    return overloaded("too many bodies are being read at this moment");
  }
  return std::nullopt;
}

// OPTIONS is answered for every known path, before any key is asked for; browsers send none with
// it.
Response Connection::options_response(const Router::Match& match) const {
  Response response = empty_response();
  response.headers.set("Allow", match.allow);
  if (!match.route->options.cors) return response;
  response.headers.set("Access-Control-Allow-Methods", match.allow);
  response.headers.set("Access-Control-Allow-Headers", core_->options.cors.allow_headers);
  response.headers.set("Access-Control-Max-Age", std::to_string(core_->options.cors.max_age_s));
  return response;
}

void Connection::send_continue() {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  // 25 bytes on a connection with an empty send buffer: taken whole or the connection is gone.
  error_code ec;
  const std::size_t sent = send({asio::buffer(kContinue.data(), kContinue.size()), {}}, ec);
  if (ec || sent != kContinue.size()) return close();
  read_body();
}

void Connection::read_body() {
  parser_->body_limit(exchange_.route->options.wire_bytes_max);
  parser_->eager(true);
  parse();
}

void Connection::on_body() {
  disarm();
  core_->end_wait(wait_place_);
  if (!hold(parser_->get().body().size())) {
    return respond(overloaded("too many bodies are being read at this moment"));
  }
  if (exchange_.route->options.queued) return queue_work();
  answer_body();
}

void Connection::queue_work() {
  const std::uint64_t cost = cost_of(parser_->get().body().size());
  // Whoever leaves a place may do so long after this connection, and even the server, is gone.
  auto start = [weak = weak_from_this(), core = std::weak_ptr(core_), number = exchange_number_,
                cost](bool late) {
    const auto self = weak.lock();
    if (self == nullptr) return false;
    asio::post(self->socket_.get_executor(), [weak, core, number, cost, late] {
      if (const auto open = weak.lock()) return open->begin_work(number, cost, late);
      const auto alive = core.lock();
      if (alive && !late) alive->work.leave(cost, {}, std::chrono::steady_clock::now());
    });
    return true;
  };
  phase_ = Phase::queued;
  const auto now = std::chrono::steady_clock::now();
  switch (core_->work.enter({exchange_.flow, cost, std::move(start)}, now)) {
    case WorkQueue::Entry::now: return work(cost);
    case WorkQueue::Entry::later: return;
    case WorkQueue::Entry::refused:
      return respond(overloaded("more requests wait than can be worked on in time"));
  }
}

// Its turn has come; with late = true too late, and there is no place to leave.
void Connection::begin_work(std::uint64_t number, std::uint64_t cost, bool late) {
  const bool waits = phase_ == Phase::queued && number == exchange_number_;
  if (late) {
    if (waits) respond(overloaded("the request waited too long for its turn"));
    return;
  }
  if (waits) return work(cost);
  core_->work.leave(cost, {}, std::chrono::steady_clock::now());
}

void Connection::work(std::uint64_t cost) {
  const auto began = std::chrono::steady_clock::now();
  answer_body();
  const auto now = std::chrono::steady_clock::now();
  core_->work.leave(cost, now - began, now);
  if (core_->options.right_of_way != nullptr)
    core_->options.right_of_way->worked(now - began, now);
}

void Connection::answer_body() {
  phase_ = Phase::handler;
  auto& head = parser_->get();
  Request request;
  request.body = std::move(head.body());
  request.wire_bytes = request.body.size();
  if (auto refusal = inflate_body(request.body)) return respond(*std::move(refusal));
  request.method = exchange_.head ? Method::get : parse_method(view(head.method_string()));
  request.target = head.target();
  request.path = std::move(exchange_.path);
  request.route = exchange_.route->pattern;
  request.params = std::move(exchange_.params);
  request.query = std::move(exchange_.query);
  for (const auto& field : head) {
    request.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  request.id = exchange_.id;
  request.remote_address = remote_address_;
  request.control = control_;
  request.flow = exchange_.flow;
  request.caller = std::move(exchange_.caller);
  call_handler(std::move(request));
}

std::optional<Response> Connection::inflate_body(std::string& body) {
  const std::size_t cap = exchange_.route->options.inflated_bytes_max;
  const Encoding encoding = sniff_encoding(body, exchange_.encoding);
  if (encoding != Encoding::identity || body.size() > cap) {
    auto inflated = inflate_limited(body, encoding, cap);
    if (!inflated) {
      const bool large = inflated.error().code == ErrorCode::too_large;
      const bool wrong = inflated.error().code == ErrorCode::invalid;
      return problem_response(large   ? 413
                              : wrong ? 400
                                      : 500,
                              inflated.error().reason, inflated.error().message);
    }
    body = *std::move(inflated);
  }
  // From here on only what the handler is given counts.
  if (hold(body.size())) return std::nullopt;
  return overloaded("too many bodies are being worked on at this moment");
}

void Connection::call_handler(Request request) {
  Responder responder([weak = weak_from_this(), number = exchange_number_](Response response) {
    const auto self = weak.lock();
    if (self == nullptr) return;
    // The queued step knows the connection weakly too: a server that has stopped runs it no more,
    // and must not be kept alive by it.
    asio::dispatch(self->socket_.get_executor(),
                   [weak, number, answer = std::move(response)]() mutable {
                     const auto open = weak.lock();
                     if (open == nullptr || open->phase_ != Phase::handler) return;
                     if (open->exchange_number_ == number) open->respond(std::move(answer));
                   });
  });
  // The handler may answer, and the next exchange begin, before it throws.
  const Router::Route& route = *exchange_.route;
  const std::string id = exchange_.id;
  try {
    route.handler(std::move(request), std::move(responder));
  } catch (const std::exception& thrown) {
    // The responder died with the handler's arguments and has answered 500.
    if (core_->options.log == nullptr) return;
    core_->options.log->error(
        "a handler failed", {{"route", route.pattern}, {"request", id}, {"what", thrown.what()}});
  }
}

void Connection::respond(Response response) {
  if (phase_ == Phase::closed) return;
  if (response.problem) {
    response.status = response.problem->status;
    response.headers.set("Content-Type", std::string(kProblemType));
    if (response.problem->retry_after_s) {
      response.headers.set("Retry-After", std::to_string(*response.problem->retry_after_s));
    }
    response.body = problem_json(*response.problem, exchange_.id);
  }
  if (timed_out_ || core_->draining) exchange_.keep_alive = false;
  if (response.stream && !exchange_.head) return begin_stream(std::move(response));
  const bool bodiless = response.status == 204 || response.status == 304;
  out_head_ = head_of(response, response.content().size());
  out_body_ = {};
  if (!exchange_.head && !bodiless) {
    if (response.shared) out_body_.shared = *std::move(response.shared);
    out_body_.own = std::move(response.body);
  }
  out_done_ = 0;
  // Once it is answered, nobody needs the body any more.
  if (parser_) std::string().swap(parser_->get().body());
  (void)hold(0);
  count_answer(response);
  phase_ = Phase::writing;
  write_some();
}

void Connection::write_some() {
  const std::string_view text = out_body_.text();
  const std::size_t all = out_head_.size() + text.size();
  while (out_done_ < all) {
    const std::size_t head = std::min(out_done_, out_head_.size());
    const std::size_t body = out_done_ - head;
    const std::array<asio::const_buffer, 2> rest{
        asio::buffer(out_head_.data() + head, out_head_.size() - head),
        asio::buffer(text.data() + body, text.size() - body)};
    error_code ec;
    out_done_ += send(rest, ec);
    if (would_block(ec)) return wait_writable();
    if (ec) return close();
  }
  on_written();
}

// The caller reads slower than the answer was made: what it leaves lying here counts.
void Connection::wait_writable() {
  if (!hold(out_body_.own.size() + buffer_.size())) return close();
  core_->begin_wait(wait_place_, true);
  arm(core_->options.timeouts.write);
  buffer_.shrink_to_fit();
  // TLS may have to hear something before it can say more.
  const bool reading = tls_ && !tls_->waits_to_write();
  socket_.async_wait(reading ? Socket::wait_read : Socket::wait_write,
                     [self = shared_from_this()](error_code ec) {
                       if (self->phase_ == Phase::closed) return;
                       if (ec) return self->close();
                       self->write_some();
                     });
}

void Connection::on_written() {
  if (stream_ != nullptr) {
    // Not from here: one who sends without pause would fill the stack.
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
      if (self->stream_ != nullptr) self->stream_more();
    });
    return;
  }
  const bool again = exchange_.keep_alive;
  core_->end_wait(wait_place_);
  (void)hold(0);
  out_body_ = {};
  if (!again) {
    end_exchange();
    return linger();
  }
  if (exchange_.skip > 0) {
    end_exchange();
    phase_ = Phase::skipping;
    arm(core_->options.timeouts.body);
    return skip_body();
  }
  end_exchange();
  begin_exchange();
  if (buffer_.size() == 0) return read_more();
  // Not from here: a caller who sends many requests at once would fill the stack.
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->parse(); });
}

void Connection::count_answer(const Response& response) {
  const int status = response.status;
  if (response.problem && response.problem->retry_after_s) {
    core_->count_refusal(response.problem->code);
  } else if (status == 408 || status == 413 || status == 431 || status == 507) {
    core_->count_refusal(response.problem ? response.problem->code : "unknown");
  }
  if (status == 500 && core_->options.log != nullptr) {
    const std::string route = exchange_.route == nullptr ? "" : exchange_.route->pattern;
    core_->options.log->error("answered 500", {{"route", route}, {"request", exchange_.id}});
  }
  const RouteProbe& probe = core_->probe(exchange_.route);
  if (status >= 100 && status < 600) probe.by_class[status / 100].add();
  if (!exchange_.counted) return;  // bytes that never became a request have no beginning
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - exchange_.start;
  probe.seconds.observe(took.count());
}

void Connection::end_exchange() {
  if (std::exchange(exchange_.counted, false)) core_->end_request();
}

bool Connection::hold(std::size_t bytes) {
  if (bytes <= held_) {
    core_->held.give_back(held_ - bytes);
  } else if (!core_->held.take(bytes - held_)) {
    if (!core_->evict_slowest_holder()) return false;
    core_->held.take_anyway(bytes - held_);
  }
  held_ = bytes;
  return true;
}

void Connection::skip_body() {
  const std::size_t here = std::min<std::uint64_t>(exchange_.skip, buffer_.size());
  buffer_.consume(here);
  exchange_.skip -= here;
  if (exchange_.skip > 0) {
    core_->begin_wait(wait_place_, false);
    return wait_readable();
  }
  core_->end_wait(wait_place_);
  begin_exchange();
  if (buffer_.size() == 0) return read_more();
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->parse(); });
}

// Closing with unread bytes makes the kernel reset the connection, and the caller may lose the
// answer.
void Connection::linger() {
  if (phase_ != Phase::lingering) {
    error_code ignored;
    phase_ = Phase::lingering;
    arm(core_->options.timeouts.linger);
    if (tls_) tls_->say_end();
    socket_.shutdown(Socket::shutdown_send, ignored);
  }
  lingered_ += buffer_.size();
  buffer_.consume(buffer_.size());
  if (lingered_ > kLingerBytesMax) return close();
  wait_readable();
}

void Connection::arm(Duration wait) {
  deadline_ = std::chrono::steady_clock::now() + wait;
  // A timer that fires too early finds the later deadline and waits on: most requests touch no
  // timer.
  if (!timer_waits_ || deadline_ < timer_.expiry()) wait_for_deadline();
}

void Connection::disarm() { deadline_ = SteadyTime::max(); }

void Connection::wait_for_deadline() {
  timer_waits_ = true;
  timer_.expires_at(deadline_);
  timer_.async_wait([self = shared_from_this()](error_code ec) {
    if (ec || self->phase_ == Phase::closed) return;  // replaced by a later wait, or closed
    self->timer_waits_ = false;
    if (self->deadline_ == SteadyTime::max()) return;
    if (std::chrono::steady_clock::now() < self->deadline_) return self->wait_for_deadline();
    self->on_deadline();
  });
}

void Connection::on_deadline() {
  if (phase_ == Phase::streaming) return write_chunk(heartbeat_);
  const bool reading = phase_ == Phase::header || phase_ == Phase::body;
  core_->count_timeout(phase_ == Phase::idle      ? "idle"
                       : phase_ == Phase::header  ? "header"
                       : phase_ == Phase::body    ? "body"
                       : phase_ == Phase::writing ? "write"
                                                  : "linger");
  if (!reading) return close();
  if (exchange_.id.empty()) exchange_.id = core_->next_request_id();
  timed_out_ = true;  // on_read answers
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  leave_stream();
  core_->end_wait(wait_place_);
  (void)hold(0);
  end_exchange();
  timer_.cancel();
  tls_.reset();
  error_code ignored;
  socket_.close(ignored);
  core_->leave(shared_from_this(), control_);
}

}  // namespace tideline::http
