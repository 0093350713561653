// What is known of models in service, as JSON. Internal to pipeline.
#pragma once

#include <vector>

#include <boost/json/object.hpp>

#include "learning/drift.h"
#include "learning/realised.h"

namespace tideline {

// What the shadow said of the same customers.
struct ShadowComparison {
  struct Difference {  // shadow less production
    std::size_t n = 0;
    double sum = 0;
    double absolute_sum = 0;
  };
  std::size_t rows = 0;
  std::size_t other_tier = 0;           // customers that it would put into another tier
  std::vector<Difference> differences;  // one a task
};

[[nodiscard]] boost::json::object drift_json(const std::vector<Drift>& drifts, Time at,
                                             bool of_training);
[[nodiscard]] boost::json::object shadow_json(const Pack& pack, const ShadowComparison& comparison,
                                              const std::string& production, Time at);
[[nodiscard]] boost::json::object realised_json(const std::vector<RealisedMetrics>& metrics,
                                                std::size_t rows, Time at);

}  // namespace tideline
