// What the effect of actions is computed from: the inbox's follow-ups as rows.
#pragma once

#include <vector>

#include "actions/inbox.h"
#include "insights/effect.h"

namespace tideline {

// Of actions that were due at `from` or later.
[[nodiscard]] Result<std::vector<EffectRow>> effect_rows(Inbox& inbox, Time from);

}  // namespace tideline
