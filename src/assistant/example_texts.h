// The files of examples as they were when built (CMakeLists.txt embeds examples/*.txt).
#pragma once

#include <span>
#include <string_view>

namespace tideline {

struct ExampleText {
  std::string_view writer;  // the file's name
  std::string_view text;
};

[[nodiscard]] std::span<const ExampleText> example_texts();

}  // namespace tideline
