// select_of_view: the SELECT that a view of the lake stands for.
#pragma once

#include <string>

#include "adapters/duckdb/duck_query.h"

namespace tideline {

// The view's own columns first, cast to their types; what a file lacks is NULL; what it has more
// follows.
[[nodiscard]] std::string select_of_view(const LakeView& view);

}  // namespace tideline
