#include "http/client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>

#include "http/unix_path.h"

namespace tideline::http {
namespace {

namespace beast_http = boost::beast::http;
using SteadyTime = std::chrono::steady_clock::time_point;
using Parser = beast_http::response_parser<beast_http::string_body>;

constexpr std::size_t kReadBytes = 64 * 1024;

SteadyTime deadline_after(Duration wait) {
  return wait <= Duration(0) ? SteadyTime::max() : std::chrono::steady_clock::now() + wait;
}

// Which of `events` is there, 0 at the deadline.
short wait_for(int fd, short events, SteadyTime deadline) {
  while (true) {
    int wait_ms = -1;
    if (deadline != SteadyTime::max()) {
      const auto left = deadline - std::chrono::steady_clock::now();
      const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
      if (ms <= 0) return 0;
      wait_ms = static_cast<int>(std::min<std::int64_t>(ms, 60'000));
    }
    pollfd entry{fd, events, 0};
    const int ready = ::poll(&entry, 1, wait_ms);
    if (ready > 0) return entry.revents;
    if (ready < 0 && errno != EINTR) return POLLERR;
  }
}

std::string request_head(Method method, std::string_view target, const Headers& headers,
                         std::size_t body_bytes) {
  std::string head(name_of(method));
  head += ' ';
  head += target;
  head += " HTTP/1.1\r\n";
  if (!headers.get("Host")) head += "Host: localhost\r\n";
  for (const auto& [name, value] : headers) head += name + ": " + value + "\r\n";
  const bool lengthless = body_bytes == 0 && (method == Method::get || method == Method::head);
  if (!lengthless && !headers.get("Content-Length")) {
    head += "Content-Length: " + std::to_string(body_bytes) + "\r\n";
  }
  return head + "\r\n";
}

}  // namespace

struct Client::Impl {
  ~Impl() { disconnect(); }

  Status connect();
  Status connect_to(const sockaddr* address, socklen_t bytes);
  void disconnect() {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  // Whether the idle connection is still open and silent.
  [[nodiscard]] bool usable() const {
    char byte = 0;
    return fd >= 0 && ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
  }
  // True when all was sent; false when the server answered, or closed, before that.
  Result<bool> send(std::string_view bytes, SteadyTime deadline);
  Result<ClientResponse> receive(bool head_only, SteadyTime deadline);
  Status read_into(Parser& parser, boost::beast::flat_buffer& buffer, SteadyTime deadline);
  [[nodiscard]] tl::unexpected<Error> timed_out() const {
    return fail(ErrorCode::timeout, "no answer from " + place + " in time");
  }

  ClientOptions options;
  std::string address;
  std::uint16_t port = 0;
  std::string path;   // of the Unix socket; empty: TCP
  std::string place;  // for messages
  int fd = -1;
};

Status Client::Impl::connect() {
  if (!path.empty()) {
    TRY_ASSIGN(const UnixPath usable_path, UnixPath::open(path));
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, usable_path.bindable().c_str(), usable_path.bindable().size() + 1);
    return connect_to(reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }
  const std::string numeric = address == "localhost" ? "127.0.0.1" : address;
  sockaddr_in to4{};
  to4.sin_family = AF_INET;
  to4.sin_port = htons(port);
  if (::inet_pton(AF_INET, numeric.c_str(), &to4.sin_addr) == 1) {
    return connect_to(reinterpret_cast<const sockaddr*>(&to4), sizeof to4);
  }
  sockaddr_in6 to6{};
  to6.sin6_family = AF_INET6;
  to6.sin6_port = htons(port);
  if (::inet_pton(AF_INET6, numeric.c_str(), &to6.sin6_addr) == 1) {
    return connect_to(reinterpret_cast<const sockaddr*>(&to6), sizeof to6);
  }
  return fail(ErrorCode::invalid, address + " is no numeric address");
}

Status Client::Impl::connect_to(const sockaddr* to, socklen_t bytes) {
  const auto unreachable = [&](int code) {
    disconnect();
    return fail(ErrorCode::unavailable, "cannot reach " + place + ": " + std::strerror(code));
  };
  fd = ::socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return unreachable(errno);
  const int on = 1;
  if (to->sa_family != AF_UNIX) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, to, bytes) == 0) return {};
  if (errno != EINPROGRESS) return unreachable(errno);
  if (wait_for(fd, POLLOUT, deadline_after(options.connect_timeout)) == 0) {
    return unreachable(ETIMEDOUT);
  }
  int code = 0;
  socklen_t code_bytes = sizeof code;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &code_bytes);
  if (code != 0) return unreachable(code);
  return {};
}

Result<bool> Client::Impl::send(std::string_view bytes, SteadyTime deadline) {
  while (!bytes.empty()) {
    const short ready = wait_for(fd, POLLOUT | POLLIN, deadline);
    if (ready == 0) return timed_out();
    if ((ready & POLLIN) != 0) return false;
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
  }
  return true;
}

Status Client::Impl::read_into(Parser& parser, boost::beast::flat_buffer& buffer,
                               SteadyTime deadline) {
  while (!parser.is_done()) {
    boost::system::error_code ec;
    if (buffer.size() > 0) buffer.consume(parser.put(buffer.data(), ec));
    if (ec == beast_http::error::body_limit) {
      return fail(ErrorCode::too_large, "the answer of " + place + " is too large");
    }
    if (ec && ec != beast_http::error::need_more) {
      return fail(ErrorCode::invalid, place + " does not speak HTTP: " + ec.message());
    }
    if (parser.is_done()) break;
    if (wait_for(fd, POLLIN, deadline) == 0) return timed_out();
    const auto room = buffer.prepare(kReadBytes);
    const ssize_t got = ::recv(fd, room.data(), room.size(), 0);
    if (got > 0) {
      buffer.commit(static_cast<std::size_t>(got));
    } else if (got == 0 && parser.got_some()) {
      parser.put_eof(ec);
      if (ec) return fail(ErrorCode::unavailable, place + " closed in the middle of its answer");
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
      return fail(ErrorCode::unavailable, place + " closed the connection without an answer");
    }
  }
  return {};
}

Result<ClientResponse> Client::Impl::receive(bool head_only, SteadyTime deadline) {
  boost::beast::flat_buffer buffer;
  while (true) {
    Parser parser;
    parser.eager(true);
    parser.skip(head_only);
    parser.body_limit(options.response_bytes_max);
    TRY(read_into(parser, buffer, deadline));
    auto& message = parser.get();
    if (message.result_int() / 100 == 1) continue;  // 100 Continue comes before the answer
    ClientResponse response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
      response.headers.add(std::string(field.name_string()), std::string(field.value()));
    }
    response.body = std::move(message.body());
    if (!message.keep_alive()) disconnect();
    return response;
  }
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

Client Client::tcp(std::string address, std::uint16_t port, ClientOptions options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->place = address + " port " + std::to_string(port);
  impl->address = std::move(address);
  impl->port = port;
  return Client(std::move(impl));
}

Client Client::unix_socket(std::string path, ClientOptions options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->place = path;
  impl->path = std::move(path);
  return Client(std::move(impl));
}

Result<ClientResponse> Client::request(Method method, std::string_view target,
                                       const Headers& headers, std::string_view body) {
  if (!impl_->usable()) {
    impl_->disconnect();
    TRY(impl_->connect());
  }
  const SteadyTime deadline = deadline_after(impl_->options.request_timeout);
  std::string bytes = request_head(method, target, headers, body.size());
  bytes += body;
  const auto sent = impl_->send(bytes, deadline);
  if (!sent) {
    impl_->disconnect();
    return tl::unexpected(sent.error());
  }
  auto response = impl_->receive(method == Method::head, deadline);
  // What is left of a request that was answered early would be read as the next one.
  if (!response || !*sent) impl_->disconnect();
  return response;
}

Result<ClientResponse> Client::post(std::string_view target, std::string_view json) {
  Headers headers;
  headers.add("Content-Type", "application/json");
  return request(Method::post, target, headers, json);
}

}  // namespace tideline::http
