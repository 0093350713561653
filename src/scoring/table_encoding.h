// TableEncoding: how the columns of a table become a model's features: table.json of a model that
// was learnt from a table. The same code encodes a table to learn from and one to score.
//
// A number is a feature; a date is one, in days before the reference; yes and no are 1 and 0; a
// text has a feature a frequent value (1 when it is that), one for other values, one for empty
// cells. A cell that is missing or cannot be read is a missing feature.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "domain/customer_table.h"
#include "scoring/manifest.h"
#include "scoring/table_cells.h"

namespace tideline {

inline constexpr std::string_view kTableFile = "table.json";

// Numbers are part of table.json.
enum class ColumnUse : std::uint8_t { number = 0, yes_no = 1, date = 2, category = 3 };

struct ColumnEncoding {
  std::string name;
  ColumnUse use = ColumnUse::number;
  NumberStyle number_style = NumberStyle::plain;  // number
  DateOrder date_order = DateOrder::year_first;   // date
  std::vector<std::string> categories;            // category: a feature each
  bool others = false;                            // category: a feature for every other text
  bool blanks = false;                            // category: a feature for empty cells
  bool operator==(const ColumnEncoding&) const = default;
};

struct TableEncoding {
  std::string target;
  std::string positive;  // the target's text that counts as 1; empty: 1, yes, true, or a number
  std::string id;        // column; empty: rows go by their number, from 0
  std::string time;      // column that says as of when a row is; empty: none
  DateOrder time_order = DateOrder::year_first;
  double newest_day = 0;  // without a time column: what dates are counted back from
  std::vector<ColumnEncoding> columns;

  [[nodiscard]] std::vector<std::string> feature_names() const;
  bool operator==(const TableEncoding&) const = default;
};

// Rows x feature_names().size(), row after row, NaN: missing.
struct EncodedTable {
  std::size_t width = 0;
  std::vector<double> features;
  std::vector<std::string> ids;  // one a row
  std::vector<double> days;      // of the time column; empty without one
  // By column: how many cells have a text that is no such number, date, or yes or no; and one of
  // them.
  struct Unreadable {
    std::size_t cells = 0;
    std::string example;
  };
  std::map<std::string, Unreadable> unreadable;
};

// invalid: a column that is needed is not there (naming the nearest), an empty id, an unreadable
// time.
[[nodiscard]] Result<EncodedTable> encode_table(const CustomerTable& table,
                                                const TableEncoding& encoding);

// A number from a cell of any kind; NaN: missing. `unreadable` is set when there is a text that is
// none.
[[nodiscard]] double number_at(const CustomerColumn& column, std::size_t row, NumberStyle style,
                               bool& unreadable);
[[nodiscard]] double day_at(const CustomerColumn& column, std::size_t row, DateOrder order,
                            bool& unreadable);
[[nodiscard]] double yes_no_at(const CustomerColumn& column, std::size_t row, bool& unreadable);

// invalid, naming the nearest, when the table has no such column.
[[nodiscard]] Result<const CustomerColumn*> column_of(const CustomerTable& table,
                                                      std::string_view name,
                                                      std::string_view wanted_for);

// Deterministic text; its xxh3-128 is the model's feature hash.
[[nodiscard]] std::string to_json(const TableEncoding& encoding);
[[nodiscard]] Result<TableEncoding> parse_table_encoding(std::string_view json);

// The model scores tables, not the customers of a folder.
[[nodiscard]] bool is_table_model(const ModelManifest& manifest);

}  // namespace tideline
