#include "app/sql_service.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "adapters/duckdb/parquet_writer.h"
#include "adapters/duckdb/result_format.h"
#include "api/json_writer.h"
#include "app/crypto.h"
#include "base/fault.h"

namespace tideline {
namespace {

constexpr int kWaitingMax = 16;
constexpr std::string_view kChangesOften[] = {"features",     "predictions", "customers",
                                              "tier_changes", "actions",     "dead_letters"};

SqlWorkersOptions worker_options(const Engine& engine) {
  const SqlSettings& settings = engine.settings().sql;
  SqlWorkersOptions options;
  options.folder = std::filesystem::absolute(engine.folder().lake()).lexically_normal().string();
  options.threads = settings.threads;
  options.memory_bytes = settings.memory_bytes;
  options.time_max = settings.time_max;
  options.switches_open = fault::planted("sql_switches_open");
  return options;
}

std::uint64_t bytes_of(std::span<const Cell> cells) {
  std::uint64_t bytes = 0;
  for (const Cell& cell : cells) {
    const auto* text = std::get_if<std::string>(&cell);
    bytes += 8 + (text != nullptr ? text->size() : 0);
  }
  return bytes;
}

// Hands rows on until they take too many bytes.
class BoundedSink final : public ResultSink {
 public:
  BoundedSink(ResultSink& to, std::uint64_t bytes_max) : to_(to), left_(bytes_max) {}
  Status begin(std::span<const ResultColumn> columns) override { return to_.begin(columns); }
  Result<bool> row(std::span<const Cell> cells) override {
    const std::uint64_t bytes = bytes_of(cells);
    if (bytes > left_) return false;
    left_ -= bytes;
    return to_.row(cells);
  }
  Status end() override { return to_.end(); }

 private:
  ResultSink& to_;
  std::uint64_t left_;
};

// Columns with their types, and rows as arrays: names may repeat.
class JsonRows final : public ResultSink {
 public:
  Status begin(std::span<const ResultColumn> columns) override {
    columns_.assign(columns.begin(), columns.end());
    JsonWriter json;
    json.begin_array();
    for (const ResultColumn& column : columns_) {
      json.begin_object().member("name", column.name).member("type", column.type).end_object();
    }
    text_ = "{\"columns\":" + json.end_array().take() + ",\"rows\":[";
    return {};
  }
  Result<bool> row(std::span<const Cell> cells) override {
    text_ += first_ ? "[" : ",[";
    first_ = false;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) text_ += ',';
      append_json_cell(text_, cells[i], columns_[i].kind);
    }
    text_ += ']';
    return true;
  }
  Status end() override { return {}; }
  [[nodiscard]] std::string take(const SqlOutcome& outcome, double elapsed_ms, Time as_of) {
    text_ += "],\"row_count\":" + std::to_string(outcome.rows) +
             ",\"truncated\":" + (outcome.truncated ? "true" : "false") +
             ",\"elapsed_ms\":" + json_number(elapsed_ms) + ",\"as_of\":\"" + format_time(as_of) +
             "\"}";
    return std::move(text_);
  }

 private:
  std::vector<ResultColumn> columns_;
  std::string text_;
  bool first_ = true;
};

// A Parquet file of the answer. What SQL holds exactly beyond 64 bits becomes a double.
class ParquetRows final : public ResultSink {
 public:
  explicit ParquetRows(std::string path) : path_(std::move(path)) {}
  ~ParquetRows() override {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  ParquetRows(const ParquetRows&) = delete;
  ParquetRows& operator=(const ParquetRows&) = delete;

  Status begin(std::span<const ResultColumn> columns) override {
    static constexpr ColumnType kTypes[] = {ColumnType::text,    ColumnType::number,
                                            ColumnType::integer, ColumnType::number,
                                            ColumnType::time,    ColumnType::boolean};
    columns_.assign(columns.begin(), columns.end());
    ParquetWriterOptions options;
    options.path = path_;
    std::set<std::string> taken;
    for (const ResultColumn& column : columns_) {
      std::string name = column.name;
      for (int n = 2; !taken.insert(name).second; ++n)
        name = column.name + "_" + std::to_string(n);
      options.columns.push_back({name, kTypes[static_cast<int>(column.kind)]});
    }
    TRY_ASSIGN(writer_, ParquetWriter::open(std::move(options)));
    return {};
  }
  Result<bool> row(std::span<const Cell> cells) override {
    row_.assign(cells.begin(), cells.end());
    for (std::size_t i = 0; i < row_.size(); ++i) {
      const auto* text = std::get_if<std::string>(&row_[i]);
      if (text == nullptr) continue;
      if (columns_[i].kind == ResultKind::exact) row_[i] = Cell(std::stod(*text));
      if (columns_[i].kind == ResultKind::time) {
        const auto time = parse_time(*text);
        row_[i] = time ? Cell(*time) : Cell();
      }
    }
    TRY(writer_->append(std::span(&row_, 1)));
    return true;
  }
  Status end() override { return writer_->finish(); }
  [[nodiscard]] std::string bytes() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }

 private:
  std::string path_;
  std::vector<ResultColumn> columns_;
  std::vector<Cell> row_;
  std::unique_ptr<ParquetWriter> writer_;
};

// DuckDB draws an arrow below the line at fault; who asked gets its place in numbers.
Error with_place(Error error, const std::string& sql) {
  const auto at = error.message.find("\n\nLINE ");
  if (error.reason != "sql_error" || at == error.message.npos) return error;
  const std::string drawn = error.message.substr(at + 2);
  const std::string words = error.message.substr(0, at);
  const auto colon = drawn.find(": ");
  const auto line_end = drawn.find('\n');
  const auto arrow = drawn.find('^', line_end == drawn.npos ? 0 : line_end);
  if (colon == drawn.npos || line_end == drawn.npos || arrow == drawn.npos) return error;
  const std::size_t number = std::strtoul(drawn.c_str() + 5, nullptr, 10);
  std::string shown = drawn.substr(colon + 2, line_end - colon - 2);
  std::size_t column = arrow - line_end - 1;
  column -= std::min(column, colon + 2);
  // A long line is shown from "..." on.
  if (shown.starts_with("...") && shown.size() > 6) {
    std::size_t start = 0;
    for (std::size_t line = 1; line < number; ++line) start = sql.find('\n', start) + 1;
    const std::string inner = shown.substr(3, shown.size() - (shown.ends_with("...") ? 6 : 3));
    const auto found = sql.find(inner, start);
    if (found != sql.npos) column = column - std::min<std::size_t>(column, 3) + found - start;
  }
  error.message =
      words + " (line " + std::to_string(number) + ", column " + std::to_string(column + 1) + ")";
  return error;
}

}  // namespace

SqlRoom::SqlRoom(Engine& engine)
    : engine_(engine),
      workers_(worker_options(engine)),
      queries_(engine.settings().sql.queries_max, kWaitingMax) {}

SqlService SqlRoom::service() {
  SqlService service;
  service.run = [this](const SqlRequest& request) { return run(request); };
  service.in_background = [this](std::function<void()> work) {
    return in_background(std::move(work));
  };
  service.cancel = [this](const std::string& id) { return workers_.cancel(id); };
  service.tables = [this] { return tables(); };
  return service;
}

bool SqlRoom::in_background(std::function<void()> work) {
  if (waiting_.fetch_add(1) >= kWaitingMax) {
    --waiting_;
    return false;
  }
  queries_.run([this, work = std::move(work)] {
    work();
    --waiting_;
  });
  return true;
}

// Files that were replaced while the query was on its way are looked up once more.
Result<SqlAnswer> SqlRoom::run(const SqlRequest& request) {
  auto answer = run_once(request);
  for (int more = 0; more < 2 && !answer && answer.error().reason == "sql_file_gone"; ++more)
    answer = run_once(request);
  if (!answer) return fail(with_place(answer.error(), request.sql));
  return answer;
}

Result<SqlAnswer> SqlRoom::run_once(const SqlRequest& request) {
  const SqlSettings& settings = engine_.settings().sql;
  const auto begun = std::chrono::steady_clock::now();
  Time as_of = engine_.clock().now();
  SqlQuestion question{request.id, request.sql, request.parameters, settings.rows_max,
                       settings.time_max};
  if (request.rows_max > 0) question.rows_max = std::min(request.rows_max, settings.rows_max);
  SqlAnswer answer;
  const auto ask = [&](ResultSink& sink) -> Status {
    BoundedSink bounded(sink, settings.answer_bytes_max);
    TRY_ASSIGN(const SqlOutcome outcome, workers_.run(
                                             question,
                                             [&](const std::vector<std::string>& names) {
                                               as_of = engine_.now().now();
                                               return views(names, request.stale);
                                             },
                                             bounded));
    answer.rows = outcome.rows;
    answer.truncated = outcome.truncated;
    return {};
  };
  if (request.format == SqlFormat::csv) {
    const auto sink = csv_format([&](std::string_view piece) -> Status {
      answer.body += piece;
      return {};
    });
    TRY(ask(*sink));
  } else if (request.format == SqlFormat::parquet) {
    std::error_code ignored;
    std::filesystem::create_directories(engine_.folder().scratch(), ignored);
    ParquetRows sink(engine_.folder().scratch() + "/query-" + random_id() + ".parquet");
    TRY(ask(sink));
    answer.body = sink.bytes();
  } else {
    JsonRows sink;
    TRY(ask(sink));
    const std::chrono::duration<double, std::milli> elapsed =
        std::chrono::steady_clock::now() - begun;
    answer.body = sink.take({answer.rows, answer.truncated}, elapsed.count(), as_of);
  }
  say_confinement();
  return answer;
}

void SqlRoom::say_confinement() {
  if (said_.exchange(true)) return;
  const auto state = workers_.probe();
  if (!state) return engine_.logger().error("SQL of the API is not confined", state.error());
  engine_.logger().info("SQL of the API runs in processes of its own",
                        {{"confinement", state->confinement}, {"missing", state->missing}});
}

Result<std::vector<SqlTable>> SqlRoom::tables() {
  TRY_ASSIGN(const auto views, engine_.views());
  std::vector<SqlTable> tables;
  for (const LakeView& view : views) {
    SqlTable& table = tables.emplace_back();
    table.name = view.name;
    for (const TableColumn& column : view.columns)
      table.columns.push_back({column.name, column.type});
  }
  return tables;
}

Result<std::vector<LakeView>> SqlRoom::views(const std::vector<std::string>& names, bool stale) {
  if (names.size() == 1 && names.front().empty()) return std::vector<LakeView>();
  const std::set<std::string> wanted(names.begin(), names.end());
  TRY_ASSIGN(std::vector<LakeView> all, engine_.views());
  const auto known = [&](const std::string& name) {
    return std::any_of(all.begin(), all.end(),
                       [&](const LakeView& view) { return view.name == name; });
  };
  const bool every = wanted.empty() || !std::all_of(wanted.begin(), wanted.end(), known);
  const bool tables = every || std::any_of(std::begin(kChangesOften), std::end(kChangesOften),
                                           [&](std::string_view name) {
                                             return wanted.contains(std::string(name));
                                           });
  if (!stale) {
    TRY(refresh(tables));
    TRY_ASSIGN(all, engine_.views());
  }
  if (!every)
    std::erase_if(all, [&](const LakeView& view) { return !wanted.contains(view.name); });
  const std::size_t prefix = engine_.folder().lake().size() + 1;
  for (LakeView& view : all) {
    for (std::string& file : view.files) file = file.substr(prefix);
  }
  return all;
}

// Who waited while another query brought the lake up to date need not do it again, if that began
// after the question came.
Status SqlRoom::refresh(bool with_tables) {
  const auto asked = std::chrono::steady_clock::now();
  const std::lock_guard lock(refreshing_);
  if (refreshed_[1] > asked || (!with_tables && refreshed_[0] > asked)) return {};
  const auto begun = std::chrono::steady_clock::now();
  TRY(engine_.flush_lake(with_tables));
  refreshed_[with_tables ? 1 : 0] = begun;
  return {};
}

Result<SqlWorkerState> sql_confinement(const std::string& folder) {
  SqlWorkersOptions options;
  options.folder = folder;
  options.warm = 0;
  return SqlWorkers(std::move(options)).probe();
}

}  // namespace tideline
