// Reading and writing the numbers of an encoded state: varints, times, wide integers.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/exact.h"
#include "base/hash.h"
#include "base/time.h"

namespace tideline {

// Most states fit into the writer itself, so that only the finished bytes are allocated.
class StateWriter {
 public:
  StateWriter() = default;
  StateWriter(const StateWriter&) = delete;
  StateWriter& operator=(const StateWriter&) = delete;

  void byte(std::uint8_t value) {
    make_room(1);
    *at_++ = static_cast<char>(value);
  }
  void varint(std::uint64_t value) {
    make_room(kLongestVarint);
    for (; value >= 0x80; value >>= 7) *at_++ = static_cast<char>(value | 0x80);
    *at_++ = static_cast<char>(value);
  }
  // Zigzag, so that small negative numbers are short.
  void signed_varint(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void time(Time t) { signed_varint(millis(t)); }
  // Little end first.
  void fixed32(std::uint32_t value) { fixed(value, 4); }
  void fixed64(std::uint64_t value) { fixed(value, 8); }
  void real(double value) { fixed64(std::bit_cast<std::uint64_t>(value)); }
  void text(std::string_view value) {
    varint(value.size());
    make_room(value.size());
    if (!value.empty()) std::memcpy(at_, value.data(), value.size());
    at_ += value.size();
  }
  // Sums of round numbers end in many zero bits: how many, then the rest.
  void wide(std::array<std::uint64_t, 3> value);
  void wide(Int128 value);

  [[nodiscard]] std::string_view bytes() const {
    return {begin_, static_cast<std::size_t>(at_ - begin_)};
  }

 private:
  static constexpr std::size_t kUsualSize = 2048;
  static constexpr std::size_t kLongestVarint = 10;

  void fixed(std::uint64_t value, unsigned size) {
    make_room(size);
    for (unsigned i = 0; i < size; ++i) *at_++ = static_cast<char>(value >> (8 * i));
  }
  void make_room(std::size_t size) {
    if (static_cast<std::size_t>(end_ - at_) < size) grow(size);
  }
  void grow(std::size_t size);

  std::array<char, kUsualSize> usual_;  // not set before it is written
  std::vector<char> large_;             // in its place once that is full
  char* begin_ = usual_.data();
  char* at_ = usual_.data();
  char* end_ = usual_.data() + kUsualSize;
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
  std::uint32_t fixed32() { return fixed<std::uint32_t>(); }
  std::uint64_t fixed64() { return fixed<std::uint64_t>(); }
  double real() { return std::bit_cast<double>(fixed64()); }
  std::string text();
  std::array<std::uint64_t, 3> wide_unsigned();
  Int128 wide_signed();
  // How many items follow, each of at least `least_bytes`: never more than the bytes that are left
  // could hold.
  std::size_t count(std::size_t least_bytes);
  // A number below `limit`.
  std::size_t index(std::size_t limit);

 private:
  template <class Number>
  Number fixed() {
    static_assert(std::endian::native == std::endian::little);
    Number value = 0;
    if (bytes_.size() - at_ < sizeof value) return refuse(), value;
    std::memcpy(&value, bytes_.data() + at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  std::uint64_t long_varint();

  std::string_view bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace tideline
