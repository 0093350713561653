// ProtobufWriter: bytes of a protocol-buffers message, field by field, as far as ONNX needs it.
//
// The wire format: https://protobuf.dev/programming-guides/encoding/ . A message inside another is
// written by a writer of its own and put in as bytes.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace tideline {

class ProtobufWriter {
 public:
  // int64 and enum; negative numbers take ten bytes, as the format has it.
  void whole(int field, std::int64_t value) {
    tag(field, 0);
    varint(std::uint64_t(value));
  }
  void number(int field, float value) {
    tag(field, 5);
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) bytes_ += char(bits >> shift & 0xFF);
  }
  // string, bytes, and messages inside.
  void bytes(int field, std::string_view value) {
    tag(field, 2);
    varint(value.size());
    bytes_ += value;
  }
  void message(int field, const ProtobufWriter& inside) { bytes(field, inside.bytes_); }

  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  void tag(int field, std::uint32_t wire_type) {
    varint(std::uint64_t(field) << 3 | std::uint64_t(wire_type));
  }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += char((value & 0x7F) | 0x80);
    bytes_ += char(value);
  }

  std::string bytes_;
};

}  // namespace tideline
