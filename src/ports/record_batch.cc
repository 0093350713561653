#include "ports/record_batch.h"

#include <cstring>
#include <utility>

#include "base/check.h"

namespace tideline {

RecordBatch::RecordBatch(std::initializer_list<NewRecord> records) {
  for (const NewRecord& record : records) add(record.shard, record.kind, record.payload);
}

RecordBatch::RecordBatch(const std::vector<NewRecord>& records) {
  for (const NewRecord& record : records) add(record.shard, record.kind, record.payload);
}

void RecordBatch::reserve(std::size_t records, std::size_t payload_bytes) {
  // With room for the padding of a frame.
  buffer_.reserve(kFrontRoom + records * kHeadBytes + payload_bytes + 8);
}

void RecordBatch::add(std::uint16_t shard, RecordKind kind, std::string_view payload) {
  open().append(payload);
  close(shard, kind);
}

std::string& RecordBatch::open() {
  if (buffer_.empty()) buffer_.resize(kFrontRoom, '\0');
  opened_at_ = buffer_.size();
  buffer_.append(kHeadBytes, '\0');
  return buffer_;
}

void RecordBatch::close(std::uint16_t shard, RecordKind kind) {
  CHECK(opened_at_ > 0 && buffer_.size() >= opened_at_ + kHeadBytes);
  const auto payload_bytes = static_cast<std::uint32_t>(buffer_.size() - opened_at_ - kHeadBytes);
  char* head = buffer_.data() + opened_at_;
  std::memcpy(head, &shard, sizeof shard);
  head[2] = static_cast<char>(kind);
  std::memcpy(head + 4, &payload_bytes, sizeof payload_bytes);
  opened_at_ = 0;
  ++count_;
}

std::vector<RecordBatch::View> RecordBatch::records() const {
  std::vector<View> all;
  all.reserve(count_);
  for (std::size_t at = kFrontRoom; all.size() < count_;) {
    const char* head = buffer_.data() + at;
    View view;
    std::uint32_t payload_bytes = 0;
    std::memcpy(&view.shard, head, sizeof view.shard);
    view.kind = static_cast<RecordKind>(head[2]);
    std::memcpy(&payload_bytes, head + 4, sizeof payload_bytes);
    view.payload = std::string_view(buffer_).substr(at + kHeadBytes, payload_bytes);
    all.push_back(view);
    at += kHeadBytes + payload_bytes;
  }
  return all;
}

std::string RecordBatch::take() {
  count_ = 0;
  return std::exchange(buffer_, {});
}

}  // namespace tideline
