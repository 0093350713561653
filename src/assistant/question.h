// Question: one thing that the assistant can answer: how people ask for it, the parameterised
// query that answers it, and how its rows are told. All of them are the Catalogue (catalogue.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "assistant/period.h"
#include "base/time.h"

namespace tideline {

// What a question may be narrowed by.
enum class Slot : std::uint8_t {
  customer,   // an id
  other,      // a second customer
  tier,       // of the pack
  from_tier,  // a second tier: where from, or the one compared with
  event,      // of the pack
  period,
  before,     // a second period, compared with
  by,         // day, week, month
  rows,       // how many of a list
  threshold,  // a share from 0 to 1
};
using Slots = std::vector<Slot>;

struct Arguments {
  std::optional<std::string> customer;
  std::optional<std::string> other;
  std::optional<std::string> tier;
  std::optional<std::string> from_tier;
  std::optional<std::string> event;
  std::optional<Period> period;
  std::optional<Period> before;
  std::optional<std::string> by;
  std::optional<int> rows;
  std::optional<double> threshold;
  bool operator==(const Arguments&) const = default;

  [[nodiscard]] bool has(Slot slot) const;
  // Whether anything at all is given.
  [[nodiscard]] bool any() const;
};

// How a column's values are written.
enum class Form : std::uint8_t {
  text,
  tier,     // "at risk"
  whole,    // 1,234
  number1,  // 1,234.5
  number2,
  share,  // of 0 to 1, as 12.3 %
  money,  // with the pack's currency
  date,
  time,
  signed1,  // +1.2
};

struct AnswerColumn {
  std::string name;   // in the rows of SQL; for a reading a JSON pointer is in `from`
  std::string label;  // for people
  Form form = Form::text;
  std::string unit;  // "customers", "points"; empty where the form says it
  std::string from;  // JSON pointer within a row; empty: the column `name`
};

enum class Chart : std::uint8_t { none, bars, line };

// An answer of the API, where SQL cannot give it.
struct ApiReading {
  std::string path;    // "/api/v1/customers/{customer}/drivers?task=x"
  std::string rows;    // JSON pointer to an array or an object; empty: the whole answer is a row
  std::string filter;  // JSON pointer within a row to a boolean that must be true; empty: all
};

struct Question {
  std::string id;       // snake_case, stable
  std::string about;    // "how many customers there are in each tier"
  std::string example;  // a phrasing
  // Notions in any order: "how_many customer": all of them; "a|b": one of them; "?a": may stand
  // there; "-a": must not; "@slot": must be given.
  std::vector<std::string> patterns;
  Slots takes = {};
  Slots needs = {};
  int period_days = 0;  // used when none is asked for; 0: all time
  int rows_most = 10;
  std::string by = "week";
  int ahead_days = 0;         // it tells of the days to come, so many
  std::string of_event = {};  // tells of this event although it takes none
  std::string sql = {};       // with $from, $to, $now, $tier ...; empty: `reading`, or `told`
  ApiReading reading = {};
  std::vector<std::vector<std::string>> told = {};  // rows known without asking anybody
  std::vector<AnswerColumn> columns = {};
  // "{customers} customers are {tier}": columns of the first row, of the last as {name@last},
  // slots, {rows} and {period}.
  std::string sentence = {};
  std::string nothing = "There is nothing to show for it.";  // where no row comes
  std::string population = {};                               // who is counted
  Chart chart = Chart::none;
  bool any_time = false;    // may be asked of a time that is over and changes nothing: how fresh
  bool stands_now = false;  // from tables that know only how things stand now
};

using SqlValue = std::variant<std::monostate, std::string, double, std::int64_t, Time>;

// A question with its arguments, ready to be run.
struct Statement {
  std::string sql;                   // with $1, $2 ...; empty: `path`
  std::vector<SqlValue> parameters;  // of them
  std::string text;                  // the same with the values written in, to run by hand
  std::string path;                  // of a reading: "GET /api/v1/..." without the method
};

// `now` is the time that the answer is for.
[[nodiscard]] Statement statement_of(const Question& question, const Arguments& arguments,
                                     Time now);
// The arguments with what the question uses where nothing is said.
[[nodiscard]] Arguments completed(const Question& question, const Arguments& arguments, Time now);

}  // namespace tideline
