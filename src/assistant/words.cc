#include "assistant/words.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace tideline {
namespace {

constexpr std::array kEndings = {"ations", "ation", "ions", "ion", "ures", "ure", "ings", "ing",
                                 "ments",  "ment",  "ies",  "ied", "ed",   "es",  "s",    "e"};
constexpr std::size_t kStemLeast = 3;

bool is_mark(char c) {
  return std::string_view(",.?!:;()[]{}<>\"'`~*").find(c) != std::string_view::npos;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// "at-risk" and "a/b" are two words; a date, and an id with digits, are one.
bool falls_apart(std::string_view piece) {
  return std::none_of(piece.begin(), piece.end(), [](unsigned char c) { return std::isdigit(c); });
}

class Cutter {
 public:
  std::vector<Word> cut(std::string_view text) {
    for (std::size_t i = 0; i < text.size() && words_.size() < kWordsMax;) {
      const char c = text[i];
      if (std::isspace(static_cast<unsigned char>(c))) {
        ++i;
      } else if (c == '"' || c == '`') {
        i = quoted(text, i);
      } else {
        i = plain(text, i);
      }
    }
    return std::move(words_);
  }

 private:
  std::size_t quoted(std::string_view text, std::size_t at) {
    const std::size_t end = text.find(text[at], at + 1);
    if (end == text.npos) return at + 1;
    if (end > at + 1) add(text.substr(at + 1, end - at - 1), true);
    return end + 1;
  }

  std::size_t plain(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && !std::isspace(static_cast<unsigned char>(text[end])) &&
           text[end] != '"' && text[end] != '`')
      ++end;
    std::string_view piece = text.substr(at, end - at);
    // "risk > 0.7"
    if (piece.front() == '>' || piece.front() == '<') {
      add(piece.front() == '>' ? "above" : "below", false);
      piece.remove_prefix(1);
    }
    while (!piece.empty() && is_mark(piece.front())) piece.remove_prefix(1);
    bool ends = false;
    while (!piece.empty() && is_mark(piece.back())) {
      ends = ends || piece.back() != '\'';
      piece.remove_suffix(1);
    }
    parts(piece);
    part_ = part_ || ends;
    return end;
  }

  void parts(std::string_view piece) {
    // "c000123's", "what's": the ending goes, as does the mark of a short form.
    const std::size_t mark = piece.find('\'');
    if (mark != piece.npos && mark > 0) {
      parts(piece.substr(0, mark));
      const std::string rest = lower(piece.substr(mark + 1));
      if (rest.size() > 2) parts(piece.substr(mark + 1));
      if (rest == "t" && !words_.empty()) add("not", false);
      return;
    }
    if (piece.empty()) return;
    if (!falls_apart(piece)) return add(piece, false);
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= piece.size(); ++i) {
      const bool cut = i == piece.size() || piece[i] == '-' || piece[i] == '/' ||
                       piece[i] == '.' || piece[i] == ',' || piece[i] == '_';
      if (!cut) continue;
      if (i > begin) add(piece.substr(begin, i - begin), false);
      begin = i + 1;
    }
  }

  void add(std::string_view written, bool quoted) {
    if (words_.size() >= kWordsMax) return;
    Word word;
    word.written = written;
    word.text = lower(written);
    word.stem = stem_of(word.text);
    word.quoted = quoted;
    word.begins_part = part_;
    part_ = false;
    words_.push_back(std::move(word));
  }

  std::vector<Word> words_;
  bool part_ = true;
};

}  // namespace

std::vector<Word> words_of(std::string_view text) { return Cutter().cut(text); }

std::string stem_of(std::string_view word) {
  std::string stem(word);
  for (const std::string_view ending : kEndings) {
    if (stem.size() < ending.size() + kStemLeast || !stem.ends_with(ending)) continue;
    if (ending == "s" && stem.ends_with("ss")) continue;
    stem.resize(stem.size() - ending.size());
    // "failures" loses "s" with "ures" already; "booked" and "opens" are done after one ending.
    break;
  }
  // "cancelled" and "cancels", "dropped" and "drop"
  if (stem.size() > 3 && stem[stem.size() - 1] == stem[stem.size() - 2] &&
      std::string_view("lptgmnr").find(stem.back()) != std::string_view::npos)
    stem.pop_back();
  return stem;
}

std::size_t misspelt_by(std::string_view a, std::string_view b, std::size_t most) {
  const std::size_t longer = std::max(a.size(), b.size());
  if (longer - std::min(a.size(), b.size()) > most) return most + 1;
  static constexpr std::size_t kUsual = 32;  // letters; longer ones cost an allocation
  std::array<std::size_t, 3 * (kUsual + 1)> usual;
  std::vector<std::size_t> longest(b.size() > kUsual ? 3 * (b.size() + 1) : 0);
  std::size_t* before = b.size() > kUsual ? longest.data() : usual.data();
  std::size_t* last = before + b.size() + 1;
  std::size_t* row = last + b.size() + 1;
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t other = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({row[j - 1] + 1, last[j] + 1, other});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return std::min(last[b.size()], most + 1);
}

bool is_number(std::string_view text) {
  const auto points = std::count(text.begin(), text.end(), '.');
  return !text.empty() && points <= 1 && std::isdigit(static_cast<unsigned char>(text.front())) &&
         std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return std::isdigit(c) || c == '.'; });
}

}  // namespace tideline
