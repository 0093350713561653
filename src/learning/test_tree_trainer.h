// PlainTreeTrainer: the twin of TreeTrainer for tests: exact greedy splits in plain loops. Slow,
// and enough for a few thousand rows.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/rng.h"
#include "learning/tree_training.h"

namespace tideline {

class PlainTreeTrainer final : public TreeTrainer {
 public:
  [[nodiscard]] Result<TreeFit> fit(const TrainingRows& train, const TrainingRows& validation,
                                    std::size_t task, const TreeOptions& options) const override {
    if (options.depth_max < 1 || options.depth_max > 16 || !(options.learning_rate > 0)) {
      return fail(ErrorCode::invalid, "an option is out of range");
    }
    TRY_ASSIGN(Rows learned, labelled(train, task, options.objective));
    TRY_ASSIGN(Rows judged, labelled(validation, task, options.objective));
    if (learned.labels.empty()) return fail(ErrorCode::invalid, "no row with a label");
    TreeFit fit;
    fit.trees.objective = options.objective;
    fit.trees.base_score = base_score(learned, options);
    learned.margins.assign(learned.labels.size(), fit.trees.base_margin());
    judged.margins.assign(judged.labels.size(), fit.trees.base_margin());
    double best = loss(judged, options.objective);
    std::size_t kept = 0;
    Rng rng(options.seed);
    for (std::size_t round = 1; round <= options.rounds_max; ++round) {
      fit.trees.trees.push_back(grow(learned, options, rng));
      add(fit.trees.trees.back(), learned);
      add(fit.trees.trees.back(), judged);
      const double now = loss(judged, options.objective);
      if (now < best || judged.labels.empty()) {
        best = now;
        kept = round;
      }
      if (options.patience > 0 && round - kept >= options.patience) break;
    }
    fit.trees.trees.resize(kept);
    fit.validation_loss = best;
    return fit;
  }

 private:
  struct Rows {
    std::size_t width = 0;
    std::vector<float> features, labels, margins;
    [[nodiscard]] float at(std::size_t row, std::size_t feature) const {
      return features[row * width + feature];
    }
  };
  struct Gradient {
    double first = 0, second = 0;
    Gradient& operator+=(const Gradient& other) {
      first += other.first;
      second += other.second;
      return *this;
    }
  };
  struct Split {
    double gain = 0;
    std::int32_t feature = -1;
    float value = 0;
    bool missing_left = false;
  };

  static Result<Rows> labelled(const TrainingRows& from, std::size_t task,
                               TreeObjective objective) {
    Rows rows;
    rows.width = from.width;
    for (std::size_t r = 0; r < from.rows; ++r) {
      const double label = from.label(r, task);
      if (std::isnan(label)) continue;
      const bool below = objective != TreeObjective::squared_error && label < 0;
      const bool above = objective == TreeObjective::logistic && label > 1;
      if (below || above || (objective == TreeObjective::gamma && label == 0)) {
        return fail(ErrorCode::invalid, "a label is out of range");
      }
      rows.labels.push_back(float(label));
      for (const double x : from.block().row(r)) rows.features.push_back(float(x));
    }
    return rows;
  }
  static float base_score(const Rows& rows, const TreeOptions& options) {
    if (options.base_score) return float(*options.base_score);
    double mean = 0;
    for (const float label : rows.labels) mean += double(label) / double(rows.labels.size());
    if (options.objective == TreeObjective::squared_error) return float(mean);
    mean = std::max(mean, 1e-4);
    return float(options.objective == TreeObjective::logistic ? std::min(mean, 1 - 1e-4) : mean);
  }
  static Gradient gradient(TreeObjective objective, double margin, double label) {
    switch (objective) {
      case TreeObjective::logistic: {
        const double p = 1 / (1 + std::exp(-margin));
        return {p - label, std::max(p * (1 - p), 1e-16)};
      }
      case TreeObjective::squared_error: return {margin - label, 1};
      case TreeObjective::poisson: return {std::exp(margin) - label, std::exp(margin + 0.7)};
      case TreeObjective::gamma: return {1 - label * std::exp(-margin), label * std::exp(-margin)};
      case TreeObjective::tweedie: {
        const double up = std::exp(margin / 2);
        return {up - label / up, up / 2 + label / up / 2};
      }
    }
    return {};
  }
  static double loss(const Rows& rows, TreeObjective objective) {
    double sum = 0;
    for (std::size_t r = 0; r < rows.labels.size(); ++r) {
      const double m = double(rows.margins[r]);
      const double y = double(rows.labels[r]);
      switch (objective) {
        case TreeObjective::logistic: sum += std::log1p(std::exp(m)) - y * m; break;
        case TreeObjective::squared_error: sum += (m - y) * (m - y); break;
        case TreeObjective::poisson: sum += std::exp(m) - y * m; break;
        case TreeObjective::gamma: sum += y * std::exp(-m) + m; break;
        case TreeObjective::tweedie: sum += 2 * y * std::exp(-m / 2) + 2 * std::exp(m / 2); break;
      }
    }
    return rows.labels.empty() ? std::numeric_limits<double>::quiet_NaN()
                               : sum / double(rows.labels.size());
  }

  static bool goes_left(const TreeNode& node, float value) {
    return std::isnan(value) ? node.missing_left : value < node.value;
  }
  static void add(const Tree& tree, Rows& rows) {
    for (std::size_t r = 0; r < rows.labels.size(); ++r) {
      std::size_t at = 0;
      while (!tree[at].is_leaf()) {
        const bool left = goes_left(tree[at], rows.at(r, std::size_t(tree[at].feature)));
        at = std::size_t(tree[at].first_child) + (left ? 0 : 1);
      }
      rows.margins[r] += tree[at].value;
    }
  }

  static double gain_of(const Gradient& g, double penalty) {
    return g.first * g.first / (g.second + penalty);
  }
  // Tries every border between two values of a feature, missing ones on either side.
  static void try_feature(const Rows& rows, const std::vector<Gradient>& gradients,
                          std::vector<std::size_t>& members, std::size_t feature,
                          const Gradient& total, const TreeOptions& options, Split& best) {
    const auto present = std::partition(members.begin(), members.end(), [&](std::size_t r) {
      return !std::isnan(rows.at(r, feature));
    });
    std::sort(members.begin(), present, [&](std::size_t a, std::size_t b) {
      return std::pair(rows.at(a, feature), a) < std::pair(rows.at(b, feature), b);
    });
    Gradient missing;
    for (auto m = present; m != members.end(); ++m) missing += gradients[*m];
    Gradient below;
    for (auto m = members.begin(); m + 1 < present; ++m) {
      below += gradients[*m];
      const float value = rows.at(*(m + 1), feature);
      if (rows.at(*m, feature) == value) continue;
      for (const bool missing_left : {false, true}) {
        Gradient left = below;
        if (missing_left) left += missing;
        const Gradient right{total.first - left.first, total.second - left.second};
        if (left.second < options.cover_min || right.second < options.cover_min) continue;
        const double gain = gain_of(left, options.penalty) + gain_of(right, options.penalty) -
                            gain_of(total, options.penalty);
        if (gain > best.gain + 1e-9) best = {gain, std::int32_t(feature), value, missing_left};
      }
    }
  }

  static Tree grow(const Rows& rows, const TreeOptions& options, Rng& rng) {
    std::vector<Gradient> gradients;
    std::vector<std::vector<std::size_t>> members(1);
    for (std::size_t r = 0; r < rows.labels.size(); ++r) {
      gradients.push_back(gradient(options.objective, rows.margins[r], rows.labels[r]));
      if (rng.chance(options.row_share)) members[0].push_back(r);
    }
    std::vector<bool> used(rows.width);
    for (std::size_t f = 0; f < rows.width; ++f) used[f] = rng.chance(options.feature_share);
    Tree tree(1);
    std::vector<int> depth{0};
    for (std::size_t i = 0; i < tree.size(); ++i) {
      Gradient total;
      for (const std::size_t r : members[i]) total += gradients[r];
      tree[i].cover = float(total.second);
      Split best;
      best.gain = options.gain_min;
      for (std::size_t f = 0; f < rows.width && depth[i] < options.depth_max; ++f) {
        if (used[f]) try_feature(rows, gradients, members[i], f, total, options, best);
      }
      if (best.feature < 0) {
        tree[i].value =
            float(-options.learning_rate * total.first / (total.second + options.penalty));
        continue;
      }
      tree[i] = {std::int32_t(tree.size()), best.feature,    best.missing_left, best.value,
                 float(total.second),       float(best.gain)};
      tree.resize(tree.size() + 2);
      depth.insert(depth.end(), 2, depth[i] + 1);
      members.resize(tree.size());
      for (const std::size_t r : members[i]) {
        const bool left = goes_left(tree[i], rows.at(r, std::size_t(best.feature)));
        members[tree.size() - (left ? 2 : 1)].push_back(r);
      }
    }
    return tree;
  }
};

}  // namespace tideline
