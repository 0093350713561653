#include "simulator/property_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/check.h"

namespace tideline {
namespace {

constexpr std::array<std::int64_t, 7> kPowersOfTen = {1,      10,      100,      1'000,
                                                      10'000, 100'000, 1'000'000};

void append_whole(std::string& out, std::int64_t value) {
  std::array<char, 24> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), result.ptr);
}

void append_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

void PropertyWriter::key(std::string_view name) {
  if (json_.size() > 1) json_ += ',';
  append_quoted(json_, name);
  json_ += ':';
}

PropertyWriter& PropertyWriter::text(std::string_view name, std::string_view value) {
  key(name);
  append_quoted(json_, value);
  return *this;
}

PropertyWriter& PropertyWriter::whole(std::string_view name, std::int64_t value) {
  key(name);
  append_whole(json_, value);
  return *this;
}

PropertyWriter& PropertyWriter::number(std::string_view name, double value, int decimals) {
  CHECK(decimals >= 0 && decimals <= 6 && std::fabs(value) < 1e12);
  key(name);
  const std::int64_t unit = kPowersOfTen[static_cast<std::size_t>(decimals)];
  const std::int64_t scaled = std::llround(value * static_cast<double>(unit));
  if (scaled < 0) json_ += '-';
  const std::int64_t magnitude = scaled < 0 ? -scaled : scaled;
  append_whole(json_, magnitude / unit);
  if (decimals == 0) return *this;
  json_ += '.';
  for (std::int64_t digit = unit / 10; digit > 0; digit /= 10) {
    json_ += static_cast<char>('0' + magnitude / digit % 10);
  }
  return *this;
}

std::string PropertyWriter::take() {
  json_ += '}';
  return std::move(json_);
}

}  // namespace tideline
