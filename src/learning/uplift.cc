#include "learning/uplift.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "scoring/trees.h"

namespace tideline {
namespace {

constexpr std::size_t kCurvePoints = 100;

// The same figure for every row: of an arm in which everybody did the same.
class Constant final : public Scorer {
 public:
  explicit Constant(double figure) : figure_(figure) {}
  [[nodiscard]] std::size_t task_count() const override { return 1; }
  void score(const ScoringBlock& block, std::span<double> figures) const override {
    std::fill_n(figures.begin(), block.rows, figure_);
  }

 private:
  double figure_;
};

// The rows of one arm.
TrainingRows arm_rows(const UpliftRows& rows, bool treated) {
  TrainingRows out{0, rows.rows.width, 1, {}, {}, {}};
  for (std::size_t r = 0; r < rows.rows.rows; ++r) {
    if (rows.treated[r] != treated) continue;
    const auto features = rows.rows.block().row(r);
    out.features.insert(out.features.end(), features.begin(), features.end());
    out.labels.push_back(rows.rows.labels[r]);
    ++out.rows;
  }
  out.days_since_qualifying.assign(out.rows, std::nan(""));
  return out;
}

// Y / e for the treated and -Y / (1 - e) for the others, e being the share treated: its mean over
// customers that are alike is the difference of their two means.
TrainingRows transformed(const UpliftRows& rows, double share) {
  TrainingRows out = rows.rows;
  for (std::size_t r = 0; r < out.rows; ++r)
    out.labels[r] *= rows.treated[r] ? 1 / share : -1 / (1 - share);
  return out;
}

Result<std::unique_ptr<Scorer>> fit_trees(const TrainingRows& rows, bool is_share,
                                          const UpliftOptions& options) {
  CHECK(options.trees != nullptr);
  TreeOptions trees = options.tree_options;
  trees.objective = is_share ? TreeObjective::logistic : TreeObjective::squared_error;
  const TrainingRows none{0, rows.width, 1, {}, {}, {}};
  TRY_ASSIGN(TreeFit fit, options.trees->fit(rows, none, 0, trees));
  std::vector<std::optional<BoostedTrees>> tasks;
  tasks.emplace_back(std::move(fit.trees));
  TRY_ASSIGN(Forest forest, Forest::make(rows.width, std::move(tasks)));
  return std::unique_ptr<Scorer>(std::make_unique<Forest>(std::move(forest)));
}

Result<std::unique_ptr<Scorer>> fit_base(const TrainingRows& rows, bool is_share,
                                         const UpliftOptions& options) {
  const auto [least, most] = std::minmax_element(rows.labels.begin(), rows.labels.end());
  if (*least == *most) return std::unique_ptr<Scorer>(std::make_unique<Constant>(*least));
  if (options.base == UpliftBase::trees) return fit_trees(rows, is_share, options);
  TaskSpec task;
  task.name = "outcome";
  task.kind = is_share ? TaskKind::probability : TaskKind::number;
  // Uplift may lie outside of what was seen of a transformed outcome's half.
  if (!is_share) task.min = *least - (*most - *least);
  auto regression = std::make_unique<Regressions>(
      fit_regressions(rows, std::span<const TaskSpec>(&task, 1), options.regression));
  if (!regression->tasks.front().fitted) {
    const double mean = std::accumulate(rows.labels.begin(), rows.labels.end(), 0.0) /
                        static_cast<double>(rows.rows);
    return std::unique_ptr<Scorer>(std::make_unique<Constant>(mean));
  }
  return std::unique_ptr<Scorer>(std::move(regression));
}

// Rows by predicted uplift, the greatest first, equal ones in their order; and where runs of equal
// ones end.
struct Order {
  std::vector<std::size_t> rows;
  std::vector<std::size_t> ends;

  explicit Order(std::span<const double> uplift) : rows(uplift.size()) {
    std::iota(rows.begin(), rows.end(), std::size_t(0));
    std::stable_sort(rows.begin(), rows.end(),
                     [&](std::size_t a, std::size_t b) { return uplift[a] > uplift[b]; });
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i + 1 == rows.size() || uplift[rows[i + 1]] != uplift[rows[i]]) ends.push_back(i + 1);
    }
  }
};

// What both arms did among the first customers.
struct Sums {
  double treated = 0, control = 0;  // customers
  double treated_did = 0, control_did = 0;

  void add(bool is_treated, double outcome, double times) {
    (is_treated ? treated : control) += times;
    (is_treated ? treated_did : control_did) += times * outcome;
  }
  [[nodiscard]] double customers() const { return treated + control; }
  [[nodiscard]] double gain() const {
    return control > 0 ? treated_did - control_did * treated / control : 0;
  }
};

// Calls visit(customers so far, Q) at the end of every run of equal predictions.
template <class Visit>
void walk(const Order& order, const QiniRows& rows, std::span<const double> times, Visit visit) {
  Sums sums;
  std::size_t i = 0;
  for (const std::size_t end : order.ends) {
    for (; i < end; ++i) {
      const std::size_t r = order.rows[i];
      sums.add(rows.treated[r], rows.outcomes[r], times.empty() ? 1 : times[r]);
    }
    visit(sums.customers(), sums.gain());
  }
}

double coefficient(const Order& order, const QiniRows& rows, std::span<const double> times) {
  double area = 0, at = 0, gain = 0;
  walk(order, rows, times, [&](double customers, double q) {
    area += (customers - at) * (gain + q) / 2;
    at = customers;
    gain = q;
  });
  return at > 0 ? (area / at - gain / 2) / at : 0;
}

std::vector<QiniPoint> curve_of(const Order& order, const QiniRows& rows) {
  const double n = static_cast<double>(order.rows.size());
  std::vector<QiniPoint> curve = {{}};
  double at = 0, gain = 0;
  walk(order, rows, {}, [&](double customers, double q) {
    while (curve.size() <= kCurvePoints) {
      const double share = double(curve.size()) / double(kCurvePoints);
      if (share * n > customers) break;
      const double part = customers > at ? (share * n - at) / (customers - at) : 1;
      curve.push_back({share, (gain + part * (q - gain)) / n});
    }
    at = customers;
    gain = q;
  });
  while (curve.size() <= kCurvePoints) curve.push_back({1, n > 0 ? gain / n : 0});
  return curve;
}

void check_rows(const QiniRows& rows) {
  CHECK(rows.uplift.size() == rows.outcomes.size() && rows.uplift.size() == rows.treated.size());
}

}  // namespace

std::string_view name_of(UpliftMethod method) {
  return method == UpliftMethod::two_models ? "two_models" : "transformed_outcome";
}
std::string_view name_of(UpliftBase base) {
  return base == UpliftBase::trees ? "xgboost" : "regression";
}

std::vector<double> UpliftModel::uplift(const ScoringBlock& block) const {
  CHECK(treated_ != nullptr);
  std::vector<double> figures(block.rows);
  treated_->score(block, figures);
  if (control_ == nullptr) return figures;
  std::vector<double> untreated(block.rows);
  control_->score(block, untreated);
  for (std::size_t r = 0; r < figures.size(); ++r) figures[r] -= untreated[r];
  return figures;
}

Result<UpliftModel> fit_uplift(const UpliftRows& rows, const UpliftOptions& options) {
  CHECK(rows.rows.tasks == 1 && rows.treated.size() == rows.rows.rows);
  const auto treated =
      static_cast<std::size_t>(std::count(rows.treated.begin(), rows.treated.end(), true));
  if (treated == 0 || treated == rows.rows.rows) {
    return fail(ErrorCode::invalid,
                "uplift is learnt from a treated arm and a control; one has "
                "nobody",
                "arm_missing");
  }
  UpliftModel model;
  if (options.method == UpliftMethod::two_models) {
    TRY_ASSIGN(model.treated_, fit_base(arm_rows(rows, true), rows.is_share, options));
    TRY_ASSIGN(model.control_, fit_base(arm_rows(rows, false), rows.is_share, options));
    return model;
  }
  const double share = static_cast<double>(treated) / static_cast<double>(rows.rows.rows);
  TRY_ASSIGN(model.treated_, fit_base(transformed(rows, share), false, options));
  return model;
}

double qini_coefficient(const QiniRows& rows, std::span<const double> times) {
  check_rows(rows);
  CHECK(times.empty() || times.size() == rows.uplift.size());
  return coefficient(Order(rows.uplift), rows, times);
}

Qini qini_of(const QiniRows& rows, std::uint64_t seed) {
  check_rows(rows);
  const Order order(rows.uplift);
  Qini qini;
  qini.coefficient = coefficient(order, rows, {});
  qini.curve = curve_of(order, rows);
  Sums all;
  for (std::size_t r = 0; r < rows.uplift.size(); ++r)
    all.add(rows.treated[r], rows.outcomes[r], 1);
  if (all.treated > 0 && all.control > 0)
    qini.overall = all.treated_did / all.treated - all.control_did / all.control;
  std::vector<std::uint64_t> groups(rows.uplift.size());
  std::iota(groups.begin(), groups.end(), std::uint64_t(0));
  const Resamples resamples(groups, seed);
  std::vector<double> drawn, times;
  for (std::size_t b = 0; b < resamples.count(); ++b) {
    resamples.draw(b, times);
    drawn.push_back(coefficient(order, rows, times));
  }
  qini.interval = middle_of(std::move(drawn));
  return qini;
}

std::optional<double> observed_uplift(const QiniRows& rows, double share) {
  check_rows(rows);
  CHECK(share > 0 && share <= 1);
  const Order order(rows.uplift);
  const auto first = static_cast<std::size_t>(double(order.rows.size()) * share);
  Sums sums;
  for (std::size_t i = 0; i < first; ++i) {
    const std::size_t r = order.rows[i];
    sums.add(rows.treated[r], rows.outcomes[r], 1);
  }
  if (sums.treated == 0 || sums.control == 0) return std::nullopt;
  return sums.treated_did / sums.treated - sums.control_did / sums.control;
}

}  // namespace tideline
