// Effect: what actions change, by comparing customers for whom one was due and shown with those of
// the holdout, for whom one was due and withheld (intention to treat: whether somebody did it or
// not).
//
// A customer counts once, with the first action that was due for it. Differences of shares have
// Newcombe's hybrid score interval (Newcombe 1998, Statistics in Medicine 17, 873-890, method 10),
// differences of means Welch's. Pure: same rows, same figures.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"

namespace tideline {

// One customer for whom an action was due.
struct EffectRow {
  std::string customer;
  std::string play;
  bool held_out = false;
  Time due{};
  bool known = false;                 // what follows is known
  bool retained = false;              // came back within a lapse period
  std::optional<double> risk_change;  // a lapse period later, less when it was due
  std::optional<double> health_change;
  std::optional<double> amount_change;
};

struct EffectOptions {
  Duration horizon{};             // an outcome is known so long after an action was due
  std::size_t each_arm_min = 30;  // fewer tell nothing
  double z = 1.959963984540054;   // of the two-sided interval: 95 %
};

// Of one measure: treated less holdout.
struct Difference {
  std::string measure;  // retained, risk_change, health_change, amount_change
  bool is_share = false;
  double treated = 0;  // share or mean
  double holdout = 0;
  double difference = 0;
  double low = 0;  // 95 %
  double high = 0;
  std::size_t treated_n = 0;
  std::size_t holdout_n = 0;
};

struct Effect {
  std::string play;         // empty: all plays together
  std::size_t treated = 0;  // customers whose outcome is known
  std::size_t holdout = 0;
  std::size_t treated_waiting = 0;  // whose outcome is not known yet
  std::size_t holdout_waiting = 0;
  std::vector<Difference> differences;  // empty: not enough yet
  // Where there is not enough: how many more each arm needs, and when those that wait will do.
  std::size_t treated_missing = 0;
  std::size_t holdout_missing = 0;
  std::optional<Time> enough_at;  // nullopt: more actions must become due first
};

[[nodiscard]] Difference difference_of_shares(std::size_t treated_yes, std::size_t treated,
                                              std::size_t holdout_yes, std::size_t holdout,
                                              double z);
// Each sample holds at least two values.
[[nodiscard]] Difference difference_of_means(std::span<const double> treated,
                                             std::span<const double> holdout, double z);

// All plays together first, then each play by name.
[[nodiscard]] std::vector<Effect> effects_of(std::span<const EffectRow> rows,
                                             const EffectOptions& options);

}  // namespace tideline
