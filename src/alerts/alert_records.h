// What is kept of alerts: records of Family::alerts, their keys and bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "alerts/delivery.h"
#include "alerts/receiver.h"
#include "base/result.h"
#include "domain/alert.h"

namespace tideline {

// An alert as people find it afterwards.
struct KeptAlert {
  Alert alert;
  std::string held_back;  // why no receiver heard of it: "cooldown"; empty: those who want it did
};

// Alerts that nobody has looked at yet, in the order of time.
[[nodiscard]] std::string queue_prefix();
[[nodiscard]] std::string queue_key(const Alert& alert);
// Those that were, in the order of time.
[[nodiscard]] std::string kept_alert_prefix();
[[nodiscard]] std::string kept_alert_key(const Alert& alert);
[[nodiscard]] std::string kept_alert_key(Time time);  // before all of that time

[[nodiscard]] std::string receiver_prefix();
[[nodiscard]] std::string receiver_key(std::string_view id);

// Deliveries of a receiver, in the order of time.
[[nodiscard]] std::string delivery_prefix();
[[nodiscard]] std::string delivery_prefix(std::string_view receiver);
[[nodiscard]] std::string delivery_key(std::string_view receiver, std::string_view id);
// "msg_", the time it was made and a hash: sorts by time, and has no full stop in it.
[[nodiscard]] std::string delivery_id(Time created, std::string_view content);
[[nodiscard]] Time time_of_delivery_id(std::string_view id);
// Those that wait, by when they are to be tried.
[[nodiscard]] std::string due_delivery_prefix();
[[nodiscard]] std::string due_key(const Delivery& delivery);
struct DueAt {
  Time time{};
  std::string receiver;
  std::string delivery;
};
[[nodiscard]] std::optional<DueAt> due_of_key(std::string_view key);

// Alerts that wait for a receiver's digest, in the order of time; and when that is due.
[[nodiscard]] std::string gathered_prefix(std::string_view receiver);
[[nodiscard]] std::string gathered_key(std::string_view receiver, const Alert& alert);
[[nodiscard]] std::string digest_key(std::string_view receiver);

// When something of a customer (empty: of all) was last told, and how much was held back since.
struct CooldownMark {
  Time told{};
  std::uint64_t held_back = 0;
};
[[nodiscard]] std::string cooldown_prefix();
[[nodiscard]] std::string cooldown_key(std::string_view customer, std::string_view subject);
// Troubles that are not over.
[[nodiscard]] std::string trouble_prefix();
[[nodiscard]] std::string trouble_key(std::string_view name);

[[nodiscard]] std::string encode(const Alert& alert);
[[nodiscard]] std::string encode(const KeptAlert& kept);
[[nodiscard]] std::string encode(const Receiver& receiver);
[[nodiscard]] std::string encode(const Delivery& delivery);
[[nodiscard]] std::string encode(const CooldownMark& mark);
[[nodiscard]] std::string encode_time(Time time);
// corrupt when the bytes are not what was written.
[[nodiscard]] Result<Alert> decode_alert(std::string_view bytes);
[[nodiscard]] Result<KeptAlert> decode_kept_alert(std::string_view bytes);
[[nodiscard]] Result<Receiver> decode_receiver(std::string_view bytes);
[[nodiscard]] Result<Delivery> decode_delivery(std::string_view bytes);
[[nodiscard]] Result<CooldownMark> decode_cooldown(std::string_view bytes);
[[nodiscard]] Time decode_time(std::string_view bytes);

// Of all that it says; the same happening has the same id.
[[nodiscard]] std::string alert_id(const Alert& alert);

}  // namespace tideline
