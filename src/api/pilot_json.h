// Pilots as JSON and CSV, what is read of requests about them, and how customers come into them.
// Shared by the API and the command line.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/json_writer.h"
#include "insights/pilots.h"
#include "packs/pack.h"
#include "pipeline/newcomers.h"

namespace tideline {

// {"name","treatment","hypothesis"?,"tiers"?,"arms"?,"outcome"?,"horizon_days"?,"baseline",
// "change","deviation"?,"power"?,"phases"?}; who makes it and its salt are the caller's. Tiers are
// the pack's, else invalid ("bad_pilot").
[[nodiscard]] Result<Pilot> parse_pilot(std::string_view body, const Pack& pack);

void write_pilot(JsonWriter& json, const Pilot& pilot);
// With the member "report".
void write_pilot_with_report(JsonWriter& json, const Pilot& pilot, const PilotReport& report);
[[nodiscard]] std::string exposure_csv(const Pilot& pilot, std::span<const Exposure> exposures);

// Everybody whom the running pilots would take comes in; how many did.
[[nodiscard]] Result<std::size_t> enrol_everybody(Pilots& pilots, const NewcomerSources& sources,
                                                  Time now);

}  // namespace tideline
