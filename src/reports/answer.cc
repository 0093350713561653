#include "reports/answer.h"

#include <cmath>

namespace tideline::reports {

std::string_view name_of(QueryKind kind) {
  switch (kind) {
    case QueryKind::sql: return "sql";
    case QueryKind::api: return "api";
    case QueryKind::file: return "file";
    case QueryKind::sum: return "sum";
  }
  return "";
}

std::optional<std::size_t> Answer::place_of(std::string_view column) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == column) return i;
  }
  return std::nullopt;
}

const AnswerColumn* Answer::column(std::string_view name) const {
  const auto place = place_of(name);
  return place ? &columns[*place] : nullptr;
}

std::optional<double> Answer::value(std::string_view column, std::string_view row) const {
  const auto place = place_of(column);
  if (!place) return std::nullopt;
  for (const AnswerRow& one : rows) {
    if (!row.empty() && one.name != row) continue;
    if (*place >= one.values.size() || !one.values[*place]) return std::nullopt;
    return std::isfinite(*one.values[*place]) ? one.values[*place] : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace tideline::reports
