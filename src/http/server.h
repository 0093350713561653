// Server: HTTP/1.1 over TCP and over a Unix socket, with limits and time-outs on everything.
//
// Knows no domain word: a Router says what is served.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/time.h"
#include "http/router.h"
#include "http/work_queue.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "telemetry/right_of_way.h"

namespace tideline::http {

struct Timeouts {
  Duration header =
      std::chrono::seconds(10);  // from the first byte (or the connect) to the blank line
  Duration body = std::chrono::seconds(30);   // for the whole body
  Duration idle = std::chrono::seconds(75);   // between two requests
  Duration write = std::chrono::seconds(30);  // without the caller taking a byte
  Duration linger = std::chrono::seconds(2);  // reading on after an early refusal, so it is seen
};

struct ServerOptions {
  std::string address = "127.0.0.1";  // numeric, or "localhost"; empty: no TCP
  std::uint16_t port = 0;             // 0: any free one, see Server::port
  // PEM files; with a certificate TCP speaks TLS, 1.2 or later, and nothing else.
  std::string tls_certificate_file;
  std::string tls_key_file;
  std::string unix_socket_path;  // the control socket, mode 0600, any length; empty: none
  // Handlers of `queued` routes that run at one moment. One thread more serves, so that heads are
  // read and requests refused however much work there is.
  unsigned threads = 2;
  Duration queue_wait_max{250};  // of `queued` routes; what would wait longer is 429
  // TCP. One more takes the place of one that waits idle, or is answered 503 and closed.
  std::size_t connections_max = 1024;
  std::size_t control_connections_max = 64;
  std::size_t streams_max = 512;             // answers that go on; one more is 503
  std::size_t header_bytes_max = 16 * 1024;  // request line and fields; more is 431
  // What callers make the server hold at one moment: bodies, as sent and inflated, half-read heads
  // and answers that they have not taken. For more, the slowest caller is cut off, or it is 429
  // with Retry-After.
  std::size_t held_bytes_max = 256u << 20;
  Timeouts timeouts;
  CorsOptions cors;                    // of routes with cors = true
  std::string request_id_seed;         // differs from process to process; ids are seed-number
  const Clock* clock = nullptr;        // for Date; null: no Date header. Must outlive the server
  Metrics* metrics = nullptr;          // null: nothing is counted. Must outlive the server
  RightOfWay* right_of_way = nullptr;  // told of work on `queued` routes. Must outlive the server
  Logger* log = nullptr;  // answers of 500 and what handlers threw; null: nothing is said
};

class Server {
 public:
  // Binds and listens; connections wait until run(). Errors: io_failed (address in use, no right),
  // invalid (no such address), conflict (somebody answers on the socket path).
  [[nodiscard]] static Result<Server> open(ServerOptions options, Router router);
  Server(Server&&) noexcept;
  Server& operator=(Server&&) = delete;
  ~Server();  // not while run() is running

  [[nodiscard]] std::uint16_t port() const;  // 0 without TCP

  // Serves on `threads` + 1 threads, the caller's among them, until stop().
  void run();
  // Reads the certificate and its key again, for connections from now on. On an error those in
  // force stay. Thread-safe.
  Status reload_tls();
  // Closes every connection at once and lets run() return. Thread-safe, any number of times.
  void stop();
  // Accepts no more; new requests on open connections get 503, streams end; waits until every
  // request that was accepted is answered, at most `bound`. True when all were. Not from the
  // server's own threads.
  bool drain(Duration bound);
  // Requests accepted and not yet answered.
  [[nodiscard]] std::size_t in_flight() const;

  struct Load {
    std::size_t connections = 0;
    std::size_t connections_max = 0;
    std::size_t streams = 0;    // of the connections: answers that go on
    std::size_t in_flight = 0;  // requests accepted and not yet answered
    std::size_t held_bytes = 0;
    std::size_t held_bytes_max = 0;
    std::size_t slow = 0;  // connections that hold bytes and wait for their callers
    WorkQueue::Load work;
    // How often a request was refused for want of room or time, by the code of the answer; empty
    // without metrics.
    std::vector<std::pair<std::string, std::uint64_t>> refusals;
  };
  [[nodiscard]] Load load() const;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tideline::http
