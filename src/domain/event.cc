#include "domain/event.h"

#include <array>

namespace tideline {
namespace {
constexpr std::array<std::string_view, 6> kTypeNames = {"track",  "identify", "page",
                                                        "screen", "group",    "alias"};
constexpr std::array<std::string_view, 7> kVerdictNames = {
    "accepted", "applied", "late_applied", "duplicate", "conflict", "rejected", "dead_lettered"};
}  // namespace

std::string_view name_of(EventType type) { return kTypeNames[static_cast<std::size_t>(type)]; }

std::optional<EventType> event_type_of(std::string_view name) {
  for (std::size_t i = 0; i < kTypeNames.size(); ++i) {
    if (kTypeNames[i] == name) return static_cast<EventType>(i);
  }
  return std::nullopt;
}

std::uint16_t shard_of(const CustomerId& customer, std::uint16_t shards) {
  return shard_of(std::string_view(customer.str()), shards);
}

std::uint16_t shard_of(std::string_view customer_id, std::uint16_t shards) {
  return static_cast<std::uint16_t>(xxh64(customer_id) % shards);
}

std::string_view name_of(Verdict verdict) {
  return kVerdictNames[static_cast<std::size_t>(verdict)];
}

}  // namespace tideline
