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

// Of a raw JSON string; escapes are resolved in `scratch`.
std::string_view text_of(std::string_view raw, std::string& scratch) {
  if (raw.find('\\') == std::string_view::npos) return raw.substr(1, raw.size() - 2);
  scratch = unquoted(raw).value_or(std::string());
  return scratch;
}

}  // namespace

Status observe(Observer& observer, const EventFacts& event, Observation& observation) {
  observer.begin(event);
  for (JsonCursor cursor(event.properties); cursor.next();) {
    const std::string_view quoted = cursor.key();
    std::string text;
    const FieldSpec* field = observer.wanted(text_of(quoted, text));
    if (!field) continue;
    const std::string_view raw = cursor.value();
    PropertyValue value;
    switch (raw.front()) {
      case '"': value = text_of(raw, text); break;
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
