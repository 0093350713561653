#include "learning/baselines.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "learning/metrics.h"
#include "scoring/heads.h"

namespace tideline {
namespace {

constexpr std::size_t kSteps = 20;
constexpr std::size_t kLeastRowsOfStep = 20;
constexpr double kShrinkRows = 4;  // rows at the base rate added to every step
constexpr double kLeastSlope = 0.1;

struct Step {
  double edge = 0;  // last days in it
  double weight = 0;
  double p = 0;
};

// Pools neighbours that are out of order, as isotonic regression does (Ayer et al. 1955).
std::vector<Step> pooled(const std::vector<Step>& steps, bool upwards) {
  std::vector<Step> out;
  for (Step step : steps) {
    while (!out.empty() && (upwards ? out.back().p >= step.p : out.back().p <= step.p)) {
      const Step& last = out.back();
      const double weight = last.weight + step.weight;
      step.p = (last.p * last.weight + step.p * step.weight) / weight;
      step.weight = weight;
      out.pop_back();
    }
    out.push_back(step);
  }
  return out;
}

RecencyRule::Task fit_steps(std::vector<std::pair<double, double>> rows) {
  std::sort(rows.begin(), rows.end());
  std::vector<double> days, labels;
  for (const auto& [d, y] : rows) {
    days.push_back(d);
    labels.push_back(y);
  }
  double base = 0;
  for (const double y : labels) base += y / double(labels.size());
  const bool upwards = roc_auc(labels, days).value_or(0.5) >= 0.5;
  const std::size_t count = std::clamp<std::size_t>(rows.size() / kLeastRowsOfStep, 1, kSteps);
  std::vector<Step> steps;
  for (std::size_t begin = 0, s = 1; begin < rows.size() && s <= count; ++s) {
    std::size_t end = rows.size() * s / count;
    if (end <= begin) continue;
    while (end < rows.size() && days[end] == days[end - 1]) ++end;
    Step step{days[end - 1], double(end - begin) + kShrinkRows, kShrinkRows * base};
    for (std::size_t i = begin; i < end; ++i) step.p += labels[i];
    step.p /= step.weight;
    steps.push_back(step);
    begin = end;
  }
  RecencyRule::Task task;
  for (const Step& step : pooled(steps, upwards)) {
    task.edges.push_back(step.edge);
    task.probabilities.push_back(step.p);
  }
  task.edges.pop_back();  // the last step has no end
  return task;
}

}  // namespace

RecencyRule fit_recency(const TrainingRows& rows, std::span<const TaskSpec> tasks) {
  CHECK(tasks.size() == rows.tasks && rows.days_since_qualifying.size() == rows.rows);
  RecencyRule rule;
  for (std::size_t k = 0; k < tasks.size(); ++k) {
    std::vector<std::pair<double, double>> known;
    for (std::size_t r = 0; r < rows.rows; ++r) {
      const double days = rows.days_since_qualifying[r];
      if (!std::isnan(rows.label(r, k)) && !std::isnan(days))
        known.emplace_back(days, rows.label(r, k));
    }
    const bool fits = tasks[k].kind == TaskKind::probability && !known.empty();
    rule.tasks.push_back(fits ? fit_steps(std::move(known)) : RecencyRule::Task{});
  }
  return rule;
}

ConstantRule fit_constant(const TrainingRows& rows) {
  ConstantRule rule;
  for (std::size_t k = 0; k < rows.tasks; ++k) {
    double sum = 0;
    double n = 0;
    for (std::size_t r = 0; r < rows.rows; ++r) {
      if (std::isnan(rows.label(r, k))) continue;
      sum += rows.label(r, k);
      ++n;
    }
    rule.figures.push_back(n > 0 ? sum / n : std::numeric_limits<double>::quiet_NaN());
  }
  return rule;
}

Calibration fit_calibration(std::span<const double> labels, std::span<const double> p) {
  CHECK(labels.size() == p.size());
  // Newton's method on slope and offset, with one row's weight of prior on slope 1 and offset 0.
  Calibration c;
  for (int step = 0; step < 50; ++step) {
    double g_slope = c.slope - 1, g_offset = c.offset;
    double h_ss = 1, h_so = 0, h_oo = 1;
    for (std::size_t i = 0; i < p.size(); ++i) {
      if (std::isnan(p[i]) || std::isnan(labels[i])) continue;
      const double z = logit(p[i]);
      const double q = sigmoid(c.slope * z + c.offset);
      const double v = q * (1 - q);
      g_slope += (q - labels[i]) * z;
      g_offset += q - labels[i];
      h_ss += v * z * z;
      h_so += v * z;
      h_oo += v;
    }
    const double determinant = h_ss * h_oo - h_so * h_so;
    const double d_slope = (h_oo * g_slope - h_so * g_offset) / determinant;
    const double d_offset = (h_ss * g_offset - h_so * g_slope) / determinant;
    const double length =
        std::min(1.0, 1.0 / (1e-12 + std::max(std::abs(d_slope), std::abs(d_offset))));
    c.slope -= length * d_slope;
    c.offset -= length * d_offset;
    if (std::max(std::abs(d_slope), std::abs(d_offset)) < 1e-9) break;
  }
  if (!std::isfinite(c.slope) || !std::isfinite(c.offset)) return Calibration{};
  c.slope = std::max(c.slope, kLeastSlope);
  return c;
}

}  // namespace tideline
