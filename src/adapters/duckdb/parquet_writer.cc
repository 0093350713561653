#include "adapters/duckdb/parquet_writer.h"

#include <cmath>
#include <filesystem>

#include "adapters/duckdb/duck_connection.h"
#include "adapters/duckdb/parquet_file.h"
#include "base/check.h"

namespace tideline {
namespace {

const std::vector<Column>& generated_columns() {
  static const std::vector<Column> columns = {
      {"customer", ColumnType::text},  {"time", ColumnType::time},
      {"event", ColumnType::text},     {"type", ColumnType::text},
      {"id", ColumnType::text},        {"received_at", ColumnType::time},
      {"properties", ColumnType::text}};
  return columns;
}

// Rows wait in a table of an in-memory database that spills beside the file, then become the file
// at once.
struct Staging {
  ParquetWriterOptions options;
  std::string spill;
  std::unique_ptr<DuckDatabase> database;
  std::unique_ptr<DuckConnection> connection;
  std::optional<DuckAppender> appender;
  std::uint64_t rows = 0;

  ~Staging() {
    appender.reset();
    connection.reset();
    database.reset();
    std::error_code ignored;
    std::filesystem::remove_all(spill, ignored);
  }

  Status open(ParquetWriterOptions wanted) {
    options = std::move(wanted);
    std::error_code error;
    options.path = std::filesystem::absolute(options.path, error).lexically_normal().string();
    const std::string folder = std::filesystem::path(options.path).parent_path().string();
    if (!std::filesystem::is_directory(folder, error)) {
      return fail(ErrorCode::not_found, "no folder " + folder + " to write a file into");
    }
    spill = options.path + ".spill";
    DuckOptions duck;
    duck.threads = options.threads;
    duck.memory_bytes = options.memory_bytes;
    duck.temp_folder = spill;
    duck.reach = DuckOptions::Reach{{folder + "/"}, {}};
    TRY_ASSIGN(database, DuckDatabase::open(duck));
    TRY_ASSIGN(connection, database->connect());
    TRY(make_table(*connection, "staged", options.columns));
    TRY_ASSIGN(appender, DuckAppender::open(*connection, "staged"));
    return {};
  }

  Status finish() {
    CHECK(appender.has_value());
    TRY(appender->close());
    const std::uint64_t bytes_per_row = appender->bytes_per_row();
    appender.reset();
    return copy_to_parquet(*connection, ParquetCopy{"SELECT * FROM staged", options.path, "",
                                                    options.row_group_rows, bytes_per_row});
  }
};

Status append_generated(DuckAppender& to, const GeneratedEvent& event) {
  const auto put = [&](std::size_t column, const std::string& text) -> Status {
    if (!is_utf8(text)) return fail(ErrorCode::invalid, "an event's text is not UTF-8");
    to.set_text(column, text);
    return {};
  };
  TRY(put(0, event.customer));
  to.set_time(1, event.time);
  TRY(put(2, event.event));
  TRY(put(3, event.type));
  TRY(put(4, event.id));
  if (event.received_at) {
    to.set_time(5, *event.received_at);
  } else {
    to.set_null(5);
  }
  TRY(put(6, event.properties));
  return to.end_row();
}

}  // namespace

struct ParquetWriter::Impl {
  Staging staging;
};

ParquetWriter::ParquetWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ParquetWriter::~ParquetWriter() = default;

Result<std::unique_ptr<ParquetWriter>> ParquetWriter::open(ParquetWriterOptions options) {
  auto impl = std::make_unique<Impl>();
  TRY(impl->staging.open(std::move(options)));
  return std::unique_ptr<ParquetWriter>(new ParquetWriter(std::move(impl)));
}

Status ParquetWriter::append(std::span<const std::vector<Cell>> rows) {
  Staging& staging = impl_->staging;
  CHECK(staging.appender.has_value());
  for (const std::vector<Cell>& cells : rows) {
    TRY(append_cells(*staging.appender, staging.options.columns, cells));
  }
  staging.rows += rows.size();
  return {};
}

void ParquetWriter::set_text(std::size_t column, std::string_view text) {
  DuckAppender& to = *impl_->staging.appender;
  if (is_utf8(text)) {
    to.set_text(column, text);
  } else {
    to.set_text(column, as_utf8(text));
  }
}

void ParquetWriter::set_number(std::size_t column, double number) {
  if (!std::isfinite(number)) return set_null(column);
  impl_->staging.appender->set_double(column, number);
}

void ParquetWriter::set_time(std::size_t column, Time time) {
  impl_->staging.appender->set_time(column, time);
}

void ParquetWriter::set_null(std::size_t column) { impl_->staging.appender->set_null(column); }

Status ParquetWriter::end_row() {
  ++impl_->staging.rows;
  return impl_->staging.appender->end_row();
}

Status ParquetWriter::finish() { return impl_->staging.finish(); }
std::uint64_t ParquetWriter::rows() const { return impl_->staging.rows; }

Status write_parquet(const std::string& path, const Rows& rows) {
  ParquetWriterOptions options;
  options.path = path;
  options.columns = rows.columns;
  TRY_ASSIGN(const std::unique_ptr<ParquetWriter> writer, ParquetWriter::open(std::move(options)));
  TRY(writer->append(rows.cells));
  return writer->finish();
}

struct GeneratedEventWriter::Impl {
  Staging staging;
};

GeneratedEventWriter::GeneratedEventWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GeneratedEventWriter::~GeneratedEventWriter() = default;

Result<std::unique_ptr<GeneratedEventWriter>> GeneratedEventWriter::open(
    ParquetWriterOptions options) {
  options.columns = generated_columns();
  auto impl = std::make_unique<Impl>();
  TRY(impl->staging.open(std::move(options)));
  return std::unique_ptr<GeneratedEventWriter>(new GeneratedEventWriter(std::move(impl)));
}

Status GeneratedEventWriter::append(std::span<const GeneratedEvent> events) {
  Staging& staging = impl_->staging;
  CHECK(staging.appender.has_value());
  for (const GeneratedEvent& event : events) TRY(append_generated(*staging.appender, event));
  staging.rows += events.size();
  return {};
}

Status GeneratedEventWriter::finish() { return impl_->staging.finish(); }
std::uint64_t GeneratedEventWriter::rows() const { return impl_->staging.rows; }

}  // namespace tideline
