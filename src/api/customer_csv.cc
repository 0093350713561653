#include "api/customer_csv.h"

#include <algorithm>

#include "api/csv.h"
#include "api/json_writer.h"

namespace tideline {
namespace {

std::vector<std::string> all_columns(const Pack& pack) {
  std::vector<std::string> names = {"customer_id", "timestamp"};
  for (const TaskSpec& task : pack.tasks()) names.push_back(task.name);
  for (const char* name :
       {"tier", "status", "reason", "model_version", "features_as_of", "coverage", "lapsed"}) {
    names.emplace_back(name);
  }
  return names;
}

std::string known(const std::string& word) { return word.empty() ? "" : csv_text_cell(word); }

std::string cell_of(const Pack& pack, const Prediction& p, const std::string& column) {
  if (column == "customer_id") return csv_text_cell(p.customer.str());
  if (column == "timestamp") return format_time(p.timestamp);
  if (column == "tier") return known(p.tier);
  if (column == "status") return std::string(name_of(p.status));
  if (column == "reason") return known(p.reason);
  if (column == "model_version") return known(p.model_version);
  if (column == "features_as_of") return format_time(p.features_as_of);
  if (column == "coverage") return json_number(p.coverage);
  if (column == "lapsed") return p.lapsed ? "true" : "false";
  const auto task = pack.task_index(column);
  const bool has = task && *task < p.figures.size() && p.figures[*task];
  return has ? json_number(*p.figures[*task]) : std::string();
}

}  // namespace

Result<std::vector<std::string>> csv_columns_of(const Pack& pack, std::string_view text) {
  const std::vector<std::string> known = all_columns(pack);
  if (text.empty()) return known;
  std::vector<std::string> columns;
  while (true) {
    const std::size_t end = std::min(text.find(','), text.size());
    columns.emplace_back(text.substr(0, end));
    if (std::find(known.begin(), known.end(), columns.back()) == known.end()) {
      std::string names;
      for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
      return fail(ErrorCode::invalid, "no column \"" + columns.back() + "\"; there are " + names,
                  "bad_parameter");
    }
    if (end == text.size()) return columns;
    text.remove_prefix(end + 1);
  }
}

std::string prediction_csv(const Pack& pack, std::span<const Prediction> rows,
                           const std::vector<std::string>& columns) {
  std::string text;
  const auto line = [&](const auto& cell) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) text += ',';
      text += cell(columns[i]);
    }
    text += "\r\n";
  };
  line([](const std::string& column) { return csv_text_cell(column); });
  for (const Prediction& row : rows) {
    line([&](const std::string& column) { return cell_of(pack, row, column); });
  }
  return text;
}

}  // namespace tideline
