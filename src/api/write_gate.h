// may_write: what every write through the API asks first.
#pragma once

#include "api/services.h"

namespace tideline {

// unavailable: time stands still. Who may write, and from which pages, AccessGate has asked.
[[nodiscard]] Status may_write(const Services& services);

}  // namespace tideline
