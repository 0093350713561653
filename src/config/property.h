// Property: one row of the table of settings: key, bounds, unit, sentence, and where its value
// lives.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "config/settings.h"

namespace tideline {

// The field of Settings that a property fills.
using PropertyField = std::variant<bool& (*)(Settings&), std::uint32_t& (*)(Settings&),
                                   std::uint64_t& (*)(Settings&), double& (*)(Settings&),
                                   std::string& (*)(Settings&), Duration& (*)(Settings&)>;

// What a property's text must be beyond its bounds.
enum class PropertyForm {
  plain,
  listen_address,
  time_zone,
  log_level,
  visitor_role,
  mail_security,
  paper,
  time_of_day,
  weekday,
};

struct Property {
  std::string_view key;  // "ingest.batch_events_max"; the unit is its last word
  PropertyField field;
  double low = 0;  // bounds of numbers, both included, in the unit of the key
  double high = 0;
  std::string_view sentence;    // for docs/settings.md
  Duration unit = Duration(0);  // of durations: what 1 in the text means
  PropertyForm form = PropertyForm::plain;
  bool hidden = false;  // left out of the documents; needs a build with faults
};

// In the order of the documents: grouped by section.
[[nodiscard]] std::span<const Property> property_table();
[[nodiscard]] const Property* find_property(std::string_view key);
// The key with the smallest edit distance to `key`, among those that are not hidden.
[[nodiscard]] std::string_view nearest_key(std::string_view key);

// Checks `text` and stores it. Numbers are plain decimals in the key's unit.
[[nodiscard]] Status assign(const Property& property, std::string_view text, Settings& settings);
// The present value as `assign` would take it.
[[nodiscard]] std::string value_text(const Property& property, const Settings& settings);
// "integer, 1 to 10000"
[[nodiscard]] std::string allowed_text(const Property& property);
// TIDELINE_INGEST__BATCH_EVENTS_MAX
[[nodiscard]] std::string environment_name(const Property& property);

// docs/settings.md, made from the table.
[[nodiscard]] std::string settings_markdown();

}  // namespace tideline
