#include "assistant/examples.h"

#include "assistant/example_texts.h"

namespace tideline {
namespace {

std::vector<Example> parsed() {
  std::vector<Example> examples;
  for (const ExampleText& file : kExampleTexts) {
    std::string question;
    std::string_view text = file.text;
    for (int number = 1; !text.empty(); ++number) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.empty() || line.front() == '#') continue;
      if (line.starts_with("question ")) {
        question = line.substr(9);
      } else {
        examples.push_back({std::string(file.writer), question, std::string(line), number});
      }
    }
  }
  return examples;
}

}  // namespace

const std::vector<Example>& examples() {
  static const std::vector<Example> kExamples = parsed();
  return kExamples;
}

}  // namespace tideline
