#include "alerts/alert_router.h"

#include <set>

#include "alerts/alert_words.h"

namespace tideline {
namespace {

constexpr std::size_t kAlertsMax = 1'000;    // of one round
constexpr std::size_t kGatheredMax = 1'000;  // of one digest
constexpr std::size_t kRemovedMax = 20'000;  // in one write
// What is over a receiver's rate is gathered that long.
constexpr Duration kRateWindow = std::chrono::minutes(1);
constexpr Duration kMinute = std::chrono::minutes(1);

// What is told once in a while. Empty: every time.
std::string subject_of(const Alert& alert) {
  if (const auto* move = std::get_if<TierMove>(&alert.what))
    return "tier:" + move->from + ">" + move->to;
  if (const auto* made = std::get_if<NewAction>(&alert.what)) return "play:" + made->action.play;
  if (const auto* aside = std::get_if<SetAside>(&alert.what))
    return "dead_letters:" + std::string(name_of(aside->code)) + ":" + aside->source.str();
  return {};
}

std::string gathered_value(const ToldAlert& told) {
  return std::string(1, static_cast<char>(told.topic)) + encode(told.alert);
}
Result<ToldAlert> gathered_of(std::string_view value) {
  if (value.empty()) return fail(ErrorCode::corrupt, "state holds a broken alert");
  TRY_ASSIGN(Alert alert, decode_alert(value.substr(1)));
  return ToldAlert{std::move(alert), static_cast<AlertTopic>(value.front())};
}

}  // namespace

struct AlertRouter::Round {
  Time now{};
  std::vector<Receiver> receivers;
  WriteBatch writes;
  std::vector<Alert> alerts;
  std::size_t taken = 0;
  std::map<std::string, CooldownMark> marks;  // by key, as this round leaves them
  std::set<std::string> gathering;            // receivers that have a digest coming
};

Delivery new_delivery(const Receiver& receiver, const std::vector<ToldAlert>& alerts,
                      const MessageStyle& style, Time now) {
  Delivery delivery;
  std::string content = receiver.id;
  for (const ToldAlert& told : alerts) {
    content += told.alert.id;
    delivery.alerts.push_back(told.alert.id);
  }
  delivery.id = delivery_id(now, content);
  delivery.receiver = receiver.id;
  delivery.created = now;
  Message message = message_of(receiver, alerts, style, delivery.id, now);
  delivery.type = std::move(message.type);
  delivery.subject = std::move(message.subject);
  delivery.body = std::move(message.body);
  try_again(delivery, now);
  return delivery;
}

Result<std::size_t> AlertRouter::route() {
  Round round;
  round.now = clock_.now();
  TRY_ASSIGN(round.receivers, receivers_.list());
  TRY(take_queue(round));
  for (Alert& alert : round.alerts) TRY(judge(round, std::move(alert)));
  for (const Receiver& receiver : round.receivers) {
    TRY_ASSIGN(const auto due, store_.get(Family::alerts, digest_key(receiver.id)));
    if (due && decode_time(*due) <= round.now) TRY(send_digest(round, receiver));
  }
  for (const auto& [key, mark] : round.marks) round.writes.put(Family::alerts, key, encode(mark));
  if (round.writes.empty()) return std::size_t{0};
  TRY(store_.write(round.writes, Durability::later));
  return round.taken;
}

// Dead letters of one reason and source come in many small alerts, one a batch; here they are one.
Status AlertRouter::take_queue(Round& round) {
  std::map<std::string, std::size_t> merged;  // by subject, places in alerts
  std::optional<Error> broken;
  TRY(store_.scan(Family::alerts, queue_prefix(), prefix_end(queue_prefix()),
                  [&](std::string_view key, std::string_view value) {
                    auto alert = decode_alert(value);
                    round.writes.remove(Family::alerts, std::string(key));
                    ++round.taken;
                    if (!alert)
                      return true;  // of another version of the program: nobody can read it
                    if (const auto* aside = std::get_if<SetAside>(&alert->what)) {
                      const auto [place, fresh] =
                          merged.emplace(subject_of(*alert), round.alerts.size());
                      if (!fresh) {
                        std::get<SetAside>(round.alerts[place->second].what).count += aside->count;
                        return round.taken < kAlertsMax;
                      }
                    }
                    round.alerts.push_back(std::move(*alert));
                    return round.taken < kAlertsMax;
                  }));
  return {};
}

Status AlertRouter::judge(Round& round, Alert alert) {
  TRY_ASSIGN(const bool lately, is_told_lately(round, alert));
  // Of dead letters only the count goes on; they can be seen where they are.
  if (lately && std::holds_alternative<SetAside>(alert.what)) return {};
  round.writes.put(Family::alerts, kept_alert_key(alert),
                   encode(KeptAlert{alert, lately ? "cooldown" : ""}));
  if (lately) return {};
  for (const Receiver& receiver : round.receivers) {
    if (!receiver.active) continue;
    const auto topic = wanted_as(receiver, alert);
    if (topic) TRY(tell(round, receiver, {alert, *topic}));
  }
  return {};
}

Result<bool> AlertRouter::is_told_lately(Round& round, Alert& alert) {
  const std::string subject = subject_of(alert);
  if (subject.empty()) return false;
  const std::string key = cooldown_key(customer_of(alert), subject);
  auto found = round.marks.find(key);
  if (found == round.marks.end()) {
    TRY_ASSIGN(const auto bytes, store_.get(Family::alerts, key));
    if (bytes) {
      TRY_ASSIGN(const CooldownMark mark, decode_cooldown(*bytes));
      found = round.marks.emplace(key, mark).first;
    }
  }
  auto* aside = std::get_if<SetAside>(&alert.what);
  const Duration cooldown = aside ? options_.dead_letter_cooldown : options_.cooldown;
  if (found != round.marks.end() && alert.time - found->second.told < cooldown) {
    found->second.held_back += aside ? aside->count : 1;
    return true;
  }
  if (aside && found != round.marks.end()) aside->count += found->second.held_back;
  round.marks[key] = CooldownMark{alert.time, 0};
  return false;
}

Status AlertRouter::tell(Round& round, const Receiver& receiver, ToldAlert told) {
  if (receiver.digest > Duration(0)) return gather(round, receiver, told, receiver.digest);
  // What waits goes out together with what comes, in order.
  TRY_ASSIGN(const auto waiting, store_.get(Family::alerts, digest_key(receiver.id)));
  if (waiting || round.gathering.contains(receiver.id) || !within_rate(receiver, round.now))
    return gather(round, receiver, told, kRateWindow);
  add_delivery(round, receiver, {std::move(told)});
  return {};
}

bool AlertRouter::within_rate(const Receiver& receiver, Time now) {
  TokenBucket& bucket = rates_
                            .try_emplace(receiver.id, options_.messages_per_min / 60.0,
                                         options_.messages_per_min, now)
                            .first->second;
  if (bucket.wait(now) > Duration(0)) return false;
  bucket.charge(1, now);
  return true;
}

Status AlertRouter::gather(Round& round, const Receiver& receiver, const ToldAlert& told,
                           Duration window) {
  round.writes.put(Family::alerts, gathered_key(receiver.id, told.alert), gathered_value(told));
  if (!round.gathering.insert(receiver.id).second) return {};
  TRY_ASSIGN(const auto due, store_.get(Family::alerts, digest_key(receiver.id)));
  if (!due) {
    round.writes.put(Family::alerts, digest_key(receiver.id), encode_time(round.now + window));
  }
  return {};
}

Status AlertRouter::send_digest(Round& round, const Receiver& receiver) {
  std::vector<ToldAlert> alerts;
  bool more = false;
  const std::string prefix = gathered_prefix(receiver.id);
  TRY(store_.scan(Family::alerts, prefix, prefix_end(prefix),
                  [&](std::string_view key, std::string_view value) {
                    more = alerts.size() == kGatheredMax;
                    if (more) return false;
                    round.writes.remove(Family::alerts, std::string(key));
                    if (auto told = gathered_of(value)) alerts.push_back(std::move(*told));
                    return true;
                  }));
  if (receiver.active && !alerts.empty()) add_delivery(round, receiver, alerts);
  // What this round gathered waits for the next digest.
  if (more) return {};
  if (round.gathering.contains(receiver.id)) {
    const Duration window = receiver.digest > Duration(0) ? receiver.digest : kRateWindow;
    round.writes.put(Family::alerts, digest_key(receiver.id), encode_time(round.now + window));
  } else {
    round.writes.remove(Family::alerts, digest_key(receiver.id));
  }
  return {};
}

void AlertRouter::add_delivery(Round& round, const Receiver& receiver,
                               const std::vector<ToldAlert>& alerts) {
  const Delivery delivery = new_delivery(receiver, alerts, options_.style, round.now);
  round.writes.put(Family::alerts, delivery_key(receiver.id, delivery.id), encode(delivery));
  round.writes.put(Family::alerts, due_key(delivery), "");
}

Status AlertRouter::remove_old() {
  const Time now = clock_.now();
  const Time keep_from = now - options_.keep;
  WriteBatch old;
  const auto remove = [&](std::string_view key) {
    old.remove(Family::alerts, std::string(key));
    return old.operations().size() < kRemovedMax;
  };
  TRY(store_.scan(Family::alerts, kept_alert_prefix(), kept_alert_key(keep_from),
                  [&](std::string_view key, std::string_view) { return remove(key); }));
  TRY_ASSIGN(const auto receivers, receivers_.list());
  for (const Receiver& receiver : receivers) {
    TRY(store_.scan(Family::alerts, delivery_prefix(receiver.id),
                    delivery_key(receiver.id, delivery_id(keep_from, "")),
                    [&](std::string_view key, std::string_view value) {
                      const auto delivery = decode_delivery(value);
                      if (delivery && delivery->status == DeliveryStatus::waiting) return true;
                      return remove(key);
                    }));
  }
  const Duration longest = std::max(options_.cooldown, options_.dead_letter_cooldown);
  TRY(store_.scan(Family::alerts, cooldown_prefix(), prefix_end(cooldown_prefix()),
                  [&](std::string_view key, std::string_view value) {
                    const auto mark = decode_cooldown(value);
                    const bool holds = mark && now - mark->told < longest;
                    return holds || remove(key);
                  }));
  if (old.empty()) return {};
  return store_.write(old, Durability::later);
}

}  // namespace tideline
