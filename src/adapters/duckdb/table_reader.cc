#include "adapters/duckdb/table_reader.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "adapters/duckdb/duck_connection.h"
#include "adapters/duckdb/duck_values.h"
#include "adapters/duckdb/import_tables.h"
#include "adapters/duckdb/parquet_file.h"

namespace tideline {
namespace {

constexpr std::string_view kDelims = ",;\t|";
constexpr std::size_t kLinesLooked = 200;
constexpr std::size_t kColumnsMax = 4'096;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

tl::unexpected<Error> bad_table(const std::string& file, const std::string& what) {
  return fail(ErrorCode::invalid, file + ": " + what, "bad_table");
}

// The delimiter that cuts the most lines into as many cells as the header; of several, the one
// with the most cells. A table of one column has none.
char delimiter_of(const std::vector<ImportLine>& lines) {
  char best = kDelims.front();
  std::size_t best_lines = 0;
  std::size_t best_cells = 1;
  for (const char delim : kDelims) {
    const std::size_t cells = header_cells(lines.front().text, delim).size();
    if (cells < 2) continue;
    std::size_t agree = 0;
    for (std::size_t i = 0; i < std::min(lines.size(), kLinesLooked); ++i) {
      agree += header_cells(lines[i].text, delim).size() == cells;
    }
    if (agree < best_lines || (agree == best_lines && cells <= best_cells)) continue;
    best = delim;
    best_lines = agree;
    best_cells = cells;
  }
  return best;
}

bool is_number(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  return std::from_chars(text.data(), end, value).ptr == end && !text.empty();
}

// Two columns that differ in the case of letters only are one to SQL, and to people.
Status check_names(const std::string& file, const std::vector<std::string>& names) {
  std::vector<std::string> sorted;
  for (const std::string& name : names) sorted.push_back(lower(name));
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) return bad_table(file, "two columns are called \"" + *twice + "\"");
  if (names.size() > kColumnsMax) {
    return bad_table(file, "it has " + std::to_string(names.size()) + " columns; at most " +
                               std::to_string(kColumnsMax) + " are allowed");
  }
  return {};
}

struct CsvShape {
  char delim = ',';
  std::vector<std::string> names;
};

Result<CsvShape> shape_of(const std::string& file) {
  TRY_ASSIGN(const std::unique_ptr<LineReader> reader,
             LineReader::open({.path = file, .block_bytes_max = 256 << 10}));
  std::vector<ImportLine> lines;
  TRY_ASSIGN(const bool any, reader->next(lines));
  if (!any || without_blanks(lines.front().text).empty())
    return bad_table(file, "it is empty: its first line must name the columns");
  CsvShape shape;
  shape.delim = delimiter_of(lines);
  shape.names = header_cells(lines.front().text, shape.delim);
  for (std::size_t i = 0; i < shape.names.size(); ++i) {
    std::string& name = shape.names[i];
    name = std::string(without_blanks(name));
    if (name.empty()) name = "column " + std::to_string(i + 1);
  }
  if (std::all_of(shape.names.begin(), shape.names.end(), is_number)) {
    return bad_table(file, "its first line must name the columns; it holds numbers");
  }
  TRY(check_names(file, shape.names));
  return shape;
}

// Every line becomes a row or a line in DuckDB's table of rejects.
std::string csv_select(const std::string& file, const CsvShape& shape, Compression compression) {
  std::string columns;
  for (std::size_t i = 0; i < shape.names.size(); ++i) {
    columns += (i > 0 ? ", '" : "'") + std::to_string(i) + "': 'VARCHAR'";
  }
  const char* packed = compression == Compression::gzip   ? "gzip"
                       : compression == Compression::zstd ? "zstd"
                                                          : "none";
  return "SELECT * FROM read_csv(" + sql_files(std::span(&file, 1)) + ", compression = '" +
         packed + "', header = true, hive_partitioning = false, auto_detect = false, delim = " +
         sql_text(std::string(1, shape.delim)) +
         R"(, quote = '"', escape = '"', nullstr = '', skip = 0, comment = '')" +
         ", store_rejects = true, rejects_limit = 0, columns = {" + columns + "})";
}

Status check_rejects(DuckConnection& connection, const std::string& file) {
  TRY_ASSIGN(DuckResult result,
             connection.stream("SELECT CAST(line AS BIGINT), error_message, count(*) OVER () "
                               "FROM reject_errors ORDER BY ALL LIMIT 1"));
  TRY_ASSIGN(const std::optional<DuckChunk> chunk, result.next());
  if (!chunk || chunk->rows() == 0) return {};
  const auto line = DuckColumn(chunk->vector(0)).at<std::int64_t>(0);
  const auto count = DuckColumn(chunk->vector(2)).at<std::int64_t>(0);
  const DuckColumn reasons(chunk->vector(1));
  const std::string reason = reasons.null(0) ? std::string() : std::string(reasons.text(0));
  return bad_table(file, "line " + std::to_string(line) + " is no row of the table: " + reason +
                             (count > 1 ? "; there are " + std::to_string(count - 1) + " more"
                                        : std::string()));
}

// A column while it is read.
class ColumnBuilder {
 public:
  ColumnBuilder(std::string name, ResultKind kind) {
    column_.name = std::move(name);
    switch (kind) {
      case ResultKind::number:
      case ResultKind::integer: column_.kind = CustomerColumn::Kind::number; break;
      case ResultKind::boolean: column_.kind = CustomerColumn::Kind::boolean; break;
      case ResultKind::time: column_.kind = CustomerColumn::Kind::time; break;
      case ResultKind::text:
      case ResultKind::exact: column_.kind = CustomerColumn::Kind::text; break;
    }
  }

  void add(const Cell& cell) {
    if (column_.kind == CustomerColumn::Kind::text) {
      const auto* text = std::get_if<std::string>(&cell);
      column_.places.push_back(text == nullptr ? CustomerColumn::kNoText : place_of(*text));
      return;
    }
    double value = kMissing;
    if (const auto* number = std::get_if<double>(&cell)) value = *number;
    if (const auto* whole = std::get_if<std::int64_t>(&cell)) value = double(*whole);
    if (const auto* yes = std::get_if<bool>(&cell)) value = *yes ? 1 : 0;
    if (const auto* time = std::get_if<Time>(&cell)) value = days(time->time_since_epoch());
    // Finer than a millisecond, or beyond the years that people write.
    if (const auto* text = std::get_if<std::string>(&cell)) value = day_of(*text);
    column_.numbers.push_back(value);
  }

  [[nodiscard]] CustomerColumn take() { return std::move(column_); }

 private:
  static double day_of(const std::string& text) {
    const auto time = parse_time(text);
    return time ? days(time->time_since_epoch()) : kMissing;
  }

  std::uint32_t place_of(const std::string& text) {
    const auto [found, is_new] =
        places_.emplace(text, static_cast<std::uint32_t>(column_.texts.size()));
    if (is_new) column_.texts.push_back(text);
    return found->second;
  }

  CustomerColumn column_;
  std::unordered_map<std::string, std::uint32_t> places_;
};

Result<CustomerTable> rows_of(DuckDatabase& database, DuckConnection& connection,
                              const std::string& select, std::vector<std::string> names) {
  TRY_ASSIGN(DuckResult result, connection.stream(select));
  TRY_ASSIGN(RowReader reader, RowReader::open(database, result));
  std::vector<ColumnBuilder> builders;
  for (std::size_t i = 0; i < reader.columns().size(); ++i) {
    const ResultColumn& column = reader.columns()[i];
    builders.emplace_back(names.empty() ? column.name : names[i], column.kind);
  }
  CustomerTable table;
  std::vector<Cell> cells;
  for (;;) {
    TRY_ASSIGN(const std::optional<DuckChunk> chunk, result.next());
    if (!chunk) break;
    TRY(reader.start(*chunk));
    for (std::size_t i = 0; i < chunk->rows(); ++i, ++table.rows) {
      reader.read(i, cells);
      for (std::size_t c = 0; c < builders.size(); ++c) builders[c].add(cells[c]);
    }
  }
  for (ColumnBuilder& builder : builders) table.columns.push_back(builder.take());
  return table;
}

// Columns whose values must not pass through a double.
Result<std::string> parquet_select(DuckConnection& connection, const TableReaderOptions& options) {
  const std::string from = from_parquet(std::span(&options.file, 1));
  TRY_ASSIGN(DuckResult result, connection.stream("DESCRIBE SELECT * " + from));
  std::vector<std::string> names;
  std::string casts;
  for (;;) {
    TRY_ASSIGN(const std::optional<DuckChunk> chunk, result.next());
    if (!chunk) break;
    for (std::size_t i = 0; i < chunk->rows(); ++i) {
      const std::string& name = names.emplace_back(DuckColumn(chunk->vector(0)).text(i));
      const bool wanted =
          std::find(options.as_text.begin(), options.as_text.end(), name) != options.as_text.end();
      if (!wanted) continue;
      casts += (casts.empty() ? "CAST(" : ", CAST(") + sql_name(name) + " AS VARCHAR) AS " +
               sql_name(name);
    }
  }
  TRY(check_names(options.file, names));
  return "SELECT * " + (casts.empty() ? "" : "REPLACE (" + casts + ") ") + from;
}

}  // namespace

Result<CustomerTable> read_customer_table(const TableReaderOptions& options) {
  TRY_ASSIGN(const ImportFile found, recognise_file(options.file));
  if (found.format == ImportFormat::ndjson) {
    return bad_table(options.file, "it holds JSON; a table is CSV or Parquet");
  }
  DuckOptions duck;
  duck.threads = 1;  // rows stay in the file's order
  duck.memory_bytes = options.memory_bytes;
  duck.reach.emplace();
  duck.reach->files = {options.file};
  TRY_ASSIGN(const auto database, DuckDatabase::open(duck));
  TRY_ASSIGN(const auto connection, database->connect());
  CsvShape shape;
  std::string select;
  const bool csv = found.format == ImportFormat::csv;
  if (csv) {
    TRY_ASSIGN(shape, shape_of(options.file));
    select = csv_select(options.file, shape, found.compression);
  } else {
    TRY_ASSIGN(select, parquet_select(*connection, options));
  }
  auto table = rows_of(*database, *connection, select, shape.names);
  if (!table) return fail(table.error().in(options.file));
  if (csv) TRY(check_rejects(*connection, options.file));
  table->origin = options.file;
  return table;
}

}  // namespace tideline
