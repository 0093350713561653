// The part of Connection that answers with a stream: chunks as they come, heartbeats, and the end.
#include <boost/asio/post.hpp>
#include <charconv>

#include "http/connection.h"

namespace tideline::http {
namespace {

using boost::system::error_code;

// A caller has nothing more to say while it listens; one that sends this much is none.
constexpr std::size_t kIgnoredBytesMax = 64 * 1024;

std::string chunk_head(std::size_t bytes) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, bytes, 16).ptr;
  return std::string(digits, end) + "\r\n";
}

}  // namespace

void Connection::begin_stream(Response response) {
  if (core_->draining || !core_->enter_stream()) {
    Problem problem{503, core_->draining ? "draining" : "too_many_streams",
                    "no further stream can be opened now"};
    problem.retry_after_s = 5;
    return respond(problem_response(std::move(problem)));
  }
  Streaming streaming = *std::move(response.stream);
  exchange_.keep_alive = false;  // it ends with the connection
  out_head_ = head_of(response, 0);
  out_body_ = {};
  out_done_ = 0;
  (void)hold(0);
  count_answer(response);
  end_exchange();  // a drain ends a stream and does not wait for it
  heartbeat_ = std::move(streaming.heartbeat);
  heartbeat_every_ = streaming.heartbeat_every;
  ignored_ = 0;
  stream_ = std::make_shared<StreamQueue>(streaming.waiting_bytes_max, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    asio::post(self->socket_.get_executor(), [weak] {
      const auto open = weak.lock();
      if (open != nullptr && open->phase_ == Phase::streaming) open->stream_more();
    });
  });
  phase_ = Phase::writing;
  buffer_.consume(buffer_.size());
  watch_listener();
  streaming.begin(Stream(stream_));
  write_some();
}

// What was written is taken; on to what came meanwhile.
void Connection::stream_more() {
  core_->end_wait(wait_place_);
  (void)hold(0);
  StreamQueue::Part part = stream_->take();
  if (part.overrun) {
    core_->count_timeout("stream");
    return close();
  }
  if (!part.text.empty()) return write_chunk(std::move(part.text));
  if (part.over) {
    leave_stream();
    out_head_ = exchange_.http_1_0 ? "" : "0\r\n\r\n";
    out_body_ = {};
    out_done_ = 0;
    phase_ = Phase::writing;
    return write_some();
  }
  out_body_ = {};
  phase_ = Phase::streaming;
  arm(heartbeat_every_);
}

void Connection::write_chunk(std::string text) {
  phase_ = Phase::writing;
  if (exchange_.http_1_0) {
    out_head_ = {};
  } else {
    out_head_ = chunk_head(text.size());
    text += "\r\n";
  }
  out_body_.own = std::move(text);
  out_done_ = 0;
  write_some();
}

// Hears when the caller goes away; what it sends instead is thrown away.
void Connection::watch_listener() {
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](error_code ec) {
    if (self->phase_ == Phase::closed || self->stream_ == nullptr) return;
    if (ec) return self->close();
    char ignored[1024];
    const std::size_t bytes = self->receive(asio::buffer(ignored), ec);
    const bool nothing = ec == asio::error::would_block || ec == asio::error::try_again;
    if (ec && !nothing) return self->close();
    self->ignored_ += bytes;
    if (self->ignored_ > kIgnoredBytesMax) return self->close();
    self->watch_listener();
  });
}

void Connection::end_stream_soon() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    if (self->stream_ != nullptr) self->stream_->end();
  });
}

void Connection::leave_stream() {
  if (stream_ == nullptr) return;
  stream_->close();
  stream_ = nullptr;
  core_->leave_stream();
}

}  // namespace tideline::http
