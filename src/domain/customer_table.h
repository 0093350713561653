// CustomerTable: a table with a row a customer, as a file gives it, before anything is known of
// its columns.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace tideline {

// One column. What `kind` does not name stays empty.
struct CustomerColumn {
  enum class Kind : std::uint8_t {
    text,     // of a CSV every column
    number,   // NaN: missing
    boolean,  // 1 or 0; NaN: missing
    time,     // days since 1970, with their fraction; NaN: missing
  };
  static constexpr std::uint32_t kNoText = std::numeric_limits<std::uint32_t>::max();

  std::string name;
  Kind kind = Kind::text;
  std::vector<std::string> texts;     // kind text: those that occur, each once
  std::vector<std::uint32_t> places;  // kind text: in `texts`, one a row; kNoText: nothing there
  std::vector<double> numbers;        // the other kinds, one a row

  // The cell as a CSV would write it, without blanks around it; empty: missing.
  [[nodiscard]] std::string text_at(std::size_t row) const;
};

struct CustomerTable {
  std::string origin;  // the file, for messages
  std::size_t rows = 0;
  std::vector<CustomerColumn> columns;  // names are unique

  [[nodiscard]] std::vector<std::string> names() const;
  // nullptr: no such column.
  [[nodiscard]] const CustomerColumn* find(std::string_view name) const;
};

// Without blanks at either end.
[[nodiscard]] std::string_view without_blanks(std::string_view text);

// "2019-04-30", or with a time of day where there is one; `days` since 1970.
[[nodiscard]] std::string day_text(double days);

}  // namespace tideline
