// Examples: phrasings with the question that each asks for, from which the assistant learns how
// people ask (examples/*.txt, embedded). Each file is one writer's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tideline {

struct Example {
  std::string writer;    // the file's name
  std::string question;  // Question::id; kNothingAsked: what no question answers
  std::string text;  // what names an event of the pack stands in braces
  int line = 0;
};
inline constexpr std::string_view kNothingAsked = "nothing";

[[nodiscard]] const std::vector<Example>& examples();

}  // namespace tideline
