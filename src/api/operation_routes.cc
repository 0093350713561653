// Operations: overview, pipeline, health, readiness, metrics.
#include <algorithm>
#include <memory>
#include <mutex>

#include "api/live_bodies.h"
#include "api/model_metrics.h"
#include "api/pipeline_view.h"
#include "api/prediction_json.h"
#include "api/resources.h"

namespace tideline {
namespace {

double seconds(Duration d) { return static_cast<double>(d.count()) / 1000.0; }

Duration up_since(const Services& services) {
  return std::max(Duration(1), services.clock.now() - services.started);
}

bool all_ready(const std::vector<Readiness>& parts) {
  return std::all_of(parts.begin(), parts.end(), [](const Readiness& p) { return p.ready; });
}

void write_totals(JsonWriter& json, const Totals& totals) {
  json.begin_object().member("received", totals.received).member("applied", totals.applied);
  json.member("late_applied", totals.late_applied).member("duplicate", totals.duplicate);
  json.member("dead_lettered", totals.dead_lettered).member("live", totals.live);
  json.member("foreign_currency", totals.foreign_currency).key("codes").begin_object();
  for (std::size_t i = 0; i < totals.by_code.size(); ++i) {
    if (totals.by_code[i] == 0) continue;
    json.member(name_of(static_cast<DeadLetterCode>(i)), totals.by_code[i]);
  }
  json.end_object().end_object();
}

struct ShowPipeline {
  struct Input {};
  struct Output {
    PipelineStatus status;
    std::optional<Error> failure;
  };
  static constexpr Where kWhere = Where::server;

  static Result<Input> read(const Services&, const http::Request&) { return Input{}; }
  static Result<Output> handle(const Services& services, const Input&) {
    Output output{services.processor.status(), services.processor.failure()};
    if (!output.failure) output.failure = output.status.paused;
    return output;
  }
  static http::Response answer(const Services& services, const Output& output) {
    const PipelineStatus& status = output.status;
    const double commits = static_cast<double>(status.commits);
    JsonWriter json;
    json.begin_object().key("totals");
    write_totals(json, status.totals);
    json.member("adds_up", status.totals.adds_up()).member("lag", status.lag);
    json.member("log_end", status.log_end).member("commits", status.commits);
    json.member("records", status.records);
    json.key("events_per_commit");
    if (status.commits == 0) {
      json.null();
    } else {
      json.value(static_cast<double>(status.records) / commits);
    }
    json.member("busy_s", seconds(status.busy));
    json.member("busy_share", seconds(status.busy) / seconds(up_since(services)));
    json.member_or_null("failure", output.failure ? output.failure->message : "");
    json.key("shards").begin_array();
    for (const ShardStatus& shard : status.shards) {
      const ShardCommit& commit = shard.commit;
      json.begin_object().member("shard", shard.shard).member("next_offset", commit.next_offset);
      json.member("queued", shard.queued).member("received", commit.totals.received);
      const bool any = commit.last_event_time != Time{};
      json.member("last_event_time", any ? std::optional(commit.last_event_time) : std::nullopt);
      json.end_object();
    }
    json.end_array();
    write_load(json, services, status);
    write_as_of(json, services);
    return http::json_response(json.end_object().take());
  }
};

// What is expected to be lost; null until everybody was scored once.
void write_loss(JsonWriter& json, const Services& services, const ExpectedLoss& loss) {
  const auto leaving = services.rescorer.task_of_leaving();
  const bool known = loss.as_of != Time{} && leaving;
  json.key("expected_churn");
  if (known) {
    json.begin_object().member("customers", loss.churn).member("of_customers", loss.customers);
    json.member("task", services.pack.tasks()[*leaving].name).member("as_of", loss.as_of);
    json.end_object();
  } else {
    json.null();
  }
  json.key("money_at_risk");
  if (known && loss.amount) {
    json.begin_object().member("amount_30d", *loss.amount);
    json.member_or_null("currency", services.pack.currency());
    json.member("of_customers", loss.customers).member("as_of", loss.as_of).end_object();
  } else {
    json.null();
  }
}

struct ShowOverview {
  struct Input {};
  struct Output {
    ScoreCounts counts;
    PipelineStatus status;
    std::shared_ptr<const Model> model;
    Time now;
    Time last_scoring;
    ExpectedLoss loss;
  };
  static constexpr Where kWhere = Where::server;

  static Result<Input> read(const Services&, const http::Request&) { return Input{}; }
  static Result<Output> handle(const Services& services, const Input&) {
    return Output{services.rescorer.counts(),
                  services.processor.status(),
                  services.rescorer.model(),
                  services.folder_now(),
                  services.rescorer.last_full_scoring(),
                  services.rescorer.expected_loss()};
  }
  static http::Response answer(const Services& services, const Output& output) {
    const ScoreCounts& counts = output.counts;
    JsonWriter json;
    json.begin_object().member("pack", services.pack.name()).member("now", output.now);
    json.member("program_version", services.program_version);
    json.member("started", services.started).member("customers", counts.customers);
    json.key("tiers").begin_object();
    for (const std::string& tier : services.pack.tiers()) {
      const auto found = counts.by_tier.find(tier);
      json.member(tier, found == counts.by_tier.end() ? 0 : found->second);
    }
    json.end_object().key("unscored").begin_object();
    for (const auto& [reason, count] : counts.unscored) {
      if (count > 0) json.member(reason, count);
    }
    json.end_object().member("lapsed", counts.lapsed).key("mean_health");
    if (counts.health_count == 0) {
      json.null();
    } else {
      json.value(counts.health_sum / static_cast<double>(counts.health_count));
    }
    json.member_or_null("model_version", output.model ? output.model->version() : "");
    json.member("degraded", output.model == nullptr);
    const bool scored = output.last_scoring != Time{};
    json.member("last_full_scoring", scored ? std::optional(output.last_scoring) : std::nullopt);
    json.key("events");
    write_totals(json, output.status.totals);
    json.member("lag", output.status.lag);
    write_loss(json, services, output.loss);
    write_as_of(json, services);
    return http::json_response(json.end_object().take());
  }
};

http::Handler healthz(Services& services) {
  return [&services](const http::Request&, http::Responder responder) {
    const bool degraded = services.rescorer.model() == nullptr;
    JsonWriter json;
    json.begin_object().member("status", degraded ? "degraded" : "ok");
    json.member_or_null("reason", degraded ? services.rescorer.no_model_why() : "");
    json.member("program_version", services.program_version);
    write_as_of(json, services);
    responder(http::json_response(json.end_object().take()));
  };
}

http::Handler readyz(Services& services) {
  return [&services](const http::Request& request, http::Responder responder) {
    const std::vector<Readiness> parts = services.readiness();
    const bool ready = all_ready(parts);
    JsonWriter json;
    json.begin_object().member("ready", ready);
    if (request.query.has("verbose")) {
      json.key("parts").begin_array();
      for (const Readiness& part : parts) {
        json.begin_object().member("part", part.part).member("ready", part.ready);
        json.member_or_null("detail", part.detail).end_object();
      }
      json.end_array();
    }
    http::Response response = http::json_response(json.end_object().take(), ready ? 200 : 503);
    if (!ready) response.headers.set("Retry-After", "5");
    responder(std::move(response));
  };
}

// What the parts know of themselves, brought into Metrics when they are asked for.
class PipelineMetrics {
 public:
  explicit PipelineMetrics(Services& services) : services_(services) {}

  std::string expose() {
    const std::lock_guard lock(mutex_);  // the steps of counters are not atomic
    const PipelineStatus status = services_.processor.status();
    const Totals& totals = status.totals;
    outcome("applied", totals.applied);
    outcome("late_applied", totals.late_applied);
    outcome("duplicate", totals.duplicate);
    outcome("dead_lettered", totals.dead_lettered);
    count("tideline_events_received_total", "Events and lines that got a verdict", {},
          totals.received);
    for (std::size_t i = 0; i < totals.by_code.size(); ++i) {
      const std::string code(name_of(static_cast<DeadLetterCode>(i)));
      count("tideline_dead_letters_total", "Dead letters by reason code", {{"code", code}},
            totals.by_code[i]);
    }
    count("tideline_commits_total", "Commits since the start", {}, status.commits);
    count("tideline_worker_busy_seconds_total", "Time of all workers spent on batches", {},
          seconds(status.busy));
    gauge("tideline_lag_events", "Durable events that are not yet processed", {}, status.lag);
    gauge("tideline_outcomes_add_up", "1 when the four outcomes sum to received", {},
          totals.adds_up() ? 1 : 0);
    for (const ShardStatus& shard : status.shards) {
      gauge("tideline_queue_events", "Events waiting in a shard's queue",
            {{"shard", std::to_string(shard.shard)}}, shard.queued);
    }
    set_load_gauges(services_, status);
    scores();
    set_model_gauges(services_);
    return services_.metrics.expose();
  }

 private:
  void scores() {
    const ScoreCounts counts = services_.rescorer.counts();
    gauge("tideline_customers", "Customers known", {}, counts.customers);
    gauge("tideline_customers_lapsed", "Customers that lapsed", {}, counts.lapsed);
    for (const std::string& tier : services_.pack.tiers()) {
      const auto found = counts.by_tier.find(tier);
      gauge("tideline_tier_customers", "Scored customers of a tier", {{"tier", tier}},
            found == counts.by_tier.end() ? 0 : found->second);
    }
    for (const auto& [reason, customers] : counts.unscored) {
      gauge("tideline_unscored_customers", "Customers without a score", {{"reason", reason}},
            customers);
    }
    const bool model = services_.rescorer.model() != nullptr;
    gauge("tideline_model_in_production", "1 when a model scores", {}, model ? 1 : 0);
    for (const Readiness& part : services_.readiness()) {
      gauge("tideline_ready", "1 when the part works", {{"part", part.part}}, part.ready ? 1 : 0);
    }
  }

  void outcome(const char* name, std::uint64_t total) {
    count("tideline_events_total", "Events by what became of them", {{"outcome", name}}, total);
  }
  template <class Number>
  void count(const char* name, const char* help, const Labels& labels, Number total) {
    const Counter counter = services_.metrics.counter(name, help, labels);
    counter.add(std::max(0.0, static_cast<double>(total) - counter.value()));
  }
  template <class Number>
  void gauge(const char* name, const char* help, const Labels& labels, Number value) {
    services_.metrics.gauge(name, help, labels).set(static_cast<double>(value));
  }

  Services& services_;
  std::mutex mutex_;
};

http::Handler metrics(Services& services) {
  auto pipeline = std::make_shared<PipelineMetrics>(services);
  return [&services, pipeline](const http::Request&, http::Responder responder) {
    auto shared = std::make_shared<http::Responder>(std::move(responder));
    services.in_background([pipeline, shared] {
      (*shared)(
          http::text_response(pipeline->expose(), "text/plain; version=0.0.4; charset=utf-8"));
    });
  };
}

Endpoint described(const char* path, const char* name, const char* about) {
  Endpoint endpoint;
  endpoint.path = path;
  endpoint.name = name;
  endpoint.tag = "operations";
  endpoint.about = about;
  return endpoint;
}

}  // namespace

std::string overview_body(const Services& services) {
  return ShowOverview::answer(services, *ShowOverview::handle(services, {})).body;
}

std::string pipeline_body(const Services& services) {
  return ShowPipeline::answer(services, *ShowPipeline::handle(services, {})).body;
}

void add_operation_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint overview = described("/api/v1/overview", "show_overview",
                                "Customers by tier, events by outcome, the model in production");
  overview.answers = {{"application/json", "#Overview"}};
  overview.problems = {400, 504};
  endpoints.push_back(reading<ShowOverview>(services, std::move(overview)));

  Endpoint pipeline =
      described("/api/v1/pipeline", "show_pipeline",
                "What became of all events, how far each shard has come, and how full all is");
  pipeline.answers = {{"application/json", "#Pipeline"}};
  pipeline.problems = {400, 504};
  endpoints.push_back(reading<ShowPipeline>(services, std::move(pipeline)));

  Endpoint alive = described("/healthz", "show_health_of_program", "200 as long as it runs");
  alive.permission = Permission::open;
  alive.answers = {{"application/json", "#Alive"}};
  alive.handler = healthz(services);
  endpoints.push_back(std::move(alive));

  Endpoint ready = described("/readyz", "show_readiness", "200 when keys, log and state are open");
  ready.permission = Permission::open;
  ready.query = {{"verbose", "Also lists the parts"}};
  ready.answers = {{"application/json", "#Ready"}};
  ready.problems = {503};
  ready.handler = readyz(services);
  endpoints.push_back(std::move(ready));

  Endpoint counted = described("/metrics", "show_metrics", "Prometheus text format");
  counted.permission = Permission::local;
  counted.answers = {{"text/plain", R"({"type":"string"})"}};
  counted.handler = metrics(services);
  endpoints.push_back(std::move(counted));
}

}  // namespace tideline
