#include "adapters/duckdb/duck_values.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "adapters/duckdb/type_names.h"

namespace tideline {
namespace {

using UInt128 = unsigned __int128;

std::string digits_of(UInt128 value) {
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(value % 10));
    value /= 10;
  } while (value != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::string decimal_text(__int128 value, std::size_t scale) {
  const bool negative = value < 0;
  std::string digits =
      digits_of(negative ? -static_cast<UInt128>(value) : static_cast<UInt128>(value));
  if (scale > 0) {
    if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
    digits.insert(digits.size() - scale, ".");
  }
  return negative ? "-" + digits : digits;
}

__int128 wide(const duckdb_hugeint& value) {
  return static_cast<__int128>(
      (static_cast<UInt128>(static_cast<std::uint64_t>(value.upper)) << 64) | value.lower);
}

Cell finite(double value) { return std::isfinite(value) ? Cell(value) : Cell(); }

// A FLOAT as the double that its shortest digits name: 0.1, not 0.10000000149.
Cell shortest(float value) {
  if (!std::isfinite(value)) return Cell();
  char text[32];
  const char* end = std::to_chars(text, text + sizeof text, value).ptr;
  double named = 0;
  std::from_chars(text, end, named);
  return Cell(named);
}

// `ticks` of 1/`per_second` s since 1970. Infinities and years of other than four digits have no
// RFC 3339 form; they come as DuckDB's words for them or as a count.
Cell time_cell(std::int64_t ticks, std::int64_t per_second) {
  if (ticks == std::numeric_limits<std::int64_t>::max()) return Cell(std::string("infinity"));
  if (ticks == -std::numeric_limits<std::int64_t>::max()) return Cell(std::string("-infinity"));
  std::int64_t second = ticks / per_second;
  std::int64_t rest = ticks % per_second;
  if (rest < 0) {
    rest += per_second;
    --second;
  }
  constexpr std::int64_t kYear0 = -62'167'219'200;
  constexpr std::int64_t kYear10000 = 253'402'300'800;
  if (second < kYear0 || second >= kYear10000) {
    return Cell(std::to_string(second) + " s since 1970");
  }
  const std::int64_t per_milli = std::max<std::int64_t>(per_second / 1'000, 1);
  const std::int64_t milli = per_second >= 1'000 ? rest / per_milli : 0;
  const Time time = time_from_millis(second * 1'000 + milli);
  if (per_second < 1'000 || rest % per_milli == 0) return Cell(time);
  // Finer than a millisecond: all its digits before the Z.
  std::string text = format_time(time);
  std::string finer = std::to_string(rest % per_milli + per_milli).substr(1);
  text.insert(text.size() - 1, finer);
  return Cell(std::move(text));
}

ResultKind kind_of(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN: return ResultKind::boolean;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER: return ResultKind::integer;
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE: return ResultKind::number;
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_DECIMAL: return ResultKind::exact;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
    case DUCKDB_TYPE_TIMESTAMP_TZ: return ResultKind::time;
    default: return ResultKind::text;
  }
}

Cell decimal_cell(const DuckColumn& column, std::size_t row, duckdb_type stored,
                  std::size_t scale) {
  switch (stored) {
    case DUCKDB_TYPE_SMALLINT: return Cell(decimal_text(column.at<std::int16_t>(row), scale));
    case DUCKDB_TYPE_INTEGER: return Cell(decimal_text(column.at<std::int32_t>(row), scale));
    case DUCKDB_TYPE_BIGINT: return Cell(decimal_text(column.at<std::int64_t>(row), scale));
    default: return Cell(decimal_text(wide(column.at<duckdb_hugeint>(row)), scale));
  }
}

template <class T>
Cell integer(const DuckColumn& column, std::size_t row) {
  return Cell(static_cast<std::int64_t>(column.at<T>(row)));
}

}  // namespace

Result<RowReader> RowReader::open(DuckDatabase& database, DuckResult& result) {
  RowReader reader;
  for (std::size_t i = 0; i < result.columns(); ++i) {
    Source source;
    source.type = result.type(i);
    source.logical = result.logical_type(i);
    if (source.type == DUCKDB_TYPE_DECIMAL) {
      source.scale = duckdb_decimal_scale(source.logical.get());
      source.stored = duckdb_decimal_internal_type(source.logical.get());
    }
    const ResultKind kind = kind_of(source.type);
    if (kind == ResultKind::text && source.type != DUCKDB_TYPE_VARCHAR) {
      source.cast = reader.cast_columns_.size();
      reader.cast_columns_.push_back(i);
    }
    reader.columns_.push_back(ResultColumn{result.name(i), kind, type_name(source.logical.get())});
    reader.sources_.push_back(std::move(source));
  }
  if (!reader.cast_columns_.empty()) TRY(reader.open_casts(database));
  return reader;
}

Status RowReader::open_casts(DuckDatabase& database) {
  TRY_ASSIGN(casts_, database.connect());
  std::string columns;
  for (std::size_t i = 0; i < cast_columns_.size(); ++i) {
    columns += (i > 0 ? ", t" : "t") + std::to_string(i) + " VARCHAR";
  }
  return casts_->execute("CREATE TEMP TABLE texts (" + columns + ")");
}

Status RowReader::cast_block(const DuckChunk& chunk) {
  std::vector<duckdb_logical_type> types;
  std::string casts;
  for (const std::size_t column : cast_columns_) {
    casts += (casts.empty() ? "CAST(col" : ", CAST(col") + std::to_string(types.size() + 1) +
             " AS VARCHAR)";
    types.push_back(sources_[column].logical.get());
  }
  TRY(casts_->execute("TRUNCATE texts"));
  duckdb_appender raw = nullptr;
  const std::string sql = "INSERT INTO texts SELECT " + casts + " FROM appended_data";
  const duckdb_state opened = duckdb_appender_create_query(
      casts_->get(), sql.c_str(), types.size(), types.data(), nullptr, nullptr, &raw);
  struct Appender {
    duckdb_appender handle;
    ~Appender() { duckdb_appender_destroy(&handle); }
  } appender{raw};
  const DuckChunk picked(duckdb_create_data_chunk(types.data(), types.size()));
  for (std::size_t i = 0; i < cast_columns_.size(); ++i) {
    duckdb_vector_reference_vector(picked.vector(i), chunk.vector(cast_columns_[i]));
  }
  duckdb_data_chunk_set_size(picked.get(), chunk.rows());
  if (opened != DuckDBSuccess ||
      duckdb_append_data_chunk(appender.handle, picked.get()) != DuckDBSuccess ||
      duckdb_appender_close(appender.handle) != DuckDBSuccess) {
    const char* error = duckdb_appender_error(appender.handle);
    return fail(ErrorCode::internal, error != nullptr ? error : "DuckDB casts no values to text");
  }
  TRY_ASSIGN(DuckResult result, casts_->stream("SELECT * FROM texts"));
  TRY_ASSIGN(std::optional<DuckChunk> texts, result.next());
  if (!texts || texts->rows() != chunk.rows()) {
    return fail(ErrorCode::internal, "DuckDB lost rows while casting them to text");
  }
  texts_ = std::move(*texts);
  return {};
}

Status RowReader::start(const DuckChunk& chunk) {
  if (!cast_columns_.empty()) TRY(cast_block(chunk));
  vectors_.clear();
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const bool cast = std::binary_search(cast_columns_.begin(), cast_columns_.end(), i);
    vectors_.emplace_back(cast ? texts_.vector(sources_[i].cast) : chunk.vector(i));
  }
  return {};
}

void RowReader::read(std::size_t i, std::vector<Cell>& cells) const {
  cells.resize(columns_.size());
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    cells[column] = cell(column, i);
  }
}

Cell RowReader::cell(std::size_t column, std::size_t row) const {
  const DuckColumn& values = vectors_[column];
  if (values.null(row)) return Cell();
  const Source& source = sources_[column];
  switch (source.type) {
    case DUCKDB_TYPE_BOOLEAN: return Cell(values.at<bool>(row));
    case DUCKDB_TYPE_TINYINT: return integer<std::int8_t>(values, row);
    case DUCKDB_TYPE_SMALLINT: return integer<std::int16_t>(values, row);
    case DUCKDB_TYPE_INTEGER: return integer<std::int32_t>(values, row);
    case DUCKDB_TYPE_BIGINT: return integer<std::int64_t>(values, row);
    case DUCKDB_TYPE_UTINYINT: return integer<std::uint8_t>(values, row);
    case DUCKDB_TYPE_USMALLINT: return integer<std::uint16_t>(values, row);
    case DUCKDB_TYPE_UINTEGER: return integer<std::uint32_t>(values, row);
    case DUCKDB_TYPE_UBIGINT: return Cell(digits_of(values.at<std::uint64_t>(row)));
    case DUCKDB_TYPE_FLOAT: return shortest(values.at<float>(row));
    case DUCKDB_TYPE_DOUBLE: return finite(values.at<double>(row));
    case DUCKDB_TYPE_HUGEINT: return Cell(decimal_text(wide(values.at<duckdb_hugeint>(row)), 0));
    case DUCKDB_TYPE_UHUGEINT: {
      const auto& value = values.at<duckdb_uhugeint>(row);
      return Cell(digits_of((static_cast<UInt128>(value.upper) << 64) | value.lower));
    }
    case DUCKDB_TYPE_DECIMAL: return decimal_cell(values, row, source.stored, source.scale);
    case DUCKDB_TYPE_TIMESTAMP_S: return time_cell(values.at<std::int64_t>(row), 1);
    case DUCKDB_TYPE_TIMESTAMP_MS: return time_cell(values.at<std::int64_t>(row), 1'000);
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ: return time_cell(values.at<std::int64_t>(row), 1'000'000);
    case DUCKDB_TYPE_TIMESTAMP_NS: return time_cell(values.at<std::int64_t>(row), 1'000'000'000);
    default: return Cell(std::string(values.text(row)));
  }
}

}  // namespace tideline
