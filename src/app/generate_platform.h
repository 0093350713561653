// generate --pack engagement: the simulated platform as files, and its figures beside the targets.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "simulator/platform_generate.h"

namespace tideline {

struct PlatformFlags {
  PlatformTargets targets;
  double planted_gap = 0;
};
void add_platform_flags(CLI::App& command, PlatformFlags& flags);

// Exit code; prints what was made.
[[nodiscard]] Result<int> generate_platform_files(const PlatformGenerateOptions& options,
                                                  const std::string& folder, bool with_truth,
                                                  bool json);

}  // namespace tideline
