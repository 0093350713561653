#include "adapters/duckdb/duck_connection.h"

namespace tideline {
namespace {

void append_setting(std::string& sql, std::string_view name, const std::string& value) {
  sql += "SET GLOBAL ";
  sql += name;
  sql += " = " + value + ";\n";
}

// A path with its pattern characters made plain.
std::string plain_pattern(std::string_view path) {
  std::string plain;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[') {
      plain += {'[', c, ']'};
    } else {
      plain += c;
    }
  }
  return plain;
}

// Both spellings: reading goes by patterns, writing does not, and access is checked before either.
std::string reach_list(const std::vector<std::string>& paths) {
  std::string list = "[";
  for (const std::string& path : paths) {
    list += (list.size() > 1 ? ", " : "") + sql_text(path) + ", " + sql_text(plain_pattern(path));
  }
  return list + "]";
}

std::string settings_of(const DuckOptions& options) {
  std::string sql;
  append_setting(sql, "TimeZone", "'UTC'");
  append_setting(sql, "allow_community_extensions", "false");
  append_setting(sql, "allow_persistent_secrets", "false");
  // It takes a file for unchanged by its time and size; verify must read what is on disk now.
  append_setting(sql, "enable_external_file_cache", "false");
  append_setting(sql, "temp_directory", sql_text(options.temp_folder));
  return options.reach ? sql + reach_settings(*options.reach) : sql;
}

ErrorCode code_of(duckdb_error_type type, std::string_view message) {
  switch (type) {
    case DUCKDB_ERROR_INTERRUPT: return ErrorCode::cancelled;
    case DUCKDB_ERROR_IO:
      return message.find("No space left") != message.npos ? ErrorCode::disk_full
                                                           : ErrorCode::io_failed;
    case DUCKDB_ERROR_OUT_OF_MEMORY: return ErrorCode::overloaded;
    case DUCKDB_ERROR_PERMISSION: return ErrorCode::refused;
    case DUCKDB_ERROR_FATAL:
    case DUCKDB_ERROR_INTERNAL:
    case DUCKDB_ERROR_EXECUTOR:
    case DUCKDB_ERROR_SCHEDULER: return ErrorCode::internal;
    default: return ErrorCode::invalid;
  }
}

}  // namespace

std::string reach_settings(const DuckOptions::Reach& reach) {
  std::string sql;
  append_setting(sql, "allowed_directories", reach_list(reach.folders));
  append_setting(sql, "allowed_paths", reach_list(reach.files));
  append_setting(sql, "enable_external_access", "false");
  append_setting(sql, "lock_configuration", "true");
  return sql;
}

Error duck_error(duckdb_error_type type, std::string_view message) {
  return Error{code_of(type, message), std::string(message), {}};
}

Error duck_error(const char* message) {
  const std::string_view text = message != nullptr ? message : "DuckDB gives no reason";
  constexpr std::pair<std::string_view, duckdb_error_type> kByFirstWords[] = {
      {"IO Error", DUCKDB_ERROR_IO},
      {"INTERRUPT Error", DUCKDB_ERROR_INTERRUPT},
      {"Out of Memory Error", DUCKDB_ERROR_OUT_OF_MEMORY},
      {"Permission Error", DUCKDB_ERROR_PERMISSION},
      {"INTERNAL Error", DUCKDB_ERROR_INTERNAL},
      {"FATAL Error", DUCKDB_ERROR_FATAL}};
  for (const auto& [words, type] : kByFirstWords) {
    if (text.starts_with(words)) return duck_error(type, text);
  }
  return duck_error(DUCKDB_ERROR_INVALID_INPUT, text);
}

Time DuckColumn::time(std::size_t row) const {
  return std::chrono::floor<Duration>(std::chrono::sys_time<std::chrono::microseconds>(
      std::chrono::microseconds(at<std::int64_t>(row))));
}

DuckResult& DuckResult::operator=(DuckResult&& other) noexcept {
  std::swap(result_, other.result_);
  std::swap(owned_, other.owned_);
  return *this;
}

void DuckResult::reset() {
  if (owned_) duckdb_destroy_result(&result_);
  owned_ = false;
}

std::string DuckResult::name(std::size_t column) {
  const char* name = duckdb_column_name(&result_, column);
  return name != nullptr ? name : "";
}

Result<std::optional<DuckChunk>> DuckResult::next() {
  for (;;) {
    duckdb_data_chunk chunk = duckdb_fetch_chunk(result_);
    if (chunk == nullptr) {
      const char* error = duckdb_result_error(&result_);
      if (error != nullptr && *error != '\0') {
        return fail(duck_error(duckdb_result_error_type(&result_), error));
      }
      return std::optional<DuckChunk>{};
    }
    DuckChunk owned(chunk);
    if (owned.rows() > 0) return std::optional<DuckChunk>(std::move(owned));
  }
}

Status DuckConnection::execute(const std::string& sql) {
  duckdb_result raw;
  const duckdb_state state = duckdb_query(get(), sql.c_str(), &raw);
  DuckResult result(raw);
  if (state == DuckDBSuccess) return {};
  const char* error = duckdb_result_error(&raw);
  return fail(duck_error(duckdb_result_error_type(&raw), error != nullptr ? error : "no reason"));
}

Status DuckConnection::check_single(const std::string& sql) {
  duckdb_extracted_statements statements = nullptr;
  const idx_t count = duckdb_extract_statements(get(), sql.c_str(), &statements);
  const char* error = count == 0 ? duckdb_extract_statements_error(statements) : nullptr;
  const std::string message = error != nullptr ? error : "";
  duckdb_destroy_extracted(&statements);
  if (!message.empty()) return fail(ErrorCode::invalid, message);
  if (count == 0) return fail(ErrorCode::invalid, "there is no statement");
  if (count > 1) return fail(ErrorCode::invalid, "there is more than one statement");
  return {};
}

Result<DuckPrepared> DuckConnection::prepare(const std::string& sql) {
  DuckPrepared prepared;
  if (duckdb_prepare(get(), sql.c_str(), prepared.out()) == DuckDBSuccess) return prepared;
  return fail(duck_error(duckdb_prepare_error(prepared.get())));
}

Result<DuckResult> DuckConnection::stream(const std::string& sql) {
  TRY_ASSIGN(const DuckPrepared prepared, prepare(sql));
  return stream(prepared);
}

Result<DuckResult> DuckConnection::stream(const DuckPrepared& prepared) {
  DuckHandle<duckdb_pending_result, duckdb_destroy_pending> pending;
  if (duckdb_pending_prepared_streaming(prepared.get(), pending.out()) != DuckDBSuccess) {
    return fail(duck_error(duckdb_pending_error(pending.get())));
  }
  duckdb_result raw;
  const duckdb_state state = duckdb_execute_pending(pending.get(), &raw);
  DuckResult result(raw);
  if (state == DuckDBSuccess) return result;
  const char* error = duckdb_result_error(&raw);
  if (error == nullptr || *error == '\0')
    return fail(duck_error(duckdb_pending_error(pending.get())));
  return fail(duck_error(duckdb_result_error_type(&raw), error));
}

Result<std::optional<std::string>> DuckConnection::value(const std::string& sql) {
  TRY_ASSIGN(DuckResult result, stream("SELECT CAST((" + sql + ") AS VARCHAR)"));
  TRY_ASSIGN(const std::optional<DuckChunk> chunk, result.next());
  if (!chunk) return std::optional<std::string>{};
  const DuckColumn column(chunk->vector(0));
  if (column.null(0)) return std::optional<std::string>{};
  return std::optional<std::string>(column.text(0));
}

Result<std::unique_ptr<DuckDatabase>> DuckDatabase::open(const DuckOptions& options) {
  DuckHandle<duckdb_config, duckdb_destroy_config> config;
  bool ok = duckdb_create_config(config.out()) == DuckDBSuccess;
  const auto set = [&](const char* name, const std::string& value) {
    ok = ok && duckdb_set_config(config.get(), name, value.c_str()) == DuckDBSuccess;
  };
  set("threads", std::to_string(options.threads));
  set("memory_limit", std::to_string(options.memory_bytes >> 10) + "KiB");
  set("autoload_known_extensions", "false");
  set("autoinstall_known_extensions", "false");
  if (!ok) return fail(ErrorCode::internal, "DuckDB refused its settings");
  duckdb_database raw = nullptr;
  char* message = nullptr;
  const char* path = options.path.empty() ? nullptr : options.path.c_str();
  if (duckdb_open_ext(path, &raw, config.get(), &message) != DuckDBSuccess) {
    Error error{ErrorCode::io_failed, message != nullptr ? message : "DuckDB does not open", {}};
    duckdb_free(message);
    return fail(std::move(error));
  }
  auto database = std::make_unique<DuckDatabase>(raw);
  TRY_ASSIGN(const std::unique_ptr<DuckConnection> connection, database->connect());
  TRY(connection->execute(settings_of(options)));
  return database;
}

Result<std::unique_ptr<DuckConnection>> DuckDatabase::connect() {
  duckdb_connection raw = nullptr;
  if (duckdb_connect(database_.get(), &raw) != DuckDBSuccess) {
    return fail(ErrorCode::internal, "DuckDB gives no connection");
  }
  return std::make_unique<DuckConnection>(raw);
}

Result<DuckAppender> DuckAppender::open(DuckConnection& connection, const std::string& table) {
  duckdb_appender raw = nullptr;
  const duckdb_state state =
      duckdb_appender_create(connection.get(), nullptr, table.c_str(), &raw);
  DuckAppender appender(raw);
  if (state != DuckDBSuccess) {
    const char* error = raw != nullptr ? duckdb_appender_error(raw) : nullptr;
    return fail(ErrorCode::internal, error != nullptr ? error : "DuckDB gives no appender");
  }
  for (idx_t i = 0; i < duckdb_appender_column_count(raw); ++i) {
    appender.types_.emplace_back(duckdb_appender_column_type(raw, i));
  }
  TRY(appender.start_chunk());
  return appender;
}

Status DuckAppender::start_chunk() {
  std::vector<duckdb_logical_type> types;
  for (const DuckLogicalType& type : types_) types.push_back(type.get());
  if (chunk_.get() == nullptr) {
    chunk_ = DuckChunk(duckdb_create_data_chunk(types.data(), types.size()));
    if (chunk_.get() == nullptr) return fail(ErrorCode::internal, "DuckDB gives no chunk");
  } else {
    duckdb_data_chunk_reset(chunk_.get());
  }
  values_.clear();
  for (std::size_t i = 0; i < types_.size(); ++i) {
    duckdb_vector_ensure_validity_writable(chunk_.vector(i));
    values_.push_back(duckdb_vector_get_data(chunk_.vector(i)));
  }
  row_ = 0;
  return {};
}

void DuckAppender::set_text(std::size_t column, std::string_view text) {
  bytes_ += text.size();
  duckdb_vector_assign_string_element_len(chunk_.vector(column), row_, text.data(), text.size());
}

void DuckAppender::set_null(std::size_t column) {
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(chunk_.vector(column)), row_);
}

Status DuckAppender::end_row() {
  ++rows_;
  if (++row_ < duckdb_vector_size()) return {};
  TRY(send_chunk());
  return start_chunk();
}

Status DuckAppender::send_chunk() {
  duckdb_data_chunk_set_size(chunk_.get(), row_);
  if (duckdb_append_data_chunk(appender_.get(), chunk_.get()) == DuckDBSuccess) return {};
  return fail(ErrorCode::internal, duckdb_appender_error(appender_.get()));
}

Status DuckAppender::close() {
  if (row_ > 0) TRY(send_chunk());
  row_ = 0;
  if (duckdb_appender_close(appender_.get()) == DuckDBSuccess) return {};
  const char* error = duckdb_appender_error(appender_.get());
  return fail(duck_error(DUCKDB_ERROR_IO, error != nullptr ? error : "DuckDB lost appended rows"));
}

std::string sql_files(std::span<const std::string> paths) {
  std::string list = "[";
  for (const std::string& path : paths) {
    list += (list.size() > 1 ? ", " : "") + sql_text(plain_pattern(path));
  }
  return list + "]";
}

}  // namespace tideline
