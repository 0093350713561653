#include "assistant/vocabulary.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "assistant/vocabulary_words.h"

namespace tideline {
namespace {

// A word of an event's name that no event of the question explains.
constexpr Notion kEventWord = "event_word";
constexpr double kEventWordWeight = 0.7;
// How much more often a word must be used than one like it, for that to be a slip.
constexpr int kSlipsSeldom = 5;
// Words without a meaning are not guessed at when shorter.
constexpr std::size_t kLearnedLeast = 5;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

template <class Visit>
void each_of(std::string_view listed, char separator, const Visit& visit) {
  while (!listed.empty()) {
    const std::size_t end = std::min(listed.find(separator), listed.size());
    const std::string_view one = trimmed(listed.substr(0, end));
    if (!one.empty()) visit(one);
    listed.remove_prefix(std::min(end + 1, listed.size()));
  }
}

void put(std::vector<Notion>& notions, Notion notion) {
  if (std::find(notions.begin(), notions.end(), notion) == notions.end())
    notions.push_back(notion);
}

// One letter more, or a spelling within the tolerance that begins alike.
bool near(std::string_view written, std::string_view known) {
  if (written.size() == 3) {
    return known.size() == 4 && written.front() == known.front() &&
           misspelt_by(written, known, 1) <= 1;
  }
  const std::size_t most = spelling_tolerance(std::max(written.size(), known.size()));
  if (most == 0 || written.size() < 3 || known.size() < 4) return false;
  if (written.front() != known.front() &&
      (written.size() < 2 || written[1] != known[0] || written[0] != known[1]))
    return false;
  return misspelt_by(written, known, most) <= most;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Letters swapped are likelier than one left out or put in, and that likelier than another one.
std::size_t slip(std::string_view written, std::string_view known, std::size_t changes) {
  if (written.size() != known.size()) return 3 * changes + 1;
  const bool swapped = std::is_permutation(written.begin(), written.end(), known.begin());
  return 3 * changes + (swapped ? 0 : 2);
}

// Which letters a word has, a bit for each.
std::uint32_t letters_of(std::string_view word) {
  std::uint32_t letters = 0;
  for (const char c : word) letters |= 1U << (static_cast<unsigned char>(c) % 32U);
  return letters;
}
constexpr int kLettersApartMost = 5;  // two changes, and an ending

std::string_view singular(std::string_view word) {
  if (word.size() > 2 && word.ends_with('s') && !word.ends_with("ss")) word.remove_suffix(1);
  return word;
}

}  // namespace

Vocabulary::Vocabulary(const Pack& pack) {
  for (const NotionWords& entry : kNotions) add_words(entry.notion, entry.words);
  each_of(kSilentWords, ' ', [&](std::string_view word) { silent_.emplace(word); });
  add_tiers(pack);
  add_events(pack);
  for (auto& [first, phrases] : phrases_) {
    std::stable_sort(phrases.begin(), phrases.end(), [](const Phrase& a, const Phrase& b) {
      return a.words.size() > b.words.size();
    });
  }
  for (const auto& [word, notions] : by_word_) add_spelling(word, 0);
  for (const auto* words : {&event_words_, &tier_words_, &phrase_words_})
    for (const std::string& word : *words) add_spelling(word, 0);
  for (const std::string& word : silent_) add_spelling(word, kLearnedLeast);
}

void Vocabulary::add_spelling(const std::string& word, std::size_t least) {
  spellings_.push_back({word, letters_of(word), least});
}

void Vocabulary::add_words(Notion notion, std::string_view listed) {
  each_of(listed, ';', [&](std::string_view entry) {
    std::vector<std::string> parts;
    each_of(entry, ' ', [&](std::string_view part) { parts.emplace_back(part); });
    if (parts.size() > 1) {
      auto& phrases = phrases_[parts.front()];
      phrase_words_.insert(parts.begin(), parts.end());
      const auto same = std::find_if(phrases.begin(), phrases.end(),
                                     [&](const Phrase& p) { return p.words == parts; });
      if (same == phrases.end()) {
        phrases.push_back({std::move(parts), {notion}, ""});
      } else {
        put(same->notions, notion);
      }
      return;
    }
    put(by_word_[parts.front()], notion);
    if (parts.front().size() >= 4) put(by_stem_[stem_of(parts.front())], notion);
  });
}

void Vocabulary::add_tiers(const Pack& pack) {
  tiers_ = pack.tiers().size();
  for (const std::string& tier : pack.tiers()) {
    std::vector<std::string> parts;
    each_of(tier, '_', [&](std::string_view part) { parts.emplace_back(part); });
    if (parts.size() == 1) by_word_.erase(parts.front());
    tier_words_.insert(parts.begin(), parts.end());
    auto& phrases = phrases_[parts.front()];
    phrases.push_back({std::move(parts), {}, tier});
  }
}

void Vocabulary::add_events(const Pack& pack) {
  for (const EventSpec& event : pack.events()) {
    EventName name{event.name, {}};
    if (main_stem_.empty() && pack.is_qualifying(event.index))
      main_stem_ = words_of(event.name).front().stem;
    for (const Word& word : words_of(event.name)) {
      name.stems.push_back(word.stem);
      event_words_.insert(word.text);
    }
    std::vector<std::string> once = name.stems;
    std::sort(once.begin(), once.end());
    once.erase(std::unique(once.begin(), once.end()), once.end());
    for (const std::string& stem : once) ++events_with_stem_[stem];
    events_.push_back(std::move(name));
  }
}

double Vocabulary::weight(Notion notion) {
  if (notion == kEventWord) return kEventWordWeight;
  for (const NotionWords& entry : kNotions)
    if (entry.notion == notion) return entry.weight;
  return 1;
}

bool Vocabulary::is_meant(const std::vector<Word>& words) const {
  if (const Phrase* phrase = phrase_at(words, 0))
    if (phrase->words.size() == words.size()) return true;
  return std::all_of(words.begin(), words.end(), [&](const Word& word) {
    return by_word_.contains(word.text) || phrase_at({word}, 0) != nullptr;
  });
}

std::string Vocabulary::label(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

bool Vocabulary::is_unknown(const std::string& word) const {
  return !by_word_.contains(word) && !silent_.contains(word) && !learned_.contains(word);
}

void Vocabulary::learn(const std::vector<std::string>& texts) {
  std::map<std::string, int> times;
  for (const std::string& text : texts) {
    std::set<std::string> once;
    for (const Word& word : words_of(text)) once.insert(word.text);
    for (const std::string& word : once) ++times[word];
  }
  const auto known = [&](const std::string& word) {
    return !is_unknown(word) || by_stem_.contains(stem_of(word)) || event_words_.contains(word) ||
           tier_words_.contains(word) || phrase_words_.contains(word) ||
           std::any_of(word.begin(), word.end(), is_digit);
  };
  // Often used words first: what looks like one of them and is seldom used is a slip.
  std::vector<std::pair<int, std::string>> often;
  for (const auto& [word, n] : times)
    if (!known(word)) often.emplace_back(-n, word);
  std::sort(often.begin(), often.end());
  std::map<std::string, int> of_stem;
  for (const auto& [word, n] : times) of_stem[stem_of(word)] += n;
  for (const auto& [n, word] : often) {
    const std::string close = nearest(word);
    if (close.empty() || of_stem[stem_of(close)] < kSlipsSeldom * -n) {
      learned_.insert(word);
      add_spelling(word, kLearnedLeast);
    } else {
      slips_.emplace(word, close);
    }
  }
}

const Vocabulary::Phrase* Vocabulary::phrase_at(const std::vector<Word>& words,
                                                std::size_t i) const {
  const auto begins = phrases_.find(words[i].text);
  if (begins == phrases_.end()) return nullptr;
  for (const Phrase& phrase : begins->second) {
    if (i + phrase.words.size() > words.size()) continue;
    bool same = true;
    for (std::size_t k = 0; same && k < phrase.words.size(); ++k) {
      const Word& word = words[i + k];
      const std::string& wanted = phrase.words[k];
      // "revenu" has the stem of "revenue".
      same = !word.taken && !word.quoted &&
             (word.text == wanted ||
              (wanted.size() > 5 && word.stem == stem_of(wanted) && is_unknown(word.text)));
    }
    if (same) return &phrase;
  }
  return nullptr;
}

std::vector<Notion> Vocabulary::notions_of(const Word& word, Meaning& meaning) const {
  if (const auto found = by_word_.find(word.text); found != by_word_.end()) return found->second;
  if (silent_.contains(word.text) || learned_.contains(word.text) || is_number(word.text))
    return {};
  const bool of_events = event_words_.contains(word.text) || events_with_stem_.contains(word.stem);
  if (const auto found = by_stem_.find(word.stem); found != by_stem_.end()) return found->second;
  if (of_events) return {kEventWord};
  meaning.unknown.push_back(word.written);
  const bool capital = word.written.front() >= 'A' && word.written.front() <= 'Z';
  meaning.names_stranger = meaning.names_stranger || (capital && !word.begins_part);
  return {};
}

// Words with a meaning before those without.
std::string Vocabulary::nearest(const std::string& word) const {
  std::string best;
  std::size_t least = std::string::npos;
  const std::uint32_t letters = letters_of(word);
  for (const Spelling& known : spellings_) {
    const std::size_t size = known.word.size();
    if (size > word.size() + 2 || size + 3 < word.size() ||
        std::popcount(letters ^ known.letters) > kLettersApartMost)
      continue;
    for (const std::string_view form : {std::string_view(word), singular(word)}) {
      const bool swapped = form.size() == size && size > 2 &&
                           std::is_permutation(form.begin(), form.end(), known.word.begin()) &&
                           misspelt_by(form, known.word, 1) == 1;
      if (!swapped && (size < known.least || !near(form, known.word))) continue;
      const std::size_t rank = slip(form, known.word, misspelt_by(form, known.word, 3));
      if (rank < least) least = rank, best = known.word;
    }
  }
  return best;
}

// An event is named by all words of its name, in any order, or by what no other event's name has:
// a word ("refunds") or two in a row ("no shows").
void Vocabulary::read_events(const std::vector<Word>& words, Meaning& meaning,
                             std::vector<bool>& used) const {
  const auto place_of = [&](const std::string& stem, std::size_t after) {
    for (std::size_t i = after; i < words.size(); ++i) {
      if (words[i].taken || words[i].quoted) continue;
      if (words[i].stem == stem ||
          (words[i].text.ends_with('s') && singular(words[i].text) == stem))
        return i;
    }
    return words.size();
  };
  std::size_t best = 0;
  std::vector<std::size_t> best_places;
  for (const EventName& event : events_) {
    std::vector<std::size_t> places;
    for (const std::string& stem : event.stems) places.push_back(place_of(stem, 0));
    const auto there = static_cast<std::size_t>(std::count_if(
        places.begin(), places.end(), [&](std::size_t at) { return at < words.size(); }));
    bool names = there == event.stems.size();
    for (std::size_t k = 0; names && k < event.stems.size(); ++k) {
      // Words like "in" count only beside another word of the name.
      if (event.stems[k].size() > 3 || event.stems.size() == 1) continue;
      const std::size_t other = k > 0 ? places[k - 1] + 1 : places[k + 1] - 1;
      names = places[k] == other;
    }
    // "Signed In" is more than its first word.
    const bool all_wanted = std::any_of(
        event.stems.begin(), event.stems.end(),
        [&](const auto& s) { return s.size() <= 3 && silent_.contains(s) && s != "no"; });
    bool distinct = false;
    for (std::size_t k = 0; !names && !all_wanted && !distinct && k < event.stems.size(); ++k) {
      if (places[k] == words.size()) continue;
      const std::string& text = words[places[k]].text;
      const bool plain =
          by_word_.contains(text) || silent_.contains(text) || by_stem_.contains(event.stems[k]);
      distinct = !plain && events_with_stem_.at(event.stems[k]) == 1;
      if (!distinct && k + 1 < event.stems.size() && places[k + 1] < words.size() &&
          places[k + 1] == places[k] + 1)
        distinct = events_with_stem_.at(event.stems[k]) == 1 &&
                   events_with_stem_.at(event.stems[k + 1]) == 1;
    }
    if (!names && !distinct) continue;
    // "support requests": what happens follows what it happens to.
    const bool by_subject = places.front() < words.size();
    const std::size_t score = there * 4 + (names ? 2 : 0) + (by_subject ? 1 : 0);
    if (score < best) continue;
    meaning.hints_at_event = !names;
    if (score > best) meaning.events.clear(), best_places.clear();
    best = score;
    meaning.events.push_back(event.name);
    best_places.insert(best_places.end(), places.begin(), places.end());
  }
  if (best == 0) read_main_event(words, meaning, best_places);
  for (const std::size_t at : best_places)
    if (at < words.size()) used[at] = true;
}

void Vocabulary::take_phrase(const Phrase& phrase, const std::vector<Word>& words, std::size_t i,
                             bool all_of_event, Meaning& meaning) const {
  for (std::size_t k = 0; k < phrase.words.size(); ++k) {
    if (words[i + k].text != phrase.words[k])
      meaning.respelt.emplace_back(words[i + k].written, phrase.words[k]);
    if (phrase.tier.empty()) meaning.said.push_back(stem_of(phrase.words[k]));
  }
  if (phrase.tier.empty()) {
    auto& into = all_of_event ? meaning.of_events : meaning.notions;
    into.insert(phrase.notions.begin(), phrase.notions.end());
    return;
  }
  meaning.said.emplace_back(kTierSaid);
  if (std::find(meaning.tiers.begin(), meaning.tiers.end(), phrase.tier) == meaning.tiers.end())
    meaning.tiers.push_back(phrase.tier);
}

// Words that are known as they stand, or by their stem, stay; others become the nearest known one.
std::vector<Word> Vocabulary::respelt(std::vector<Word> words, Meaning& meaning) const {
  for (Word& word : words) {
    if (word.taken || word.quoted || !is_unknown(word.text) || is_number(word.text) ||
        by_stem_.contains(word.stem) || event_words_.contains(word.text) ||
        events_with_stem_.contains(word.stem) || events_with_stem_.contains(singular(word.text)) ||
        tier_words_.contains(word.text) || phrase_words_.contains(word.text))
      continue;
    const auto slip = slips_.find(word.text);
    std::string known = slip != slips_.end() ? slip->second : nearest(word.text);
    if (known.empty()) continue;
    meaning.respelt.emplace_back(word.written, known);
    word.stem = stem_of(known);
    word.text = std::move(known);
  }
  return words;
}

// "bookings": of the events whose names end so, that of the business' main thing.
void Vocabulary::read_main_event(const std::vector<Word>& words, Meaning& meaning,
                                 std::vector<std::size_t>& places) const {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Word& word = words[i];
    if (word.taken || word.quoted || word.stem.size() < 4 || by_word_.contains(word.text) ||
        silent_.contains(word.text))
      continue;
    const auto found = std::find_if(events_.begin(), events_.end(), [&](const EventName& event) {
      return event.stems.size() > 1 && event.stems.back() == word.stem &&
             event.stems.front() == main_stem_;
    });
    if (found == events_.end()) continue;
    meaning.events = {found->name};
    meaning.hints_at_event = true;
    places = {i};
    return;
  }
}

Meaning Vocabulary::read(const std::vector<Word>& written) const {
  Meaning meaning;
  const std::vector<Word> words = respelt(written, meaning);
  std::vector<bool> of_event(words.size(), false);
  read_events(words, meaning, of_event);
  for (std::size_t i = 0; i < words.size();) {
    if (words[i].taken || words[i].quoted) {
      ++i;
      continue;
    }
    if (const Phrase* phrase = phrase_at(words, i)) {
      const auto at = of_event.begin() + static_cast<std::ptrdiff_t>(i);
      const auto end = at + static_cast<std::ptrdiff_t>(phrase->words.size());
      take_phrase(*phrase, words, i, std::find(at, end, false) == end, meaning);
      i += phrase->words.size();
      continue;
    }
    if (of_event[i]) {
      if (meaning.said.empty() || meaning.said.back() != kEventSaid)
        meaning.said.emplace_back(kEventSaid);
      if (const auto found = by_word_.find(words[i].text); found != by_word_.end()) {
        meaning.of_events.insert(found->second.begin(), found->second.end());
      } else if (const auto stem = by_stem_.find(words[i].stem); stem != by_stem_.end()) {
        meaning.of_events.insert(stem->second.begin(), stem->second.end());
      }
    } else {
      const auto notions = notions_of(words[i], meaning);
      meaning.notions.insert(notions.begin(), notions.end());
      meaning.said.push_back(words[i].stem);
    }
    ++i;
  }
  return meaning;
}

}  // namespace tideline
