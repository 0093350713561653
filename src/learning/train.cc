#include "learning/train.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/rng.h"
#include "learning/baselines.h"
#include "learning/evaluation_run.h"
#include "learning/families.h"
#include "learning/logistic_training.h"

namespace tideline {
namespace {

constexpr std::size_t kGoldenRows = 24;

// A label of the dataset's own rows, all of them to learn from.
Parts everything(const Dataset& data) {
  return Parts(data.all.rows * data.all.tasks, Part::train);
}

std::string settings_json(const NetworkChoice* choice) {
  if (choice == nullptr) return "{}";
  const NetworkOptions& o = choice->options;
  return fmt::format(
      R"({{"network":{{"hidden":[{}],"learning_rate":{},"weight_decay":{},"dropout":{},)"
      R"("batch":{},"epochs":{}}}}})",
      fmt::join(o.hidden, ","), o.learning_rate, o.weight_decay, o.dropout, o.batch, o.epochs_max);
}

// Fits the parts that the champions need on all rows; the rules are always kept, for they are
// small.
Result<ModelParts> fit_parts(const Dataset& data, const std::vector<bool>& can_learn,
                             const ModelManifest& manifest, const TrainOptions& options,
                             std::string& settings) {
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
  const Subset learned = subset(data, everything(data), Part::train, can_learn);
  ModelParts parts;
  parts.recency = fit_recency(rules.rows, data.tasks);
  parts.constant = fit_constant(rules.rows);
  parts.calibrations.resize(data.tasks.size());
  if (is_wanted(Champion::logistic)) {
    TRY(tell("fitting the regressions", 0.6));
    parts.logistic = fit_regressions(learned.rows, data.tasks);
  }
  if (!is_wanted(Champion::network)) return parts;

  std::vector<std::uint64_t> groups;
  for (const std::size_t r : learned.from) groups.push_back(data.groups[r]);
  const std::vector<Head> heads = heads_of(data.tasks);
  TRY(tell("choosing the network", 0.65));
  const NetworkChoice choice = choose_network(learned.rows, groups, heads, options.seed);
  TRY(tell("fitting the network", 0.75));
  parts.network = fit_chosen(learned.rows, heads, choice);
  TRY(tell("calibrating by cross-fitting", 0.8));
  const auto figures = cross_fitted(learned.rows, groups, heads, choice);
  parts.calibrations = calibrations_of(data.tasks, learned.rows.labels, figures);
  settings = settings_json(&choice);
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

ModelManifest manifest_of(const Dataset& data, const SnapshotTable& table, const Pack& pack,
                          const TrainOptions& options, const EvaluationReport& report) {
  ModelManifest manifest;
  manifest.name = model_name(pack);
  manifest.version = fmt::format("v{}", options.version);
  manifest.model_version = model_version(pack, options.version);
  manifest.pack = pack.name();
  manifest.program_version = TIDELINE_VERSION;
  manifest.features = feature_names_of(pack);
  manifest.feature_hash = pack.feature_hash();
  manifest.seed = options.seed;
  manifest.training_rows = data.all.rows;
  manifest.known_until = table.now;
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
  return manifest;
}

}  // namespace

std::string model_name(const Pack& pack) { return pack.name() + "-health"; }

std::string model_version(const Pack& pack, int version) {
  return fmt::format("{}-v{}", model_name(pack), version);
}

Result<TrainedModel> train(const SnapshotTable& table, const Pack& pack,
                           const TrainOptions& options) {
  TRY_ASSIGN(const Dataset data, dataset_of(table, pack, pack.tasks(), options.population));
  EvaluationRun run(data, options.seed, [&](const Progress& progress) {
    return !options.progress || options.progress(Progress{progress.step, 0.6 * progress.share});
  });
  TRY_ASSIGN(auto report, run.run(options.folds, feature_names_of(pack)));
  ModelManifest manifest = manifest_of(data, table, pack, options, report);
  manifest.settings = "{}";
  TRY_ASSIGN(auto parts, fit_parts(data, run.can_learn(), manifest, options, manifest.settings));
  Model model = Model::assemble(std::move(manifest), std::move(parts));
  Model::Files files = model.to_files(golden_rows(data, options.seed));
  return TrainedModel{std::move(files), model.manifest(), std::move(report)};
}

}  // namespace tideline
