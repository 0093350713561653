#include "reports/benchmarks.h"

#include <algorithm>
#include <charconv>

namespace tideline::reports {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// "| a | b |": "a", "b"
std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  if (!line.starts_with('|')) return cells;
  line.remove_prefix(1);
  for (std::size_t end; (end = line.find('|')) != std::string_view::npos;) {
    cells.push_back(trimmed(line.substr(0, end)));
    line.remove_prefix(end + 1);
  }
  return cells;
}

// "815,000 events/s": 815000; what follows the number goes into `rest`.
std::optional<double> number_in(std::string_view text, std::string_view* rest) {
  const std::size_t end = std::min(text.find(' '), text.size());
  std::string digits;
  for (const char c : text.substr(0, end)) {
    if (c != ',') digits += c;
  }
  double value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size()) return std::nullopt;
  if (rest) *rest = trimmed(text.substr(end));
  return value;
}

}  // namespace

std::vector<Benchmark> parse_benchmarks(std::string_view markdown) {
  std::vector<Benchmark> benchmarks;
  bool in_table = false;
  while (!markdown.empty()) {
    const std::size_t end = std::min(markdown.find('\n'), markdown.size());
    const auto cells = cells_of(markdown.substr(0, end));
    markdown.remove_prefix(std::min(end + 1, markdown.size()));
    if (cells.size() != 5) {
      if (in_table) break;
      continue;
    }
    if (cells[0] == "What") in_table = true;
    std::string_view unit;
    const auto median = number_in(cells[1], &unit);
    const auto worst = number_in(cells[2], nullptr);
    if (!in_table || !median || !worst) continue;
    Benchmark& one = benchmarks.emplace_back();
    one.what = std::string(cells[0]);
    one.unit = std::string(unit);
    one.median = *median;
    one.worst = *worst;
    std::string_view cpu_unit;
    const auto cpu = number_in(cells[3], &cpu_unit);
    if (cpu && cpu_unit == "us" && *cpu > 0) one.cpu_us = cpu;
  }
  return benchmarks;
}

}  // namespace tideline::reports
