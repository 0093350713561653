// The whole program in memory behind a real server on a free port, for the tests of src/api.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "access/test_crypto.h"
#include "alerts/alerts.h"
#include "api/customer_columns.h"
#include "api/live_feed.h"
#include "api/routes.h"
#include "base/check.h"
#include "base/memory_file_system.h"
#include "http/client.h"
#include "http/server.h"
#include "ports/memory_event_log.h"
#include "ports/memory_model_store.h"
#include "ports/memory_notifier.h"
#include "ports/memory_state_store.h"
#include "scoring/test_pack.h"

namespace tideline {

inline const Time kTestNow = *parse_time("2026-01-31T12:00:00Z");

// Runs work one after the other, until it is destroyed.
class TestBackground {
 public:
  TestBackground() : thread_([this] { loop(); }) {}
  ~TestBackground() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }
  void run(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
    wake_.notify_all();
  }

 private:
  void loop() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      const auto work = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      work();
      lock.lock();
    }
  }
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::thread thread_;  // the last member: it uses all others
};

// Scores the test pack: health grows and churn falls with purchases of the last 30 days.
inline Model test_model(const Pack& pack) {
  ModelManifest manifest;
  manifest.name = "shop-health";
  manifest.version = "v1";
  manifest.model_version = "shop-health-v1";
  manifest.pack = pack.name();
  manifest.program_version = "0.1.0";
  manifest.feature_hash = pack.feature_hash();
  for (const FeatureSpec& feature : pack.features()) manifest.features.push_back(feature.name);
  for (const TaskSpec& spec : pack.tasks()) {
    ModelTask task;
    task.name = spec.name;
    task.kind = spec.kind;
    task.min = spec.min;
    task.max = spec.max;
    task.not_below = spec.not_below;
    task.definition = spec.definition;
    task.horizon = spec.horizon;
    task.champion = Champion::logistic;
    manifest.tasks.push_back(task);
  }
  manifest.settings = "{}";
  manifest.evaluation = R"({"tasks":[]})";
  ModelParts parts;
  Regressions& regressions = parts.logistic.emplace();
  regressions.encoding.feature_count = pack.features().size();
  regressions.encoding.inputs = {{0, Transform::identity, 0, 1}};
  regressions.tasks = {{true, HeadKind::probability, {-1.0}, 1.0, 0, 0},
                       {true, HeadKind::probability, {-1.0}, 1.5, 0, 0},
                       {true, HeadKind::linear, {15.0}, 10.0, 0, 100},
                       {true, HeadKind::linear, {0.25}, 0.1, 0, 1e9}};
  parts.calibrations.assign(pack.tasks().size(), Calibration{});
  return Model::assemble(std::move(manifest), std::move(parts));
}

struct TestApiOptions {
  std::shared_ptr<const Pack> pack = test_pack();
  bool with_model = true;
  bool start_processor = true;
  std::optional<Time> frozen_at;
  DecodeLimits limits;
  std::size_t wire_bytes_max = 500 * 1024;
  std::size_t inflated_bytes_max = 20 << 20;
  // Most tests are not about access: who asks may do everything.
  std::optional<Role> visitor_role = Role::admin;
};

class TestApi {
 public:
  explicit TestApi(TestApiOptions options = {})
      : clock(kTestNow),
        pack(options.pack),
        logger(clock, LogLevel::off, log_text_),
        log(clock),
        board(kShards),
        ingest(log, board, clock, kShards),
        rescorer({}, *pack, state, clock),
        inbox(inbox_options(), state),
        overrides(*pack, state),
        processor(open_processor()),
        dead_letters(options.limits, state, ingest, clock),
        access(open_access()),
        models(*pack, model_store, state),
        services{*pack,      clock,    logger,       metrics, state,  ingest,        board,
                 *processor, rescorer, dead_letters, *access, models, options.limits} {
    services.batch_wire_bytes_max = options.wire_bytes_max;
    services.batch_inflated_bytes_max = options.inflated_bytes_max;
    services.program_version = "0.1.0";
    services.frozen_at = options.frozen_at;
    services.next_id = [this] { return "made-" + std::to_string(++made_ids_); };
    services.readiness = [this] { return readiness; };
    services.in_background = [this](auto work) { background_->run(std::move(work)); };
    services.events_of = [this](const CustomerId& customer, std::optional<Time> before,
                                std::size_t limit) { return events_of(customer, before, limit); };
    services.archive = [this]() -> Status {
      ++archived;
      return {};
    };
    services.started = kTestNow - kHour;
    services.inbox = &inbox;
    services.overrides = &overrides;
    services.pilots = &pilots;
    services.activity = [this]() -> Result<ActivityFigures> { return activity.figures(); };
    rescorer.recommend_into(inbox);
    services.alerts = &alerts;
    services.columns = &columns;
    services.live = &live.emplace(services);
    services.changed = [this](std::string_view topic) { live->note(topic); };
    rescorer.tell([this](std::span<const PredictionChange> changes) {
      columns.note(changes);
      live->note(changes);
    });
    if (options.with_model) {
      rescorer.use_model(std::make_shared<Model>(test_model(*pack)), "");
    } else {
      rescorer.use_model(nullptr, "no_model");
    }
    services.visitor_role = options.visitor_role;
    key = new_key("web", {Permission::ingest});
    if (options.start_processor) processor->start();
    http::ServerOptions server;
    server.request_id_seed = "test";
    auto opened = http::Server::open(server, make_routes(services));
    CHECK(opened.has_value());
    server_ = std::make_unique<http::Server>(std::move(*opened));
    thread_ = std::thread([this] { server_->run(); });
    client_ = std::make_unique<http::Client>(http::Client::tcp("127.0.0.1", server_->port()));
  }
  ~TestApi() {
    board.close();
    server_->stop();
    thread_.join();
    background_.reset();
    processor->stop();
  }

  http::ClientResponse get(const std::string& target, const http::Headers& headers = {}) {
    return ask(http::Method::get, target, headers);
  }
  http::ClientResponse post(const std::string& target, const std::string& body,
                            const http::Headers& headers = {}) {
    return ask(http::Method::post, target, headers, body);
  }
  // With the key as Bearer.
  http::ClientResponse send(const std::string& target, const std::string& body) {
    return post(target, body, bearer());
  }
  http::ClientResponse ask(http::Method method, const std::string& target,
                           const http::Headers& headers = {}, const std::string& body = {}) {
    auto answer = client_->request(method, target, headers, body);
    EXPECT_TRUE(answer.has_value()) << answer.error().message;
    return answer ? std::move(*answer) : http::ClientResponse{};
  }
  [[nodiscard]] http::Headers bearer() const {
    http::Headers headers;
    headers.add("Authorization", "Bearer " + key);
    return headers;
  }
  std::string new_key(const std::string& id, PermissionSet scopes) {
    KeyWish wish;
    wish.id = id;
    wish.scopes = scopes;
    return access->keys().create(wish)->key;
  }
  [[nodiscard]] http::Client client() const {
    return http::Client::tcp("127.0.0.1", server_->port());
  }

  // A customer with `purchases` in the last 20 days and a first event 25 days ago.
  void add_customer(const std::string& id, int purchases) {
    std::string batch = R"({"batch":[)" + event_json(id, "Looked", kTestNow - 25 * kDay);
    for (int i = 0; i < purchases; ++i) {
      batch += "," + event_json(id, "Bought", kTestNow - 20 * kDay + i * kHour);
    }
    ASSERT_EQ(send("/v1/import", batch + "]}").status, 200);
  }
  static std::string event_json(const std::string& customer, const std::string& event, Time at) {
    const std::string quoted = boost::json::serialize(boost::json::string(customer));
    return R"({"type":"track","userId":)" + quoted + R"(,"event":")" + event +
           R"(","timestamp":")" + format_time(at) + R"(","properties":{"amount":5}})";
  }
  // Everything that was sent is processed and scored.
  void settle() {
    ASSERT_TRUE(processor->wait_idle(std::chrono::seconds(30)).has_value());
    ASSERT_TRUE(rescorer.score_changed().has_value());
  }
  void expire_waits() { board.expire(clock.now()); }

  ManualClock clock;
  std::shared_ptr<const Pack> pack;
  MemoryStateStore state;
  MemoryFileSystem files;
  std::unique_ptr<AttemptMarks> attempts;

 private:
  static constexpr std::uint16_t kShards = 4;

  std::unique_ptr<Access> open_access() {
    auto opened = Access::open({}, test_access_crypto(), state, clock, logger);
    CHECK(opened.has_value());
    return std::move(*opened);
  }
  InboxOptions inbox_options() {
    InboxOptions inbox;
    inbox.held_out = [this](const CustomerId& customer) { return customer.str() == held_out; };
    return inbox;
  }
  std::unique_ptr<Processor> open_processor() {
    ProcessorOptions options;
    options.shards = kShards;
    options.batch_window_max = Duration(0);
    options.batch.program_version = "0.1.0";
    auto marks = AttemptMarks::open(files, "attempts", kShards);
    CHECK(marks.has_value());
    attempts = std::move(*marks);
    auto opened = Processor::open(options, log, state, *attempts, *pack, clock, board,
                                  [this](auto changed) { rescorer.note_changed(changed); });
    CHECK(opened.has_value());
    return std::move(*opened);
  }
  Result<EventPage> events_of(const CustomerId& customer, std::optional<Time> before,
                              std::size_t limit) {
    EventPage page;
    for (const EventRow& row : lake_rows) {  // newest first
      if (row.event.customer != customer) continue;
      if (before && row.event.event_time >= *before) continue;
      page.more = page.rows.size() == limit;
      if (page.more) break;
      page.rows.push_back(row);
    }
    return page;
  }

  std::ostringstream log_text_;

 public:
  Logger logger;
  Metrics metrics;
  MemoryEventLog log;
  std::vector<EventRow> lake_rows;  // newest first
  int archived = 0;                 // times that the lake was brought up to date
  std::vector<Readiness> readiness = {{"log", true, ""}, {"state", true, ""}};
  std::string key;
  VerdictBoard board;
  Ingest ingest;
  std::string held_out;  // the customer of the holdout; empty: none
  Rescorer rescorer;
  Inbox inbox;
  Overrides overrides;
  Pilots pilots{state};
  ActivityCounter activity{Time{}};  // to be set before it is asked for
  std::unique_ptr<Processor> processor;
  DeadLetters dead_letters;
  std::unique_ptr<Access> access;
  MemoryModelStore model_store;
  ModelRegistry models;
  MemoryNotifier notifier;
  AlertQueue alert_queue;
  Alerts alerts{{},          [](std::size_t count) { return std::string(count, 'r'); },
                alert_queue, state,
                notifier,    clock};
  Services services;
  CustomerColumns columns{*pack, state};
  std::optional<LiveFeed> live;

 private:
  std::atomic<int> made_ids_{0};
  std::unique_ptr<TestBackground> background_ = std::make_unique<TestBackground>();
  std::unique_ptr<http::Server> server_;
  std::thread thread_;
  std::unique_ptr<http::Client> client_;
};

// The body as JSON; a test failure when it is none.
inline boost::json::value json_of(const http::ClientResponse& response) {
  boost::system::error_code error;
  auto value = boost::json::parse(response.body, error);
  EXPECT_FALSE(error) << response.status << " " << response.body;
  return error ? boost::json::value() : value;
}
inline std::string code_of(const http::ClientResponse& response) {
  EXPECT_EQ(response.headers.get("Content-Type").value_or(""), "application/problem+json")
      << response.status << " " << response.body;
  const auto body = json_of(response);
  return body.is_object() && body.as_object().contains("code")
             ? std::string(body.at("code").as_string())
             : "";
}

}  // namespace tideline
