#include "app/report_upkeep.h"

#include <utility>

#include "alerts/mail_text.h"
#include "app/report_schedule.h"
#include "telemetry/thread_name.h"
#include "telemetry/thread_priority.h"

namespace tideline {
namespace {

// How often it is looked at the least, and how long after a failure it is tried again.
constexpr Duration kLook = std::chrono::minutes(10);

Alert alert_of(const KeptReports& kept, const std::string& paper, Time now) {
  ReportsReady ready{kept.since, kept.as_of, kept.day, paper, {}};
  for (const auto& one : kept.reports)
    ready.reports.push_back({std::string(name_of(one.kind)), one.drawn.pages,
                             static_cast<std::uint64_t>(one.drawn.pdf.size())});
  return {"", now, std::move(ready)};
}

}  // namespace

ReportUpkeep::ReportUpkeep(Engine& engine, ReportRoom& room, Notifier& notifier,
                           reports::Schedule schedule)
    : engine_(engine),
      room_(room),
      notifier_(notifier),
      schedule_(std::move(schedule)),
      thread_([this] { run(); }) {}

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
  Time announced{};
  for (;;) {
    if (const Status worked = work_off(); !worked)
      engine_.logger().error("the reports on schedule could not be drawn", worked.error());
    const Time now = engine_.clock().now();
    const Time next = schedule_.next(now);
    if (std::exchange(announced, next) != next)
      engine_.logger().info("reports are drawn next", {{"time", format_time(next)}});
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::min(kLook, next - now), [&] { return stopping_; });
    if (stopping_) return;
  }
}

Status ReportUpkeep::work_off() {
  TRY_ASSIGN(const reports::ScheduleRecord before, load_schedule_record(engine_.state()));
  const auto due = reports::due(schedule_, before, engine_.clock().now());
  if (!due || stopping()) return {};
  reports::ScheduleRecord record = before;
  note_try(record, *due);
  TRY(keep(record));
  const Status done = draw_and_tell(record);
  // Being stopped is no failure: the next start has all its tries.
  if (!done && done.error().code == ErrorCode::cancelled) return keep(before);
  return done;
}

Status ReportUpkeep::draw_and_tell(reports::ScheduleRecord record) {
  const std::string& paper = engine_.settings().report.paper;
  TRY_ASSIGN(const KeptReports kept,
             room_.keep_all(typesetting::paper_of(paper).value_or(typesetting::Paper::a4),
                            [this] { return stopping(); }));
  record.done = engine_.clock().now();
  WriteBatch writes;
  engine_.alert_queue().add(alert_of(kept, paper, record.done), writes);
  put_schedule_record(record, writes);
  TRY(engine_.state().write(writes, Durability::now));
  engine_.logger().info("reports were drawn", {{"folder", engine_.folder().path() + "/reports"}});
  if (const Status mailed = mail(kept); !mailed)
    engine_.logger().error("the reports could not be mailed", mailed.error());
  return {};
}

Status ReportUpkeep::keep(const reports::ScheduleRecord& record) {
  WriteBatch writes;
  put_schedule_record(record, writes);
  return engine_.state().write(writes, Durability::now);
}

Status ReportUpkeep::mail(const KeptReports& kept) {
  const Settings& settings = engine_.settings();
  MailText text;
  text.to = mail_addresses_of(settings.report);
  if (text.to.empty()) return {};
  text.from = settings.alerts.mail_from;
  text.date = engine_.clock().now();
  text.id = "reports_" + std::to_string(millis(text.date));
  text.subject = "Reports of " + kept.day;
  AlertWords words;
  words.title = "Three reports, as of " + kept.day;
  words.text = "Engagement, cost and budget, architecture: the files are attached.";
  std::string address = settings.alerts.base_url;
  while (address.ends_with('/')) address.pop_back();
  if (!address.empty()) words.link = address + "/reports";
  text.parts = {std::move(words)};
  for (const auto& one : kept.reports)
    text.attachments.push_back(
        {std::string(name_of(one.kind)) + ".pdf", "application/pdf", one.drawn.pdf});
  TRY_ASSIGN(const RemoteAnswer answer, notifier_.mail({text.from, text.to, written(text)}));
  if (answer.status >= 200 && answer.status < 300) return {};
  return fail(ErrorCode::unavailable,
              "the mail server answered " + std::to_string(answer.status) + ": " + answer.body);
}

}  // namespace tideline
