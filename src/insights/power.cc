#include "insights/power.h"

#include <cmath>

#include "base/check.h"
#include "insights/statistics.h"

namespace tideline {
namespace {

constexpr double kCustomersMax = 1e12;

Status check(const PowerOptions& options) {
  if (!(options.power >= 0.5 && options.power <= 0.999))
    return fail(ErrorCode::invalid, "power is from 0.5 to 0.999", "bad_power");
  if (!(options.false_alarm >= 0.0001 && options.false_alarm <= 0.5)) {
    return fail(ErrorCode::invalid, "the share of false alarms is from 0.0001 to 0.5",
                "bad_false_alarm");
  }
  if (!(options.treated_share >= 0.01 && options.treated_share <= 0.99))
    return fail(ErrorCode::invalid, "the share treated is from 0.01 to 0.99", "bad_share");
  return {};
}

// Both arms from the control's size, rounded up.
Result<SampleSize> rounded(double control, const PowerOptions& options) {
  const double ratio = options.treated_share / (1 - options.treated_share);
  if (!(control * (1 + ratio) <= kCustomersMax)) {
    return fail(ErrorCode::invalid, "so small a change would take more than 10^12 customers",
                "bad_change");
  }
  const auto whole = [](double n) {
    return static_cast<std::uint64_t>(std::max(2.0, std::ceil(n - 1e-9)));
  };
  return SampleSize{whole(control), whole(control * ratio)};
}

}  // namespace

Result<SampleSize> sample_size_for_shares(double baseline, double change,
                                          const PowerOptions& options) {
  TRY(check(options));
  if (!(baseline > 0 && baseline < 1)) {
    return fail(ErrorCode::invalid, "the baseline is a share above 0 and below 1", "bad_baseline");
  }
  const double treated = baseline + change;
  if (!(treated > 0 && treated < 1) || change == 0) {
    return fail(ErrorCode::invalid,
                "the change is not 0, and leaves the share above 0 and below 1", "bad_change");
  }
  const double ratio = options.treated_share / (1 - options.treated_share);  // treated / control
  const double pooled = (baseline + ratio * treated) / (1 + ratio);
  const double alpha = normal_quantile_of(1 - options.false_alarm / 2);
  const double beta = normal_quantile_of(options.power);
  const double root =
      alpha * std::sqrt((1 + ratio) * pooled * (1 - pooled)) +
      beta * std::sqrt(ratio * baseline * (1 - baseline) + treated * (1 - treated));
  return rounded(root * root / (ratio * change * change), options);
}

Result<SampleSize> sample_size_for_means(double change, double deviation,
                                         const PowerOptions& options) {
  TRY(check(options));
  if (!(deviation > 0) || !std::isfinite(deviation)) {
    return fail(ErrorCode::invalid, "the standard deviation is above 0", "bad_deviation");
  }
  if (change == 0 || !std::isfinite(change))
    return fail(ErrorCode::invalid, "the change is not 0", "bad_change");
  const double ratio = options.treated_share / (1 - options.treated_share);
  const double alpha = normal_quantile_of(1 - options.false_alarm / 2);
  const double beta = normal_quantile_of(options.power);
  const double effect = change / deviation;
  const double control = (1 + 1 / ratio) * (alpha + beta) * (alpha + beta) / (effect * effect);
  return rounded(control + alpha * alpha / 4, options);
}

double power_for_shares(double baseline, double change, const SampleSize& size,
                        double false_alarm) {
  CHECK(size.control >= 2 && size.treated >= 2);
  const auto n = static_cast<double>(size.control), m = static_cast<double>(size.treated);
  const double treated = baseline + change;
  const double pooled = (n * baseline + m * treated) / (n + m);
  const double error = std::sqrt(baseline * (1 - baseline) / n + treated * (1 - treated) / m);
  const double as_if_none = std::sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
  const double border = normal_quantile_of(1 - false_alarm / 2) * as_if_none;
  return normal_below((std::abs(change) - border) / error) +
         normal_below((-std::abs(change) - border) / error);
}

double power_for_means(double change, double deviation, const SampleSize& size,
                       double false_alarm) {
  CHECK(size.control >= 2 && size.treated >= 2 && deviation > 0);
  const double error = deviation * std::sqrt(1 / static_cast<double>(size.control) +
                                             1 / static_cast<double>(size.treated));
  const double border = normal_quantile_of(1 - false_alarm / 2);
  return normal_below(std::abs(change) / error - border) +
         normal_below(-std::abs(change) / error - border);
}

}  // namespace tideline
