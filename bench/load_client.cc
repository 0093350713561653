// Sends batches of 376-byte events over many connections at once, as fast as they are
// acknowledged, and prints how long it took. One thread; what it sends is made before the clock
// starts, so that the client takes as little as possible of the cores that it shares.
//
//   load_client PROTOCOL PORT KEY PREFIX CONNECTIONS BATCHES_A_CONNECTION EVENTS_A_BATCH [RATE]
//
// With RATE, events a second over all connections, each batch has its time, and is late, not left
// out, when the one before it was not answered by then; latency counts from that time.
//
// PROTOCOL: `http` (POST /v1/batch, KEY as Bearer) or `redis` (one XADD an event, a batch
// pipelined, to the stream KEY). PREFIX begins every message id: one that was not used before, or
// the events are duplicates. Any answer but a success ends the program with status 1.
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

#include "base/clock.h"
#include "bench/measure.h"

namespace tideline::bench {
namespace {

constexpr std::size_t kEventBytes = 376;
constexpr std::uint64_t kCustomers = 100'000;

struct Load {
  bool redis = false;
  std::uint16_t port = 0;
  std::string key;
  std::string prefix;
  std::uint64_t connections = 0;
  std::uint64_t batches = 0;  // a connection
  std::uint64_t events = 0;   // a batch
  double rate = 0;            // events a second; 0: as fast as they are acknowledged

  // Seconds between two batches of a connection.
  [[nodiscard]] double gap_s() const {
    return rate > 0 ? static_cast<double>(events * connections) / rate : 0;
  }
};

// Exactly kEventBytes of JSON.
std::string event_text(const Load& load, std::uint64_t number, const std::string& now) {
  // A step prime to the number of customers, so that neighbours are not the same one.
  const std::uint64_t customer = number * 7'919 % kCustomers;
  std::string text = R"({"type":"track","messageId":")" + load.prefix + "-" +
                     std::to_string(number) + R"(","userId":"c)" + std::to_string(customer) +
                     R"(","event":"Session Completed","timestamp":")" + now +
                     R"(","properties":{"duration_min":50,"tutor_id":"t)" +
                     std::to_string(customer % 400) + R"(","tutor_rating":4.5,"note":")";
  const std::string end = R"("}})";
  require(text.size() + end.size() <= kEventBytes, "PREFIX is too long");
  text.append(kEventBytes - text.size() - end.size(), 'x');
  return text + end;
}

std::string http_request(const Load& load, std::uint64_t first, const std::string& now) {
  std::string body = R"({"batch":[)";
  for (std::uint64_t i = 0; i < load.events; ++i) {
    if (i > 0) body += ',';
    body += event_text(load, first + i, now);
  }
  body += R"(],"sentAt":")" + now + R"("})";
  return "POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Authorization: Bearer " +
         load.key + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string redis_request(const Load& load, std::uint64_t first, const std::string& now) {
  std::string bytes;
  for (std::uint64_t i = 0; i < load.events; ++i) {
    bytes += "*5\r\n$4\r\nXADD\r\n$" + std::to_string(load.key.size()) + "\r\n" + load.key +
             "\r\n$1\r\n*\r\n$1\r\ne\r\n$" + std::to_string(kEventBytes) + "\r\n" +
             event_text(load, first + i, now) + "\r\n";
  }
  return bytes;
}

// How many bytes the answer at the front of `bytes` has; 0: not all of it is there yet.
std::size_t http_answer(std::string_view bytes) {
  const std::size_t head = bytes.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  constexpr std::string_view kLengths[] = {"Content-Length: ", "content-length: "};
  std::size_t length = std::string_view::npos;
  for (const std::string_view name : kLengths) {
    const std::size_t at = bytes.substr(0, head).find(name);
    if (at == std::string_view::npos) continue;
    std::from_chars(bytes.data() + at + name.size(), bytes.data() + head, length);
  }
  require(length != std::string_view::npos, "an answer without Content-Length");
  if (bytes.size() < head + 4 + length) return 0;
  require(bytes.starts_with("HTTP/1.1 200 ") &&
              bytes.substr(head + 4, length).starts_with(R"({"success":true)"),
          "refused: " + std::string(bytes.substr(0, head + 4 + length)));
  return head + 4 + length;
}

// Each XADD is answered with the id that it gave: "$15\r\n1700000000000-0\r\n".
std::size_t redis_answer(std::string_view bytes, std::uint64_t events) {
  std::size_t at = 0;
  for (std::uint64_t i = 0; i < 2 * events; ++i) {
    if (at < bytes.size()) {
      require(bytes[at] == (i % 2 == 0 ? '$' : bytes[at]), "refused: " + std::string(bytes));
    }
    const std::size_t end = bytes.find('\n', at);
    if (end == std::string_view::npos) return 0;
    at = end + 1;
  }
  return at;
}

// One connection: a batch is sent when the one before it was answered.
class Sender {
 public:
  // `first_s`: when its first batch is due, where batches have a rate.
  Sender(const Load& load, int epoll, double first_s, std::vector<std::string> requests)
      : load_(load), first_s_(first_s), requests_(std::move(requests)) {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(load.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const int connected = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    require(connected == 0 || errno == EINPROGRESS, "cannot connect");
    epoll_event wanted{};
    wanted.events = EPOLLIN | EPOLLOUT | EPOLLET;
    wanted.data.ptr = this;
    require(::epoll_ctl(epoll, EPOLL_CTL_ADD, fd_, &wanted) == 0, "epoll_ctl");
  }
  ~Sender() { ::close(fd_); }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;

  // As far as the socket and the clock let it; true when the last answer has come, once.
  bool go_on(double now_s) {
    if (batch_ == requests_.size()) return false;
    now_s_ = now_s;
    for (bool moved = true; moved && batch_ < requests_.size();) {
      moved = due_s() <= now_s_ && send_some();
      moved = receive_some() || moved;
    }
    return batch_ == requests_.size();
  }

  [[nodiscard]] const std::vector<double>& latencies_ms() const { return latencies_ms_; }

 private:
  // When the batch at hand is to be sent.
  [[nodiscard]] double due_s() const {
    return load_.rate > 0 ? first_s_ + static_cast<double>(batch_) * load_.gap_s() : answered_s_;
  }

  bool send_some() {
    const std::string& request = requests_[batch_];
    if (sent_ == request.size()) return false;
    const ssize_t n = ::send(fd_, request.data() + sent_, request.size() - sent_, MSG_NOSIGNAL);
    require(n > 0 || errno == EAGAIN || errno == ENOTCONN, "the connection broke");
    if (n > 0) sent_ += static_cast<std::size_t>(n);
    return n > 0;
  }

  bool receive_some() {
    char bytes[16 << 10];
    const ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
    require(n > 0 || (n < 0 && (errno == EAGAIN || errno == ENOTCONN)), "the connection closed");
    if (n < 0) return false;
    answer_.append(bytes, static_cast<std::size_t>(n));
    const std::size_t whole =
        load_.redis ? redis_answer(answer_, load_.events) : http_answer(answer_);
    if (whole == 0) return true;
    require(whole == answer_.size() && sent_ == requests_[batch_].size(), "an answer too many");
    answer_.clear();
    latencies_ms_.push_back((now_s_ - due_s()) * 1e3);
    answered_s_ = now_s_;
    sent_ = 0;
    ++batch_;
    return true;
  }

  const Load& load_;
  const double first_s_;
  const std::vector<std::string> requests_;
  int fd_ = -1;
  std::size_t batch_ = 0;
  std::size_t sent_ = 0;
  std::string answer_;
  double now_s_ = 0;
  double answered_s_ = 0;  // the batch before
  std::vector<double> latencies_ms_;
};

// How long all of it took.
Elapsed send_all(std::vector<std::unique_ptr<Sender>>& senders, int epoll, bool paced) {
  const Stopwatch watch;
  std::size_t done = 0;
  std::vector<epoll_event> events(senders.size());
  const int patience_ms = paced ? 1 : 60'000;
  while (done < senders.size()) {
    const int n = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), patience_ms);
    require(n > 0 || paced, "no answer for a minute");
    for (int i = 0; i < n; ++i) {
      auto* sender = static_cast<Sender*>(events[static_cast<std::size_t>(i)].data.ptr);
      done += sender->go_on(watch.wall_s()) ? 1 : 0;
    }
    if (!paced) continue;
    for (const auto& sender : senders) done += sender->go_on(watch.wall_s()) ? 1 : 0;
  }
  return watch.elapsed();
}

void run(const Load& load) {
  const std::string now = format_time(SystemClock().now());
  const int epoll = ::epoll_create1(0);
  std::vector<std::unique_ptr<Sender>> senders;
  for (std::uint64_t c = 0; c < load.connections; ++c) {
    std::vector<std::string> requests;
    for (std::uint64_t b = 0; b < load.batches; ++b) {
      const std::uint64_t first = (c * load.batches + b) * load.events;
      requests.push_back(load.redis ? redis_request(load, first, now)
                                    : http_request(load, first, now));
    }
    // One after the other, not all at once.
    const double first_s =
        load.gap_s() * static_cast<double>(c) / static_cast<double>(load.connections);
    senders.push_back(std::make_unique<Sender>(load, epoll, first_s, std::move(requests)));
  }
  const Elapsed elapsed = send_all(senders, epoll, load.rate > 0);

  std::vector<double> all;
  for (const auto& one : senders) {
    all.insert(all.end(), one->latencies_ms().begin(), one->latencies_ms().end());
  }
  require(all.size() == load.connections * load.batches, "not every batch was sent");
  std::sort(all.begin(), all.end());
  const auto quantile = [&](double q) {
    return all[static_cast<std::size_t>(q * static_cast<double>(all.size() - 1))];
  };
  std::printf(
      "{\"events\":%lu,\"wall_s\":%.6f,\"cpu_s\":%.6f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
      "\"max_ms\":%.3f}\n",
      static_cast<unsigned long>(all.size() * load.events), elapsed.wall_s, elapsed.cpu_s,
      quantile(0.5), quantile(0.99), all.back());
}

}  // namespace
}  // namespace tideline::bench

int main(int argc, char** argv) {
  using tideline::bench::require;
  require(argc == 8 || argc == 9,
          "usage: load_client http|redis PORT KEY PREFIX CONNECTIONS BATCHES EVENTS [RATE]");
  const auto number = [&](int i) { return std::strtoull(argv[i], nullptr, 10); };
  const std::string protocol = argv[1];
  require(protocol == "http" || protocol == "redis", "PROTOCOL: http or redis");
  const tideline::bench::Load load{protocol == "redis",
                                   static_cast<std::uint16_t>(number(2)),
                                   argv[3],
                                   argv[4],
                                   number(5),
                                   number(6),
                                   number(7),
                                   argc == 9 ? std::strtod(argv[8], nullptr) : 0};
  require(load.port > 0 && load.connections > 0 && load.batches > 0 && load.events > 0,
          "the numbers must be above 0");
  tideline::bench::run(load);
}
