// Actions and tiers set by hand as JSON and CSV, and what is read of requests about them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "api/json_writer.h"
#include "api/services.h"
#include "domain/action_life.h"
#include "http/message.h"

namespace tideline {

// An action with how its customer stands now, and how it stood a lapse period after.
struct ShownAction {
  OwnedAction owned;
  std::string sentence;          // with the newest numbers while it holds
  std::string tier;              // now; empty: none
  std::optional<double> risk;    // of leaving, 0..1, now
  std::optional<double> health;  // now
  std::optional<FollowUp> follow_up;
};

struct ActionSources {
  const Pack& pack;
  StateStore& state;
  const Rescorer& rescorer;
  Inbox& inbox;
};
[[nodiscard]] inline ActionSources sources_of(Services& services) {
  return {services.pack, services.state, services.rescorer, *services.inbox};
}
// Looks the customers up, all at once.
[[nodiscard]] Result<std::vector<ShownAction>> shown_actions(const ActionSources& sources,
                                                             std::vector<OwnedAction> actions);

void write_action(JsonWriter& json, const ShownAction& action);
// The member "counts": by status, then priority.
void write_counts(JsonWriter& json, const Inbox::Counts& counts);
// {"results":[…]}: what came of each request.
[[nodiscard]] Result<std::string> bulk_answer(const ActionSources& sources,
                                              std::span<const ActionRequest> requests,
                                              std::span<const Result<OwnedAction>> results);
[[nodiscard]] std::string action_csv(const std::vector<ShownAction>& actions);
void write_override(JsonWriter& json, const TierOverride& one);

// What a body asks for, of one action or of each of many: version, owner, until, reason, note,
// outcome. `step` decides which of them count.
[[nodiscard]] Result<ActionRequest> parse_action_request(ActionStep step, std::string_view body);
// Bulk: {"change": "done", "actions": [{"id", "version"}], …}; at most kBulkMax.
inline constexpr std::size_t kBulkMax = 1'000;
[[nodiscard]] Result<std::vector<ActionRequest>> parse_bulk_request(std::string_view body);

struct OverrideRequest {
  std::string tier;
  std::string reason;
  Time expires{};
};
[[nodiscard]] Result<OverrideRequest> parse_override_request(std::string_view body);

}  // namespace tideline
