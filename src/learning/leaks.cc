#include "learning/leaks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "learning/metrics.h"

namespace tideline {
namespace {

constexpr double kTellingAuc = 0.99;
constexpr double kTellingR2 = 0.97;
constexpr std::size_t kRowsLooked = 20'000;
constexpr std::size_t kRowsMin = 200;
constexpr std::size_t kOfEachClassMin = 50;
constexpr std::size_t kBins = 64;
constexpr std::size_t kNamesTold = 10;

// The rows of one task that are looked at.
struct Looked {
  std::vector<std::size_t> rows;
  std::vector<double> labels;
};

Looked rows_of(const Dataset& data, std::size_t task) {
  Looked looked;
  const std::size_t step = std::max<std::size_t>(1, data.all.rows / kRowsLooked);
  for (std::size_t r = 0; r < data.all.rows; r += step) {
    const double label = data.all.label(r, task);
    if (std::isnan(label)) continue;
    looked.rows.push_back(r);
    looked.labels.push_back(label);
  }
  return looked;
}

bool is_enough(const Looked& looked, TaskKind kind) {
  if (looked.rows.size() < kRowsMin) return false;
  if (kind == TaskKind::number) return true;
  const auto ones = std::size_t(std::count(looked.labels.begin(), looked.labels.end(), 1.0));
  return std::min(ones, looked.rows.size() - ones) >= kOfEachClassMin;
}

double away_from_half(std::optional<double> auc) {
  return std::abs(auc.value_or(0.5) - 0.5) + 0.5;
}

// How well it orders the labels by its values, or by being there at all.
double auc_alone(const std::vector<double>& values, const std::vector<double>& labels) {
  std::vector<double> known, of_known, there;
  for (std::size_t i = 0; i < values.size(); ++i) {
    there.push_back(std::isnan(values[i]) ? 0.0 : 1.0);
    if (std::isnan(values[i])) continue;
    known.push_back(values[i]);
    of_known.push_back(labels[i]);
  }
  const double by_being_there = away_from_half(roc_auc(labels, there));
  // Of a feature that few have, the others are known as little as before.
  if (known.size() < labels.size() / 2) return by_being_there;
  return std::max(by_being_there, away_from_half(roc_auc(of_known, known)));
}

// R2 on the second half of what the means of its bins in the first half say.
double r2_alone(const std::vector<double>& values, const std::vector<double>& labels,
                const std::vector<bool>& is_first) {
  std::vector<double> edges;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (is_first[i] && !std::isnan(values[i])) edges.push_back(values[i]);
  }
  std::sort(edges.begin(), edges.end());
  std::vector<double> cuts;
  for (std::size_t b = 1; b < kBins && !edges.empty(); ++b)
    cuts.push_back(edges[b * edges.size() / kBins]);
  const auto bin_of = [&](double x) {
    if (std::isnan(x)) return kBins;
    return std::size_t(std::upper_bound(cuts.begin(), cuts.end(), x) - cuts.begin());
  };
  std::array<double, kBins + 1> sums{}, counts{};
  double all = 0, n = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!is_first[i]) continue;
    sums[bin_of(values[i])] += labels[i];
    counts[bin_of(values[i])] += 1;
    all += labels[i];
    n += 1;
  }
  std::vector<double> judged, said;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (is_first[i]) continue;
    const std::size_t b = bin_of(values[i]);
    judged.push_back(labels[i]);
    said.push_back(counts[b] > 0 ? sums[b] / counts[b] : all / std::max(1.0, n));
  }
  const auto metrics = number_metrics(judged, said);
  return metrics ? metrics->r2 : 0;
}

}  // namespace

Status refuse_leaks(const Dataset& data, std::span<const std::string> names) {
  std::vector<std::string> found;
  for (std::size_t k = 0; k < data.tasks.size(); ++k) {
    const TaskSpec& task = data.tasks[k];
    const Looked looked = rows_of(data, k);
    if (!is_enough(looked, task.kind)) continue;
    std::vector<bool> is_first;
    for (const std::size_t r : looked.rows) is_first.push_back((data.groups[r] >> 9) % 2 == 0);
    for (std::size_t f = 0; f < data.all.width; ++f) {
      std::vector<double> values;
      for (const std::size_t r : looked.rows)
        values.push_back(data.all.features[r * data.all.width + f]);
      const bool number = task.kind == TaskKind::number;
      const double alone =
          number ? r2_alone(values, looked.labels, is_first) : auc_alone(values, looked.labels);
      if (alone < (number ? kTellingR2 : kTellingAuc)) continue;
      found.push_back(fmt::format("{} tells {} ({} {:.3f})", names[f], task.name,
                                  number ? "R2" : "AUC", alone));
    }
  }
  if (found.empty()) return {};
  const std::size_t more = found.size() - std::min(found.size(), kNamesTold);
  found.resize(found.size() - more);
  return fail(ErrorCode::refused,
              fmt::format("nothing is learnt from features that are made of what they are to "
                          "foresee: {}{}; leave them out",
                          fmt::join(found, ", "),
                          more > 0 ? fmt::format(" and {} more", more) : std::string()),
              "target_derived");
}

}  // namespace tideline
