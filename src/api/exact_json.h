// JSON whose numbers are read to the last bit. Boost.JSON 1.81 may be off by one in the last
// place, and an answer's numbers are those of its query.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "base/result.h"

namespace tideline {

[[nodiscard]] Result<boost::json::value> parse_exactly(std::string_view json);

}  // namespace tideline
