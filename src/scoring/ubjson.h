// UBJSON (draft 12, ubjson.org), the binary form of JSON that XGBoost writes: read into JSON
// values.
#pragma once

#include <string_view>

#include <boost/json/value.hpp>

#include "base/result.h"

namespace tideline {

// invalid when the bytes are no UBJSON, nested deeper than 32, or promise more than they hold; the
// answer is never more than a constant times as large as the bytes.
[[nodiscard]] Result<boost::json::value> parse_ubjson(std::string_view bytes);

}  // namespace tideline
