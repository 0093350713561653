// Sends batches of 376-byte events at a fixed rate, whatever is answered, and prints what came of
// them: an open loop, as many independent producers make one. One thread; bodies are made before
// the clock starts and only their message ids are written anew, so that the client takes little of
// the cores that it shares with the server.
//
//   open_loop PORT KEY PREFIX CONNECTIONS REQUESTS_A_SECOND SECONDS EVENTS_A_BATCH
//
// Latency counts from the moment at which a request was due. One that is due while no connection
// is free is not sent, and counted as such. Prints one line of JSON; status 1 when an answer is no
// HTTP or a refusal (429, 503, 507) carries no whole-second Retry-After.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "bench/measure.h"

namespace tideline::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kEventBytes = 376;
constexpr std::size_t kNumberDigits = 12;
constexpr std::uint64_t kCustomers = 10'000;
constexpr std::size_t kBodies = 32;
constexpr int kSendBufferBytes = 512 * 1024;
// Answers that come this long after the last request are still waited for.
constexpr auto kPatience = std::chrono::seconds(15);

struct Load {
  std::uint16_t port = 0;
  std::string key;
  std::string prefix;
  std::uint64_t connections = 0;
  double rate = 0;
  double seconds = 0;
  std::uint64_t events = 0;
};

// A request whose message ids' last digits are at known places.
struct Body {
  std::string text;
  std::vector<std::size_t> numbers;
};

Body make_body(const Load& load, std::uint64_t seed, const std::string& now) {
  Body body;
  std::string json = R"({"batch":[)";
  std::vector<std::size_t> numbers;
  for (std::uint64_t i = 0; i < load.events; ++i) {
    if (i > 0) json += ',';
    const std::size_t begin = json.size();
    const std::uint64_t customer = (seed * load.events + i) * 7'919 % kCustomers;
    json += R"({"type":"track","messageId":")" + load.prefix + "-";
    numbers.push_back(json.size());
    json += std::string(kNumberDigits, '0') + R"(","userId":"c)" + std::to_string(customer) +
            R"(","event":"Session Completed","timestamp":")" + now +
            R"(","properties":{"duration_min":50,"tutor_id":"t)" + std::to_string(customer % 400) +
            R"(","tutor_rating":4.5,"note":")";
    const std::string end = R"("}})";
    const std::size_t used = json.size() - begin + end.size();
    require(used <= kEventBytes, "PREFIX is too long");
    json += std::string(kEventBytes - used, 'x') + end;
  }
  json += R"(],"sentAt":")" + now + R"("})";
  body.text =
      "POST /v1/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
      "Authorization: Bearer " +
      load.key + "\r\nContent-Length: " + std::to_string(json.size()) + "\r\n\r\n";
  for (const std::size_t at : numbers) body.numbers.push_back(body.text.size() + at);
  body.text += json;
  return body;
}

void number(Body& body, std::uint64_t& next) {
  for (const std::size_t at : body.numbers) {
    std::uint64_t left = next++;
    for (std::size_t digit = kNumberDigits; digit-- > 0; left /= 10) {
      body.text[at + digit] = static_cast<char>('0' + left % 10);
    }
  }
}

struct Connection {
  int fd = -1;
  bool busy = false;
  Steady::time_point due;
  std::string rest;  // of a request that the kernel did not take at once
  std::size_t sent = 0;
  std::string answer;
};

class Run {
 public:
  explicit Run(const Load& load) : load_(load), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    const std::string now = format_time(SystemClock().now());
    for (std::size_t i = 0; i < kBodies; ++i) bodies_.push_back(make_body(load, i, now));
    connections_.resize(load.connections);
    open_ = load.connections;
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      require(connect(i), std::strerror(errno));
      free_.push_back(i);
    }
    per_second_.resize(static_cast<std::size_t>(load.seconds) + 1);
  }

  void run() {
    const Stopwatch watch;
    start_ = Steady::now();
    const auto total = static_cast<std::uint64_t>(load_.rate * load_.seconds);
    const auto due_of = [&](std::uint64_t i) {
      return start_ + std::chrono::nanoseconds(
                          static_cast<std::int64_t>(static_cast<double>(i) / load_.rate * 1e9));
    };
    std::uint64_t next = 0;
    while (open_ > 0 && (next < total || busy_ > 0)) {
      const auto now = Steady::now();
      while (next < total && due_of(next) <= now) send_one(due_of(next++));
      if (next == total && now > due_of(total) + kPatience) break;
      wait_for_answers(next < total ? due_of(next) - Steady::now()
                                    : std::chrono::milliseconds(50));
    }
    unanswered_ = busy_;
    print(watch.elapsed());
  }

 private:
  // False when the server is away.
  bool connect(std::size_t index) {
    Connection& connection = connections_[index];
    connection = {};
    connection.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    require(connection.fd >= 0, std::strerror(errno));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(load_.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(connection.fd, SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes, sizeof kSendBufferBytes);
    if (::connect(connection.fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      return false;
    }
    epoll_event event{EPOLLIN, {.u64 = index}};
    require(::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event) == 0, std::strerror(errno));
    return true;
  }

  void send_one(Steady::time_point due) {
    if (free_.empty()) {
      ++unsent_;
      return;
    }
    const std::size_t index = free_.back();
    free_.pop_back();
    Connection& connection = connections_[index];
    Body& body = bodies_[sent_ % bodies_.size()];
    number(body, next_number_);
    ++sent_;
    ++busy_;
    connection.busy = true;
    connection.due = due;
    const ssize_t taken =
        ::send(connection.fd, body.text.data(), body.text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (taken == static_cast<ssize_t>(body.text.size())) return;
    if (taken < 0 && errno != EAGAIN) return lost(index);
    connection.rest = body.text.substr(static_cast<std::size_t>(std::max<ssize_t>(taken, 0)));
    connection.sent = 0;
    watch_for(index, EPOLLIN | EPOLLOUT);
  }

  void watch_for(std::size_t index, std::uint32_t events) {
    epoll_event event{events, {.u64 = index}};
    require(::epoll_ctl(epoll_, EPOLL_CTL_MOD, connections_[index].fd, &event) == 0,
            std::strerror(errno));
  }

  void send_rest(std::size_t index) {
    Connection& connection = connections_[index];
    const ssize_t taken =
        ::send(connection.fd, connection.rest.data() + connection.sent,
               connection.rest.size() - connection.sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (taken < 0 && errno != EAGAIN) return lost(index);
    connection.sent += static_cast<std::size_t>(std::max<ssize_t>(taken, 0));
    if (connection.sent < connection.rest.size()) return;
    connection.rest.clear();
    watch_for(index, EPOLLIN);
  }

  void wait_for_answers(Steady::duration at_most) {
    const auto wait_us =
        std::clamp<std::int64_t>(at_most / std::chrono::microseconds(1), 0, 50'000);
    const timespec wait{0, wait_us * 1000};
    epoll_event events[256];
    const int count = ::epoll_pwait2(epoll_, events, 256, &wait, nullptr);
    for (int i = 0; i < count; ++i) {
      const std::size_t index = events[i].data.u64;
      if ((events[i].events & EPOLLOUT) != 0) send_rest(index);
      if ((events[i].events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) receive(index);
    }
  }

  void receive(std::size_t index) {
    Connection& connection = connections_[index];
    char bytes[8192];
    const ssize_t count = ::recv(connection.fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) return lost(index);
    connection.answer.append(bytes, static_cast<std::size_t>(count));
    const std::size_t head = connection.answer.find("\r\n\r\n");
    if (head == std::string::npos) return;
    const std::string_view text(connection.answer);
    const std::string_view fields = text.substr(0, head + 2);
    require(fields.starts_with("HTTP/1.1 "), "no HTTP: " + connection.answer.substr(0, 100));
    const std::string_view length = field(fields, "\r\nContent-Length: ");
    const std::size_t body = length.empty() ? 0 : std::stoul(std::string(length));
    if (text.size() < head + 4 + body) return;
    answered(connection, std::stoi(std::string(fields.substr(9, 3))), fields);
    const bool close = field(fields, "\r\nConnection: ") == "close";
    connection.answer.clear();
    connection.busy = false;
    --busy_;
    if (!close || reconnect(index)) free_.push_back(index);
  }

  static std::string_view field(std::string_view fields, std::string_view name) {
    const std::size_t at = fields.find(name);
    if (at == std::string_view::npos) return {};
    const std::size_t begin = at + name.size();
    return fields.substr(begin, fields.find("\r\n", begin) - begin);
  }

  void answered(const Connection& connection, int status, std::string_view fields) {
    const auto now = Steady::now();
    const double ms = std::chrono::duration<double, std::milli>(now - connection.due).count();
    ++by_status_[status];
    const auto second = static_cast<std::size_t>((now - start_) / std::chrono::seconds(1));
    if (status == 200) {
      accepted_ms_.push_back(ms);
      if (second < per_second_.size()) ++per_second_[second];
      return;
    }
    refused_ms_.push_back(ms);
    if (status != 429 && status != 503 && status != 507) return;
    const std::string_view after = field(fields, "\r\nRetry-After: ");
    const bool whole = !after.empty() && after.find_first_not_of("0123456789") == after.npos;
    require(whole || status == 507, "a refusal without Retry-After: " + std::string(fields));
  }

  // The connection broke.
  void lost(std::size_t index) {
    const bool busy = connections_[index].busy;
    if (busy) {
      ++broken_;
      --busy_;
    } else {
      free_.erase(std::find(free_.begin(), free_.end(), index));
    }
    if (reconnect(index)) free_.push_back(index);
  }
  // One that finds no server is given up.
  bool reconnect(std::size_t index) {
    ::close(connections_[index].fd);
    if (connect(index)) return true;
    ::close(connections_[index].fd);
    --open_;
    return false;
  }

  static double quantile(std::vector<double>& values, double q) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
  }

  void print(Elapsed elapsed) {
    std::printf("{\"sent\":%lu,\"unsent\":%lu,\"broken\":%lu,\"unanswered\":%lu,",
                static_cast<unsigned long>(sent_), static_cast<unsigned long>(unsent_),
                static_cast<unsigned long>(broken_), static_cast<unsigned long>(unanswered_));
    std::printf("\"accepted\":%zu,\"refused\":%zu,\"status\":{", accepted_ms_.size(),
                refused_ms_.size());
    const char* comma = "";
    for (const auto& [status, count] : by_status_) {
      std::printf("%s\"%d\":%lu", comma, status, static_cast<unsigned long>(count));
      comma = ",";
    }
    std::printf("},\"events_per_s\":%.0f,\"wall_s\":%.3f,\"cpu_s\":%.3f,",
                static_cast<double>(accepted_ms_.size() * load_.events) / load_.seconds,
                elapsed.wall_s, elapsed.cpu_s);
    for (const auto& [name, values] :
         {std::pair("accepted", &accepted_ms_), std::pair("refused", &refused_ms_)}) {
      std::printf("\"%s_p50_ms\":%.3f,\"%s_p99_ms\":%.3f,\"%s_max_ms\":%.3f,", name,
                  quantile(*values, 0.5), name, quantile(*values, 0.99), name,
                  quantile(*values, 1));
    }
    std::printf("\"accepted_by_second\":[");
    for (std::size_t i = 0; i + 1 < per_second_.size(); ++i) {
      std::printf("%s%lu", i == 0 ? "" : ",", static_cast<unsigned long>(per_second_[i]));
    }
    std::printf("]}\n");
  }

  const Load load_;
  const int epoll_;
  std::vector<Body> bodies_;
  std::vector<Connection> connections_;
  std::vector<std::size_t> free_;
  std::size_t open_ = 0;
  Steady::time_point start_;
  std::uint64_t next_number_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t unsent_ = 0;
  std::uint64_t busy_ = 0;
  std::uint64_t broken_ = 0;
  std::uint64_t unanswered_ = 0;
  std::map<int, std::uint64_t> by_status_;
  std::vector<double> accepted_ms_;
  std::vector<double> refused_ms_;
  std::vector<std::uint64_t> per_second_;
};

}  // namespace
}  // namespace tideline::bench

int main(int argc, char** argv) {
  using tideline::bench::require;
  require(argc == 8,
          "usage: open_loop PORT KEY PREFIX CONNECTIONS REQUESTS_A_SECOND SECONDS EVENTS");
  const auto whole = [&](int i) { return std::strtoull(argv[i], nullptr, 10); };
  const tideline::bench::Load load{static_cast<std::uint16_t>(whole(1)),
                                   argv[2],
                                   argv[3],
                                   whole(4),
                                   std::strtod(argv[5], nullptr),
                                   std::strtod(argv[6], nullptr),
                                   whole(7)};
  require(load.port > 0 && load.connections > 0 && load.rate > 0 && load.seconds > 0 &&
              load.events > 0,
          "the numbers must be above 0");
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  tideline::bench::Run(load).run();
}
