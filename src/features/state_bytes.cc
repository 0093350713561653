#include "features/state_bytes.h"

namespace tideline {
namespace {

using Wide = std::array<std::uint64_t, 3>;

Wide shifted_right(Wide value, unsigned bits) {
  for (; bits >= 64; bits -= 64) value = Wide{value[1], value[2], 0};
  if (bits == 0) return value;
  return Wide{(value[0] >> bits) | (value[1] << (64 - bits)),
              (value[1] >> bits) | (value[2] << (64 - bits)), value[2] >> bits};
}

Wide shifted_left(Wide value, unsigned bits) {
  for (; bits >= 64; bits -= 64) value = Wide{0, value[0], value[1]};
  if (bits == 0) return value;
  return Wide{value[0] << bits, (value[1] << bits) | (value[0] >> (64 - bits)),
              (value[2] << bits) | (value[1] >> (64 - bits))};
}

unsigned trailing_zeros(const Wide& value) {
  for (unsigned i = 0; i < 3; ++i) {
    if (value[i] != 0) return 64 * i + static_cast<unsigned>(std::countr_zero(value[i]));
  }
  return 0;
}

// The sign of a signed number stands in its count of zero bits, of which it has at most 127.
constexpr std::uint8_t kNegative = 0x80;

void write_digits(StateWriter& out, Wide value) {
  while (value[0] >= 0x80 || value[1] != 0 || value[2] != 0) {
    if (value[1] == 0 && value[2] == 0) return out.varint(value[0]);
    out.byte(static_cast<std::uint8_t>(value[0] | 0x80));
    value = shifted_right(value, 7);
  }
  out.byte(static_cast<std::uint8_t>(value[0]));
}

// Reads digits that are to be followed by `zeros` zero bits.
Wide read_digits(StateReader& in, unsigned zeros) {
  Wide value{};
  for (unsigned shift = 0; shift < 192; shift += 7) {
    const std::uint8_t next = in.byte();
    const std::uint64_t digit = next & 0x7F;
    value[shift / 64] |= digit << (shift % 64);
    if (shift % 64 > 57 && shift / 64 < 2) value[shift / 64 + 1] |= digit >> (64 - shift % 64);
    if (next >= 0x80) continue;
    // Nearly always: no bits can fall off.
    if (shift < 57 && static_cast<unsigned>(std::bit_width(value[0])) + zeros < 128) {
      const auto few = static_cast<unsigned __int128>(value[0]) << zeros;
      return {static_cast<std::uint64_t>(few), static_cast<std::uint64_t>(few >> 64), 0};
    }
    const Wide result = shifted_left(value, zeros);
    if (shifted_right(result, zeros) != value) break;  // bits fell off the end
    return result;
  }
  return in.refuse(), Wide{};
}

}  // namespace

void StateWriter::grow(std::size_t size) {
  const auto used = static_cast<std::size_t>(at_ - begin_);
  std::vector<char> larger(2 * (used + size));
  std::memcpy(larger.data(), begin_, used);
  large_ = std::move(larger);
  begin_ = large_.data();
  at_ = begin_ + used;
  end_ = begin_ + large_.size();
}

void StateWriter::wide(std::array<std::uint64_t, 3> value) {
  const unsigned zeros = trailing_zeros(value);
  byte(static_cast<std::uint8_t>(zeros));
  write_digits(*this, shifted_right(value, zeros));
}

void StateWriter::wide(Int128 value) {
  const auto bits = static_cast<unsigned __int128>(value);
  const unsigned __int128 magnitude = value < 0 ? -bits : bits;
  const Wide whole{static_cast<std::uint64_t>(magnitude),
                   static_cast<std::uint64_t>(magnitude >> 64), 0};
  const unsigned zeros = trailing_zeros(whole);
  byte(static_cast<std::uint8_t>(zeros | (value < 0 ? kNegative : 0)));
  write_digits(*this, shifted_right(whole, zeros));
}

std::uint64_t StateReader::long_varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint8_t next = byte();
    value |= static_cast<std::uint64_t>(next & 0x7F) << shift;
    if (next < 0x80) {
      // One way only to write a number: no bits beyond the 64th, no empty last byte.
      if ((shift == 63 && next > 1) || (shift > 0 && next == 0)) break;
      return value;
    }
  }
  return refuse(), 0;
}

std::string StateReader::text() {
  const std::size_t size = count(1);
  std::string value(bytes_.substr(at_, size));
  at_ += size;
  return value;
}

Wide StateReader::wide_unsigned() {
  const unsigned zeros = byte();
  if (zeros >= 192) return refuse(), Wide{};
  return read_digits(*this, zeros);
}

Int128 StateReader::wide_signed() {
  const std::uint8_t head = byte();
  const Wide magnitude = read_digits(*this, head & ~kNegative & 0xFF);
  if (magnitude[2] != 0 || (magnitude[1] >> 63) != 0) return refuse(), 0;
  const auto value =
      static_cast<Int128>((static_cast<unsigned __int128>(magnitude[1]) << 64) | magnitude[0]);
  return (head & kNegative) != 0 ? -value : value;
}

std::size_t StateReader::count(std::size_t least_bytes) {
  const std::uint64_t value = varint();
  if (value > (bytes_.size() - at_) / least_bytes) return refuse(), 0;
  return static_cast<std::size_t>(value);
}

std::size_t StateReader::index(std::size_t limit) {
  const std::uint64_t value = varint();
  if (value >= limit) return refuse(), 0;
  return static_cast<std::size_t>(value);
}

}  // namespace tideline
