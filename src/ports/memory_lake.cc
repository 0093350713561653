#include "ports/memory_lake.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace tideline {
namespace {

constexpr std::size_t kBlockRows = 65'536;

tl::unexpected<Error> missing(const std::string& file) {
  return fail(ErrorCode::not_found, "no file " + file + " in the lake");
}

auto order_of(const EventRow& row) {
  return std::tie(row.event.customer, row.event.event_time, row.event.message_id, row.event.source,
                  row.place);
}

Cell stored(Cell cell) {
  const double* number = std::get_if<double>(&cell);
  if (number != nullptr && !std::isfinite(*number)) return Cell{};
  const std::string* text = std::get_if<std::string>(&cell);
  if (text != nullptr && !is_utf8(*text)) return as_utf8(*text);
  return cell;
}

// Columns by name, those of earlier files first; cells a file lacks are null.
void append_by_name(Rows& all, const Rows& more) {
  std::vector<std::size_t> target;
  for (const Column& column : more.columns) {
    auto known = std::find_if(all.columns.begin(), all.columns.end(),
                              [&](const Column& c) { return c.name == column.name; });
    target.push_back(static_cast<std::size_t>(known - all.columns.begin()));
    if (known == all.columns.end()) all.columns.push_back(column);
  }
  for (auto& row : all.cells) row.resize(all.columns.size());
  for (const auto& cells : more.cells) {
    auto& row = all.cells.emplace_back(all.columns.size());
    for (std::size_t i = 0; i < cells.size(); ++i) row[target[i]] = cells[i];
  }
}

}  // namespace

Status MemoryLake::write_events(const std::string& file, std::span<const EventRow> rows) {
  for (const EventRow& row : rows) {
    const Event& e = row.event;
    for (const std::string* text :
         {&e.customer.str(), &e.name, &e.source.str(), &e.message_id.str(), &e.properties,
          &e.anonymous_id, &e.previous_id}) {
      if (!is_utf8(*text)) return fail(ErrorCode::invalid, "an event's text is not UTF-8");
    }
  }
  const std::lock_guard lock(mutex_);
  files_[file] = File{std::vector<EventRow>(rows.begin(), rows.end())};
  return {};
}

Status MemoryLake::write_rows(const std::string& file, const Rows& rows) {
  Rows kept = rows;
  for (auto& row : kept.cells) {
    if (row.size() != rows.columns.size()) {
      return fail(ErrorCode::invalid, file + ": a row has another width than the columns");
    }
    for (Cell& cell : row) cell = stored(std::move(cell));
  }
  const std::lock_guard lock(mutex_);
  files_[file] = File{std::move(kept)};
  return {};
}

Result<std::vector<EventRow>> MemoryLake::events_of(std::span<const std::string> files) const {
  const std::lock_guard lock(mutex_);
  std::vector<EventRow> all;
  for (const std::string& file : files) {
    auto found = files_.find(file);
    if (found == files_.end()) return missing(file);
    const auto* rows = std::get_if<std::vector<EventRow>>(&found->second.content);
    if (rows == nullptr) return fail(ErrorCode::invalid, file + " is no file of events");
    all.insert(all.end(), rows->begin(), rows->end());
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const EventRow& a, const EventRow& b) { return order_of(a) < order_of(b); });
  return all;
}

Status MemoryLake::scan_events(std::span<const std::string> files, std::optional<Time> arrived_by,
                               const EventVisitor& visit) {
  TRY_ASSIGN(std::vector<EventRow> rows, events_of(files));
  if (arrived_by) {
    std::erase_if(rows, [&](const EventRow& row) { return row.event.arrival_time > *arrived_by; });
  }
  const std::span<const EventRow> all(rows);
  for (std::size_t at = 0; at < all.size(); at += kBlockRows) {
    TRY_ASSIGN(const bool more, visit(all.subspan(at, std::min(kBlockRows, all.size() - at))));
    if (!more) break;
  }
  return {};
}

Status MemoryLake::scan_facts(std::span<const std::string> files, std::optional<Time> arrived_by,
                              const FactsVisitor& visit) {
  return scan_events(files, arrived_by, [&](std::span<const EventRow> rows) -> Result<bool> {
    std::vector<EventFacts> facts;
    for (const EventRow& row : rows) facts.push_back(facts_of(row.event));
    return visit(facts);
  });
}

Result<std::vector<EventRow>> MemoryLake::newest_events(std::span<const std::string> files,
                                                        const CustomerId& customer,
                                                        std::optional<Time> before,
                                                        std::size_t limit) {
  TRY_ASSIGN(std::vector<EventRow> rows, events_of(files));
  std::erase_if(rows, [&](const EventRow& row) {
    return row.event.customer != customer || (before && row.event.event_time >= *before);
  });
  std::sort(rows.begin(), rows.end(), [](const EventRow& a, const EventRow& b) {
    return std::tie(a.event.event_time, a.event.message_id) >
           std::tie(b.event.event_time, b.event.message_id);
  });
  if (rows.size() > limit) rows.resize(limit);
  return rows;
}

Status MemoryLake::merge(std::span<const std::string> files, const std::string& into) {
  if (into.starts_with("events/")) {
    TRY_ASSIGN(const std::vector<EventRow> rows, events_of(files));
    return write_events(into, rows);
  }
  Rows all;
  for (const std::string& file : files) {
    const std::optional<Rows> some = rows(file);
    if (!some) return missing(file);
    append_by_name(all, *some);
  }
  return write_rows(into, all);
}

Result<std::vector<std::string>> MemoryLake::list() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, file] : files_) names.push_back(name);
  return names;
}

Status MemoryLake::remove(std::span<const std::string> files) {
  const std::lock_guard lock(mutex_);
  for (const std::string& file : files) files_.erase(file);
  return {};
}

Result<std::uint64_t> MemoryLake::verify(const std::string& file) {
  const std::lock_guard lock(mutex_);
  auto found = files_.find(file);
  if (found == files_.end()) return missing(file);
  if (found->second.damaged) return fail(ErrorCode::corrupt, file + " is damaged");
  const auto* events = std::get_if<std::vector<EventRow>>(&found->second.content);
  return events != nullptr ? events->size() : std::get<Rows>(found->second.content).cells.size();
}

std::optional<Rows> MemoryLake::rows(const std::string& file) const {
  const std::lock_guard lock(mutex_);
  auto found = files_.find(file);
  if (found == files_.end()) return std::nullopt;
  const auto* rows = std::get_if<Rows>(&found->second.content);
  return rows != nullptr ? std::optional<Rows>(*rows) : std::nullopt;
}

void MemoryLake::damage(const std::string& file) {
  const std::lock_guard lock(mutex_);
  auto found = files_.find(file);
  if (found != files_.end()) found->second.damaged = true;
}

}  // namespace tideline
