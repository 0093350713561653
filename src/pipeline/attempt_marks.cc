#include "pipeline/attempt_marks.h"

#include <array>

#include "base/check.h"

namespace tideline {
namespace {

// A slot a shard: u8 length of the record, the record, u32 CRC-32C of both.
constexpr std::uint64_t kSlotBytes = 64;

std::string checksum_of(std::string_view bytes) {
  ByteWriter out;
  out.fixed64(crc32c(bytes));
  return out.take().substr(0, 4);
}

}  // namespace

Result<std::unique_ptr<AttemptMarks>> AttemptMarks::open(FileSystem& files,
                                                         const std::string& path,
                                                         std::uint16_t shards) {
  auto file = files.open(path, OpenMode::read_write);
  if (!file && file.error().code == ErrorCode::not_found) {
    file = files.open(path, OpenMode::create);
  }
  if (!file) return fail(file.error());
  TRY((*file)->allocate(shards * kSlotBytes));  // so that a full disk does not stop a mark
  return std::unique_ptr<AttemptMarks>(new AttemptMarks(std::move(*file)));
}

Result<std::optional<AttemptMark>> AttemptMarks::read(std::uint16_t shard) {
  std::array<char, kSlotBytes> slot{};
  TRY_ASSIGN(const std::size_t size, read_up_to(*file_, shard * kSlotBytes, slot));
  const std::string_view bytes(slot.data(), size);
  if (bytes.empty() || bytes[0] == 0) return std::optional<AttemptMark>();
  const std::size_t end = 1 + static_cast<unsigned char>(bytes[0]);
  if (end + 4 > bytes.size() || bytes.substr(end, 4) != checksum_of(bytes.substr(0, end))) {
    return std::optional<AttemptMark>();
  }
  auto mark = decode_attempt(bytes.substr(1, end - 1));
  return mark ? std::optional(*mark) : std::nullopt;
}

Status AttemptMarks::write(std::uint16_t shard, const AttemptMark& mark) {
  const std::string record = encode(mark);
  CHECK(record.size() + 5 <= kSlotBytes);
  std::string slot(1, static_cast<char>(record.size()));
  slot += record;
  slot += checksum_of(slot);
  return write_all(*file_, shard * kSlotBytes, slot);
}

}  // namespace tideline
