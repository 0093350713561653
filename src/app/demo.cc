#include "app/demo.h"

#include <atomic>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <cstdio>
#include <deque>
#include <future>
#include <unordered_set>

#include "app/demo_story.h"
#include "app/demo_traffic.h"
#include "learning/train.h"
#include "simulator/live_traffic.h"

namespace tideline {
namespace {

constexpr std::size_t kHistoryBatch = 5'000;
constexpr std::size_t kBatchesInFlight = 8;
constexpr auto kLiveTick = std::chrono::milliseconds(200);
// From the last learning to the story, so that it is not mixed up with another model's figures.
constexpr Duration kStoryAfter = std::chrono::seconds(20);
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
  [[nodiscard]] std::uint64_t written() const { return written_; }  // events

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

Result<std::string> demo_key(Engine& engine) {
  const std::string name = "demo-live";
  TRY_ASSIGN(const auto keys, engine.access().keys().list());
  for (const ApiKey& key : keys) {
    if (key.id == name && !key.revoked) TRY(engine.access().keys().revoke(name));
  }
  KeyWish wish;
  wish.id = name;
  TRY_ASSIGN(const NewKey key, engine.access().keys().create(wish));
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
  [[nodiscard]] std::uint64_t written() const { return writer_.written(); }

 private:
  static constexpr std::uint32_t kFirstCustomers = 250;
  static constexpr Duration kFirstDays = 150 * kDay;

  Engine& engine_;
  const MarketplaceSimulator& simulator_;
  HistoryWriter writer_;
  std::unordered_set<CustomerId> first_;
  Time from_{};
};

// Trains as the arguments of the operation say and scores everybody; what is learnt is told in a
// line of progress.
bool learn_from(Engine& engine, const boost::json::object& arguments) {
  ProgressLine line;
  const OperationContext context{
      engine, [&](const OperationProgress& progress) {
        return line.show({"learning: " + progress.step, progress.share, progress.detail});
      }};
  const auto trained = run_operation("train", context, arguments);
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

// Rules that score while the history is learnt, from a few snapshots of the part that is in.
void learn_first(Engine& engine) {
  if (engine.rescorer().model() || !wait_for_history(engine)) return;
  boost::json::array times;
  const std::int64_t today = day_index(engine.clock().now());
  for (const int days_ago : {90, 75}) {
    times.emplace_back(format_time(start_of_day(today - days_ago)));
  }
  learn_from(engine, {{"at", times}, {"only", "baseline"}});
}

// The demo's part beside the server.
class DemoRun {
 public:
  DemoRun(Engine& engine, const MarketplaceSimulator& simulator, const DemoOptions& options,
          std::uint16_t port, DemoTraffic::Stopping stopping)
      : engine_(engine),
        simulator_(simulator),
        options_(options),
        port_(port),
        stopping_(std::move(stopping)),
        story_(engine, port) {}

  void run() {
    if (auto begun = write_history(); !begun) {
      return engine_.logger().error("the demo's history could not be written", begun.error());
    }
    std::thread learner([this] {
      learn_from_all();
      learnt_ = true;
    });
    if (auto lived = live(); !lived)
      engine_.logger().error("the demo's live traffic ended", lived.error());
    learner.join();
  }

  // Of what was sent; after run().
  [[nodiscard]] boost::json::object report() const {
    boost::json::object json = json_of(traffic_report_);
    json["history"] = history_events_;
    json["live_from"] = format_time(live_from_);
    return json;
  }

 private:
  // The history of a new folder, learnt from as it comes in; a folder that was used before keeps
  // what it has, and its model.
  Status write_history() {
    if (engine_.processor().status().totals.received > 0) {
      TRY_ASSIGN(live_, LiveTraffic::begin(simulator_, {options_.speed}, {}));
      return {};
    }
    DemoHistory history(engine_, simulator_);
    TRY(history.write_first());
    learn_first(engine_);
    TRY(history.write_rest(options_.speed, live_));
    history_events_ = history.written();
    return {};
  }

  void learn_from_all() {
    const auto active = engine_.models().active();
    const bool learnt_before = active && *active && (*active)->version != "v1";
    if (!learnt_before && wait_for_history(engine_)) learn_from(engine_, {});
  }

  Status live() {
    TRY_ASSIGN(const std::string key, demo_key(engine_));
    DemoTraffic traffic(port_, key, options_.disturbance);
    live_->skip_until(engine_.clock().now());
    live_from_ = live_->position();
    BurstPlan bursts = options_.bursts;
    bursts.first = live_->position() + options_.burst_after;
    TRY(live_->plan_bursts(bursts));
    std::vector<Event> due;
    while (!stopping_()) {
      const Time now = engine_.clock().now();
      due.clear();
      live_->take_until(now, due);
      tell_burst(now);
      go_on_with_story(now, due);
      const bool sent = traffic.send(due, stopping_);
      traffic_report_ = traffic.report();
      if (!sent) break;
      std::this_thread::sleep_for(kLiveTick);
    }
    return {};
  }

  void go_on_with_story(Time now, std::vector<Event>& due) {
    if (!options_.story) return;
    if (!story_due_ && learnt_) story_due_ = now + kStoryAfter;
    if (!story_.begun() && story_due_ && now >= *story_due_) story_.begin(*live_, now);
    story_.go_on(now, due);
  }

  void tell_burst(Time now) {
    const bool bursting = live_->rate_at(now) > options_.speed;
    if (bursting == std::exchange(bursting_, bursting)) return;
    if (bursting) {
      std::fprintf(stderr, "A burst: %g times the events for %s\n", options_.bursts.factor,
                   format_duration(options_.bursts.length).c_str());
    } else {
      std::fprintf(stderr, "The burst is over\n");
    }
  }

  Engine& engine_;
  const MarketplaceSimulator& simulator_;
  const DemoOptions& options_;
  std::uint16_t port_;
  DemoTraffic::Stopping stopping_;
  DemoStory story_;
  std::optional<LiveTraffic> live_;
  std::uint64_t history_events_ = 0;
  Time live_from_{};
  TrafficReport traffic_report_;
  std::atomic<bool> learnt_ = false;
  std::optional<Time> story_due_;
  bool bursting_ = false;
};

// The last line that the demo prints.
void print_report(const boost::json::object& report, bool json) {
  if (json) {
    std::printf("%s\n", boost::json::serialize(report).c_str());
  } else {
    const auto number = [&](const char* key) { return report.at(key).to_number<std::uint64_t>(); };
    std::uint64_t malformed = 0;
    for (const auto& [code, count] : report.at("malformed").as_object())
      malformed += count.to_number<std::uint64_t>();
    std::printf(
        "Sent live: %lu events, of which %lu late, %lu for the second time, %lu malformed; "
        "%lu requests refused\n",
        number("sent"), number("late"), number("duplicates"), malformed, number("refused"));
  }
  std::fflush(stdout);
}

}  // namespace

Result<int> demo(const DemoOptions& options) {
  if (auto checked = check(options.disturbance); !checked)
    return fail(ErrorCode::invalid, checked.error().message, "usage");
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
      {"demo", "processing.batch_events", std::to_string(kHistoryBatch)},
      {"demo", "access.visitor_role", "admin"}};
  serving.greeting = "The demo marketplace is at";
  boost::json::object report;
  serving.beside = [&](Engine& engine, std::uint16_t port, const std::function<bool()>& stopping) {
    DemoRun run(engine, simulator, options, port, stopping);
    run.run();
    report = run.report();
  };
  TRY_ASSIGN(const int status, serve(serving));
  print_report(report, options.json);
  return status;
}

}  // namespace tideline
