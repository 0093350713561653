// Examples: phrasings with the question that each asks for, from which the assistant learns how
// people ask (examples/*.txt, embedded). Each file is one writer's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "packs/pack.h"

namespace tideline {

struct Example {
  std::string writer;    // the file's name
  std::string question;  // Question::id; kNothingAsked: what no question answers
  std::string text;      // what names an event of the pack stands in braces
  int line = 0;
};
inline constexpr std::string_view kNothingAsked = "nothing";

[[nodiscard]] const std::vector<Example>& examples();
// The text as one would ask it of that pack: with its events in place of those in braces, and its
// tiers in place of the tiers of the examples, where it has others.
[[nodiscard]] std::string text_for(const Pack& pack, const Example& example);

}  // namespace tideline
