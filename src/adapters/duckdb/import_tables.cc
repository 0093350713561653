#include "adapters/duckdb/import_tables.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <optional>

#include "adapters/duckdb/parquet_file.h"

namespace tideline {
namespace {

constexpr std::array<std::string_view, 7> kColumns = {
    "customer", "time", "event", "type", "id", "received_at", "properties"};
constexpr std::size_t kObligatory = 3;  // the first of kColumns
constexpr std::string_view kDelims = ",;\t|";

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

const TableColumn* find(const std::vector<TableColumn>& columns, std::string_view name) {
  for (const TableColumn& column : columns) {
    if (lower(column.name) == name) return &column;
  }
  return nullptr;
}

std::string join(std::span<const std::string_view> names) {
  std::string all;
  for (const std::string_view name : names) {
    all += (all.empty() ? "" : ", ") + std::string(name);
  }
  return all;
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> starts) {
  return std::any_of(starts.begin(), starts.end(),
                     [&](std::string_view start) { return text.starts_with(start); });
}

std::string compression_option(Compression compression) {
  switch (compression) {
    case Compression::gzip: return "'gzip'";
    case Compression::zstd: return "'zstd'";
    case Compression::none: break;
  }
  return "'none'";
}

std::string column_types(const std::vector<TableColumn>& columns) {
  std::string all = "{";
  for (const TableColumn& column : columns) {
    all += (all.size() > 1 ? ", " : "") + sql_text(column.name) + ": " + sql_text(column.type);
  }
  return all + "}";
}

// FROM read_csv(...): every record becomes a row, or a line in DuckDB's tables of rejects.
std::string read_csv(const FileTable& table, const std::string& file, Compression compression) {
  std::string sql = "SELECT * FROM read_csv(" + sql_files(std::span(&file, 1)) +
                    ", compression = " + compression_option(compression) +
                    ", header = " + (table.header ? "true" : "false") +
                    ", hive_partitioning = false, store_rejects = true, rejects_limit = 0";
  if (table.format == TableFormat::csv) {
    sql += ", delim = " + sql_text(table.delim) + ", quote = " + sql_text(table.quote) +
           ", escape = " + sql_text(table.quote) + ", nullstr = '', skip = 0, comment = ''";
    if (table.columns.empty()) return sql + ", all_varchar = true)";
    return sql + ", auto_detect = false, columns = " + column_types(table.columns) + ")";
  }
  // A character that no text file holds, so that the whole line is one cell.
  return sql + ", auto_detect = false, delim = '\x01', quote = '', escape = ''" +
         ", columns = {'line': 'VARCHAR'})";
}

std::string empty_table(const FileTable& table) {
  std::vector<TableColumn> columns = table.columns;
  if (table.format == TableFormat::lines) columns = {{"line", "VARCHAR"}};
  if (table.format == TableFormat::ndjson) columns = {{"json", "JSON"}};
  std::string cells;
  for (const TableColumn& column : columns) {
    cells += (cells.empty() ? "CAST(NULL AS " : ", CAST(NULL AS ") + column.type + ") AS " +
             sql_name(column.name);
  }
  return "SELECT " + cells + " WHERE false";
}

// The records of text files, united by name; each file apart, for DuckDB does not unite what it
// may reject.
Result<std::string> read_texts(const FileTable& table) {
  std::string sql;
  for (const std::string& file : table.files) {
    TRY_ASSIGN(const ImportFile found, recognise_file(file));
    if (!sql.empty()) sql += " UNION ALL BY NAME ";
    sql += "(" + read_csv(table, file, found.compression) + ")";
  }
  return sql;
}

tl::unexpected<Error> wrong_type(const std::string& origin, const TableColumn& column,
                                 std::string_view wanted) {
  return fail(ErrorCode::invalid, origin + ": column " + column.name + " has type " + column.type +
                                      "; it must be " + std::string(wanted));
}

// "TIME AS name_at, TEXT AS name_text": a time that the file gives as such, or as text.
Result<std::string> staged_time(const TableColumn* column, const std::string& name,
                                const std::string& origin) {
  const std::string at = name == "time" ? " AS time_at, " : " AS received_at, ";
  const std::string text = name == "time" ? " AS time_text" : " AS received_text";
  if (column == nullptr) {
    return "CAST(NULL AS TIMESTAMP)" + at + "CAST(NULL AS VARCHAR)" + text;
  }
  const std::string cell = sql_name(column->name);
  if (column->type == "VARCHAR") return "CAST(NULL AS TIMESTAMP)" + at + cell + text;
  // With time zone too: the session's zone is UTC.
  if (starts_with_any(column->type, {"TIMESTAMP", "DATE"})) {
    return "CAST(" + cell + " AS TIMESTAMP)" + at + "CAST(NULL AS VARCHAR)" + text;
  }
  // A column of nothing but NULLs.
  if (column->type == "\"NULL\"") return staged_time(nullptr, name, origin);
  return wrong_type(origin, *column, "TIMESTAMP, DATE, TIMESTAMP WITH TIME ZONE or RFC 3339 text");
}

Result<std::string> staged_properties(const TableColumn* column, const std::string& origin) {
  if (column == nullptr) return std::string("CAST(NULL AS VARCHAR) AS properties");
  const std::string cell = sql_name(column->name);
  const std::string_view type = column->type;
  if (type == "VARCHAR" || type == "JSON" || type == "\"NULL\"") {
    return "CAST(" + cell + " AS VARCHAR) AS properties";
  }
  if (type.ends_with("]") || !starts_with_any(type, {"STRUCT", "MAP"})) {
    return wrong_type(origin, *column, "JSON, a struct, or text with a JSON object");
  }
  return "CAST(to_json(" + cell + ") AS VARCHAR) AS properties";
}

}  // namespace

std::vector<std::string> header_cells(const std::string& line, char delim) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      cells.back() += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == delim && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

Status ImportTables::make_view(const std::string& name, const std::string& select) {
  return connection_.execute("CREATE VIEW " + sql_name(name) + " AS " + select);
}

Status ImportTables::make_table_view(const FileTable& table) {
  std::string select;
  if (table.files.empty()) {
    select = empty_table(table);
  } else if (table.format == TableFormat::parquet) {
    for (const std::string& file : table.files) TRY(recognise_file(file));
    select = "SELECT * " + from_parquet(table.files);
  } else {
    TRY_ASSIGN(select, read_texts(table));
  }
  if (table.format == TableFormat::ndjson && !table.files.empty()) {
    select = "SELECT TRY_CAST(line AS JSON) AS json FROM (" + select +
             ") WHERE TRY_CAST(line AS JSON) IS NOT NULL";
    TRY(reject_broken_json(table));
  }
  Status made = make_view(table.name, select);
  if (!made) return fail(made.error().in("table " + table.name));
  return {};
}

Status ImportTables::reject_broken_json(const FileTable& table) {
  for (const std::string& file : table.files) {
    FileTable one = table;
    one.files = {file};
    one.header = false;
    TRY_ASSIGN(const std::string lines, read_texts(one));
    TRY_ASSIGN(DuckResult result,
               connection_.stream("SELECT number, line FROM (SELECT row_number() OVER () AS "
                                  "number, line FROM (" +
                                  lines +
                                  ")) WHERE trim(line) <> '' AND "
                                  "TRY_CAST(line AS JSON) IS NULL ORDER BY number"));
    for (;;) {
      TRY_ASSIGN(const std::optional<DuckChunk> chunk, result.next());
      if (!chunk) break;
      for (std::size_t i = 0; i < chunk->rows(); ++i) {
        rejects_.push_back({file, DuckColumn(chunk->vector(0)).at<std::uint64_t>(i),
                            std::string(DuckColumn(chunk->vector(1)).text(i)), "it is no JSON"});
      }
    }
  }
  return {};
}

Result<FileTable> ImportTables::generated_csv(const std::string& file, const std::string& name) {
  TRY_ASSIGN(const std::unique_ptr<LineReader> reader, LineReader::open({file}));
  std::vector<ImportLine> lines;
  TRY_ASSIGN(const bool any, reader->next(lines));
  if (!any) return fail(ErrorCode::invalid, file + " is empty: it needs a header line");
  const std::string header = lines.front().text;
  FileTable table;
  table.name = name;
  table.files = {file};
  for (const char delim : kDelims) {
    const std::vector<std::string> cells = header_cells(header, delim);
    const bool fits = std::all_of(
        kColumns.begin(), kColumns.begin() + kObligatory, [&](std::string_view wanted) {
          return std::any_of(cells.begin(), cells.end(),
                             [&](const std::string& cell) { return lower(cell) == wanted; });
        });
    table.delim = delim;
    if (fits) return table;
  }
  return fail(ErrorCode::invalid, file + ": its header must name the columns " +
                                      join(std::span(kColumns).first(kObligatory)) +
                                      ", separated by comma, semicolon, tab or |; it is \"" +
                                      header.substr(0, 200) +
                                      "\". Other files need an import map (--map)");
}

Result<ImportTables::Columns> ImportTables::columns_of(const std::string& view) {
  TRY_ASSIGN(DuckResult result,
             connection_.stream("SELECT column_name, data_type FROM duckdb_columns() WHERE "
                                "table_name = " +
                                sql_text(view) + " ORDER BY column_index"));
  Columns columns;
  for (;;) {
    TRY_ASSIGN(const std::optional<DuckChunk> chunk, result.next());
    if (!chunk) return columns;
    for (std::size_t i = 0; i < chunk->rows(); ++i) {
      columns.push_back({std::string(DuckColumn(chunk->vector(0)).text(i)),
                         std::string(DuckColumn(chunk->vector(1)).text(i))});
    }
  }
}

Result<std::string> ImportTables::staged(const std::string& view, const std::string& origin) {
  TRY_ASSIGN(const Columns columns, columns_of(view));
  for (const TableColumn& column : columns) {
    if (std::find(kColumns.begin(), kColumns.end(), lower(column.name)) == kColumns.end()) {
      return fail(ErrorCode::invalid,
                  origin + ": unknown column " + column.name + "; allowed are " + join(kColumns));
    }
  }
  for (std::size_t i = 0; i < kObligatory; ++i) {
    if (find(columns, kColumns[i]) == nullptr) {
      return fail(ErrorCode::invalid, origin + ": no column " + std::string(kColumns[i]) +
                                          "; obligatory are " +
                                          join(std::span(kColumns).first(kObligatory)));
    }
  }
  const auto text = [&](std::string_view name) {
    const TableColumn* column = find(columns, name);
    return "CAST(" + (column != nullptr ? sql_name(column->name) : "NULL") + " AS VARCHAR) AS " +
           std::string(name) + ", ";
  };
  TRY_ASSIGN(const std::string time, staged_time(find(columns, "time"), "time", origin));
  TRY_ASSIGN(const std::string received,
             staged_time(find(columns, "received_at"), "received_at", origin));
  TRY_ASSIGN(const std::string properties, staged_properties(find(columns, "properties"), origin));
  return "SELECT " + text("customer") + time + ", " + text("event") + text("type") + text("id") +
         received + ", " + properties + " FROM " + sql_name(view);
}

Result<std::string> ImportTables::unmapped(const std::vector<std::string>& files) {
  std::string all;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const std::string name = "file_" + std::to_string(i);
    TRY_ASSIGN(const ImportFile found, recognise_file(files[i]));
    if (found.format == ImportFormat::ndjson) {
      return fail(ErrorCode::invalid, files[i] + " holds JSON lines, not a table");
    }
    FileTable table;
    if (found.format == ImportFormat::parquet) {
      table.name = name;
      table.format = TableFormat::parquet;
      table.files = {files[i]};
    } else {
      TRY_ASSIGN(table, generated_csv(files[i], name));
    }
    Status made = make_table_view(table);
    if (!made) return fail(made.error().in(files[i]));
    TRY_ASSIGN(const std::string rows, staged(name, files[i]));
    all += (all.empty() ? "" : " UNION ALL ") + rows;
  }
  if (all.empty()) return fail(ErrorCode::invalid, "no file to import");
  return all;
}

Result<std::string> ImportTables::mapped(const std::vector<FileTable>& tables,
                                         const std::string& select) {
  for (const FileTable& table : tables) TRY(make_table_view(table));
  Status single = connection_.check_single(select);
  if (!single) return fail(single.error().in("select of the map"));
  // Nothing but a SELECT can follow CREATE VIEW ... AS.
  Status made = make_view("tideline_mapped", select);
  if (!made) return fail(made.error().in("select of the map"));
  return staged("tideline_mapped", "select of the map");
}

}  // namespace tideline
