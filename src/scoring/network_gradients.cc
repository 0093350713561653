// The part of contributions.h that takes derivatives of a network.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "scoring/contributions.h"

namespace tideline {
namespace {

// A head's output from the sums, and its derivatives by them (`slopes`, one a sum). Log-odds of
// p = 1 - (1 - q1)(1 - q2)… of a chain of not_below heads, each q the sigmoid of its sum z:
// with t = sum of softplus(z), p = 1 - exp(-t), so log-odds = log(exp(t) - 1).
double head_output(std::span<const Head> heads, std::size_t k, std::span<const double> sums,
                   std::span<double> slopes) {
  std::fill(slopes.begin(), slopes.end(), 0.0);
  const Head& head = heads[k];
  const double z = sums[k];
  switch (head.kind) {
    case HeadKind::probability: {
      if (head.not_below < 0) {
        slopes[k] = 1;
        return z;
      }
      double t = 0;
      for (int at = int(k); at >= 0; at = heads[std::size_t(at)].not_below) {
        t += softplus(sums[std::size_t(at)]);
      }
      const double p = -std::expm1(-t);
      for (int at = int(k); at >= 0; at = heads[std::size_t(at)].not_below) {
        slopes[std::size_t(at)] = p > 0 ? sigmoid(sums[std::size_t(at)]) / p : 0;
      }
      // log(exp(t) - 1) without overflow.
      return t + std::log(p);
    }
    case HeadKind::range: {
      const double s = sigmoid(z);
      slopes[k] = (head.high - head.low) * s * (1 - s);
      return head.low + (head.high - head.low) * s;
    }
    case HeadKind::non_negative:
      slopes[k] = head.scale * sigmoid(z);
      return head.scale * softplus(z);
    case HeadKind::linear: slopes[k] = head.scale; return head.low + head.scale * z;
  }
  return 0;
}

// One network, one head: output and gradient at encoded inputs, in double.
class Gradient {
 public:
  Gradient(const Network& network, std::size_t head)
      : network_(network),
        head_(head),
        sums_(network.trunk.size()),
        outs_(network.trunk.size()),
        last_(network.heads.size()),
        slopes_(network.heads.size()) {}

  double output(std::span<const double> inputs) {
    std::span<const double> values = inputs;
    for (std::size_t l = 0; l < network_.trunk.size(); ++l) {
      const Layer& layer = network_.trunk[l];
      sums_[l].assign(layer.bias.begin(), layer.bias.end());
      add_product(layer, 0, values, sums_[l]);
      outs_[l].resize(layer.outputs);
      for (std::size_t j = 0; j < layer.outputs; ++j) {
        outs_[l][j] = sums_[l][j] * sigmoid(sums_[l][j]);
      }
      values = outs_[l];
    }
    last_.assign(network_.output.bias.begin(), network_.output.bias.end());
    std::size_t from_trunk = 0;
    if (!network_.trunk.empty()) {
      add_product(network_.output, 0, values, last_);
      from_trunk = values.size();
    }
    if (network_.output.inputs > from_trunk) {
      add_product(network_.output, from_trunk, inputs, last_);
    }
    return head_output(network_.heads, head_, last_, slopes_);
  }

  // Adds weight x the gradient at the inputs of the last output() to `gradient`.
  void add_gradient(double weight, std::span<double> gradient) {
    const std::size_t depth = network_.trunk.size();
    const std::size_t from_trunk = depth == 0 ? 0 : network_.trunk.back().outputs;
    std::vector<double> slopes(slopes_);
    for (double& slope : slopes) slope *= weight;
    if (network_.output.inputs > from_trunk) {
      add_back(network_.output, from_trunk, slopes, gradient);
    }
    if (depth == 0) return;
    std::vector<double> by_out(from_trunk);
    add_back(network_.output, 0, slopes, by_out);
    for (std::size_t l = depth; l-- > 0;) {
      for (std::size_t j = 0; j < by_out.size(); ++j) {
        const double s = sigmoid(sums_[l][j]);
        by_out[j] *= s * (1 + sums_[l][j] * (1 - s));
      }
      if (l == 0) {
        add_back(network_.trunk[0], 0, by_out, gradient);
      } else {
        std::vector<double> below(network_.trunk[l].inputs);
        add_back(network_.trunk[l], 0, by_out, below);
        by_out = std::move(below);
      }
    }
  }

 private:
  static void add_product(const Layer& layer, std::size_t first_input,
                          std::span<const double> values, std::span<double> sums) {
    const float* weights = layer.weights.data() + first_input * layer.outputs;
    for (const double value : values) {
      for (std::size_t j = 0; j < layer.outputs; ++j) sums[j] += value * double(weights[j]);
      weights += layer.outputs;
    }
  }
  static void add_back(const Layer& layer, std::size_t first_input, std::span<const double> by_sum,
                       std::span<double> by_value) {
    const float* weights = layer.weights.data() + first_input * layer.outputs;
    for (double& slope : by_value) {
      for (std::size_t j = 0; j < layer.outputs; ++j) slope += by_sum[j] * double(weights[j]);
      weights += layer.outputs;
    }
  }

  const Network& network_;
  std::size_t head_;
  std::vector<std::vector<double>> sums_;  // of each layer of the trunk
  std::vector<std::vector<double>> outs_;
  std::vector<double> last_;    // the heads' sums
  std::vector<double> slopes_;  // d output / d last_
};

// Gauss-Legendre quadrature of 16 points on [-1, 1], which is symmetrical: place and weight.
constexpr std::array<std::pair<double, double>, 8> kPoints = {{
    {0.98940093499164994, 0.027152459411754058},
    {0.9445750230732326, 0.062253523938647776},
    {0.86563120238783176, 0.095158511682492897},
    {0.755404408355003, 0.12462897125553395},
    {0.61787624440264377, 0.14959598881657682},
    {0.45801677765722737, 0.16915651939500256},
    {0.28160355077925892, 0.18260341504492361},
    {0.095012509837637441, 0.18945061045506847},
}};
constexpr double kEnough = 1e-6;  // of the sum, relative above 1
constexpr int kPiecesMax = 256;   // of the way; twice as many again and again until it is enough

}  // namespace

double network_output(const Network& network, std::size_t head, std::span<const float> inputs) {
  return Gradient(network, head).output(std::vector<double>(inputs.begin(), inputs.end()));
}

std::vector<double> integrated_gradients(const Network& network, std::size_t head,
                                         std::span<const float> from, std::span<const float> to) {
  const std::size_t n = network.encoding.inputs.size();
  CHECK(from.size() == n && to.size() == n);
  Gradient gradient(network, head);
  const double wanted = network_output(network, head, to) - network_output(network, head, from);
  std::vector<double> at(n), shares(n);
  for (int pieces = 1;; pieces *= 2) {
    std::fill(shares.begin(), shares.end(), 0.0);
    const auto add_point = [&](double place, double weight) {
      for (std::size_t i = 0; i < n; ++i) {
        at[i] = double(from[i]) + place * (double(to[i]) - double(from[i]));
      }
      gradient.output(at);
      gradient.add_gradient(weight, shares);
    };
    for (int piece = 0; piece < pieces; ++piece) {
      for (const auto& [place, weight] : kPoints) {
        add_point((piece + 0.5 + 0.5 * place) / pieces, 0.5 * weight / pieces);
        add_point((piece + 0.5 - 0.5 * place) / pieces, 0.5 * weight / pieces);
      }
    }
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      shares[i] *= double(to[i]) - double(from[i]);
      sum += shares[i];
    }
    const bool enough = std::abs(sum - wanted) <= kEnough * std::max(1.0, std::abs(wanted));
    if (enough || pieces >= kPiecesMax) return shares;
  }
}

}  // namespace tideline
