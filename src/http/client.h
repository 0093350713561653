// Client: one blocking HTTP/1.1 connection, over TCP or a Unix socket; for the control socket and
// tests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "http/message.h"

namespace tideline::http {

struct ClientResponse {
  int status = 0;
  Headers headers;
  std::string body;
};

struct ClientOptions {
  Duration connect_timeout = std::chrono::seconds(5);
  Duration request_timeout = std::chrono::seconds(60);  // for a whole exchange; 0: none
  std::size_t response_bytes_max = 1u << 30;
};

// Keeps the connection between requests and opens a new one when the server closed it. Not
// thread-safe.
class Client {
 public:
  // Numeric address or "localhost". Nothing is connected before the first request.
  [[nodiscard]] static Client tcp(std::string address, std::uint16_t port,
                                  ClientOptions options = {});
  // A socket path of any length.
  [[nodiscard]] static Client unix_socket(std::string path, ClientOptions options = {});
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  // Any HTTP status is a success here. Errors: unavailable (nobody listens, or the connection was
  // closed before an answer), timeout, too_large, invalid (not HTTP). A request that may have been
  // received is never sent twice.
  [[nodiscard]] Result<ClientResponse> request(Method method, std::string_view target,
                                               const Headers& headers = {},
                                               std::string_view body = {});
  [[nodiscard]] Result<ClientResponse> get(std::string_view target) {
    return request(Method::get, target);
  }
  // With Content-Type: application/json.
  [[nodiscard]] Result<ClientResponse> post(std::string_view target, std::string_view json);

 private:
  struct Impl;
  explicit Client(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tideline::http
