#include "app/disturbance_flags.h"

namespace tideline {

void add_disturbance_flags(CLI::App& command, DisturbanceOptions& options) {
  const auto share = [&](const char* flag, double& value, const char* help) {
    command.add_option(flag, value, help)->capture_default_str()->check(CLI::Range(0.0, 1.0));
  };
  share("--late-share", options.late_share, "Share of events that come over three days late");
  share("--duplicate-share", options.duplicate_share, "Share of events that come twice");
  share("--malformed-share", options.malformed_share, "Share of events that come broken");
}

boost::json::object json_of(const SentCounts& counts) {
  boost::json::object malformed;
  for (std::size_t i = 0; i < kMalformations; ++i) {
    malformed[name_of(static_cast<Malformation>(i))] = counts.malformed[i];
  }
  return {{"sent", counts.sent},
          {"late", counts.late},
          {"duplicates", counts.duplicates},
          {"malformed", malformed}};
}

}  // namespace tideline
