// generate of the social platform: file by file in bounded memory, several files at a time.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "simulator/disturbance.h"
#include "simulator/platform.h"
#include "simulator/platform_life.h"

namespace tideline {

struct PlatformGenerateOptions {
  PlatformOptions platform;
  DisturbanceOptions disturbance;             // its seed is taken from the platform
  std::uint32_t customers_per_file = 10'000;  // 1 .. 1,000,000; does not change the rows
  int threads = 1;                            // files at a time; does not change a byte
  std::uint32_t solve_with = 60'000;          // lives, where the targets are not the usual ones
};

// Where the output goes. Of one file blocks come in time order and end_file last, by one thread;
// different files may come from different threads. Truth comes file after file, and the manifest
// last, by the caller's thread. A failure ends the run.
class PlatformSink {
 public:
  virtual ~PlatformSink() = default;
  virtual Status events(std::uint32_t file, std::span<const Event> block) = 0;
  virtual Status end_file(std::uint32_t file) = 0;
  virtual Status truth(std::span<const PlatformTruth> block) = 0;
  virtual Status manifest(const std::string& json) = 0;
};

struct PlatformSummary {
  std::uint64_t events = 0;
  std::uint32_t customers = 0;
  std::uint32_t files = 0;
  SentCounts counts;
  PlatformLevels levels;
  PlatformFigures figures;
};

[[nodiscard]] Result<PlatformSummary> generate_platform(const PlatformGenerateOptions& options,
                                                        PlatformSink& sink);

// One line for people: a figure, what it is, what was asked for (where it was) and what came.
struct FigureLine {
  std::string name;
  std::string definition;
  std::optional<double> target;
  double value = 0;
};
[[nodiscard]] std::vector<FigureLine> figure_lines(const PlatformOptions& options,
                                                   const PlatformFigures& figures);

}  // namespace tideline
