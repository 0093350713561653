#include "scoring/network.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/check.h"
#include "scoring/network_kernel.h"

namespace tideline {
namespace {

// Rows on the way through the network at once: their values stay in the processor's nearest cache,
// and the kernels' numbers of rows a step divide it.
constexpr std::size_t kRowsAtOnce = 48;
// From so many rows on, copying the weights to where vectors load them in one go pays.
constexpr std::size_t kRowsWorthCopying = 24;
constexpr std::size_t kVectorFloats = 16;  // of the widest path: 64 bytes

bool all_finite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
}

bool fits(const Layer& layer) {
  return layer.weights.size() == layer.inputs * layer.outputs &&
         layer.bias.size() == layer.outputs && all_finite(layer.weights) && all_finite(layer.bias);
}

std::size_t rounded_up(std::size_t floats) {
  return (floats + kVectorFloats - 1) / kVectorFloats * kVectorFloats;
}

// The layers as kernels take them, and the room for a block's values. A row's record holds the
// trunk's last outputs and then the encoded inputs, as the output layer wants them.
class Plan {
 public:
  Plan(const Network& network, std::size_t rows, KernelPath path)
      : network_(network),
        kernel_(layer_kernel(path)),
        from_trunk_(network.trunk.empty() ? 0 : network.trunk.back().outputs),
        record_(rounded_up(from_trunk_ + network.encoding.inputs.size())) {
    const std::size_t at_once = std::min(rows, kRowsAtOnce);
    std::size_t floats = at_once * record_ + kVectorFloats;
    for (std::size_t i = 0; i + 1 < network.trunk.size(); ++i) {
      hidden_ = std::max(hidden_, rounded_up(network.trunk[i].outputs));
    }
    floats += 2 * at_once * hidden_;
    const bool copies = rows >= kRowsWorthCopying;
    for_layers([&](const Layer& layer, bool) {
      if (copies) floats += layer.inputs * rounded_up(layer.outputs);
    });
    room_.resize(floats);
    next_ = room_.data();
    const auto odd = reinterpret_cast<std::uintptr_t>(next_) / sizeof(float) % kVectorFloats;
    next_ += (kVectorFloats - odd) % kVectorFloats;
    records_ = take(at_once * record_);
    between_[0] = take(at_once * hidden_);
    between_[1] = take(at_once * hidden_);
    for_layers([&](const Layer& layer, bool activates) {
      layers_.push_back(copies ? copied(layer) : in_place(layer));
      layers_.back().activates = activates;
    });
  }

  // Whether the heads want the inputs in a row's record.
  [[nodiscard]] bool is_linked() const { return network_.output.inputs > from_trunk_; }

  // Scores `rows` rows of encoded inputs, rows x heads; the network is not linked.
  void run_unlinked(const float* inputs, std::size_t rows, float* sums) {
    const std::size_t width = network_.encoding.inputs.size();
    for (std::size_t first = 0; first < rows; first += kRowsAtOnce) {
      run_block({inputs + first * width, width, sums + first * network_.heads.size(),
                 network_.heads.size(), std::min(kRowsAtOnce, rows - first)});
    }
  }

  // Scores `rows` rows, rows x heads. fill(row, inputs) gives the encoded inputs of one.
  template <class Fill>
  void run(std::size_t rows, float* sums, const Fill& fill) {
    for (std::size_t first = 0; first < rows; first += kRowsAtOnce) {
      const std::size_t count = std::min(kRowsAtOnce, rows - first);
      for (std::size_t r = 0; r < count; ++r) {
        fill(first + r,
             std::span(records_ + r * record_ + from_trunk_, network_.encoding.inputs.size()));
      }
      run_block({records_ + from_trunk_, record_, sums + first * network_.heads.size(),
                 network_.heads.size(), count});
    }
  }

 private:
  // From encoded inputs to sums; at most kRowsAtOnce.
  void run_block(const KernelRows& rows) {
    const float* values = rows.values;
    std::size_t stride = rows.value_stride;
    const std::size_t depth = network_.trunk.size();
    for (std::size_t i = 0; i < depth; ++i) {
      const bool last = i + 1 == depth;
      float* to = last ? records_ : between_[i % 2];
      const std::size_t to_stride = last ? record_ : hidden_;
      kernel_(layers_[i], {values, stride, to, to_stride, rows.rows});
      values = to;
      stride = to_stride;
    }
    kernel_(layers_[depth], {records_, record_, rows.sums, rows.sum_stride, rows.rows});
  }

  template <class Do>
  void for_layers(const Do& what) const {
    for (const Layer& layer : network_.trunk) what(layer, true);
    what(network_.output, false);
  }
  float* take(std::size_t floats) {
    float* from = next_;
    next_ += floats;
    return from;
  }
  static KernelLayer in_place(const Layer& layer) {
    return {layer.weights.data(), layer.bias.data(), layer.inputs,
            layer.outputs,        layer.outputs,     false};
  }
  KernelLayer copied(const Layer& layer) {
    KernelLayer copy = in_place(layer);
    copy.weight_stride = rounded_up(layer.outputs);
    float* weights = take(layer.inputs * copy.weight_stride);
    copy.weights = weights;
    for (std::size_t i = 0; i < layer.inputs; ++i) {
      std::copy_n(layer.weights.data() + i * layer.outputs, layer.outputs,
                  weights + i * copy.weight_stride);
    }
    return copy;
  }

  const Network& network_;
  LayerKernel kernel_;
  std::size_t from_trunk_;
  std::size_t record_;  // floats a row
  std::size_t hidden_ = 0;
  std::vector<KernelLayer> layers_;
  std::vector<float> room_;
  float* next_ = nullptr;
  float* records_ = nullptr;
  float* between_[2] = {nullptr, nullptr};
};

}  // namespace

void Network::sums(const ScoringBlock& block, std::span<float> sums, KernelPath path) const {
  CHECK(block.width == encoding.feature_count);
  CHECK(sums.size() == block.rows * heads.size());
  Plan(*this, block.rows, path).run(block.rows, sums.data(), [&](std::size_t r, auto inputs) {
    encoding.encode(block.row(r), inputs);
  });
}

void Network::sums(std::span<const float> inputs, std::span<float> sums, KernelPath path) const {
  const std::size_t width = encoding.inputs.size();
  const std::size_t rows = sums.size() / heads.size();
  CHECK(sums.size() == rows * heads.size() && inputs.size() == rows * width);
  Plan plan(*this, rows, path);
  if (!plan.is_linked()) return plan.run_unlinked(inputs.data(), rows, sums.data());
  plan.run(rows, sums.data(), [&](std::size_t r, auto to) {
    std::copy_n(inputs.data() + r * width, width, to.data());
  });
}

void Network::score(const ScoringBlock& block, std::span<double> figures, KernelPath path) const {
  CHECK(figures.size() == block.rows * heads.size());
  std::vector<float> last(block.rows * heads.size());
  sums(block, last, path);
  for (std::size_t r = 0; r < block.rows; ++r) {
    const std::size_t at = r * heads.size();
    figures_of(heads, std::span<const float>(last).subspan(at, heads.size()),
               figures.subspan(at, heads.size()));
  }
}

void Network::score(const ScoringBlock& block, std::span<double> figures) const {
  score(block, figures, best_kernel_path());
}

bool Network::is_sound() const {
  if (!tideline::is_sound(encoding)) return false;
  std::size_t width = encoding.inputs.size();
  for (const Layer& layer : trunk) {
    if (layer.inputs != width || !fits(layer)) return false;
    width = layer.outputs;
  }
  const std::size_t from_trunk = trunk.empty() ? 0 : width;
  const bool linked = output.inputs == from_trunk + encoding.inputs.size();
  if (!linked && (trunk.empty() || output.inputs != from_trunk)) return false;
  if (output.outputs != heads.size()) return false;
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
