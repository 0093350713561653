#include "learning/network_gradient.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Core>
#include <type_traits>

#include "base/check.h"
#include "scoring/network_kernel.h"

namespace tideline {
namespace {

template <class Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Index = Eigen::Index;

// Row after row, `stride` from row to row.
template <class Scalar>
struct Block {
  Scalar* data = nullptr;
  Index rows = 0;
  Index columns = 0;
  Index stride = 0;

  [[nodiscard]] auto map() const {
    return Eigen::Map<
        std::conditional_t<std::is_const_v<Scalar>, const Matrix<std::remove_const_t<Scalar>>,
                           Matrix<Scalar>>,
        0, Eigen::OuterStride<>>(data, rows, columns, Eigen::OuterStride<>(stride));
  }
};

template <class Scalar>
Block<const Scalar> block_of(const Matrix<Scalar>& m) {
  return {m.data(), m.rows(), m.cols(), m.cols()};
}

// out = bias + a b, then z x sigmoid(z) where `activates`; bias: b.columns numbers. In float by
// the kernels of scoring, whose sums are the same on every processor.
void product(const Block<const float>& a, const Block<const float>& b, const float* bias,
             const Block<float>& out, bool activates) {
  static const LayerKernel kKernel = layer_kernel(best_kernel_path());
  kKernel({b.data, bias, std::size_t(a.columns), std::size_t(b.columns), std::size_t(b.stride),
           activates},
          {a.data, std::size_t(a.stride), out.data, std::size_t(out.stride), std::size_t(a.rows)});
}

void product(const Block<const double>& a, const Block<const double>& b, const double* bias,
             const Block<double>& out, bool activates) {
  auto result = out.map();
  result.noalias() = a.map() * b.map();
  result.rowwise() += Eigen::Map<const Eigen::RowVectorXd>(bias, b.columns);
  if (activates) result = (result.array() / (1 + (-result.array()).exp())).eval();
}

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
  Pass(const NetworkShape& shape, std::span<const Scalar> parameters, const Batch<Scalar>& batch)
      : parameters_(parameters),
        keep_(batch.keep),
        rows_(Index(batch.rows)),
        depth_(shape.hidden.size()),
        tasks_(Index(shape.tasks)),
        inputs_(Index(shape.inputs)),
        x_{batch.inputs.data(), rows_, inputs_, inputs_},
        sums_(depth_),
        outs_(depth_) {
    widths_.push_back(inputs_);
    Index widest = std::max(tasks_, inputs_);
    for (const std::size_t h : shape.hidden) {
      begins_.push_back(end_);
      first_units_.push_back(units_);
      end_ += std::size_t(widths_.back() + 1) * h;
      units_ += Index(h);
      widths_.push_back(Index(h));
      widest = std::max(widest, Index(h));
    }
    from_trunk_ = depth_ == 0 ? 0 : widths_.back();
    zeros_.assign(std::size_t(widest), Scalar(0));
    // What the heads see: the trunk's last outputs, then the inputs.
    joined_.resize(rows_, from_trunk_ + inputs_);
    joined_.rightCols(inputs_) = x_.map();
  }

  // The heads' sums, rows x tasks.
  Matrix<Scalar> forward() {
    for (std::size_t l = 0; l < depth_; ++l) {
      const Block<const Scalar> weights = weights_of(l);
      const Scalar* bias = weights.data + weights.rows * weights.columns;
      sums_[l].resize(rows_, widths_[l + 1]);
      outs_[l].resize(rows_, widths_[l + 1]);
      product(values_of(l), weights, bias, target(sums_[l]), false);
      // Once more, for sums and activated sums are both wanted later.
      product(values_of(l), weights, bias, target(outs_[l]), true);
      kept_ = outs_[l];
      if (!keep_.empty()) kept_.array() *= keep(l).array();
      if (l + 1 < depth_)
        masked_.push_back(kept_);
      else
        joined_.leftCols(from_trunk_) = kept_;
    }
    const Block<const Scalar> output = output_weights();
    Matrix<Scalar> last(rows_, tasks_);
    product(block_of(joined_), output, output.data + output.rows * tasks_, target(last), false);
    return last;
  }

  // `slopes`: of the loss by the heads' sums. Overwrites the whole gradient.
  void backward(const Matrix<Scalar>& slopes, std::span<Scalar> gradient) {
    const Index inputs = from_trunk_ + inputs_;
    add_weights(joined_, slopes, gradient.data() + end_, inputs, tasks_);
    if (depth_ == 0) return;
    Matrix<Scalar> back = times_transposed(slopes, output_weights(), from_trunk_);
    for (std::size_t l = depth_; l-- > 0;) {
      if (!keep_.empty()) back.array() *= keep(l).array();
      // (z s)' = s + z s (1 - s), s = sigmoid(z)
      const auto z = sums_[l].array();
      const auto out = outs_[l].array();
      const Matrix<Scalar> s = (z == Scalar(0)).select(Scalar(0.5), out / z);
      back.array() *= s.array() + out * (1 - s.array());
      const Scalar* from = l == 0 ? x_.data : masked_[l - 1].data();
      const Matrix<Scalar> values = Eigen::Map<const Matrix<Scalar>>(from, rows_, widths_[l]);
      add_weights(values, back, gradient.data() + begins_[l], widths_[l], widths_[l + 1]);
      if (l > 0) back = times_transposed(back, weights_of(l), widths_[l]);
    }
  }

 private:
  // values^T slopes, and below them the sums of the slopes.
  void add_weights(const Matrix<Scalar>& values, const Matrix<Scalar>& slopes, Scalar* gradient,
                   Index from, Index to) {
    turned_ = values.transpose();
    product(block_of(turned_), block_of(slopes), zeros_.data(), {gradient, from, to, to}, false);
    Eigen::Map<Eigen::Matrix<Scalar, 1, Eigen::Dynamic>>(gradient + from * to, to) =
        slopes.colwise().sum();
  }

  // slopes (first rows of weights)^T
  Matrix<Scalar> times_transposed(const Matrix<Scalar>& slopes, const Block<const Scalar>& weights,
                                  Index rows) {
    turned_ = weights.map().topRows(rows).transpose();
    Matrix<Scalar> back(rows_, rows);
    product(block_of(slopes), block_of(turned_), zeros_.data(), target(back), false);
    return back;
  }

  static Block<Scalar> target(Matrix<Scalar>& m) {
    return {m.data(), m.rows(), m.cols(), m.cols()};
  }
  Block<const Scalar> values_of(std::size_t layer) const {
    return layer == 0 ? x_ : block_of(masked_[layer - 1]);
  }
  Block<const Scalar> weights_of(std::size_t layer) const {
    return {parameters_.data() + begins_[layer], widths_[layer], widths_[layer + 1],
            widths_[layer + 1]};
  }
  Block<const Scalar> output_weights() const {
    return {parameters_.data() + end_, from_trunk_ + inputs_, tasks_, tasks_};
  }
  auto keep(std::size_t layer) const {
    return Eigen::Map<const Matrix<Scalar>>(keep_.data(), rows_, units_)
        .middleCols(first_units_[layer], widths_[layer + 1]);
  }

  std::span<const Scalar> parameters_;
  std::span<const Scalar> keep_;
  Index rows_;
  std::size_t depth_;
  Index tasks_;
  Index inputs_;
  Block<const Scalar> x_;
  std::vector<Matrix<Scalar>> sums_;    // before the activation, one a trunk layer
  std::vector<Matrix<Scalar>> outs_;    // after it
  std::vector<Matrix<Scalar>> masked_;  // after dropout; the last layer's stand in joined_
  Matrix<Scalar> joined_, kept_, turned_;
  std::vector<Scalar> zeros_;
  std::vector<Index> widths_;        // of the inputs, then of each trunk layer
  std::vector<std::size_t> begins_;  // place of each trunk layer's weights
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
