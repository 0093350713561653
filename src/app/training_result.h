// What becomes of a model just trained: kept with what it was trained on, and promoted or not.
#pragma once

#include <boost/json/object.hpp>

#include "app/operations.h"
#include "learning/train.h"

namespace tideline {

// The argument "promote": "always" (also where it is not given), "gated": only when it passes
// learning/promotion_gate.h, "never". Answers {"promoted","promotion":reason,"gate":[…]}.
[[nodiscard]] Result<boost::json::object> settle_trained(const OperationContext& context,
                                                         const boost::json::object& arguments,
                                                         const SnapshotTable& table,
                                                         const TrainedModel& trained);

}  // namespace tideline
