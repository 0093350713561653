// Services: everything the endpoints may use, put together by `app`. References outlive the
// routes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/access.h"
#include "actions/inbox.h"
#include "actions/overrides.h"
#include "api/caller_limits.h"
#include "api/ingest_gate.h"
#include "api/report_request.h"
#include "api/sql_request.h"
#include "base/clock.h"
#include "http/server.h"
#include "insights/money.h"
#include "insights/pilots.h"
#include "insights/retention.h"
#include "packs/success.h"
#include "pipeline/archiver.h"
#include "pipeline/dead_letters.h"
#include "pipeline/decoder.h"
#include "pipeline/ingest.h"
#include "pipeline/load_watch.h"
#include "pipeline/model_registry.h"
#include "pipeline/model_watch.h"
#include "pipeline/processor.h"
#include "pipeline/rescorer.h"
#include "pipeline/rule_preview.h"
#include "pipeline/rule_versions.h"
#include "pipeline/source_limits.h"
#include "pipeline/verdict_board.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace tideline {

class Alerts;

// One part of the program and whether it works.
struct Readiness {
  std::string part;  // "keys", "log", "state", "processing"
  bool ready = false;
  std::string detail;  // why not; else empty
};

// One page of raw events of a customer, from the lake.
struct EventPage {
  std::vector<EventRow> rows;  // newest first
  bool more = false;
};

class CustomerColumns;
class LiveFeed;

struct Services {
  const Pack& pack;
  const Clock& clock;
  Logger& logger;
  Metrics& metrics;
  StateStore& state;  // customers, links, predictions (Family)
  Ingest& ingest;
  VerdictBoard& board;
  Processor& processor;
  Rescorer& rescorer;
  DeadLetters& dead_letters;
  Access& access;
  ModelRegistry& models;
  DecodeLimits decode_limits;
  std::size_t batch_wire_bytes_max = 500 * 1024;
  std::size_t batch_inflated_bytes_max = 20 << 20;
  std::size_t body_bytes_max = 1 << 20;
  std::string program_version;
  bool tls = false;  // the page is served by HTTPS: cookies go nowhere else
  // Whoever is on this machine has this role without signing in; nullopt: none.
  std::optional<Role> visitor_role = {};
  CallerRates caller_rates = {};  // how fast one API key may ask
  std::optional<Time> frozen_at;  // serve --as-of: ingest answers 503, every page shows the date
  std::function<std::string()> next_id;  // unique ids for events without one; thread-safe
  std::function<std::vector<Readiness>()> readiness;  // ready = all of them
  // Runs work that waits or computes long on another thread than the server's.
  std::function<void(std::function<void()>)> in_background;
  // Events of a customer from the lake, newest first, before `before` when given.
  std::function<Result<EventPage>(const CustomerId&, std::optional<Time> before,
                                  std::size_t limit)>
      events_of;
  // Takes what is applied into the lake, so that events_of shows it.
  std::function<Status()> archive;
  Time started{};
  // Refuses ingest early; nullptr: nothing is refused before it is decoded.
  IngestGate* gate = nullptr;
  SourceLimits* limits = nullptr;  // by source; nullptr: none
  // What the HTTP server and the log hold now; null where there is none.
  std::function<http::Server::Load()> door;
  std::function<LogLoad()> log_load;
  // Models in service; nullptr: none is followed.
  const ModelWatch* model_watch = nullptr;
  const LoadWatch* load_watch = nullptr;  // how much is done a second
  // Versions of tiers and playbook; nullptr: the pack's own are all there is.
  RuleVersions* rules = nullptr;
  RulePreview* rule_preview = nullptr;
  // Told after new rules, or another model, came into force.
  std::function<void()> rules_changed;
  std::function<void()> model_changed;
  Alerts* alerts = nullptr;  // nullptr: nobody is told anything
  Inbox* inbox = nullptr;    // set before any request, as the next
  Overrides* overrides = nullptr;
  Pilots* pilots = nullptr;
  std::vector<SuccessTarget> success = {};  // of the pack's success.toml; empty: it has none
  // What running costs for 1 K, 10 K, 100 K, 1 M and 60 M customers, some minutes old at most;
  // empty: there are no prices. Slow when it must measure.
  std::function<Result<std::vector<CustomerCost>>()> customer_costs = [] {
    return std::vector<CustomerCost>();
  };
  // What the days of all customers come to, from the lake; some minutes old at most.
  std::function<Result<ActivityFigures>()> activity;
  CustomerColumns* columns = nullptr;  // for lists of customers; nullptr: they scan
  LiveFeed* live = nullptr;            // what streams show; nullptr: there are none
  // Something of that name changed: "dead_letters", "actions", "alerts", "models", "views". Pages
  // that show it read it again. Thread-safe, short.
  std::function<void(std::string_view topic)> changed = [](std::string_view) {};
  SqlService sql;  // untrusted SQL over the lake
  ReportService reports;
  // The folder's own now (design 4.5), by which features are shown; nullptr: `clock`.
  const Clock* folder_clock = nullptr;

  // The pack with the rules in force.
  [[nodiscard]] std::shared_ptr<const Pack> ruled_pack() const {
    if (rules != nullptr) return rules->in_force().pack;
    return {std::shared_ptr<const Pack>(), &pack};  // not the owner: `pack` outlives this
  }
  // Notes in the audit log what the caller of a request (Request::caller) did to `target`, and
  // what came of it.
  void audit(const std::string& caller, const std::string& what, const std::string& target,
             const Status& outcome = {}) const {
    access.note(caller, what, target, outcome);
  }

  [[nodiscard]] Time folder_now() const { return (folder_clock ? *folder_clock : clock).now(); }
};

}  // namespace tideline
