// train_table, and scoring with its models: tables of customers in, a model or figures out.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <boost/json/parse.hpp>

#include "adapters/duckdb/result_format.h"
#include "adapters/duckdb/table_reader.h"
#include "adapters/xgboost/xgboost_trainer.h"
#include "app/report_files.h"
#include "app/score_file.h"
#include "app/table_models.h"
#include "learning/table_training.h"
#include "packs/spelling.h"
#include "pipeline/model_registry.h"

namespace tideline {
namespace {

constexpr std::size_t kBlockRows = 4'096;

Status missing_argument(const char* name) {
  return fail(ErrorCode::invalid, std::string("no ") + name + " was named", "bad_argument");
}

Result<std::uint64_t> seed_argument(const boost::json::object& arguments) {
  const Json* value = arguments.if_contains("seed");
  if (value == nullptr || value->is_null()) return std::uint64_t{1};
  boost::system::error_code error;
  const auto seed = value->to_number<std::uint64_t>(error);
  if (error) return fail(ErrorCode::invalid, "seed is no whole number", "bad_argument");
  return seed;
}

Result<bool> is_of_table(ModelStore& models, const ModelKey& key) {
  TRY_ASSIGN(const ModelFiles files, models.load(key));
  TRY_ASSIGN(const ModelManifest manifest, parse_manifest(files.find("manifest.json")->second));
  return is_table_model(manifest);
}

int number_of(const ModelKey& key) {
  int number = 0;
  const std::string& version = key.version;
  std::from_chars(version.data() + 1, version.data() + version.size(), number);
  return number;
}

Result<int> next_number(ModelStore& models, const std::string& name) {
  TRY_ASSIGN(const auto keys, models.list());
  int highest = 0;
  for (const ModelKey& key : keys) {
    if (key.name == name) highest = std::max(highest, number_of(key));
  }
  return highest + 1;
}

// "table-churn-v2", "table-churn" (its newest), or "v2" where only one name has it; without a word
// the newest of the only name.
Result<ModelKey> find_table_model(ModelStore& models, const std::string& word) {
  TRY_ASSIGN(const auto keys, models.list());
  std::vector<std::string> names;
  std::vector<ModelKey> fitting;  // the newest of each name is its last
  for (const ModelKey& key : keys) {
    const auto of_table = is_of_table(models, key);
    if (!of_table || !*of_table) {
      if (name_of(key) == word) return key;  // whoever loads it tells what is wrong with it
      continue;
    }
    names.push_back(name_of(key));
    if (name_of(key) == word) return key;
    if (!word.empty() && key.name != word && key.version != word) continue;
    if (!fitting.empty() && fitting.back().name == key.name) fitting.pop_back();
    fitting.push_back(key);
  }
  if (fitting.size() == 1) return fitting.front();
  const std::string there =
      names.empty() ? "; train one with `tideline model train --table FILE --target COL`"
                    : "; there are " + listed(names);
  if (fitting.size() > 1)
    return fail(ErrorCode::invalid, "name one model with --model" + there, "bad_argument");
  return fail(ErrorCode::not_found,
              word.empty() ? "no model was learnt from a table yet" + there
                           : "no model " + word + did_you_mean(word, names) + there,
              "unknown_model");
}

Status write_predictions(const EvaluationReport& report, bool with_times,
                         const std::string& path) {
  std::ofstream out(path, std::ios::trunc | std::ios::binary);
  out << (with_times ? "id,as_of,task,label,p\n" : "id,task,label,p\n");
  for (const OutOfFold& row : report.predictions) {
    std::string line;
    append_csv_cell(line, row.customer.str(), ResultKind::text);
    if (with_times) line += ',' + format_time(row.as_of);
    line += ',';
    append_csv_cell(line, report.tasks[row.task].task, ResultKind::text);
    line += ',';
    append_number(line, row.label);
    line += ',';
    append_number(line, row.p);
    out << line << '\n';
  }
  out.close();
  if (!out) return fail(ErrorCode::io_failed, "cannot write " + path);
  return {};
}

// What is read is never written over.
Status check_apart(const std::vector<std::string>& in, const std::optional<std::string>& out) {
  std::error_code ignored;
  for (const std::string& file : in) {
    if (out && std::filesystem::equivalent(file, *out, ignored)) {
      return fail(ErrorCode::invalid, *out + " is the table itself; name another file to write to",
                  "bad_argument");
    }
  }
  return {};
}

struct TrainArguments {
  std::string table;
  TableRequest request;
  std::uint64_t seed = 1;
  std::optional<std::string> out;
};

Result<TrainArguments> train_arguments(const boost::json::object& arguments) {
  TrainArguments told;
  TRY_ASSIGN(const auto table, text_argument(arguments, "table"));
  TRY_ASSIGN(const auto target, text_argument(arguments, "target"));
  TRY_ASSIGN(const auto id, text_argument(arguments, "id"));
  TRY_ASSIGN(const auto time, text_argument(arguments, "time"));
  TRY_ASSIGN(told.request.drop, list_argument(arguments, "drop"));
  TRY_ASSIGN(told.seed, seed_argument(arguments));
  TRY_ASSIGN(told.out, text_argument(arguments, "out"));
  if (!table) TRY(missing_argument("table"));
  if (!target) TRY(missing_argument("target"));
  told.table = *table;
  TRY(check_apart({*table}, told.out));
  told.request.target = *target;
  told.request.id = id.value_or("");
  told.request.time = time.value_or("");
  return told;
}

// A file to score with its model, block by block.
Status score_table(const TableContext& context, const TableModel& model,
                   const CustomerTable& table, ScorePart part, ScoreFile& file,
                   boost::json::array& warnings) {
  TRY_ASSIGN(const EncodedTable encoded, encode_table(table, model.encoding));
  for (const auto& [column, unreadable] : encoded.unreadable) {
    warnings.push_back(boost::json::object{
        {"code", "unreadable_cells"},
        {"message", fmt::format("{}: {} cells of {} cannot be read, e.g. \"{}\"; they count as "
                                "missing",
                                table.origin, unreadable.cells, column, unreadable.example)}});
  }
  const bool has_ids = !model.encoding.id.empty();
  std::vector<ScoredRow> rows;
  for (std::size_t first = 0; first < table.rows; first += kBlockRows) {
    const std::size_t n = std::min(kBlockRows, table.rows - first);
    const std::span<const double> features(encoded.features);
    const auto figures =
        model.model.score(features.subspan(first * encoded.width, n * encoded.width), n, {});
    rows.clear();
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t r = first + i;
      if (!part.holds(has_ids ? encoded.ids[r] : "", r)) continue;
      ScoredRow& row = rows.emplace_back();
      row.customer = encoded.ids[r];
      if (!encoded.days.empty()) row.as_of = Time(kDay * std::int64_t(encoded.days[r]));
      row.prediction.figures = {figures[i]};
      row.prediction.status = figures[i] ? ScoreStatus::scored : ScoreStatus::unscored;
      row.prediction.reason = figures[i] ? "" : "no_figure";
      row.prediction.model_version = model.model.version();
    }
    TRY(file.add(rows));
    if (context.progress &&
        !context.progress({"scoring", double(first + n) / double(table.rows), ""})) {
      return fail(ErrorCode::cancelled, "the scoring was interrupted; no file was written");
    }
  }
  return {};
}

}  // namespace

Result<Json> train_on_table(const TableContext& context, const boost::json::object& arguments) {
  TRY_ASSIGN(const TrainArguments told, train_arguments(arguments));
  if (context.progress) context.progress({"reading " + told.table, -1, ""});
  TableReaderOptions reading;
  reading.file = told.table;
  if (!told.request.id.empty()) reading.as_text = {told.request.id};
  TRY_ASSIGN(const CustomerTable table, read_customer_table(reading));
  const std::string name = table_model_name(told.request.target);
  TableTrainOptions options;
  TRY_ASSIGN(options.version, next_number(context.models, name));
  options.seed = told.seed;
  options.threads = std::max(1, int(std::thread::hardware_concurrency()));
  const XgboostTrainer trees;
  options.trees = &trees;
  options.progress = [&context](const Progress& progress) {
    return !context.progress || context.progress({progress.step, progress.share, ""});
  };
  TRY_ASSIGN(const TableTrained trained, train_on_table(table, told.request, options));
  const ModelManifest& manifest = trained.model.manifest;
  TRY(context.models.save({manifest.name, manifest.version}, trained.model.files));
  const bool with_times = !told.request.time.empty();
  if (told.out) TRY(write_predictions(trained.model.report, with_times, *told.out));
  const std::string file = std::filesystem::path(told.table).filename().string();
  TRY(write_report_asked_for(arguments, {manifest.model_version, "the table " + file},
                             trained.model.report));
  boost::system::error_code error;
  Json json = boost::json::parse(to_json(trained.model.report), error);
  if (error) return fail(ErrorCode::internal, "learning wrote no JSON: " + error.message());
  json.as_object()["model_version"] = manifest.model_version;
  json.as_object()["rows"] = table.rows;
  json.as_object()["features"] = manifest.features.size();
  return json;
}

Result<bool> is_name_of_table_models(ModelStore& models, const std::string& name) {
  TRY_ASSIGN(const auto keys, models.list());
  for (const ModelKey& key : keys) {
    if (key.name == name && is_of_table(models, key).value_or(false)) return true;
  }
  return false;
}

Result<Json> score_with_table_model(const TableContext& context,
                                    const boost::json::object& arguments) {
  TRY_ASSIGN(const auto in, list_argument(arguments, "in"));
  TRY_ASSIGN(const auto out, text_argument(arguments, "out"));
  TRY_ASSIGN(const auto word, text_argument(arguments, "model"));
  TRY_ASSIGN(const auto part_text, text_argument(arguments, "part"));
  TRY_ASSIGN(const ScorePart part, parse_part(part_text));
  if (!out) TRY(missing_argument("file to write to (--out)"));
  if (in.empty()) TRY(missing_argument("table to score (--in)"));
  TRY(check_apart(in, out));
  TRY_ASSIGN(const ModelKey key, find_table_model(context.models, word.value_or("")));
  TRY_ASSIGN(const ModelFiles files, context.models.load(key));
  TRY_ASSIGN(const TableModel model, parse_table_model(files));
  TRY_ASSIGN(const auto file, ScoreFile::open(*out, {model.encoding.target}, false));
  boost::json::array warnings;
  for (const std::string& path : in) {
    if (context.progress) context.progress({"reading " + path, -1, ""});
    TableReaderOptions reading;
    reading.file = path;
    if (!model.encoding.id.empty()) reading.as_text = {model.encoding.id};
    TRY_ASSIGN(const CustomerTable table, read_customer_table(reading));
    TRY(score_table(context, model, table, part, *file, warnings));
  }
  TRY(file->end());
  return boost::json::object{{"rows", file->rows()},
                             {"scored", file->scored()},
                             {"model_version", model.model.version()},
                             {"path", *out},
                             {"warnings", std::move(warnings)}};
}

Result<Json> list_table_models(const TableContext& context) {
  TRY_ASSIGN(const auto keys, context.models.list());
  boost::json::array list;
  for (const ModelKey& key : keys) {
    boost::json::object entry{
        {"name", key.name}, {"version", key.version}, {"active", false}, {"shadow", false}};
    TRY_ASSIGN(const ModelFiles files, context.models.load(key));
    const auto model = parse_table_model(files);
    if (model) {
      entry["manifest"] = boost::json::parse(to_json(model->model.manifest()));
    } else {
      entry["problem"] = model.error().message;
    }
    list.push_back(std::move(entry));
  }
  return Json(boost::json::object{{"models", std::move(list)}});
}

Result<Json> run_table_operation(const std::string& name, const TableContext& context,
                                 const boost::json::object& arguments) {
  if (name == "train_table") return train_on_table(context, arguments);
  if (name == "score") return score_with_table_model(context, arguments);
  if (name == "models") return list_table_models(context);
  return fail(ErrorCode::invalid,
              "the folder has no pack: name one with --pack when you first import or serve",
              "pack_missing");
}

Result<Json> train_table(const OperationContext& context, const boost::json::object& arguments) {
  Engine& engine = context.engine;
  if (engine.as_of())
    return fail(ErrorCode::refused,
                "time stands still in this server; train in the folder itself");
  return train_on_table({engine.model_files(), context.progress}, arguments);
}

}  // namespace tideline
