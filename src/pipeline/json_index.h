// JsonIndex: JSON text whose every byte was validated, and where its values begin, so that walking
// it jumps from value to value instead of reading the bytes again. Raw text is handed out because
// payloads are stored as they were sent.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tideline {

class JsonIndex {
 public:
  JsonIndex();
  ~JsonIndex();
  JsonIndex(const JsonIndex&) = delete;
  JsonIndex& operator=(const JsonIndex&) = delete;

  struct Trouble {
    bool no_memory = false;  // else the text is not JSON
    std::string words;
  };
  // Reads a text, which must live as long as it is walked; nullopt when it is JSON.
  [[nodiscard]] std::optional<Trouble> read(std::string_view text);

  // Places of values count from 0, the root, in the order of the text.
  using At = std::uint32_t;
  // Raw text of a value, without blanks around it.
  [[nodiscard]] std::string_view value(At at) const;
  // Nesting of a value: 1 for a flat object or array, 0 for a scalar.
  [[nodiscard]] std::size_t depth(At at) const;

 private:
  friend class JsonMembers;
  struct Parser;
  struct Skipped {
    At next = 0;  // what follows the value: a comma or closing bracket, or the end
    std::size_t depth = 0;
  };
  [[nodiscard]] Skipped skip(At at) const;
  // Raw text of the value at `at` when `next` follows it.
  [[nodiscard]] std::string_view value(At at, At next) const;
  [[nodiscard]] char mark(At at) const { return text_[marks_[at]]; }

  std::unique_ptr<Parser> parser_;
  std::string_view text_;
  // Where brackets, colons and commas stand, and scalars begin.
  const std::uint32_t* marks_ = nullptr;
  std::uint32_t marks_count_ = 0;
};

// Members of an object or elements of an array, in their order; a scalar has none. As JsonCursor,
// over an index.
class JsonMembers {
 public:
  JsonMembers(const JsonIndex& index, JsonIndex::At of);

  // Moves to the next member or element; false at the end.
  bool next();
  // Raw key with its quotes; empty in an array.
  [[nodiscard]] std::string_view key() const { return key_; }
  [[nodiscard]] JsonIndex::At at() const { return at_; }
  [[nodiscard]] std::string_view value();

  // At the end: raw text and nesting of the whole. Of a scalar too.
  [[nodiscard]] std::string_view whole() const { return index_.value(of_, next_); }
  [[nodiscard]] std::size_t depth() const { return deepest_; }
  // For who has walked the value at hand to its end: it need not be passed over again.
  void passed(const JsonMembers& inner);

 private:
  void pass();

  const JsonIndex& index_;
  const JsonIndex::At of_;
  JsonIndex::At next_;  // behind the value at hand, once it was passed
  bool is_object_ = false;
  bool done_ = false;
  bool passed_ = true;
  std::size_t deepest_ = 0;
  std::string_view key_;
  JsonIndex::At at_ = 0;
};

}  // namespace tideline
