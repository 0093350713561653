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
  StateWriter() { bytes_.reserve(kUsualSize); }

  void byte(std::uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void varint(std::uint64_t value) {
    if (value < 0x80) return byte(static_cast<std::uint8_t>(value));
    std::array<char, 10> buffer;
    std::size_t size = 0;
    for (; value >= 0x80; value >>= 7) buffer[size++] = static_cast<char>(value | 0x80);
    buffer[size++] = static_cast<char>(value);
    bytes_.append(buffer.data(), size);
  }
  // Zigzag, so that small negative numbers are short.
  void signed_varint(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void time(Time t) { signed_varint(millis(t)); }
  // Little end first.
  void fixed64(std::uint64_t value) {
    std::array<char, 8> buffer;
    for (unsigned i = 0; i < 8; ++i) buffer[i] = static_cast<char>(value >> (8 * i));
    bytes_.append(buffer.data(), buffer.size());
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
  static constexpr std::size_t kUsualSize = 4096;
  std::string bytes_;
};

// After the first wrong byte everything reads as 0 and ok() is false.
class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : bytes_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }
  void refuse() { ok_ = false, at_ = bytes_.size(); }

  std::uint8_t byte() {
    if (at_ >= bytes_.size()) return refuse(), std::uint8_t{0};
    return static_cast<std::uint8_t>(bytes_[at_++]);
  }
  std::uint64_t varint() {
    if (at_ < bytes_.size() && static_cast<unsigned char>(bytes_[at_]) < 0x80) {
      return static_cast<unsigned char>(bytes_[at_++]);
    }
    return long_varint();
  }
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
  std::uint64_t long_varint();

  std::string_view bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace tideline
