// The words of a question: cut at blanks and marks, in lower case, with their stems.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tideline {

struct Word {
  std::string text;  // lower case; "70%", "2026-01-05" and ids in one piece
  std::string stem;
  std::string written;       // as it stood, for names and ids
  bool quoted = false;       // stood between quotes
  bool begins_part = false;  // a comma, a full stop or the beginning stands before it
  bool taken = false;        // a slot has it: an id, a date, a number
};

// At most kWordsMax words; what comes behind is left out.
inline constexpr std::size_t kWordsMax = 60;
[[nodiscard]] std::vector<Word> words_of(std::string_view text);

// The word without the endings of English: "completed", "completes" and "completion" have one.
[[nodiscard]] std::string stem_of(std::string_view word);

// Changes of one letter (put in, left out, another one, two swapped) that lead from a to b; more
// than `most` count as most + 1.
[[nodiscard]] std::size_t misspelt_by(std::string_view a, std::string_view b, std::size_t most);

// How many such changes a word of that length may carry and still be known.
[[nodiscard]] constexpr std::size_t spelling_tolerance(std::size_t length) {
  if (length < 4) return 0;
  return length < 8 ? 1 : 2;
}

[[nodiscard]] bool is_number(std::string_view text);  // digits, with one point at most

}  // namespace tideline
