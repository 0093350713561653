#include "app/alert_service.h"

#include <filesystem>
#include <fstream>

#include "app/crypto.h"
#include "telemetry/thread_name.h"
#include "telemetry/thread_priority.h"

namespace tideline {
namespace {

constexpr unsigned kSenders = 3;
constexpr Duration kRouteEvery = std::chrono::milliseconds(500);
constexpr Duration kLookForDue = std::chrono::milliseconds(250);
constexpr Duration kAfterTrouble = std::chrono::seconds(10);
constexpr Duration kRemoveOldEvery = kHour;
// Free space is trouble before writes are refused, so that it can still be told.
constexpr double kReserveMargin = 1.25;

Result<std::string> password_of(const std::string& file) {
  if (file.empty()) return std::string();
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line))
    return fail(ErrorCode::io_failed, "cannot read the password of the mail server from " + file +
                                          " (alerts.mail_password_file)");
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

Result<CurlNotifierOptions> notifier_options(const AlertSettings& settings) {
  CurlNotifierOptions options;
  auto rule = AddressRule::parse(settings.allowed_networks);
  if (!rule) return fail(rule.error().in("alerts.allowed_networks"));
  options.rule = std::move(*rule);
  options.user_agent = std::string("Tideline/") + TIDELINE_VERSION;
  options.mail_server = settings.mail_server;
  options.mail_security = settings.mail_security == "tls"    ? MailSecurity::tls
                          : settings.mail_security == "none" ? MailSecurity::none
                                                             : MailSecurity::starttls;
  options.mail_user = settings.mail_user;
  TRY_ASSIGN(options.mail_password, password_of(settings.mail_password_file));
  return options;
}

AlertOptions alert_options(const AlertSettings& settings) {
  AlertOptions options;
  options.routing.style = {settings.base_url, settings.mail_from};
  while (options.routing.style.base_url.ends_with('/')) options.routing.style.base_url.pop_back();
  options.routing.cooldown = settings.cooldown;
  options.routing.messages_per_min = settings.messages_per_min;
  options.routing.keep = settings.keep_days * kDay;
  options.trouble = {settings.trouble_begins, settings.trouble_ends};
  options.seed = random_number();
  return options;
}

}  // namespace

AlertService::AlertService(Engine& engine, std::unique_ptr<CurlNotifier> notifier)
    : engine_(engine),
      notifier_(std::move(notifier)),
      alerts_(alert_options(engine.settings().alerts), access_crypto().random_bytes,
              engine.alert_queue(), engine.state(), *notifier_, engine.clock()) {}

Result<std::unique_ptr<AlertService>> AlertService::open(Engine& engine) {
  TRY_ASSIGN(CurlNotifierOptions options, notifier_options(engine.settings().alerts));
  TRY_ASSIGN(auto notifier, CurlNotifier::open(std::move(options)));
  std::unique_ptr<AlertService> service(new AlertService(engine, std::move(notifier)));
  TRY(service->alerts_.troubles().load());
  return service;
}

AlertService::~AlertService() { stop(); }

void AlertService::start() {
  threads_.emplace_back([this] {
    name_thread("alert routes");
    give_way();
    route_loop();
  });
  for (unsigned i = 0; i < kSenders; ++i) {
    threads_.emplace_back([this] {
      name_thread("alert sender");
      give_way();
      send_loop();
    });
  }
}

void AlertService::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  notifier_->stop();
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

bool AlertService::rest(Duration duration) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, duration, [&] { return stopping_; });
  return !stopping_;
}

std::vector<Vital> AlertService::vitals() {
  const PipelineStatus status = engine_.processor().status();
  const Duration lag = status.oldest ? engine_.clock().now() - *status.oldest : Duration(0);
  const auto failure = engine_.processor().failure();
  const auto model = engine_.model_problem();
  const bool log_failed = engine_.log().stats().failed;
  std::error_code error;
  const auto space = std::filesystem::space(engine_.folder().path(), error);
  const double wanted =
      kReserveMargin * static_cast<double>(engine_.settings().disk.reserve_bytes);
  const bool disk_low =
      status.paused.has_value() || (!error && static_cast<double>(space.available) < wanted);
  const auto lag_s = std::chrono::duration_cast<std::chrono::seconds>(lag).count();
  return {
      {"lag", lag > engine_.settings().alerts.lag,
       "events wait for " + std::to_string(lag_s) + " s to be processed"},
      {"processing", failure.has_value(),
       failure ? "processing stands still: " + failure->message : ""},
      {"log", log_failed, "a write or sync of the log failed; restart the program"},
      {"disk", disk_low,
       "the disk of the data folder is nearly full: " +
           std::to_string(error ? 0 : space.available >> 20) + " MiB are free"},
      {"model", model.has_value(),
       model ? "the model in production cannot be used: " + model->message : ""},
  };
}

void AlertService::route_loop() {
  auto next_removal = std::chrono::steady_clock::now();
  do {
    if (auto noted = alerts_.troubles().note(vitals()); !noted)
      engine_.logger().error("the program's own trouble cannot be told", noted.error());
    const auto routed = alerts_.router().route();
    if (!routed) {
      engine_.logger().error("alerts cannot be handed out; it is tried again", routed.error());
      if (!rest(kAfterTrouble)) return;
    }
    if (std::chrono::steady_clock::now() < next_removal) continue;
    next_removal = std::chrono::steady_clock::now() + kRemoveOldEvery;
    if (auto removed = alerts_.router().remove_old(); !removed)
      engine_.logger().error("old alerts cannot be removed", removed.error());
  } while (rest(kRouteEvery));
}

void AlertService::send_loop() {
  while (true) {
    const auto sent = alerts_.sender().send_one();
    if (!sent) engine_.logger().error("what became of a message cannot be kept", sent.error());
    if (!rest(!sent ? kAfterTrouble : *sent ? Duration(0) : kLookForDue)) return;
  }
}

}  // namespace tideline
