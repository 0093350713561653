#include "adapters/segment_log/frame.h"

#include <cstring>

#include "base/check.h"
#include "base/fault.h"
#include "base/hash.h"

namespace tideline::segment_log {
namespace {

constexpr char kSegmentMagic[8] = {'T', 'I', 'D', 'E', 'L', 'O', 'G', '1'};
constexpr std::uint32_t kFrameMagic = 0x31464C54;  // "TLF1"
constexpr std::size_t kFixedHeadBytes = 128;       // before the shards' offsets
constexpr std::size_t kShardsMax = 65535;

// Offsets of the fields of a segment head.
enum : std::size_t {
  kFormatAt = 8,
  kHeadBytesAt = 12,
  kNumberAt = 16,
  kSegmentBytesAt = 24,
  kSaltAt = 32,
  kFirstAt = 40,
  kCreatedAt = 48,
  kPreviousEndAt = 56,
  kPreviousLastStoredAt = 64,
  kPreviousChainAt = 72,
  kShardsAt = 76,
  kHeadCheckAt = 84,
};

// Offsets of the fields of a frame head.
enum : std::size_t {
  kLengthAt = 4,
  kSegmentAt = 8,
  kPositionAt = 16,
  kDurableAt = 24,
  kStoredAt = 32,
  kCountAt = 40,
  kKindAt = 44,
  kPreviousAt = 48,
  kBodyCheckAt = 52,
  kCheckAt = 60,
};

// Numbers are little-endian, as the machines are that the program runs on.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
template <class T>
void store(char* bytes, std::size_t at, T value) {
  std::memcpy(bytes + at, &value, sizeof value);
}
template <class T>
T load(const char* bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes + at, sizeof value);
  return value;
}

// The planted bug lets damaged bytes pass, so that the tests can show that they would notice.
bool check_holds(bool holds) { return holds || fault::planted("checksum_skipped"); }

}  // namespace

std::uint64_t head_bytes(std::size_t shards) {
  return (kFixedHeadBytes + 8 * shards + kHeadBlockBytes - 1) / kHeadBlockBytes * kHeadBlockBytes;
}

std::string encode(SegmentHead& head) {
  const auto shards = head.next_offsets.size();
  std::string bytes(head_bytes(shards), '\0');
  char* p = bytes.data();
  std::memcpy(p, kSegmentMagic, sizeof kSegmentMagic);
  store<std::uint32_t>(p, kFormatAt, kFormat);
  store<std::uint32_t>(p, kHeadBytesAt, static_cast<std::uint32_t>(bytes.size()));
  store<std::uint64_t>(p, kNumberAt, head.number);
  store<std::uint64_t>(p, kSegmentBytesAt, head.segment_bytes);
  store<std::uint64_t>(p, kSaltAt, head.salt);
  store<std::uint64_t>(p, kFirstAt, head.first);
  store<std::int64_t>(p, kCreatedAt, millis(head.created));
  store<std::uint64_t>(p, kPreviousEndAt, head.previous_end);
  store<std::int64_t>(p, kPreviousLastStoredAt, millis(head.previous_last_stored));
  store<std::uint32_t>(p, kPreviousChainAt, head.previous_chain);
  store<std::uint32_t>(p, kShardsAt, static_cast<std::uint32_t>(shards));
  for (std::size_t i = 0; i < shards; ++i) {
    store<std::uint64_t>(p, kFixedHeadBytes + 8 * i, head.next_offsets[i]);
  }
  head.check = crc32c(bytes);  // the field itself still zero
  store<std::uint32_t>(p, kHeadCheckAt, head.check);
  return bytes;
}

std::optional<std::uint64_t> head_bytes_in(std::string_view block) {
  if (block.size() < kFixedHeadBytes) return std::nullopt;
  if (std::memcmp(block.data(), kSegmentMagic, sizeof kSegmentMagic) != 0) return std::nullopt;
  const auto shards = load<std::uint32_t>(block.data(), kShardsAt);
  const auto bytes = load<std::uint32_t>(block.data(), kHeadBytesAt);
  if (shards > kShardsMax || bytes != head_bytes(shards)) return std::nullopt;
  return bytes;
}

Result<SegmentHead> decode_segment_head(std::string_view bytes) {
  const auto expected = head_bytes_in(bytes);
  if (!expected || bytes.size() < *expected) {
    return fail(ErrorCode::corrupt, "byte 0: this is not the head of a log segment");
  }
  std::string head_only(bytes.substr(0, *expected));
  char* p = head_only.data();
  SegmentHead head;
  head.check = load<std::uint32_t>(p, kHeadCheckAt);
  store<std::uint32_t>(p, kHeadCheckAt, 0);
  if (!check_holds(crc32c(head_only) == head.check)) {
    return fail(ErrorCode::corrupt, "byte 0: the segment's head does not match its check sum");
  }
  const auto format = load<std::uint32_t>(p, kFormatAt);
  if (format != kFormat) {
    return fail(ErrorCode::refused, "written in log format " + std::to_string(format) +
                                        "; this program reads format " + std::to_string(kFormat));
  }
  head.number = load<std::uint64_t>(p, kNumberAt);
  head.segment_bytes = load<std::uint64_t>(p, kSegmentBytesAt);
  head.salt = load<std::uint64_t>(p, kSaltAt);
  head.first = load<std::uint64_t>(p, kFirstAt);
  head.created = time_from_millis(load<std::int64_t>(p, kCreatedAt));
  head.previous_end = load<std::uint64_t>(p, kPreviousEndAt);
  head.previous_last_stored = time_from_millis(load<std::int64_t>(p, kPreviousLastStoredAt));
  head.previous_chain = load<std::uint32_t>(p, kPreviousChainAt);
  head.next_offsets.resize(load<std::uint32_t>(p, kShardsAt));
  for (std::size_t i = 0; i < head.next_offsets.size(); ++i) {
    head.next_offsets[i] = load<std::uint64_t>(p, kFixedHeadBytes + 8 * i);
  }
  return head;
}

std::uint32_t seed_of(const SegmentHead& head) {
  char bytes[16];
  store<std::uint64_t>(bytes, 0, head.salt);
  store<std::uint64_t>(bytes, 8, head.number);
  return crc32c(std::string_view(bytes, sizeof bytes));
}

void encode(FrameHead& head, std::uint32_t seed, char* into) {
  std::memset(into, 0, kFrameHeadBytes);
  store<std::uint32_t>(into, 0, kFrameMagic);
  store<std::uint32_t>(into, kLengthAt, head.length);
  store<std::uint64_t>(into, kSegmentAt, head.segment);
  store<std::uint64_t>(into, kPositionAt, head.position);
  store<std::uint64_t>(into, kDurableAt, head.durable);
  store<std::int64_t>(into, kStoredAt, millis(head.stored));
  store<std::uint32_t>(into, kCountAt, head.count);
  store<std::uint8_t>(into, kKindAt, static_cast<std::uint8_t>(head.kind));
  store<std::uint32_t>(into, kPreviousAt, head.previous);
  store<std::uint32_t>(into, kBodyCheckAt, head.body_check);
  head.check = crc32c(std::string_view(into, kCheckAt), seed);
  store<std::uint32_t>(into, kCheckAt, head.check);
}

bool starts_like_frame(const char* bytes) { return load<std::uint32_t>(bytes, 0) == kFrameMagic; }

std::optional<FrameHead> decode_frame_head(std::string_view bytes, std::uint32_t seed,
                                           std::uint64_t segment) {
  if (bytes.size() < kFrameHeadBytes || !starts_like_frame(bytes.data())) return std::nullopt;
  const char* p = bytes.data();
  FrameHead head;
  head.segment = load<std::uint64_t>(p, kSegmentAt);
  if (head.segment != segment) return std::nullopt;
  head.check = load<std::uint32_t>(p, kCheckAt);
  if (!check_holds(crc32c(bytes.substr(0, kCheckAt), seed) == head.check)) return std::nullopt;
  head.length = load<std::uint32_t>(p, kLengthAt);
  head.position = load<std::uint64_t>(p, kPositionAt);
  head.durable = load<std::uint64_t>(p, kDurableAt);
  head.stored = time_from_millis(load<std::int64_t>(p, kStoredAt));
  head.count = load<std::uint32_t>(p, kCountAt);
  head.kind = static_cast<FrameKind>(load<std::uint8_t>(p, kKindAt));
  head.previous = load<std::uint32_t>(p, kPreviousAt);
  head.body_check = load<std::uint32_t>(p, kBodyCheckAt);
  if (head.length < kFrameHeadBytes || head.length % kFrameAlignment != 0) return std::nullopt;
  if (head.kind == FrameKind::mark) {
    if (head.length != kFrameHeadBytes || head.count != 0) return std::nullopt;
  } else if (head.kind != FrameKind::records || head.count == 0) {
    return std::nullopt;
  }
  return head;
}

bool body_intact(const FrameHead& head, std::string_view body) {
  return check_holds(crc32c(body) == head.body_check);
}

void assign_places(std::span<char> body, std::vector<std::uint64_t>& next_offsets,
                   std::vector<Place>& places) {
  for (std::size_t at = 0; at < body.size();) {
    char* record = body.data() + at;
    const auto shard = load<std::uint16_t>(record, 0);
    CHECK(shard < next_offsets.size());
    const auto offset = next_offsets[shard]++;
    store<std::uint64_t>(record, 8, offset);
    places.push_back({shard, offset});
    at += kRecordHeadBytes + load<std::uint32_t>(record, 4);
    CHECK(at <= body.size());
  }
}

std::optional<std::vector<RecordView>> decode_records(const FrameHead& head,
                                                      std::string_view body) {
  std::vector<RecordView> records;
  records.reserve(std::min<std::size_t>(head.count, body.size() / kRecordHeadBytes));
  std::size_t at = 0;
  for (std::uint32_t i = 0; i < head.count; ++i) {
    if (body.size() - at < kRecordHeadBytes) return std::nullopt;
    const char* p = body.data() + at;
    const std::size_t payload_bytes = load<std::uint32_t>(p, 4);
    if (body.size() - at - kRecordHeadBytes < payload_bytes) return std::nullopt;
    records.push_back({Place{load<std::uint16_t>(p, 0), load<std::uint64_t>(p, 8)},
                       static_cast<RecordKind>(load<std::uint8_t>(p, 2)),
                       body.substr(at + kRecordHeadBytes, payload_bytes)});
    at += kRecordHeadBytes + payload_bytes;
  }
  if (body.size() - at >= kFrameAlignment) return std::nullopt;
  return records;
}

}  // namespace tideline::segment_log
