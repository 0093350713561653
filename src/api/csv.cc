#include "api/csv.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

namespace tideline {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// nullopt: no finite number.
std::optional<double> number_of(std::string_view cell) {
  cell = trimmed(cell);
  if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"') {
    cell = trimmed(cell.substr(1, cell.size() - 2));
  }
  if (cell.empty()) return std::numeric_limits<double>::quiet_NaN();
  if (cell.front() == '+') cell.remove_prefix(1);
  double value = 0;
  const char* end = cell.data() + cell.size();
  const auto parsed = std::from_chars(cell.data(), end, value);
  if (parsed.ec != std::errc{} || parsed.ptr != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

// Also behind blanks, which some programs drop, and in the wide forms of the signs.
bool begins_like_formula(std::string_view text) {
  if (text.empty()) return false;
  const std::string_view begun = trimmed(text);
  if (begun.empty()) return text.front() == '\t';
  if (text.front() == '\t' || begun.front() == '\r' || begun.front() == '\n') return true;
  for (const std::string_view wide : {"\uff1d", "\uff0b", "\uff0d", "\uff20"}) {
    if (begun.starts_with(wide)) return true;
  }
  if (std::string_view("=+-@").find(begun.front()) == std::string_view::npos) return false;
  const bool digit =
      begun.size() > 1 && std::string_view(".0123456789").find(begun[1]) != std::string_view::npos;
  return !digit || !number_of(begun);
}

tl::unexpected<Error> bad_row(std::size_t row, const std::string& what) {
  return fail(ErrorCode::invalid, "row " + std::to_string(row) + " " + what, "bad_row");
}

}  // namespace

std::string csv_text_cell(std::string_view text) {
  const bool formula = begins_like_formula(text);
  const bool plain = !text.empty() && !formula &&
                     text.find_first_of(",;\t\"\r\n") == std::string_view::npos &&
                     trimmed(text).size() == text.size();
  if (plain) return std::string(text);
  std::string quoted = formula ? "\"'" : "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

Result<NumberRows> parse_number_rows(std::string_view text, std::size_t width) {
  NumberRows result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t row = ++result.rows;
    const std::size_t cells =
        1 + static_cast<std::size_t>(std::count(line.begin(), line.end(), ','));
    if (cells != width) {
      return bad_row(row, "has " + std::to_string(cells) + " cells; the model takes " +
                              std::to_string(width));
    }
    for (std::size_t cell = 1; cell <= width; ++cell) {
      const std::size_t comma = std::min(line.find(','), line.size());
      const auto value = number_of(line.substr(0, comma));
      if (!value) {
        return bad_row(row, "cell " + std::to_string(cell) +
                                " is no number; an empty cell stands for missing");
      }
      result.values.push_back(*value);
      line.remove_prefix(std::min(comma + 1, line.size()));
    }
  }
  return result;
}

}  // namespace tideline
