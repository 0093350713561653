// Prediction: what a model says of one customer as of a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/event.h"

namespace tideline {

enum class ScoreStatus : std::uint8_t { scored, unscored, stale };
[[nodiscard]] std::string_view name_of(ScoreStatus status);

struct Prediction {
  CustomerId customer;
  Time timestamp{};  // when it was computed
  Time features_as_of{};
  // One a task, in the pack's order; nullopt when missing.
  std::vector<std::optional<double>> figures;
  std::string tier;  // name from the pack's tier rule; empty when unscored
  ScoreStatus status = ScoreStatus::unscored;
  // Why unscored or stale, e.g. "not_enough_data", "no_model"; or of the tier.
  std::string reason;
  std::string model_version;  // empty without a model
  double inference_time_ms = 0;
  double coverage = 0;  // 0..1, share present of the features that can be missing
  bool lapsed = false;  // no qualifying event for more than the lapse period
};

}  // namespace tideline
