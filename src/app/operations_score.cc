// score: figures for tables of features, or for every customer of the lake as of a time, into a
// file, or into a folder of parts.
#include <algorithm>

#include "adapters/duckdb/duck_query.h"
#include "app/batch_scoring.h"
#include "app/customer_rows.h"
#include "app/operations.h"
#include "app/score_run.h"
#include "app/score_tables.h"
#include "app/table_models.h"
#include "scoring/table_encoding.h"

namespace tideline {
namespace {

Status score_tables(const std::vector<std::string>& files, const Model& model, ScorePart part,
                    ScoreRun& run) {
  TRY_ASSIGN(const std::string table, table_of(files));
  TRY_ASSIGN(const auto query, DuckQuery::open({}));
  std::uint64_t seen = 0;
  TRY(read_table(
      *query, table, "", model,
      [&](ScoredRow row, std::span<const double> features, double days) -> Result<bool> {
        if (part.holds(row.customer, seen++)) TRY(run.add(std::move(row), features, days));
        return true;
      }));
  return run.flush();
}

Status score_customers(Engine& engine, const std::vector<Time>& at, ScorePart part,
                       ScoreRun& run) {
  const Pack& pack = engine.pack();
  if (at.empty() || engine.as_of()) {
    if (!engine.as_of()) TRY(engine.processor().wait_idle(std::chrono::minutes(10)));
    const Time now = engine.now().now();
    std::optional<Error> failed;
    TRY(engine.served_state().scan(
        Family::customers, "", "", [&](std::string_view key, std::string_view value) {
          const CustomerId customer{std::string(key)};
          if (!part.holds(customer.str(), 0)) return true;
          const auto state = CustomerState::decode(pack, value);
          const Status added =
              state ? add_customer(pack, customer, *state, now, run) : fail(state.error());
          if (!added) failed = added.error();
          return !failed;
        }));
    if (failed) return fail(*failed);
  } else {
    TRY(engine.flush_lake(false));
    TRY(visit_pasts(engine.state(), engine.lake(), pack, at.back(),
                    [&](CustomerPast& past) -> Result<bool> {
                      if (!part.holds(past.customer.str(), 0)) return true;
                      for (const Time t : at)
                        TRY(add_customer(pack, past.customer, state_at(pack, past, t), t, run));
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
  if (is_score_folder(*out)) {
    if (at.empty()) return score_in_parts(context, model, {*out, in, part});
    return fail(ErrorCode::invalid,
                "--at writes one file, .csv or .parquet; a folder holds tables or customers as of "
                "now",
                "bad_argument");
  }
  std::vector<std::string> tasks;
  for (const TaskSpec& task : engine.pack().tasks()) tasks.push_back(task.name);
  TRY_ASSIGN(const auto file, ScoreFile::open(*out, std::move(tasks), true));
  const auto progress = [&](std::uint64_t) {
    return !context.progress ||
           context.progress({"scoring", -1, std::to_string(file->rows()) + " rows"});
  };
  ScoreRun run({engine.rules().in_force().pack, model, engine.now().now(), progress}, *file);
  if (in.empty()) {
    TRY(score_customers(engine, at, part, run));
  } else {
    TRY(score_tables(in, *model, part, run));
  }
  TRY(file->end());
  return boost::json::object{{"rows", file->rows()},
                             {"scored", file->scored()},
                             {"model_version", model->version()},
                             {"path", *out}};
}

}  // namespace tideline
