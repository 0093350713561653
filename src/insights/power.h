// Power: how many customers an experiment needs to find the effect that it is made for. Pure.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace tideline {

struct PowerOptions {
  double power = 0.8;          // chance to find the effect where it is, 0.5..0.999
  double false_alarm = 0.05;   // two-sided; chance to find one where there is none, 0.0001..0.5
  double treated_share = 0.5;  // of the two arms together, 0.01..0.99
};

struct SampleSize {
  std::uint64_t control = 0;
  std::uint64_t treated = 0;

  [[nodiscard]] std::uint64_t customers() const { return control + treated; }
};

// Customers that find a share moving from `baseline` to `baseline + change` (both in (0, 1), not
// equal), by the difference of two proportions (Fleiss, Levin and Paik 2003, 4.14, without
// correction for continuity). invalid ("bad_baseline", "bad_change", "bad_power", …): outside the
// ranges, or more than 10^12 customers.
[[nodiscard]] Result<SampleSize> sample_size_for_shares(double baseline, double change,
                                                        const PowerOptions& options = {});

// The same of a mean whose standard deviation is `deviation` (> 0) in both arms; with the small
// sample's z^2 / 4 on top (Guenther 1981), so that Student's t has the power too.
[[nodiscard]] Result<SampleSize> sample_size_for_means(double change, double deviation,
                                                       const PowerOptions& options = {});

// The chance to find that effect with so many customers, each arm at least 2.
[[nodiscard]] double power_for_shares(double baseline, double change, const SampleSize& size,
                                      double false_alarm = 0.05);
[[nodiscard]] double power_for_means(double change, double deviation, const SampleSize& size,
                                     double false_alarm = 0.05);

}  // namespace tideline
