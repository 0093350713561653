#include "learning/table_columns.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "packs/spelling.h"

namespace tideline {
namespace {

using Kind = CustomerColumn::Kind;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
// A column is of numbers or dates when so many of its cells are; the others are then missing.
constexpr double kReadableShare = 0.95;
// From so many rows on a column without repetition is an id.
constexpr std::size_t kRowsForId = 20;
// A value has a feature of its own from so many rows and this share of the rows on.
constexpr std::size_t kLeastRowsOfValue = 5;
constexpr double kLeastShareOfValue = 0.005;
constexpr std::size_t kValuesMax = 64;
constexpr double kLeastShareCovered = 0.5;  // of the cells, by the values with a feature
constexpr std::size_t kNamesTold = 8;

tl::unexpected<Error> invalid(const std::string& message, const char* reason) {
  return fail(ErrorCode::invalid, message, reason);
}

// Distinct texts of a column with their numbers of rows, in the order of the texts; blanks apart.
struct Values {
  std::vector<std::pair<std::string, std::size_t>> rows;
  std::size_t filled = 0;  // cells with a text
  std::size_t blank = 0;

  void add(std::string_view text, std::size_t count) {
    (text.empty() ? blank : filled) += count;
    if (!text.empty() && count > 0) rows.emplace_back(text, count);
  }
  // Brings them into order, equal ones together.
  void settle() {
    std::sort(rows.begin(), rows.end());
    std::size_t kept = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i > 0 && rows[kept - 1].first == rows[i].first) {
        rows[kept - 1].second += rows[i].second;
      } else {
        if (kept != i) rows[kept] = std::move(rows[i]);
        ++kept;
      }
    }
    rows.resize(kept);
  }
};

Values values_of(const CustomerColumn& column, std::size_t rows) {
  Values values;
  if (column.kind == Kind::text) {
    std::vector<std::size_t> counts(column.texts.size());
    for (const std::uint32_t place : column.places) {
      place == CustomerColumn::kNoText ? ++values.blank : ++counts[place];
    }
    for (std::size_t i = 0; i < counts.size(); ++i)
      values.add(without_blanks(column.texts[i]), counts[i]);
  } else {
    for (std::size_t r = 0; r < rows; ++r) values.add(column.text_at(r), 1);
  }
  values.settle();
  return values;
}

// Of the filled cells that are no missing words: how many `parse` takes.
struct Readable {
  std::size_t cells = 0;
  std::size_t read = 0;
  std::string example;  // one that is not read
  [[nodiscard]] bool enough() const {
    return read > 0 && double(read) >= kReadableShare * double(cells);
  }
};

template <class Parse>
Readable readable(const Values& values, Parse parse) {
  Readable out;
  for (const auto& [text, rows] : values.rows) {
    const bool read = parse(text).has_value();
    if (!read && is_missing_word(text)) continue;
    out.cells += rows;
    out.read += read ? rows : 0;
    if (!read && out.example.empty()) out.example = text;
  }
  return out;
}

struct NumberReading {
  NumberStyle style = NumberStyle::plain;
  Readable readable;
};

// "1,234" alone is either; it is a number only where another cell of the column tells.
std::optional<NumberReading> read_numbers(const Values& values) {
  const auto in = [&](NumberStyle style) {
    return readable(values, [&](const std::string& t) { return parse_number(t, style); });
  };
  const Readable plain = in(NumberStyle::plain);
  if (plain.enough()) return NumberReading{NumberStyle::plain, plain};
  const Readable grouped = in(NumberStyle::grouped);
  const Readable comma = in(NumberStyle::decimal_comma);
  if (grouped.enough() && grouped.read > comma.read)
    return NumberReading{NumberStyle::grouped, grouped};
  if (comma.enough() && comma.read > grouped.read)
    return NumberReading{NumberStyle::decimal_comma, comma};
  return std::nullopt;
}

struct DateReading {
  std::optional<DateOrder> order;  // nullopt: dates, but in which order cannot be told
  bool mixed = false;              // both orders occur
  Readable readable;
};

// nullopt: no dates.
std::optional<DateReading> read_dates(const Values& values) {
  const auto in = [&](DateOrder order) {
    return readable(values, [&](const std::string& t) { return parse_day(t, order); });
  };
  if (const Readable years = in(DateOrder::year_first); years.enough())
    return DateReading{DateOrder::year_first, false, years};
  const Readable either = readable(values, [](const std::string& t) {
    const auto day = parse_day(t, DateOrder::day_first);
    return day ? day : parse_day(t, DateOrder::month_first);
  });
  if (!either.enough()) return std::nullopt;
  const Readable day = in(DateOrder::day_first);
  const Readable month = in(DateOrder::month_first);
  if (day.read == either.read && month.read < either.read)
    return DateReading{DateOrder::day_first, false, day};
  if (month.read == either.read && day.read < either.read)
    return DateReading{DateOrder::month_first, false, month};
  return DateReading{std::nullopt, day.read < either.read, either};
}

std::string named(const std::vector<std::string>& names) {
  std::vector<std::string> some(
      names.begin(), names.begin() + std::ptrdiff_t(std::min(names.size(), kNamesTold)));
  const std::size_t more = names.size() - some.size();
  return listed(some) + (more > 0 ? fmt::format(" and {} more", more) : "");
}

// Goes through the columns and notes what becomes of each.
class Planner {
 public:
  Planner(const CustomerTable& table, const TableRequest& request)
      : table_(table), request_(request) {}

  Result<TablePlan> plan() {
    if (table_.rows == 0) return invalid(table_.origin + " has no rows", "no_rows");
    TRY(check_request());
    TRY(read_target());
    TRY(read_time());
    for (const CustomerColumn& column : table_.columns) {
      if (!left_out_.contains(column.name)) add(column);
    }
    tell();
    if (plan_.encoding.columns.empty()) {
      return invalid(
          table_.origin + " has no column to learn from besides the target " + request_.target,
          "no_columns");
    }
    return std::move(plan_);
  }

 private:
  Status check_request() {
    for (const auto& [name, what] :
         {std::pair(request_.target, "--target"), std::pair(request_.id, "--id"),
          std::pair(request_.time, "--time")}) {
      if (name.empty()) continue;
      TRY(column_of(table_, name, what));
      if (!left_out_.insert(name).second)
        return invalid("column " + name + " cannot be two things at once", "bad_argument");
    }
    for (const std::string& name : request_.drop) {
      TRY(column_of(table_, name, "--drop"));
      if (left_out_.contains(name) && name == request_.target)
        return invalid("the target " + name + " cannot be dropped", "bad_argument");
      left_out_.insert(name);
    }
    plan_.encoding.target = request_.target;
    plan_.encoding.id = request_.id;
    plan_.encoding.time = request_.time;
    return {};
  }

  void warn(const char* code, std::string message) {
    plan_.warnings.push_back({code, std::move(message)});
  }

  Status read_target();
  void read_labels(const CustomerColumn& column, NumberStyle style);
  Status read_time();
  void add(const CustomerColumn& column);
  void add_text(const CustomerColumn& column, const Values& values);
  void add_category(const CustomerColumn& column, const Values& values);
  void add_date(const CustomerColumn& column, DateOrder order);
  ColumnEncoding& encode(const CustomerColumn& column, ColumnUse use);
  void note_unreadable(const CustomerColumn& column, const Readable& readable, const char* what);
  bool is_id(const CustomerColumn& column, const Values& values) const;
  void tell();

  const CustomerTable& table_;
  const TableRequest& request_;
  TablePlan plan_;
  std::set<std::string> left_out_;
  std::vector<std::string> constants_;
  std::vector<std::string> ids_;
  std::vector<std::string> crowded_;
  std::optional<double> newest_;
};

// The text that counts as 1 where the target has two values that are neither yes nor no: the rarer
// one.
std::string rarer(const Values& values) {
  const auto& first = values.rows.front();
  const auto& second = values.rows.back();
  return second.second <= first.second ? second.first : first.first;
}

Status Planner::read_target() {
  const CustomerColumn& column = *table_.find(request_.target);
  Values values = values_of(column, table_.rows);
  std::erase_if(values.rows, [&](const auto& entry) {
    if (column.kind != Kind::text || !is_missing_word(entry.first)) return false;
    values.filled -= entry.second;
    values.blank += entry.second;
    return true;
  });
  if (values.filled == 0) return invalid("the target " + column.name + " is empty", "no_target");
  if (values.rows.size() == 1) {
    return invalid(fmt::format("the target {} is {} in every row: there is nothing to learn",
                               column.name, values.rows.front().first),
                   "constant_target");
  }
  const auto as_yes_no = readable(values, [](const std::string& t) { return parse_yes_no(t); });
  const bool two = values.rows.size() == 2;
  const auto numbers = read_numbers(values);
  const bool all_numbers = numbers && numbers->readable.read == values.filled;
  TaskSpec& task = plan_.task;
  task.name = task.label = column.name;
  task.kind = TaskKind::probability;
  NumberStyle style = NumberStyle::plain;
  if (as_yes_no.read == values.filled) {
    task.definition = fmt::format("Column {} is yes, true or 1", column.name);
  } else if (two) {
    plan_.encoding.positive = rarer(values);
    task.definition = fmt::format("Column {} is {}", column.name, plan_.encoding.positive);
    warn(
        "target_values",
        fmt::format("{} has the two values {} and {}; {}, the rarer one, counts as 1", column.name,
                    values.rows.front().first, values.rows[1].first, plan_.encoding.positive));
  } else if (all_numbers) {
    task.kind = TaskKind::number;
    style = numbers->style;
    task.definition = fmt::format("The number in column {}", column.name);
  } else {
    return invalid(fmt::format("the target {} has {} values, e.g. {} and {}; a target is yes or "
                               "no, 1 or 0, one of two values, or a number",
                               column.name, values.rows.size(), values.rows.front().first,
                               values.rows[1].first),
                   "bad_target");
  }
  read_labels(column, style);
  if (values.blank > 0) {
    warn("missing_target", fmt::format("{} rows have no {}; nothing is learnt from them",
                                       values.blank, column.name));
  }
  return {};
}

void Planner::read_labels(const CustomerColumn& column, NumberStyle style) {
  const std::string& positive = plan_.encoding.positive;
  for (std::size_t r = 0; r < table_.rows; ++r) {
    double label = kMissing;
    bool unreadable = false;
    if (!positive.empty()) {
      const std::string text = column.text_at(r);
      const bool missing = column.kind == Kind::text ? is_missing_word(text) : text.empty();
      if (!missing) label = text == positive ? 1 : 0;
    } else if (plan_.task.kind == TaskKind::number) {
      label = number_at(column, r, style, unreadable);
    } else {
      label = yes_no_at(column, r, unreadable);
    }
    plan_.labels.push_back(label);
  }
}

Status Planner::read_time() {
  if (request_.time.empty()) return {};
  const CustomerColumn& column = *table_.find(request_.time);
  if (column.kind == Kind::time) return {};
  const auto dates = read_dates(values_of(column, table_.rows));
  if (column.kind == Kind::text && dates && dates->order) {
    plan_.encoding.time_order = *dates->order;
    return {};
  }
  const bool unclear = column.kind == Kind::text && dates && !dates->mixed;
  return invalid(
      fmt::format("{}: column {} {}; write dates as 2019-04-30", table_.origin, column.name,
                  unclear ? "holds dates of which it cannot be told whether day or month is first"
                          : "does not hold dates in one order"),
      "bad_time");
}

ColumnEncoding& Planner::encode(const CustomerColumn& column, ColumnUse use) {
  ColumnEncoding& encoding = plan_.encoding.columns.emplace_back();
  encoding.name = column.name;
  encoding.use = use;
  return encoding;
}

void Planner::note_unreadable(const CustomerColumn& column, const Readable& readable,
                              const char* what) {
  if (readable.read == readable.cells) return;
  warn("unreadable_cells",
       fmt::format("{} cells of {} are no {}, e.g. \"{}\"; they count as "
                   "missing",
                   readable.cells - readable.read, column.name, what, readable.example));
}

// Every value once: text, or whole numbers.
bool Planner::is_id(const CustomerColumn& column, const Values& values) const {
  if (table_.rows < kRowsForId || values.blank > 0 || values.rows.size() < table_.rows)
    return false;
  if (column.kind == Kind::text) {
    const auto numbers = read_numbers(values);
    if (!numbers || !numbers->readable.enough()) return true;
  }
  for (const auto& [text, rows] : values.rows) {
    const auto number = parse_number(text, NumberStyle::plain);
    if (!number || *number != std::floor(*number)) return false;
  }
  return true;
}

void Planner::add(const CustomerColumn& column) {
  const Values values = values_of(column, table_.rows);
  if (values.rows.empty() || (values.rows.size() == 1 && values.blank == 0)) {
    constants_.push_back(column.name);
    return;
  }
  if (column.kind == Kind::text) return add_text(column, values);
  if (column.kind == Kind::time) return add_date(column, DateOrder::year_first);
  if (column.kind == Kind::boolean) {
    encode(column, ColumnUse::yes_no);
  } else if (is_id(column, values)) {
    ids_.push_back(column.name);
  } else {
    encode(column, ColumnUse::number);
  }
}

void Planner::add_text(const CustomerColumn& column, const Values& values) {
  const auto words = readable(values, [](const std::string& t) { return parse_yes_no(t); });
  const auto numbers = read_numbers(values);
  if (!numbers && words.read > 0 && words.read == words.cells) {
    encode(column, ColumnUse::yes_no);
    return;
  }
  if (numbers) {
    if (is_id(column, values)) {
      ids_.push_back(column.name);
      return;
    }
    note_unreadable(column, numbers->readable, "number");
    encode(column, ColumnUse::number).number_style = numbers->style;
    return;
  }
  const auto dates = read_dates(values);
  if (dates && dates->order) {
    note_unreadable(column, dates->readable, "date");
    add_date(column, *dates->order);
    return;
  }
  if (dates) {
    warn("unclear_dates",
         fmt::format("{} is left out: {}; write dates as 2019-04-30", column.name,
                     dates->mixed ? "it mixes dates with the day first and dates with the month "
                                    "first"
                                  : "it cannot be told whether day or month is first"));
    return;
  }
  if (is_id(column, values)) {
    ids_.push_back(column.name);
    return;
  }
  add_category(column, values);
}

void Planner::add_date(const CustomerColumn& column, DateOrder order) {
  encode(column, ColumnUse::date).date_order = order;
  for (std::size_t r = 0; r < table_.rows; ++r) {
    bool unreadable = false;
    const double day = day_at(column, r, order, unreadable);
    if (!std::isnan(day)) newest_ = std::max(newest_.value_or(day), day);
  }
}

// Frequent values get a feature each. A column of which they cover less than half says mostly who
// somebody is.
void Planner::add_category(const CustomerColumn& column, const Values& values) {
  const std::size_t least = std::max(
      kLeastRowsOfValue, std::size_t(std::ceil(kLeastShareOfValue * double(table_.rows))));
  std::vector<std::pair<std::size_t, std::string>> frequent;
  for (const auto& [text, rows] : values.rows) {
    if (rows >= least) frequent.emplace_back(rows, text);
  }
  std::stable_sort(frequent.begin(), frequent.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  if (frequent.size() > kValuesMax) frequent.resize(kValuesMax);
  std::size_t covered = 0;
  for (const auto& [rows, text] : frequent) covered += rows;
  if (double(covered) < kLeastShareCovered * double(values.filled)) {
    crowded_.push_back(column.name);
    return;
  }
  ColumnEncoding& encoding = encode(column, ColumnUse::category);
  for (const auto& [rows, text] : frequent) encoding.categories.push_back(text);
  std::sort(encoding.categories.begin(), encoding.categories.end());
  encoding.others = covered < values.filled;
  encoding.blanks = values.blank > 0;
}

void Planner::tell() {
  plan_.encoding.newest_day = newest_.value_or(0);
  if (!constants_.empty()) {
    warn("dropped_constants",
         fmt::format("left out, for they are the same in every row: {}", named(constants_)));
  }
  if (!ids_.empty()) {
    warn("dropped_ids",
         fmt::format("left out, for no two rows share a value, as with ids: {}", named(ids_)));
  }
  if (!crowded_.empty()) {
    warn("high_cardinality",
         fmt::format("left out, for they are texts with too many values: {}", named(crowded_)));
  }
}

}  // namespace

Result<TablePlan> plan_table(const CustomerTable& table, const TableRequest& request) {
  return Planner(table, request).plan();
}

}  // namespace tideline
