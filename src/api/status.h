// The one place that maps an Error to an HTTP answer.
#pragma once

#include "base/result.h"
#include "http/message.h"

namespace tideline {

[[nodiscard]] int http_status_of(ErrorCode code);

// application/problem+json; its code is the error's reason, or the name of its code. Trouble that
// passes by itself carries a Retry-After of whole seconds.
[[nodiscard]] http::Response problem_of(const Error& error);

}  // namespace tideline
