// The bodies of reads that streams carry too, as their endpoints answer them.
#pragma once

#include <string>

#include "api/services.h"

namespace tideline {

[[nodiscard]] std::string overview_body(const Services& services);
[[nodiscard]] std::string pipeline_body(const Services& services);
[[nodiscard]] std::string tiers_body(const Services& services);

}  // namespace tideline
