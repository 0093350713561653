// RecordBatch: records on their way into the log, in one buffer, so that a thousand of them cost
// no thousand allocations and a log can write the buffer as it is.
//
//     | front room | record | record | ...
//
// A record is a head of 16 bytes and its payload, as docs/formats/segment-log.md has them: shard,
// kind, payload length, and 8 bytes for the offset, which the log fills in. The front room is the
// log's own too.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace tideline {

enum class RecordKind : std::uint8_t {
  event = 1,   // payload: an encoded Event
  reject = 2,  // payload: an encoded reject, which becomes a dead letter
};

struct NewRecord {
  std::uint16_t shard = 0;
  RecordKind kind = RecordKind::event;
  std::string payload;
};

class RecordBatch {
 public:
  static constexpr std::size_t kFrontRoom = 64;
  static constexpr std::size_t kHeadBytes = 16;

  struct View {
    std::uint16_t shard = 0;
    RecordKind kind = RecordKind::event;
    std::string_view payload;
  };

  RecordBatch() = default;
  // Of single records, where speed does not matter.
  RecordBatch(std::initializer_list<NewRecord> records);  // NOLINT(google-explicit-constructor)
  RecordBatch(const std::vector<NewRecord>& records);     // NOLINT(google-explicit-constructor)

  void reserve(std::size_t records, std::size_t payload_bytes);
  void add(std::uint16_t shard, RecordKind kind, std::string_view payload);

  // For payloads that are encoded in place: what is appended to the string that open() answers,
  // up to close(), is the payload of one record. Nothing before its size at open() may change.
  [[nodiscard]] std::string& open();
  void close(std::uint16_t shard, RecordKind kind);

  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] std::size_t size() const { return count_; }  // records
  // Of heads and payloads.
  [[nodiscard]] std::size_t bytes() const {
    return buffer_.empty() ? 0 : buffer_.size() - kFrontRoom;
  }
  // In their order; valid until the batch changes.
  [[nodiscard]] std::vector<View> records() const;

  // The buffer, front room included, for a log to fill in and write. The batch is empty then.
  [[nodiscard]] std::string take();

 private:
  std::string buffer_;
  std::size_t opened_at_ = 0;
  std::size_t count_ = 0;
};

}  // namespace tideline
