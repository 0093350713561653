// Names in messages: the nearest known one to one that is not known, lists, quotes.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tideline {

// "; did you mean NAME?" for the name of `known` that is nearest to `word` by edits, upper and
// lower case being the same; empty when none is near.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string> known);

// "a, b, c"; all of them, as they come.
[[nodiscard]] std::string listed(std::span<const std::string> words);

// "text", in double quotes; quotes within stay as they are.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace tideline
