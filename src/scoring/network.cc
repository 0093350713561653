#include "scoring/network.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Core>

#include "base/check.h"

namespace tideline {
namespace {

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

bool fits(const Layer& layer) {
  return layer.weights.size() == layer.inputs * layer.outputs &&
         layer.bias.size() == layer.outputs && all_finite(layer.weights) && all_finite(layer.bias);
}

// Element by element, so that the sum of an output does not depend on its neighbours or on the
// block.
void add_product(const Layer& layer, std::size_t first_input, std::span<const float> values,
                 std::span<float> sums) {
  using Row = Eigen::Array<float, 1, Eigen::Dynamic>;
  const auto width = Eigen::Index(layer.outputs);
  Eigen::Map<Row> out(sums.data(), width);
  const float* weights = layer.weights.data() + first_input * layer.outputs;
  for (const float value : values) {
    if (value != 0.0F) out += value * Eigen::Map<const Row>(weights, width);
    weights += layer.outputs;
  }
}

}  // namespace

void Layer::apply(std::span<const float> values, std::span<float> sums) const {
  CHECK(values.size() == inputs && sums.size() == outputs);
  std::copy(bias.begin(), bias.end(), sums.begin());
  add_product(*this, 0, values, sums);
}

void Network::score(const ScoringBlock& block, std::span<double> figures) const {
  CHECK(block.width == encoding.feature_count);
  CHECK(figures.size() == block.rows * heads.size());
  std::size_t widest = encoding.inputs.size();
  for (const Layer& layer : trunk) widest = std::max(widest, layer.outputs);
  std::vector<float> inputs(encoding.inputs.size());
  std::vector<float> values(widest);
  std::vector<float> sums(std::max(widest, heads.size()));
  for (std::size_t r = 0; r < block.rows; ++r) {
    encoding.encode(block.row(r), inputs);
    std::copy(inputs.begin(), inputs.end(), values.begin());
    for (const Layer& layer : trunk) {
      layer.apply({values.data(), layer.inputs}, {sums.data(), layer.outputs});
      for (std::size_t j = 0; j < layer.outputs; ++j) {
        values[j] = sums[j] / (1.0F + std::exp(-sums[j]));
      }
    }
    const std::span<float> last(sums.data(), heads.size());
    std::copy(output.bias.begin(), output.bias.end(), last.begin());
    const std::size_t from_trunk = trunk.empty() ? 0 : trunk.back().outputs;
    add_product(output, 0, {values.data(), from_trunk}, last);
    add_product(output, from_trunk, inputs, last);
    figures_of(heads, last, figures.subspan(r * heads.size(), heads.size()));
  }
}

bool Network::is_sound() const {
  if (!tideline::is_sound(encoding)) return false;
  std::size_t width = encoding.inputs.size();
  for (const Layer& layer : trunk) {
    if (layer.inputs != width || !fits(layer)) return false;
    width = layer.outputs;
  }
  const std::size_t from_trunk = trunk.empty() ? 0 : width;
  if (output.inputs != from_trunk + encoding.inputs.size() || output.outputs != heads.size())
    return false;
  for (std::size_t k = 0; k < heads.size(); ++k) {
    const Head& head = heads[k];
    if (head.kind < HeadKind::probability || head.kind > HeadKind::linear) return false;
    if (!std::isfinite(head.low) || !std::isfinite(head.high) || !std::isfinite(head.scale))
      return false;
    if (head.not_below >= int(k)) return false;
  }
  return fits(output);
}

}  // namespace tideline
