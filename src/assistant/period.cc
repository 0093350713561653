#include "assistant/period.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

namespace tideline {
namespace {

using std::chrono::day;
using std::chrono::month;
using std::chrono::months;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr std::array kMonths = {"january",   "february", "march",    "april",
                                "may",       "june",     "july",     "august",
                                "september", "october",  "november", "december"};
constexpr std::array kWeekdays = {"monday", "tuesday",  "wednesday", "thursday",
                                  "friday", "saturday", "sunday"};
constexpr std::array kNumbers = {"zero",  "one",   "two",  "three", "four",   "five",  "six",
                                 "seven", "eight", "nine", "ten",   "eleven", "twelve"};
constexpr std::array kTens = {"ten",   "twenty",  "thirty", "forty", "fifty",
                              "sixty", "seventy", "eighty", "ninety"};
enum class Unit { hour, day, week, month, quarter, year };

Time start(sys_days d) { return Time(d); }
sys_days today(Time now) { return std::chrono::floor<std::chrono::days>(now); }
std::chrono::days days_of(int n) { return std::chrono::days(n); }

std::string day_words(Time t) {
  const year_month_day d(std::chrono::floor<std::chrono::days>(t));
  std::string name = kMonths[static_cast<unsigned>(d.month()) - 1];
  name.front() = static_cast<char>(name.front() - 'a' + 'A');
  return fmt::format("{} {} {}", static_cast<unsigned>(d.day()), name, static_cast<int>(d.year()));
}

std::string span_words(Time from, Time to) {
  const Time last = to - Duration(1);
  if (day_index(from) == day_index(last)) return day_words(from);
  return day_words(from) + " to " + day_words(last);
}

Period made(sys_days from, sys_days to, Time now, const std::string& name) {
  Period p;
  p.from = start(from);
  p.to = std::min(start(to), start(today(now) + days_of(1)));
  p.to_come = p.from > now;
  if (p.to_come) p.to = start(to);
  p.words = name.empty() ? span_words(p.from, p.to) : name + " (" + span_words(p.from, p.to) + ")";
  return p;
}

sys_days first_of(Unit unit, sys_days d) {
  const year_month_day date(d);
  switch (unit) {
    case Unit::week: {
      const std::chrono::weekday w(d);
      return d - days_of(static_cast<int>(w.iso_encoding()) - 1);
    }
    case Unit::month: return date.year() / date.month() / day(1);
    case Unit::quarter: {
      const unsigned m = static_cast<unsigned>(date.month());
      return date.year() / month((m - 1) / 3 * 3 + 1) / day(1);
    }
    case Unit::year: return date.year() / month(1) / day(1);
    default: return d;
  }
}

sys_days moved(Unit unit, sys_days first, int by) {
  const year_month_day date(first);
  switch (unit) {
    case Unit::week: return first + days_of(7 * by);
    case Unit::month: return date + months(by);
    case Unit::quarter: return date + months(3 * by);
    case Unit::year: return date + months(12 * by);
    default: return first + days_of(by);
  }
}

std::optional<Unit> unit_of(std::string_view word) {
  if (word == "hour" || word == "hours" || word == "hrs" || word == "h") return Unit::hour;
  if (word == "day" || word == "days" || word == "d") return Unit::day;
  if (word == "week" || word == "weeks" || word == "wk") return Unit::week;
  if (word == "month" || word == "months" || word == "mth") return Unit::month;
  if (word == "quarter" || word == "quarters") return Unit::quarter;
  if (word == "year" || word == "years" || word == "yr") return Unit::year;
  if (word == "mnth" || word == "mnths") return Unit::month;
  for (const auto& [name, unit] :
       {std::pair{"days", Unit::day}, std::pair{"weeks", Unit::week},
        std::pair{"month", Unit::month}, std::pair{"months", Unit::month},
        std::pair{"quarter", Unit::quarter}})
    if (word.size() >= 4 && word.front() == name[0] && misspelt_by(word, name, 1) <= 1)
      return unit;
  return std::nullopt;
}

template <class List>
std::optional<int> place_in(const List& names, std::string_view word, bool spelling) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view name = names[i];
    if (word == name) return static_cast<int>(i);
    if (word.size() >= 3 && word.size() <= 4 && name.starts_with(word)) return static_cast<int>(i);
    if (spelling && name.size() >= 6 && word.size() >= 5 && misspelt_by(word, name, 1) <= 1)
      return static_cast<int>(i);
  }
  return std::nullopt;
}

std::optional<int> whole_number(std::string_view word) {
  for (std::size_t i = 1; i < kNumbers.size(); ++i)
    if (word == kNumbers[i]) return static_cast<int>(i);
  for (std::size_t i = 0; i < kTens.size(); ++i)
    if (word == kTens[i]) return static_cast<int>(i + 1) * 10;
  std::string digits(word);
  for (const std::string_view ending : {"st", "nd", "rd", "th"})
    if (digits.size() > 2 && digits.ends_with(ending)) digits.resize(digits.size() - 2);
  if (digits.empty() || digits.size() > 5 ||
      !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  return std::atoi(digits.c_str());
}

// A stretch of the words and what it says. `days` of 0 stands for what is given by `whole`.
struct Found {
  std::size_t words = 0;
  Period period;
};

class Reader {
 public:
  Reader(std::vector<Word>& words, Time now) : words_(words), now_(now), today_(today(now)) {}

  std::vector<Period> read() {
    std::vector<Period> found;
    for (std::size_t i = 0; i < words_.size() && found.size() < 2; ++i) {
      if (words_[i].taken || words_[i].quoted) continue;
      auto one = at(i);
      if (!one) continue;
      for (std::size_t k = 0; k < one->words; ++k) words_[i + k].taken = true;
      i += one->words - 1;
      // "on tuesday, the 13th of january"
      if (!found.empty() && found.front().from == one->period.from &&
          found.front().to == one->period.to)
        continue;
      found.push_back(std::move(one->period));
    }
    return found;
  }

 private:
  std::string_view word(std::size_t i) const {
    return i < words_.size() && !words_[i].quoted ? std::string_view(words_[i].text)
                                                  : std::string_view();
  }

  std::optional<Found> at(std::size_t i) {
    if (auto f = range(i)) return f;
    if (auto f = since(i)) return f;
    if (auto f = rolling(i)) return f;
    if (auto f = named(i)) return f;
    if (auto f = feast(i)) return f;
    return calendar(i);
  }

  // "new year", "christmas", with or without "day"; "midnight", "the weekend"
  std::optional<Found> feast(std::size_t i) const {
    const std::size_t k = word(i) == "the" ? i + 1 : i;
    const auto one = [&](std::size_t words, sys_days first, int length) {
      return Found{k - i + words, made(first, first + days_of(length), now_, "")};
    };
    if (k > i && word(k) != "weekend" && word(k) != "new") return std::nullopt;
    if (word(k) == "midnight") return one(1, today_, 1);
    if (word(k) == "weekend") return one(1, first_of(Unit::week, today_) - days_of(2), 2);
    const int december =
        today_ < sys_days(year(this_year()) / 12 / 24) ? this_year() - 1 : this_year();
    if (word(k) == "christmas" || word(k) == "xmas")
      return one(word(k + 1) == "day" ? 2 : 1, year(december) / 12 / 25, 1);
    if (word(k) != "new" || (word(k + 1) != "year" && word(k + 1) != "years")) return std::nullopt;
    if (word(k + 2) == "eve") return one(3, year(this_year() - 1) / 12 / 31, 1);
    return one(word(k + 2) == "day" ? 3 : 2, year(this_year()) / 1 / 1, 1);
  }

  // "between A and B", "from A to B"
  std::optional<Found> range(std::size_t i) {
    if (word(i) != "between" && word(i) != "from") return std::nullopt;
    const auto a = calendar(i + 1);
    if (!a) return std::nullopt;
    const std::size_t middle = i + 1 + a->words;
    const std::string_view joint = word(middle);
    if (joint != "and" && joint != "to" && joint != "until" && joint != "till")
      return std::nullopt;
    const auto b = calendar(middle + 1);
    if (!b || b->period.to <= a->period.from) return std::nullopt;
    Found f{middle + 1 + b->words - i, a->period};
    f.period.to = b->period.to;
    f.period.to_come = f.period.to_come || b->period.to_come;
    f.period.words = span_words(f.period.from, f.period.to);
    return f;
  }

  std::optional<Found> since(std::size_t i) {
    if (word(i) != "since" && word(i) != "after") return std::nullopt;
    auto a = named(i + 1);
    if (!a) a = calendar(i + 1);
    if (!a) a = feast(i + 1);
    if (!a || a->period.to_come) return std::nullopt;
    Found f{a->words + 1, a->period};
    f.period.to = start(today_ + days_of(1));
    f.period.words = "since " + day_words(f.period.from);
    return f;
  }

  // "last 30 days", "past two weeks", "30 days", "7d"; "next 30 days" lies ahead
  std::optional<Found> rolling(std::size_t i) {
    std::size_t k = i;
    bool ahead = false;
    if (word(k) == "last" || word(k) == "past" || word(k) == "previous" || word(k) == "recent" ||
        word(k) == "latest")
      ++k;
    else if (word(k) == "next" || word(k) == "coming" || word(k) == "following")
      ++k, ahead = true;
    std::optional<Unit> unit;
    auto n = whole_number(word(k));
    if (n) {
      unit = unit_of(word(k + 1));
      k += 2;
    } else if (const auto [number, of] = joined(word(k)); number > 0) {
      n = number;
      unit = of;
      k += 1;
    }
    if (!n || !unit || *n < 1 || *n > 3'660) return std::nullopt;
    return Found{k - i, stretch(*n, *unit, ahead)};
  }

  // "30d", "24h"
  static std::pair<int, std::optional<Unit>> joined(std::string_view text) {
    if (text.size() < 2 || text.front() > '9') return {0, std::nullopt};
    const auto n = whole_number(text.substr(0, text.size() - 1));
    const auto unit = unit_of(text.substr(text.size() - 1));
    return n && unit ? std::pair{*n, unit} : std::pair{0, std::optional<Unit>()};
  }

  Period stretch(int n, Unit unit, bool ahead) const {
    static constexpr std::array kHours = {1, 24, 168, 720, 2'190, 8'760};
    static constexpr std::array kNames = {"hour", "day", "week", "month", "quarter", "year"};
    const int sign = ahead ? 1 : -1;
    Time far = now_ + sign * n * kHours[static_cast<std::size_t>(unit)] * kHour;
    if (unit == Unit::month || unit == Unit::quarter || unit == Unit::year) {
      // The same day of another month, at the same time.
      const year_month_day moved_day(moved(unit, today_, sign * n));
      const sys_days there =
          moved_day.ok() ? sys_days(moved_day)
                         : sys_days(moved_day.year() / moved_day.month() / std::chrono::last);
      far = start(there) + (now_ - start(today_));
    }
    Period p;
    p.from = ahead ? now_ : far;
    p.to = ahead ? far : now_;
    p.to_come = ahead;
    p.words = fmt::format("{} {} {}{}", ahead ? "the next" : "the last", n,
                          kNames[static_cast<std::size_t>(unit)], n == 1 ? "" : "s");
    return p;
  }

  // today, yesterday, "this month", "last week", ytd, "all time"
  std::optional<Found> named(std::size_t i) {
    const std::string_view w = word(i);
    if (w == "today") return whole(1, Unit::day, 0, "today");
    if (w == "yesterday" || w == "yday" || (w.size() > 6 && misspelt_by(w, "yesterday", 2) <= 2))
      return whole(1, Unit::day, -1, "yesterday");
    if (w == "tomorrow") return whole(1, Unit::day, 1, "tomorrow");
    if (w == "ytd") return whole(1, Unit::year, 0, "this year");
    if (w == "mtd") return whole(1, Unit::month, 0, "this month");
    if ((w == "all" && word(i + 1) == "time") || (w == "so" && word(i + 1) == "far") ||
        (w == "to" && word(i + 1) == "date" && (i == 0 || word(i - 1) != "up")))
      return Found{2, all_time(now_)};
    if (w == "ever") return Found{1, all_time(now_)};
    int by = 0;
    if (w == "last" || w == "past" || w == "previous" || w == "prior")
      by = -1;
    else if (w == "next" || w == "coming")
      by = 1;
    else if (w != "this" && w != "current")
      return std::nullopt;
    const auto unit = unit_of(word(i + 1));
    // "over the last months" says no number.
    const bool vague = w != "this" && word(i + 1).ends_with('s');
    if (!unit || *unit == Unit::hour || vague) return std::nullopt;
    static constexpr std::array kNames = {"hour", "day", "week", "month", "quarter", "year"};
    const std::string name = (by < 0   ? "last "
                              : by > 0 ? "next "
                                       : "this ") +
                             std::string(kNames[static_cast<std::size_t>(*unit)]);
    return whole(2, *unit, by, name);
  }

  Found whole(std::size_t words, Unit unit, int by, const std::string& name) const {
    const sys_days first = moved(unit, first_of(unit, today_), by);
    return {words, made(first, moved(unit, first, 1), now_, name)};
  }

  // "2026-01-05", "december", "december 2025", "5 january", "january 5th", "2025", "q4", "monday"
  std::optional<Found> calendar(std::size_t i) {
    if (auto f = iso_date(i)) return f;
    if (auto f = month_and_day(i)) return f;
    const std::string_view w = word(i);
    if (const auto y = year_in(i))
      return Found{1, made(year(*y) / 1 / 1, year(*y + 1) / 1 / 1, now_, "")};
    if (w.size() == 2 && w[0] == 'q' && w[1] >= '1' && w[1] <= '4') {
      const auto y = year_in(i + 1);
      const int quarter = w[1] - '1';
      sys_days first = year(y.value_or(this_year())) / month(1 + 3 * unsigned(quarter)) / 1;
      if (!y && first > today_) first = moved(Unit::year, first, -1);
      return Found{y ? 2u : 1u, made(first, moved(Unit::quarter, first, 1), now_,
                                     fmt::format("Q{}", quarter + 1))};
    }
    if (w.size() < 3 || w == "sun" || w == "sat" || w == "wed") return std::nullopt;
    if (const auto d = place_in(kWeekdays, w, false)) {
      const sys_days monday = first_of(Unit::week, today_);
      sys_days that = monday + days_of(*d);
      if (that > today_) that -= days_of(7);
      return Found{1, made(that, that + days_of(1), now_, kWeekdays[std::size_t(*d)])};
    }
    return std::nullopt;
  }

  std::optional<Found> iso_date(std::size_t i) {
    const std::string_view w = word(i);
    if (w.size() == 10 && w[4] == '-') {
      const auto t = parse_time(w);
      if (!t) return std::nullopt;
      const sys_days d = today(*t);
      return Found{1, made(d, d + days_of(1), now_, "")};
    }
    if (w.size() == 7 && w[4] == '-') {
      const auto t = parse_time(std::string(w) + "-01");
      if (!t) return std::nullopt;
      return Found{1, made(today(*t), moved(Unit::month, today(*t), 1), now_, "")};
    }
    return std::nullopt;
  }

  std::optional<Found> month_and_day(std::size_t i) {
    std::size_t k = i;
    std::optional<int> d = day_number(k);
    if (d) ++k;
    if (d && word(k) == "of") ++k;
    // "may" is also an auxiliary verb: only beside "in" or a number it is a month.
    const std::string_view w = word(k);
    const bool doubtful = w == "may" || w == "mar" || w == "march";
    if (doubtful && !d && !year_in(k + 1) && !day_number(k + 1) &&
        (k == 0 || (word(k - 1) != "in" && word(k - 1) != "of" && word(k - 1) != "since")))
      return std::nullopt;
    const auto m = w.size() < 3 ? std::nullopt : place_in(kMonths, w == "sept" ? "sep" : w, true);
    if (!m) return std::nullopt;
    ++k;
    if (!d && (d = day_number(k))) ++k;
    const auto y = year_in(k);
    if (y) ++k;
    year_month_day first =
        year(y.value_or(this_year())) / month(unsigned(*m) + 1) / day(unsigned(d.value_or(1)));
    if (!first.ok()) return std::nullopt;
    if (!y && sys_days(first) > today_) first -= std::chrono::years(1);
    if (!first.ok()) return std::nullopt;
    const sys_days from(first);
    const sys_days to = d ? from + days_of(1) : moved(Unit::month, from, 1);
    return Found{k - i, made(from, to, now_, "")};
  }

  std::optional<int> day_number(std::size_t i) const {
    const std::string_view w = word(i);
    if (w.empty() || w.front() < '0' || w.front() > '9') return std::nullopt;
    const auto n = whole_number(w);
    return n && *n >= 1 && *n <= 31 ? n : std::nullopt;
  }

  std::optional<int> year_in(std::size_t i) const {
    const std::string_view w = word(i);
    if (w.size() != 4) return std::nullopt;
    const auto n = whole_number(w);
    return n && *n >= 1970 && *n <= 2199 ? n : std::nullopt;
  }

  int this_year() const { return static_cast<int>(year_month_day(today_).year()); }

  std::vector<Word>& words_;
  Time now_;
  sys_days today_;
};

}  // namespace

std::vector<Period> periods_in(std::vector<Word>& words, Time now) {
  return Reader(words, now).read();
}

Period period_between(Time from, Time to, Time now) {
  return {from, to, from == Time{} ? "all time" : span_words(from, to), from > now};
}

Period last_days(int days, Time now) {
  return {now - days * kDay, now, fmt::format("the last {} day{}", days, days == 1 ? "" : "s"),
          false};
}

Period all_time(Time now) { return {Time{}, now, "all time", false}; }

Period before(const Period& period) {
  const sys_days from = std::chrono::floor<std::chrono::days>(period.from);
  const year_month_day first(from);
  const bool whole_days = start(from) == period.from;
  Period p;
  p.to = period.from;
  if (whole_days && first.day() == day(1) && period.to - period.from > 27 * kDay &&
      period.to - period.from < 32 * kDay) {
    p.from = start(sys_days(first - months(1)));
  } else {
    p.from = period.from - (period.to - period.from);
  }
  p.words = span_words(p.from, p.to);
  return p;
}

}  // namespace tideline
