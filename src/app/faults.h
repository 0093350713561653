// Arms the named crash points and planted bugs that a test build was told of (hidden settings
// faults.*).
#pragma once

#include "base/result.h"
#include "config/settings.h"

namespace tideline {

// "NAME" or "NAME:COUNT" of a crash point, and the names of planted bugs, separated by commas. The
// refusal of an unknown crash point lists all that are compiled in.
Status arm_faults(const FaultsSettings& settings);

}  // namespace tideline
