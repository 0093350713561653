#include "learning/logistic_training.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "base/check.h"

namespace tideline {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;

// The rows that teach a task: inputs with a last column of ones, and labels.
struct Problem {
  Matrix x;
  Vector y;
};

Problem problem_of(const TrainingRows& rows, std::size_t task, const std::vector<float>& encoded,
                   std::size_t width) {
  std::vector<std::size_t> teaching;
  for (std::size_t r = 0; r < rows.rows; ++r) {
    if (!std::isnan(rows.label(r, task))) teaching.push_back(r);
  }
  const auto n = Eigen::Index(teaching.size());
  const auto d = Eigen::Index(width);
  Problem problem{Matrix(n, d + 1), Vector(n)};
  for (Eigen::Index i = 0; i < n; ++i) {
    const std::size_t r = teaching[std::size_t(i)];
    problem.y[i] = rows.label(r, task);
    problem.x.row(i).head(d) =
        Eigen::Map<const Eigen::RowVectorXf>(encoded.data() + r * width, d).cast<double>();
    problem.x(i, d) = 1.0;
  }
  return problem;
}

Vector penalties(Eigen::Index size, double penalty) {
  Vector diagonal = Vector::Constant(size, penalty);
  diagonal[size - 1] = 0;  // the bias
  return diagonal;
}

double objective(const Problem& problem, const Vector& w, const Vector& penalty) {
  const Vector z = problem.x * w;
  double loss = 0.5 * w.dot(penalty.cwiseProduct(w));
  for (Eigen::Index i = 0; i < z.size(); ++i) loss += softplus(z[i]) - problem.y[i] * z[i];
  return loss;
}

Vector fit_logistic(const Problem& problem, const RegressionOptions& options) {
  const Vector penalty = penalties(problem.x.cols(), options.penalty);
  Vector w = Vector::Zero(problem.x.cols());
  w[w.size() - 1] = logit(problem.y.mean());
  double loss = objective(problem, w, penalty);
  for (int step = 0; step < options.steps_max; ++step) {
    const Vector z = problem.x * w;
    Vector p(z.size());
    for (Eigen::Index i = 0; i < z.size(); ++i) p[i] = sigmoid(z[i]);
    const Vector gradient = problem.x.transpose() * (p - problem.y) + penalty.cwiseProduct(w);
    const Vector curvature = (p.array() * (1 - p.array())).max(1e-10);
    Matrix weighted = problem.x;
    weighted.array().colwise() *= curvature.array().sqrt();
    Matrix hessian = Matrix::Zero(w.size(), w.size());
    hessian.selfadjointView<Eigen::Lower>().rankUpdate(weighted.transpose());
    hessian.diagonal() += penalty;
    const Vector direction = hessian.selfadjointView<Eigen::Lower>().ldlt().solve(gradient);
    // A full step can overshoot where probabilities are near 0 or 1.
    double length = 1;
    double next = objective(problem, w - direction, penalty);
    while (!(next <= loss) && length > 1e-6) {
      length /= 2;
      next = objective(problem, w - length * direction, penalty);
    }
    if (!(next <= loss)) break;
    w -= length * direction;
    const bool done = loss - next < 1e-10 * (1 + std::abs(loss));
    loss = next;
    if (done) break;
  }
  return w;
}

Vector fit_ridge(const Problem& problem, const RegressionOptions& options) {
  Matrix gram = Matrix::Zero(problem.x.cols(), problem.x.cols());
  gram.selfadjointView<Eigen::Lower>().rankUpdate(problem.x.transpose());
  gram.diagonal() += penalties(problem.x.cols(), options.penalty);
  return gram.selfadjointView<Eigen::Lower>().ldlt().solve(problem.x.transpose() * problem.y);
}

bool can_learn(const Problem& problem, TaskKind kind) {
  if (problem.y.size() < 2) return false;
  return kind == TaskKind::number || problem.y.minCoeff() < problem.y.maxCoeff();
}

// Without a declared range, figures stay within the labels seen, widened by their spread.
void set_limits(Regressions::Task& task, const TaskSpec& spec, const Vector& labels) {
  const double low = labels.minCoeff();
  const double high = labels.maxCoeff();
  task.low_limit = spec.min.value_or(low >= 0 ? 0.0 : low - (high - low));
  task.high_limit = std::max(task.low_limit, spec.max.value_or(high + (high - low)));
}

}  // namespace

Regressions fit_regressions(const TrainingRows& rows, std::span<const TaskSpec> tasks,
                            const RegressionOptions& options) {
  CHECK(tasks.size() == rows.tasks && options.penalty > 0);
  Regressions regressions;
  regressions.encoding = fit_encoding(rows);
  const std::size_t width = regressions.encoding.inputs.size();
  const std::vector<float> encoded = encode_all(regressions.encoding, rows);
  for (std::size_t k = 0; k < tasks.size(); ++k) {
    Regressions::Task& task = regressions.tasks.emplace_back();
    task.weights.assign(width, 0.0);
    task.kind = tasks[k].kind == TaskKind::probability ? HeadKind::probability : HeadKind::linear;
    const Problem problem = problem_of(rows, k, encoded, width);
    if (!can_learn(problem, tasks[k].kind)) continue;
    const Vector w = task.kind == HeadKind::probability ? fit_logistic(problem, options)
                                                        : fit_ridge(problem, options);
    if (!w.allFinite()) continue;
    task.fitted = true;
    task.weights.assign(w.data(), w.data() + width);
    task.bias = w[Eigen::Index(width)];
    if (task.kind == HeadKind::linear) set_limits(task, tasks[k], problem.y);
  }
  return regressions;
}

}  // namespace tideline
