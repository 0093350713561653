// ByteWriter and ByteReader: small binary records (varints, strings, fixed words), for logs and
// state.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/time.h"

namespace tideline {

// Appends to a string that it owns. Unsigned numbers are LEB128 varints, signed ones zigzag first.
class ByteWriter {
 public:
  ByteWriter() = default;
  // Goes on behind `bytes`; with take() a buffer can be lent to it.
  explicit ByteWriter(std::string bytes) : bytes_(std::move(bytes)) {}

  void u8(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      u8(static_cast<std::uint8_t>(value) | 0x80);
      value >>= 7;
    }
    u8(static_cast<std::uint8_t>(value));
  }
  void zigzag(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void fixed64(std::uint64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), 8); }
  void real(double value) { fixed64(std::bit_cast<std::uint64_t>(value)); }
  void text(std::string_view value) {
    varint(value.size());
    bytes_.append(value);
  }
  void time(Time value) { zigzag(millis(value)); }
  void hash(const Hash128& value) {
    fixed64(value.high);
    fixed64(value.low);
  }

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads what ByteWriter wrote. Past the end, or on a malformed number, it answers zeros and ok()
// is false from then on, so that a record is read whole and checked once.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint8_t u8() {
    if (bytes_.empty()) return static_cast<std::uint8_t>(broken());
    const auto value = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t byte = u8();
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return broken();
  }
  std::int64_t zigzag() {
    const std::uint64_t value = varint();
    return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
  }
  std::uint64_t fixed64() {
    if (bytes_.size() < 8) return broken();
    std::uint64_t value;
    std::memcpy(&value, bytes_.data(), 8);
    bytes_.remove_prefix(8);
    return value;
  }
  double real() { return std::bit_cast<double>(fixed64()); }
  std::string_view view() {
    const std::uint64_t size = varint();
    if (size > bytes_.size()) {
      broken();
      return {};
    }
    const std::string_view value = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return value;
  }
  std::string text() { return std::string(view()); }
  Time time() { return time_from_millis(zigzag()); }
  Hash128 hash() {
    const std::uint64_t high = fixed64();
    return Hash128{high, fixed64()};
  }

  [[nodiscard]] bool ok() const { return ok_; }
  // Everything was read and nothing was missing.
  [[nodiscard]] bool done() const { return ok_ && bytes_.empty(); }

 private:
  std::uint64_t broken() {
    ok_ = false;
    bytes_ = {};
    return 0;
  }
  std::string_view bytes_;
  bool ok_ = true;
};

// A number as 8 bytes whose order as text is its order as a number: for keys.
inline std::string big_endian(std::uint64_t value) {
  std::string out(8, '\0');
  for (int i = 7; i >= 0; --i, value >>= 8)
    out[static_cast<std::size_t>(i)] = static_cast<char>(value & 0xFF);
  return out;
}
inline std::uint64_t from_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8 && i < bytes.size(); ++i) {
    value = (value << 8) | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

}  // namespace tideline
