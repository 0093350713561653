// Core: what the connections of one server share. Internal to src/http; Boost stays behind
// server.h.
#pragma once

#include <atomic>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>

#include "http/server.h"

namespace tideline::http {

namespace asio = boost::asio;
using Strand = asio::strand<asio::io_context::executor_type>;
// TCP and Unix sockets under one type.
using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, Strand>;

class Connection;

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

  // Bytes of bodies held; false when the budget does not allow it and nothing was taken.
  [[nodiscard]] bool reserve(std::size_t bytes);
  void release(std::size_t bytes);

  [[nodiscard]] const RouteProbe& probe(const Router::Route* route) const;

  const ServerOptions options;
  const Router router;
  asio::io_context io;
  std::atomic<bool> draining = false;  // new requests are refused
  std::atomic<bool> stopping = false;  // new connections are closed

 private:
  std::atomic<std::uint64_t> requests_ = 0;
  std::atomic<std::size_t> body_bytes_ = 0;
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable answered_;
  std::set<std::shared_ptr<Connection>> connections_;
  std::size_t tcp_count_ = 0;
  std::size_t control_count_ = 0;
  std::size_t in_flight_ = 0;
  // Filled by the constructor, read-only after it; nullptr: requests that no route took.
  std::unordered_map<const Router::Route*, RouteProbe> probes_;
  Gauge open_connections_;
};

}  // namespace tideline::http
