#include "api/pipeline_view.h"

#include <algorithm>
#include <numeric>

namespace tideline {
namespace {

using Steady = http::WorkQueue::Clock;

double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }
double seconds(Steady::duration d) { return std::chrono::duration<double>(d).count(); }

std::uint64_t queued_events(const PipelineStatus& status) {
  return std::accumulate(
      status.shards.begin(), status.shards.end(), std::uint64_t{0},
      [](std::uint64_t sum, const ShardStatus& shard) { return sum + shard.queued; });
}

std::uint64_t fullest_shard(const PipelineStatus& status) {
  std::size_t most = 0;
  for (const ShardStatus& shard : status.shards) most = std::max(most, shard.queued);
  return most;
}

std::optional<double> age_s(const Services& services, const std::optional<Time>& since) {
  if (!since) return std::nullopt;
  return std::max(0.0, seconds(services.clock.now() - *since));
}

// A part that this program does not have is null.
template <class Part, class Write>
void write_part(JsonWriter& json, std::string_view name, const std::optional<Part>& part,
                const Write& write) {
  json.key(name);
  if (!part) {
    json.null();
    return;
  }
  json.begin_object();
  write(*part);
  json.end_object();
}

// What the parts of Services say now; nullopt for those that are not there.
struct Parts {
  std::optional<LoadRates> rates;
  std::optional<http::Server::Load> door;
  std::optional<IngestGate::Load> gate;
  std::optional<LogLoad> log;
};

Parts parts_of(const Services& services) {
  Parts parts;
  if (services.load_watch != nullptr) parts.rates = services.load_watch->rates();
  if (services.door) parts.door = services.door();
  if (services.gate != nullptr) parts.gate = services.gate->load();
  if (services.log_load) parts.log = services.log_load();
  return parts;
}

}  // namespace

void write_load(JsonWriter& json, const Services& services, const PipelineStatus& status) {
  const Parts parts = parts_of(services);
  json.member("workers", status.workers);
  json.member("oldest_unprocessed", status.oldest);
  json.member("oldest_unprocessed_age_s", age_s(services, status.oldest));
  write_part(json, "rates", parts.rates, [&](const LoadRates& rates) {
    json.member("over_s", rates.over_s).member("stored_per_s", rates.stored_per_s);
    json.member("applied_per_s", rates.applied_per_s);
    json.member("events_per_commit", rates.events_per_commit);
    json.member("utilisation", rates.utilisation);
    json.member("headroom_per_s", rates.headroom_per_s);
  });
  json.key("queues").begin_object();
  json.member("shard_events", queued_events(status));
  json.member("shard_events_fullest", fullest_shard(status));
  json.member("shard_events_max", status.queue_events_max);
  write_part(json, "log", parts.log, [&](const LogLoad& log) {
    json.member("bytes", log.queued_bytes).member("bytes_max", log.queued_bytes_max);
    json.member("syncs", log.commits);
    json.member("last_sync_s", seconds(log.last_sync));
    json.member("longest_sync_s", seconds(log.longest_sync));
  });
  write_part(json, "ingest", parts.gate, [&](const IngestGate::Load& gate) {
    json.member("requests", gate.requests).member("bytes", gate.bytes);
    json.member("bytes_max", services.gate->options().bytes_max);
    json.member("sources", gate.sources).member("oldest_s", seconds(gate.oldest));
  });
  json.end_object();
  write_part(json, "door", parts.door, [&](const http::Server::Load& door) {
    json.member("connections", door.connections).member("connections_max", door.connections_max);
    json.member("slow_connections", door.slow).member("in_flight", door.in_flight);
    json.member("held_bytes", door.held_bytes).member("held_bytes_max", door.held_bytes_max);
    json.member("working", door.work.working).member("waiting", door.work.waiting);
    json.member("wait_s", seconds(door.work.wait)).member("oldest_s", seconds(door.work.oldest));
  });
  json.key("refusals").begin_object();
  if (parts.door) {
    for (const auto& [code, count] : parts.door->refusals) json.member(code, count);
  }
  json.end_object();
}

void set_load_gauges(const Services& services, const PipelineStatus& status) {
  const Parts parts = parts_of(services);
  const auto gauge = [&](const char* name, const char* help, double value) {
    services.metrics.gauge(name, help).set(value);
  };
  gauge("tideline_oldest_unprocessed_seconds",
        "Age of the oldest event that is stored and not yet processed; 0: there is none",
        age_s(services, status.oldest).value_or(0));
  gauge("tideline_queue_events_max", "What one shard's queue may hold",
        static_cast<double>(status.queue_events_max));
  if (parts.rates) {
    gauge("tideline_utilisation_ratio", "Busy share of the workers over the last 10 s",
          parts.rates->utilisation);
    gauge("tideline_headroom_events_per_second",
          "How many more events a second the workers could apply; 0 also while that is not known",
          parts.rates->headroom_per_s.value_or(0));
    gauge("tideline_events_per_commit", "Events that workers applied in one write, lately",
          parts.rates->events_per_commit.value_or(0));
  }
  if (parts.log) {
    gauge("tideline_log_queue_bytes", "Events waiting for the log's sync",
          static_cast<double>(parts.log->queued_bytes));
    gauge("tideline_log_queue_bytes_max", "What may wait for the log's sync",
          static_cast<double>(parts.log->queued_bytes_max));
    gauge("tideline_log_last_sync_seconds", "What the log's last sync took",
          seconds(parts.log->last_sync));
  }
  if (parts.gate) {
    gauge("tideline_ingest_requests", "Ingest requests being decoded or made durable",
          static_cast<double>(parts.gate->requests));
    gauge("tideline_ingest_bytes", "Inflated bodies of those",
          static_cast<double>(parts.gate->bytes));
    gauge("tideline_ingest_sources", "Keys that those came with",
          static_cast<double>(parts.gate->sources));
    gauge("tideline_ingest_oldest_seconds", "How long one of those has waited",
          seconds(parts.gate->oldest));
  }
  if (!parts.door) return;
  gauge("tideline_http_in_flight", "Requests accepted and not yet answered",
        static_cast<double>(parts.door->in_flight));
  gauge("tideline_http_slow_connections", "Connections that hold bytes and wait for their callers",
        static_cast<double>(parts.door->slow));
  gauge("tideline_http_held_bytes",
        "Bodies, half-read heads and answers that callers did not take",
        static_cast<double>(parts.door->held_bytes));
  gauge("tideline_http_held_bytes_max", "What callers may make the server hold",
        static_cast<double>(parts.door->held_bytes_max));
  gauge("tideline_http_work_running", "Ingest requests being decoded",
        static_cast<double>(parts.door->work.working));
  gauge("tideline_http_work_waiting", "Ingest requests waiting to be decoded",
        static_cast<double>(parts.door->work.waiting));
  gauge("tideline_http_work_wait_seconds", "How long another ingest request would wait for that",
        seconds(parts.door->work.wait));
}

}  // namespace tideline
