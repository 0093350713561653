#include "domain/dead_letter.h"

#include <array>

namespace tideline {
namespace {
constexpr std::array<std::string_view, 14> kNames = {
    "malformed_json", "not_an_event", "missing_type", "unknown_type", "missing_customer",
    "missing_event",  "bad_time",     "bad_id",       "too_large",    "too_deep",
    "conflict",       "too_late",     "bad_property", "poison"};
}  // namespace

std::string_view name_of(DeadLetterCode code) { return kNames[static_cast<std::size_t>(code)]; }

std::optional<DeadLetterCode> dead_letter_code_of(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<DeadLetterCode>(i);
  }
  return std::nullopt;
}

}  // namespace tideline
