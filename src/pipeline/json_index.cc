#include "pipeline/json_index.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <string>

namespace tideline {
namespace {

// Deeper nesting than this is taken for malformed.
constexpr std::size_t kDepthMax = 65'536;

// By how much a mark changes the nesting: looked up, since what comes next cannot be predicted.
constexpr std::array<std::int8_t, 256> make_steps() {
  std::array<std::int8_t, 256> steps{};
  steps['{'] = steps['['] = 1;
  steps['}'] = steps[']'] = -1;
  return steps;
}
constexpr auto kSteps = make_steps();

// A text of this size may hold marks however densely.
constexpr std::size_t kLargeText = 2u << 20;
// Of a larger one. A value takes 20 bytes and more while it is parsed, and an event of 376 bytes
// has about 25 marks, so that 20 MiB of such have fewer than this.
constexpr std::size_t kMarksMax = 1'500'000;

// A mark takes memory whatever it marks, so a large text must not be made of nothing else. Counts
// those inside strings too: quickly, and never too few.
std::size_t marks_at_most(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    count += static_cast<std::size_t>((c == ',') | (c == ':') | (c == '[') | (c == ']') |
                                      (c == '{') | (c == '}'));
  }
  return count;
}

}  // namespace

struct JsonIndex::Parser {
  simdjson::dom::parser dom;
};

JsonIndex::JsonIndex() : parser_(std::make_unique<Parser>()) {}
JsonIndex::~JsonIndex() = default;

// simdjson finds the marks first and validates the text along them; they are still there when it
// has built its own document, which is not needed here.
std::optional<JsonIndex::Trouble> JsonIndex::read(std::string_view text) {
  simdjson::dom::parser& dom = parser_->dom;
  marks_count_ = 0;
  if (text.empty()) return Trouble{false, "not JSON: it is empty"};
  if (text.size() > kLargeText && marks_at_most(text) > kMarksMax) {
    return Trouble{true, "the body holds more than " + std::to_string(kMarksMax) +
                             " brackets, colons and commas"};
  }
  // Depth costs memory only as far as the text can nest.
  const std::size_t depth = std::min(kDepthMax, std::max<std::size_t>(64, text.size()));
  if (dom.capacity() < text.size() || dom.max_depth() < depth) {
    if (dom.allocate(std::max(dom.capacity(), text.size()), std::max(dom.max_depth(), depth))) {
      return Trouble{true, "no memory to parse the body"};
    }
  }
  if (const auto error = dom.parse(text.data(), text.size(), true).error()) {
    return Trouble{false, std::string("not JSON: ") + simdjson::error_message(error)};
  }
  text_ = text;
  marks_ = dom.implementation->structural_indexes.get();
  marks_count_ = dom.implementation->n_structural_indexes;
  return std::nullopt;
}

JsonIndex::Skipped JsonIndex::skip(At at) const {
  std::int64_t open = 0;
  std::int64_t deepest = 0;
  do {
    open += kSteps[static_cast<unsigned char>(mark(at++))];
    deepest = std::max(deepest, open);
  } while (open > 0);
  return {at, static_cast<std::size_t>(deepest)};
}

std::string_view JsonIndex::value(At at, At next) const {
  const std::size_t begin = marks_[at];
  const char first = text_[begin];
  if (first == '{' || first == '[') return text_.substr(begin, marks_[next - 1] + 1 - begin);
  std::size_t end = next < marks_count_ ? marks_[next] : text_.size();
  while (text_[end - 1] == ' ' || text_[end - 1] == '\n' || text_[end - 1] == '\r' ||
         text_[end - 1] == '\t') {
    --end;
  }
  return text_.substr(begin, end - begin);
}

std::string_view JsonIndex::value(At at) const { return value(at, skip(at).next); }

std::size_t JsonIndex::depth(At at) const { return skip(at).depth; }

JsonMembers::JsonMembers(const JsonIndex& index, JsonIndex::At of)
    : index_(index), of_(of), next_(of + 1) {
  is_object_ = index.mark(of) == '{';
  done_ = !is_object_ && index.mark(of) != '[';
  deepest_ = done_ ? 0 : 1;
}

bool JsonMembers::next() {
  if (done_) return false;
  if (!passed_) pass();
  if (index_.mark(next_) == ',') ++next_;
  const char c = index_.mark(next_);
  if (c == '}' || c == ']') {
    done_ = true;
    ++next_;
    return false;
  }
  if (is_object_) {
    key_ = index_.value(next_, next_ + 1);
    next_ += 2;  // the colon too
  }
  at_ = next_;
  passed_ = false;
  return true;
}

std::string_view JsonMembers::value() {
  if (!passed_) pass();
  return index_.value(at_, next_);
}

void JsonMembers::pass() {
  passed_ = true;
  next_ = at_ + 1;
  const char c = index_.mark(at_);
  if (c != '{' && c != '[') return;
  const auto skipped = index_.skip(at_);
  next_ = skipped.next;
  deepest_ = std::max(deepest_, skipped.depth + 1);
}

void JsonMembers::passed(const JsonMembers& inner) {
  next_ = inner.next_;
  deepest_ = std::max(deepest_, inner.deepest_ + 1);
  passed_ = true;
}

}  // namespace tideline
