#include "http/stream.h"

#include "base/check.h"
#include "http/message.h"

namespace tideline::http {

void StreamQueue::wake_once(std::unique_lock<std::mutex> lock) {
  if (woken_) return;
  woken_ = true;
  lock.unlock();
  wake_();
}

bool StreamQueue::push(std::string_view text) {
  std::unique_lock lock(mutex_);
  if (over_) return false;
  if (waiting_.size() + text.size() > bytes_max_) {
    over_ = overrun_ = true;
    waiting_ = {};
  } else {
    waiting_ += text;
  }
  const bool taken = !over_;
  wake_once(std::move(lock));
  return taken;
}

void StreamQueue::end() {
  std::unique_lock lock(mutex_);
  if (over_) return;
  over_ = true;
  wake_once(std::move(lock));
}

bool StreamQueue::is_open() const {
  const std::lock_guard lock(mutex_);
  return !over_;
}

StreamQueue::Part StreamQueue::take() {
  const std::lock_guard lock(mutex_);
  woken_ = false;
  return {std::exchange(waiting_, {}), over_, overrun_};
}

void StreamQueue::close() {
  const std::lock_guard lock(mutex_);
  over_ = woken_ = true;
  waiting_ = {};
}

Response event_stream_response(std::function<void(Stream)> begin) {
  Response response = text_response({}, "text/event-stream; charset=utf-8");
  response.headers.set("X-Accel-Buffering", "no");  // proxies hand on what comes at once
  response.stream.emplace();
  response.stream->begin = std::move(begin);
  response.stream->heartbeat = ":\n\n";
  return response;
}

std::string event_text(std::string_view id, std::string_view name, std::string_view data) {
  CHECK(id.find_first_of("\r\n") == std::string_view::npos);
  CHECK(name.find_first_of("\r\n") == std::string_view::npos);
  std::string text;
  text.reserve(data.size() + id.size() + name.size() + 32);
  if (!id.empty()) (text += "id: ").append(id) += '\n';
  if (!name.empty()) (text += "event: ").append(name) += '\n';
  // Each line of the data is a field of its own.
  while (true) {
    const std::size_t end = std::min(data.find_first_of("\r\n"), data.size());
    (text += "data: ").append(data.substr(0, end)) += '\n';
    if (end == data.size()) break;
    const bool both = data.substr(end, 2) == "\r\n";
    data.remove_prefix(end + (both ? 2 : 1));
  }
  return text += '\n';
}

}  // namespace tideline::http
