// CustomerState: everything kept of one customer to compute features: tiles, lifetime counters,
// times, traits.
//
// apply() is commutative: any order of the same observations gives the same bytes of encode().
// Observations later than the time that features are asked for are told apart exactly (design 4.4,
// the leading edge).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "features/observation.h"
#include "packs/pack.h"

namespace tideline {

struct EventCounter {
  std::string event;  // name, known to the pack
  std::uint64_t count = 0;
  Time first{};
  Time last{};
};

class CustomerState {
 public:
  CustomerState();
  ~CustomerState();
  CustomerState(CustomerState&&) noexcept;
  CustomerState& operator=(CustomerState&&) noexcept;
  CustomerState(const CustomerState&);
  CustomerState& operator=(const CustomerState&);

  // bad_property is found before (pipeline/decoder); apply cannot fail.
  void apply(const Pack& pack, std::span<const Observation> observations);

  // Back to a state without events; its memory serves for the next customer's of the same pack.
  // For passes over many customers.
  void clear();

  // Compact, versioned, deterministic bytes, and back; corrupt when they are not such bytes.
  [[nodiscard]] std::string encode(const Pack& pack) const;
  [[nodiscard]] static Result<CustomerState> decode(const Pack& pack, std::string_view bytes);
  // Becomes what the bytes say, as decode() does, in the memory that it has. For passes over many
  // customers of one pack. After an error: nothing that may be used, but read() again.
  [[nodiscard]] Status read(const Pack& pack, std::string_view bytes);

  // About how much memory the decoded state takes.
  [[nodiscard]] std::size_t memory_bytes() const;

  [[nodiscard]] std::optional<Time> first_event() const;  // any track, page or screen event
  [[nodiscard]] std::optional<Time> last_event() const;
  [[nodiscard]] std::optional<Time> last_qualifying() const;
  [[nodiscard]] std::uint64_t qualifying_count() const;  // lifetime
  [[nodiscard]] std::vector<EventCounter> counters(const Pack& pack) const;
  [[nodiscard]] std::uint64_t foreign_currency_count() const;
  [[nodiscard]] std::uint64_t event_count() const;  // lifetime; track, page and screen
  // Value of a trait: latest event time wins. `trait` is FieldSpec::index. nullopt: never sent.
  [[nodiscard]] std::optional<std::variant<double, std::string, bool>> trait(
      std::uint16_t trait) const;

  struct Parts;  // features/state_parts.h, for the module's own files
  [[nodiscard]] const Parts& parts() const { return *parts_; }

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace tideline
