// The server over real loopback sockets: routing, fields, encodings, answers from other threads.
#include "http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>
#include <set>
#include <sstream>
#include <stdexcept>

#include "http/test_bytes.h"
#include "http/test_server.h"

namespace tideline::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Answers the method, the path parameters, the query and the body, so that tests can read them.
void echo(Request request, Responder respond) {
  std::string text(name_of(request.method));
  text += " " + request.route;
  for (const auto& [name, value] : request.params) text += " " + name + "=" + value;
  for (const auto& [key, value] : request.query) text += " ?" + key + "=" + value;
  if (!request.body.empty()) text += " body=" + request.body;
  if (request.control) text += " control";
  respond(text_response(std::move(text), "text/plain"));
}

Router echo_router() {
  Router router;
  router.add(Method::get, "/items/{id}", echo);
  router.add(Method::post, "/items", echo);
  router.add(Method::post, "/v1/batch", echo, {.trailing_slash = true, .cors = true});
  router.add(Method::post, "/control/keys", echo, {.control_only = true});
  return router;
}

struct ServerTest : ::testing::Test {
  RunningServer server{echo_router()};
  Client client = server.client();
};

TEST_F(ServerTest, RoutesAndDecodes) {
  EXPECT_EQ(client.get("/items/a%2Fb%20c?x[gte]=0.5&q=a+b")->body,
            "GET /items/{id} id=a/b c ?x[gte]=0.5 ?q=a b");
  EXPECT_EQ(client.post("/items", "{}")->body, "POST /items body={}");
  EXPECT_EQ(client.get("http://example.com/items/1")->body, "GET /items/{id} id=1");
}

TEST_F(ServerTest, BothSlashFormsOfAnIngestPathAnswerAlike) {
  EXPECT_EQ(client.post("/v1/batch", "1")->body, "POST /v1/batch body=1");
  EXPECT_EQ(client.post("/v1/batch/", "1")->body, "POST /v1/batch body=1");
  EXPECT_EQ(client.get("/items/1/")->status, 404);
}

TEST_F(ServerTest, HeadHasTheFieldsOfGetAndNoBody) {
  const auto head = client.request(Method::head, "/items/1");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(head->headers.get("Content-Length"), "20");
  EXPECT_EQ(client.get("/items/1")->body.size(), 20u);
}

TEST_F(ServerTest, EveryAnswerCarriesTheSecurityFieldsAndAnIdOfItsOwn) {
  std::set<std::string> ids;
  for (const char* target : {"/items/1", "/none", "/v1/batch", "/items/%zz"}) {
    const auto answer = client.get(target);
    ASSERT_TRUE(answer) << target;
    EXPECT_THAT(std::string(answer->headers.get("Content-Security-Policy").value_or("")),
                HasSubstr("default-src 'self'"));
    EXPECT_EQ(answer->headers.get("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer->headers.get("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(answer->headers.get("Cache-Control"), "no-store");
    EXPECT_THAT(std::string(answer->headers.get("X-Request-Id").value_or("")),
                StartsWith("test-"));
    EXPECT_TRUE(ids.emplace(*answer->headers.get("X-Request-Id")).second);
  }
}

TEST_F(ServerTest, TroubleIsAProblem) {
  const auto missing = client.get("/none");
  EXPECT_EQ(missing->status, 404);
  EXPECT_EQ(missing->headers.get("Content-Type"), "application/problem+json");
  EXPECT_EQ(missing->body,
            R"({"type":"about:blank","title":"Not Found","status":404,)"
            R"("detail":"there is no such path here","code":"not_found","request_id":")" +
                std::string(*missing->headers.get("X-Request-Id")) + "\"}");
  const auto method = client.request(Method::delete_, "/items/1");
  EXPECT_EQ(method->status, 405);
  EXPECT_EQ(method->headers.get("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(client.get("/v1/batch")->headers.get("Allow"), "POST, OPTIONS");
  EXPECT_EQ(client.get("/items/%4")->status, 400);
  EXPECT_EQ(client.get("/items/1?a=%4")->status, 400);
  EXPECT_EQ(client.request(Method::post, "/none", {}, "body")->status, 404);
}

TEST_F(ServerTest, PreflightIsAnsweredOnRoutesForBrowsersOnly) {
  Headers headers;
  headers.add("Origin", "https://shop.example");
  headers.add("Access-Control-Request-Method", "POST");
  const auto ingest = client.request(Method::options, "/v1/batch", headers);
  EXPECT_EQ(ingest->status, 204);
  EXPECT_EQ(ingest->headers.get("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(ingest->headers.get("Access-Control-Allow-Methods"), "POST, OPTIONS");
  EXPECT_THAT(std::string(ingest->headers.get("Access-Control-Allow-Headers").value_or("")),
              HasSubstr("Authorization"));
  EXPECT_EQ(ingest->headers.get("Access-Control-Max-Age"), "86400");
  const auto other = client.request(Method::options, "/items/1", headers);
  EXPECT_EQ(other->status, 204);
  EXPECT_EQ(other->headers.get("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_FALSE(other->headers.get("Access-Control-Allow-Origin"));
  EXPECT_EQ(client.request(Method::post, "/v1/batch", headers, "x")
                ->headers.get("Access-Control-Allow-Origin"),
            "*");
  // Also on refusals, or a browser hides them from the page.
  EXPECT_EQ(client.get("/v1/batch")->headers.get("Access-Control-Allow-Origin"), "*");
}

TEST(ServerCors, AListedOriginIsEchoedAndAnotherIsNot) {
  ServerOptions options;
  options.cors.origins = {"https://shop.example"};
  RunningServer server(echo_router(), options);
  Client client = server.client();
  for (const std::string origin : {"https://shop.example", "https://evil.example"}) {
    Headers headers;
    headers.add("Origin", origin);
    const auto answer = client.request(Method::post, "/v1/batch", headers, "x");
    const bool known = origin == options.cors.origins[0];
    EXPECT_EQ(answer->headers.get("Access-Control-Allow-Origin").value_or("none"),
              known ? origin : "none");
    EXPECT_EQ(answer->headers.get("Vary"), "Origin");
  }
}

TEST_F(ServerTest, InflatesByHeaderAndByMagic) {
  const auto post = [&](const char* encoding, const std::string& body) {
    Headers headers;
    if (encoding != nullptr) headers.add("Content-Encoding", encoding);
    return client.request(Method::post, "/v1/batch", headers, body);
  };
  const std::string expected = "POST /v1/batch body=hello";
  EXPECT_EQ(post("gzip", gzip("hello"))->body, expected);
  EXPECT_EQ(post("x-gzip", gzip("hello"))->body, expected);
  EXPECT_EQ(post("deflate", zlib_deflate("hello"))->body, expected);
  EXPECT_EQ(post("deflate", raw_deflate("hello"))->body, expected);
  EXPECT_EQ(post("zstd", zstd("hello"))->body, expected);
  EXPECT_EQ(post("identity", "hello")->body, expected);
  EXPECT_EQ(post(nullptr, gzip("hello"))->body, expected);
  EXPECT_EQ(post("identity", zstd("hello"))->body, expected);
  EXPECT_EQ(post("gzip", zstd("hello"))->body, expected);
  EXPECT_EQ(post("gzip", "hello")->status, 400);
  EXPECT_THAT(post("gzip", gzip("hello").substr(0, 15))->body, HasSubstr("bad_encoding"));
  EXPECT_EQ(post("br", "hello")->status, 415);
}

TEST_F(ServerTest, ReadsChunkedBodies) {
  RawSocket raw(server->port());
  raw.send("POST /items HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const char* part :
       {"5;ext=1\r", "\nhel", "lo\r\n1\r\n!\r\n", "0\r\nTrailer: x\r\n", "\r\n"}) {
    raw.send(part);
  }
  EXPECT_THAT(raw.read_until("hello!"), HasSubstr("body=hello!"));
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  RawSocket raw(server->port());
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += "GET /items/" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    requests +=
        "POST /items HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n" + std::to_string(10 + i);
  }
  requests += "GET /items/last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  raw.send(requests);
  const std::string answers = raw.read_all();
  EXPECT_EQ(count_of(answers, "HTTP/1.1 200 OK\r\n"), 101u);
  std::size_t at = 0;
  for (int i = 0; i < 50; ++i) {
    at = answers.find("id=" + std::to_string(i) + "HTTP/1.1", at);
    ASSERT_NE(at, std::string::npos) << i;
    at = answers.find("body=" + std::to_string(10 + i), at);
    ASSERT_NE(at, std::string::npos) << i;
  }
  EXPECT_THAT(answers, ::testing::EndsWith("id=last"));
}

TEST_F(ServerTest, SendsContinueWhenItIsAskedFor) {
  RawSocket raw(server->port());
  raw.send("POST /items HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(raw.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  raw.send("ab");
  EXPECT_THAT(raw.read_until("body=ab"), StartsWith("HTTP/1.1 200 OK"));
  // A body that will be refused is not asked for.
  raw.send("POST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(raw.read_all(), StartsWith("HTTP/1.1 404"));
  RawSocket odd(server->port());
  odd.send("POST /items HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: tea\r\n\r\n");
  EXPECT_THAT(odd.read_all(), StartsWith("HTTP/1.1 417"));
}

TEST_F(ServerTest, KeepsConnectionsOnlyAsAgreed) {
  RawSocket old(server->port());
  old.send("GET /items/1 HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old.read_all(), HasSubstr("Connection: close"));
  RawSocket asked(server->port());
  asked.send("GET /items/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(asked.read_until("id=1"), HasSubstr("Connection: keep-alive"));
  asked.send("GET /items/2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(asked.read_all(), HasSubstr("id=2"));
}

TEST_F(ServerTest, RefusesWhatIsNotHttp) {
  const std::pair<const char*, const char*> cases[] = {
      {"hello\r\n\r\n", "HTTP/1.1 400"},
      {"GET /items/1 HTTP/2.0\r\n\r\n", "HTTP/1.1 505"},
      {"GET /items/1 HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 400"},  // no Host
      {"GET items HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 400"},
      {"POST /items HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
       "HTTP/1.1 400"},
      {"POST /items HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: "
       "chunked\r\n\r\n0\r\n\r\n",
       "HTTP/1.1 400"},
      {"POST /items HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\nab", "HTTP/1.1 501"},
      {"POST /items HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
       "HTTP/1.1 501"},
      {"POST /items HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
       "HTTP/1.1 400"},
      {"GET /items/1 HTTP/1.1\r\nHost: x\r\nA: b\x01\r\n\r\n", "HTTP/1.1 400"},
      {"GET /items/1 HTTP/1.1\r\nHost : x\r\n\r\n", "HTTP/1.1 400"},
  };
  for (const auto& [request, answer] : cases) {
    RawSocket raw(server->port());
    raw.send(request);
    const std::string text = raw.read_all();
    EXPECT_THAT(text, StartsWith(answer)) << request;
    EXPECT_THAT(text, HasSubstr("Connection: close")) << request;
    EXPECT_EQ(count_of(text, "X-Request-Id: "), 1u) << request;
  }
}

TEST(ServerFields, ValuesOfAHandlerCannotStartAnotherField) {
  Router router;
  router.add(Method::get, "/", [](Request, Responder respond) {
    Response response = text_response("x", "text/plain");
    response.headers.add("Location", "a\r\nSet-Cookie: b");
    response.headers.add("Cache-Control", "max-age=60");
    respond(std::move(response));
  });
  RunningServer server(std::move(router));
  const auto answer = server.client().get("/");
  EXPECT_EQ(answer->headers.get("Location"), "a  Set-Cookie: b");
  EXPECT_FALSE(answer->headers.get("Set-Cookie"));
  EXPECT_EQ(answer->headers.get("Cache-Control"), "max-age=60");
}

TEST(ServerFields, DateComesFromTheClock) {
  const ManualClock clock(*parse_time("1994-11-06T08:49:37Z"));
  ServerOptions options;
  options.clock = &clock;
  RunningServer server(echo_router(), options);
  EXPECT_EQ(server.client().get("/items/1")->headers.get("Date"), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(ServerMetrics, CountsByRouteAndStatus) {
  Metrics metrics;
  {
    ServerOptions options;
    options.metrics = &metrics;
    RunningServer server(echo_router(), options);
    Client client = server.client();
    for (const char* target : {"/items/1", "/items/2", "/none"}) (void)client.get(target);
  }
  EXPECT_THAT(metrics.expose(),
              HasSubstr("tideline_http_requests_total{route=\"/items/{id}\",status=\"2xx\"} 2\n"));
  EXPECT_THAT(metrics.expose(),
              HasSubstr("tideline_http_requests_total{route=\"none\",status=\"4xx\"} 1\n"));
  EXPECT_THAT(metrics.expose(), HasSubstr("tideline_http_connections 0\n"));
}

TEST(ServerAnswers, ComeFromAnyThreadAndADroppedOneIs500) {
  std::mutex mutex;
  std::condition_variable waiting;
  std::vector<Responder> kept;
  Router router;
  router.add(Method::get, "/later", [&](Request, Responder respond) {
    const std::lock_guard lock(mutex);
    kept.push_back(std::move(respond));
    waiting.notify_all();
  });
  router.add(Method::get, "/dropped", [](Request, Responder) {});
  router.add(Method::get, "/thrown",
             [](Request, Responder) { throw std::runtime_error("a library"); });
  RunningServer server(std::move(router));
  std::jthread answerer([&] {
    std::unique_lock lock(mutex);
    waiting.wait(lock, [&] { return kept.size() == 3; });
    kept[2](text_response("third", "text/plain"));
    kept[0](text_response("first", "text/plain"));
    kept.erase(kept.begin() + 1);
  });
  std::vector<std::string> bodies(3);
  std::vector<int> statuses(3);
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 3; ++i) {
      callers.emplace_back([&, i] {
        const auto answer = server.client().get("/later");
        bodies[i] = answer->body;
        statuses[i] = answer->status;
      });
    }
  }
  std::sort(statuses.begin(), statuses.end());
  EXPECT_EQ(statuses, (std::vector<int>{200, 200, 500}));
  EXPECT_EQ(std::count(bodies.begin(), bodies.end(), "third"), 1);
  EXPECT_EQ(std::count(bodies.begin(), bodies.end(), "first"), 1);
  Client client = server.client();
  EXPECT_EQ(client.get("/dropped")->status, 500);
  EXPECT_EQ(client.get("/thrown")->status, 500);
}

TEST(ServerAnswers, FailuresAreLoggedWithTheRequest) {
  const ManualClock clock(Time{});
  std::ostringstream out;
  Logger log(clock, LogLevel::info, out);
  std::string id;
  {
    Router router;
    router.add(Method::get, "/thrown",
               [](Request, Responder) { throw std::runtime_error("no memory"); });
    ServerOptions options;
    options.log = &log;
    RunningServer server(std::move(router), options);
    id = *server.client().get("/thrown")->headers.get("X-Request-Id");
  }
  EXPECT_THAT(out.str(),
              HasSubstr("a handler failed route=/thrown request=" + id + " what=\"no memory\""));
  EXPECT_THAT(out.str(), HasSubstr("answered 500 route=/thrown request=" + id));
}

TEST(ServerAnswers, MayComeAfterTheServerIsGone) {
  std::promise<Responder> promise;
  auto future = promise.get_future();
  std::optional<Responder> late;
  {
    Router router;
    router.add(Method::get, "/",
               [&](Request, Responder respond) { promise.set_value(std::move(respond)); });
    RunningServer server(std::move(router));
    RawSocket raw(server->port());
    raw.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    late.emplace(future.get());
    EXPECT_EQ(server->in_flight(), 1u);
  }
  (*late)(empty_response());
}

TEST(ServerLoad, FiftyConnectionsAtOnce) {
  ServerOptions options;
  options.threads = 4;
  RunningServer server(echo_router(), options);
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 50; ++i) {
      callers.emplace_back([&, i] {
        Client client = server.client();
        for (int n = 0; n < 20; ++n) {
          const std::string text = std::to_string(i * 1000 + n);
          const auto answer = client.request(Method::post, "/items", {}, text);
          if (answer && answer->body == "POST /items body=" + text) ++right;
        }
      });
    }
  }
  EXPECT_EQ(right, 1000);
  EXPECT_TRUE(server->drain(std::chrono::seconds(20)));
  EXPECT_EQ(server->in_flight(), 0u);
}

struct UnixSocketTest : ::testing::Test {
  UnixSocketTest() {
    std::string name = ::testing::TempDir() + "tideline-http-XXXXXX";
    CHECK(::mkdtemp(name.data()) != nullptr);
    folder = name + "/" + std::string(150, 'd');
    std::filesystem::create_directories(folder);
    path = folder + "/control.sock";
    root = name;
  }
  ~UnixSocketTest() override { std::filesystem::remove_all(root); }
  std::string root, folder, path;
};

TEST_F(UnixSocketTest, ServesALongPathToItsOwnerOnly) {
  ServerOptions options;
  options.unix_socket_path = path;
  ASSERT_GT(path.size(), 150u);
  {
    RunningServer server(echo_router(), options);
    Client control = Client::unix_socket(path);
    EXPECT_EQ(control.post("/control/keys", "{}")->body, "POST /control/keys body={} control");
    EXPECT_EQ(control.get("/items/1")->body, "GET /items/{id} id=1 control");
    EXPECT_EQ(server.client().post("/control/keys", "{}")->status, 404);
    struct stat entry {};
    ASSERT_EQ(::stat(path.c_str(), &entry), 0);
    EXPECT_EQ(entry.st_mode & 0777, 0600u);
    // A second owner is refused while the first lives.
    const auto second = Server::open(options, echo_router());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::conflict);
    EXPECT_EQ(control.get("/items/1")->status, 200);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  const auto gone = Client::unix_socket(path).get("/items/1");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, ErrorCode::unavailable);
}

TEST_F(UnixSocketTest, TakesOverTheSocketOfADeadProcessAndNothingElse) {
  ServerOptions options;
  options.address.clear();
  options.unix_socket_path = path;
  const std::string kept = root + "/stale.sock";
  {
    auto first = Server::open(options, echo_router());
    ASSERT_TRUE(first);
    std::filesystem::create_hard_link(path, kept);  // what a killed process leaves behind
  }
  std::filesystem::rename(kept, path);
  {
    RunningServer server(echo_router(), options);
    EXPECT_EQ(server->port(), 0);
    EXPECT_EQ(Client::unix_socket(path).get("/items/1")->status, 200);
  }
  std::filesystem::create_directory(path);
  const auto refused = Server::open(options, echo_router());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
}

TEST(ServerOpen, SaysWhyItCannotListen) {
  RunningServer server(echo_router());
  ServerOptions options;
  options.port = server->port();
  const auto taken = Server::open(options, echo_router());
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::io_failed);
  EXPECT_THAT(taken.error().message, HasSubstr(std::to_string(server->port())));
  options.address = "not an address";
  EXPECT_EQ(Server::open(options, echo_router()).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace tideline::http
