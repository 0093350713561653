// Text: words in more than one style.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ports/pdf_canvas.h"

namespace tideline::typesetting {

struct Text {
  std::vector<TextSpan> spans;

  Text() = default;
  Text(const char* text) : spans{{text}} {}             // NOLINT: words are text
  Text(std::string text) : spans{{std::move(text)}} {}  // NOLINT
  explicit Text(TextSpan span) : spans{std::move(span)} {}

  Text& operator+=(const Text& more) {
    spans.insert(spans.end(), more.spans.begin(), more.spans.end());
    return *this;
  }
  [[nodiscard]] bool empty() const {
    for (const TextSpan& span : spans) {
      if (!span.text.empty()) return false;
    }
    return true;
  }
  // Without marks, for outlines and tests.
  [[nodiscard]] std::string plain() const {
    std::string words;
    for (const TextSpan& span : spans) {
      if (!span.raised) words += span.text;
    }
    return words;
  }
};

[[nodiscard]] inline Text operator+(Text left, const Text& right) {
  left += right;
  return left;
}
[[nodiscard]] inline Text strong(std::string words) {
  return Text(TextSpan{std::move(words), FontWeight::semibold});
}
[[nodiscard]] inline Text slanted(std::string words) {
  return Text(TextSpan{std::move(words), FontWeight::regular, true});
}
// A number of a note, small and above the line.
[[nodiscard]] inline Text raised(std::string words) {
  return Text(TextSpan{std::move(words), FontWeight::medium, false, true});
}

}  // namespace tideline::typesetting
