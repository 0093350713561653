#include "learning/network_gradient.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Core>

#include "base/check.h"

namespace tideline {
namespace {

template <class Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Scalar>
using View = Eigen::Map<const Matrix<Scalar>>;
template <class Scalar>
using Target = Eigen::Map<Matrix<Scalar>>;

constexpr double kLeastProbability = 1e-7;

// One row's loss; `slopes` gets d loss / d sum for each task.
template <class Scalar>
double row_loss(std::span<const Head> heads, const Scalar* sums, const Scalar* labels,
                Scalar* slopes, std::vector<double>& p, std::vector<double>& slope_of_p) {
  double loss = 0;
  std::fill(slope_of_p.begin(), slope_of_p.end(), 0.0);
  // Figures first; then, from the last head to the first, slopes, so that a head gets the part of
  // those that stand on it before its own sum is looked at.
  for (std::size_t k = 0; k < heads.size(); ++k) {
    const double floor = heads[k].not_below < 0 ? 0.0 : p[std::size_t(heads[k].not_below)];
    if (heads[k].kind == HeadKind::probability) {
      p[k] = floor + (1 - floor) * sigmoid(double(sums[k]));
    }
  }
  for (std::size_t k = heads.size(); k-- > 0;) {
    const Head& head = heads[k];
    const double z = sums[k];
    const double y = labels[k];
    const bool taught = !std::isnan(y);
    double slope = 0;
    if (head.kind == HeadKind::probability) {
      if (taught) {
        const double inside = std::clamp(p[k], kLeastProbability, 1 - kLeastProbability);
        loss -= y * std::log(inside) + (1 - y) * std::log1p(-inside);
        slope_of_p[k] += (inside - y) / (inside * (1 - inside));
      }
      const double q = sigmoid(z);
      const double floor = head.not_below < 0 ? 0.0 : p[std::size_t(head.not_below)];
      slope = slope_of_p[k] * (1 - floor) * q * (1 - q);
      if (head.not_below >= 0) slope_of_p[std::size_t(head.not_below)] += slope_of_p[k] * (1 - q);
    } else if (taught) {
      const double s = sigmoid(z);
      double figure = 0;
      double by_sum = 0;
      if (head.kind == HeadKind::range) {
        figure = head.low + (head.high - head.low) * s;
        by_sum = (head.high - head.low) * s * (1 - s);
      } else if (head.kind == HeadKind::non_negative) {
        figure = head.scale * softplus(z);
        by_sum = head.scale * s;
      } else {
        figure = head.low + head.scale * z;
        by_sum = head.scale;
      }
      const double error = (figure - y) / head.scale;
      loss += 0.5 * error * error;
      slope = error / head.scale * by_sum;
    }
    slopes[k] = Scalar(slope);
  }
  return loss;
}

// One batch through the network and back. Keeps what the way back needs.
template <class Scalar>
class Pass {
 public:
  using Index = Eigen::Index;

  Pass(const NetworkShape& shape, std::span<const Scalar> parameters, const Batch<Scalar>& batch)
      : parameters_(parameters),
        keep_(batch.keep),
        rows_(Index(batch.rows)),
        depth_(shape.hidden.size()),
        tasks_(Index(shape.tasks)),
        x_(batch.inputs.data(), Index(batch.rows), Index(shape.inputs)),
        sums_(depth_),
        outs_(depth_) {
    widths_.push_back(Index(shape.inputs));
    for (const std::size_t h : shape.hidden) {
      begins_.push_back(end_);
      first_units_.push_back(units_);
      end_ += std::size_t(widths_.back() + 1) * h;
      units_ += Index(h);
      widths_.push_back(Index(h));
    }
    from_trunk_ = depth_ == 0 ? 0 : widths_.back();
  }

  // The heads' sums, rows x tasks.
  Matrix<Scalar> forward() {
    for (std::size_t l = 0; l < depth_; ++l) {
      const View<Scalar> weights = view(begins_[l], widths_[l], widths_[l + 1]);
      if (l == 0)
        sums_[l].noalias() = x_ * weights;
      else
        sums_[l].noalias() = outs_[l - 1] * weights;
      sums_[l].rowwise() += bias(begins_[l], widths_[l], widths_[l + 1]).row(0);
      outs_[l] = sums_[l].array() / (1 + (-sums_[l].array()).exp());
      if (!keep_.empty()) outs_[l].array() *= keep(l).array();
    }
    const Index inputs = from_trunk_ + widths_[0];
    const View<Scalar> output = view(end_, inputs, tasks_);
    Matrix<Scalar> last = x_ * output.bottomRows(widths_[0]);
    if (depth_ > 0) last.noalias() += outs_.back() * output.topRows(from_trunk_);
    last.rowwise() += bias(end_, inputs, tasks_).row(0);
    return last;
  }

  // `slopes`: of the loss by the heads' sums. Overwrites the whole gradient.
  void backward(const Matrix<Scalar>& slopes, std::span<Scalar> gradient) const {
    const Index inputs = from_trunk_ + widths_[0];
    Target<Scalar> d_output(gradient.data() + end_, inputs, tasks_);
    Target<Scalar> d_bias(gradient.data() + end_ + std::size_t(inputs * tasks_), 1, tasks_);
    d_output.bottomRows(widths_[0]).noalias() = x_.transpose() * slopes;
    d_bias = slopes.colwise().sum();
    if (depth_ == 0) return;
    d_output.topRows(from_trunk_).noalias() = outs_.back().transpose() * slopes;
    Matrix<Scalar> back = slopes * view(end_, inputs, tasks_).topRows(from_trunk_).transpose();
    for (std::size_t l = depth_; l-- > 0;) {
      if (!keep_.empty()) back.array() *= keep(l).array();
      // (z s)' = s (1 + z (1 - s)), s = sigmoid(z)
      const Matrix<Scalar> s = 1 / (1 + (-sums_[l].array()).exp());
      back.array() *= s.array() * (1 + sums_[l].array() * (1 - s.array()));
      const Index from = widths_[l];
      const Index to = widths_[l + 1];
      Target<Scalar> d_weights(gradient.data() + begins_[l], from, to);
      Target<Scalar> d_layer_bias(gradient.data() + begins_[l] + std::size_t(from * to), 1, to);
      if (l == 0)
        d_weights.noalias() = x_.transpose() * back;
      else
        d_weights.noalias() = outs_[l - 1].transpose() * back;
      d_layer_bias = back.colwise().sum();
      if (l > 0) back = (back * view(begins_[l], from, to).transpose()).eval();
    }
  }

 private:
  View<Scalar> view(std::size_t begin, Index inputs, Index outputs) const {
    return View<Scalar>(parameters_.data() + begin, inputs, outputs);
  }
  View<Scalar> bias(std::size_t begin, Index inputs, Index outputs) const {
    return View<Scalar>(parameters_.data() + begin + std::size_t(inputs * outputs), 1, outputs);
  }
  auto keep(std::size_t layer) const {
    return View<Scalar>(keep_.data(), rows_, units_)
        .middleCols(first_units_[layer], widths_[layer + 1]);
  }

  std::span<const Scalar> parameters_;
  std::span<const Scalar> keep_;
  Index rows_;
  std::size_t depth_;
  Index tasks_;
  View<Scalar> x_;
  std::vector<Matrix<Scalar>> sums_;  // before the activation, one a trunk layer
  std::vector<Matrix<Scalar>> outs_;  // after activation and dropout
  std::vector<Index> widths_;         // of the inputs, then of each trunk layer
  std::vector<std::size_t> begins_;   // place of each trunk layer's weights
  std::vector<Index> first_units_;
  std::size_t end_ = 0;  // place of the output's weights
  Index units_ = 0;
  Index from_trunk_ = 0;
};

}  // namespace

std::size_t NetworkShape::parameter_count() const {
  std::size_t count = 0;
  std::size_t width = inputs;
  for (const std::size_t h : hidden) {
    count += (width + 1) * h;
    width = h;
  }
  return count + ((hidden.empty() ? 0 : width) + inputs + 1) * tasks;
}

std::vector<float> NetworkShape::decay_factors(float direct) const {
  std::vector<float> factors;
  std::size_t width = inputs;
  for (const std::size_t h : hidden) {
    factors.insert(factors.end(), width * h, 1.0F);
    factors.insert(factors.end(), h, 0.0F);
    width = h;
  }
  if (!hidden.empty()) factors.insert(factors.end(), width * tasks, 1.0F);
  factors.insert(factors.end(), inputs * tasks, direct);
  factors.insert(factors.end(), tasks, 0.0F);
  return factors;
}

template <class Scalar>
Scalar loss_and_gradient(const NetworkShape& shape, std::span<const Head> heads,
                         std::span<const Scalar> parameters, const Batch<Scalar>& batch,
                         std::span<Scalar> gradient) {
  CHECK(parameters.size() == shape.parameter_count() && heads.size() == shape.tasks);
  CHECK(gradient.empty() || gradient.size() == parameters.size());
  Pass<Scalar> pass(shape, parameters, batch);
  Matrix<Scalar> slopes = pass.forward();  // sums first, slopes in their place
  std::vector<double> p(heads.size());
  std::vector<double> slope_of_p(heads.size());
  double loss = 0;
  std::vector<Scalar> sums(heads.size());
  for (Eigen::Index r = 0; r < slopes.rows(); ++r) {
    std::copy_n(slopes.row(r).data(), sums.size(), sums.begin());
    loss += row_loss(heads, sums.data(), batch.labels.data() + r * slopes.cols(),
                     slopes.row(r).data(), p, slope_of_p);
  }
  const Scalar share = Scalar(1) / Scalar(std::max<std::size_t>(1, batch.rows));
  slopes *= share;
  if (!gradient.empty()) pass.backward(slopes, gradient);
  return Scalar(loss) * share;
}

template float loss_and_gradient<float>(const NetworkShape&, std::span<const Head>,
                                        std::span<const float>, const Batch<float>&,
                                        std::span<float>);
template double loss_and_gradient<double>(const NetworkShape&, std::span<const Head>,
                                          std::span<const double>, const Batch<double>&,
                                          std::span<double>);

}  // namespace tideline
