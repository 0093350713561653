#include "assistant/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "assistant/vocabulary.h"

namespace tideline {
namespace {

constexpr std::string_view kUnknown = "not known";

// "1,234,567.8"
std::string grouped(double value, int decimals) {
  std::string digits = fmt::format("{:.{}f}", std::fabs(value), decimals);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  for (std::size_t i = point; i > 3; i -= 3) digits.insert(i - 3, ",");
  const bool zero = digits.find_first_of("123456789") == digits.npos;
  return (value < 0 && !zero ? "-" : "") + digits;
}

std::optional<double> number_in(const AnswerCell& cell) {
  if (const auto* number = std::get_if<double>(&cell)) {
    return std::isfinite(*number) ? std::optional(*number) : std::nullopt;
  }
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) return static_cast<double>(*whole);
  if (const auto* text = std::get_if<std::string>(&cell)) {
    // What fits neither a double nor 64 bits comes as a text of digits.
    char* end = nullptr;
    const double value = std::strtod(text->c_str(), &end);
    if (!text->empty() && end == text->c_str() + text->size() && std::isfinite(value))
      return value;
  }
  return std::nullopt;
}

std::string text_in(const AnswerCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* yes = std::get_if<bool>(&cell)) return *yes ? "yes" : "no";
  if (const auto* time = std::get_if<Time>(&cell)) return format_time(*time);
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) return std::to_string(*whole);
  if (const auto* number = std::get_if<double>(&cell)) return fmt::format("{}", *number);
  return std::string(kUnknown);
}

// "2026-01-15 10:00 UTC"
std::string time_words(const AnswerCell& cell) {
  std::string text = text_in(cell);
  const auto time = parse_time(text);
  if (!time) return text;
  text = format_time(*time);
  return text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
}

const AnswerColumn* column_of(const Question& question, std::string_view name) {
  const auto found = std::find_if(question.columns.begin(), question.columns.end(),
                                  [&](const AnswerColumn& c) { return c.name == name; });
  return found == question.columns.end() ? nullptr : &*found;
}

class Teller {
 public:
  Teller(const Question& question, const Arguments& arguments, const AnswerRows& rows,
         std::string_view currency)
      : question_(question), arguments_(arguments), rows_(rows), currency_(currency) {}

  // The template with its names filled in; an unknown one is the catalogue's mistake.
  Result<std::string> tell(std::string_view text) const {
    std::string out;
    while (!text.empty()) {
      const std::size_t open = std::min(text.find('{'), text.size());
      out += text.substr(0, open);
      text.remove_prefix(open);
      const std::size_t close = text.find('}');
      if (text.empty() || close == text.npos) break;
      TRY_ASSIGN(const std::string value, named(text.substr(1, close - 1)));
      out += value;
      text.remove_prefix(close + 1);
    }
    return out + std::string(text);
  }

 private:
  Result<std::string> named(std::string_view name) const {
    if (name == " of tier")
      return arguments_.tier ? " that are " + Vocabulary::label(*arguments_.tier) : std::string();
    if (name == "rows") return std::to_string(rows_.rows.size());
    int decimals = -1;
    if (const auto colon = name.find(':'); colon != name.npos) {
      decimals = name[colon + 1] - '0';
      name = name.substr(0, colon);
    }
    const bool last = name.ends_with("@last");
    if (last) name.remove_suffix(5);
    if (!rows_.rows.empty()) {
      const auto at = std::find(rows_.columns.begin(), rows_.columns.end(), name);
      if (at != rows_.columns.end()) {
        const auto& row = last ? rows_.rows.back() : rows_.rows.front();
        return of_row(row[static_cast<std::size_t>(at - rows_.columns.begin())], name, decimals);
      }
    }
    if (auto slot = of_slot(name)) return *slot;
    return fail(ErrorCode::internal,
                "the question " + question_.id + " has no \"" + std::string(name) + "\" to tell",
                "no_column");
  }

  std::string of_row(const AnswerCell& cell, std::string_view name, int decimals) const {
    const AnswerColumn* column = column_of(question_, name);
    if (decimals >= 0) {
      const auto number = number_in(cell);
      return number ? grouped(*number, decimals) : std::string(kUnknown);
    }
    if (column == nullptr) {
      const auto number = number_in(cell);
      return number ? grouped(*number, 0) : text_in(cell);
    }
    return written(cell, column->form, column->unit, currency_);
  }

  std::optional<std::string> of_slot(std::string_view name) const {
    const Arguments& a = arguments_;
    if (name == "period" && a.period) return a.period->words;
    if (name == "before" && a.before) return a.before->words;
    if (name == "by" && a.by) return *a.by;
    if (name == "tier" && a.tier) return Vocabulary::label(*a.tier);
    if (name == "customer" && a.customer) return *a.customer;
    if (name == "event" && a.event) return *a.event;
    if (name == "threshold" && a.threshold) return written(*a.threshold, Form::share, "", "");
    return std::nullopt;
  }

  const Question& question_;
  const Arguments& arguments_;
  const AnswerRows& rows_;
  std::string_view currency_;
};

// A number as it stands in a text: its value and how many decimals it was given.
struct SaidNumber {
  double value = 0;
  int decimals = 0;
};

std::vector<SaidNumber> numbers_of(std::string_view text) {
  std::vector<SaidNumber> found;
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  for (std::size_t i = 0; i < text.size();) {
    if (!is_digit(text[i])) {
      ++i;
      continue;
    }
    std::string digits;
    int decimals = -1;
    for (; i < text.size(); ++i) {
      const bool more = i + 1 < text.size() && is_digit(text[i + 1]);
      if (is_digit(text[i])) {
        digits += text[i];
        if (decimals >= 0) ++decimals;
      } else if (text[i] == '.' && decimals < 0 && more) {
        digits += '.';
        decimals = 0;
      } else if (text[i] != ',' || !more || decimals >= 0) {
        break;
      }
    }
    found.push_back({std::strtod(digits.c_str(), nullptr), std::max(decimals, 0)});
  }
  return found;
}

constexpr std::string_view kNumberWords[] = {
    "two",       "three",    "four",    "five",   "six",      "seven",    "eight",    "nine",
    "ten",       "eleven",   "twelve",  "dozen",  "twenty",   "thirty",   "forty",    "fifty",
    "sixty",     "seventy",  "eighty",  "ninety", "hundred",  "hundreds", "thousand", "thousands",
    "million",   "millions", "billion", "half",   "third",    "quarter",  "double",   "twice",
    "triple",    "doubled",  "tripled", "zero",   "thirteen", "fourteen", "fifteen",  "sixteen",
    "seventeen", "eighteen", "nineteen"};

bool same_number(const SaidNumber& said, double value) {
  const double step = 0.5 * std::pow(10, -said.decimals);
  const double slack = step * (1 + 1e-9) + 1e-12;
  const double size = std::fabs(value);
  // A share is written as such or in per cent; rounded to a whole it would say nothing.
  const bool is_share = size <= 1;
  const bool same = std::fabs(said.value - size) <= slack;
  const bool whole_of_share = is_share && said.decimals == 0 && said.value != size;
  return (same && !whole_of_share) || (is_share && std::fabs(said.value - size * 100) <= slack);
}

}  // namespace

std::string written(const AnswerCell& cell, Form form, std::string_view unit,
                    std::string_view currency) {
  if (std::holds_alternative<std::monostate>(cell)) return std::string(kUnknown);
  const auto number = number_in(cell);
  const auto with_unit = [&](std::string text) {
    return unit.empty() ? text : text + " " + std::string(unit);
  };
  switch (form) {
    case Form::text: return text_in(cell);
    case Form::tier: return Vocabulary::label(text_in(cell));
    case Form::date: {
      const std::string text = text_in(cell);
      return text.size() > 10 ? text.substr(0, 10) : text;
    }
    case Form::time: return time_words(cell);
    default: break;
  }
  if (!number) return text_in(cell);
  switch (form) {
    case Form::whole: return with_unit(grouped(*number, 0));
    case Form::number1: return with_unit(grouped(*number, 1));
    case Form::number2: return with_unit(grouped(*number, 2));
    case Form::share: return grouped(*number * 100, 1) + " %";
    case Form::signed1: return (*number > 0 ? "+" : "") + with_unit(grouped(*number, 1));
    case Form::money:
      return grouped(*number, 2) + (currency.empty() ? "" : " " + std::string(currency));
    default: return text_in(cell);
  }
}

Result<AnswerText> answer_of(const Question& question, const Arguments& arguments,
                             const AnswerRows& rows, std::string_view currency, Time now) {
  const Arguments used = completed(question, arguments, now);
  const Teller teller(question, used, rows, currency);
  AnswerText answer;
  std::vector<std::size_t> places;
  for (const AnswerColumn& column : question.columns) {
    const auto at = std::find(rows.columns.begin(), rows.columns.end(), column.name);
    if (at == rows.columns.end())
      return fail(ErrorCode::internal,
                  "the answer to " + question.id + " has no column " + column.name, "no_column");
    places.push_back(static_cast<std::size_t>(at - rows.columns.begin()));
    TRY_ASSIGN(auto label, teller.tell(column.label));
    answer.labels.push_back(std::move(label));
  }
  for (const auto& row : rows.rows) {
    auto& cells = answer.cells.emplace_back();
    for (std::size_t i = 0; i < places.size(); ++i) {
      const AnswerColumn& column = question.columns[i];
      cells.push_back(written(row[places[i]], column.form, column.unit, currency));
    }
  }
  TRY_ASSIGN(answer.sentence,
             teller.tell(rows.rows.empty() ? question.nothing : question.sentence));
  TRY_ASSIGN(answer.population, teller.tell(question.population));
  if (used.period) answer.period = used.period->words;
  return answer;
}

AnswerRows told_rows(const Question& question, const Arguments& arguments) {
  AnswerRows rows;
  for (const AnswerColumn& column : question.columns) rows.columns.push_back(column.name);
  for (const auto& told : question.told) {
    if (arguments.tier && told.front() != Vocabulary::label(*arguments.tier)) continue;
    auto& row = rows.rows.emplace_back();
    for (const std::string& cell : told) row.emplace_back(cell);
  }
  return rows;
}

bool numbers_hold(std::string_view words, const AnswerRows& rows,
                  const std::vector<std::string>& also) {
  std::vector<double> known = {static_cast<double>(rows.rows.size())};
  std::vector<std::string> texts = also;
  for (const auto& row : rows.rows) {
    for (const AnswerCell& cell : row) {
      if (const auto number = number_in(cell))
        known.push_back(*number);
      else
        texts.push_back(text_in(cell));
    }
  }
  for (const std::string& text : texts)
    for (const SaidNumber& number : numbers_of(text)) known.push_back(number.value);
  for (const SaidNumber& said : numbers_of(words)) {
    if (std::none_of(known.begin(), known.end(),
                     [&](double value) { return same_number(said, value); }))
      return false;
  }
  // Numbers in words cannot be compared: none that did not stand there before.
  const auto has_word = [](const std::vector<Word>& among, std::string_view wanted) {
    return std::any_of(among.begin(), among.end(),
                       [&](const Word& word) { return word.text == wanted; });
  };
  const std::vector<Word> said = words_of(words);
  for (const std::string_view word : kNumberWords) {
    if (!has_word(said, word)) continue;
    if (std::none_of(also.begin(), also.end(),
                     [&](const std::string& text) { return has_word(words_of(text), word); }))
      return false;
  }
  return true;
}

}  // namespace tideline
