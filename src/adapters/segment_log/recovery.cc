#include "adapters/segment_log/recovery.h"

#include <algorithm>

namespace tideline::segment_log {
namespace {

constexpr std::size_t kScanBytes = 1 << 20;

// What intact frame heads of this segment stand at or behind a damaged place.
struct Remains {
  bool any = false;
  LogPosition durable = 0;       // the most that one of them says was synced
  std::uint64_t witness_at = 0;  // where that one stands
};

Result<Remains> look_behind(const Segment& segment, std::uint64_t from) {
  Remains remains;
  const std::uint64_t limit = segment.head.segment_bytes;
  std::string chunk;
  for (std::uint64_t at = aligned(from); at + kFrameHeadBytes <= limit; at += kScanBytes) {
    // Chunks overlap by a head, so that one across their border is seen.
    chunk.resize(std::min<std::uint64_t>(kScanBytes + kFrameHeadBytes, limit - at));
    TRY_ASSIGN(const std::size_t got, read_up_to(*segment.file, at, chunk));
    const std::string_view bytes = std::string_view(chunk).substr(0, got);
    for (std::size_t i = 0; i < kScanBytes && i + kFrameHeadBytes <= bytes.size();
         i += kFrameAlignment) {
      if (!starts_like_frame(bytes.data() + i)) continue;
      const auto head =
          decode_frame_head(bytes.substr(i, kFrameHeadBytes), segment.seed, segment.head.number);
      if (!head) continue;
      remains.any = true;
      if (head->durable > remains.durable) {
        remains.durable = head->durable;
        remains.witness_at = at + i;
      }
    }
  }
  return remains;
}

// Zeroes from `from` on, so that nothing of a torn write can be met again.
Status wipe(Segment& segment, std::uint64_t from) {
  const std::string zeros(kScanBytes, '\0');
  for (std::uint64_t at = from; at < segment.head.segment_bytes; at += kScanBytes) {
    const auto bytes = std::min<std::uint64_t>(kScanBytes, segment.head.segment_bytes - at);
    TRY(write_all(*segment.file, at, std::string_view(zeros).substr(0, bytes)));
  }
  return segment.file->sync();
}

}  // namespace

Result<RecoveredTail> recover(Segment& last) {
  // What a killed process has written is still on its way to the disk; what a failed sync has lost
  // may still stand in the page cache. After these two the bytes read are the disk's.
  TRY(last.file->sync());
  last.file->forget_cached();

  RecoveredTail recovered{tail_at_start(last), std::nullopt};
  LogTail& tail = recovered.tail;
  TRY_ASSIGN(auto stop, walk(last, last.head.segment_bytes, tail, [](const FrameHead&) {}));
  if (!stop) return recovered;

  TRY_ASSIGN(const Remains remains, look_behind(last, stop->offset));
  if (remains.durable > tail.point.position) {
    return fail(damage_at(last, stop->offset,
                          stop->why + ", and byte " + std::to_string(remains.witness_at) +
                              " says that records " + std::to_string(tail.point.position) +
                              " to " + std::to_string(remains.durable - 1) +
                              " had been stored and acknowledged; nothing was changed. Restore "
                              "the file, or move the log's folder away to go on without them"));
  }
  if (remains.any) {
    TRY(wipe(last, stop->offset));
    recovered.cut = std::move(stop);
  }
  return recovered;
}

}  // namespace tideline::segment_log
