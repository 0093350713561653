// Receiver: where alerts go, and which of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "domain/alert.h"

namespace tideline {

enum class ReceiverKind : std::uint8_t { webhook, slack, mail };
[[nodiscard]] std::string_view name_of(ReceiverKind kind);
[[nodiscard]] std::optional<ReceiverKind> receiver_kind_of(std::string_view name);

// "tier_entered", "tier_left", "action", "dead_letters", "trouble", "report"
[[nodiscard]] std::string_view name_of(AlertTopic topic);
[[nodiscard]] std::optional<AlertTopic> alert_topic_of(std::string_view name);

struct Receiver {
  std::string id;  // "rc_" and 16 digits
  std::string name;
  ReceiverKind kind = ReceiverKind::webhook;
  std::string target;                // URL; of mail: addresses with commas between
  std::vector<AlertTopic> topics;    // at least one
  std::vector<std::string> tiers;    // of tier moves; empty: all
  std::string min_priority = "low";  // of actions
  bool active = true;
  std::string why_inactive;  // empty: switched off by hand
  Duration digest{};         // alerts of that time are sent as one message; 0: each at once
  std::string secret;        // of a webhook: "whsec_…"
  std::string old_secret;    // signs too until then, so that the other side can change over
  Time old_secret_until{};
  Time created{};
};

// Errors: `invalid` with what is wrong and what is allowed.
[[nodiscard]] Status check_receiver(const Receiver& receiver);
// The addresses of a mail receiver.
[[nodiscard]] std::vector<std::string> mail_addresses(std::string_view target);

// Under which topic the receiver wants to hear of it; nullopt: not at all.
[[nodiscard]] std::optional<AlertTopic> wanted_as(const Receiver& receiver, const Alert& alert);

}  // namespace tideline
