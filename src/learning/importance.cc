#include "learning/importance.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/rng.h"

namespace tideline {
namespace {

constexpr std::size_t kRowsLooked = 1'000;
constexpr std::array kLooked{Champion::network, Champion::xgboost, Champion::logistic};

double loss_of(TaskKind kind, double label, double figure) {
  if (kind == TaskKind::number) return (figure - label) * (figure - label);
  const double p = std::clamp(figure, 1e-7, 1 - 1e-7);
  return -(label * std::log(p) + (1 - label) * std::log1p(-p));
}

// Every so many rows, so that about kRowsLooked remain.
TrainingRows some_of(const TrainingRows& rows) {
  const std::size_t step = (rows.rows + kRowsLooked - 1) / kRowsLooked;
  TrainingRows out{0, rows.width, rows.tasks, {}, {}, {}};
  for (std::size_t r = 0; r < rows.rows; r += std::max<std::size_t>(1, step)) {
    const auto features = rows.block().row(r);
    out.features.insert(out.features.end(), features.begin(), features.end());
    for (std::size_t k = 0; k < rows.tasks; ++k) out.labels.push_back(rows.label(r, k));
    out.days_since_qualifying.push_back(rows.days_since_qualifying[r]);
    ++out.rows;
  }
  return out;
}

}  // namespace

ImportanceTally::ImportanceTally(const Dataset& data, std::uint64_t seed)
    : data_(data), seed_(seed) {
  for (auto& rises : rises_) rises.assign(data.all.width * data.all.tasks, 0.0);
  for (auto& rows : rows_) rows.assign(data.all.tasks, 0.0);
}

void ImportanceTally::add(const Families& families, const Subset& judged) {
  TrainingRows rows = some_of(judged.rows);
  const std::size_t tasks = rows.tasks;
  Rng rng = Rng::stream(seed_, "importance", runs_++);
  std::vector<double> plain[kLooked.size()];
  std::vector<double> figures(rows.rows * tasks);
  for (std::size_t c = 0; c < kLooked.size(); ++c) {
    const Scorer* scorer = families.scorer_of(kLooked[c]);
    if (scorer == nullptr) continue;
    plain[c].resize(figures.size());
    scorer->score(rows.block(), plain[c]);
    for (std::size_t i = 0; i < figures.size(); ++i) {
      rows_[c][i % tasks] += !std::isnan(rows.labels[i]) && !std::isnan(plain[c][i]);
    }
  }
  std::vector<double> kept(rows.rows);
  for (std::size_t f = 0; f < rows.width; ++f) {
    const auto value = [&](std::size_t r) -> double& { return rows.features[r * rows.width + f]; };
    for (std::size_t r = 0; r < rows.rows; ++r) kept[r] = value(r);
    for (std::size_t r = rows.rows; r > 1; --r) std::swap(value(r - 1), value(rng.below(r)));
    for (std::size_t c = 0; c < kLooked.size(); ++c) {
      if (plain[c].empty()) continue;
      families.scorer_of(kLooked[c])->score(rows.block(), figures);
      for (std::size_t i = 0; i < figures.size(); ++i) {
        const double label = rows.labels[i];
        if (std::isnan(label) || std::isnan(plain[c][i])) continue;
        const TaskKind kind = data_.tasks[i % tasks].kind;
        rises_[c][f * tasks + i % tasks] +=
            loss_of(kind, label, figures[i]) - loss_of(kind, label, plain[c][i]);
      }
    }
    for (std::size_t r = 0; r < rows.rows; ++r) value(r) = kept[r];
  }
}

std::vector<Importance> ImportanceTally::of(std::size_t task, Champion champion,
                                            std::span<const std::string> feature_names) const {
  std::vector<Importance> out;
  for (std::size_t c = 0; c < kLooked.size(); ++c) {
    if (kLooked[c] != champion || rows_[c][task] <= 0) continue;
    for (std::size_t f = 0; f < feature_names.size(); ++f) {
      out.push_back({feature_names[f], rises_[c][f * data_.all.tasks + task] / rows_[c][task]});
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const Importance& a, const Importance& b) {
    return a.loss_rise > b.loss_rise;
  });
  return out;
}

}  // namespace tideline
