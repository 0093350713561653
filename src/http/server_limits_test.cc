// Limits, time-outs and the end of a server, over real loopback sockets with short times.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "http/server.h"
#include "http/test_bytes.h"
#include "http/test_server.h"

namespace tideline::http {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr Duration kShort{40};

struct LimitsTest : ::testing::Test {
  Router router() {
    Router routes;
    const Handler length = [this](Request request, Responder respond) {
      ++calls;
      respond(text_response(
          std::to_string(request.wire_bytes) + "/" + std::to_string(request.body.size()),
          "text/plain"));
    };
    routes.add(Method::get, "/", length);
    routes.add(Method::post, "/small", length,
               {.wire_bytes_max = 1000, .inflated_bytes_max = 5000});
    routes.add(Method::post, "/large", length);
    return routes;
  }
  std::atomic<int> calls = 0;
};

std::string chunked(std::string_view body, std::size_t chunk) {
  std::string out = "POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  while (!body.empty()) {
    const std::string_view part = body.substr(0, chunk);
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", part.size());
    out += size;
    out += part;
    out += "\r\n";
    body.remove_prefix(part.size());
  }
  return out + "0\r\n\r\n";
}

TEST_F(LimitsTest, WireLimitHoldsToTheByte) {
  RunningServer server(router());
  for (const std::size_t bytes : {999, 1000, 1001}) {
    const auto answer =
        server.client().request(Method::post, "/small", {}, std::string(bytes, 'x'));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, bytes <= 1000 ? 200 : 413) << bytes;
    if (bytes > 1000) {
      EXPECT_THAT(answer->body, HasSubstr("\"code\":\"body_too_large\""));
    }
    for (const std::size_t chunk : {1, 7, 1000, 5000}) {
      RawSocket raw(server->port());
      raw.send(chunked(std::string(bytes, 'x'), chunk));
      EXPECT_THAT(raw.read_until("\r\n\r\n"),
                  StartsWith(bytes <= 1000 ? "HTTP/1.1 200" : "HTTP/1.1 413"))
          << bytes << " in chunks of " << chunk;
    }
  }
  EXPECT_EQ(calls, 2 * 5);
}

TEST_F(LimitsTest, InflatedLimitHoldsToTheByte) {
  RunningServer server(router());
  Client client = server.client();
  for (const auto& pack : {gzip, zlib_deflate, zstd}) {
    for (const std::size_t bytes : {4999, 5000, 5001}) {
      Headers headers;
      headers.add("Content-Encoding", pack == zlib_deflate ? "deflate" : "gzip");
      const auto answer =
          client.request(Method::post, "/small", headers, pack(std::string(bytes, 'x')));
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->status, bytes <= 5000 ? 200 : 413) << bytes;
      if (bytes > 5000) {
        EXPECT_THAT(answer->body, HasSubstr("\"code\":\"inflated_too_large\""));
      }
    }
  }
}

TEST_F(LimitsTest, ABombIsRefusedAndTheConnectionGoesOn) {
  RunningServer server(router());
  Client client = server.client();
  const std::string bomb = gzip(std::string(200 << 20, '\0'));
  ASSERT_LT(bomb.size(), kBodyBytesMax);
  const auto answer = client.request(Method::post, "/large", {}, bomb);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(client.request(Method::post, "/large", {}, "ab")->body, "2/2");
  EXPECT_EQ(calls, 1);
}

TEST_F(LimitsTest, TheRefusalOfALargeBodyIsSeenByACallerWhoSendsItAll) {
  RunningServer server(router());
  Client client = server.client();
  for (int i = 0; i < 20; ++i) {
    const auto answer = client.request(Method::post, "/large", {}, std::string(3 << 20, 'x'));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 413);
  }
  EXPECT_EQ(calls, 0);
}

TEST_F(LimitsTest, HeaderLimitHoldsToTheByte) {
  RunningServer server(router());
  const std::string before = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
  const std::size_t limit = ServerOptions().header_bytes_max;
  for (const std::size_t bytes : {limit - 1, limit, limit + 1}) {
    RawSocket raw(server->port());
    raw.send(before + std::string(bytes - before.size() - 4, 'a') + "\r\n\r\n");
    EXPECT_THAT(raw.read_until("\r\n\r\n"),
                StartsWith(bytes <= limit ? "HTTP/1.1 200" : "HTTP/1.1 431"))
        << bytes;
  }
  RawSocket endless(server->port());
  endless.send("GET /" + std::string(100'000, 'a'));
  EXPECT_THAT(endless.read_all(), StartsWith("HTTP/1.1 431"));
}

TEST_F(LimitsTest, AChunkHeadWithoutEndIsRefused) {
  RunningServer server(router());
  RawSocket raw(server->port());
  raw.send("POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;");
  raw.send(std::string(300'000, 'e'));
  EXPECT_THAT(raw.read_all(), StartsWith("HTTP/1.1 400"));
  EXPECT_EQ(calls, 0);
}

TEST_F(LimitsTest, SlowHeadsAndBodiesGet408) {
  ServerOptions options;
  options.timeouts.header = std::chrono::milliseconds(200);
  options.timeouts.body = std::chrono::milliseconds(200);
  RunningServer server(router(), options);
  RawSocket head(server->port());
  head.send("GET / HTTP/1.1\r\nHo");
  EXPECT_THAT(head.read_all(), StartsWith("HTTP/1.1 408"));
  RawSocket body(server->port());
  body.send("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_THAT(body.read_all(), StartsWith("HTTP/1.1 408"));
  RawSocket silent(server->port());
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(server->in_flight(), 0u);
}

TEST_F(LimitsTest, IdleConnectionsAreClosed) {
  ServerOptions options;
  options.timeouts.idle = kShort;
  RunningServer server(router(), options);
  RawSocket raw(server->port());
  raw.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answers = raw.read_all();
  EXPECT_THAT(answers, StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(count_of(answers, "HTTP/1.1"), 1u);
  // A client whose connection was closed in between opens another one.
  Client client = server.client();
  EXPECT_EQ(client.get("/")->status, 200);
  // When both of these were closed, one after the other, the client's was long before.
  for (int i = 0; i < 2; ++i) {
    RawSocket later(server->port());
    later.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    (void)later.read_all();
  }
  EXPECT_EQ(client.get("/")->status, 200);
}

TEST(LimitsWrite, ACallerWhoDoesNotReadIsCutOff) {
  Router router;
  router.add(Method::get, "/", [](Request, Responder respond) {
    respond(text_response(std::string(64 << 20, 'x'), "text/plain"));
  });
  ServerOptions options;
  options.timeouts.write = kShort;
  RunningServer server(std::move(router), options);
  RawSocket raw(server->port());
  raw.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  // It was accepted and is given up: in_flight falls to 0 although nobody read the answer.
  (void)raw.read_until("HTTP/1.1 200");
  EXPECT_TRUE(server->drain(std::chrono::seconds(20)));
}

TEST_F(LimitsTest, AnIdleConnectionMakesRoomForAnother) {
  ServerOptions options;
  options.connections_max = 1;
  RunningServer server(router(), options);
  RawSocket idle(server->port());
  idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(idle.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  // Once it has been idle for a second.
  int status = 503;
  while (status == 503) status = server.client().get("/")->status;
  EXPECT_EQ(status, 200);
  EXPECT_THAT(idle.read_all(), ::testing::Not(HasSubstr("no end")));
}

TEST_F(LimitsTest, OneConnectionTooManyIsTold503) {
  ServerOptions options;
  options.connections_max = 2;
  RunningServer server(router(), options);
  Client first = server.client();
  Client second = server.client();
  EXPECT_EQ(first.get("/")->status, 200);
  EXPECT_EQ(second.get("/")->status, 200);
  RawSocket third(server->port());
  const std::string refusal = third.read_until("too_many_connections");
  EXPECT_THAT(refusal, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(refusal, HasSubstr("Retry-After: 1\r\n"));
  third.finish_sending();
  EXPECT_THAT(third.read_all(), ::testing::Not(HasSubstr("no end")));
  EXPECT_EQ(first.get("/")->status, 200);
}

TEST(LimitsBodies, TooManyBytesInFlightAre429) {
  std::promise<Responder> promise;
  Router router;
  router.add(Method::post, "/kept",
             [&](Request, Responder respond) { promise.set_value(std::move(respond)); });
  router.add(Method::post, "/", [](Request, Responder respond) { respond(empty_response()); });
  ServerOptions options;
  options.held_bytes_max = 1000;
  RunningServer server(std::move(router), options);
  auto held = std::async(std::launch::async, [&] {
    return server.client().request(Method::post, "/kept", {}, std::string(600, 'x'))->status;
  });
  Responder kept = promise.get_future().get();
  Client client = server.client();
  const auto refused = client.request(Method::post, "/", {}, std::string(401, 'x'));
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->headers.get("Retry-After"), "1");
  EXPECT_EQ(client.request(Method::post, "/", {}, gzip(std::string(500, 'x')))->status, 429);
  EXPECT_EQ(client.request(Method::post, "/", {}, std::string(400, 'x'))->status, 204);
  kept(empty_response(200));
  EXPECT_EQ(held.get(), 200);
  EXPECT_EQ(client.request(Method::post, "/", {}, std::string(1000, 'x'))->status, 204);
}

TEST(LimitsBodies, AnnouncedBytesThatDoNotComeTakeNoRoomFromOthers) {
  Router router;
  router.add(Method::post, "/", [](Request, Responder respond) { respond(empty_response()); });
  ServerOptions options;
  options.held_bytes_max = 100'000;
  RunningServer server(std::move(router), options);
  std::vector<RawSocket> slow;
  for (int i = 0; i < 20; ++i) {
    slow.emplace_back(server->port());
    slow.back().send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\nabc");
  }
  EXPECT_EQ(server.client().request(Method::post, "/", {}, std::string(90'000, 'x'))->status, 204);
  EXPECT_LT(server->load().held_bytes, 1000u);
}

TEST(LimitsAdmit, RefusesBeforeTheBodyAndTheConnectionGoesOn) {
  std::atomic<int> calls = 0;
  Router router;
  RouteOptions options;
  options.admit = [](const RequestHead& head) {
    Admission admission;
    if (head.authorization == "Bearer loud") {
      admission.refusal = problem_response(Problem{429, "rate_limited", "too fast", 3});
    }
    EXPECT_EQ(head.path, "/");
    return admission;
  };
  router.add(
      Method::post, "/",
      [&](Request, Responder respond) {
        ++calls;
        respond(empty_response());
      },
      options);
  RunningServer server(std::move(router));
  RawSocket raw(server->port());
  for (const std::size_t bytes : {0, 10, 100'000, 1'000'000}) {
    raw.send("POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer loud\r\nContent-Length: " +
             std::to_string(bytes) + "\r\n\r\n");
    // The answer does not wait for the body.
    const std::string refusal = raw.read_until("rate_limited");
    EXPECT_THAT(refusal, StartsWith("HTTP/1.1 429")) << bytes;
    EXPECT_THAT(refusal, HasSubstr("Retry-After: 3\r\n"));
    EXPECT_THAT(refusal, ::testing::Not(HasSubstr("Connection: close")));
    raw.send(std::string(bytes, 'x'));
    raw.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab");
    EXPECT_THAT(raw.read_until("\r\n\r\n"), HasSubstr("HTTP/1.1 204")) << bytes;
  }
  EXPECT_EQ(calls, 4);
  EXPECT_TRUE(server->drain(std::chrono::seconds(20)));
}

// A server with one place to work, whose work waits until the test lets it go.
class LimitsQueue : public ::testing::Test {
 protected:
  void start(Duration queue_wait_max) {
    Router router;
    RouteOptions options;
    options.queued = true;
    router.add(
        Method::post, "/",
        [this](Request, Responder respond) {
          ++begun_;
          gone_.wait();
          respond(empty_response());
        },
        options);
    router.add(Method::get, "/", [](Request, Responder respond) { respond(empty_response()); });
    ServerOptions limits;
    limits.threads = 1;
    limits.queue_wait_max = queue_wait_max;
    server_.emplace(std::move(router), limits);
  }
  [[nodiscard]] Server::Load load() { return (*server_)->load(); }
  [[nodiscard]] std::future<int> post(std::size_t bytes) {
    return std::async(std::launch::async, [this, bytes] {
      return server_->client().request(Method::post, "/", {}, std::string(bytes, 'x'))->status;
    });
  }
  void wait_until_one_works() const {
    while (begun_ == 0) std::this_thread::yield();
  }
  void wait_until_one_waits() {
    while (load().work.waiting == 0) std::this_thread::yield();
  }
  void let_go() { go_.set_value(); }

 private:
  std::promise<void> go_;
  std::shared_future<void> gone_ = go_.get_future().share();
  std::atomic<int> begun_ = 0;

 protected:
  std::optional<RunningServer> server_;  // last: nothing works when the rest goes
};

TEST_F(LimitsQueue, RefusesAtOnceWhatWouldWaitTooLong) {
  start(Duration(1));
  auto first = post(10);
  wait_until_one_works();
  // The only place is taken: one waits, behind which it would take more than a millisecond.
  auto second = post(900'000);
  wait_until_one_waits();
  EXPECT_EQ(post(900'000).get(), 429);
  EXPECT_EQ(server_->client().get("/")->status, 204);
  EXPECT_EQ(load().work.working, 1u);
  let_go();
  EXPECT_EQ(first.get(), 204);
  // It may have been late: the first took as long as the test wanted.
  EXPECT_THAT(second.get(), ::testing::AnyOf(204, 429));
  EXPECT_EQ(post(900'000).get(), 204);
}

TEST_F(LimitsQueue, AConnectionThatGoesWhileItWaitsTakesNoPlace) {
  start(std::chrono::seconds(20));
  auto first = post(1);
  wait_until_one_works();
  std::optional<RawSocket> leaver;
  leaver.emplace((*server_)->port());
  leaver->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
  wait_until_one_waits();
  leaver.reset();
  let_go();
  EXPECT_EQ(first.get(), 204);
  EXPECT_EQ(post(1).get(), 204);
}

std::vector<RawSocket> ten_that_do_not_read(RunningServer& server) {
  std::vector<RawSocket> callers;
  for (int i = 0; i < 10; ++i) {
    callers.emplace_back(server->port());
    callers.back().send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }
  return callers;
}

TEST(LimitsWrite, AnswersNotTakenAreHeldOnlyWithinTheBound) {
  Router router;
  router.add(Method::get, "/", [](Request, Responder respond) {
    respond(text_response(std::string(8 << 20, 'x'), "text/plain"));
  });
  ServerOptions options;
  options.held_bytes_max = 20 << 20;
  RunningServer server(std::move(router), options);
  std::vector<RawSocket> unread = ten_that_do_not_read(server);
  // Two fit; the others are cut off instead of being held.
  std::size_t cut = 0;
  while (server->load().connections > 2) std::this_thread::yield();
  EXPECT_LE(server->load().held_bytes, options.held_bytes_max);
  for (RawSocket& raw : unread) cut += raw.read_all().size() < (8u << 20) ? 1 : 0;
  EXPECT_EQ(cut, 8u);
}

TEST(LimitsWrite, AnAnswerThatManyShareCountsForNone) {
  const auto large = std::make_shared<const std::string>(8 << 20, 'x');
  Router router;
  router.add(Method::get, "/", [large](Request, Responder respond) {
    respond(shared_response({large, *large}, "text/plain"));
  });
  ServerOptions options;
  options.held_bytes_max = 20 << 20;
  RunningServer server(std::move(router), options);
  std::vector<RawSocket> unread = ten_that_do_not_read(server);
  while (server->load().slow < unread.size()) std::this_thread::yield();
  EXPECT_LT(server->load().held_bytes, 1u << 20);
  for (RawSocket& raw : unread) {
    const std::string answer = raw.read_all();
    EXPECT_NE(answer.find("Content-Length: 8388608\r\n"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("\r\n\r\n" + *large));
  }
}

TEST(Drain, AnswersWhatWasAcceptedAndRefusesTheRest) {
  std::promise<Responder> promise;
  Router router;
  router.add(Method::get, "/held",
             [&](Request, Responder respond) { promise.set_value(std::move(respond)); });
  router.add(Method::get, "/", [](Request, Responder respond) { respond(empty_response()); });
  RunningServer server(std::move(router));
  Client open = server.client();
  EXPECT_EQ(open.get("/")->status, 204);
  auto held = std::async(std::launch::async, [&] { return server.client().get("/held")->status; });
  Responder kept = promise.get_future().get();

  EXPECT_FALSE(server->drain(Duration(1)));
  const auto refused = open.get("/");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->headers.get("Connection"), "close");
  EXPECT_THAT(refused->body, HasSubstr("draining"));
  // Nobody accepts any more.
  const auto late = server.client({.connect_timeout = kShort, .request_timeout = kShort}).get("/");
  EXPECT_FALSE(late);

  kept(empty_response(200));
  EXPECT_EQ(held.get(), 200);
  EXPECT_TRUE(server->drain(std::chrono::seconds(20)));
}

TEST(Stop, EndsIdleWaitingAndHalfReadConnections) {
  std::promise<Responder> promise;
  Router router;
  router.add(Method::get, "/held",
             [&](Request, Responder respond) { promise.set_value(std::move(respond)); });
  std::optional<RunningServer> server;
  server.emplace(std::move(router));
  RawSocket idle((*server)->port());
  RawSocket half((*server)->port());
  half.send("GET /he");
  RawSocket held((*server)->port());
  held.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n");
  Responder kept = promise.get_future().get();
  server.reset();
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_EQ(half.read_all(), "");
  EXPECT_EQ(held.read_all(), "");
}

TEST(ClientLimits, GivesUpAndSaysWhy) {
  std::vector<Responder> kept;
  Router router;
  router.add(Method::get, "/held",
             [&](Request, Responder respond) { kept.push_back(std::move(respond)); });
  router.add(Method::get, "/long", [](Request, Responder respond) {
    respond(text_response(std::string(2000, 'x'), "text/plain"));
  });
  RunningServer server(std::move(router));
  Client hasty = server.client({.request_timeout = kShort});
  EXPECT_EQ(hasty.get("/held").error().code, ErrorCode::timeout);
  Client small = server.client({.response_bytes_max = 1999});
  EXPECT_EQ(small.get("/long").error().code, ErrorCode::too_large);
  EXPECT_EQ(server.client({.response_bytes_max = 2000}).get("/long")->body.size(), 2000u);
  EXPECT_EQ(Client::tcp("no address", 1).get("/").error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace tideline::http
