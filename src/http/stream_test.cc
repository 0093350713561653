// Streams over real loopback sockets: chunks as they come, heartbeats, slow callers, the end.
#include "http/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "http/test_server.h"

namespace tideline::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::string_view kAsk = "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n";

// A server with one stream; every caller's handle is given to the test.
class StreamTest : public ::testing::Test {
 protected:
  void start(Duration heartbeat_every = std::chrono::hours(1), ServerOptions options = {}) {
    Router router;
    router.add(Method::get, "/stream", [this, heartbeat_every](Request, Responder respond) {
      Response response = event_stream_response([this](Stream stream) {
        const std::lock_guard lock(mutex_);
        opened_.push_back(std::move(stream));
        changed_.notify_all();
      });
      response.stream->heartbeat_every = heartbeat_every;
      response.stream->waiting_bytes_max = 64 * 1024;
      respond(std::move(response));
    });
    server_.emplace(std::move(router), options);
  }
  [[nodiscard]] std::uint16_t port() { return (*server_)->port(); }
  Stream opened(std::size_t index) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return opened_.size() > index; });
    return opened_[index];
  }
  std::optional<RunningServer> server_;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Stream> opened_;
};

TEST_F(StreamTest, EventsComeAsTheyAreSent) {
  start();
  RawSocket caller(port());
  caller.send(kAsk);
  const Stream stream = opened(0);
  const std::string head = caller.read_until("\r\n\r\n");
  EXPECT_THAT(head, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(head, HasSubstr("Content-Type: text/event-stream"));
  EXPECT_THAT(head, HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
  EXPECT_TRUE(stream.send(event_text("7", "change", "{}")));
  EXPECT_EQ(caller.read_until("\n\n\r\n"), "1e\r\nid: 7\nevent: change\ndata: {}\n\n\r\n");
  EXPECT_TRUE(stream.send(event_text("8", "", "a\nb\r\nc\rd")));
  EXPECT_THAT(caller.read_until("\n\n\r\n"),
              HasSubstr("id: 8\ndata: a\ndata: b\ndata: c\ndata: d\n\n"));
  stream.end();
  EXPECT_EQ(caller.read_all(), "0\r\n\r\n");
  EXPECT_FALSE(stream.send("late"));
}

TEST_F(StreamTest, AnOldCallerGetsItWithoutChunks) {
  start();
  RawSocket caller(port());
  caller.send("GET /stream HTTP/1.0\r\n\r\n");
  opened(0).send("data: x\n\n");
  opened(0).end();
  const std::string all = caller.read_all();
  EXPECT_THAT(all, Not(HasSubstr("chunked")));
  EXPECT_THAT(all, EndsWith("\r\n\r\ndata: x\n\n"));
}

TEST_F(StreamTest, HeadHasNoStream) {
  start();
  RawSocket caller(port());
  caller.send("HEAD /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(caller.read_all(), EndsWith("\r\n\r\n"));
}

TEST_F(StreamTest, AHeartbeatComesWhereNothingElseDoes) {
  start(Duration(5));
  RawSocket caller(port());
  caller.send(kAsk);
  std::string text;
  while (count_of(text, "3\r\n:\n\n\r\n") < 3) text += caller.read_until(":\n\n\r\n");
  EXPECT_TRUE(opened(0).is_open());
}

TEST_F(StreamTest, WhoDoesNotReadIsDroppedWithinABound) {
  start();
  RawSocket caller(port());
  caller.send(kAsk);
  const Stream stream = opened(0);
  const std::string event = event_text("", "", std::string(1000, 'x'));
  // The kernel's buffers at both ends, a few MiB at most, and 64 KiB here.
  std::size_t sent = 0;
  while (stream.send(event)) {
    sent += event.size();
    ASSERT_LT(sent, 64u << 20);
  }
  // The connection is closed, and so is its place given back.
  EXPECT_THAT(caller.read_all(), Not(HasSubstr("no end")));
  EXPECT_EQ((*server_)->load().streams, 0);
}

TEST_F(StreamTest, ACallerWhoGoesIsNoticedWithoutSendingAnything) {
  start();
  {
    RawSocket caller(port());
    caller.send(kAsk);
    (void)opened(0);
  }
  while (opened(0).is_open()) std::this_thread::yield();
  EXPECT_EQ((*server_)->load().streams, 0);
}

TEST_F(StreamTest, OneTooManyIsToldToComeAgain) {
  ServerOptions options;
  options.streams_max = 1;
  start(std::chrono::hours(1), options);
  RawSocket first(port());
  first.send(kAsk);
  const Stream stream = opened(0);
  const auto refused = server_->client().get("/stream");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->headers.get("Retry-After"), "5");
  EXPECT_THAT(refused->body, HasSubstr("too_many_streams"));
  EXPECT_TRUE(stream.is_open());
}

TEST_F(StreamTest, ADrainEndsStreamsAndDoesNotWaitForThem) {
  start();
  RawSocket caller(port());
  caller.send(kAsk);
  const Stream stream = opened(0);
  stream.send("data: last\n\n");
  EXPECT_TRUE((*server_)->drain(std::chrono::seconds(20)));
  EXPECT_THAT(caller.read_all(), EndsWith("data: last\n\n\r\n0\r\n\r\n"));
  EXPECT_FALSE(stream.send("late"));
}

TEST_F(StreamTest, AHandleMayOutliveTheServer) {
  start();
  RawSocket caller(port());
  caller.send(kAsk);
  const Stream stream = opened(0);
  server_.reset();
  EXPECT_FALSE(stream.send("late"));
}

TEST_F(StreamTest, SendersOnManyThreadsKeepEventsWhole) {
  start();
  RawSocket caller(port());
  caller.send("GET /stream HTTP/1.0\r\n\r\n");
  const Stream stream = opened(0);
  std::vector<std::future<void>> senders;
  for (int sender = 0; sender < 4; ++sender) {
    senders.push_back(std::async(std::launch::async, [stream] {
      for (int i = 0; i < 50; ++i) EXPECT_TRUE(stream.send("data: one event\n\n"));
    }));
  }
  for (auto& sender : senders) sender.get();
  stream.end();
  EXPECT_EQ(count_of(caller.read_all(), "data: one event\n\n"), 200);
}

}  // namespace
}  // namespace tideline::http
