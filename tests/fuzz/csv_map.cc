// Foreign files: an import map is read or refused with file and line, its patterns match as a
// second reading says, and CSV that the program writes comes back cell by cell.
#include <cmath>

#include "api/csv.h"
#include "base/check.h"
#include "config/import_map.h"
#include "harness.h"

namespace tideline::fuzz {
namespace {

// The meaning of * and ? by the letter.
bool plainly_matches(std::string_view name, std::string_view pattern) {
  std::vector<bool> reached(name.size() + 1);  // the pattern so far takes this much of the name
  reached[0] = true;
  for (const char p : pattern) {
    std::vector<bool> next(name.size() + 1);
    for (std::size_t i = 0; i <= name.size(); ++i) {
      if (p == '*') next[i] = reached[i] || (i > 0 && next[i - 1]);
      if (p != '*' && i > 0) next[i] = reached[i - 1] && (p == '?' || p == name[i - 1]);
    }
    reached = std::move(next);
  }
  return reached[name.size()];
}

void check_map(std::string_view text) {
  const auto map = parse_import_map(text, "some.toml");
  if (!map) {
    CHECK(map.error().code == ErrorCode::invalid);
    CHECK(map.error().message.starts_with("some.toml:"));
    return;
  }
  CHECK(!map->tables.empty() && !map->select.empty() && !map->pack.empty() &&
        !map->source.empty());
  std::vector<std::string> files;
  for (const ImportMap::Table& entry : map->tables) {
    CHECK(!entry.match.empty() && entry.table.delim.size() == 1 && entry.table.quote.size() <= 1);
    std::string name = "folder/";
    for (const char c : entry.match.front()) name += c == '*' || c == '?' || c == '/' ? 'x' : c;
    files.push_back(name);
  }
  const auto assigned = assign_files(*map, files);
  if (!assigned) return CHECK(assigned.error().code == ErrorCode::invalid);
  std::size_t taken = 0;
  for (const FileTable& table : *assigned) taken += table.files.size();
  CHECK(taken == files.size() && assigned->size() == map->tables.size());
}

void check_numbers(std::string_view text, std::size_t width) {
  const auto rows = parse_number_rows(text, width);
  if (!rows) {
    CHECK(rows.error().code == ErrorCode::invalid && rows.error().message.starts_with("row "));
    return;
  }
  CHECK(rows->values.size() == rows->rows * width);
  std::string written;
  for (std::size_t i = 0; i < rows->values.size(); ++i) {
    const double value = rows->values[i];
    CHECK(std::isnan(value) || std::isfinite(value));
    char cell[40] = "";
    if (!std::isnan(value)) std::snprintf(cell, sizeof cell, "%.17g", value);
    written += std::string(cell) + (i % width + 1 == width ? "\n" : ",");
  }
  const auto again = parse_number_rows(written, width);
  CHECK(again && again->rows == rows->rows);
  for (std::size_t i = 0; i < rows->values.size(); ++i) {
    const double a = rows->values[i];
    const double b = again->values[i];
    CHECK(a == b || (std::isnan(a) && std::isnan(b)));
  }
}

// A cell read back by the letter of RFC 4180 is the text, or the text an apostrophe keeps from
// being a formula.
void check_cell(const std::string& text) {
  const std::string cell = csv_text_cell(text);
  std::string back = cell;
  if (cell.starts_with('"')) {
    CHECK(cell.size() >= 2 && cell.ends_with('"'));
    back.clear();
    for (std::size_t i = 1; i + 1 < cell.size(); ++i) {
      back += cell[i];
      if (cell[i] == '"') CHECK(cell[++i] == '"');
    }
  } else {
    CHECK(cell.find_first_of(",\r\n") == cell.npos);
  }
  CHECK(back == text || back == "'" + text);
}

}  // namespace

void csv_map(std::string_view bytes) {
  Input input(bytes);
  const std::uint8_t mode = input.byte();
  const std::uint8_t size = input.byte();
  const std::string_view text = input.rest();
  switch (mode % 4) {
    case 0: return check_map(text);
    case 1: return check_numbers(text, 1 + size % 5);
    case 2: return check_cell(std::string(text));
    default: {
      const std::string_view pattern = text.substr(0, size % 16);
      const std::string_view name = text.substr(pattern.size(), 200);
      CHECK(matches_pattern(name, pattern) == plainly_matches(name, pattern));
    }
  }
}

}  // namespace tideline::fuzz
