// Lake: the history as Parquet files that any engine reads. Two implementations: DuckDB
// (adapters/duckdb) and MemoryLake; one contract suite over both (ports/lake_contract.h).
//
// Which files count is not the lake's to decide: that is the manifest, kept by pipeline/archive.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "domain/event.h"

namespace tideline {

// One applied event as a row of lake/events.
struct EventRow {
  Event event;
  Place place;
  bool operator==(const EventRow&) const = default;
};

// A column of a table other than events.
enum class ColumnType : std::uint8_t { text, number, integer, time, boolean };
struct Column {
  std::string name;
  ColumnType type = ColumnType::text;
  bool operator==(const Column&) const = default;
};
// monostate: null.
using Cell = std::variant<std::monostate, std::string, double, std::int64_t, Time, bool>;

struct Rows {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> cells;  // [row][column]
};

[[nodiscard]] bool is_utf8(std::string_view text);
// The text with U+FFFD for each byte that is no part of a character.
[[nodiscard]] std::string as_utf8(std::string_view text);

class Lake {
 public:
  // Return false to stop.
  using EventVisitor = std::function<Result<bool>(std::span<const EventRow>)>;
  using FactsVisitor = std::function<Result<bool>(std::span<const EventFacts>)>;

  virtual ~Lake() = default;

  // Writes `file` ("events/dt=2026-01-02/NAME.parquet", relative to the lake's folder), making the
  // folders it needs: temporary name, sync, rename, sync of the folder; an existing file is
  // replaced. Rows keep their order.
  // An event's texts are UTF-8, else `invalid`; in other tables each byte that is not becomes
  // U+FFFD.
  virtual Status write_events(const std::string& file, std::span<const EventRow> rows) = 0;
  virtual Status write_rows(const std::string& file, const Rows& rows) = 0;
  // Visits the rows of events files in blocks of at most 65,536, only those with arrival_time <=
  // `arrived_by` where given, ordered by customer_id, event_time, message_id (so that one
  // customer's rows come together).
  virtual Status scan_events(std::span<const std::string> files, std::optional<Time> arrived_by,
                             const EventVisitor& visit) = 0;
  // The same rows in any order, which is many times faster, and only what features need of them.
  // What the facts point to holds until the visitor returns.
  virtual Status scan_facts(std::span<const std::string> files, std::optional<Time> arrived_by,
                            const FactsVisitor& visit) = 0;
  // The newest rows of one customer, by event time and message id downwards, before `before` where
  // given; at most `limit`.
  [[nodiscard]] virtual Result<std::vector<EventRow>> newest_events(
      std::span<const std::string> files, const CustomerId& customer, std::optional<Time> before,
      std::size_t limit) = 0;
  // Rewrites the rows of `files` (one table, one date) into the single file `into`.
  virtual Status merge(std::span<const std::string> files, const std::string& into) = 0;
  // All files below the folder, relative names, also those no manifest knows; and removal of some.
  [[nodiscard]] virtual Result<std::vector<std::string>> list() = 0;
  virtual Status remove(std::span<const std::string> files) = 0;
  // Reads every byte of a file back and counts its rows; corrupt when it cannot.
  [[nodiscard]] virtual Result<std::uint64_t> verify(const std::string& file) = 0;
};

}  // namespace tideline
