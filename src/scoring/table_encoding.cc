#include "scoring/table_encoding.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include <boost/json.hpp>

#include "base/check.h"
#include "packs/spelling.h"

namespace tideline {
namespace {

namespace json = boost::json;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr int kFormat = 1;

using Kind = CustomerColumn::Kind;

// What a cell's text says by `parse`; missing words are missing, other words are unreadable.
template <class Parse>
double read_text(const CustomerColumn& column, std::size_t row, bool& unreadable, Parse parse) {
  if (column.places[row] == CustomerColumn::kNoText) return kMissing;
  const std::string_view text = without_blanks(column.texts[column.places[row]]);
  if (const auto value = parse(text)) return double(*value);
  unreadable = !is_missing_word(text);
  return kMissing;
}

std::size_t width_of(const ColumnEncoding& column) {
  if (column.use != ColumnUse::category) return 1;
  return column.categories.size() + (column.others ? 1 : 0) + (column.blanks ? 1 : 0);
}

// Writes one column's features into every row.
class ColumnWriter {
 public:
  ColumnWriter(const CustomerColumn& column, const ColumnEncoding& encoding, std::size_t first,
               EncodedTable& out)
      : column_(column), encoding_(encoding), first_(first), out_(out) {}

  void write(std::size_t rows, const std::vector<double>& references) {
    if (encoding_.use == ColumnUse::category) return write_categories(rows);
    for (std::size_t r = 0; r < rows; ++r) {
      bool unreadable = false;
      out_.features[r * out_.width + first_] = value_at(r, references, unreadable);
      if (!unreadable) continue;
      auto& note = out_.unreadable[encoding_.name];
      if (note.cells++ == 0) note.example = column_.text_at(r);
    }
  }

 private:
  double value_at(std::size_t row, const std::vector<double>& references, bool& unreadable) const {
    switch (encoding_.use) {
      case ColumnUse::number: return number_at(column_, row, encoding_.number_style, unreadable);
      case ColumnUse::yes_no: return yes_no_at(column_, row, unreadable);
      case ColumnUse::date: {
        const double reference = references[references.size() == 1 ? 0 : row];
        return reference - day_at(column_, row, encoding_.date_order, unreadable);
      }
      case ColumnUse::category: break;
    }
    return kMissing;
  }

  void write_categories(std::size_t rows) {
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < encoding_.categories.size(); ++i) {
      places.emplace(encoding_.categories[i], i);
    }
    const std::size_t width = width_of(encoding_);
    for (std::size_t r = 0; r < rows; ++r) {
      double* features = &out_.features[r * out_.width + first_];
      std::fill_n(features, width, 0.0);
      const std::string text = column_.text_at(r);
      const auto known = places.find(text);
      if (known != places.end()) {
        features[known->second] = 1;
      } else if (text.empty() && encoding_.blanks) {
        features[width - 1] = 1;
      } else if (!text.empty() && encoding_.others) {
        features[encoding_.categories.size()] = 1;
      }
    }
  }

  const CustomerColumn& column_;
  const ColumnEncoding& encoding_;
  std::size_t first_;
  EncodedTable& out_;
};

Result<std::vector<std::string>> ids_of(const CustomerTable& table, const std::string& name) {
  std::vector<std::string> ids;
  ids.reserve(table.rows);
  if (name.empty()) {
    for (std::size_t r = 0; r < table.rows; ++r) ids.push_back(std::to_string(r));
    return ids;
  }
  TRY_ASSIGN(const CustomerColumn* column, column_of(table, name, "ids"));
  for (std::size_t r = 0; r < table.rows; ++r) {
    ids.push_back(column->text_at(r));
    if (ids.back().empty()) {
      return fail(ErrorCode::invalid,
                  table.origin + ": row " + std::to_string(r + 1) + " has no " + name,
                  "missing_id");
    }
  }
  return ids;
}

Result<std::vector<double>> times_of(const CustomerTable& table, const TableEncoding& encoding) {
  std::vector<double> times;
  if (encoding.time.empty()) return times;
  TRY_ASSIGN(const CustomerColumn* column, column_of(table, encoding.time, "times"));
  for (std::size_t r = 0; r < table.rows; ++r) {
    bool unreadable = false;
    times.push_back(day_at(*column, r, encoding.time_order, unreadable));
    if (!std::isnan(times.back())) continue;
    return fail(ErrorCode::invalid,
                table.origin + ": row " + std::to_string(r + 1) + ", column " + encoding.time +
                    ": \"" + column->text_at(r) + "\" is no date",
                "bad_time");
  }
  return times;
}

}  // namespace

double number_at(const CustomerColumn& column, std::size_t row, NumberStyle style,
                 bool& unreadable) {
  if (column.kind != Kind::text) return column.numbers[row];
  return read_text(column, row, unreadable,
                   [&](std::string_view text) { return parse_number(text, style); });
}

double day_at(const CustomerColumn& column, std::size_t row, DateOrder order, bool& unreadable) {
  if (column.kind == Kind::time) return column.numbers[row];
  if (column.kind != Kind::text) {
    unreadable = !std::isnan(column.numbers[row]);
    return kMissing;
  }
  return read_text(column, row, unreadable,
                   [&](std::string_view text) { return parse_day(text, order); });
}

double yes_no_at(const CustomerColumn& column, std::size_t row, bool& unreadable) {
  if (column.kind == Kind::text) return read_text(column, row, unreadable, parse_yes_no);
  const double x = column.numbers[row];
  if (x == 0 || x == 1) return x;
  unreadable = !std::isnan(x);
  return kMissing;
}

Result<const CustomerColumn*> column_of(const CustomerTable& table, std::string_view name,
                                        std::string_view wanted_for) {
  if (const CustomerColumn* column = table.find(name)) return column;
  return fail(ErrorCode::invalid,
              table.origin + " has no column \"" + std::string(name) + "\" (" +
                  std::string(wanted_for) + ")" + did_you_mean(name, table.names()),
              "missing_column");
}

std::vector<std::string> TableEncoding::feature_names() const {
  std::vector<std::string> names;
  for (const ColumnEncoding& column : columns) {
    if (column.use == ColumnUse::date) {
      names.push_back("days since " + column.name);
    } else if (column.use != ColumnUse::category) {
      names.push_back(column.name);
    }
    for (const std::string& category : column.categories)
      names.push_back(column.name + " = " + category);
    if (column.others) names.push_back(column.name + " = (other)");
    if (column.blanks) names.push_back(column.name + " = (empty)");
  }
  // No two alike: files of trees name features.
  std::unordered_map<std::string, std::size_t> seen;
  for (std::string& name : names) {
    const std::size_t times = ++seen[name];
    if (times > 1) name += " (" + std::to_string(times) + ")";
  }
  return names;
}

Result<EncodedTable> encode_table(const CustomerTable& table, const TableEncoding& encoding) {
  EncodedTable out;
  TRY_ASSIGN(out.ids, ids_of(table, encoding.id));
  TRY_ASSIGN(out.days, times_of(table, encoding));
  for (const ColumnEncoding& column : encoding.columns) out.width += width_of(column);
  std::vector<const CustomerColumn*> sources;
  std::string lacking;
  std::size_t more = 0;
  for (const ColumnEncoding& column : encoding.columns) {
    sources.push_back(table.find(column.name));
    if (sources.back() == nullptr && !lacking.empty()) ++more;
    if (sources.back() == nullptr && lacking.empty()) lacking = column.name;
  }
  if (!lacking.empty()) {
    return fail(ErrorCode::invalid,
                table.origin + " has no column \"" + lacking + "\", which the model needs" +
                    did_you_mean(lacking, table.names()) +
                    (more > 0 ? "; it lacks " + std::to_string(more) + " more" : ""),
                "missing_column");
  }
  out.features.assign(table.rows * out.width, kMissing);
  const std::vector<double> references =
      encoding.time.empty() ? std::vector{encoding.newest_day} : out.days;
  std::size_t first = 0;
  for (std::size_t c = 0; c < sources.size(); ++c) {
    const ColumnEncoding& column = encoding.columns[c];
    ColumnWriter(*sources[c], column, first, out).write(table.rows, references);
    first += width_of(column);
  }
  return out;
}

std::string to_json(const TableEncoding& encoding) {
  json::array columns;
  for (const ColumnEncoding& column : encoding.columns) {
    columns.push_back(json::object{{"name", column.name},
                                   {"use", int(column.use)},
                                   {"number_style", int(column.number_style)},
                                   {"date_order", int(column.date_order)},
                                   {"categories", json::value_from(column.categories)},
                                   {"others", column.others},
                                   {"blanks", column.blanks}});
  }
  return json::serialize(json::object{{"format", kFormat},
                                      {"target", encoding.target},
                                      {"positive", encoding.positive},
                                      {"id", encoding.id},
                                      {"time", encoding.time},
                                      {"time_order", int(encoding.time_order)},
                                      {"newest_day", encoding.newest_day},
                                      {"columns", columns}});
}

namespace {

template <class Number>
Number numbered(const json::value& value, Number last) {
  const auto number = value.as_int64();
  if (number < 0 || number > std::int64_t(last)) throw std::out_of_range("a number");
  return Number(number);
}

// Throws what boost::json throws where the form is another one.
TableEncoding encoding_in(const json::value& value) {
  TableEncoding encoding;
  if (value.at("format").as_int64() != kFormat) throw std::out_of_range("format");
  encoding.target = value.at("target").as_string();
  encoding.positive = value.at("positive").as_string();
  encoding.id = value.at("id").as_string();
  encoding.time = value.at("time").as_string();
  encoding.time_order = numbered(value.at("time_order"), DateOrder::month_first);
  encoding.newest_day = value.at("newest_day").to_number<double>();
  for (const json::value& entry : value.at("columns").as_array()) {
    ColumnEncoding& column = encoding.columns.emplace_back();
    column.name = entry.at("name").as_string();
    column.use = numbered(entry.at("use"), ColumnUse::category);
    column.number_style = numbered(entry.at("number_style"), NumberStyle::decimal_comma);
    column.date_order = numbered(entry.at("date_order"), DateOrder::month_first);
    for (const json::value& text : entry.at("categories").as_array())
      column.categories.emplace_back(text.as_string());
    column.others = entry.at("others").as_bool();
    column.blanks = entry.at("blanks").as_bool();
  }
  return encoding;
}

}  // namespace

Result<TableEncoding> parse_table_encoding(std::string_view text) {
  try {
    return encoding_in(json::parse(text));
  } catch (const std::exception&) {
    return fail(ErrorCode::corrupt, std::string(kTableFile) + " is damaged");
  }
}

bool is_table_model(const ModelManifest& manifest) { return manifest.pack.empty(); }

}  // namespace tideline
