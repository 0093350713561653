// A running server on a free loopback port, and a raw socket to it, for the tests of src/http.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/check.h"
#include "http/client.h"
#include "http/server.h"

namespace tideline::http {

class RunningServer {
 public:
  explicit RunningServer(Router router, ServerOptions options = {})
      : server_(open(std::move(options), std::move(router))), thread_([this] { server_.run(); }) {}
  ~RunningServer() {
    server_.stop();
    thread_.join();
  }
  [[nodiscard]] Client client(ClientOptions options = {}) const {
    return Client::tcp("127.0.0.1", server_.port(), options);
  }
  Server* operator->() { return &server_; }

 private:
  static Server open(ServerOptions options, Router router) {
    if (options.request_id_seed.empty()) options.request_id_seed = "test";
    auto server = Server::open(std::move(options), std::move(router));
    CHECK(server.has_value());
    return *std::move(server);
  }
  Server server_;
  std::thread thread_;
};

// Sends bytes as they are and reads whatever comes, for as long as the test needs to be sure of
// it.
class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  }
  RawSocket(RawSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~RawSocket() {
    if (fd_ >= 0) ::close(fd_);
  }
  // False when the server has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  // Until the server closes; "no end" is appended when it has not within 20 s.
  [[nodiscard]] std::string read_all() { return read_until("\x01never\x01"); }
  // Until `mark` was read, or the end.
  [[nodiscard]] std::string read_until(std::string_view mark) {
    std::string text;
    char bytes[4096];
    while (text.find(mark) == std::string::npos) {
      pollfd entry{fd_, POLLIN, 0};
      if (::poll(&entry, 1, 20'000) <= 0) return text + "no end";
      const ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
      if (n <= 0) return text;
      text.append(bytes, static_cast<std::size_t>(n));
    }
    return text;
  }
  void finish_sending() { ::shutdown(fd_, SHUT_WR); }

 private:
  int fd_;
};

inline std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

}  // namespace tideline::http
