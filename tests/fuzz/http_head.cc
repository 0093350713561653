// Requests over a socket: a well-formed one is echoed whatever its chunks and its segments on the
// wire, and of any other bytes the answers are whole, few and the same in whatever pieces they
// come.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <memory>
#include <set>
#include <thread>

#include "base/check.h"
#include "harness.h"
#include "http/server.h"

namespace tideline::fuzz {
namespace {

constexpr std::size_t kBodyMax = 4096;

http::Router echo_router() {
  http::Router router;
  http::RouteOptions options;
  options.wire_bytes_max = kBodyMax;
  options.inflated_bytes_max = 2 * kBodyMax;
  router.add(
      http::Method::post, "/echo",
      [](http::Request request, http::Responder respond) {
        CHECK(request.body.size() <= 2 * kBodyMax && request.wire_bytes <= kBodyMax);
        respond(http::text_response(std::move(request.body), "text/plain"));
      },
      options);
  router.add(http::Method::get, "/items/{id}", [](http::Request request, http::Responder respond) {
    CHECK(!request.param("id").empty());
    respond(http::text_response(request.param("id"), "text/plain"));
  });
  return router;
}

// Over a Unix socket: a fuzzer uses up the ports of TCP.
class Server {
 public:
  Server() : path_("/tmp/tideline-fuzz-" + std::to_string(::getpid())) {
    http::ServerOptions options;
    options.address = "";
    options.unix_socket_path = path_;
    options.threads = 1;
    options.header_bytes_max = 2048;
    options.request_id_seed = "fuzz";
    auto server = http::Server::open(std::move(options), echo_router());
    CHECK(server.has_value());
    server_ = std::make_unique<http::Server>(*std::move(server));
    thread_ = std::thread([this] { server_->run(); });
  }
  ~Server() {
    server_->stop();
    thread_.join();
    ::unlink(path_.c_str());
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] int connect() const {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    path_.copy(to.sun_path, sizeof to.sun_path - 1);
    CHECK(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    return fd;
  }

 private:
  std::string path_;
  std::unique_ptr<http::Server> server_;
  std::thread thread_;
};

// What comes back for `request`, sent in pieces of so many bytes.
std::string exchange(std::string_view request, std::size_t piece) {
  static const Server kServer;
  const int fd = kServer.connect();
  for (std::size_t at = 0; at < request.size();) {
    const std::string_view part = request.substr(at, piece);
    const ssize_t sent = ::send(fd, part.data(), part.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;  // the fuzzer's timer
    if (sent < 0) break;                       // refused already: the answer is there
    at += static_cast<std::size_t>(sent);
  }
  ::shutdown(fd, SHUT_WR);
  std::string answer;
  char bytes[4096];
  for (;;) {
    const ssize_t n = ::recv(fd, bytes, sizeof bytes, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    answer.append(bytes, static_cast<std::size_t>(n));
  }
  ::close(fd);
  return answer;
}

struct Answer {
  int status = 0;
  std::string head;
  std::string body;
};

// Whole answers one behind the other; nothing else may be there. `heads`: these have no bodies.
std::vector<Answer> answers_in(std::string_view bytes, bool heads) {
  std::vector<Answer> answers;
  while (!bytes.empty()) {
    constexpr std::string_view kLine = "HTTP/1.1 ";
    CHECK(bytes.starts_with(kLine));
    Answer answer;
    std::from_chars(bytes.data() + kLine.size(), bytes.data() + kLine.size() + 3, answer.status);
    const std::size_t end = bytes.find("\r\n\r\n");
    CHECK(end != std::string_view::npos);
    answer.head = std::string(bytes.substr(0, end + 2));
    bytes.remove_prefix(end + 4);
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const std::size_t at = answer.head.find(kLength);
    std::size_t length = 0;
    if (at != std::string::npos) {
      const char* digits = answer.head.data() + at + kLength.size();
      std::from_chars(digits, answer.head.data() + answer.head.size(), length);
    }
    if (heads && !bytes.empty() && bytes.starts_with(kLine)) length = 0;
    if (heads && bytes.empty()) length = 0;
    CHECK(length <= bytes.size());
    answer.body = std::string(bytes.substr(0, length));
    bytes.remove_prefix(length);
    answers.push_back(std::move(answer));
  }
  return answers;
}

void check_any_bytes(std::string_view bytes, std::size_t piece) {
  static const std::set<int> kKnown = {100, 200, 204, 400, 404, 405, 408, 413,
                                       415, 417, 429, 431, 501, 503, 505};
  const bool heads = bytes.find("HEAD ") != std::string_view::npos;
  const auto whole = answers_in(exchange(bytes, bytes.size() + 1), heads);
  for (const Answer& answer : whole) CHECK(kKnown.contains(answer.status));
  const auto pieces = answers_in(exchange(bytes, piece), heads);
  const bool expects = bytes.find("xpect") != std::string_view::npos;
  if (expects) return;  // 100 Continue is left out where the body is there already
  // A head that breaks off is refused where it is wrong already, or never answered; which of both
  // goes by how much of it was read at once.
  const auto& more = whole.size() > pieces.size() ? whole : pieces;
  const std::size_t both = std::min(whole.size(), pieces.size());
  CHECK(more.size() == both || (more.size() == both + 1 && more.back().status >= 400));
  for (std::size_t i = 0; i < both; ++i) CHECK(whole[i].status == pieces[i].status);
}

// A request that must be understood: the rest of the input as its body.
void check_echo(Input& input) {
  const std::uint8_t form = input.byte();
  const std::size_t piece = input.byte() % 64 + 1;
  std::string sizes;
  for (int i = 0; i < 6; ++i) sizes += static_cast<char>(input.byte());
  std::string body(input.rest().substr(0, kBodyMax / 2));
  if (body.empty() || body.starts_with("\x1f\x8b") || body.starts_with("\x28\xb5\x2f\xfd")) return;
  std::string request = "POST /echo HTTP/1.1\r\nHost: a\r\n";
  if (form % 2 == 0) {
    request += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  } else {
    request +=
        form & 2 ? "transfer-encoding: Chunked\r\n\r\n" : "Transfer-Encoding: chunked\r\n\r\n";
    std::size_t at = 0;
    for (std::size_t i = 0; at < body.size(); ++i) {
      const std::size_t wanted = 1 + static_cast<std::uint8_t>(sizes[i % sizes.size()]);
      const std::string part = body.substr(at, wanted);
      char head[32];
      std::snprintf(head, sizeof head, form & 4 ? "%zX" : "%zx", part.size());
      request += std::string(head) + (form & 8 ? ";a=b" : "") + "\r\n" + part + "\r\n";
      at += part.size();
    }
    request += form & 16 ? "0\r\nTrailer: x\r\n\r\n" : "0\r\n\r\n";
  }
  const std::string next = "GET /items/" + std::to_string(form) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  const auto answers = answers_in(exchange(request + next, piece), false);
  if (answers.size() != 2) std::fprintf(stderr, "%zu answers\n", answers.size());
  for (const Answer& answer : answers) {
    if (answer.status != 200) std::fprintf(stderr, "%d %s\n", answer.status, answer.body.c_str());
  }
  CHECK(answers.size() == 2);
  CHECK(answers[0].status == 200 && answers[0].body == body);
  CHECK(answers[1].status == 200 && answers[1].body == std::to_string(form));
}

}  // namespace

void http_head(std::string_view bytes) {
  Input input(bytes);
  const std::uint8_t mode = input.byte();
  if (mode >= 0x80) return check_echo(input);
  if (input.rest().size() > 16 * 1024) return;
  check_any_bytes(input.rest(), mode % 64 + 1);
}

}  // namespace tideline::fuzz
