// What each aggregate of the language takes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "packs/program.h"

namespace tideline {

struct AggregateForm {
  enum class Property : std::uint8_t {
    optional,  // with one, only events that carry it count
    number,    // needs a number or a boolean
    value,     // needs any property, or any.name
  };

  const char* name;
  AggregateKind kind;
  Property property;
  Accumulator accumulator;  // of a window
  Accumulator ever;         // of `ever`; bag: not possible
  bool missing_when_empty;
  bool takes_before;
  bool takes_ahead;
};

// nullptr: no aggregate of that name.
[[nodiscard]] const AggregateForm* find_aggregate_form(std::string_view name);
[[nodiscard]] std::vector<std::string> aggregate_names();

[[nodiscard]] inline bool is_blocks(AggregateKind kind) {
  return kind == AggregateKind::blocks_mean || kind == AggregateKind::blocks_sd ||
         kind == AggregateKind::blocks_active;
}

}  // namespace tideline
