#include "app/report_upkeep.h"

#include <sstream>

#include "alerts/mail_text.h"
#include "app/pack_files.h"
#include "base/bytes.h"
#include "pipeline/priority.h"
#include "reports/words.h"
#include "telemetry/thread_name.h"

namespace tideline {
namespace {

// Family::settings: when reports were last drawn on schedule, by the machine's clock, also in
// vain.
constexpr std::string_view kTriedKey = "report.drawn";
constexpr Duration kLook = std::chrono::minutes(10);

std::vector<std::string> addresses_of(const std::string& text) {
  std::istringstream words(text);
  std::vector<std::string> addresses;
  for (std::string word; words >> word;) addresses.push_back(word);
  return addresses;
}

}  // namespace

ReportUpkeep::ReportUpkeep(Engine& engine, ReportRoom& room, Notifier& notifier)
    : engine_(engine), room_(room), notifier_(notifier), thread_([this] { run(); }) {}

ReportUpkeep::~ReportUpkeep() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

bool ReportUpkeep::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void ReportUpkeep::run() {
  name_thread("reports");
  give_way();
  for (;;) {
    const auto due = is_due();
    if (!due) engine_.logger().error("when reports were drawn cannot be told", due.error());
    if (due && *due) {
      if (const Status drawn = draw_all(); !drawn)
        engine_.logger().error("the reports on schedule could not be drawn", drawn.error());
    }
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, kLook, [&] { return stopping_; });
    if (stopping_) return;
  }
}

Result<bool> ReportUpkeep::is_due() {
  const std::uint32_t every = engine_.settings().report.every_days;
  if (every == 0 || stopping()) return false;
  TRY_ASSIGN(const auto tried, engine_.state().get(Family::settings, kTriedKey));
  if (!tried) return true;
  const Time last = time_from_millis(static_cast<std::int64_t>(from_big_endian(*tried)));
  return engine_.clock().now() - last >= every * kDay;
}

Status ReportUpkeep::draw_all() {
  WriteBatch batch;
  batch.put(Family::settings, std::string(kTriedKey),
            big_endian(static_cast<std::uint64_t>(millis(engine_.clock().now()))));
  TRY(engine_.state().write(batch, Durability::now));
  const ReportService service = room_.service();
  std::vector<KeptReport> kept;
  std::vector<std::string> files;
  for (const reports::ReportKind kind : reports::kReportKinds) {
    if (stopping()) return {};
    ReportRequest request;
    request.kind = kind;
    request.paper =
        typesetting::paper_of(engine_.settings().report.paper).value_or(typesetting::Paper::a4);
    TRY_ASSIGN(kept.emplace_back(), service.keep(request));
    TRY_ASSIGN(files.emplace_back(), read_file(engine_.folder().path() + "/reports/" +
                                               std::string(name_of(kind)) + ".pdf"));
  }
  engine_.logger().info("reports were drawn", {{"folder", engine_.folder().path() + "/reports"}});
  return mail(kept, files);
}

Status ReportUpkeep::mail(const std::vector<KeptReport>& kept,
                          const std::vector<std::string>& files) {
  const Settings& settings = engine_.settings();
  MailText text;
  text.to = addresses_of(settings.report.mail_to);
  if (text.to.empty()) return {};
  text.from = settings.alerts.mail_from;
  text.date = engine_.clock().now();
  text.id = "reports_" + std::to_string(millis(text.date));
  text.subject = "Reports of " + reports::day_words(text.date);
  AlertWords words;
  words.title = "Three reports, as of " + reports::day_words(text.date);
  words.text = "Engagement, cost and budget, architecture: the files are attached.";
  if (!settings.alerts.base_url.empty()) words.link = settings.alerts.base_url + "/reports";
  text.parts = {std::move(words)};
  for (std::size_t i = 0; i < kept.size(); ++i)
    text.attachments.push_back(
        {std::string(name_of(kept[i].kind)) + ".pdf", "application/pdf", files[i]});
  TRY_ASSIGN(const RemoteAnswer answer, notifier_.mail({text.from, text.to, written(text)}));
  if (answer.status >= 200 && answer.status < 300) return {};
  return fail(ErrorCode::unavailable,
              "the mail server answered " + std::to_string(answer.status) + ": " + answer.body);
}

}  // namespace tideline
