// Likeness: which question of the catalogue a text is most like, learnt from examples.
//
// A linear classifier (multinomial logistic regression) over what was heard: stems, notions, pairs
// of neighbours, kinds of slots. It is trained when made, in the same order each time: equal
// examples, equal weights. It knows nothing of what a question has a place for: that is the
// grammar's.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "assistant/examples.h"
#include "assistant/hearing.h"

namespace tideline {

// The kinds of slots that were given: "@tier", "@tiers", "@ahead", "@odd" ...
[[nodiscard]] std::vector<std::string> slots_said(const Heard& heard);

struct Likely {
  std::string_view question;  // Question::id, or kNothingAsked
  double probability = 0;
};

class Likeness {
 public:
  Likeness(const std::vector<Example>& examples, const std::vector<Heard>& heard);

  // All questions of the examples, most likely first.
  [[nodiscard]] std::vector<Likely> of(const Heard& heard) const;
  // In how many examples of the question a trait stands: a notion, or a kind of slot ("@event").
  [[nodiscard]] int times(std::string_view question, std::string_view trait) const;

 private:
  struct Trait {
    std::size_t number;
    float value;
  };
  using Traits = std::vector<Trait>;

  [[nodiscard]] Traits traits_of(const Heard& heard) const;
  void learn(const std::vector<Traits>& seen, const std::vector<std::size_t>& wanted);
  [[nodiscard]] std::vector<float> probabilities(const Traits& traits) const;

  std::vector<std::string> questions_;
  std::map<std::string, std::size_t, std::less<>> numbers_;  // of traits
  std::map<std::string, std::map<std::string, int, std::less<>>, std::less<>> times_;
  std::vector<float> weights_;                               // a row for each trait
};

}  // namespace tideline
