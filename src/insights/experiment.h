// Experiment: what customers put into arms by chance did, arm against arm: the intent-to-treat
// effect with its interval, the sample-ratio alarm, and CUPED where something is known of the time
// before. Pure; a pilot and a table of somebody else's experiment are judged by the same code.
//
// Intent to treat: every customer counts in the arm that chance gave it, whatever was done to it.
// Intervals are Welch's: the difference plus and minus 1.96 standard errors where both arms are
// large, Student's quantile for 1.96 where one is small.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "insights/statistics.h"

namespace tideline {

// The interval's half width in standard errors: 95 % by the usual convention.
inline constexpr double kStandardErrors = 1.96;
// Arms of fewer customers get Student's quantile.
inline constexpr std::size_t kLargeArm = 500;
// With fewer customers in an arm no effect is told.
inline constexpr std::size_t kSmallestArm = 30;
// A split that would be as uneven by chance in one of a thousand pilots is broken.
inline constexpr double kRatioAlarm = 0.001;

// Treated less control.
struct ArmEffect {
  double control = 0;  // mean, or share
  double treated = 0;
  double difference = 0;
  double standard_error = 0;
  double low = 0;  // 95 %
  double high = 0;
  double z = 0;  // difference / standard error; 0 where that is 0
  double p = 1;  // two-sided, of the normal distribution
  std::size_t control_n = 0;
  std::size_t treated_n = 0;

  // Chance alone does not explain it.
  [[nodiscard]] bool is_clear() const { return low > 0 || high < 0; }
  // Of the control's; nullopt where that is 0.
  [[nodiscard]] std::optional<double> lift() const {
    return control != 0 ? std::optional(difference / control) : std::nullopt;
  }
};

// Each arm holds at least two values.
[[nodiscard]] ArmEffect effect_between(const Moments& treated, const Moments& control);

struct SampleRatio {
  double chi_square = 0;
  double p = 1;  // share of sound experiments that are at least so uneven
  bool alarm = false;
};
// Of the customers that each arm got, against the shares planned (above 0, their sum is 1); an
// arm's place in both is the same. Without any customer: no alarm.
[[nodiscard]] SampleRatio sample_ratio(std::span<const std::size_t> counts,
                                       std::span<const double> shares);

// CUPED (Deng, Xu, Kohavi and Walker 2013): outcomes less what a measure of the time before, which
// no treatment can have touched, says of them.
struct Adjusted {
  std::vector<double> outcomes;  // in the order given, same mean over all
  double theta = 0;              // what a unit before says of the outcome
  double variance_removed = 0;   // share of the variance within arms, 0..1
  std::size_t known_before = 0;  // customers with a measure of the time before
};
// One entry a customer; NaN in `before`: not known, which leaves its outcome as it is. `arms` are
// places below `arm_count`. theta is fitted within the arms together, so that it does not take a
// part of the effect. nullopt: fewer than kSmallestArm customers have a measure, or it is the same
// for all of them.
[[nodiscard]] std::optional<Adjusted> adjusted_by_before(std::span<const double> outcomes,
                                                         std::span<const double> before,
                                                         std::span<const std::size_t> arms,
                                                         std::size_t arm_count);

// One outcome of all customers of an experiment.
struct ExperimentOutcome {
  std::string name;
  bool is_share = false;       // values are 0 and 1
  std::vector<double> values;  // one a customer; NaN: not known (yet)
};

struct Experiment {
  std::vector<std::string> arms;  // the first is the control
  std::vector<double> shares;     // planned, one an arm
  std::vector<std::size_t> arm;   // one a customer
  std::vector<double> before;     // one a customer; empty: nothing is known of the time before
  std::vector<ExperimentOutcome> outcomes;
};

// One arm against the control, for one outcome.
struct Comparison {
  std::string outcome;
  bool is_share = false;
  std::string arm;                 // empty: all treated arms together
  bool enough = false;             // else both effects are without meaning
  ArmEffect effect;                // as measured
  std::optional<ArmEffect> cuped;  // with what was known before taken out
  double variance_removed = 0;     // by CUPED
  std::size_t missing = 0;         // customers that the smaller arm lacks; 0 where enough
};

struct ExperimentReport {
  std::vector<std::size_t> customers;  // one an arm, all that were assigned
  SampleRatio ratio;
  std::vector<Comparison> comparisons;  // by outcome, then by arm, then all arms together
};

// CHECKs that the vectors fit each other.
[[nodiscard]] ExperimentReport report_of(const Experiment& experiment);

}  // namespace tideline
