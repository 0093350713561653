// Stream: an answer that goes on. What is handed to it leaves as it comes, in chunks, until either
// side ends it. And its use for server-sent events (text/event-stream).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/time.h"

namespace tideline::http {

// What waits to be sent on one stream. Between whoever sends and the connection. Thread-safe.
class StreamQueue {
 public:
  // `wake` is called from any thread when there is something new to take; once, until it is taken.
  StreamQueue(std::size_t bytes_max, std::function<void()> wake)
      : bytes_max_(bytes_max), wake_(std::move(wake)) {}

  bool push(std::string_view text);  // false: it is over
  void end();                        // nothing follows what waits already
  [[nodiscard]] bool is_open() const;

  struct Part {
    std::string text;
    bool over = false;     // nothing follows
    bool overrun = false;  // the caller took too little; what waited is lost
  };
  [[nodiscard]] Part take();
  void close();  // the connection is gone

 private:
  void wake_once(std::unique_lock<std::mutex> lock);

  const std::size_t bytes_max_;
  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::string waiting_;
  bool over_ = false;
  bool overrun_ = false;
  bool woken_ = false;
};

// A handle; may be copied, may outlive the connection and the server.
class Stream {
 public:
  explicit Stream(std::shared_ptr<StreamQueue> queue) : queue_(std::move(queue)) {}
  // Never waits. False once it is over: the caller went, was too slow, or the server stops.
  bool send(std::string_view text) const { return queue_->push(text); }
  void end() const { queue_->end(); }
  [[nodiscard]] bool is_open() const { return queue_->is_open(); }

 private:
  std::shared_ptr<StreamQueue> queue_;
};

// How an answer goes on.
struct Streaming {
  // Called once, on one of the server's threads, when the head is on its way.
  std::function<void(Stream)> begin;
  // Sent whenever nothing else was for so long, so that both sides notice when the other is gone.
  std::string heartbeat;
  Duration heartbeat_every = std::chrono::seconds(15);
  // May wait for a caller who reads slowly, beside what the kernel holds; more ends the stream.
  std::size_t waiting_bytes_max = 256 * 1024;
};

struct Response;

// 200 with text/event-stream; a comment is its heartbeat. `begin` as above.
[[nodiscard]] Response event_stream_response(std::function<void(Stream)> begin);

// One event as it stands in the stream. An id or a name with a line break is a programmer's error;
// empty ones are left out.
[[nodiscard]] std::string event_text(std::string_view id, std::string_view name,
                                     std::string_view data);

}  // namespace tideline::http
