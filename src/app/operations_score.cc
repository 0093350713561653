// score: figures for tables of features, or for every customer of the lake as of a time, into a
// file. Rows stream through: memory does not grow with the table.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "adapters/duckdb/duck_query.h"
#include "adapters/duckdb/parquet_writer.h"
#include "adapters/duckdb/result_format.h"
#include "app/operations.h"
#include "app/score_file.h"
#include "app/table_models.h"
#include "features/window.h"
#include "packs/spelling.h"
#include "pipeline/customer_scoring.h"
#include "scoring/table_encoding.h"

namespace tideline {
namespace {

constexpr std::size_t kBlockRows = 4'096;
constexpr Duration kSilence = 120 * kDay;  // customers silent for longer have no row
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// Where the rows of both kinds go through.
class ScoreRun {
 public:
  ScoreRun(const OperationContext& context, const Model& model, ScorePart part, ScoreFile& file)
      : context_(context),
        rules_(context.engine.rules().in_force().pack),
        pack_(*rules_),
        model_(model),
        part_(part),
        file_(file) {}

  [[nodiscard]] bool wants(const std::string& customer) { return part_.holds(customer, seen_++); }

  // A row to score.
  Status add(ScoredRow row, std::span<const double> features, double days_since_qualifying) {
    features_.insert(features_.end(), features.begin(), features.end());
    since_.push_back(days_since_qualifying);
    return add(std::move(row), true);
  }
  // A row that has no score, its reason filled in.
  Status add_unscored(ScoredRow row) {
    row.prediction.figures.assign(pack_.tasks().size(), std::nullopt);
    return add(std::move(row), false);
  }

  Status flush() {
    const std::vector<double> told = days_told_by(pack_, features_);
    for (std::size_t i = 0; i < since_.size(); ++i) {
      if (std::isnan(since_[i])) since_[i] = told[i];
    }
    const auto scored = score_rows(pack_, model_, features_, since_, context_.engine.now().now());
    for (std::size_t i = 0; i < places_.size(); ++i) rows_[places_[i]].prediction = scored[i];
    TRY(file_.add(rows_));
    rows_.clear();
    places_.clear();
    features_.clear();
    since_.clear();
    if (context_.progress &&
        !context_.progress({"scoring", -1, std::to_string(file_.rows()) + " rows"})) {
      return fail(ErrorCode::cancelled, "the scoring was interrupted; no file was written");
    }
    return {};
  }

 private:
  Status add(ScoredRow row, bool is_scored) {
    if (is_scored) places_.push_back(rows_.size());
    rows_.push_back(std::move(row));
    return rows_.size() == kBlockRows ? flush() : Status();
  }

  const OperationContext& context_;
  const std::shared_ptr<const Pack> rules_;
  const Pack& pack_;
  const Model& model_;
  ScorePart part_;
  ScoreFile& file_;
  std::uint64_t seen_ = 0;
  std::vector<ScoredRow> rows_;
  std::vector<std::size_t> places_;  // in rows_, of those to score
  std::vector<double> features_;
  std::vector<double> since_;
};

std::string sql_quoted(const std::string& name, char quote) {
  std::string text(1, quote);
  for (const char c : name) {
    if (c == quote) text += quote;
    text += c;
  }
  return text + quote;
}

// The files as something to select from. CSV comes as text, so that a cell that is no number can
// be told with its row.
Result<std::string> table_of(const std::vector<std::string>& files) {
  std::string list;
  bool parquet = false, other = false;
  for (const std::string& file : files) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error))
      return fail(ErrorCode::not_found, "there is no file " + file, "no_file");
    (file.ends_with(".parquet") ? parquet : other) = true;
    list += (list.empty() ? "" : ", ") + sql_quoted(file, '\'');
  }
  if (parquet && other) {
    return fail(ErrorCode::invalid, "the files of one run are all CSV or all Parquet",
                "bad_argument");
  }
  if (parquet) return "read_parquet([" + list + "], union_by_name = true)";
  return "read_csv([" + list + "], header = true, all_varchar = true, union_by_name = true)";
}

// Which columns of a table the model takes, and what else is used of it.
struct TableColumns {
  std::vector<std::string> names;  // of the features, as the table writes them
  bool has_customer = false;
  bool has_as_of = false;
  bool has_days = false;
};

Result<TableColumns> columns_of(DuckQuery& query, const std::string& table, const Model& model) {
  TRY_ASSIGN(const QueryRows described, query_rows(query, "DESCRIBE SELECT * FROM " + table));
  std::vector<std::string> found;
  for (const auto& row : described.cells) found.push_back(std::get<std::string>(row[0]));
  const auto has = [&](std::string_view name) {
    return std::find(found.begin(), found.end(), name) != found.end();
  };
  TableColumns columns;
  columns.has_customer = has("customer_id");
  columns.has_as_of = has("as_of");
  columns.has_days = has("days_since_qualifying");
  std::vector<std::string> lacking;
  for (const std::string& feature : model.manifest().features) {
    if (!has(feature)) lacking.push_back(feature);
    columns.names.push_back(feature);
  }
  if (lacking.empty()) return columns;
  std::erase_if(found, [&](const std::string& name) {
    const auto& features = model.manifest().features;
    return std::find(features.begin(), features.end(), name) != features.end();
  });
  const std::size_t more = lacking.size() - 1;
  return fail(ErrorCode::invalid,
              "the table has no column " + lacking.front() + ", which " + model.version() +
                  " takes" + (more > 0 ? ", nor " + std::to_string(more) + " others" : "") +
                  did_you_mean(lacking.front(), found),
              "missing_column");
}

// Rows of a table, as they stream out of it.
class TableSink final : public ResultSink {
 public:
  TableSink(const TableColumns& columns, ScoreRun& run) : columns_(columns), run_(run) {}

  Status begin(std::span<const ResultColumn>) override { return {}; }

  Result<bool> row(std::span<const Cell> cells) override {
    ++number_;
    ScoredRow row;
    std::size_t at = 0;
    if (columns_.has_customer) {
      if (const auto* id = std::get_if<std::string>(&cells[at++])) row.customer = *id;
    }
    if (!run_.wants(row.customer)) return true;
    if (columns_.has_as_of) {
      TRY_ASSIGN(row.as_of, time_in(cells[at++]));
    }
    double days = kMissing;
    if (columns_.has_days) {
      TRY_ASSIGN(days, number_in(cells[at++], "days_since_qualifying"));
    }
    features_.clear();
    for (const std::string& name : columns_.names) {
      TRY_ASSIGN(const double value, number_in(cells[at++], name));
      features_.push_back(value);
    }
    TRY(run_.add(std::move(row), features_, days));
    return true;
  }

  Status end() override { return run_.flush(); }

 private:
  [[nodiscard]] tl::unexpected<Error> wrong(const std::string& column, const std::string& text,
                                            const char* what) const {
    return fail(ErrorCode::invalid,
                "row " + std::to_string(number_) + ", column " + column + ": \"" + text +
                    "\" is no " + what,
                "bad_row");
  }

  [[nodiscard]] Result<double> number_in(const Cell& cell, const std::string& column) const {
    if (const auto* number = std::get_if<double>(&cell)) return *number;
    const auto* text = std::get_if<std::string>(&cell);
    if (text == nullptr || text->empty()) return kMissing;
    double value = 0;
    const char* end = text->data() + text->size();
    const auto parsed = std::from_chars(text->data(), end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != end || std::isinf(value))
      return wrong(column, *text, "number");
    return value;  // "nan" is how some programs write what is missing
  }

  [[nodiscard]] Result<std::optional<Time>> time_in(const Cell& cell) const {
    if (const auto* time = std::get_if<Time>(&cell)) return std::optional(*time);
    const auto* text = std::get_if<std::string>(&cell);
    if (text == nullptr || text->empty()) return std::optional<Time>();
    const auto time = parse_time(*text);
    if (!time) return wrong("as_of", *text, "RFC 3339 time");
    return std::optional(*time);
  }

  const TableColumns& columns_;
  ScoreRun& run_;
  std::uint64_t number_ = 0;  // of the row, without the header
  std::vector<double> features_;
};

Status score_tables(const std::vector<std::string>& files, const Model& model, ScoreRun& run) {
  TRY_ASSIGN(const std::string table, table_of(files));
  TRY_ASSIGN(const auto query, DuckQuery::open({}));
  TRY_ASSIGN(const TableColumns columns, columns_of(*query, table, model));
  const bool text = table.starts_with("read_csv");
  std::string select;
  const auto add = [&](const std::string& name, const char* type) {
    select += (select.empty() ? "SELECT " : ", ");
    select +=
        *type ? "CAST(" + sql_quoted(name, '"') + " AS " + type + ")" : sql_quoted(name, '"');
  };
  if (columns.has_customer) add("customer_id", "VARCHAR");
  if (columns.has_as_of) add("as_of", "");
  if (columns.has_days) add("days_since_qualifying", text ? "VARCHAR" : "DOUBLE");
  for (const std::string& name : columns.names) add(name, text ? "VARCHAR" : "DOUBLE");
  TableSink sink(columns, run);
  return query->run(select + " FROM " + table, sink);
}

Status score_customers(Engine& engine, const std::vector<Time>& at, ScoreRun& run) {
  const Pack& pack = engine.pack();
  const auto add = [&](const CustomerId& customer, const CustomerState& state, Time t) -> Status {
    const auto last = state.last_event();
    if (!last || *last < edge(t, kSilence) || !run.wants(customer.str())) return {};
    const FeatureVector features = compute_features(pack, state, t);
    ScoredRow row{customer.str(), t, {}};
    row.prediction.reason = why_unscored(pack, state, features, t);
    if (!row.prediction.reason.empty()) return run.add_unscored(std::move(row));
    return run.add(std::move(row), features.values, days_since_qualifying(state, t));
  };
  if (at.empty() || engine.as_of()) {
    if (!engine.as_of()) TRY(engine.processor().wait_idle(std::chrono::minutes(10)));
    const Time now = engine.now().now();
    std::optional<Error> failed;
    TRY(engine.served_state().scan(
        Family::customers, "", "", [&](std::string_view key, std::string_view value) {
          const auto state = CustomerState::decode(pack, value);
          const Status added =
              state ? add(CustomerId(std::string(key)), *state, now) : fail(state.error());
          if (!added) failed = added.error();
          return !failed;
        }));
    if (failed) return fail(*failed);
  } else {
    TRY(engine.flush_lake(false));
    TRY(visit_pasts(engine.state(), engine.lake(), pack, at.back(),
                    [&](CustomerPast& past) -> Result<bool> {
                      for (const Time t : at) TRY(add(past.customer, state_at(pack, past, t), t));
                      return true;
                    }));
  }
  return run.flush();
}

Result<std::shared_ptr<const Model>> model_named(Engine& engine,
                                                 const std::optional<std::string>& version) {
  if (version) {
    TRY_ASSIGN(const ModelKey key, engine.models().find(*version));
    return engine.models().load(key);
  }
  TRY_ASSIGN(auto model, engine.models().load_active());
  if (!model) {
    return fail(ErrorCode::not_found,
                "no model is in production; train one with `tideline model train`", "no_model");
  }
  return model;
}

// The name of a version that was learnt from a table, or of all of them.
Result<bool> names_table_model(Engine& engine, const std::optional<std::string>& version) {
  if (!version) return false;
  auto key = engine.models().find(*version);
  if (!key) return is_name_of_table_models(engine.model_files(), *version);
  TRY_ASSIGN(const ModelManifest manifest, engine.models().manifest_of(*key));
  return is_table_model(manifest);
}

}  // namespace

Result<Json> score_file(const OperationContext& context, const boost::json::object& arguments) {
  Engine& engine = context.engine;
  TRY_ASSIGN(const auto in, list_argument(arguments, "in"));
  TRY_ASSIGN(const auto at, times_argument(arguments, "at"));
  TRY_ASSIGN(const auto part_text, text_argument(arguments, "part"));
  TRY_ASSIGN(const auto out, text_argument(arguments, "out"));
  TRY_ASSIGN(const auto version, text_argument(arguments, "model"));
  if (!out) return fail(ErrorCode::invalid, "no file to write to was named", "bad_argument");
  if (!in.empty() && !at.empty()) {
    return fail(ErrorCode::invalid, "either --in, tables of features, or --at, the lake",
                "bad_argument");
  }
  TRY_ASSIGN(const ScorePart part, parse_part(part_text));
  TRY_ASSIGN(const bool of_table, names_table_model(engine, version));
  if (of_table) {
    return score_with_table_model({engine.model_files(), context.progress}, arguments);
  }
  TRY_ASSIGN(const auto model, model_named(engine, version));
  std::vector<std::string> tasks;
  for (const TaskSpec& task : engine.pack().tasks()) tasks.push_back(task.name);
  TRY_ASSIGN(const auto file, ScoreFile::open(*out, std::move(tasks), true));
  ScoreRun run(context, *model, part, *file);
  if (in.empty()) {
    TRY(score_customers(engine, at, run));
  } else {
    TRY(score_tables(in, *model, run));
  }
  TRY(file->end());
  return boost::json::object{{"rows", file->rows()},
                             {"scored", file->scored()},
                             {"model_version", model->version()},
                             {"path", *out}};
}

}  // namespace tideline
