// Which words mean what to the assistant: words and phrases of English, and the names that the
// pack brings (tiers, events), with tolerance for spelling.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assistant/words.h"
#include "packs/pack.h"

namespace tideline {

// A notion that words stand for, by its name in the patterns of questions ("how_many", "churn").
using Notion = std::string_view;

// What the words of one question mean.
struct Meaning {
  std::set<Notion> notions;
  std::set<Notion> of_events;        // of words that the names of `events` have used
  std::vector<std::string> tiers;    // of the pack, in the order named, each once
  std::vector<std::string> events;   // of the pack; one unless several fit as well
  bool hints_at_event = false;       // `events` by a word of the name, not by all
  std::vector<std::string> unknown;  // words that mean nothing here
  bool names_stranger = false;       // one of them is written as names are
  std::vector<std::pair<std::string, std::string>> respelt;  // as written, as taken
  // Stems of the words in their order, as taken; names of tiers and events as kTierSaid and
  // kEventSaid.
  std::vector<std::string> said;
};
inline constexpr const char* kTierSaid = "@tier";
inline constexpr const char* kEventSaid = "@event";

class Vocabulary {
 public:
  explicit Vocabulary(const Pack& pack);

  // Takes in words of examples: those that it does not know are known from now on, but mean
  // nothing by themselves.
  void learn(const std::vector<std::string>& texts);
  // Reads the words that no slot has taken.
  [[nodiscard]] Meaning read(const std::vector<Word>& words) const;
  [[nodiscard]] std::size_t tiers() const { return tiers_; }  // how many the pack has
  // Whether words are a tier or stand for notions, all of them.
  [[nodiscard]] bool is_meant(const std::vector<Word>& words) const;
  [[nodiscard]] bool is_unknown(const std::string& word) const;
  // How much a notion says, 0 to 1: "customers" stands in most questions and says little.
  [[nodiscard]] static double weight(Notion notion);
  // A tier's name for people: "at risk".
  [[nodiscard]] static std::string label(std::string_view name);

 private:
  struct Phrase {
    std::vector<std::string> words;
    std::vector<Notion> notions;
    std::string tier;  // instead of notions
  };
  // A word that others may be slips of.
  struct Spelling {
    std::string word;
    std::uint32_t letters = 0;  // a bit for each that it has
    std::size_t least = 0;      // of letters, for it to be guessed
  };
  struct EventName {
    std::string name;
    std::vector<std::string> stems;
  };
  void add_spelling(const std::string& word, std::size_t least);
  void add_words(Notion notion, std::string_view listed);
  void add_tiers(const Pack& pack);
  void add_events(const Pack& pack);
  // The phrase at words[i], and how many words it takes.
  [[nodiscard]] const Phrase* phrase_at(const std::vector<Word>& words, std::size_t i) const;
  [[nodiscard]] std::vector<Notion> notions_of(const Word& word, Meaning& meaning) const;
  void take_phrase(const Phrase& phrase, const std::vector<Word>& words, std::size_t i,
                   bool all_of_event, Meaning& meaning) const;
  [[nodiscard]] std::string nearest(const std::string& word) const;
  [[nodiscard]] std::vector<Word> respelt(std::vector<Word> words, Meaning& meaning) const;
  void read_events(const std::vector<Word>& words, Meaning& meaning,
                   std::vector<bool>& used) const;
  void read_main_event(const std::vector<Word>& words, Meaning& meaning,
                       std::vector<std::size_t>& places) const;

  std::map<std::string, std::vector<Phrase>, std::less<>> phrases_;  // by first word, longer first
  std::set<std::string, std::less<>> phrase_words_;
  std::map<std::string, std::vector<Notion>, std::less<>> by_word_;
  std::map<std::string, std::vector<Notion>, std::less<>> by_stem_;
  std::set<std::string, std::less<>> silent_;              // words that say nothing
  std::set<std::string, std::less<>> learned_;             // words of examples that are in neither
  std::map<std::string, std::string, std::less<>> slips_;  // of examples: as written, as taken
  std::vector<Spelling> spellings_;                        // those with a meaning first
  std::size_t tiers_ = 0;
  std::set<std::string, std::less<>> tier_words_;
  std::string main_stem_;  // first word of the first qualifying event: "session"
  std::vector<EventName> events_;
  std::map<std::string, int, std::less<>> events_with_stem_;
  std::set<std::string, std::less<>> event_words_;
};

}  // namespace tideline
