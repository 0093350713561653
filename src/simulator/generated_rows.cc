#include "simulator/generated_rows.h"

#include <cstdio>
#include <iterator>

#include "base/hash.h"

namespace tideline {

void RowHash::add(std::string_view row) {
  value_ = xxh64(row, value_);
  ++rows_;
}

void RowHash::add(const Event& event) {
  row_.clear();
  row_.append(event.customer.str())
      .append(1, '\x1f')
      .append(std::to_string(millis(event.event_time)));
  row_.append(1, '\x1f').append(name_of(event.type)).append(1, '\x1f').append(event.name);
  row_.append(1, '\x1f').append(event.message_id.str()).append(1, '\x1f').append(event.properties);
  if (event.arrival_time != event.event_time)
    row_.append(1, '\x1f').append(std::to_string(millis(event.arrival_time)));
  add(std::string_view(row_));
}

std::string RowHash::hex() const {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value_));
  return text;
}

void FileDisturber::disturb(std::vector<Event>& block) {
  std::vector<Event> again = std::move(again_);
  again_.clear();
  if (options_.any()) {
    for (Event& event : block) disturb_one(event);
  }
  block.insert(block.end(), std::make_move_iterator(again.begin()),
               std::make_move_iterator(again.end()));
  counts_.sent += block.size();
  counts_.duplicates += again.size();
}

void FileDisturber::disturb_one(Event& event) {
  const Flaw flaw = flaw_of(options_, event);
  if (flaw == Flaw::duplicate) again_.push_back(event);
  if (flaw == Flaw::malformed) {
    ++counts_.malformed[static_cast<std::size_t>(malform(options_, event))];
  }
  if (flaw != Flaw::late) return;
  // What would come after the end has not come.
  const Time arrival = event.event_time + delay_of(options_, event);
  if (arrival >= end_) return;
  event.arrival_time = arrival;
  ++counts_.late;
}

}  // namespace tideline
