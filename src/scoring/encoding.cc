#include "scoring/encoding.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace tideline {

double transformed(double feature, Transform transform) {
  switch (transform) {
    case Transform::identity: return feature;
    case Transform::signed_log: return std::copysign(std::log1p(std::abs(feature)), feature);
    case Transform::missing: return std::isnan(feature) ? 1.0 : 0.0;
  }
  return feature;
}

void FeatureEncoding::encode(std::span<const double> features, std::span<float> encoded) const {
  CHECK(features.size() == feature_count && encoded.size() == inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const EncodedInput& input = inputs[i];
    const double value = transformed(features[std::size_t(input.feature)], input.transform);
    const double standard = (value - input.mean) / input.scale;
    encoded[i] =
        std::isnan(standard) ? 0.0F : std::clamp(float(standard), -kInputLimit, kInputLimit);
  }
}

bool is_sound(const FeatureEncoding& encoding) {
  return std::all_of(
      encoding.inputs.begin(), encoding.inputs.end(), [&](const EncodedInput& input) {
        return input.feature >= 0 && std::size_t(input.feature) < encoding.feature_count &&
               input.transform >= Transform::identity && input.transform <= Transform::missing &&
               std::isfinite(input.mean) && std::isfinite(input.scale) && input.scale > 0;
      });
}

}  // namespace tideline
