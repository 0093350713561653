#include "assistant/examples.h"

#include <algorithm>

#include "assistant/example_texts.h"
#include "assistant/vocabulary.h"

namespace tideline {
namespace {

std::vector<Example> parsed() {
  std::vector<Example> examples;
  for (const ExampleText& file : example_texts()) {
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

constexpr std::string_view kMoneyAtRisk = "money_at_risk";  // and its customers: no tier in it

struct TierInExamples {
  std::string_view tier;
  std::string_view words;
};
constexpr TierInExamples kTiers[] = {{"thriving", "thriving"},
                                     {"healthy", "healthy"},
                                     {"at_risk", "at risk"},
                                     {"at_risk", "at-risk"},
                                     {"churned", "churned"}};

void replace_all(std::string& text, std::string_view from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size())
    text.replace(at, from.size(), to);
}

}  // namespace

std::string text_for(const Pack& pack, const Example& example) {
  std::string text = example.text;
  const std::size_t open = text.find('{');
  const std::size_t close = text.find('}');
  if (open != text.npos && close != text.npos && !pack.events().empty()) {
    const auto& events = pack.events();
    const auto number = static_cast<std::size_t>(example.line) % events.size();
    text.replace(open, close + 1 - open, events[number].name);
  }
  const auto& tiers = pack.tiers();
  for (std::size_t i = 0; i < std::size(kTiers) && !tiers.empty(); ++i) {
    const auto& [tier, words] = kTiers[i];
    const bool known = std::find(tiers.begin(), tiers.end(), tier) != tiers.end();
    if (!known && !example.question.starts_with(kMoneyAtRisk))
      replace_all(text, words, Vocabulary::label(tiers[i % tiers.size()]));
  }
  return text;
}

const std::vector<Example>& examples() {
  static const std::vector<Example> kExamples = parsed();
  return kExamples;
}

}  // namespace tideline
