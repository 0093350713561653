#include "learning/families.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "learning/baselines.h"
#include "learning/jobs.h"

namespace tideline {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// From this many rows on batches are larger and fewer epochs are needed; two sizes.
constexpr std::size_t kManyRows = 6'000;
constexpr std::size_t kVeryManyRows = 30'000;
constexpr std::size_t kRowsForOneFold = 20'000;

std::vector<NetworkOptions> candidates(std::size_t rows, std::uint64_t seed) {
  NetworkOptions held;
  held.seed = seed;
  held.batch = 64;
  held.weight_decay = 0.3;
  held.dropout = 0.3;
  if (rows >= kManyRows) {
    held.batch = 128;
    held.epochs_max = held.schedule_epochs = 45;
    held.patience = 5;
  }
  if (rows >= kVeryManyRows) {
    held.batch = 256;
    held.learning_rate = 2e-3;
    held.epochs_max = held.schedule_epochs = 24;
    held.patience = 4;
    held.dropout = 0.15;
  }
  NetworkOptions tight = held;  // small weights, found quickly
  tight.weight_decay = 1;
  tight.learning_rate = 2e-3;
  if (rows >= kVeryManyRows) return {held, tight};
  NetworkOptions narrow = held;
  narrow.hidden = {16, 8};
  narrow.weight_decay = 0.1;
  narrow.dropout = 0.2;
  return {held, tight, narrow};
}

// Rows for which `take` holds.
template <class Take>
TrainingRows filtered(const TrainingRows& rows, Take take) {
  TrainingRows out{0, rows.width, rows.tasks, {}, {}, {}};
  for (std::size_t r = 0; r < rows.rows; ++r) {
    if (!take(r)) continue;
    const auto features = rows.block().row(r);
    out.features.insert(out.features.end(), features.begin(), features.end());
    for (std::size_t k = 0; k < rows.tasks; ++k) out.labels.push_back(rows.label(r, k));
    out.days_since_qualifying.push_back(rows.days_since_qualifying[r]);
    ++out.rows;
  }
  return out;
}

// A fifth of the customers, told apart from the folds of evaluation by another seed.
bool is_held_back(std::uint64_t group, std::uint64_t seed, int part) {
  const std::string_view bytes(reinterpret_cast<const char*>(&group), sizeof(group));
  return xxh64(bytes, seed ^ 0x5DEECE66DULL) % kFolds == std::uint64_t(part);
}

}  // namespace

NetworkChoice choose_network(const TrainingRows& learn, const TrainingRows& judge,
                             const std::vector<Head>& heads, std::uint64_t seed, int threads,
                             Network* fitted) {
  const std::vector<NetworkOptions> tried = candidates(learn.rows, seed);
  std::vector<NetworkFit> fits(tried.size());
  run_jobs(tried.size(), threads,
           [&](std::size_t i) { fits[i] = fit_network(learn, judge, heads, tried[i]); });
  std::size_t best = 0;
  for (std::size_t i = 1; i < fits.size(); ++i) {
    if (fits[i].validation_loss < fits[best].validation_loss) best = i;
  }
  NetworkChoice choice{tried[best], fits[best].validation_loss};
  choice.options.epochs_max = std::max<std::size_t>(1, fits[best].epochs);
  if (fitted != nullptr) *fitted = std::move(fits[best].network);
  return choice;
}

NetworkChoice choose_network(std::span<const HeldBack> parts, const std::vector<Head>& heads,
                             std::uint64_t seed, int threads) {
  CHECK(!parts.empty());
  const std::vector<NetworkOptions> tried = candidates(parts[0].learn.rows, seed);
  std::vector<NetworkFit> fits(tried.size() * parts.size());
  run_jobs(fits.size(), threads, [&](std::size_t i) {
    const HeldBack& part = parts[i % parts.size()];
    fits[i] = fit_network(part.learn, part.judge, heads, tried[i / parts.size()]);
  });
  NetworkChoice best;
  best.validation_loss = std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < tried.size(); ++c) {
    double loss = 0;
    double epochs = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const NetworkFit& fit = fits[c * parts.size() + i];
      loss += fit.validation_loss / double(parts.size());
      epochs += double(fit.epochs) / double(parts.size());
    }
    // Without anybody to judge the first will do.
    if (c > 0 && !(loss < best.validation_loss)) continue;
    best = {tried[c], loss};
    best.options.epochs_max = std::max<std::size_t>(1, std::size_t(std::lround(epochs)));
  }
  return best;
}

HeldBack hold_back(const TrainingRows& rows, std::span<const std::uint64_t> groups,
                   std::uint64_t seed, int part) {
  const auto is_judge = [&](std::size_t r) { return is_held_back(groups[r], seed, part); };
  return {filtered(rows, [&](std::size_t r) { return !is_judge(r); }), filtered(rows, is_judge)};
}

Network fit_chosen(const TrainingRows& rows, const std::vector<Head>& heads,
                   const NetworkChoice& choice) {
  return fit_network(rows, TrainingRows{0, rows.width, rows.tasks, {}, {}, {}}, heads,
                     choice.options)
      .network;
}

Figures::Figures(std::size_t count) {
  for (auto& figures : of) figures.assign(count, kMissing);
}

namespace {

template <class Part>
const Scorer* part(const std::optional<Part>& scorer) {
  return scorer ? &*scorer : nullptr;
}

void fill(const Scorer& scorer, const Subset& judged, std::vector<double>& figures) {
  const std::size_t tasks = judged.rows.tasks;
  std::vector<double> block(judged.rows.rows * tasks);
  scorer.score(judged.rows.block(), block);
  for (std::size_t i = 0; i < block.size(); ++i) {
    if (std::isnan(judged.rows.labels[i]) || std::isnan(block[i])) continue;
    figures[judged.from[i / tasks] * tasks + i % tasks] = block[i];
  }
}

}  // namespace

const Scorer* Families::scorer_of(Champion champion) const {
  switch (champion) {
    case Champion::network: return part(network);
    case Champion::xgboost: return part(forest);
    case Champion::logistic: return part(logistic);
    case Champion::mbg_nbd: return part(purchases[std::size_t(PurchaseFamily::mbg_nbd)]);
    case Champion::bg_nbd: return part(purchases[std::size_t(PurchaseFamily::bg_nbd)]);
    case Champion::pareto_nbd: return part(purchases[std::size_t(PurchaseFamily::pareto_nbd)]);
    case Champion::recency: return part(recency);
    case Champion::base_rate: return part(constant);
    case Champion::none: return nullptr;
  }
  return nullptr;
}

void Families::predict(const Subset& judged, Figures& figures) const {
  for (std::size_t c = 0; c < kRivals; ++c) {
    const Scorer* scorer = scorer_of(Champion(c));
    if (scorer != nullptr) fill(*scorer, judged, figures.of[c]);
  }
  if (value) fill(*value, judged, figures[Champion::mbg_nbd]);
}

Recipe choose(const Making& making, std::span<const TaskSpec> tasks, const TrainingRows& rows,
              std::span<const std::uint64_t> groups, std::vector<ForestTrouble>& troubles) {
  CHECK(groups.size() == rows.rows);
  std::vector<HeldBack> parts;
  const int judges = rows.rows < kVeryManyRows ? 3 : 1;
  for (int part = 0; part < judges; ++part) {
    parts.push_back(hold_back(rows, groups, making.seed, part));
  }
  Recipe recipe;
  recipe.network = choose_network(parts, making.heads, making.seed, making.threads);
  recipe.forest =
      choose_forest(making.trees, parts[0].learn, parts[0].judge, tasks, making.seed, troubles);
  return recipe;
}

void fit_learnt(const Making& making, const TrainingRows& rows, const Recipe& recipe,
                Families& families, std::vector<ForestTrouble>& troubles) {
  families.network = fit_chosen(rows, making.heads, recipe.network);
  families.forest = fit_forest(making.trees, rows, recipe.forest, troubles);
}

Figures cross_fitted(const Making& making, const TrainingRows& rows,
                     std::span<const std::uint64_t> groups, const Recipe& recipe) {
  CHECK(groups.size() == rows.rows);
  Figures figures(rows.rows * rows.tasks);
  // Two numbers a task are soon known well enough.
  const std::size_t folds = rows.rows < kRowsForOneFold ? kFolds : 1;
  Making alone = making;  // the folds share the threads
  alone.threads = alone.trees.threads = 1;
  run_jobs(folds, making.threads, [&](std::size_t fold) {
    const auto in_fold = [&](std::size_t r) { return groups[r] % kFolds == fold; };
    Subset judge;
    judge.rows = filtered(rows, in_fold);
    for (std::size_t r = 0; r < rows.rows; ++r) {
      if (in_fold(r)) judge.from.push_back(r);
    }
    const TrainingRows learn = filtered(rows, [&](std::size_t r) { return !in_fold(r); });
    if (learn.rows == 0 || judge.rows.rows == 0) return;
    Families families;
    std::vector<ForestTrouble> ignored;  // the fit of all rows tells
    fit_learnt(alone, learn, recipe, families, ignored);
    families.predict(judge, figures);  // no two folds have a row in common
  });
  return figures;
}

std::vector<Calibration> calibrations_of(std::span<const TaskSpec> tasks,
                                         std::span<const double> labels,
                                         std::span<const double> figures) {
  CHECK(labels.size() == figures.size());
  std::vector<Calibration> calibrations(tasks.size());
  for (std::size_t k = 0; k < tasks.size(); ++k) {
    if (tasks[k].kind != TaskKind::probability) continue;
    std::vector<double> y, p;
    for (std::size_t i = k; i < figures.size(); i += tasks.size()) {
      y.push_back(labels[i]);
      p.push_back(figures[i]);
    }
    calibrations[k] = fit_calibration(y, p);
  }
  return calibrations;
}

void calibrate(std::span<const TaskSpec> tasks, std::span<const Calibration> calibrations,
               std::span<double> figures) {
  CHECK(calibrations.size() == tasks.size());
  for (std::size_t i = 0; i < figures.size(); ++i) {
    const std::size_t k = i % tasks.size();
    if (tasks[k].kind == TaskKind::probability) figures[i] = calibrations[k].apply(figures[i]);
  }
  for (std::size_t k = 0; k < tasks.size(); ++k) {
    for (std::size_t j = 0; j < tasks.size(); ++j) {
      if (tasks[k].not_below.empty() || tasks[j].name != tasks[k].not_below) continue;
      for (std::size_t row = 0; row + k < figures.size(); row += tasks.size()) {
        // NaN stays NaN on either side.
        if (figures[row + k] < figures[row + j]) figures[row + k] = figures[row + j];
      }
    }
  }
}

}  // namespace tideline
