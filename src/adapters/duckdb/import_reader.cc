#include "adapters/duckdb/import_reader.h"

#include <stdlib.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <optional>

#include "adapters/duckdb/duck_connection.h"
#include "adapters/duckdb/import_tables.h"
#include "adapters/duckdb/parquet_file.h"
#include "adapters/duckdb/sort_budget.h"

namespace tideline {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlockRows = 8'192;

// Columns of the staged table. The texts of times stand beside the times that the files give as
// such.
constexpr std::string_view kStagedColumns =
    "customer, time_at, time_text, event, type, id, received_at, received_text, properties";
enum StagedColumn : std::size_t {
  kCustomer,
  kTimeAt,
  kTimeText,
  kEvent,
  kType,
  kId,
  kReceivedAt,
  kReceivedText,
  kProperties,
  kStagedColumnCount
};
// Texts are read as times only to bring the rows into their order; the row's time is read by
// parse_time.
constexpr std::string_view kOrder =
    " ORDER BY coalesce(time_at, CAST(TRY_CAST(time_text AS TIMESTAMPTZ) AS TIMESTAMP)), "
    "customer, event, type, id, time_text, received_at, received_text, properties";

class ScratchFolder {
 public:
  ScratchFolder() = default;
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  Status make(const std::string& parent) {
    TRY(make_folders(parent));
    std::string name = parent + "/import-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) {
      return fail(ErrorCode::io_failed, "cannot make a temporary folder in " + parent);
    }
    path_ = name;
    return {};
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Result<std::vector<ImportReject>> read_rejects(DuckConnection& connection) {
  std::vector<ImportReject> rejects;
  TRY_ASSIGN(const std::optional<std::string> tables,
             connection.value("SELECT count(*) FROM duckdb_tables() "
                              "WHERE table_name IN ('reject_errors', 'reject_scans')"));
  if (tables != "2") return rejects;
  // One record may have several faults, and a SELECT may read a file more than once.
  TRY_ASSIGN(DuckResult result,
             connection.stream("SELECT file_path, CAST(line AS BIGINT), min(csv_line), "
                               "string_agg(DISTINCT error_message, '; ' ORDER BY error_message) "
                               "FROM reject_errors JOIN reject_scans USING (scan_id, file_id) "
                               "GROUP BY ALL ORDER BY ALL"));
  for (;;) {
    TRY_ASSIGN(const std::optional<DuckChunk> chunk, result.next());
    if (!chunk) return rejects;
    const DuckColumn files(chunk->vector(0));
    const DuckColumn lines(chunk->vector(1));
    const DuckColumn texts(chunk->vector(2));
    const DuckColumn reasons(chunk->vector(3));
    for (std::size_t i = 0; i < chunk->rows(); ++i) {
      rejects.push_back({std::string(files.text(i)), lines.at<std::uint64_t>(i),
                         texts.null(i) ? std::string() : std::string(texts.text(i)),
                         reasons.null(i) ? std::string() : std::string(reasons.text(i))});
    }
  }
}

struct RowTexts {
  explicit RowTexts(const DuckChunk& chunk) {
    for (std::size_t i = 0; i < kStagedColumnCount; ++i) columns.emplace_back(chunk.vector(i));
  }
  [[nodiscard]] std::optional<std::string> text(StagedColumn column, std::size_t i) const {
    if (columns[column].null(i)) return std::nullopt;
    return std::string(columns[column].text(i));
  }
  void time(StagedColumn at, StagedColumn text_column, std::size_t i, std::optional<Time>& time,
            std::string& as_text) const {
    if (!columns[at].null(i)) {
      time = columns[at].time(i);
      as_text = format_time(*time);
    } else {
      as_text = text(text_column, i).value_or("");
      time = parse_time(as_text);
    }
  }
  [[nodiscard]] ImportRow row(std::size_t i) const {
    ImportRow row;
    row.customer = text(kCustomer, i);
    time(kTimeAt, kTimeText, i, row.time, row.time_text);
    row.event = text(kEvent, i);
    row.type = text(kType, i);
    row.id = text(kId, i);
    time(kReceivedAt, kReceivedText, i, row.received_at, row.received_at_text);
    row.properties = text(kProperties, i);
    return row;
  }
  std::vector<DuckColumn> columns;
};

}  // namespace

struct DuckImportRows::Impl {
  ImportReaderOptions options;
  ScratchFolder folder;
  std::unique_ptr<DuckDatabase> database;
  std::unique_ptr<DuckConnection> connection;
  std::optional<DuckResult> result;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
  std::vector<ImportReject> rejects;
  std::uint64_t total = 0;
  std::uint64_t row_bytes = 0;    // texts of a row, on average
  std::uint64_t at = 0;           // rows taken from the result
  std::optional<ImportRow> last;  // with its copy

  Status open_database(SortBudget budget) {
    on_stop.reset();
    connection.reset();
    database.reset();
    DuckOptions duck;
    duck.path = folder.path() + "/staged.duckdb";
    duck.threads = budget.threads;
    duck.memory_bytes = budget.memory_bytes;
    duck.temp_folder = folder.path() + "/spill";
    duck.reach.emplace();
    duck.reach->files = options.files;
    for (const FileTable& table : options.tables) {
      duck.reach->files.insert(duck.reach->files.end(), table.files.begin(), table.files.end());
    }
    TRY_ASSIGN(database, DuckDatabase::open(duck));
    TRY_ASSIGN(connection, database->connect());
    on_stop.emplace(options.stop, [this] { connection->interrupt(); });
    return {};
  }
  Status stopped() const {
    if (options.stop.stop_requested()) return fail(ErrorCode::cancelled, "the import was stopped");
    return {};
  }
  Status stage() {
    ImportTables tables(*connection);
    std::string select;
    if (options.select.empty()) {
      TRY_ASSIGN(select, tables.unmapped(options.files));
    } else {
      TRY_ASSIGN(select, tables.mapped(options.tables, options.select));
    }
    TRY(stopped());
    TRY(connection->execute("CREATE TABLE staged AS " + select));
    TRY(stopped());
    TRY_ASSIGN(rejects, read_rejects(*connection));
    rejects.insert(rejects.end(), tables.rejects().begin(), tables.rejects().end());
    std::sort(rejects.begin(), rejects.end(), [](const ImportReject& a, const ImportReject& b) {
      return std::tie(a.file, a.record) < std::tie(b.file, b.record);
    });
    return measure();
  }
  // Counts the rows, and opens the database anew with what sorting them takes.
  Status measure() {
    TRY_ASSIGN(DuckResult sizes,
               connection->stream(
                   "SELECT count(*), CAST(coalesce(sum(strlen(customer) + strlen(time_text) + "
                   "strlen(event) + strlen(type) + strlen(id) + strlen(received_text) + "
                   "strlen(properties)), 0) AS BIGINT) FROM (SELECT coalesce(COLUMNS(* EXCLUDE "
                   "(time_at, received_at)), '') FROM staged)"));
    TRY_ASSIGN(const std::optional<DuckChunk> chunk, sizes.next());
    if (!chunk) return fail(ErrorCode::internal, "DuckDB counts no rows");
    total = DuckColumn(chunk->vector(0)).at<std::uint64_t>(0);
    const std::uint64_t bytes = DuckColumn(chunk->vector(1)).at<std::uint64_t>(0);
    row_bytes = bytes / std::max<std::uint64_t>(total, 1);
    return {};
  }
  Status start() {
    // Every column is part of the order, so a row is held twice.
    TRY(open_database(sort_budget(total, 2 * row_bytes, {options.threads, options.memory_bytes})));
    TRY_ASSIGN(DuckResult rows, connection->stream("SELECT " + std::string(kStagedColumns) +
                                                   " FROM staged" + std::string(kOrder)));
    result = std::move(rows);
    return {};
  }
  void take(ImportRow row, std::vector<ImportRow>& block) {
    if (last) {
      row.copy = last->copy;
      row.copy = row == *last ? last->copy + 1 : 0;
    }
    if (++at > options.skip_rows) block.push_back(row);
    last = std::move(row);
  }
};

DuckImportRows::DuckImportRows(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
DuckImportRows::~DuckImportRows() = default;

Result<std::unique_ptr<DuckImportRows>> DuckImportRows::open(ImportReaderOptions options) {
  const auto absolute = [](std::vector<std::string>& files) {
    for (std::string& file : files) file = fs::absolute(file).lexically_normal().string();
    std::sort(files.begin(), files.end());
  };
  absolute(options.files);
  for (FileTable& table : options.tables) absolute(table.files);
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  TRY(impl->folder.make(impl->options.temp_folder));
  TRY(impl->open_database({impl->options.threads, impl->options.memory_bytes}));
  TRY(impl->stage());
  TRY(impl->start());
  return std::unique_ptr<DuckImportRows>(new DuckImportRows(std::move(impl)));
}

Result<bool> DuckImportRows::next(std::vector<ImportRow>& block) {
  block.clear();
  while (block.size() + duckdb_vector_size() <= kBlockRows) {
    TRY(impl_->stopped());
    TRY_ASSIGN(const std::optional<DuckChunk> chunk, impl_->result->next());
    if (!chunk) break;
    const RowTexts texts(*chunk);
    for (std::size_t i = 0; i < chunk->rows(); ++i) impl_->take(texts.row(i), block);
  }
  return !block.empty();
}

std::uint64_t DuckImportRows::total() const { return impl_->total; }
const std::vector<ImportReject>& DuckImportRows::rejects() const { return impl_->rejects; }

}  // namespace tideline
