// Grammar: from what somebody typed to a question of the catalogue with its arguments, or to
// asking back, or to saying that it cannot be answered.
//
// Two readings are made of each text. By *patterns*: the notions that a question needs, all
// explained, no word unknown; seldom wrong, often silent. By *likeness* to examples: always
// something, with a probability. Where both say the same it answers; where one is alone it must be
// surer, the more so the more was said that the question is not asked with; else it asks back.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "assistant/catalogue.h"
#include "assistant/hearing.h"
#include "assistant/likeness.h"
#include "assistant/vocabulary.h"

namespace tideline {

// The question before, in the same conversation.
struct Context {
  std::string question;  // Question::id; empty: there is none
  Arguments arguments;
};

struct Reading {
  enum class Kind : std::uint8_t { answer, ask_back, decline };
  Kind kind = Kind::decline;
  const Question* question = nullptr;      // of an answer
  Arguments arguments;                     // as asked, without what is used otherwise
  std::vector<const Question*> near = {};  // what might be meant, or can be asked
  std::string message = {};                // asks back, or says why not
  std::vector<std::pair<std::string, std::string>> respelt = {};
};

class Grammar {
 public:
  Grammar(const Pack& pack, const Catalogue& catalogue,
          const std::vector<Example>& learnt = examples());

  [[nodiscard]] Reading read(std::string_view text, Time now, const Context& context = {}) const;

 private:
  struct Need {
    std::vector<std::string> any;  // notions, or "@slot"
    bool may = false;              // need not be there
    bool not_there = false;        // must not be
  };
  struct Pattern {
    const Question* question;
    std::vector<Need> needs;
  };
  struct Candidate {
    const Question* question = nullptr;
    double score = 0;
  };
  // What was said that the question is not asked with; negations turn it round.
  enum class Strange : std::uint8_t { nothing, something, turned_round };

  [[nodiscard]] std::optional<double> score(const Pattern& pattern, const Heard& heard) const;
  [[nodiscard]] double partly(const Pattern& pattern, const Heard& heard) const;
  // Best first, each question once.
  [[nodiscard]] std::vector<Candidate> candidates(const Heard& heard) const;
  [[nodiscard]] std::vector<const Question*> suggestions(const Heard& heard) const;
  [[nodiscard]] std::optional<Reading> follow_up(const Heard& heard, const Context& context) const;
  [[nodiscard]] Reading ask_back(const Heard& heard, std::vector<const Question*> near,
                                 std::string why) const;
  [[nodiscard]] Reading decline(const Heard& heard, std::string why) const;
  [[nodiscard]] Reading settle(const Heard& heard) const;
  [[nodiscard]] std::optional<Candidate> by_pattern(const Heard& heard) const;
  [[nodiscard]] std::optional<Reading> answer(const Heard& heard) const;  // by patterns
  [[nodiscard]] Reading told(const Question& question, const Heard& heard) const;
  [[nodiscard]] bool fits(const Question& question, const Heard& heard) const;
  [[nodiscard]] bool beside(const Question& question, Slot slot, const Heard& heard) const;
  // `often`: the share of its examples from which on a notion is not strange to a question.
  [[nodiscard]] Strange strange(const Question& question, const Heard& heard, double often) const;
  // By likeness, those that fit, best first; a question of nullptr: none of the catalogue.
  [[nodiscard]] std::vector<Candidate> likely(const Heard& heard) const;
  [[nodiscard]] double wanted(const Question& question, const Heard& heard,
                              const Candidate& pattern) const;
  [[nodiscard]] std::optional<Reading> by_both(const Heard& heard,
                                               const std::vector<Candidate>& found) const;
  [[nodiscard]] Reading unsure(const Heard& heard, const std::vector<Candidate>& found) const;

  const Catalogue& catalogue_;
  Vocabulary vocabulary_;
  std::optional<Likeness> likeness_;
  std::vector<Pattern> patterns_;
};

}  // namespace tideline
