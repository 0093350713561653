// The live feed: what streams are told, once, in order, also after they were away.
#include "api/live_feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/test_api.h"

namespace tideline {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A listener without a connection: what it was sent.
class Ear {
 public:
  Ear() : queue_(std::make_shared<http::StreamQueue>(16 << 20, [] {})) {}
  [[nodiscard]] http::Stream stream() const { return http::Stream(queue_); }
  // Messages since the last call, as JSON; the id of the newest is kept.
  std::vector<boost::json::object> heard() {
    std::vector<boost::json::object> messages;
    std::string text = queue_->take().text;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find("\n\n", at);
      const std::string message = text.substr(at, end - at);
      at = end + 2;
      EXPECT_TRUE(message.starts_with("id: ")) << message;
      last_id = message.substr(4, message.find('\n') - 4);
      const std::size_t data = message.find("\ndata: ");
      messages.push_back(boost::json::parse(message.substr(data + 7)).as_object());
    }
    return messages;
  }
  void leave() { queue_->close(); }
  std::string last_id;

 private:
  std::shared_ptr<http::StreamQueue> queue_;
};

std::vector<std::string> customers_of(const std::vector<boost::json::object>& messages) {
  std::vector<std::string> ids;
  for (const auto& message : messages) {
    if (!message.contains("predictions")) continue;
    for (const auto& row : message.at("predictions").as_array()) {
      ids.emplace_back(row.at("customer_id").as_string());
    }
  }
  return ids;
}

std::vector<std::string> topics_of(const std::vector<boost::json::object>& messages) {
  std::vector<std::string> topics;
  for (const auto& message : messages) {
    if (!message.contains("topics")) continue;
    for (const auto& topic : message.at("topics").as_array())
      topics.emplace_back(topic.as_string());
  }
  return topics;
}

TEST(LiveFeedTest, TheFirstMessageHasTheFigures) {
  TestApi api;
  Ear ear;
  api.live->join(ear.stream(), "");
  api.live->tick();
  const auto messages = ear.heard();
  ASSERT_EQ(messages.size(), 1u);
  for (const char* figures : {"overview", "tiers", "pipeline"}) {
    EXPECT_TRUE(messages[0].at(figures).is_object()) << figures;
  }
  EXPECT_FALSE(messages[0].contains("predictions"));
  api.live->tick();
  EXPECT_TRUE(ear.heard().empty());
}

TEST(LiveFeedTest, ACustomerWhoChangesOftenIsToldOnce) {
  TestApi api;
  api.add_customer("a", 4);
  api.settle();
  Ear ear;
  api.live->join(ear.stream(), "");
  api.live->tick();
  ear.heard();
  for (int more = 1; more < 4; ++more) {
    ASSERT_EQ(api.send("/v1/import",
                       R"({"batch":[)" +
                           TestApi::event_json("a", "Bought", kTestNow - more * kHour) + "]}")
                  .status,
              200);
    api.settle();
  }
  api.live->tick();
  const auto messages = ear.heard();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(customers_of(messages), std::vector<std::string>{"a"});
  const auto& row = messages[0].at("predictions").as_array().at(0).as_object();
  const auto shown = json_of(api.get("/api/v1/customers/a")).at("prediction");
  EXPECT_EQ(row.at("figures").at("health_score"), shown.at("health_score"));
  EXPECT_EQ(row.at("tier"), shown.at("tier"));
  EXPECT_EQ(row.at("timestamp"), shown.at("timestamp"));
}

TEST(LiveFeedTest, WhoComesBackIsToldWhatItMissed) {
  TestApi api;
  Ear ear;
  api.live->join(ear.stream(), "");
  api.live->tick();
  ear.heard();
  ear.leave();
  api.add_customer("a", 4);
  api.settle();
  api.live->note("actions");
  api.add_customer("b", 4);
  api.settle();
  api.live->tick();
  Ear back;
  api.live->join(back.stream(), ear.last_id);
  api.live->tick();
  const auto messages = back.heard();
  EXPECT_EQ(customers_of(messages), (std::vector<std::string>{"a", "b"}));
  EXPECT_THAT(topics_of(messages), ::testing::Contains("actions"));
  EXPECT_FALSE(messages[0].contains("reset"));
  api.live->tick();
  EXPECT_TRUE(customers_of(back.heard()).empty());
}

TEST(LiveFeedTest, WhoWasAwayTooLongReadsEverythingAgain) {
  TestApi api;
  LiveFeedOptions options;
  options.changes_max = 3;
  LiveFeed feed(api.services, options);
  Ear ear;
  feed.join(ear.stream(), "");
  feed.tick();
  ear.heard();
  for (int i = 0; i < 3; ++i) feed.note("actions");
  Ear near;
  feed.join(near.stream(), ear.last_id);
  feed.note("actions");
  Ear far;
  feed.join(far.stream(), ear.last_id);
  Ear stranger;  // of a process before this one
  feed.join(stranger.stream(), "12345-1");
  Ear ahead;
  feed.join(ahead.stream(), ear.last_id + "000");
  feed.tick();
  EXPECT_FALSE(near.heard().at(0).contains("reset"));
  for (Ear* lost : {&far, &stranger, &ahead}) EXPECT_EQ(lost->heard().at(0).at("reset"), true);
}

TEST(LiveFeedTest, ManyChangesComeInSeveralMessagesAndNoneIsLost) {
  TestApi api;
  LiveFeedOptions options;
  options.rows_max = 3;
  LiveFeed feed(api.services, options);
  api.rescorer.tell([&feed](auto changes) { feed.note(changes); });
  Ear ear;
  feed.join(ear.stream(), "");
  feed.tick();
  ear.heard();
  for (int i = 0; i < 8; ++i) api.add_customer("c" + std::to_string(i), 3);
  api.settle();
  std::vector<std::string> told;
  for (int ticks = 0; ticks < 3; ++ticks) {
    feed.tick();
    const auto ids = customers_of(ear.heard());
    EXPECT_LE(ids.size(), 3u);
    told.insert(told.end(), ids.begin(), ids.end());
  }
  std::sort(told.begin(), told.end());
  EXPECT_EQ(told, (std::vector<std::string>{"c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"}));
}

TEST(LiveFeedTest, FarBehindListsAreReadAgainInPlaceOfRows) {
  TestApi api;
  LiveFeedOptions options;
  options.behind_max = 5;
  LiveFeed feed(api.services, options);
  api.rescorer.tell([&feed](auto changes) { feed.note(changes); });
  Ear ear;
  feed.join(ear.stream(), "");
  feed.tick();
  ear.heard();
  for (int i = 0; i < 8; ++i) api.add_customer("c" + std::to_string(i), 3);
  api.settle();
  feed.tick();
  const auto messages = ear.heard();
  EXPECT_TRUE(customers_of(messages).empty());
  EXPECT_THAT(topics_of(messages), ::testing::Contains("customers"));
}

TEST(LiveFeedTest, FiguresComeOftenWhileSomethingHappensAndSeldomElse) {
  TestApi api;
  LiveFeedOptions options;
  options.figures_every_ticks = 2;
  options.quiet_every_ticks = 10;
  options.lasting_ticks = 4;
  LiveFeed feed(api.services, options);
  Ear ear;
  feed.join(ear.stream(), "");
  const auto figures_in = [&](int ticks) {
    std::size_t count = 0;
    for (int i = 0; i < ticks; ++i) {
      feed.tick();
      for (const auto& message : ear.heard()) count += message.contains("overview");
    }
    return count;
  };
  (void)figures_in(20);
  EXPECT_EQ(figures_in(20), 2u);
  api.add_customer("a", 1);
  api.settle();
  EXPECT_EQ(figures_in(4), 2u);
}

TEST(LiveFeedTest, DeadLettersAreATopic) {
  TestApi api;
  Ear ear;
  api.live->join(ear.stream(), "");
  api.live->tick();
  ear.heard();
  ASSERT_EQ(api.send("/v1/batch", R"({"batch":[{"type":"track","userId":"x"}]})").status, 200);
  api.settle();
  api.live->tick();
  EXPECT_EQ(topics_of(ear.heard()), std::vector<std::string>{"dead_letters"});
}

TEST(StreamRoutesTest, TheStreamIsServed) {
  TestApi api;
  const auto head = api.ask(http::Method::head, "/api/v1/stream");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.get("Content-Type").value_or(""), "text/event-stream; charset=utf-8");
  EXPECT_EQ(api.get("/api/v1/stream?since=3").status, 400);
}

}  // namespace
}  // namespace tideline
