#include "app/serve.h"

#include <atomic>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <filesystem>

#include "api/customer_columns.h"
#include "api/live_feed.h"
#include "api/routes.h"
#include "app/activity_book.h"
#include "app/alert_service.h"
#include "app/background.h"
#include "app/chat_service.h"
#include "app/crypto.h"
#include "app/model_upkeep.h"
#include "app/open_files.h"
#include "app/pack_files.h"
#include "app/report_schedule.h"
#include "app/report_upkeep.h"
#include "app/sql_service.h"
#include "http/server.h"
#include "pipeline/manifest.h"

namespace tideline {
namespace {

constexpr unsigned kBackgroundThreads = 3;
constexpr unsigned kOperationThreads = 2;
constexpr std::size_t kControlBodyMax = 8 << 20;
// Files that are no connections: log, state, lake.
constexpr std::uint64_t kOwnFiles = 512;
constexpr auto kLookForStop = std::chrono::milliseconds(50);
constexpr int kRoundsATick = 5;  // of kLookForStop: 4 ticks of the live feed a second
constexpr Duration kSampleEvery = kSecond;
constexpr Duration kTendAccessEvery = std::chrono::minutes(1);

http::Response error_response(const Error& error) {
  const boost::json::object body{
      {"error", name_of(error.code)}, {"message", error.message}, {"reason", error.reason}};
  return http::json_response(boost::json::serialize(body), 500);
}

// Operations over the control socket: POST /control/NAME with the arguments, answered with the
// result.
void add_control_routes(http::Router& router, Engine& engine, Background& background) {
  http::RouteOptions options;
  options.control_only = true;
  options.wire_bytes_max = kControlBodyMax;
  for (const Operation& operation : operations()) {
    router.add(
        http::Method::post, std::string("/control/") + operation.name,
        [&engine, &background, name = std::string(operation.name)](http::Request request,
                                                                   http::Responder responder) {
          auto shared = std::make_shared<http::Responder>(std::move(responder));
          background.run([&engine, name, body = std::move(request.body), shared] {
            boost::system::error_code parse_error;
            Json arguments = boost::json::parse(body.empty() ? "{}" : body, parse_error);
            if (parse_error || !arguments.is_object()) {
              return (*shared)(error_response(
                  {ErrorCode::invalid, "the arguments are no JSON object", "usage"}));
            }
            auto result = run_operation(name, {engine, {}}, arguments.get_object());
            (*shared)(result ? http::json_response(boost::json::serialize(*result))
                             : error_response(result.error()));
          });
        },
        options);
  }
}

std::vector<Readiness> readiness_of(Engine& engine) {
  const auto failure = engine.processor().failure();
  const bool log_failed = engine.log().stats().failed;
  const auto model = engine.model_problem();
  std::vector<Readiness> parts = {
      {"keys", true, ""},
      {"log", !log_failed, log_failed ? "a write or sync failed; restart the program" : ""},
      {"state", true, ""},
      {"processing", !failure, failure ? failure->message : ""}};
  (void)model;  // without a model the program is degraded, but ready
  return parts;
}

// A customer's events from the lake, newest first.
Result<EventPage> events_of(Engine& engine, const CustomerId& customer, std::optional<Time> before,
                            std::size_t limit) {
  TRY_ASSIGN(const auto files, manifest_files(engine.state(), "events"));
  EventPage page;
  if (files.empty()) return page;
  TRY_ASSIGN(page.rows, engine.lake().newest_events(names_of(files), customer, before, limit + 1));
  page.more = page.rows.size() > limit;
  if (page.more) page.rows.resize(limit);
  return page;
}

// As many connections as were asked for, if the system allows that many files.
std::size_t connections_max(std::size_t wanted, Logger& logger) {
  const std::uint64_t files = raise_open_files();
  const std::uint64_t own = std::max<std::uint64_t>(kOwnFiles, files / 8);
  if (wanted + own <= files) return wanted;
  const std::uint64_t allowed = files > 2 * own ? files - own : own;
  logger.warn("fewer connections than server.connections_max: the limit of open files is low",
              {{"connections", allowed}, {"open_files", files}});
  return allowed;
}

http::ServerOptions server_options(Engine& engine, const ListenAddress& listen, Metrics& metrics) {
  const ServerSettings& settings = engine.settings().server;
  http::ServerOptions options;
  options.address = listen.address;
  options.port = listen.port;
  options.tls_certificate_file = settings.tls_certificate;
  options.tls_key_file = settings.tls_key;
  options.unix_socket_path = OwnedFolder::control_socket(engine.folder().path());
  options.threads = settings.threads;
  options.queue_wait_max = settings.queue_wait_max;
  options.connections_max = connections_max(settings.connections_max, engine.logger());
  options.header_bytes_max = settings.header_bytes_max;
  options.held_bytes_max = settings.bodies_in_flight_bytes_max;
  options.timeouts = {settings.header_timeout, settings.body_timeout, settings.idle_timeout,
                      settings.write_timeout};
  options.request_id_seed = random_id().substr(0, 8);
  options.clock = &engine.clock();
  options.metrics = &metrics;
  options.right_of_way = &engine.right_of_way();
  return options;
}

// What the API works on; all of it stays with the engine and the server's own parts.
Services services_of(Engine& engine, const Settings& settings, Logger& logger, Metrics& metrics,
                     Background& background) {
  Services services{engine.pack(),
                    engine.as_of() ? engine.now() : engine.clock(),
                    logger,
                    metrics,
                    engine.served_state(),
                    engine.ingest(),
                    engine.board(),
                    engine.processor(),
                    engine.rescorer(),
                    engine.dead_letters(),
                    engine.access(),
                    engine.models(),
                    engine.decode_limits()};
  services.batch_wire_bytes_max = settings.ingest.batch_wire_bytes_max;
  services.batch_inflated_bytes_max = settings.ingest.batch_inflated_bytes_max;
  services.body_bytes_max = settings.server.body_bytes_max;
  services.program_version = TIDELINE_VERSION;
  services.frozen_at = engine.as_of();
  services.tls = !settings.server.tls_certificate.empty();
  services.visitor_role = parse_role(settings.access.visitor_role);
  services.caller_rates = {settings.access.key_requests_per_s, settings.access.key_burst_s};
  services.next_id = [] { return random_id(); };
  services.readiness = [&engine] { return readiness_of(engine); };
  services.in_background = [&background](std::function<void()> work) {
    background.run(std::move(work));
  };
  services.events_of = [&engine](const CustomerId& customer, std::optional<Time> before,
                                 std::size_t limit) {
    return events_of(engine, customer, before, limit);
  };
  services.archive = [&engine] { return engine.archiver().flush(); };
  services.model_watch = &engine.watch();
  services.rules = &engine.rules();
  services.rule_preview = &engine.rule_preview();
  services.rules_changed = [&engine] {
    engine.use_rules();
    engine.rescore_soon();
  };
  services.model_changed = [&engine] {
    engine.load_model();
    engine.rescore_soon();
  };
  services.inbox = &engine.inbox();
  services.overrides = &engine.overrides();
  services.pilots = &engine.pilots();
  return services;
}

LogLoad log_load_of(Engine& engine) {
  const SegmentLog::Stats stats = engine.log().stats();
  return {stats.queued_bytes, engine.settings().ingest.queue_bytes_max,
          stats.commits,      stats.records,
          stats.last_sync,    stats.longest_sync};
}

IngestGate::Options gate_options(const IngestSettings& settings) {
  return {settings.queue_bytes_max, settings.durable_wait_max};
}

SourceRates rates_of(const IngestSettings& settings) {
  return {settings.source_requests_per_s, settings.source_events_per_s,
          settings.source_bytes_per_s, settings.source_burst_s};
}

// What follows every scoring; the engine has stopped scoring when it ends.
struct LiveParts {
  LiveParts(Engine& engine, Services& services)
      : columns(engine.pack(), engine.served_state()), live(services) {
    services.columns = &columns;
    services.live = &live;
    services.changed = [this](std::string_view topic) { live.note(topic); };
    engine.rescorer().tell([this](std::span<const PredictionChange> changes) {
      columns.note(changes);
      live.note(changes);
    });
  }
  LiveParts(const LiveParts&) = delete;
  LiveParts& operator=(const LiveParts&) = delete;

  CustomerColumns columns;
  LiveFeed live;
};

// The certificate's files as they are on disk: when each was last written.
std::string certificate_state(const ServerSettings& settings) {
  std::string state;
  for (const std::string& file : {settings.tls_certificate, settings.tls_key}) {
    std::error_code error;
    const auto written = std::filesystem::last_write_time(file, error);
    state += error ? "? " : std::to_string(written.time_since_epoch().count()) + " ";
  }
  return state;
}

// Takes a renewed certificate in, when its files change or somebody asks by SIGHUP.
class CertificateWatch {
 public:
  CertificateWatch(const ServerSettings& settings, http::Server& server, Logger& logger)
      : settings_(settings),
        server_(server),
        logger_(logger),
        state_(certificate_state(settings)) {
    if (in_use()) watch_hangups();
  }

  void look() {
    if (!in_use()) return;
    const std::string state = certificate_state(settings_);
    if (!take_hangup() && state == state_) return;
    state_ = state;
    const auto reloaded = server_.reload_tls();
    if (reloaded) return logger_.info("the certificate was read again");
    logger_.error("the certificate was not read again; the one in use stays", reloaded.error());
  }

 private:
  [[nodiscard]] bool in_use() const { return !settings_.tls_certificate.empty(); }

  const ServerSettings& settings_;
  http::Server& server_;
  Logger& logger_;
  std::string state_;
};

// Until somebody wants the program to stop; counts meanwhile what is done a second, and tells
// streams what changed.
void watch_until_stop(Engine& engine, LoadWatch& watch, CertificateWatch& certificate,
                      Background& background, LiveFeed& live) {
  Time next{};
  Time next_tending = engine.clock().now() + kTendAccessEvery;
  // A store that stands still, as during a replay, holds one thread and not one a minute.
  const auto tending = std::make_shared<std::atomic<bool>>(false);
  for (int round = 0; !interrupted(); ++round) {
    std::this_thread::sleep_for(kLookForStop);
    if (round % kRoundsATick == 0) live.tick();
    const Time now = engine.clock().now();
    if (now < next && next - now <= kSampleEvery) continue;
    next = now + kSampleEvery;
    certificate.look();
    if (now >= next_tending && !tending->exchange(true)) {
      next_tending = now + kTendAccessEvery;
      background.run([&engine, tending] {
        engine.access().tend();
        *tending = false;
      });
    }
    const PipelineStatus status = engine.processor().status();
    watch.note({now, status.log_end, status.records, status.commits, status.busy});
  }
}

// "https://127.0.0.1:3002"
std::string origin_of(const ListenAddress& listen, std::uint16_t port, bool tls) {
  const bool six = listen.address.find(':') != std::string::npos;
  return std::string(tls ? "https://" : "http://") + (six ? "[" : "") + listen.address +
         (six ? "]:" : ":") + std::to_string(port);
}

// A fresh folder gets its first key, shown once with a command to copy.
Status first_key(Engine& engine, const std::string& origin) {
  TRY_ASSIGN(const auto keys, engine.access().keys().list());
  if (!keys.empty() || engine.as_of()) return {};
  KeyWish wish;
  wish.id = "default";
  wish.scopes = {Permission::ingest, Permission::read};
  TRY_ASSIGN(const NewKey key, engine.access().create_key("first_start", wish));
  const std::string event =
      engine.pack().events().empty() ? "Signed In" : engine.pack().events().front().name;
  std::printf(
      "\nThe first key of this folder, shown only now; it sends events and reads:\n\n    %s\n\n"
      "Send an event:\n\n"
      "    curl -u %s: %s/v1/track -d '{\"userId\":\"c1\",\"event\":\"%s\"}'\n\n",
      key.key.c_str(), key.key.c_str(), origin.c_str(), event.c_str());
  return {};
}

// Until somebody can sign in, each start prints a link by which the first admin is made.
Status setup_link(Engine& engine, const std::string& origin) {
  if (!engine.access().users().none() || engine.settings().access.visitor_role != "none")
    return {};
  TRY_ASSIGN(const std::string token, engine.access().make_setup_link());
  std::printf("Make the first admin, within a day; the link works once:\n\n    %s/setup#%s\n\n",
              origin.c_str(), token.c_str());
  return {};
}

// Applies what it can within `patience` and archives it. The rest waits in the log for the next
// start: a long backlog must not hold up the end of the process.
void finish(Engine& engine, Duration patience, Logger& logger) {
  if (engine.as_of()) return engine.stop();
  if (const auto idle = engine.processor().wait_idle(patience); !idle)
    logger.info("what is not applied yet stays in the log for the next start");
  engine.access().tend();
  engine.stop();
  if (const auto flushed = engine.archiver().flush(); !flushed)
    logger.error("the last flush to the lake failed", flushed.error());
}

// What is printed once the door is open; its last line names the address.
Status greet(Engine& engine, const std::string& origin, const std::string& greeting) {
  TRY(first_key(engine, origin));
  TRY(setup_link(engine, origin));
  if (engine.as_of())
    std::printf("Time stands still at %s.\n", format_time(*engine.as_of()).c_str());
  std::printf("%s %s/\n", greeting.empty() ? "Tideline is at" : greeting.c_str(), origin.c_str());
  std::fflush(stdout);
  return {};
}

// Whoever listens to other machines does so by TLS, or has said that it is not needed.
Result<ListenAddress> address_to_listen_on(const ServerSettings& settings, bool insecure_listen) {
  auto listen = parse_listen_address(settings.listen);
  if (!listen) return fail(ErrorCode::invalid, listen.error().message, "usage");
  if (is_loopback(listen->address) || !settings.tls_certificate.empty() || insecure_listen) {
    return *listen;
  }
  return fail(ErrorCode::refused,
              listen->address +
                  " is not a loopback address, and there is no TLS: set server.tls_certificate "
                  "and server.tls_key, or add --insecure-listen",
              "insecure_listen");
}

// What answers from the whole folder: SQL, the days of all customers, reports.
struct Rooms {
  explicit Rooms(Engine& engine) : activity(engine), sql(engine), reports(engine) {}

  // The services use the rooms, which outlive them.
  void serve(Services& services) {
    services.sql = sql.service();
    services.activity = [this] { return activity.figures(); };
    services.reports = reports.service();
    services.customer_costs = [this] { return reports.customer_costs(); };
  }

  ActivityBook activity;
  SqlRoom sql;
  ReportRoom reports;
};

// null: time stands still, or nothing is drawn on schedule.
std::unique_ptr<ReportUpkeep> draw_on_schedule(Engine& engine, ReportRoom& room,
                                               Notifier& notifier,
                                               const std::optional<reports::Schedule>& schedule) {
  if (engine.as_of() || !schedule) return nullptr;
  return std::make_unique<ReportUpkeep>(engine, room, notifier, *schedule);
}

}  // namespace

Result<int> serve(const ServeOptions& options) {
  TRY_ASSIGN(const LoadedSettings loaded, settings_of(options.flags));
  TRY_ASSIGN(const ListenAddress listen,
             address_to_listen_on(loaded.settings.server, options.insecure_listen));
  TRY_ASSIGN(const auto schedule, schedule_of(loaded.settings.report));
  SystemClock clock;
  Logger logger(clock, parse_log_level(loaded.settings.log_level).value_or(LogLevel::info));
  // Before the engine, whose log may still answer requests when all else has ended.
  SourceLimits limits(rates_of(loaded.settings.ingest), clock);
  std::optional<IngestGate> gate;
  EngineOptions engine_options{options.flags.data, options.flags.pack, loaded.settings,
                               options.as_of};
  engine_options.serves = true;
  TRY_ASSIGN(const auto engine, Engine::open(std::move(engine_options), clock, logger));

  Metrics metrics;
  Background background(kBackgroundThreads);
  Background operating(kOperationThreads);  // long commands do not hold up reads
  Services services = services_of(*engine, loaded.settings, logger, metrics, background);
  services.started = clock.now();
  services.folder_clock = &engine->now();
  gate.emplace(gate_options(loaded.settings.ingest), limits, clock);
  LoadWatch watch(engine->processor().status().workers);
  services.limits = &limits;
  services.gate = &*gate;
  services.load_watch = &watch;
  services.log_load = [&engine = *engine] { return log_load_of(engine); };
  // Before the rooms, whose queries use it.
  TRY_ASSIGN(const auto chat, ChatService::open(loaded.settings));
  Rooms rooms(*engine);
  rooms.serve(services);
  TRY_ASSIGN(services.success, load_success(engine->folder().version().pack));
  TRY_ASSIGN(const auto alerting, AlertService::open(*engine));
  services.alerts = &alerting->alerts();
  LiveParts parts(*engine, services);
  http::Router router = make_routes(services, chat->options());
  add_control_routes(router, *engine, operating);
  TRY_ASSIGN(auto server,
             http::Server::open(server_options(*engine, listen, metrics), std::move(router)));
  const std::uint16_t port = server.port();
  services.door = [&server] { return server.load(); };
  // Where time stands still nobody sees a half-scored business.
  if (engine->as_of()) engine->start_background();
  std::thread door([&] { server.run(); });
  if (!engine->as_of()) engine->start_background();
  TRY(greet(*engine, origin_of(listen, port, services.tls), options.greeting));

  if (!engine->as_of()) alerting->start();
  std::optional<ModelUpkeep> upkeep;
  if (!engine->as_of()) upkeep.emplace(*engine);
  auto drawing = draw_on_schedule(*engine, rooms.reports, alerting->notifier(), schedule);
  std::thread beside;
  if (options.beside)
    beside = std::thread([&] { options.beside(*engine, port, [] { return interrupted(); }); });
  CertificateWatch certificate(loaded.settings.server, server, logger);
  watch_until_stop(*engine, watch, certificate, background, parts.live);

  logger.info("stopping: finishing what was accepted");
  server.drain(loaded.settings.server.drain_timeout);
  server.stop();
  door.join();
  if (beside.joinable()) beside.join();
  upkeep.reset();
  drawing.reset();
  alerting->stop();
  finish(*engine, loaded.settings.server.drain_timeout, logger);
  return 0;
}

}  // namespace tideline
