#include "adapters/duckdb/duck_query.h"

#include <algorithm>
#include <cctype>

#include "adapters/duckdb/duck_connection.h"
#include "adapters/duckdb/duck_values.h"
#include "adapters/duckdb/view_select.h"

namespace tideline {
namespace {

Status make_views(DuckConnection& connection, const std::vector<LakeView>& views) {
  for (const LakeView& view : views) {
    Status made = connection.execute("CREATE OR REPLACE VIEW " + sql_name(view.name) + " AS " +
                                     select_of_view(view));
    if (!made) return fail(made.error().in("view " + view.name));
  }
  return {};
}

// A word of SQL at the start of `text`, or "".
std::string_view first_word(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && (std::isalpha(static_cast<unsigned char>(text[at])) != 0)) ++at;
  return text.substr(0, at);
}

bool is_word(std::string_view word, std::string_view wanted) {
  return std::equal(word.begin(), word.end(), wanted.begin(), wanted.end(), [](char a, char b) {
    return std::toupper(static_cast<unsigned char>(a)) == b;
  });
}

// Without blanks and comments at the start.
std::string_view past_blanks(std::string_view text) {
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n\f\v"), text.size()));
    std::size_t end = 0;
    if (text.starts_with("--")) {
      end = text.find('\n');
    } else if (text.starts_with("/*")) {
      end = text.find("*/", 2);
      if (end != text.npos) end += 2;
    } else {
      return text;
    }
    text.remove_prefix(std::min(end, text.size()));
  }
}

// What EXPLAIN explains; nullopt where it cannot be told.
std::optional<std::string> explained(std::string_view sql) {
  std::string_view rest = past_blanks(sql);
  if (!is_word(first_word(rest), "EXPLAIN")) return std::nullopt;
  rest = past_blanks(rest.substr(7));
  if (is_word(first_word(rest), "ANALYZE")) rest = past_blanks(rest.substr(7));
  if (rest.starts_with('(')) return std::nullopt;  // options, or a SELECT in parentheses
  return std::string(rest);
}

constexpr std::string_view kSelectOnly =
    "only a query can be run here: SELECT, or EXPLAIN, DESCRIBE, SHOW or SUMMARIZE";

// EXPLAIN ANALYZE runs what it explains, so that must be a SELECT as well.
Status check_select(DuckConnection& connection, const DuckPrepared& prepared,
                    const std::string& sql) {
  const auto type = duckdb_prepared_statement_type(prepared.get());
  if (type == DUCKDB_STATEMENT_TYPE_SELECT) return {};
  if (type == DUCKDB_STATEMENT_TYPE_EXPLAIN) {
    if (const auto inner = explained(sql)) {
      TRY_ASSIGN(const DuckPrepared inside, connection.prepare(*inner));
      if (duckdb_prepared_statement_type(inside.get()) == DUCKDB_STATEMENT_TYPE_SELECT) return {};
    }
  }
  return fail(ErrorCode::refused, std::string(kSelectOnly), "select_only");
}

Status bind(const DuckPrepared& prepared, std::span<const Cell> parameters) {
  const idx_t wanted = duckdb_nparams(prepared.get());
  if (wanted != parameters.size()) {
    return fail(ErrorCode::invalid,
                "the query takes " + std::to_string(wanted) + " parameters; " +
                    std::to_string(parameters.size()) + " are given",
                "bad_parameter");
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto bound = [&]() -> duckdb_state {
      const Cell& cell = parameters[i];
      if (const auto* text = std::get_if<std::string>(&cell))
        return duckdb_bind_varchar_length(prepared.get(), i + 1, text->data(), text->size());
      if (const auto* number = std::get_if<double>(&cell))
        return duckdb_bind_double(prepared.get(), i + 1, *number);
      if (const auto* integer = std::get_if<std::int64_t>(&cell))
        return duckdb_bind_int64(prepared.get(), i + 1, *integer);
      if (const auto* yes = std::get_if<bool>(&cell))
        return duckdb_bind_boolean(prepared.get(), i + 1, *yes);
      if (const auto* time = std::get_if<Time>(&cell))
        return duckdb_bind_timestamp(prepared.get(), i + 1, {millis(*time) * 1'000});
      return duckdb_bind_null(prepared.get(), i + 1);
    }();
    if (bound != DuckDBSuccess) {
      return fail(ErrorCode::invalid, "parameter " + std::to_string(i + 1) + " does not fit",
                  "bad_parameter");
    }
  }
  return {};
}

class RowsSink final : public ResultSink {
 public:
  Status begin(std::span<const ResultColumn> columns) override {
    rows_.columns.assign(columns.begin(), columns.end());
    return {};
  }
  Result<bool> row(std::span<const Cell> cells) override {
    rows_.cells.emplace_back(cells.begin(), cells.end());
    return true;
  }
  Status end() override { return {}; }
  QueryRows rows_;
};

}  // namespace

struct DuckQuery::Impl {
  std::unique_ptr<DuckDatabase> database;
  std::unique_ptr<DuckConnection> connection;
};

DuckQuery::DuckQuery(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DuckQuery::~DuckQuery() = default;

Result<std::unique_ptr<DuckQuery>> DuckQuery::open(QueryOptions options) {
  DuckOptions duck;
  duck.threads = options.threads;
  duck.memory_bytes = options.memory_bytes;
  duck.temp_folder = options.temp_folder;
  if (!options.other_files) {
    duck.reach.emplace();
    for (const LakeView& view : options.views) {
      duck.reach->files.insert(duck.reach->files.end(), view.files.begin(), view.files.end());
    }
  }
  auto impl = std::make_unique<Impl>();
  TRY_ASSIGN(impl->database, DuckDatabase::open(duck));
  TRY_ASSIGN(impl->connection, impl->database->connect());
  TRY(make_views(*impl->connection, options.views));
  return std::unique_ptr<DuckQuery>(new DuckQuery(std::move(impl)));
}

Result<std::vector<std::string>> DuckQuery::tables_of(const std::string& sql) {
  DuckHandle<duckdb_value, duckdb_destroy_value> names(
      duckdb_get_table_names(impl_->connection->get(), sql.c_str(), false));
  if (names.get() == nullptr) return fail(ErrorCode::invalid, "the statement cannot be parsed");
  std::vector<std::string> tables;
  for (idx_t i = 0; i < duckdb_get_list_size(names.get()); ++i) {
    const DuckHandle<duckdb_value, duckdb_destroy_value> name(
        duckdb_get_list_child(names.get(), i));
    char* text = duckdb_get_varchar(name.get());
    if (text != nullptr) tables.emplace_back(text);
    duckdb_free(text);
  }
  return tables;
}

Status DuckQuery::add_views(const std::vector<LakeView>& views) {
  return make_views(*impl_->connection, views);
}

Status DuckQuery::close_reach(const std::vector<std::string>& files) {
  return impl_->connection->execute(reach_settings({{}, files}));
}

Status DuckQuery::run(const std::string& sql, ResultSink& sink, const QueryRunOptions& options) {
  TRY(impl_->connection->check_single(sql));
  TRY_ASSIGN(const DuckPrepared prepared, impl_->connection->prepare(sql));
  if (options.select_only) TRY(check_select(*impl_->connection, prepared, sql));
  TRY(bind(prepared, options.parameters));
  TRY_ASSIGN(DuckResult result, impl_->connection->stream(prepared));
  TRY_ASSIGN(RowReader reader, RowReader::open(*impl_->database, result));
  TRY(sink.begin(reader.columns()));
  std::vector<Cell> cells;
  for (;;) {
    TRY_ASSIGN(const std::optional<DuckChunk> chunk, result.next());
    if (!chunk) return sink.end();
    TRY(reader.start(*chunk));
    for (std::size_t i = 0; i < chunk->rows(); ++i) {
      reader.read(i, cells);
      TRY_ASSIGN(const bool more, sink.row(cells));
      if (!more) return sink.end();
    }
  }
}

DuckConnection& DuckQuery::connection() { return *impl_->connection; }

void DuckQuery::interrupt() { impl_->connection->interrupt(); }

Result<QueryRows> query_rows(DuckQuery& query, const std::string& sql) {
  RowsSink sink;
  TRY(query.run(sql, sink));
  return std::move(sink.rows_);
}

}  // namespace tideline
