#include "app/report_gathering.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <thread>

#include "api/effect_rows.h"
#include "app/pack_files.h"
#include "app/report_model.h"
#include "app/report_schedule.h"
#include "app/report_success.h"
#include "insights/effect.h"
#include "packs/pack_toml.h"
#include "packs/program.h"
#include "pipeline/manifest.h"
#include "reports/answers.h"
#include "reports/benchmarks.h"
#include "reports/questions.h"
#include "reports/report.h"
#include "reports/words.h"

namespace tideline {
namespace {

namespace fs = std::filesystem;
using reports::Answer;
using reports::AnswerRow;
using reports::NumberForm;
using reports::Question;

constexpr double kMib = 1024.0 * 1024.0;
constexpr int kEffectDays = 180;
constexpr std::size_t kBenchmarksShown = 14;

NumberForm plain(std::string unit = "", int digits = 0) {
  return {NumberForm::Kind::plain, digits, std::move(unit)};
}

// ---- SQL

std::optional<double> number_of(const Cell& cell) {
  if (const auto* number = std::get_if<double>(&cell)) return *number;
  if (const auto* number = std::get_if<std::int64_t>(&cell)) return static_cast<double>(*number);
  const auto* text = std::get_if<std::string>(&cell);  // decimals, and integers beyond 64 bits
  double number = 0;
  if (!text ||
      std::from_chars(text->data(), text->data() + text->size(), number).ec != std::errc{})
    return std::nullopt;
  return number;
}

AnswerRow row_of(const Question& question, const std::vector<Cell>& cells) {
  AnswerRow row;
  std::size_t first = 0;
  if (question.named_rows && !cells.empty()) {
    if (const auto* name = std::get_if<std::string>(&cells[0])) row.name = *name;
    first = 1;
  }
  for (std::size_t i = first; i < cells.size(); ++i) row.values.push_back(number_of(cells[i]));
  return row;
}

// Not one number in it: an aggregate over nothing.
bool is_empty(const AnswerRow& row) {
  return std::all_of(row.values.begin(), row.values.end(),
                     [](const auto& value) { return value.value_or(0) == 0; });
}

// `select` reads tables that stand for the question's shared parts.
Status answer_question(DuckQuery& query, const Question& question, const std::string& select,
                       reports::Facts& facts) {
  const auto rows = query_rows(query, select);
  if (!rows) return fail(rows.error().in("the query of " + question.answer.id));
  Answer answer = question.answer;
  for (const auto& cells : rows->cells) answer.rows.push_back(row_of(question, cells));
  if (std::all_of(answer.rows.begin(), answer.rows.end(), is_empty)) answer.rows.clear();
  facts.answers[answer.id] = std::move(answer);
  return {};
}

// Leaves out the files of events of earlier dates: "…/events/dt=2026-01-02/NAME.parquet".
void keep_events_from(std::vector<LakeView>& views, Time from) {
  const std::string first = "dt=" + format_date(from);
  for (LakeView& view : views) {
    if (view.name != "events") continue;
    std::erase_if(view.files, [&](const std::string& path) {
      return fs::path(path).parent_path().filename().string() < first;
    });
  }
}

// With many customers DuckDB sorts and counts beyond its memory in a folder of its own, which it
// makes when it needs it and removes.
Result<std::unique_ptr<DuckQuery>> open_query(const Engine& engine, std::vector<LakeView> views) {
  static std::atomic<std::uint64_t> opened{0};
  QueryOptions options;
  options.views = std::move(views);
  options.temp_folder = engine.folder().scratch() + "/report-" + std::to_string(opened++);
  std::error_code ignored;  // then what is too large fails
  fs::create_directories(engine.folder().scratch(), ignored);
  options.threads = std::max(1U, std::thread::hardware_concurrency());
  options.other_files = false;
  return DuckQuery::open(std::move(options));
}

Status ask_lake(Engine& engine, Time at, reports::Facts& facts) {
  const auto leaving = engine.rescorer().task_of_leaving();
  const auto questions =
      reports::questions_of({engine.pack(), at, reports::day_words(at),
                             leaving ? engine.pack().tasks()[*leaving].name : std::string()});
  TRY_ASSIGN(auto views, engine.views());
  facts.events_from = questions.events_from;
  keep_events_from(views, questions.events_from);
  TRY_ASSIGN(const auto query, open_query(engine, std::move(views)));
  for (const reports::SharedPart& part : questions.parts) {
    const auto made = query_rows(*query, "create temp table " + part.name + " as " + part.select);
    if (!made) return fail(made.error().in("the part " + part.name + " of the reports"));
  }
  for (const Question& question : questions.all)
    TRY(answer_question(*query, question, question.select, facts));
  return {};
}

// Queries of metrics, some of them people's own: a mistake in one leaves its metric without a
// figure, and says why.
Status ask_metrics(Engine& engine, Time at, reports::Facts& facts) {
  const auto has_query = [](const reports::SuccessMetric& one) { return !one.query.empty(); };
  if (!facts.initiative) return {};
  const auto& metrics = facts.initiative->metrics;
  if (std::none_of(metrics.begin(), metrics.end(), has_query)) return {};
  TRY_ASSIGN(auto views, engine.views());
  TRY_ASSIGN(const auto query, open_query(engine, std::move(views)));
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const reports::SuccessMetric& metric = metrics[i];
    if (metric.query.empty()) continue;
    Question question =
        reports::metric_question(i, metric.label, metric.query, reports::day_words(at));
    const auto answered = query_rows(*query, metric.query);
    if (answered && !answered->cells.empty() && !answered->cells[0].empty()) {
      question.answer.columns[0].form = metric.form;
      question.answer.rows.push_back({"", {number_of(answered->cells[0][0])}});
    } else {
      question.answer.missing = answered ? "its query gave no row" : answered.error().message;
    }
    facts.answers[question.answer.id] = std::move(question.answer);
  }
  return {};
}

// ---- The pack

void add_pack(Engine& engine, reports::Facts& facts) {
  const Pack& pack = engine.pack();
  facts.pack = pack.name();
  facts.about = "The pack " + pack.name();
  if (const auto folder = find_pack(engine.folder().version().pack)) {
    const auto text = read_file(*folder + "/pack.toml");
    const auto toml = text ? parse_toml(*text) : Parsed<TomlNode>(TomlNode{});
    const TomlNode* table = toml ? toml->find("pack") : nullptr;
    const TomlNode* about = table ? table->find("about") : nullptr;
    if (about && about->kind == TomlNode::Kind::text) facts.about = about->text;
  }
  facts.currency = pack.currency();
  facts.lapse_days = days(pack.lapse());
  for (const EventSpec& event : pack.events()) {
    if (pack.is_qualifying(event.index)) facts.qualifying.push_back(event.name);
  }
  for (const TaskSpec& task : pack.tasks()) {
    facts.tasks.push_back({task.name, task.definition, task.kind == TaskKind::probability,
                           reports::form_of(task, pack.currency()), days(task.horizon)});
  }
  for (std::size_t i = 0; i < pack.tiers().size(); ++i) {
    const std::string& rule = pack.program().tier_rules[i].text;
    facts.tiers.push_back({pack.tiers()[i], rule == "true" ? "everybody else" : rule});
  }
  for (const PlaySpec& play : pack.plays())
    facts.plays.push_back({play.name, play.priority, play.channel, play.cost});
}

// ---- Risk and effect

void add_loss(Engine& engine, reports::Facts& facts) {
  Answer answer;
  answer.id = reports::answers::kLoss;
  answer.about = "Money at risk in 30 days";
  answer.kind = reports::QueryKind::api;
  answer.query = "GET /api/v1/overview: money_at_risk.amount_30d";
  answer.population = "eligible customers with a figure";
  answer.columns = {{"money_at_risk",
                     "Money at risk, 30 days",
                     {NumberForm::Kind::money, 0, engine.pack().currency()}}};
  const ExpectedLoss loss = engine.rescorer().expected_loss();
  if (loss.as_of == Time{} || !loss.amount) {
    answer.missing = "told by a running server, once everybody was scored";
  } else {
    answer.period = "as of " + reports::day_words(loss.as_of);
    answer.rows.push_back({"", {loss.amount}});
  }
  facts.answers[answer.id] = std::move(answer);
}

Status add_effect(Engine& engine, Time at, reports::Facts& facts) {
  TRY_ASSIGN(std::vector<EffectRow> rows, effect_rows(engine.inbox(), at - kEffectDays * kDay));
  std::erase_if(rows, [&](const EffectRow& row) { return row.due > at; });
  Answer answer;
  answer.id = reports::answers::kEffect;
  answer.about = "Effect of actions on coming back";
  answer.kind = reports::QueryKind::api;
  answer.query =
      fmt::format("GET /api/v1/effect?days={}: data[].differences[retained]", kEffectDays);
  answer.period = fmt::format("actions due in {} days", kEffectDays);
  answer.population = "customers for whom one was due and whose outcome is known";
  const NumberForm points{NumberForm::Kind::signed_share, 1, ""};
  answer.columns = {{"treated", "Treated", plain()},
                    {"holdout", "Holdout", plain()},
                    {"difference", "Difference", points},
                    {"low", "95 % from", points},
                    {"high", "to", points}};
  for (const Effect& effect : effects_of(rows, {engine.pack().lapse()})) {
    for (const Difference& one : effect.differences) {
      if (one.measure != "retained") continue;
      answer.rows.push_back(
          {effect.play.empty() ? "all" : effect.play,
           {static_cast<double>(effect.treated), static_cast<double>(effect.holdout),
            one.difference, one.low, one.high}});
    }
  }
  answer.missing = "too few outcomes are known in both arms";
  facts.answers[answer.id] = std::move(answer);
  return {};
}

// ---- What was measured

// `ending`: of files with this end alone; empty: of all. RocksDB writes its own log and a new list
// of its files at each start, which says nothing of customers.
double bytes_below(const std::string& folder, std::string_view ending) {
  double bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (!it->path().native().ends_with(ending)) continue;
    std::error_code gone;
    const auto size = it->is_regular_file(gone) ? it->file_size(gone) : 0;
    if (!gone) bytes += static_cast<double>(size);
  }
  return bytes;
}

void add_sizes(Engine& engine, reports::Facts& facts) {
  Answer folder;
  folder.id = reports::answers::kFolder;
  folder.about = "Bytes of the data folder";
  folder.kind = reports::QueryKind::file;
  folder.query = "du -sb log lake/events models, and of state/*.sst; all but events in whole MiB";
  folder.period = "now";
  folder.population = "files of the folder";
  folder.columns = {{"bytes", "Bytes", plain("bytes")}};
  double lake = 0, state = 0;
  // Events of the lake are exact; the rest is written anew now and then and is told in whole MiB.
  const auto in_mib = [](double bytes) { return std::ceil(bytes / kMib) * kMib; };
  lake = bytes_below(engine.folder().lake() + "/events", "");
  state = in_mib(bytes_below(engine.folder().state(), ".sst"));
  folder.rows = {{"log", {in_mib(bytes_below(engine.folder().log(), ""))}},
                 {"state", {state}},
                 {"lake, events", {lake}},
                 {"models", {in_mib(bytes_below(engine.folder().models(), ""))}}};
  const auto registered = facts.answers[reports::answers::kCustomers].value("registered");
  const auto month = facts.answers[reports::answers::kActivity].value("events_28d");
  double events = 0;
  for (const ShardStatus& shard : engine.processor().status().shards) {
    events += static_cast<double>(shard.commit.totals.applied) +
              static_cast<double>(shard.commit.totals.late_applied);
  }
  reports::MeasuredFacts& measured = facts.measured;
  measured.customers = registered;
  if (month) measured.events_per_day = *month / 28;
  if (events > 0) measured.lake_bytes_per_event = lake / events;
  if (registered && *registered > 0) measured.state_bytes_per_customer = state / *registered;
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  measured.cores = cores;
  measured.machine = fmt::format("{} cores", cores);
  Answer answer;
  answer.id = reports::answers::kMeasured;
  answer.about = "Measurements of this folder";
  answer.kind = reports::QueryKind::sum;
  answer.query =
      "bytes of the folder (du -sb) by customers and applied events (GET "
      "/api/v1/pipeline: applied, late_applied); VmRSS of the process";
  answer.period = "now; events of 28 days";
  answer.population = "this folder";
  answer.columns = {{"value", "Value", plain()}};
  answer.rows = {{"Customers", {measured.customers}},
                 {"Events a day, mean of 28 days", {measured.events_per_day}},
                 {"Events applied since the folder was made", {events}},
                 {"Bytes of the lake an event", {measured.lake_bytes_per_event}},
                 {"Bytes of state a customer", {measured.state_bytes_per_customer}}};
  facts.answers[answer.id] = std::move(answer);
  facts.answers[folder.id] = std::move(folder);
}

void add_benchmarks(reports::Facts& facts) {
  std::vector<reports::Benchmark> rows;
  for (const std::string& packs : pack_folders()) {
    const std::string path =
        (fs::path(packs) / ".." / "docs" / "benchmarks.md").lexically_normal();
    const auto text = read_file(path);
    if (!text) continue;
    rows = reports::parse_benchmarks(*text);
    break;
  }
  Answer answer;
  answer.id = reports::answers::kBenchmarks;
  answer.about = "Benchmarks that come with the program";
  answer.kind = reports::QueryKind::file;
  answer.query = "docs/benchmarks.md, written by make bench";
  answer.period = "medians of the rounds";
  answer.population = "the machine that docs/benchmarks.md names";
  answer.columns = {{"value", "A second", plain()},
                    {"worst", "Worst round", plain()},
                    {"cpu_us", "CPU a unit, us", plain("", 2)}};
  answer.missing = "docs/benchmarks.md is not beside the packs";
  for (const reports::Benchmark& one : rows) {
    if (answer.rows.size() == kBenchmarksShown) break;
    answer.rows.push_back({one.what, {one.median, one.worst, one.cpu_us}});
    if (one.what == reports::answers::kApplied)
      facts.measured.cpu_s_per_million_events = one.cpu_us;
  }
  facts.answers[answer.id] = std::move(answer);
}

void add_limits(reports::Facts& facts) {
  Answer answer;
  answer.id = reports::answers::kLimits;
  answer.about = "The room left";
  answer.kind = reports::QueryKind::sum;
  answer.query = "events of 28 days / 28 / 86,400; five times that; docs/benchmarks.md";
  answer.period = "28 days";
  answer.population = "events of this folder";
  answer.columns = {{"value", "Events a second", plain("", 1)}};
  answer.missing = "no events yet";
  const Answer& benchmarks = facts.answers[reports::answers::kBenchmarks];
  if (facts.measured.events_per_day && *facts.measured.events_per_day > 0) {
    const double mean = *facts.measured.events_per_day / 86'400;
    answer.rows = {{"Mean of 28 days", {mean}}, {"Five times that, a busy hour", {mean * 5}}};
    if (const auto applied = benchmarks.value("value", reports::answers::kApplied))
      answer.rows.push_back({"Applied, benchmark", {applied}});
    if (const auto safe = benchmarks.value("value", reports::answers::kDurableIngest))
      answer.rows.push_back({"Made safe, benchmark", {safe}});
  }
  facts.answers[answer.id] = std::move(answer);
}

void add_controls(Engine& engine, reports::Facts& facts) {
  const Settings& settings = engine.settings();
  reports::ControlFacts& controls = facts.controls;
  controls.tls = !settings.server.tls_certificate.empty();
  controls.shards = engine.folder().version().shards;
  controls.workers = settings.processing.workers > 0
                         ? settings.processing.workers
                         : std::max(1U, std::thread::hardware_concurrency());
  controls.dedupe_days = days(settings.processing.dedupe);
  controls.log_hours = days(settings.log.retention) * 24;
  controls.lateness_hours = days(settings.processing.lateness) * 24;
}

// ---- Files that people write

// Of the data folder, else what comes with the packs; nullopt: neither.
struct FoundFile {
  std::string path;
  std::string text;
  bool own = false;
};
std::optional<FoundFile> find_file(const std::string& own,
                                   const std::vector<std::string>& others) {
  if (auto text = read_file(own)) return FoundFile{own, std::move(*text), true};
  for (const std::string& path : others) {
    if (auto text = read_file(path)) return FoundFile{path, std::move(*text), false};
  }
  return std::nullopt;
}

Status add_files(Engine& engine, Time at, reports::Facts& facts) {
  const std::string own = engine.folder().path();
  std::vector<std::string> others;
  if (const auto folder = find_pack(engine.folder().version().pack))
    others.push_back(*folder + "/initiative.toml");
  if (const auto file = find_file(own + "/initiative.toml", others)) {
    TRY_ASSIGN(facts.initiative, reports::parse_initiative(file->text, file->path));
    facts.initiative->file = "initiative.toml";
    facts.initiative->is_example = !file->own;
    if (facts.initiative->metrics.empty()) {
      TRY_ASSIGN(const auto targets, load_success(engine.folder().version().pack));
      facts.initiative->metrics = success_metrics(engine.pack(), targets, at);
    }
  }
  others.clear();
  for (const std::string& folder : pack_folders()) others.push_back(folder + "/prices.toml");
  if (const auto file = find_file(own + "/prices.toml", others)) {
    TRY_ASSIGN(facts.prices, reports::parse_prices(file->text, file->path));
    facts.prices->file = "prices.toml";
  }
  return {};
}

}  // namespace

Result<reports::Facts> gather_facts(Engine& engine, const GatheringOptions& options) {
  const Time at = options.at.value_or(engine.now().now());
  reports::Facts facts;
  facts.program_version = TIDELINE_VERSION;
  facts.as_of = at;
  TRY_ASSIGN(const auto zone, zone_of(engine.settings().report));
  facts.as_of_words = reports::moment_words(at, zone);
  facts.as_of_day = reports::day_words(at, zone);
  add_pack(engine, facts);
  TRY(add_files(engine, at, facts));
  if (options.flush && !engine.as_of()) TRY(engine.flush_lake(true));
  TRY(ask_lake(engine, at, facts));
  TRY(ask_metrics(engine, at, facts));
  add_model_facts(engine, facts);
  add_loss(engine, facts);
  TRY(add_effect(engine, at, facts));
  add_benchmarks(facts);
  add_sizes(engine, facts);
  add_limits(facts);
  add_controls(engine, facts);
  return facts;
}

}  // namespace tideline
