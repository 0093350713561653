#include "learning/families.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "learning/baselines.h"
#include "learning/logistic_training.h"

namespace tideline {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// From this many rows on batches are larger and fewer epochs are needed.
constexpr std::size_t kManyRows = 6'000;

std::vector<NetworkOptions> candidates(std::size_t rows, std::uint64_t seed) {
  NetworkOptions wide;
  wide.seed = seed;
  wide.batch = 64;
  if (rows >= kManyRows) {
    wide.batch = 128;
    wide.epochs_max = wide.schedule_epochs = 45;
    wide.patience = 5;
  }
  NetworkOptions held = wide;  // the same size, held tighter
  held.weight_decay = 0.3;
  held.dropout = 0.3;
  NetworkOptions narrow = wide;
  narrow.hidden = {16, 8};
  narrow.weight_decay = 0.1;
  narrow.dropout = 0.2;
  return {wide, held, narrow};
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
bool is_held_back(std::uint64_t group, std::uint64_t seed) {
  const std::string_view bytes(reinterpret_cast<const char*>(&group), sizeof(group));
  return xxh64(bytes, seed ^ 0x5DEECE66DULL) % kFolds == 0;
}

}  // namespace

NetworkChoice choose_network(const TrainingRows& learn, const TrainingRows& judge,
                             const std::vector<Head>& heads, std::uint64_t seed, Network* fitted) {
  NetworkChoice best;
  best.options.epochs_max = 0;  // none yet
  for (NetworkOptions options : candidates(learn.rows, seed)) {
    NetworkFit fit = fit_network(learn, judge, heads, options);
    const bool first = best.options.epochs_max == 0;
    if (!first && !(fit.validation_loss < best.validation_loss)) continue;
    options.epochs_max = std::max<std::size_t>(1, fit.epochs);
    best = NetworkChoice{options, fit.validation_loss};
    if (fitted != nullptr) *fitted = std::move(fit.network);
  }
  return best;
}

NetworkChoice choose_network(const TrainingRows& rows, std::span<const std::uint64_t> groups,
                             const std::vector<Head>& heads, std::uint64_t seed) {
  const auto held_back = [&](std::size_t r) { return is_held_back(groups[r], seed); };
  const TrainingRows learn = filtered(rows, [&](std::size_t r) { return !held_back(r); });
  const TrainingRows judge = filtered(rows, held_back);
  return choose_network(learn, judge, heads, seed);
}

Network fit_chosen(const TrainingRows& rows, const std::vector<Head>& heads,
                   const NetworkChoice& choice) {
  return fit_network(rows, TrainingRows{0, rows.width, rows.tasks, {}, {}, {}}, heads,
                     choice.options)
      .network;
}

Figures::Figures(std::size_t count)
    : network(count, kMissing),
      logistic(count, kMissing),
      recency(count, kMissing),
      constant(count, kMissing) {}

void Families::predict(const Subset& judged, Figures& figures) const {
  const std::size_t tasks = judged.rows.tasks;
  std::vector<double> block(judged.rows.rows * tasks);
  const auto fill = [&](const Scorer& scorer, std::vector<double>& into) {
    if (scorer.task_count() == 0) return;
    scorer.score(judged.rows.block(), block);
    for (std::size_t i = 0; i < block.size(); ++i) {
      if (std::isnan(judged.rows.labels[i])) continue;
      into[judged.from[i / tasks] * tasks + i % tasks] = block[i];
    }
  };
  fill(network, figures.network);
  fill(logistic, figures.logistic);
  fill(recency, figures.recency);
  fill(constant, figures.constant);
}

std::vector<double> cross_fitted(const TrainingRows& rows, std::span<const std::uint64_t> groups,
                                 const std::vector<Head>& heads, const NetworkChoice& choice) {
  CHECK(groups.size() == rows.rows);
  std::vector<double> figures(rows.rows * rows.tasks, kMissing);
  for (std::uint64_t fold = 0; fold < kFolds; ++fold) {
    const auto in_fold = [&](std::size_t r) { return groups[r] % kFolds == fold; };
    const TrainingRows learn = filtered(rows, [&](std::size_t r) { return !in_fold(r); });
    const TrainingRows judge = filtered(rows, in_fold);
    if (learn.rows == 0 || judge.rows == 0) continue;
    const Network network = fit_chosen(learn, heads, choice);
    std::vector<double> block(judge.rows * judge.tasks);
    network.score(judge.block(), block);
    std::size_t next = 0;
    for (std::size_t r = 0; r < rows.rows; ++r) {
      if (!in_fold(r)) continue;
      std::copy_n(block.begin() + std::ptrdiff_t(next), rows.tasks,
                  figures.begin() + std::ptrdiff_t(r * rows.tasks));
      next += rows.tasks;
    }
  }
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
