// Walks JSON text that is already known to be valid, handing out the raw text of members and
// elements.
//
// simdjson validates every byte first (Decoder); this only cuts. Raw text is kept because payloads
// are stored as they were sent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tideline {

// Members of an object or elements of an array, in their order. `text` must be valid JSON and
// begin, after blanks, with '{' or '['; other valid JSON has no members.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text);

  // Moves to the next member or element; false at the end.
  bool next();
  // Raw key with its quotes; empty in an array.
  [[nodiscard]] std::string_view key() const { return key_; }
  [[nodiscard]] std::string_view value() const { return value_; }

 private:
  std::string_view rest_;
  std::string_view key_;
  std::string_view value_;
  bool is_object_ = false;
};

// Text of a raw JSON string, escapes resolved; nullopt when `raw` is not a string.
[[nodiscard]] std::optional<std::string> unquoted(std::string_view raw);
// A raw key compared with a plain name, without making a copy in the usual case.
[[nodiscard]] bool key_is(std::string_view raw_key, std::string_view name);
// Deepest nesting: 1 for a flat object or array, 0 for a scalar.
[[nodiscard]] std::size_t depth_of(std::string_view json);
// Takes the next line that is not blank off the front of `text`, without its LF or CRLF; nullopt
// when only blank lines are left.
[[nodiscard]] std::optional<std::string_view> take_line(std::string_view& text);
// Without the blanks that JSON allows around a value.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace tideline
