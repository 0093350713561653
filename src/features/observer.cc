#include "features/observer.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <charconv>
#include <cmath>

#include "base/check.h"
#include "packs/spelling.h"

namespace tideline {
namespace {

constexpr double kLargest = 0x1.0p40;  // sums are exact below this

// Read of events with amounts even where the pack does not declare it.
const FieldSpec& hidden_currency() {
  static const FieldSpec field = [] {
    FieldSpec made;
    made.name = "currency";
    made.index = 0xFFFF;
    return made;
  }();
  return field;
}

std::string as_text(double number) {
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, number);
  return std::string(buffer, result.ptr);
}

tl::unexpected<Error> bad(const FieldSpec& field, const std::string& what) {
  return fail(ErrorCode::invalid, "property \"" + field.name + "\" " + what, "bad_property");
}

std::string kind_of(const PropertyValue& value) {
  if (std::holds_alternative<bool>(value)) return "true or false";
  if (std::holds_alternative<std::string_view>(value)) return "a text";
  if (std::holds_alternative<Nested>(value)) return "a list or an object";
  return "a number";
}

std::optional<double> number_in(const PropertyValue& value) {
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* large = std::get_if<std::uint64_t>(&value)) return static_cast<double>(*large);
  return std::nullopt;
}

std::optional<std::string> text_in(const PropertyValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
  if (const auto* real = std::get_if<double>(&value)) return as_text(*real);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return std::to_string(*whole);
  if (const auto* large = std::get_if<std::uint64_t>(&value)) return std::to_string(*large);
  return std::nullopt;
}

bool same_currency(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::toupper(x) == std::toupper(y);
  });
}

using FieldVariant = std::variant<double, std::string, bool>;

Result<FieldVariant> checked_number(const FieldSpec& field, const PropertyValue& value) {
  const auto number = number_in(value);
  if (!number) return bad(field, "is a number by the pack, and " + kind_of(value) + " was sent");
  if (!(std::fabs(*number) < kLargest)) return bad(field, "has a magnitude of 2^40 or more");
  if ((field.min && *number < *field.min) || (field.max && *number > *field.max)) {
    return bad(field, "is " + as_text(*number) + ", outside " +
                          (field.min ? as_text(*field.min) : "") + ".." +
                          (field.max ? as_text(*field.max) : ""));
  }
  return *number + 0.0;  // -0 is 0
}

Result<FieldVariant> checked(const FieldSpec& field, const PropertyValue& value) {
  switch (field.type) {
    case FieldType::number: return checked_number(field, value);
    case FieldType::boolean: {
      if (const bool* boolean = std::get_if<bool>(&value)) return *boolean;
      return bad(field, "is true or false by the pack, and " + kind_of(value) + " was sent");
    }
    case FieldType::text: {
      if (auto text = text_in(value)) return std::move(*text);
      return bad(field, "is an id or text by the pack, and " + kind_of(value) + " was sent");
    }
    case FieldType::choice: break;
  }
  const auto* text = std::get_if<std::string_view>(&value);
  if (text == nullptr) {
    return bad(field, "is one of " + listed(field.choices) + " by the pack, and " +
                          kind_of(value) + " was sent");
  }
  if (std::find(field.choices.begin(), field.choices.end(), *text) == field.choices.end()) {
    return bad(field, "is \"" + std::string(text->substr(0, 64)) + "\", and allowed are " +
                          listed(field.choices));
  }
  return std::string(*text);
}

}  // namespace

Observer::Observer(const Pack& pack)
    : pack_(&pack), events_(std::bit_ceil(2 * (pack.events().size() + 1))) {
  for (const EventSpec& spec : pack.events()) {
    const std::uint64_t hash = xxh64(spec.name);
    std::size_t at = hash;
    while (events_[at & (events_.size() - 1)].spec != nullptr) ++at;
    const bool has_money = std::any_of(spec.fields.begin(), spec.fields.end(),
                                       [](const FieldSpec& field) { return field.is_money; });
    events_[at & (events_.size() - 1)] = {hash, &spec, has_money};
  }
}

const Observer::KnownEvent* Observer::known(std::uint64_t hash, std::string_view name) const {
  for (std::size_t at = hash;; ++at) {
    const KnownEvent& event = events_[at & (events_.size() - 1)];
    if (event.spec == nullptr) return nullptr;
    if (event.hash == hash && event.spec->name == name) return &event;
  }
}

void Observer::begin(const EventFacts& event) {
  observation_.event = kUnknownEvent;
  observation_.name_hash = 0;
  observation_.fields.clear();
  observation_.foreign_currency = false;
  observation_.time = event.event_time;
  observation_.type = event.type;
  observation_.message = event.message_id;
  fields_ = nullptr;
  seen_.clear();
  has_money_ = false;
  foreign_ = false;
  const bool named = event.type == EventType::track || event.type == EventType::page ||
                     event.type == EventType::screen;
  if (named && !event.name.empty()) observation_.name_hash = xxh64(event.name);
  if (event.type == EventType::identify) fields_ = &pack_->traits();
  if (event.type != EventType::track) return;
  const KnownEvent* known_event = known(observation_.name_hash, event.name);
  if (known_event == nullptr) return;
  observation_.event = known_event->spec->index;
  fields_ = &known_event->spec->fields;
  has_money_ = known_event->has_money;
}

const FieldSpec* Observer::wanted(std::string_view property) const {
  if (fields_ == nullptr) return nullptr;
  for (const FieldSpec& field : *fields_) {
    if (field.name == property) return &field;
  }
  return has_money_ && property == "currency" ? &hidden_currency() : nullptr;
}

Status Observer::set(const FieldSpec& field, const PropertyValue& value) {
  CHECK(fields_ != nullptr);
  if (std::find(seen_.begin(), seen_.end(), &field) != seen_.end()) return {};
  seen_.push_back(&field);
  if (std::holds_alternative<std::monostate>(value)) return {};
  TRY_ASSIGN(FieldVariant taken, checked(field, value));
  if (has_money_ && field.name == "currency") {
    const std::string* currency = std::get_if<std::string>(&taken);
    foreign_ = currency != nullptr && !same_currency(*currency, pack_->currency());
  }
  if (&field != &hidden_currency()) {
    observation_.fields.push_back(FieldValue{field.index, std::move(taken)});
  }
  return {};
}

Observation Observer::take() {
  Observation observation;
  take(observation);
  return observation;
}

void Observer::take(Observation& observation) {
  if (foreign_) {
    observation_.foreign_currency = true;
    std::erase_if(observation_.fields,
                  [&](const FieldValue& value) { return pack_->fields()[value.field].is_money; });
  }
  const auto before = [](const FieldValue& a, const FieldValue& b) { return a.field < b.field; };
  auto& fields = observation_.fields;
  if (!std::is_sorted(fields.begin(), fields.end(), before)) {
    std::sort(fields.begin(), fields.end(), before);
  }
  fields_ = nullptr;
  // By member: texts and lists only change hands.
  observation.time = observation_.time;
  observation.type = observation_.type;
  observation.event = observation_.event;
  observation.name_hash = observation_.name_hash;
  observation.foreign_currency = observation_.foreign_currency;
  observation.message.swap(observation_.message);
  observation.fields.swap(observation_.fields);
}

}  // namespace tideline
