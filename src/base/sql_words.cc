#include "base/sql_words.h"

namespace tideline {

std::string sql_text(std::string_view text) {
  std::string out = "'";
  bool parts = false;
  for (const char c : text) {
    if (c == '\0') {
      out += "' || chr(0) || '";
      parts = true;
      continue;
    }
    if (c == '\'') out += '\'';
    out += c;
  }
  out += '\'';
  return parts ? "(" + out + ")" : out;
}

std::string sql_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace tideline
