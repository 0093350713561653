// Reading and writing the numbers of an encoded state: varints, times, wide integers.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/exact.h"
#include "base/hash.h"
#include "base/time.h"

namespace tideline {

class StateWriter {
 public:
  void byte(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void varint(std::uint64_t value) {
    while (value >= 0x80) byte(static_cast<std::uint8_t>(value | 0x80)), value >>= 7;
    byte(static_cast<std::uint8_t>(value));
  }
  // Zigzag, so that small negative numbers are short.
  void signed_varint(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void time(Time t) { signed_varint(millis(t)); }
  void fixed64(std::uint64_t value) {
    for (int i = 0; i < 8; ++i) byte(static_cast<std::uint8_t>(value >> (8 * i)));
  }
  void real(double value) { fixed64(std::bit_cast<std::uint64_t>(value)); }
  void hash(const Hash128& value) { fixed64(value.high), fixed64(value.low); }
  void text(std::string_view value) { varint(value.size()), bytes_.append(value); }
  // Sums of round numbers end in many zero bits: how many, then the rest.
  void wide(std::array<std::uint64_t, 3> value);
  void wide(Int128 value);

  [[nodiscard]] const std::string& bytes() const { return bytes_; }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// After the first wrong byte everything reads as 0 and ok() is false.
class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }
  void refuse() { ok_ = false, at_ = bytes_.size(); }

  std::uint8_t byte();
  std::uint64_t varint();
  std::int64_t signed_varint() {
    const std::uint64_t value = varint();
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
  }
  Time time() { return time_from_millis(signed_varint()); }
  std::uint64_t fixed64();
  double real() { return std::bit_cast<double>(fixed64()); }
  Hash128 hash();
  std::string text();
  std::array<std::uint64_t, 3> wide_unsigned();
  Int128 wide_signed();
  // How many items follow, each of at least `least_bytes`: never more than the bytes that are left
  // could hold.
  std::size_t count(std::size_t least_bytes);
  // A number below `limit`.
  std::size_t index(std::size_t limit);

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace tideline
