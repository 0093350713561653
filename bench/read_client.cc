// Asks one path again and again over several connections, each as soon as the one before it was
// answered, and prints how long that took. One thread, as little work of its own as can be.
//
//   read_client PORT PATH CONNECTIONS REQUESTS_A_CONNECTION [BYTES]
//
// With BYTES every body must have that many. Any answer but a 200 ends the program with status 1.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <string_view>
#include <vector>

#include "bench/measure.h"

namespace tideline::bench {
namespace {

struct Load {
  std::uint16_t port = 0;
  std::string request;
  std::uint64_t connections = 0;
  std::uint64_t requests = 0;  // a connection
  std::size_t body_bytes = 0;  // 0: any
};

// Content-Length of a head; the name is written in either way.
std::size_t length_in(std::string_view head) {
  std::size_t length = std::string_view::npos;
  for (const std::string_view name : {"Content-Length: ", "content-length: "}) {
    const std::size_t at = head.find(name);
    if (at == std::string_view::npos) continue;
    std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
  }
  require(length != std::string_view::npos, "an answer without Content-Length");
  return length;
}

class Reader {
 public:
  Reader(const Load& load, int epoll) : load_(load) {
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(load.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    require(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0,
            "cannot connect");
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.ptr = this;
    require(::epoll_ctl(epoll, EPOLL_CTL_ADD, fd_, &wanted) == 0, "epoll_ctl");
    latencies_ms_.reserve(load.requests);
  }
  ~Reader() { ::close(fd_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  void ask(double now_s) {
    const ssize_t sent = ::send(fd_, load_.request.data(), load_.request.size(), MSG_NOSIGNAL);
    require(sent == static_cast<ssize_t>(load_.request.size()), "the connection broke");
    asked_s_ = now_s;
  }

  // What has come; true once the last answer is whole.
  bool receive(std::vector<char>& buffer, const Stopwatch& watch) {
    const ssize_t n = ::recv(fd_, buffer.data(), buffer.size(), 0);
    require(n > 0, "the connection closed");
    std::size_t bytes = static_cast<std::size_t>(n);
    if (left_ == 0) {  // a head begins
      head_.append(buffer.data(), bytes);
      const std::size_t end = head_.find("\r\n\r\n");
      if (end == std::string::npos) return false;
      require(head_.starts_with("HTTP/1.1 200 "), "refused: " + head_.substr(0, 500));
      const std::size_t length = length_in(std::string_view(head_).substr(0, end));
      require(load_.body_bytes == 0 || length == load_.body_bytes,
              "a body of " + std::to_string(length) + " bytes");
      bytes = head_.size() - end - 4;
      left_ = length;
      head_.clear();
    }
    require(bytes <= left_, "an answer too many");
    left_ -= bytes;
    if (left_ > 0) return false;
    const double now_s = watch.wall_s();
    latencies_ms_.push_back((now_s - asked_s_) * 1e3);
    if (latencies_ms_.size() == load_.requests) return true;
    ask(now_s);
    return false;
  }

  [[nodiscard]] const std::vector<double>& latencies_ms() const { return latencies_ms_; }

 private:
  const Load& load_;
  int fd_ = -1;
  std::string head_;
  std::size_t left_ = 0;  // of the body at hand
  double asked_s_ = 0;
  std::vector<double> latencies_ms_;
};

void run(const Load& load) {
  const int epoll = ::epoll_create1(0);
  std::vector<std::unique_ptr<Reader>> readers;
  for (std::uint64_t c = 0; c < load.connections; ++c)
    readers.push_back(std::make_unique<Reader>(load, epoll));
  std::vector<char> buffer(1 << 20);
  std::vector<epoll_event> events(readers.size());
  const Stopwatch watch;
  for (const auto& reader : readers) reader->ask(watch.wall_s());
  for (std::size_t done = 0; done < readers.size();) {
    const int n = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 60'000);
    require(n > 0, "no answer for a minute");
    for (int i = 0; i < n; ++i) {
      auto* reader = static_cast<Reader*>(events[static_cast<std::size_t>(i)].data.ptr);
      done += reader->receive(buffer, watch) ? 1 : 0;
    }
  }
  const Elapsed elapsed = watch.elapsed();
  std::vector<double> all;
  for (const auto& one : readers)
    all.insert(all.end(), one->latencies_ms().begin(), one->latencies_ms().end());
  std::sort(all.begin(), all.end());
  const auto quantile = [&](double q) {
    return all[static_cast<std::size_t>(q * static_cast<double>(all.size() - 1))];
  };
  std::printf(
      "{\"requests\":%lu,\"wall_s\":%.6f,\"cpu_s\":%.6f,\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n",
      static_cast<unsigned long>(all.size()), elapsed.wall_s, elapsed.cpu_s, quantile(0.5),
      quantile(0.99));
}

}  // namespace
}  // namespace tideline::bench

int main(int argc, char** argv) {
  using tideline::bench::require;
  require(argc == 5 || argc == 6, "usage: read_client PORT PATH CONNECTIONS REQUESTS [BYTES]");
  const auto number = [&](int i) { return std::strtoull(argv[i], nullptr, 10); };
  const tideline::bench::Load load{
      static_cast<std::uint16_t>(number(1)),
      "GET " + std::string(argv[2]) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", number(3), number(4),
      argc == 6 ? number(5) : 0};
  require(load.port > 0 && load.connections > 0 && load.requests > 0,
          "the numbers must be above 0");
  tideline::bench::run(load);
}
