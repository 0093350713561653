#include "learning/train.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "base/rng.h"
#include "learning/baselines.h"
#include "learning/evaluation_run.h"
#include "learning/families.h"
#include "learning/leaks.h"
#include "learning/logistic_training.h"

namespace tideline {
namespace {

constexpr std::size_t kGoldenRows = 24;
// So many rows need no second search for settings after the split by time made one.
constexpr std::size_t kRowsToTrustRecipe = 20'000;

// A label of the dataset's own rows, all of them to learn from.
Parts everything(const Dataset& data) {
  return Parts(data.all.rows * data.all.tasks, Part::train);
}

std::string network_settings(const NetworkOptions& o) {
  return fmt::format(
      R"({{"hidden":[{}],"learning_rate":{},"weight_decay":{},"dropout":{},"batch":{},)"
      R"("epochs":{}}})",
      fmt::join(o.hidden, ","), o.learning_rate, o.weight_decay, o.dropout, o.batch, o.epochs_max);
}

std::string tree_settings(const TreeOptions& o) {
  return fmt::format(
      R"({{"depth":{},"rounds":{},"learning_rate":{},"row_share":{},"feature_share":{},)"
      R"("cover_min":{},"penalty":{}}})",
      o.depth_max, o.rounds_max, o.learning_rate, o.row_share, o.feature_share, o.cover_min,
      o.penalty);
}

// What the champions of `manifest` were made with.
std::string settings_json(const ModelManifest& manifest, const Recipe& recipe,
                          const ModelParts& parts) {
  std::vector<std::string> members;
  if (parts.network) members.push_back("\"network\":" + network_settings(recipe.network.options));
  std::vector<std::string> trees;
  for (std::size_t k = 0; parts.forest && k < manifest.tasks.size(); ++k) {
    if (!parts.forest->tasks()[k]) continue;
    trees.push_back(boost::json::serialize(boost::json::string(manifest.tasks[k].name)) + ":" +
                    tree_settings(*recipe.forest[k]));
  }
  if (!trees.empty()) members.push_back(fmt::format("\"xgboost\":{{{}}}", fmt::join(trees, ",")));
  return fmt::format("{{{}}}", fmt::join(members, ","));
}

// The rule of MBG/NBD with calibrations by the rows it was fitted to: four parameters do not learn
// them by heart.
void add_purchase_rule(const Dataset& data, const Subset& rules, const PurchaseFits& fits,
                       int threads, ModelParts& parts) {
  auto fitted = purchase_rules(data, rules.from, fits, threads);
  parts.purchases = std::move(fitted[std::size_t(PurchaseFamily::mbg_nbd)]);
  if (!parts.purchases) return;
  std::vector<double> figures(rules.rows.labels.size());
  parts.purchases->score(rules.rows.block(), figures);
  parts.purchase_calibrations = calibrations_of(data.tasks, rules.rows.labels, figures);
}

// The settings that the split by time found, where its rows were many; trees of tasks that it had
// no rows of, for their labels lie too far ahead, are chosen by customers held back.
Recipe recipe_of(const Dataset& data, const EvaluationRun& run, const Making& making,
                 const TrainingRows& rows, std::span<const std::uint64_t> groups,
                 const std::vector<bool>& wants_trees, std::vector<ForestTrouble>& troubles) {
  if (!run.recipe() || rows.rows < kRowsToTrustRecipe)
    return choose(making, data.tasks, rows, groups, troubles);
  Recipe recipe = *run.recipe();
  std::vector<bool> lacks(data.tasks.size());
  for (std::size_t k = 0; k < lacks.size(); ++k) lacks[k] = wants_trees[k] && !recipe.forest[k];
  if (std::none_of(lacks.begin(), lacks.end(), [](bool one) { return one; })) return recipe;
  HeldBack parts = hold_back(rows, groups, making.seed);
  for (TrainingRows* part : {&parts.learn, &parts.judge}) {
    for (std::size_t i = 0; i < part->labels.size(); ++i) {
      if (!lacks[i % part->tasks]) part->labels[i] = std::nan("");
    }
  }
  ForestChoice found =
      choose_forest(making.trees, parts.learn, parts.judge, data.tasks, making.seed, troubles);
  for (std::size_t k = 0; k < lacks.size(); ++k) {
    if (lacks[k]) recipe.forest[k] = std::move(found[k]);
  }
  return recipe;
}

// Fits the parts that the champions need on all rows; the rules are always kept, for they are
// small.
Result<ModelParts> fit_parts(const Dataset& data, const EvaluationRun& run,
                             const TrainOptions& options, ModelManifest& manifest) {
  const auto is_wanted = [&](Champion champion) {
    return std::any_of(manifest.tasks.begin(), manifest.tasks.end(),
                       [&](const ModelTask& task) { return task.champion == champion; });
  };
  const auto tell = [&](const char* step, double share) -> Status {
    if (!options.progress || options.progress(Progress{step, share})) return {};
    return fail(ErrorCode::cancelled, "the training was interrupted");
  };
  const std::vector<bool> all_tasks(data.all.tasks, true);
  const Subset rules = subset(data, everything(data), Part::train, all_tasks);
  const Subset learned = subset(data, everything(data), Part::train, run.can_learn());
  ModelParts parts;
  parts.recency = fit_recency(rules.rows, data.tasks);
  parts.constant = fit_constant(rules.rows);
  parts.medians = medians_of(rules.rows);
  parts.calibrations.resize(data.tasks.size());
  if (is_wanted(Champion::mbg_nbd)) {
    add_purchase_rule(data, rules, run.purchases(), options.threads, parts);
  }
  if (is_wanted(Champion::logistic)) {
    TRY(tell("fitting the regressions", 0.6));
    parts.logistic = fit_regressions(learned.rows, data.tasks);
  }
  const bool networks = is_wanted(Champion::network);
  const bool trees = is_wanted(Champion::xgboost);
  if (!networks && !trees) return parts;

  std::vector<std::uint64_t> groups;
  for (const std::size_t r : learned.from) groups.push_back(data.groups[r]);
  Making making = run.making();
  if (!trees) making.trees.trainer = nullptr;
  std::vector<ForestTrouble> troubles;
  TRY(tell("choosing settings", 0.65));
  std::vector<bool> wants_trees;
  for (const ModelTask& task : manifest.tasks)
    wants_trees.push_back(task.champion == Champion::xgboost);
  Recipe recipe = recipe_of(data, run, making, learned.rows, groups, wants_trees, troubles);
  for (std::size_t k = 0; k < data.tasks.size(); ++k) {
    if (!wants_trees[k]) recipe.forest[k].reset();
  }
  TRY(tell("fitting the champions", 0.75));
  Families families;
  fit_learnt(making, learned.rows, recipe, families, troubles);
  if (!troubles.empty()) return fail(ErrorCode::internal, troubles.front().message);
  TRY(tell("calibrating by cross-fitting", 0.85));
  const Figures held = cross_fitted(making, learned.rows, groups, recipe);
  if (networks) {
    parts.network = std::move(families.network);
    parts.calibrations = calibrations_of(data.tasks, learned.rows.labels, held[Champion::network]);
  }
  if (trees) {
    parts.forest = std::move(families.forest);
    parts.forest_calibrations =
        calibrations_of(data.tasks, learned.rows.labels, held[Champion::xgboost]);
  }
  manifest.settings = settings_json(manifest, recipe, parts);
  return parts;
}

// Rows drawn from the data, and rows at the edges of what can be asked.
GoldenRows golden_rows(const Dataset& data, std::uint64_t seed) {
  GoldenRows golden;
  const auto add = [&](auto value_of, double days) {
    for (std::size_t f = 0; f < data.all.width; ++f) golden.features.push_back(value_of(f));
    golden.days_since_qualifying.push_back(days);
    ++golden.rows;
  };
  Rng rng = Rng::stream(seed, "golden rows");
  for (std::size_t i = 0; i < std::min(kGoldenRows, data.all.rows); ++i) {
    const std::size_t r = rng.below(data.all.rows);
    const auto row = data.all.block().row(r);
    add([&](std::size_t f) { return row[f]; }, data.all.days_since_qualifying[r]);
  }
  const double infinity = std::numeric_limits<double>::infinity();
  add([](std::size_t) { return std::nan(""); }, std::nan(""));
  add([](std::size_t) { return 0.0; }, 0.0);
  add([](std::size_t) { return 1e12; }, infinity);
  add([](std::size_t) { return -1e12; }, 1.0);
  return golden;
}

void describe(const Dataset& data, const TrainOptions& options, const EvaluationReport& report,
              ModelManifest& manifest) {
  manifest.program_version = TIDELINE_VERSION;
  manifest.seed = options.seed;
  manifest.training_rows = data.all.rows;
  manifest.data_hash = data.hash();
  manifest.evaluation = to_json(report);
  for (const Snapshot* row : data.snapshots) {
    manifest.training_from = std::min(manifest.training_from.value_or(row->as_of), row->as_of);
    manifest.training_to = std::max(manifest.training_to.value_or(row->as_of), row->as_of);
  }
  for (std::size_t k = 0; k < data.tasks.size(); ++k) {
    const TaskSpec& task = data.tasks[k];
    manifest.tasks.push_back(ModelTask{task.name, task.kind, task.min, task.max, task.not_below,
                                       task.definition, task.horizon, report.tasks[k].champion});
  }
}

}  // namespace

std::string model_name(const Pack& pack) { return pack.name() + "-health"; }

std::string model_version(const Pack& pack, int version) {
  return fmt::format("{}-v{}", model_name(pack), version);
}

Result<TrainedModel> train_dataset(const Dataset& data, ModelManifest head, const Pack* pack,
                                   const TrainOptions& options) {
  TRY(refuse_leaks(data, head.features));
  const auto progress = [&](const Progress& p) {
    return !options.progress || options.progress(Progress{p.step, 0.6 * p.share});
  };
  EvaluationRun run(data,
                    {options.seed, options.trees, options.select, options.threads, progress});
  TRY_ASSIGN(auto report, run.run(options.folds, head.features, pack));
  describe(data, options, report, head);
  head.settings = "{}";
  TRY_ASSIGN(auto parts, fit_parts(data, run, options, head));
  Model model = Model::assemble(std::move(head), std::move(parts));
  Model::Files files = model.to_files(golden_rows(data, options.seed));
  return TrainedModel{std::move(files), model.manifest(), std::move(report)};
}

Result<TrainedModel> train(const SnapshotTable& table, const Pack& pack,
                           const TrainOptions& options) {
  TRY_ASSIGN(const Dataset data, dataset_of(table, pack, pack.tasks(), options.population));
  ModelManifest head;
  head.name = model_name(pack);
  head.version = fmt::format("v{}", options.version);
  head.model_version = model_version(pack, options.version);
  head.pack = pack.name();
  head.features = feature_names_of(pack);
  head.feature_hash = pack.feature_hash();
  head.known_until = table.now;
  return train_dataset(data, std::move(head), &pack, options);
}

}  // namespace tideline
