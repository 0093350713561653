// Hearing: what was typed, taken apart: ids, periods, numbers and the meaning of the other words.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "assistant/question.h"
#include "assistant/vocabulary.h"

namespace tideline {

struct Heard {
  Time now{};
  Meaning meaning;
  Arguments arguments;           // as said
  std::vector<std::string> odd;  // numbers, and tiers beyond two, that no slot takes
  std::size_t words = 0;
  bool by_implied = false;  // the unit is of "DAU" and the like
  bool goes_on = false;     // "and ...", "what about ...", "they": of the question before
  bool commands = false;    // asks to do something instead of telling
};

[[nodiscard]] Heard hear(std::string_view text, Time now, const Vocabulary& vocabulary);

}  // namespace tideline
