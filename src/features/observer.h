// Observer: turns events with their properties into observations, by the declarations of a pack.
//
// The decoder walks the JSON once and hands every property that `wanted` knows to `set`; it keeps
// no JSON here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "domain/event.h"
#include "features/observation.h"
#include "packs/pack.h"

namespace tideline {

// An array or object where a plain value is expected.
struct Nested {};
using PropertyValue = std::variant<std::monostate /* null */, bool, std::int64_t, std::uint64_t,
                                   double, std::string_view, Nested>;

class Observer {
 public:
  // `pack` must outlive the observer.
  explicit Observer(const Pack& pack);

  // Starts an event; what an event before it left is dropped.
  void begin(const EventFacts& event);
  void begin(const Event& event) { begin(facts_of(event)); }

  // The declaration of a property (track) or trait (identify) of this event; nullptr: it is not
  // read.
  [[nodiscard]] const FieldSpec* wanted(std::string_view property) const;

  // Takes a value. null counts as absent; of a property that comes twice the first is taken. The
  // error is `invalid` with reason "bad_property": wrong type, out of the declared range, not one
  // of the choices, a magnitude of 2^40 or more.
  [[nodiscard]] Status set(const FieldSpec& field, const PropertyValue& value);

  // The observation of the event; the observer is then ready for `begin`.
  [[nodiscard]] Observation take();
  // The same into `observation`, whose memory serves for the next event.
  void take(Observation& observation);

 private:
  // By the hash of the name, open addressing.
  struct KnownEvent {
    std::uint64_t hash = 0;
    const EventSpec* spec = nullptr;  // nullptr: free
    bool has_money = false;
  };
  [[nodiscard]] const KnownEvent* known(std::uint64_t hash, std::string_view name) const;

  const Pack* pack_;
  std::vector<KnownEvent> events_;                  // a power of two
  const std::vector<FieldSpec>* fields_ = nullptr;  // of the event at hand
  Observation observation_;
  std::vector<const FieldSpec*> seen_;
  bool has_money_ = false;  // the event has a property in the pack's currency
  bool foreign_ = false;
};

}  // namespace tideline
