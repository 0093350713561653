// Likeness: which question of the catalogue a text is most like, learnt from examples.
//
// A linear classifier (multinomial logistic regression) over what was heard: stems, neighbours,
// letters, notions, kinds of slots. It is trained when made, in the same order each time: equal
// examples, equal weights. It knows nothing of what a question has a place for: that is the
// grammar's.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "assistant/examples.h"
#include "assistant/hearing.h"

namespace tideline {

// The kinds of slots that were given: "@tier", "@from_tier" where two are, "@ahead" for a period
// to come, "@odd" for numbers without a slot.
[[nodiscard]] std::vector<std::string_view> slots_said(const Heard& heard);

struct Likely {
  std::string_view question;  // Question::id, or kNothingAsked
  double probability = 0;
};

class Likeness {
 public:
  // `heard`: what was heard of each example.
  Likeness(const std::vector<Example>& examples, const std::vector<Heard>& heard);

  // All questions of the examples, most likely first.
  [[nodiscard]] std::vector<Likely> of(const Heard& heard) const;
  // In which share of the question's examples a notion or a kind of slot stands, 0 to 1.
  [[nodiscard]] double share(std::string_view question, std::string_view notion_or_slot) const;

 private:
  struct Trait {
    std::size_t number;
    float value;
  };
  using Traits = std::vector<Trait>;
  struct Said {
    int examples = 0;
    std::map<std::string, int, std::less<>> times;  // of notions and slots
  };

  [[nodiscard]] Traits traits_of(const Heard& heard) const;
  static void shorten(Traits& traits);
  void learn(const std::vector<Traits>& seen, const std::vector<std::size_t>& wanted);
  // Into `p`, a row: of each question, zero behind the last.
  void probabilities(const Traits& traits, std::vector<float>& p) const;

  std::vector<std::string> questions_;
  std::unordered_map<std::string, std::size_t> numbers_;  // of traits
  std::map<std::string, Said, std::less<>> said_;         // by question
  std::size_t row_ = 0;                                   // questions, up to a round number
  std::vector<float> weights_;                            // a row of questions for each trait
};

}  // namespace tideline
