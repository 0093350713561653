#include "assistant/hearing.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

namespace tideline {
namespace {

constexpr std::array kPeople = {"customer", "client", "account", "user",
                                "member",   "id",     "student", "subscriber"};
constexpr std::array kAbove = {"above", "over",   "exceed",  "exceeds", "exceeding",
                               "more",  "higher", "greater", "least",   "beyond"};
constexpr std::array kBelow = {"below", "under", "less", "lower", "fewer", "smaller"};
constexpr std::array kFirstOnes = {"top",   "first",  "last",   "latest", "best",
                                   "worst", "newest", "oldest", "the"};
constexpr std::array kNumbers = {"one",   "two",   "three", "four", "five",   "six",
                                 "seven", "eight", "nine",  "ten",  "eleven", "twelve"};
constexpr std::array kTens = {"ten",   "twenty",  "thirty", "forty", "fifty",
                              "sixty", "seventy", "eighty", "ninety"};
// What a speaker puts himself right with, after "no": "no sorry", "no make that".
constexpr std::array kCorrects = {"sorry", "make", "wait", "rather"};
constexpr std::size_t kQuotedWordsMost = 3;  // longer ones between quotes are names
// What would change something, or have something written: nothing of that is done here.
constexpr std::array kCommands = {
    "delete",  "remove", "drop",   "set",      "send",    "write",     "email",   "update",
    "insert",  "cancel", "ignore", "forget",   "pretend", "translate", "create",  "execute",
    "run",     "erase",  "assign", "dismiss",  "snooze",  "export",    "install", "disregard",
    "imagine", "retry",  "alter",  "truncate", "promote", "buy",       "disable"};
constexpr std::array kDoes = {"doe", "do", "did", "is"};  // stems
constexpr std::array kPronouns = {"they", "them", "those", "these", "it",    "its",  "he",
                                  "she",  "him",  "her",   "ones",  "their", "there"};

constexpr std::array<std::pair<Notion, std::string_view>, 3> kActive = {
    {{"active_day", "day"}, {"active_week", "week"}, {"active_month", "month"}}};

template <class List>
bool is_in(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// "c000123", "anna-7", "a@b.example": letters and digits, or with marks that words do not have.
bool looks_like_id(std::string_view text) {
  const auto has = [&](auto kind) {
    return std::any_of(text.begin(), text.end(), [&](unsigned char c) { return kind(c) != 0; });
  };
  const bool digits = has([](int c) { return std::isdigit(c); });
  const bool letters = has([](int c) { return std::isalpha(c); });
  if (text.find('@') != text.npos) return letters;
  if (!digits || !letters || text.size() < 3) return false;
  // "30d", "7th", "24h", "q4", "2h30"
  const auto letters_count = std::count_if(text.begin(), text.end(),
                                           [](unsigned char c) { return std::isalpha(c) != 0; });
  const bool begins_with_digit = std::isdigit(static_cast<unsigned char>(text.front())) != 0;
  return !(begins_with_digit && letters_count <= 2 && text.size() <= 5);
}

class Hearer {
 public:
  Hearer(std::string_view text, Time now, const Vocabulary& vocabulary)
      : words_(words_of(text)), now_(now), vocabulary_(vocabulary) {}

  Heard hear() {
    heard_.now = now_;
    heard_.words = words_.size();
    known_in_quotes();
    corrections();
    shares_in_words();
    customers();
    periods();
    units();
    heard_.odd = numbers();
    heard_.meaning = vocabulary_.read(words_);
    definition();
    newly();
    tiers();
    if (!heard_.arguments.by) {
      for (const auto& [notion, unit] : kActive)
        if (heard_.meaning.notions.contains(notion))
          heard_.arguments.by = unit, heard_.by_implied = true;
    }
    if (heard_.meaning.events.size() == 1) heard_.arguments.event = heard_.meaning.events.front();
    going_on();
    return std::move(heard_);
  }

 private:
  std::string_view text(std::size_t i) const {
    return i < words_.size() ? std::string_view(words_[i].text) : std::string_view();
  }

  // What "health score" means: words between quotes that are known are no name, unless something
  // other than words stands there too.
  void known_in_quotes() {
    std::vector<Word> words;
    for (Word& word : words_) {
      const bool is_words =
          word.quoted && word.text.find_first_of(";:{}<>()[]$%&|=*/\\@#\"") == word.text.npos;
      std::vector<Word> inside = is_words ? words_of(word.text) : std::vector<Word>();
      if (inside.empty() || inside.size() > kQuotedWordsMost || !vocabulary_.is_meant(inside)) {
        words.push_back(std::move(word));
      } else {
        words.insert(words.end(), inside.begin(), inside.end());
      }
    }
    words_ = std::move(words);
  }

  // "the healthy ones, no sorry, the thriving ones": what comes last is meant, and the words that
  // say so are none of the question. So are those of "bad events I mean".
  void corrections() {
    std::vector<Word> words;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const bool corrects = text(i) == "no" && i > 0 && is_in(kCorrects, text(i + 1));
      const bool means = text(i) == "i" && text(i + 1) == "mean" && i > 0 && text(i - 1) != "do";
      if (!corrects && !means) {
        words.push_back(std::move(words_[i]));
        continue;
      }
      corrected_ = corrected_ || corrects;
      i += text(i + 1) == "make" && text(i + 2) == "that" ? 2 : 1;
    }
    words_ = std::move(words);
  }

  // "seventy per cent"
  void shares_in_words() {
    std::vector<Word> words;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      words.push_back(std::move(words_[i]));
      Word& word = words.back();
      if (word.text == "per" && text(i + 1) == "cent") {
        word.text = "percent";
        word.stem = stem_of(word.text);
        ++i;
      }
      if (word.text != "percent" || words.size() < 2) continue;
      Word& before = words[words.size() - 2];
      const auto* ten = std::find(kTens.begin(), kTens.end(), before.text);
      if (ten != kTens.end()) before.text = std::to_string((ten - kTens.begin() + 1) * 10);
    }
    words_ = std::move(words);
  }

  void customers() {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      Word& word = words_[i];
      const bool named = i > 0 && is_in(kPeople, words_[i - 1].text);
      const bool number = is_number(word.text) && word.text.find('.') == word.text.npos;
      if (!word.quoted && !looks_like_id(word.text) && !(named && number)) continue;
      if (!heard_.arguments.customer) {
        heard_.arguments.customer = word.written;
      } else if (!heard_.arguments.other && *heard_.arguments.customer != word.written) {
        heard_.arguments.other = word.written;
      }
      word.taken = true;
    }
  }

  void periods() {
    std::vector<Period> found = periods_in(words_, now_);
    // "this month so far" is this month.
    if (found.size() == 2 && found.back().from == Time{}) found.pop_back();
    if (!found.empty()) heard_.arguments.period = std::move(found.front());
    if (found.size() < 2) return;
    (corrected_ ? heard_.arguments.period : heard_.arguments.before) = std::move(found.back());
  }

  // "per week", "by month", "daily"
  void units() {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kSingle = {
        {{"daily", "day"},
         {"weekly", "week"},
         {"monthly", "month"},
         {"quarterly", "quarter"},
         {"yearly", "year"},
         {"annually", "year"}}};
    static constexpr std::array kUnits = {"day", "week", "month", "quarter", "year"};
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (const auto& [word, unit] : kSingle)
        if (words_[i].text == word) heard_.arguments.by = unit;
      const bool each = words_[i].text == "per" || words_[i].text == "by" ||
                        words_[i].text == "each" || words_[i].text == "every";
      // "by month of joining" groups customers, not time.
      if (!each || !is_in(kUnits, text(i + 1)) || text(i + 2) == "of") continue;
      heard_.arguments.by = std::string(text(i + 1));
      words_[i].taken = true;
    }
  }

  // Shares over which a figure must be, and how many rows are wanted. Returns numbers that say
  // something else.
  std::vector<std::string> numbers() {
    std::vector<std::string> odd;
    const auto says = [&](const auto& list) {
      return std::any_of(words_.begin(), words_.end(),
                         [&](const Word& word) { return !word.taken && is_in(list, word.text); });
    };
    const bool above = says(kAbove);
    const bool below = says(kBelow) || most();
    int shares = 0;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      Word& word = words_[i];
      if (word.taken) continue;
      std::string_view number = word.text;
      bool percent = number.ends_with('%');
      if (percent) number.remove_suffix(1);
      if (!is_number(number)) {
        small_number(i);
        continue;
      }
      const double value = std::strtod(std::string(number).c_str(), nullptr);
      const bool has_word = text(i + 1) == "percent" || text(i + 1) == "pct" || text(i + 1) == "%";
      if (has_word) words_[i + 1].taken = true;
      percent = percent || has_word;
      const bool share = percent ? value <= 100 : value > 0 && value < 1;
      word.taken = true;
      // "against the 30 before"
      if (text(i + 1) == "before" || text(i + 1) == "prior") continue;
      // "past the 60 % mark", "beyond", "north of": what is not below is above.
      if (share && !below && (++shares == 1 || corrected_)) {
        heard_.arguments.threshold = percent ? value / 100 : value;
      } else if (!share && !percent && !above && !below && !heard_.arguments.rows && value >= 1 &&
                 value <= 1000 && number.find('.') == number.npos) {
        heard_.arguments.rows = static_cast<int>(value);
      } else {
        odd.push_back(word.written);
      }
    }
    if (below) odd.emplace_back("below");
    if (shares > 1 && !corrected_) heard_.arguments.threshold.reset();
    return odd;
  }

  // "at most", "up to 50%", and misspelt words of kBelow
  bool most() const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if ((text(i) == "at" && text(i + 1) == "most") || (text(i) == "up" && text(i + 1) == "to"))
        return true;
      for (const std::string_view word : kBelow)
        if (!words_[i].taken && text(i).size() > 4 && word.size() > 4 &&
            vocabulary_.is_unknown(words_[i].text) && misspelt_by(text(i), word, 1) == 1)
          return true;
    }
    return false;
  }

  // "top five"
  void small_number(std::size_t i) {
    if (i == 0 || !is_in(kFirstOnes, text(i - 1)) || heard_.arguments.rows) return;
    for (std::size_t n = 1; n < kNumbers.size(); ++n) {
      if (words_[i].text != kNumbers[n]) continue;
      // "the four tiers"
      if (text(i + 1) == "tiers" || text(i + 1) == "groups" || text(i + 1) == "segments") continue;
      heard_.arguments.rows = static_cast<int>(n) + 1;
      words_[i].taken = true;
    }
  }

  // "what does at risk mean": a meaning, not a mean
  void definition() {
    const auto& said = heard_.meaning.said;
    // "what is a dead letter supposed to be"
    const std::size_t n = words_.size();
    if (n > 4 && text(0) == "what" && text(n - 3) == "supposed" && text(n - 2) == "to")
      heard_.meaning.notions.insert("definition");
    if (said.size() < 3 || said[0] != "what" || !is_in(kDoes, said[1])) return;
    if (said[1] == "is" ? said.back() != "mean" : !is_in(said, "mean")) return;
    heard_.meaning.notions.erase("mean");
    heard_.meaning.notions.insert("definition");
  }

  // "new at risk customers" have moved there; "new customers that are at risk" are something else.
  void newly() {
    for (const std::string& tier : heard_.meaning.tiers) {
      const std::string first = tier.substr(0, tier.find('_'));
      for (std::size_t i = 0; i + 1 < words_.size(); ++i) {
        if (!words_[i].text.starts_with("new") || words_[i + 1].text != first) continue;
        heard_.meaning.notions.erase("new");
        heard_.meaning.notions.insert("move");
      }
    }
  }

  void tiers() {
    const auto& named = heard_.meaning.tiers;
    if (named.empty()) return;
    // All of them by name: the tiers.
    if (named.size() == vocabulary_.tiers() && named.size() > 2) {
      heard_.meaning.notions.insert("tier");
      return;
    }
    const auto follows_from = [&](const std::string& tier) {
      const std::string first = tier.substr(0, tier.find('_'));
      for (std::size_t i = 0; i + 1 < words_.size(); ++i)
        if (words_[i].text == "from" && words_[i + 1].text == first) return true;
      return false;
    };
    Arguments& a = heard_.arguments;
    if (corrected_) {
      a.tier = named.back();
      return;
    }
    if (follows_from(named.front()) && (named.size() > 1 || moves())) {
      a.from_tier = named.front();
      if (named.size() > 1) a.tier = named[1];
    } else {
      a.tier = named.front();
      if (named.size() > 1) a.from_tier = named[1];
    }
    if (named.size() > 2) heard_.odd.push_back(Vocabulary::label(named[2]));
  }

  bool moves() const {
    const auto& notions = heard_.meaning.notions;
    return notions.contains("move") || notions.contains("up") || notions.contains("down");
  }

  // "send me", "run through", "set thriving against healthy"
  bool only_shows(std::size_t at) const {
    const std::string_view next = text(at + 1);
    if (text(at) == "send") return next == "me" || next == "us";
    if (text(at) == "run") return next == "through" || next == "me";
    if (text(at) != "set") return false;
    return next == "out" || heard_.meaning.notions.contains("compare") || says_next_to();
  }

  bool says_next_to() const {
    for (std::size_t i = 0; i < words_.size(); ++i)
      if ((text(i) == "next" && text(i + 1) == "to") || text(i) == "beside") return true;
    return false;
  }

  void going_on() {
    const std::string_view first = text(0);
    const std::string_view second = text(1);
    const bool polite = first == "please" || first == "pls" || first == "now" || first == "and";
    heard_.commands = is_in(kCommands, text(polite ? 1 : 0)) && !only_shows(polite ? 1 : 0);
    heard_.goes_on =
        first == "and" || first == "also" || first == "only" || first == "same" || first == "or" ||
        first == "then" || ((first == "what" || first == "how") && second == "about") ||
        std::any_of(words_.begin(), words_.end(),
                    [](const Word& word) { return !word.taken && is_in(kPronouns, word.text); });
  }

  std::vector<Word> words_;
  Time now_;
  const Vocabulary& vocabulary_;
  bool corrected_ = false;
  Heard heard_;
};

}  // namespace

Heard hear(std::string_view text, Time now, const Vocabulary& vocabulary) {
  return Hearer(text, now, vocabulary).hear();
}

}  // namespace tideline
