// PlatformWorld: natures and beginnings of the platform's customers.
//
// What differs between customers is spread evenly instead of drawn: number i takes the i-th point
// of a lattice (Richtmyer: multiples of square roots of primes, modulo 1, from a start by seed).
// So a few thousand customers already have the mix of millions, and figures miss their targets
// only by what happens, not by who is there.
#pragma once

#include <cstdint>
#include <string>

#include "simulator/platform_life.h"

namespace tideline {

struct PlatformBeginning {
  PlatformLife life;            // as it was before the first day lived
  std::int64_t joined_day = 0;  // UTC day
  std::int64_t lived_from = 0;  // first day to live; later than joined_day for old customers
  std::string gender, age_band, region;
};

// Immutable; may be used by several threads.
class PlatformWorld {
 public:
  // options must have passed check().
  PlatformWorld(const PlatformOptions& options, const PlatformLevels& levels);

  [[nodiscard]] const PlatformOptions& options() const { return options_; }
  [[nodiscard]] const PlatformLevels& levels() const { return levels_; }
  [[nodiscard]] std::int64_t first_day() const { return first_day_; }
  [[nodiscard]] std::int64_t end_day() const { return first_day_ + options_.days; }  // exclusive
  [[nodiscard]] CustomerId customer_id(std::uint32_t index) const;  // "p000001" for index 0
  // Part of message ids that tells worlds apart.
  [[nodiscard]] const std::string& tag() const { return tag_; }
  [[nodiscard]] PlatformBeginning begin(std::uint32_t index) const;

 private:
  [[nodiscard]] double point(std::uint32_t index, std::size_t dimension) const;  // (0, 1)
  [[nodiscard]] PlatformNature nature(std::uint32_t index) const;

  PlatformOptions options_;
  PlatformLevels levels_;
  std::int64_t first_day_ = 0;
  std::string tag_;
  std::array<double, 16> shift_{};
};

// The x with P(N(0, 1) < x) = p, 0 < p < 1, to 1e-8.
[[nodiscard]] double normal_quantile(double p);

}  // namespace tideline
