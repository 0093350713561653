// demo: a simulated marketplace: its history is imported, then its customers go on live, through
// the HTTP door.
#pragma once

#include "app/serve.h"

namespace tideline {

struct DemoOptions {
  std::string data = "data/demo";
  std::uint16_t port = 3002;
  std::uint32_t customers = 2'000;
  std::uint32_t days = 365;
  double speed = 60;  // multiplies the live event rate, never the clock
  std::uint64_t seed = 1;
};

[[nodiscard]] Result<int> demo(const DemoOptions& options);

}  // namespace tideline
