// Drivers: what pushed a figure of one customer, in plain words with the customer's own numbers.
//
// Features that tell of the same thing (their theme in the pack) are one driver, because a model
// spreads what it has learnt over them as it likes; the one that moved most speaks for all.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "packs/pack.h"
#include "scoring/contributions.h"

namespace tideline {

struct Driver {
  std::string theme;
  int feature = -1;  // place in Pack::features(); -1: the days since the last qualifying event
  double contribution = 0;  // of all features of the theme, in Contributions::unit
  double now = 0;           // the feature's value; NaN: missing; likewise the next two
  double past = 0;          // 28 days before
  double usual = 0;         // the median of the customers learned from
  std::string sentence;
  struct Part {
    std::size_t feature = 0;
    double contribution = 0;
  };
  std::vector<Part> parts;  // those of the theme that contribute, the largest first
};

struct DriverInputs {
  std::span<const double> now;    // Pack::features() in order; NaN: missing
  std::span<const double> past;   // 28 days before; empty: not known
  std::span<const double> usual;  // Model medians; empty: not known
  double days_since_qualifying = 0;
};

// Those with a contribution other than 0, the largest first; with Contributions::base they add up
// to its output.
[[nodiscard]] std::vector<Driver> drivers_of(const Pack& pack, const Contributions& contributions,
                                             const DriverInputs& inputs);

// The task that plays and pages ask drivers of unless told otherwise: the first whose label is a
// gone(...), else the first. CHECKs that the pack has a task.
[[nodiscard]] std::size_t task_of_drivers(const Pack& pack);

// How far back "past" lies.
inline constexpr Duration kDriverPast = 28 * kDay;

}  // namespace tideline
