#include "api/write_gate.h"

namespace tideline {

Status may_write(const Services& services) {
  if (!services.frozen_at) return {};
  return fail(ErrorCode::unavailable,
              "time stands still at " + format_time(*services.frozen_at) + "; nothing is written",
              "frozen");
}

}  // namespace tideline
