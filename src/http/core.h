// Core: what the connections of one server share. Internal to src/http; Boost stays behind
// server.h.
#pragma once

#include <atomic>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <condition_variable>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>

#include "http/held_bytes.h"
#include "http/server.h"
#include "http/tls.h"
#include "http/work_queue.h"

namespace tideline::http {

namespace asio = boost::asio;
using Strand = asio::strand<asio::io_context::executor_type>;
// TCP and Unix sockets under one type.
using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, Strand>;

using ReadBuffer = boost::beast::flat_buffer;

class Connection;

// How much is read at once.
inline constexpr std::size_t kReadBytes = 64 * 1024;

// A connection's place among those that wait for their callers; longest first.
using WaitList = std::list<Connection*>;
struct WaitPlace {
  explicit WaitPlace(Connection* connection) : node{connection}, at(node.begin()) {}
  WaitList node;           // holds its one element while it is in no list
  WaitList::iterator at;   // stays the same on every move
  WaitList* in = nullptr;  // nullptr: it waits for nobody
  std::chrono::steady_clock::time_point since;
};

// Counters of one route, by the first digit of the status.
struct RouteProbe {
  Counter by_class[6];
  Histogram seconds;
};

// Thread-safe. Connections keep it alive, so that nothing of Asio outlives its io_context; it
// keeps the open connections alive in turn, until Connection::close takes them out.
class Core {
 public:
  Core(ServerOptions options, Router router);

  [[nodiscard]] std::string next_request_id();
  // "Sun, 06 Nov 1994 08:49:37 GMT"; empty without a clock.
  [[nodiscard]] std::string date() const;

  // What a new connection finds: a place, the time to be told that there is none, or not even
  // that.
  enum class Room { enough, full, flooded };
  Room enter(const std::shared_ptr<Connection>& connection, bool control);
  void leave(const std::shared_ptr<Connection>& connection, bool control);
  [[nodiscard]] std::vector<std::shared_ptr<Connection>> connections() const;

  void begin_request();
  void end_request();
  [[nodiscard]] std::size_t in_flight() const;
  bool wait_until_answered(Duration bound);
  void wait_until_streams_ended(Duration bound);

  // A connection waits for its caller from now on, unless it did already; `holding`: with bytes of
  // its own meanwhile.
  void begin_wait(WaitPlace& place, bool holding);
  void end_wait(WaitPlace& place);
  // Ends the connection that has waited longest for its caller, if that is long enough to call it
  // slow. Its bytes come free a moment later.
  bool evict_slowest_holder();

  // Empty buffers of kReadBytes, so that connections without bytes have none.
  [[nodiscard]] ReadBuffer lend_buffer();
  void take_back(ReadBuffer buffer);

  [[nodiscard]] const RouteProbe& probe(const Router::Route* route) const;
  void count_refusal(const std::string& code);
  void count_timeout(const char* phase);
  // False when there are as many streams as there may be.
  [[nodiscard]] bool enter_stream();
  void leave_stream();
  [[nodiscard]] Server::Load load() const;

  // The certificate in force; nullptr: no TLS.
  [[nodiscard]] std::shared_ptr<const TlsContext> tls() const;
  void use_tls(std::shared_ptr<const TlsContext> tls);

  const ServerOptions options;
  const Router router;
  HeldBytes held;
  WorkQueue work;
  asio::io_context io;
  std::atomic<bool> draining = false;  // new requests are refused
  std::atomic<bool> stopping = false;  // new connections are closed

 private:
  std::atomic<std::uint64_t> requests_ = 0;
  std::atomic<std::size_t> streams_ = 0;
  bool evict_first(WaitList& list);

  mutable std::mutex tls_mutex_;
  std::shared_ptr<const TlsContext> tls_;
  mutable std::mutex waits_mutex_;  // guards the two lists and every WaitPlace
  WaitList holding_;                // with bytes of half-read requests or of answers not taken
  WaitList empty_handed_;           // between requests
  std::mutex buffers_mutex_;
  std::vector<ReadBuffer> buffers_;
  mutable std::mutex refusals_mutex_;
  std::map<std::string, Counter> refusals_;  // by code; as many as the code has

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable answered_;
  std::set<std::shared_ptr<Connection>> connections_;
  std::size_t tcp_count_ = 0;
  std::size_t control_count_ = 0;
  std::size_t in_flight_ = 0;
  // Filled by the constructor, read-only after it; nullptr: requests that no route took.
  std::unordered_map<const Router::Route*, RouteProbe> probes_;
  Gauge open_connections_;
  Gauge open_streams_;
  Counter evicted_;
};

}  // namespace tideline::http
