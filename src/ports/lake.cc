#include "ports/lake.h"

namespace tideline {
namespace {

// Bytes of the character that begins at `i` (The Unicode Standard, table 3-7); 0 when none does.
std::size_t character_at(std::string_view text, std::size_t i) {
  const auto at = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const auto tail = [&](std::size_t k) { return k < text.size() && (at(k) & 0xC0) == 0x80; };
  const unsigned char c = at(i);
  if (c < 0x80) return 1;
  if (c >= 0xC2 && c <= 0xDF) return tail(i + 1) ? 2 : 0;
  if (c >= 0xE0 && c <= 0xEF && tail(i + 1) && tail(i + 2)) {
    const bool overlong = c == 0xE0 && at(i + 1) < 0xA0;
    const bool surrogate = c == 0xED && at(i + 1) > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (c >= 0xF0 && c <= 0xF4 && tail(i + 1) && tail(i + 2) && tail(i + 3)) {
    const bool overlong = c == 0xF0 && at(i + 1) < 0x90;
    const bool too_great = c == 0xF4 && at(i + 1) > 0x8F;
    return overlong || too_great ? 0 : 4;
  }
  return 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t bytes = character_at(text, i);
    if (bytes == 0) return false;
    i += bytes;
  }
  return true;
}

std::string as_utf8(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t bytes = character_at(text, i);
    if (bytes == 0) {
      out += "\xEF\xBF\xBD";
      ++i;
    } else {
      out += text.substr(i, bytes);
      i += bytes;
    }
  }
  return out;
}

}  // namespace tideline
