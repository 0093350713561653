// Recovery of the last segment after a stop of any kind: what was acknowledged is there or the log
// refuses to open; what was never acknowledged and is torn is cut. The reasoning stands in
// docs/formats/segment-log.md.
#pragma once

#include <optional>

#include "adapters/segment_log/segment.h"

namespace tideline::segment_log {

struct RecoveredTail {
  LogTail tail;
  std::optional<Damage> cut;  // a torn write that was wiped, and why it was one
};

// Syncs the file and reads it back from the disk, wipes a torn tail. corrupt when acknowledged
// bytes are damaged.
[[nodiscard]] Result<RecoveredTail> recover(Segment& last);

}  // namespace tideline::segment_log
