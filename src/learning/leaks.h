// Leaks: features that are made of what they are to foresee. Nothing is learnt from a table that
// has one: what it promises would not come true, for the answer is not there when it is asked.
#pragma once

#include <span>
#include <string>

#include "learning/dataset.h"

namespace tideline {

// refused ("target_derived") where one feature alone tells a task's label: by an AUC of at least
// 0.99, also by being there or missing, or an R2 of at least 0.97 on other customers. Names every
// such feature. Looks at up to 20,000 rows; fewer than 200, or than 50 of either class, say
// nothing.
[[nodiscard]] Status refuse_leaks(const Dataset& data, std::span<const std::string> names);

}  // namespace tideline
