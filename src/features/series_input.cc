#include "features/series_input.h"

#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace tideline {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

double input_value(const Condition::Input& input, const Observation& observation) {
  const FieldValue* value = find_field(observation, input.field);
  if (!input.text) return number_of(value);
  const std::string* text = value == nullptr ? nullptr : std::get_if<std::string>(&value->value);
  if (text == nullptr) return kMissing;
  return *text == *input.text ? 1.0 : 0.0;
}

bool meets(const Condition& condition, const Observation& observation) {
  constexpr std::size_t kFew = 8;
  std::array<double, kFew> few;
  std::vector<double> many;
  double* slots = few.data();
  if (condition.inputs.size() > kFew) {
    many.resize(condition.inputs.size());
    slots = many.data();
  }
  for (std::size_t i = 0; i < condition.inputs.size(); ++i) {
    slots[i] = input_value(condition.inputs[i], observation);
  }
  return holds(condition.expression, std::span<const double>(slots, condition.inputs.size()));
}

}  // namespace

const FieldValue* find_field(const Observation& observation, std::uint16_t field) {
  for (const FieldValue& value : observation.fields) {
    if (value.field == field) return &value;
  }
  return nullptr;
}

double number_of(const FieldValue* value) {
  if (value == nullptr) return kMissing;
  if (const double* number = std::get_if<double>(&value->value)) return *number;
  if (const bool* boolean = std::get_if<bool>(&value->value)) return *boolean ? 1.0 : 0.0;
  return kMissing;
}

bool takes(const Series& series, const Route& route, const Observation& observation) {
  if (route.field == kEventName) {
    if (observation.name_hash == 0) return false;
  } else if (route.field != kNoField && find_field(observation, route.field) == nullptr) {
    return false;
  }
  return route.condition < 0 ||
         meets(series.conditions[static_cast<std::size_t>(route.condition)], observation);
}

const Route* route_of(const Series& series, const Observation& observation) {
  if (!is_activity(observation)) return nullptr;
  for (const Route& route : series.routes) {
    if (route.event != kAnyEvent && route.event != observation.event) continue;
    return takes(series, route, observation) ? &route : nullptr;
  }
  return nullptr;
}

std::optional<double> input_number(const Series& series, const Route& route,
                                   const Observation& observation) {
  const double value = number_of(find_field(observation, route.field));
  if (std::isnan(value)) return std::nullopt;
  if (!series.logs) return value;
  const double shifted = series.plus + value;
  if (!(shifted > 0)) return std::nullopt;
  return std::log(shifted);
}

std::uint64_t input_key(const Route& route, const Observation& observation) {
  if (route.field == kEventName) return observation.name_hash;
  const FieldValue* value = find_field(observation, route.field);
  if (value == nullptr) return 0;
  if (const std::string* text = std::get_if<std::string>(&value->value)) return xxh64(*text);
  return std::bit_cast<std::uint64_t>(number_of(value) + 0.0);  // -0 is 0
}

}  // namespace tideline
