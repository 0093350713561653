#include "adapters/duckdb/duck_lake.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "adapters/duckdb/duck_connection.h"
#include "adapters/duckdb/parquet_file.h"
#include "adapters/duckdb/sort_budget.h"
#include "base/check.h"

namespace tideline {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockRows = 8'192;
constexpr std::string_view kSpillFolder = ".spill";
constexpr std::string_view kEventColumns =
    "customer_id, type, event, event_time, arrival_time, stored_time, source, message_id, shard, "
    "log_offset, properties, anonymous_id, previous_id, content_hash, server_id, clamped";
constexpr std::string_view kEventTable =
    "CREATE TEMP TABLE staged (customer_id VARCHAR, type VARCHAR, event VARCHAR, "
    "event_time TIMESTAMP, arrival_time TIMESTAMP, stored_time TIMESTAMP, source VARCHAR, "
    "message_id VARCHAR, shard INTEGER, log_offset BIGINT, properties VARCHAR, "
    "anonymous_id VARCHAR, previous_id VARCHAR, content_hash VARCHAR, server_id BOOLEAN, "
    "clamped BOOLEAN)";
// The last three only settle what one customer's equal ids of several sources would leave open.
constexpr std::string_view kEventOrder =
    " ORDER BY customer_id, event_time, message_id, source, shard, log_offset";

// Places of kEventColumns.
enum EventColumn : std::size_t {
  kCustomer,
  kType,
  kName,
  kEventTime,
  kArrivalTime,
  kStoredTime,
  kSource,
  kMessageId,
  kShard,
  kOffset,
  kProperties,
  kAnonymousId,
  kPreviousId,
  kContent,
  kServerId,
  kClamped,
  kEventColumnCount
};

Status append_event(DuckAppender& to, const EventRow& row) {
  const Event& e = row.event;
  const std::array<std::pair<EventColumn, const std::string*>, 7> texts = {
      {{kCustomer, &e.customer.str()},
       {kName, &e.name},
       {kSource, &e.source.str()},
       {kMessageId, &e.message_id.str()},
       {kProperties, &e.properties},
       {kAnonymousId, &e.anonymous_id},
       {kPreviousId, &e.previous_id}}};
  for (const auto& [column, text] : texts) {
    const bool absent = text->empty() && (column == kAnonymousId || column == kPreviousId);
    if (absent) {
      to.set_null(column);
    } else if (is_utf8(*text)) {
      to.set_text(column, *text);
    } else {
      return fail(ErrorCode::invalid, "an event's text is not UTF-8");
    }
  }
  to.set_text(kType, name_of(e.type));
  to.set_time(kEventTime, e.event_time);
  to.set_time(kArrivalTime, e.arrival_time);
  to.set_time(kStoredTime, e.stored_time);
  to.set_int32(kShard, row.place.shard);
  to.set_int64(kOffset, static_cast<std::int64_t>(row.place.offset));
  to.set_text(kContent, e.content.hex());
  to.set_bool(kServerId, e.server_id);
  to.set_bool(kClamped, e.clamped);
  return to.end_row();
}

bool parse_hash(std::string_view hex, Hash128& hash) {
  if (hex.size() != 32) return false;
  const auto half = [&](std::size_t from, std::uint64_t& value) {
    const auto [end, error] =
        std::from_chars(hex.data() + from, hex.data() + from + 16, value, 16);
    return error == std::errc{} && end == hex.data() + from + 16;
  };
  return half(0, hash.high) && half(16, hash.low);
}

// The columns of one chunk of events, in kEventColumns' order.
class EventChunk {
 public:
  explicit EventChunk(const DuckChunk& chunk) {
    columns_.reserve(kEventColumnCount);
    for (std::size_t i = 0; i < kEventColumnCount; ++i) columns_.emplace_back(chunk.vector(i));
  }

  // Reuses the memory of `row`.
  [[nodiscard]] bool read(std::size_t i, EventRow& row) const {
    Event& e = row.event;
    const auto type = event_type_of(text(kType, i));
    if (!type || !parse_hash(text(kContent, i), e.content)) return false;
    e.type = *type;
    e.customer = CustomerId(std::string(text(kCustomer, i)));
    e.name = text(kName, i);
    e.anonymous_id = text(kAnonymousId, i);
    e.previous_id = text(kPreviousId, i);
    e.source = SourceId(std::string(text(kSource, i)));
    e.message_id = MessageId(std::string(text(kMessageId, i)));
    e.properties = text(kProperties, i);
    e.event_time = columns_[kEventTime].time(i);
    e.arrival_time = columns_[kArrivalTime].time(i);
    e.stored_time = columns_[kStoredTime].time(i);
    e.server_id = columns_[kServerId].at<bool>(i);
    e.clamped = columns_[kClamped].at<bool>(i);
    row.place.shard = static_cast<std::uint16_t>(columns_[kShard].at<std::int32_t>(i));
    row.place.offset = static_cast<std::uint64_t>(columns_[kOffset].at<std::int64_t>(i));
    return true;
  }

 private:
  [[nodiscard]] std::string_view text(EventColumn column, std::size_t row) const {
    return columns_[column].null(row) ? std::string_view{} : columns_[column].text(row);
  }
  std::vector<DuckColumn> columns_;
};

constexpr std::string_view kFactColumns =
    "customer_id, type, event, message_id, properties, event_time, arrival_time";

Status visit_facts(DuckResult& result, const Lake::FactsVisitor& visit) {
  std::vector<EventFacts> facts;
  for (;;) {
    TRY_ASSIGN(const std::optional<DuckChunk> chunk, result.next());
    if (!chunk) return {};
    const std::size_t rows = chunk->rows();
    if (rows == 0) continue;
    std::vector<DuckColumn> columns;
    for (std::size_t i = 0; i < 7; ++i) columns.emplace_back(chunk->vector(i));
    const auto text = [&](std::size_t column, std::size_t row) {
      return columns[column].null(row) ? std::string_view{} : columns[column].text(row);
    };
    facts.resize(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      const auto type = event_type_of(text(1, i));
      if (!type) return fail(ErrorCode::corrupt, "a row of the lake's events has no known type");
      facts[i] = {*type,      text(0, i),         text(2, i),
                  text(3, i), columns[5].time(i), columns[6].time(i),
                  text(4, i)};
    }
    TRY_ASSIGN(const bool more, visit(facts));
    if (!more) return {};
  }
}

std::string arrived_clause(std::optional<Time> by) {
  if (!by) return {};
  return " WHERE arrival_time <= make_timestamp(" + std::to_string(millis(*by) * 1'000) +
         "::BIGINT)";
}

Status visit_result(DuckResult& result, const Lake::EventVisitor& visit) {
  std::vector<EventRow> block(kBlockRows);
  std::size_t filled = 0;
  for (;;) {
    TRY_ASSIGN(const std::optional<DuckChunk> chunk, result.next());
    const std::size_t rows = chunk ? chunk->rows() : 0;
    if (filled > 0 && (!chunk || filled + rows > block.size())) {
      TRY_ASSIGN(const bool more, visit(std::span<const EventRow>(block.data(), filled)));
      if (!more) return {};
      filled = 0;
    }
    if (!chunk) return {};
    const EventChunk events(*chunk);
    for (std::size_t i = 0; i < rows; ++i) {
      if (!events.read(i, block[filled++])) {
        return fail(ErrorCode::corrupt, "a row of the lake's events has no known type or hash");
      }
    }
  }
}

}  // namespace

Result<std::unique_ptr<DuckLake>> DuckLake::open(LakeOptions options) {
  TRY_ASSIGN(options.folder, [&]() -> Result<std::string> {
    std::error_code error;
    const fs::path path = fs::absolute(options.folder, error).lexically_normal();
    if (error) return fail(ErrorCode::io_failed, options.folder + ": " + error.message());
    return path.has_filename() ? path.string() : path.parent_path().string();
  }());
  TRY(make_folders(options.folder));
  std::error_code error;
  fs::remove_all(options.folder + "/" + std::string(kSpillFolder), error);
  auto lake = std::unique_ptr<DuckLake>(new DuckLake(std::move(options)));
  TRY_ASSIGN(lake->database_,
             lake->open_database(lake->options_.threads, lake->options_.memory_bytes));
  TRY_ASSIGN(lake->writing_, lake->open_database(1, lake->options_.memory_bytes));
  return lake;
}

DuckLake::DuckLake(LakeOptions options) : options_(std::move(options)) {}

Result<std::unique_ptr<DuckDatabase>> DuckLake::open_database(unsigned threads,
                                                              std::uint64_t memory_bytes) {
  DuckOptions duck;
  duck.threads = threads;
  duck.memory_bytes = memory_bytes;
  const std::string spill = options_.folder + "/" + std::string(kSpillFolder);
  TRY(make_folders(spill));
  duck.temp_folder = spill + "/" + std::to_string(++spills_);
  duck.reach = DuckOptions::Reach{{options_.folder + "/"}, {}};
  return DuckDatabase::open(duck);
}

Result<std::unique_ptr<DuckDatabase>> DuckLake::sorting_database(
    std::span<const std::string> paths) {
  TRY_ASSIGN(const std::unique_ptr<DuckConnection> connection, database_->connect());
  TRY_ASSIGN(const ParquetSize size, size_of(*connection, paths));
  const SortBudget budget =
      sort_budget(size.rows, size.bytes_per_row(), {options_.threads, options_.memory_bytes});
  return open_database(budget.threads, budget.memory_bytes);
}

DuckLake::~DuckLake() = default;

std::string DuckLake::path_of(const std::string& file) const {
  const fs::path path(file);
  CHECK(path.is_relative() && path.has_filename());
  CHECK(std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; }));
  return options_.folder + "/" + file;
}

Result<std::vector<std::string>> DuckLake::existing_paths(
    std::span<const std::string> files) const {
  std::vector<std::string> paths;
  for (const std::string& file : files) {
    paths.push_back(path_of(file));
    std::error_code error;
    if (!fs::exists(paths.back(), error)) {
      return fail(ErrorCode::not_found, "no file " + file + " in the lake " + options_.folder);
    }
  }
  return paths;
}

Status DuckLake::write_select(DuckConnection& connection, const std::string& select,
                              const std::string& order, std::uint64_t bytes_per_row,
                              const std::string& file) {
  const std::string path = path_of(file);
  TRY(make_folders(fs::path(path).parent_path().string()));
  return copy_to_parquet(connection,
                         ParquetCopy{select, path, order, options_.row_group_rows, bytes_per_row});
}

Status DuckLake::write_events(const std::string& file, std::span<const EventRow> rows) {
  TRY_ASSIGN(const std::unique_ptr<DuckConnection> connection, writing_->connect());
  TRY(connection->execute(std::string(kEventTable)));
  TRY_ASSIGN(DuckAppender appender, DuckAppender::open(*connection, "staged"));
  for (const EventRow& row : rows) TRY(append_event(appender, row));
  TRY(appender.close());
  return write_select(*connection, "SELECT * FROM staged", "", appender.bytes_per_row(), file);
}

Status DuckLake::write_rows(const std::string& file, const Rows& rows) {
  TRY_ASSIGN(const std::unique_ptr<DuckConnection> connection, writing_->connect());
  TRY(make_table(*connection, "staged", rows.columns));
  TRY_ASSIGN(DuckAppender appender, DuckAppender::open(*connection, "staged"));
  for (const auto& cells : rows.cells) {
    Status appended = append_cells(appender, rows.columns, cells);
    if (!appended) return fail(appended.error().in(file));
  }
  TRY(appender.close());
  return write_select(*connection, "SELECT * FROM staged", "", appender.bytes_per_row(), file);
}

Status DuckLake::scan_events(std::span<const std::string> files, std::optional<Time> arrived_by,
                             const EventVisitor& visit) {
  if (files.empty()) return {};
  TRY_ASSIGN(const std::vector<std::string> paths, existing_paths(files));
  std::string sql = "SELECT " + std::string(kEventColumns) + " " + from_parquet(paths);
  sql += arrived_clause(arrived_by);
  sql += kEventOrder;
  TRY_ASSIGN(const std::unique_ptr<DuckDatabase> database, sorting_database(paths));
  TRY_ASSIGN(const std::unique_ptr<DuckConnection> connection, database->connect());
  TRY_ASSIGN(DuckResult result, connection->stream(sql));
  return visit_result(result, visit);
}

Status DuckLake::scan_facts(std::span<const std::string> files, std::optional<Time> arrived_by,
                            const FactsVisitor& visit) {
  if (files.empty()) return {};
  TRY_ASSIGN(const std::vector<std::string> paths, existing_paths(files));
  TRY_ASSIGN(const std::unique_ptr<DuckConnection> connection, database_->connect());
  TRY_ASSIGN(DuckResult result, connection->stream("SELECT " + std::string(kFactColumns) + " " +
                                                   from_parquet(paths, Schema::of_first) +
                                                   arrived_clause(arrived_by)));
  return visit_facts(result, visit);
}

Result<std::vector<EventRow>> DuckLake::newest_events(std::span<const std::string> files,
                                                      const CustomerId& customer,
                                                      std::optional<Time> before,
                                                      std::size_t limit) {
  std::vector<EventRow> newest;
  if (files.empty()) return newest;
  TRY_ASSIGN(const std::vector<std::string> paths, existing_paths(files));
  std::string sql = "SELECT " + std::string(kEventColumns) + " " + from_parquet(paths) +
                    " WHERE customer_id = " + sql_text(customer.str());
  if (before) {
    sql += " AND event_time < make_timestamp(" + std::to_string(millis(*before) * 1'000) +
           "::BIGINT)";
  }
  sql += " ORDER BY event_time DESC, message_id DESC LIMIT " + std::to_string(limit);
  TRY_ASSIGN(const std::unique_ptr<DuckConnection> connection, database_->connect());
  TRY_ASSIGN(DuckResult result, connection->stream(sql));
  TRY(visit_result(result, [&](std::span<const EventRow> rows) -> Result<bool> {
    newest.insert(newest.end(), rows.begin(), rows.end());
    return true;
  }));
  return newest;
}

Status DuckLake::merge(std::span<const std::string> files, const std::string& into) {
  TRY_ASSIGN(const std::vector<std::string> paths, existing_paths(files));
  if (paths.empty()) return fail(ErrorCode::invalid, "no files to merge into " + into);
  // Once a source is gone nothing else can tell that it was damaged.
  for (const std::string& file : files) TRY(verify(file));
  TRY_ASSIGN(const std::unique_ptr<DuckDatabase> database, sorting_database(paths));
  TRY_ASSIGN(const std::unique_ptr<DuckConnection> connection, database->connect());
  TRY_ASSIGN(const ParquetSize size, size_of(*connection, paths));
  const std::string order(into.starts_with("events/") ? kEventOrder : "");
  return write_select(*connection, "SELECT * " + from_parquet(paths), order, size.bytes_per_row(),
                      into);
}

Result<std::vector<std::string>> DuckLake::list() {
  std::error_code error;
  std::vector<std::string> names;
  auto entry = fs::recursive_directory_iterator(options_.folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry.depth() == 0 && entry->path().filename() == kSpillFolder) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file(error)) {
      names.push_back(entry->path().lexically_relative(options_.folder).string());
    }
  }
  if (error) {
    return fail(ErrorCode::io_failed, "cannot list " + options_.folder + ": " + error.message());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Status DuckLake::remove(std::span<const std::string> files) {
  std::vector<std::string> folders;
  for (const std::string& file : files) {
    const std::string path = path_of(file);
    std::error_code error;
    if (fs::remove(path, error)) folders.push_back(fs::path(path).parent_path().string());
    if (error) {
      return fail(ErrorCode::io_failed, "cannot remove " + path + ": " + error.message());
    }
  }
  std::sort(folders.begin(), folders.end());
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  for (const std::string& folder : folders) TRY(sync_path(folder));
  return {};
}

Result<std::uint64_t> DuckLake::verify(const std::string& file) {
  const std::vector<std::string> files = {file};
  TRY_ASSIGN(const std::vector<std::string> paths, existing_paths(files));
  TRY_ASSIGN(const std::unique_ptr<DuckConnection> connection, database_->connect());
  return check_parquet(*connection, paths.front());
}

}  // namespace tideline
