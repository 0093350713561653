#include "reports/words.h"

#include <array>
#include <cctype>

namespace tideline::reports {
namespace {

constexpr std::array kMonths = {"January",   "February", "March",    "April",
                                "May",       "June",     "July",     "August",
                                "September", "October",  "November", "December"};

// Names of methods, as their field writes them.
struct Written {
  std::string_view word;
  const char* written;
};
constexpr std::array kWritten = {Written{"xgboost", "XGBoost"}, Written{"mbg_nbd", "MBG/NBD"},
                                 Written{"bg_nbd", "BG/NBD"}, Written{"pareto_nbd", "Pareto/NBD"}};

}  // namespace

std::string readable(std::string_view name) {
  for (const auto& [word, written] : kWritten) {
    if (name == word) return written;
  }
  std::string words(name);
  for (char& c : words) {
    if (c == '_') c = ' ';
  }
  if (words.starts_with("ltv ") || words == "ltv") words.replace(0, 3, "LTV");
  if (!words.empty())
    words[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(words[0])));
  return words;
}

std::string day_words(Time time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  return std::to_string(static_cast<unsigned>(date.day())) + " " +
         kMonths[static_cast<unsigned>(date.month()) - 1] + " " +
         std::to_string(static_cast<int>(date.year()));
}

std::string short_day(std::string_view date) {
  const auto time = date.size() >= 10 ? parse_time(date.substr(0, 10)) : std::nullopt;
  if (!time) return std::string(date);
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(*time));
  return std::to_string(static_cast<unsigned>(day.day())) + " " +
         std::string(kMonths[static_cast<unsigned>(day.month()) - 1]).substr(0, 3);
}

std::string listed(const std::vector<std::string>& names) {
  std::string words;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) words += i + 1 == names.size() ? " and " : ", ";
    words += names[i];
  }
  return words;
}

}  // namespace tideline::reports
