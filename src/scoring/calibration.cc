#include "scoring/calibration.h"

#include "scoring/heads.h"

namespace tideline {

double Calibration::apply(double probability) const {
  if (is_identity()) return probability;
  return sigmoid(slope * logit(probability) + offset);
}

}  // namespace tideline
