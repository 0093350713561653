// train, evaluate: snapshots of the folder's own history, handed to learning.
#include <boost/json/parse.hpp>
#include <cmath>
#include <filesystem>
#include <thread>

#include "adapters/duckdb/parquet_writer.h"
#include "adapters/duckdb/result_format.h"
#include "adapters/xgboost/xgboost_trainer.h"
#include "app/report_files.h"
#include "app/training_result.h"
#include "learning/baseline_model.h"
#include "pipeline/snapshots.h"

namespace tideline {
namespace {

constexpr std::size_t kTrainingRows =
    200'000;  // aimed at; snapshots are taken further apart for more customers
constexpr std::size_t kTrainingTimes = 40;
constexpr std::size_t kFewestTimes = 4;
constexpr std::size_t kFewestTimesOfFar = 8;  // where some tasks learn from the older ones only
// With more, fewer customers take part: about 2 GB at the most.
constexpr std::size_t kRowsMax = 2 * kTrainingRows;

// How far the tasks look ahead. One that looks more than three times as far as the nearest is far:
// the others do not wait until its labels are known, it learns from the older snapshots alone.
struct Horizons {
  Duration near{};  // the longest of those that are not far
  bool any_far = false;
};
Horizons horizons_of(const Pack& pack) {
  Horizons out;
  Duration nearest = Duration::max() / 4;
  for (const TaskSpec& task : pack.tasks()) nearest = std::min(nearest, task.horizon);
  for (const TaskSpec& task : pack.tasks()) {
    const bool is_far = task.horizon > 3 * nearest;
    if (is_far)
      out.any_far = true;
    else
      out.near = std::max(out.near, task.horizon);
  }
  return out;
}

// Where history begins and how many customers it has.
struct Extent {
  Time first{};
  std::uint64_t customers = 0;
};
Result<Extent> extent_of(Engine& engine) {
  Extent extent;
  extent.first = time_from_millis(std::numeric_limits<std::int64_t>::max() / 2);
  std::optional<Error> broken;
  TRY(engine.state().scan(Family::customers, "", "",
                          [&](std::string_view, std::string_view value) {
                            const auto state = CustomerState::decode(engine.pack(), value);
                            if (!state) {
                              broken = state.error();
                              return false;
                            }
                            ++extent.customers;
                            if (const auto first = state->first_event())
                              extent.first = std::min(extent.first, *first);
                            return true;
                          }));
  if (broken) return fail(*broken);
  return extent;
}

Result<std::vector<Time>> times_to_learn_from(const OperationContext& context,
                                              const boost::json::object& arguments) {
  TRY_ASSIGN(auto times, times_argument(arguments, "at"));
  if (!times.empty()) return times;
  TRY_ASSIGN(const Extent extent, extent_of(context.engine));
  if (extent.customers == 0)
    return fail(ErrorCode::invalid, "the folder has no events to learn from", "no_events");
  const Horizons horizons = horizons_of(context.engine.pack());
  const std::size_t fitting = std::max(horizons.any_far ? kFewestTimesOfFar : kFewestTimes,
                                       kTrainingRows / std::size_t(extent.customers));
  const Time now = context.engine.now().now();
  const std::size_t count = std::min(kTrainingTimes, fitting);
  // A week apart; further where the history is longer than that many weeks.
  const auto span = now - extent.first - horizons.near;
  const Duration step =
      std::max(7 * kDay, Duration((span / static_cast<int>(count)) / kDay * kDay));
  times = training_times(extent.first, now, horizons.near, step, count);
  if (times.empty()) {
    return fail(ErrorCode::invalid, "the history is too short: no label is known yet",
                "insufficient_data");
  }
  return times;
}

// The index of each row that the SQL condition keeps.
Result<std::vector<std::size_t>> rows_where(Engine& engine, const SnapshotTable& table,
                                            const std::string& condition) {
  const std::string folder = engine.folder().scratch();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::string path = folder + "/snapshots.parquet";
  Rows rows;
  rows.columns = {
      {"row_index", ColumnType::integer}, {"customer_id", ColumnType::text},
      {"as_of", ColumnType::time},        {"fold_key", ColumnType::text},
      {"eligible", ColumnType::boolean},  {"lapsed", ColumnType::boolean},
      {"scorable", ColumnType::boolean},  {"days_since_qualifying", ColumnType::number}};
  for (const auto& feature : engine.pack().features())
    rows.columns.push_back({feature.name, ColumnType::number});
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const Snapshot& row = table.rows[i];
    const auto number = [](double x) { return std::isfinite(x) ? Cell(x) : Cell(); };
    std::vector<Cell> cells = {static_cast<std::int64_t>(i),
                               row.customer.str(),
                               row.as_of,
                               row.fold_key,
                               row.eligible,
                               row.lapsed,
                               row.scorable,
                               number(row.days_since_qualifying)};
    for (const double x : row.features) cells.push_back(number(x));
    rows.cells.push_back(std::move(cells));
  }
  TRY(write_parquet(path, rows));
  QueryOptions options;
  options.views = {{"snapshots", {}, {path}, ""}};
  TRY_ASSIGN(const auto query, DuckQuery::open(options));
  TRY_ASSIGN(const QueryRows kept, query_rows(*query, "SELECT row_index FROM snapshots WHERE (" +
                                                          condition + ") ORDER BY row_index"));
  std::filesystem::remove(path, error);
  std::vector<std::size_t> indexes;
  for (const auto& cells : kept.cells)
    indexes.push_back(static_cast<std::size_t>(std::get<std::int64_t>(cells[0])));
  return indexes;
}

int threads_to_learn_with() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

Result<FoldsBy> folds_named(const std::optional<std::string>& name) {
  if (!name) return FoldsBy::ladder;
  if (*name == "customer") return FoldsBy::customer;
  if (*name == "time") return FoldsBy::time;
  if (*name == "both") return FoldsBy::both;
  return fail(ErrorCode::invalid, "--folds is time, customer or both", "bad_argument");
}

// 0: all.
Result<std::size_t> features_to_select(const boost::json::object& arguments) {
  const Json* value = arguments.if_contains("select");
  if (value == nullptr || value->is_null()) return 0;
  boost::system::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  if (error || number < 1 || number > 100'000)
    return fail(ErrorCode::invalid, "--select is a number of features from 1 on", "bad_argument");
  return static_cast<std::size_t>(number);
}

// For people: what was learnt from.
std::string source_of(const Engine& engine) {
  return "the folder's history, by the pack " + engine.pack().name();
}

ProgressCallback progress_of(const OperationContext& context) {
  return [&context](const Progress& progress) {
    return !context.progress || context.progress({progress.step, progress.share, ""});
  };
}

Result<SnapshotTable> snapshots(const OperationContext& context, const SnapshotRequest& request) {
  Engine& engine = context.engine;
  if (context.progress)
    context.progress({"taking snapshots", -1, std::to_string(request.at.size()) + " times"});
  TRY(engine.flush_lake(false));
  return take_snapshots(engine.state(), engine.lake(), engine.pack(), request);
}

Result<Json> parse_json(const std::string& text) {
  boost::system::error_code error;
  Json value = boost::json::parse(text, error);
  if (error) return fail(ErrorCode::internal, "learning wrote no JSON: " + error.message());
  return value;
}

}  // namespace

Result<Json> train_model(const OperationContext& context, const boost::json::object& arguments) {
  Engine& engine = context.engine;
  if (engine.as_of())
    return fail(ErrorCode::refused,
                "time stands still in this server; train in the folder itself");
  SnapshotRequest request;
  TRY_ASSIGN(request.at, times_to_learn_from(context, arguments));
  request.now = engine.now().now();
  request.rows_max = kRowsMax;
  TRY_ASSIGN(const SnapshotTable table, snapshots(context, request));
  TrainOptions options;
  TRY_ASSIGN(options.version, engine.models().next_number());
  TRY_ASSIGN(const auto folds, text_argument(arguments, "folds"));
  TRY_ASSIGN(options.folds, folds_named(folds));
  TRY_ASSIGN(options.select, features_to_select(arguments));
  options.progress = progress_of(context);
  const XgboostTrainer trees;
  options.trees = &trees;
  options.threads = threads_to_learn_with();
  TRY_ASSIGN(const auto only, text_argument(arguments, "only"));
  TRY_ASSIGN(const TrainedModel trained, only == "baseline"
                                             ? train_baseline(table, engine.pack(), options)
                                             : train(table, engine.pack(), options));
  TRY_ASSIGN(const auto settled, settle_trained(context, arguments, table, trained));
  TRY(write_report_asked_for(arguments, {trained.manifest.model_version, source_of(engine)},
                             trained.report));
  TRY_ASSIGN(Json json, parse_json(to_json(trained.report)));
  json.as_object().insert(settled.begin(), settled.end());
  json.as_object()["model_version"] = trained.manifest.model_version;
  json.as_object()["rows"] = table.rows.size();
  json.as_object()["snapshots"] = request.at.size();
  return json;
}

Result<Json> evaluate_model(const OperationContext& context,
                            const boost::json::object& arguments) {
  Engine& engine = context.engine;
  const Pack& pack = engine.pack();
  SnapshotRequest request;
  TRY_ASSIGN(request.at, times_to_learn_from(context, arguments));
  request.now = engine.now().now();
  // Times that were asked for are judged whole.
  if (!arguments.if_contains("at") || arguments.at("at").as_array().empty())
    request.rows_max = kRowsMax;
  TRY_ASSIGN(const auto label, text_argument(arguments, "label"));
  TRY_ASSIGN(const auto eligible, text_argument(arguments, "eligible"));
  TRY_ASSIGN(const auto condition, text_argument(arguments, "where"));
  TRY_ASSIGN(const auto folds, text_argument(arguments, "folds"));
  TRY_ASSIGN(const auto out, text_argument(arguments, "out"));
  EvaluationOptions options;
  if (label) {
    TRY_ASSIGN(request.label, parse_label(pack, *label));
    TaskSpec task;
    task.name = *label;
    task.label = *label;
    task.kind = label->find("gone(") == 0 ? TaskKind::probability : TaskKind::number;
    task.horizon = request.label->horizon;
    options.tasks = {task};
  }
  request.everybody = eligible == "any";
  if (eligible && *eligible != "any" && *eligible != "pack") {
    TRY_ASSIGN(request.eligible, parse_rule(pack, *eligible));
  }
  TRY_ASSIGN(options.folds, folds_named(folds));
  TRY_ASSIGN(options.select, features_to_select(arguments));
  options.progress = progress_of(context);
  const XgboostTrainer trees;
  options.trees = &trees;
  options.threads = threads_to_learn_with();
  TRY_ASSIGN(SnapshotTable table, snapshots(context, request));
  if (condition) {
    TRY_ASSIGN(const auto kept, rows_where(engine, table, *condition));
    std::vector<Snapshot> rows;
    for (const std::size_t i : kept) rows.push_back(std::move(table.rows[i]));
    table.rows = std::move(rows);
  }
  TRY_ASSIGN(const EvaluationReport report, evaluate(table, pack, options));
  if (out) TRY(write_predictions(report, true, *out));
  TRY(write_report_asked_for(arguments, {"", source_of(engine)}, report));
  return parse_json(to_json(report));
}

}  // namespace tideline
