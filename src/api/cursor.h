// Cursors: where a page of a list ends, opaque to callers.
//
// A cursor names its list and carries a check, so that one of another list, or one that was
// changed on its way, is told from one of ours.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tideline {

// `list`: of which list, with its order where it has several; `place`: any bytes.
[[nodiscard]] std::string make_cursor(std::string_view list, std::string_view place);
// The place. invalid "bad_cursor" for anything else than what make_cursor gave for that list.
[[nodiscard]] Result<std::string> read_cursor(std::string_view list, std::string_view cursor);

}  // namespace tideline
