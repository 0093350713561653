// Calibration: Platt scaling in log-odds, which keeps the order of customers.
#pragma once

namespace tideline {

// p' = sigmoid(slope x logit(p) + offset); slope > 0. The default changes nothing.
struct Calibration {
  double slope = 1;
  double offset = 0;

  [[nodiscard]] bool is_identity() const { return slope == 1 && offset == 0; }
  // NaN stays NaN.
  [[nodiscard]] double apply(double probability) const;
};

}  // namespace tideline
