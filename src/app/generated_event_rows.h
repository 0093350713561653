// Simulated events as rows of the files that `generate` writes.
#pragma once

#include <span>
#include <vector>

#include "adapters/duckdb/parquet_writer.h"
#include "domain/event.h"

namespace tideline {

[[nodiscard]] inline std::vector<GeneratedEvent> generated_rows(std::span<const Event> block) {
  std::vector<GeneratedEvent> rows;
  rows.reserve(block.size());
  for (const Event& event : block) {
    const bool came_later = event.arrival_time != event.event_time;
    rows.push_back({event.customer.str(), event.event_time, event.name,
                    std::string(name_of(event.type)), event.message_id.str(),
                    came_later ? std::optional(event.arrival_time) : std::nullopt,
                    event.properties});
  }
  return rows;
}

}  // namespace tideline
