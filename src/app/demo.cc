#include "app/demo.h"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <cstdio>
#include <deque>
#include <future>
#include <unordered_set>

#include "http/client.h"
#include "learning/train.h"
#include "simulator/live_traffic.h"

namespace tideline {
namespace {

constexpr std::size_t kHistoryBatch = 5'000;
constexpr std::size_t kBatchesInFlight = 8;
constexpr std::size_t kLiveBatch = 500;
constexpr auto kLiveTick = std::chrono::milliseconds(200);
constexpr Duration kPatience = std::chrono::milliseconds(200);  // between looks for Ctrl-C

// Puts events of the past into the log, a few batches at a time.
class HistoryWriter {
 public:
  explicit HistoryWriter(Engine& engine) : engine_(engine) {}

  void add(std::span<const Event> events) {
    for (const Event& event : events) {
      Entry entry;
      entry.rules.backfill = true;
      entry.rules.dedupe_key = dedupe_key_of(event.source, event.message_id);
      entry.content = event;
      entries_.push_back(std::move(entry));
      if (entries_.size() == kHistoryBatch) send();
    }
  }

  Status end() {
    send();
    while (!waiting_.empty()) settle();
    if (failure_) return fail(*failure_);
    return {};
  }
  [[nodiscard]] std::uint64_t written() const { return written_; }

 private:
  void send() {
    if (entries_.empty()) return;
    if (waiting_.size() >= kBatchesInFlight) settle();
    written_ += entries_.size();
    auto promise = std::make_shared<std::promise<Result<std::vector<IngestVerdict>>>>();
    waiting_.push_back(promise->get_future());
    engine_.ingest().submit(std::exchange(entries_, {}), std::nullopt,
                            [promise](auto verdicts) { promise->set_value(std::move(verdicts)); });
  }
  void settle() {
    auto verdicts = waiting_.front().get();
    waiting_.pop_front();
    if (!verdicts && !failure_) failure_ = verdicts.error();
  }

  Engine& engine_;
  std::vector<Entry> entries_;
  std::deque<std::future<Result<std::vector<IngestVerdict>>>> waiting_;
  std::uint64_t written_ = 0;
  std::optional<Error> failure_;
};

// Live events as any client sends them: batches to POST /v1/batch.
class LiveSender {
 public:
  LiveSender(std::uint16_t port, const std::string& key)
      : client_(http::Client::tcp("127.0.0.1", port)) {
    headers_.add("Authorization", "Bearer " + key);
    headers_.add("Content-Type", "application/json");
  }

  // Sends until it is taken; false when told to stop.
  bool send(std::span<const Event> events, const std::function<bool()>& stopping) {
    std::string body = "{\"batch\":[";
    for (std::size_t i = 0; i < events.size(); ++i) body += (i ? "," : "") + payload_of(events[i]);
    body += "]}";
    while (!stopping()) {
      const auto answer = client_.request(http::Method::post, "/v1/batch", headers_, body);
      if (answer && answer->status == 200) return true;
      std::this_thread::sleep_for(std::chrono::seconds(1));
    }
    return false;
  }

 private:
  http::Client client_;
  http::Headers headers_;
};

Result<std::string> demo_key(Engine& engine) {
  const std::string name = "demo-live";
  TRY_ASSIGN(const auto keys, engine.keys().list());
  for (const SourceKey& key : keys) {
    if (key.source.str() == name && !key.revoked) TRY(engine.keys().revoke(name));
  }
  TRY_ASSIGN(const NewKey key, engine.keys().create(name));
  return key.key;
}

// The newest part of a few customers' history comes first, so that there is something to learn
// from within seconds; then everything else.
class DemoHistory {
 public:
  DemoHistory(Engine& engine, const MarketplaceSimulator& simulator)
      : engine_(engine), simulator_(simulator), writer_(engine) {
    from_ = simulator.options().end - kFirstDays;
    for (std::uint32_t i = 0; i < std::min(kFirstCustomers, simulator.customers()); ++i) {
      first_.insert(simulator.customer_id(i));
    }
  }

  Status write_first() {
    std::vector<Event> events;
    for (std::uint32_t i = 0; i < first_.size(); ++i) {
      Truth truth;
      events.clear();
      simulator_.simulate_customer(i, events, truth);
      std::erase_if(events, [&](const Event& event) { return event.event_time < from_; });
      writer_.add(events);
    }
    return writer_.end();
  }

  Status write_rest(double speed, std::optional<LiveTraffic>& live) {
    std::vector<Event> rest;
    const auto take = [&](std::span<const Event> events) {
      rest.clear();
      for (const Event& event : events) {
        if (event.event_time < from_ || !first_.contains(event.customer)) rest.push_back(event);
      }
      writer_.add(rest);
    };
    TRY_ASSIGN(live, LiveTraffic::begin(simulator_, {speed}, take));
    TRY(writer_.end());
    engine_.logger().info("the demo's history is in",
                          {{"events", writer_.written()}, {"customers", simulator_.customers()}});
    return {};
  }

 private:
  static constexpr std::uint32_t kFirstCustomers = 250;
  static constexpr Duration kFirstDays = 150 * kDay;

  Engine& engine_;
  const MarketplaceSimulator& simulator_;
  HistoryWriter writer_;
  std::unordered_set<CustomerId> first_;
  Time from_{};
};

// Trains on the snapshots at these times (none: as many as the history has room for) and scores
// everybody.
bool learn_from(Engine& engine, const boost::json::array& times) {
  const OperationContext context{engine, [](const OperationProgress&) { return !interrupted(); }};
  const auto trained = run_operation("train", context, {{"at", times}});
  if (!trained) {
    if (!interrupted()) engine.logger().error("learning failed", trained.error());
    return false;
  }
  engine.logger().info(
      "learnt from the history",
      {{"model", std::string(trained->as_object().at("model_version").as_string())}});
  if (auto scored = engine.rescorer().score_all(true); !scored)
    engine.logger().error("scoring failed", scored.error());
  return true;
}

// Waits until all that is in the log is applied; false when told to stop, or when nothing goes on.
bool wait_for_history(Engine& engine) {
  while (!interrupted()) {
    const auto idle = engine.processor().wait_idle(kPatience);
    if (idle) return true;
    if (idle.error().code != ErrorCode::timeout) return false;
  }
  return false;
}

// A first model from a few snapshots of the part of the history that is in.
void learn_first(Engine& engine) {
  if (engine.rescorer().model() || !wait_for_history(engine)) return;
  boost::json::array times;
  const std::int64_t today = day_index(engine.clock().now());
  for (const int days_ago : {90, 75}) {
    times.emplace_back(format_time(start_of_day(today - days_ago)));
  }
  learn_from(engine, times);
}

// The history of a new folder, learnt from as it comes in; a folder that was used before keeps
// what it has, and its model.
Status begin_story(Engine& engine, const MarketplaceSimulator& simulator, double speed,
                   std::optional<LiveTraffic>& live) {
  if (engine.processor().status().totals.received > 0) {
    TRY_ASSIGN(live, LiveTraffic::begin(simulator, {speed}, {}));
    return {};
  }
  DemoHistory history(engine, simulator);
  TRY(history.write_first());
  learn_first(engine);
  return history.write_rest(speed, live);
}

void learn_from_all(Engine& engine) {
  const auto active = engine.models().active();
  const bool learnt_before = active && *active && (*active)->version != "v1";
  if (!learnt_before && wait_for_history(engine)) learn_from(engine, {});
}

void run_live(Engine& engine, LiveTraffic& live, std::uint16_t port,
              const std::function<bool()>& stopping) {
  const auto key = demo_key(engine);
  if (!key) return engine.logger().error("no key for the demo's traffic", key.error());
  LiveSender sender(port, *key);
  live.skip_until(engine.clock().now());
  std::vector<Event> due;
  while (!stopping()) {
    due.clear();
    live.take_until(engine.clock().now(), due);
    for (std::size_t begin = 0; begin < due.size(); begin += kLiveBatch) {
      const std::size_t count = std::min(kLiveBatch, due.size() - begin);
      if (!sender.send(std::span(due).subspan(begin, count), stopping)) return;
    }
    std::this_thread::sleep_for(kLiveTick);
  }
}

}  // namespace

Result<int> demo(const DemoOptions& options) {
  SystemClock clock;
  SimulationOptions simulation;
  simulation.customers = options.customers;
  simulation.days = options.days;
  simulation.seed = options.seed;
  simulation.end = clock.now();
  TRY_ASSIGN(const auto simulator, MarketplaceSimulator::open(simulation));

  ServeOptions serving;
  serving.flags.data = options.data;
  serving.flags.pack = "marketplace";
  serving.flags.settings = {
      {"--port", "server.listen", "127.0.0.1:" + std::to_string(options.port)},
      {"demo", "processing.batch_events", std::to_string(kHistoryBatch)}};
  serving.greeting = "The demo marketplace is at";
  serving.beside = [&](Engine& engine, std::uint16_t port, const std::function<bool()>& stopping) {
    std::optional<LiveTraffic> live;
    if (auto begun = begin_story(engine, simulator, options.speed, live); !begun) {
      return engine.logger().error("the demo's history could not be written", begun.error());
    }
    std::thread learner([&] { learn_from_all(engine); });
    run_live(engine, *live, port, stopping);
    learner.join();
  };
  return serve(serving);
}

}  // namespace tideline
