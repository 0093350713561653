// Answer: what one query gave, with everything a reader needs to have it again: unit, period,
// population and the query. Every figure of a report is a cell of an answer.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "typesetting/number_form.h"

namespace tideline::reports {

using typesetting::NumberForm;

enum class QueryKind : std::uint8_t {
  sql,   // `tideline sql`
  api,   // a GET of the API
  file,  // read from a file that people write: prices, an initiative
  sum,   // computed from other answers; the query is the formula
};
[[nodiscard]] std::string_view name_of(QueryKind kind);

struct AnswerColumn {
  std::string name;   // as the query gives it
  std::string label;  // as people read it
  NumberForm form;    // with the unit
};

struct AnswerRow {
  std::string name;  // the query's first column; empty where there is one row without a name
  std::vector<std::optional<double>> values;
};

struct Answer {
  std::string id;     // stable, of the API: "activity"
  std::string about;  // what it is, in a few words
  QueryKind kind = QueryKind::sql;
  std::string query;
  std::string period;      // "28 days to 1 January 2026"
  std::string population;  // whom it is about: "all customers"
  std::vector<AnswerColumn> columns;
  std::vector<AnswerRow> rows;
  std::string missing;  // why there are no rows; may be empty

  // nullopt: no such cell, or nothing in it. An empty row name: the first row.
  [[nodiscard]] std::optional<double> value(std::string_view column,
                                            std::string_view row = {}) const;
  [[nodiscard]] const AnswerColumn* column(std::string_view name) const;
  [[nodiscard]] std::optional<std::size_t> place_of(std::string_view column) const;
};

// By id. Ids that reports look for, with their columns, stand in answers.h.
using Answers = std::map<std::string, Answer>;

}  // namespace tideline::reports
