#include "learning/champion.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include <fmt/format.h>

#include "base/check.h"
#include "base/rng.h"

namespace tideline {
namespace {

constexpr double kNoise = 2.0;  // standard errors
constexpr double kSuspiciousAuc = 0.97;
constexpr double kSuspiciousFeature = 0.95;
constexpr std::size_t kLeastRowsForFeature = 50;

bool is_predicted(const std::vector<double>& figures) {
  return !figures.empty() &&
         std::none_of(figures.begin(), figures.end(), [](double x) { return std::isnan(x); });
}

double row_loss(TaskKind kind, double label, double figure) {
  if (kind == TaskKind::number) return (figure - label) * (figure - label);
  const double p = std::clamp(figure, 1e-7, 1 - 1e-7);
  return -(label * std::log(p) + (1 - label) * std::log1p(-p));
}

// a is worse than b by more than noise.
bool is_clearly_worse(const Judged& judged, const std::vector<double>& a,
                      const std::vector<double>& b) {
  double sum = 0;
  double squares = 0;
  const double n = double(judged.labels.size());
  for (std::size_t i = 0; i < judged.labels.size(); ++i) {
    const double d = row_loss(judged.kind, judged.labels[i], a[i]) -
                     row_loss(judged.kind, judged.labels[i], b[i]);
    sum += d;
    squares += d * d;
  }
  const double mean = sum / n;
  const double error = std::sqrt(std::max(0.0, squares / n - mean * mean) / n);
  return mean > kNoise * error && mean > 0;
}

const ModelScore* find(std::span<const ModelScore> scores, std::string_view name) {
  const auto found = std::find_if(scores.begin(), scores.end(),
                                  [&](const ModelScore& s) { return s.name == name; });
  return found == scores.end() ? nullptr : &*found;
}

bool beats_baselines(TaskKind kind, const ModelScore* model, const ModelScore* recency) {
  if (model == nullptr) return false;
  if (kind == TaskKind::number) return model->number && model->number->r2 > 0;
  if (!model->probability || model->probability->brier_skill <= 0) return false;
  return recency == nullptr || !recency->probability ||
         model->probability->roc_auc > recency->probability->roc_auc;
}

}  // namespace

std::vector<ModelScore> Judged::scores(std::uint64_t seed) const {
  std::vector<ModelScore> out;
  const bool probability = kind == TaskKind::probability;
  const Resamples resamples(groups, seed);
  const auto add = [&](std::string_view name, const std::vector<double>& figures,
                       const std::vector<double>& order) {
    if (!is_predicted(figures)) return;
    ModelScore score;
    score.name = name;
    if (probability) {
      score.probability = probability_metrics(labels, figures, order);
      if (!score.probability) return;
      score.probability_intervals = probability_intervals(labels, figures, order, resamples);
    } else {
      score.number = number_metrics(labels, figures);
      if (!score.number) return;
      score.number_intervals = number_intervals(labels, figures, resamples);
    }
    out.push_back(std::move(score));
  };
  for (std::size_t c = 0; c < kRivals; ++c) {
    const auto champion = Champion(c);
    const std::vector<double>& own = of(champion);
    if (champion == Champion::base_rate) {
      if (!probability) add("past", past, past);
      // A constant orders nothing: its areas are those of one tie, also where folds' rates differ.
      add(name_of(champion, kind), own, std::vector<double>(own.size(), 0.0));
    } else if (champion == Champion::recency) {
      if (probability) add(name_of(champion, kind), own, recency_scores);
    } else {
      add(name_of(champion, kind), own, own);
    }
  }
  return out;
}

Champion choose_champion(const Judged& judged, std::span<const ModelScore> scores,
                         bool trees_first) {
  const ModelScore* recency = find(scores, "recency");
  const auto score_of = [&](Champion champion) {
    return find(scores, name_of(champion, judged.kind));
  };
  const auto wins = [&](Champion champion) {
    return beats_baselines(judged.kind, score_of(champion), recency);
  };
  const auto loss_of = [&](Champion champion) {
    const ModelScore* score = score_of(champion);
    return score->number ? score->number->rmse : score->probability->log_loss;
  };
  if (trees_first && wins(Champion::xgboost)) return Champion::xgboost;
  std::optional<Champion> rival;
  for (const Champion champion : {Champion::xgboost, Champion::logistic}) {
    if (wins(champion) && (!rival || loss_of(champion) < loss_of(*rival))) rival = champion;
  }
  if (wins(Champion::network)) {
    const bool worse =
        rival && is_clearly_worse(judged, judged.of(Champion::network), judged.of(*rival));
    return worse ? *rival : Champion::network;
  }
  if (rival) return *rival;
  const auto helps = [&](Champion champion) {
    const ModelScore* score = score_of(champion);
    return score != nullptr && score->probability && score->probability->roc_auc > 0.5 &&
           score->probability->brier_skill > 0;
  };
  const bool purchases = helps(Champion::mbg_nbd);
  if (helps(Champion::recency)) {
    const bool better = purchases && loss_of(Champion::mbg_nbd) < loss_of(Champion::recency);
    return better ? Champion::mbg_nbd : Champion::recency;
  }
  return purchases ? Champion::mbg_nbd : Champion::base_rate;
}

const std::vector<double>& figures_of(const Judged& judged, Champion champion) {
  return judged.of(champion == Champion::none ? Champion::base_rate : champion);
}

std::vector<Warning> leakage_warnings(const Dataset& data, std::size_t task,
                                      std::span<const std::string> feature_names,
                                      std::span<const ModelScore> scores) {
  std::vector<Warning> warnings;
  if (data.tasks[task].kind != TaskKind::probability) return warnings;
  for (const ModelScore& score : scores) {
    if (!score.probability || score.probability->roc_auc <= kSuspiciousAuc) continue;
    warnings.push_back(
        {"leakage", fmt::format("{} has an AUC of {:.3f}: above {:.2f} a feature likely "
                                "knows what happened afterwards",
                                score.name, score.probability->roc_auc, kSuspiciousAuc)});
    break;
  }
  for (std::size_t f = 0; f < data.all.width; ++f) {
    std::vector<double> labels, values, presence, known;
    for (std::size_t r = 0; r < data.all.rows; ++r) {
      const double label = data.all.label(r, task);
      if (std::isnan(label)) continue;
      const double value = data.all.features[r * data.all.width + f];
      known.push_back(label);
      presence.push_back(std::isnan(value) ? 0.0 : 1.0);
      if (std::isnan(value)) continue;
      labels.push_back(label);
      values.push_back(value);
    }
    double alone = std::abs(roc_auc(known, presence).value_or(0.5) - 0.5);
    if (labels.size() >= std::max(kLeastRowsForFeature, known.size() / 2)) {
      alone = std::max(alone, std::abs(roc_auc(labels, values).value_or(0.5) - 0.5));
    }
    if (alone + 0.5 <= kSuspiciousFeature) continue;
    warnings.push_back(
        {"leakage", fmt::format("{} alone has an AUC of {:.3f}: above {:.2f} it likely knows "
                                "what happened afterwards",
                                feature_names[f], alone + 0.5, kSuspiciousFeature)});
  }
  return warnings;
}

namespace {

constexpr int kProjections = 4;
constexpr std::size_t kNeighbours = 12;
constexpr double kSuspiciousShare = 0.01;  // of the rows
constexpr std::size_t kSuspiciousRows = 10;
constexpr std::size_t kRowsLooked = 50'000;
constexpr std::size_t kPairsDrawn = 5'000;
constexpr double kTimesChance = 3;  // so many more than would be there by chance

// Rows in which little happened look alike without being copies: most of their features are 0 or
// missing.
bool is_distinctive(std::span<const double> features, std::size_t fillable) {
  const auto filled = std::count_if(features.begin(), features.end(),
                                    [](double x) { return !std::isnan(x) && x != 0; });
  return std::size_t(filled) * 3 >= fillable;
}

bool same_row(const float* a, const float* b, std::size_t width, float within) {
  for (std::size_t i = 0; i < width; ++i) {
    if (std::abs(a[i] - b[i]) > within) return false;
  }
  return true;
}

// Share of the rows that would have a twin if the inputs were independent: where few values are
// possible, rows coincide without being copies.
double share_by_chance(const std::vector<float>& encoded, std::size_t rows, std::size_t width,
                       float within) {
  Rng rng = Rng::stream(7, "near duplicates by chance");
  std::vector<std::size_t> same(width);
  for (std::size_t pair = 0; pair < kPairsDrawn; ++pair) {
    const float* a = &encoded[rng.below(rows) * width];
    const float* b = &encoded[rng.below(rows) * width];
    for (std::size_t i = 0; i < width; ++i) same[i] += std::abs(a[i] - b[i]) <= within;
  }
  double twins = double(rows);
  for (const std::size_t n : same) twins *= double(n) / double(kPairsDrawn);
  return 1 - std::exp(-twins);
}

}  // namespace

std::vector<Warning> near_duplicate_warnings(const Dataset& data) {
  const FeatureEncoding encoding = fit_encoding(data.all);
  const std::size_t width = encoding.inputs.size();
  const std::size_t rows = std::min(data.all.rows, kRowsLooked);
  if (width == 0 || rows < 2) return {};
  const std::vector<float> encoded = encode_all(encoding, data.all);
  std::vector<bool> distinctive(rows);
  const std::size_t fillable = data.fillable.value_or(data.all.width);
  for (std::size_t r = 0; r < rows; ++r)
    distinctive[r] = is_distinctive(data.all.block().row(r), fillable);
  std::vector<bool> repeated(rows, false);
  // Copies lie next to each other on every line; other rows on few.
  for (int line = 0; line < kProjections; ++line) {
    Rng rng = Rng::stream(7, "near duplicates", std::uint64_t(line));
    std::vector<double> direction(width);
    for (double& d : direction) d = rng.normal();
    std::vector<double> place(rows);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t i = 0; i < width; ++i)
        place[r] += direction[i] * double(encoded[r * width + i]);
    }
    std::vector<std::size_t> order(rows);
    std::iota(order.begin(), order.end(), std::size_t(0));
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return place[a] < place[b]; });
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = i + 1; j < std::min(rows, i + 1 + kNeighbours); ++j) {
        const std::size_t a = order[i];
        const std::size_t b = order[j];
        if (data.folds[a] == data.folds[b] || data.groups[a] == data.groups[b]) continue;
        if (!distinctive[a] ||
            !same_row(&encoded[a * width], &encoded[b * width], width, data.copies_within))
          continue;
        repeated[a] = repeated[b] = true;
      }
    }
  }
  const auto found = std::size_t(std::count(repeated.begin(), repeated.end(), true));
  const double by_chance = share_by_chance(encoded, rows, width, data.copies_within);
  const double suspicious = std::max(kSuspiciousShare, kTimesChance * by_chance);
  if (found < kSuspiciousRows || double(found) < suspicious * double(rows)) return {};
  return {{"near_duplicates",
           fmt::format("{} of {} rows are nearly the same as a row of another customer in "
                       "another fold, so the metrics may flatter",
                       found, rows)}};
}

}  // namespace tideline
