// may_write: what every write through the API asks first.
#pragma once

#include "api/services.h"
#include "http/message.h"

namespace tideline {

// refused: the request comes from a page of another site. unavailable: time stands still.
[[nodiscard]] Status may_write(const Services& services, const http::Request& request);

}  // namespace tideline
