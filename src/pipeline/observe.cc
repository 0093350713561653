#include "pipeline/observe.h"

#include <charconv>

#include "pipeline/json_scan.h"

namespace tideline {
namespace {

// A raw JSON number; integers stay integers as far as 64 bits hold them.
PropertyValue number_of(std::string_view raw) {
  const char* end = raw.data() + raw.size();
  std::int64_t integer = 0;
  if (const auto r = std::from_chars(raw.data(), end, integer);
      r.ec == std::errc{} && r.ptr == end)
    return integer;
  std::uint64_t natural = 0;
  if (const auto r = std::from_chars(raw.data(), end, natural);
      r.ec == std::errc{} && r.ptr == end)
    return natural;
  double real = 0;
  std::from_chars(raw.data(), end, real);
  return real;
}

}  // namespace

Status observe(Observer& observer, const EventFacts& event, Observation& observation) {
  observer.begin(event);
  for (JsonCursor cursor(event.properties); cursor.next();) {
    const std::string_view quoted = cursor.key();
    const bool plain = quoted.find('\\') == std::string_view::npos;
    const std::string escaped = plain ? std::string() : unquoted(quoted).value_or(std::string());
    const FieldSpec* field =
        observer.wanted(plain ? quoted.substr(1, quoted.size() - 2) : std::string_view(escaped));
    if (!field) continue;
    const std::string_view raw = cursor.value();
    std::string text;
    PropertyValue value;
    switch (raw.front()) {
      case '"':
        text = unquoted(raw).value_or(std::string());
        value = std::string_view(text);
        break;
      case 't': value = true; break;
      case 'f': value = false; break;
      case 'n': break;
      case '{':
      case '[': value = Nested{}; break;
      default: value = number_of(raw);
    }
    TRY(observer.set(*field, value));
  }
  observer.take(observation);
  return {};
}

}  // namespace tideline
