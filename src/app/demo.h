// demo: a simulated marketplace: its history is imported, then its customers go on live, through
// the HTTP door.
#pragma once

#include "app/serve.h"
#include "simulator/disturbance.h"
#include "simulator/live_traffic.h"

namespace tideline {

struct DemoOptions {
  std::string data = "data/demo";
  std::uint16_t port = 3002;
  std::uint32_t customers = 2'000;
  std::uint32_t days = 365;
  double speed = 60;  // multiplies the live event rate, never the clock
  std::uint64_t seed = 1;
  // Of the live events; the history is as it should be.
  DisturbanceOptions disturbance{
      .late_share = 0.003, .duplicate_share = 0.01, .malformed_share = 0.002};
  BurstPlan bursts;  // none unless it has a length; `first` is set from burst_after
  Duration burst_after = std::chrono::minutes(1);  // from the first live event on
  bool story = true;                               // a tutor turns bad
  bool json = false;                               // print what was sent as JSON at the end
};

[[nodiscard]] Result<int> demo(const DemoOptions& options);

}  // namespace tideline
