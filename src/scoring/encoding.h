// FeatureEncoding: from features to the standardised inputs that the network and the regressions
// share.
//
// A feature gives one input of its own, one more of its signed logarithm where it is heavy-tailed,
// and one that says "missing" where it was missing in training. A missing value is the training
// mean, which is 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tideline {

// Numbers are part of the weights file.
enum class Transform : std::int32_t {
  identity = 0,
  signed_log = 1,  // sign(x) ln(1 + |x|)
  missing = 2,     // 1 when missing, else 0
};

struct EncodedInput {
  std::int32_t feature = 0;  // place in the model's features
  Transform transform = Transform::identity;
  double mean = 0;   // of the training part, after the transform
  double scale = 1;  // standard deviation of the training part; > 0
};

// No input leaves [-kInputLimit, kInputLimit], whatever the features are.
inline constexpr float kInputLimit = 8;

struct FeatureEncoding {
  std::size_t feature_count = 0;
  std::vector<EncodedInput> inputs;

  // `features` holds feature_count values, `encoded` inputs.size().
  void encode(std::span<const double> features, std::span<float> encoded) const;
};

// Features in range, transforms known, scales above 0, all finite.
[[nodiscard]] bool is_sound(const FeatureEncoding& encoding);

// The transform alone; NaN for a missing value, except under Transform::missing.
[[nodiscard]] double transformed(double feature, Transform transform);

}  // namespace tideline
