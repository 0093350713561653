#include "scoring/heads.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace tideline {

double sigmoid(double z) {
  if (z >= 0) return 1.0 / (1.0 + std::exp(-z));
  const double e = std::exp(z);
  return e / (1.0 + e);
}

double softplus(double z) { return std::max(z, 0.0) + std::log1p(std::exp(-std::abs(z))); }

double logit(double p) {
  const double inside = std::clamp(p, 1e-7, 1.0 - 1e-7);
  return std::log(inside / (1.0 - inside));
}

void figures_of(std::span<const Head> heads, std::span<const float> sums,
                std::span<double> figures) {
  CHECK(sums.size() == heads.size() && figures.size() == heads.size());
  for (std::size_t k = 0; k < heads.size(); ++k) {
    const Head& head = heads[k];
    const double z = sums[k];
    switch (head.kind) {
      case HeadKind::probability: {
        const double floor = head.not_below < 0 ? 0.0 : figures[std::size_t(head.not_below)];
        figures[k] = std::max(floor, floor + (1.0 - floor) * sigmoid(z));
        break;
      }
      case HeadKind::range:
        figures[k] =
            std::clamp(head.low + (head.high - head.low) * sigmoid(z), head.low, head.high);
        break;
      case HeadKind::non_negative: figures[k] = head.scale * softplus(z); break;
      case HeadKind::linear: figures[k] = head.low + head.scale * z; break;
    }
  }
}

}  // namespace tideline
