#include "app/score_tables.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>

#include "adapters/duckdb/number_blocks.h"
#include "base/sql_words.h"
#include "packs/spelling.h"

namespace tideline {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// Which columns of a table the model takes, and what else is used of it.
struct TableColumns {
  std::vector<std::string> names;  // of the features, as the table writes them
  bool has_customer = false;
  std::string as_of_type;  // SQL's name; empty: there is none
  bool has_days = false;
};

Result<TableColumns> columns_of(DuckQuery& query, const std::string& table, const Model& model) {
  TRY_ASSIGN(const QueryRows described, query_rows(query, "DESCRIBE SELECT * FROM " + table));
  std::vector<std::string> found;
  TableColumns columns;
  for (const auto& row : described.cells) {
    found.push_back(std::get<std::string>(row[0]));
    if (found.back() == "as_of") columns.as_of_type = std::get<std::string>(row[1]);
  }
  const auto has = [&](std::string_view name) {
    return std::find(found.begin(), found.end(), name) != found.end();
  };
  columns.has_customer = has("customer_id");
  columns.has_days = has("days_since_qualifying");
  std::vector<std::string> lacking;
  for (const std::string& feature : model.manifest().features) {
    if (!has(feature)) lacking.push_back(feature);
    columns.names.push_back(feature);
  }
  if (lacking.empty()) return columns;
  std::erase_if(found, [&](const std::string& name) {
    const auto& features = model.manifest().features;
    return std::find(features.begin(), features.end(), name) != features.end();
  });
  const std::size_t more = lacking.size() - 1;
  return fail(ErrorCode::invalid,
              "the table has no column " + lacking.front() + ", which " + model.version() +
                  " takes" + (more > 0 ? ", nor " + std::to_string(more) + " others" : "") +
                  did_you_mean(lacking.front(), found),
              "missing_column");
}

// Rows whose cells are texts, as they stream out of a CSV.
class TextSink final : public ResultSink {
 public:
  TextSink(const TableColumns& columns, const TableRow& take) : columns_(columns), take_(take) {}

  Status begin(std::span<const ResultColumn>) override { return {}; }

  Result<bool> row(std::span<const Cell> cells) override {
    ++number_;
    ScoredRow row;
    std::size_t at = 0;
    if (columns_.has_customer) {
      if (const auto* id = std::get_if<std::string>(&cells[at++])) row.customer = *id;
    }
    if (!columns_.as_of_type.empty()) {
      TRY_ASSIGN(row.as_of, time_in(cells[at++]));
    }
    double days = kMissing;
    if (columns_.has_days) {
      TRY_ASSIGN(days, number_in(cells[at++], "days_since_qualifying"));
    }
    features_.clear();
    for (const std::string& name : columns_.names) {
      TRY_ASSIGN(const double value, number_in(cells[at++], name));
      features_.push_back(value);
    }
    return take_(std::move(row), features_, days);
  }

  Status end() override { return {}; }

 private:
  [[nodiscard]] tl::unexpected<Error> wrong(const std::string& column, const std::string& text,
                                            const char* what) const {
    return fail(ErrorCode::invalid,
                "row " + std::to_string(number_) + ", column " + column + ": \"" + text +
                    "\" is no " + what,
                "bad_row");
  }

  [[nodiscard]] Result<double> number_in(const Cell& cell, const std::string& column) const {
    const auto* text = std::get_if<std::string>(&cell);
    if (text == nullptr || text->empty()) return kMissing;
    double value = 0;
    const char* end = text->data() + text->size();
    const auto parsed = std::from_chars(text->data(), end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != end || std::isinf(value))
      return wrong(column, *text, "number");
    return value;  // "nan" is how some programs write what is missing
  }

  [[nodiscard]] Result<std::optional<Time>> time_in(const Cell& cell) const {
    const auto* text = std::get_if<std::string>(&cell);
    if (text == nullptr || text->empty()) return std::optional<Time>();
    const auto time = parse_time(*text);
    if (!time) return wrong("as_of", *text, "RFC 3339 time");
    return std::optional(*time);
  }

  const TableColumns& columns_;
  const TableRow& take_;
  std::uint64_t number_ = 0;  // of the row, without the header
  std::vector<double> features_;
};

// SELECT of the columns that read_table() takes, in its order.
class Selection {
 public:
  void add(const std::string& expression) {
    text_ += (text_.empty() ? "SELECT " : ", ") + expression;
  }
  void add(const std::string& column, const char* type) {
    add("CAST(" + sql_name(column) + " AS " + type + ")");
  }
  [[nodiscard]] std::string from(const std::string& table) const {
    return text_ + " FROM " + table;
  }

 private:
  std::string text_;
};

Status read_text_table(DuckQuery& query, const std::string& from, const TableColumns& columns,
                       const TableRow& take) {
  Selection select;
  if (columns.has_customer) select.add("customer_id", "VARCHAR");
  if (!columns.as_of_type.empty()) select.add("as_of", "VARCHAR");
  if (columns.has_days) select.add("days_since_qualifying", "VARCHAR");
  for (const std::string& name : columns.names) select.add(name, "VARCHAR");
  TextSink sink(columns, take);
  return query.run(select.from(from), sink);
}

// Texts: customer_id, and as_of where it is one. Numbers: as_of in milliseconds where it is a
// time, the days, the features.
Status read_number_table(DuckQuery& query, const std::string& from, const TableColumns& columns,
                         const TableRow& take) {
  const bool as_of_is_time =
      columns.as_of_type.starts_with("TIMESTAMP") || columns.as_of_type == "DATE";
  const bool as_of_is_text = !columns.as_of_type.empty() && !as_of_is_time;
  Selection select;
  if (columns.has_customer) select.add("customer_id", "VARCHAR");
  if (as_of_is_text) select.add("as_of", "VARCHAR");
  if (as_of_is_time) select.add("CAST(epoch_ms(CAST(\"as_of\" AS TIMESTAMP)) AS DOUBLE)");
  if (columns.has_days) select.add("days_since_qualifying", "DOUBLE");
  for (const std::string& name : columns.names) select.add(name, "DOUBLE");
  const std::size_t texts = (columns.has_customer ? 1 : 0) + (as_of_is_text ? 1 : 0);
  std::uint64_t number = 0;  // of the row
  return run_number_blocks(
      query, select.from(from), texts, [&](const NumberBlock& block) -> Result<bool> {
        for (std::size_t i = 0; i < block.rows; ++i) {
          ++number;
          ScoredRow row;
          if (columns.has_customer) row.customer = block.text(i, 0);
          std::span<const double> values = block.row(i);
          const auto next = [&] {
            const double value = values.front();
            values = values.subspan(1);
            return value;
          };
          if (as_of_is_time) {
            const double at = next();
            if (!std::isnan(at)) row.as_of = time_from_millis(static_cast<std::int64_t>(at));
          } else if (as_of_is_text && !block.text(i, texts - 1).empty()) {
            row.as_of = parse_time(block.text(i, texts - 1));
            if (!row.as_of) {
              return fail(ErrorCode::invalid,
                          "row " + std::to_string(number) + ", column as_of: \"" +
                              std::string(block.text(i, texts - 1)) + "\" is no RFC 3339 time",
                          "bad_row");
            }
          }
          const double days = columns.has_days ? next() : kMissing;
          TRY_ASSIGN(const bool more, take(std::move(row), values, days));
          if (!more) return false;
        }
        return true;
      });
}

}  // namespace

Result<std::string> table_of(const std::vector<std::string>& files) {
  bool parquet = false, other = false;
  for (const std::string& file : files) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error))
      return fail(ErrorCode::not_found, "there is no file " + file, "no_file");
    (file.ends_with(".parquet") ? parquet : other) = true;
  }
  if (parquet && other) {
    return fail(ErrorCode::invalid, "the files of one run are all CSV or all Parquet",
                "bad_argument");
  }
  if (parquet) return "read_parquet(" + sql_list_of(files) + ", union_by_name = true)";
  return "read_csv(" + sql_list_of(files) +
         ", header = true, all_varchar = true, union_by_name = true)";
}

std::string numbered_table_of(const std::string& file) {
  return "read_parquet(" + sql_list_of({file}) + ", file_row_number = true)";
}

std::string sql_list_of(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "[" : ", ") + sql_text(text);
  return list + "]";
}

bool is_csv_table(const std::string& table) { return table.starts_with("read_csv"); }

Status read_table(DuckQuery& query, const std::string& table, const std::string& where,
                  const Model& model, const TableRow& take) {
  TRY_ASSIGN(const TableColumns columns, columns_of(query, table, model));
  const std::string from = where.empty() ? table : table + " WHERE " + where;
  return is_csv_table(table) ? read_text_table(query, from, columns, take)
                             : read_number_table(query, from, columns, take);
}

}  // namespace tideline
