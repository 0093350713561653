#include "alerts/alert_sender.h"

#include "alerts/alert_router.h"
#include "alerts/signature.h"

namespace tideline {
namespace {

constexpr int kGone = 410;
constexpr int kMailRefused = 500;  // from here on SMTP means: never

Result<std::optional<Delivery>> load_delivery(StateStore& store, const std::string& receiver,
                                              const std::string& id) {
  TRY_ASSIGN(const auto bytes, store.get(Family::alerts, delivery_key(receiver, id)));
  if (!bytes) return std::optional<Delivery>();
  TRY_ASSIGN(Delivery delivery, decode_delivery(*bytes));
  return std::optional(std::move(delivery));
}

auto busy_error() {
  return fail(ErrorCode::conflict, "the receiver is being sent to just now; try again", "busy");
}

}  // namespace

AlertSender::Turn::Turn(AlertSender& sender, std::string receiver)
    : sender_(sender), receiver_(std::move(receiver)) {
  const std::lock_guard lock(sender_.mutex_);
  mine_ = sender_.busy_.insert(receiver_).second;
}

AlertSender::Turn::~Turn() {
  if (!mine_) return;
  const std::lock_guard lock(sender_.mutex_);
  sender_.busy_.erase(receiver_);
}

double AlertSender::chance() {
  const std::lock_guard lock(mutex_);
  return rng_.uniform();
}

Result<std::optional<DueAt>> AlertSender::next_due(const std::set<std::string>& passed_over) {
  std::set<std::string> busy;
  {
    const std::lock_guard lock(mutex_);
    busy = busy_;
  }
  const Time now = clock_.now();
  std::optional<DueAt> found;
  TRY(store_.scan(Family::alerts, due_delivery_prefix(), prefix_end(due_delivery_prefix()),
                  [&](std::string_view key, std::string_view) {
                    auto due = due_of_key(key);
                    if (!due) return true;
                    if (due->time > now) return false;
                    if (busy.contains(due->receiver) || passed_over.contains(due->receiver))
                      return true;
                    found = std::move(due);
                    return false;
                  }));
  return found;
}

Result<bool> AlertSender::send_one() {
  std::set<std::string> passed_over;
  while (true) {
    TRY_ASSIGN(const auto due, next_due(passed_over));
    if (!due) return false;
    const Turn turn(*this, due->receiver);
    if (!turn.is_mine()) {
      passed_over.insert(due->receiver);
      continue;
    }
    // Looked at again: another thread may have been here in between.
    TRY_ASSIGN(auto delivery, load_delivery(store_, due->receiver, due->delivery));
    const auto receiver = receivers_.show(due->receiver);
    if (!delivery || !receiver || delivery->status != DeliveryStatus::waiting ||
        delivery->next_try != due->time) {
      Delivery gone;
      gone.receiver = due->receiver;
      gone.id = due->delivery;
      gone.next_try = due->time;
      WriteBatch batch;
      batch.remove(Family::alerts, due_key(gone));
      if (delivery && !receiver)
        batch.remove(Family::alerts, delivery_key(due->receiver, due->delivery));
      TRY(store_.write(batch, Durability::later));
      continue;
    }
    if (!receiver->active && !delivery->only_once) {
      const std::string old_due = due_key(*delivery);
      delivery->status = DeliveryStatus::cancelled;
      TRY(write(*delivery, old_due));
      continue;
    }
    TRY(attempt(*receiver, *delivery));
    return true;
  }
}

Result<RemoteAnswer> AlertSender::speak(const Receiver& receiver, const Delivery& delivery,
                                        Time now) {
  if (receiver.kind == ReceiverKind::mail)
    return notifier_.mail({style_.mail_from, mail_addresses(receiver.target), delivery.body});
  OutgoingRequest request{receiver.target, {{"content-type", "application/json"}}, delivery.body};
  if (receiver.kind == ReceiverKind::webhook) {
    std::vector<std::string> secrets{receiver.secret};
    if (now < receiver.old_secret_until) secrets.push_back(receiver.old_secret);
    request.headers.emplace_back("webhook-id", delivery.id);
    request.headers.emplace_back("webhook-timestamp", webhook_timestamp(now));
    request.headers.emplace_back("webhook-signature",
                                 webhook_signature(secrets, delivery.id, now, delivery.body));
  }
  return notifier_.post(request);
}

// What came of it is written after it was tried, so a crash in between tries again under the same
// id.
Status AlertSender::attempt(const Receiver& receiver, Delivery& delivery) {
  const std::string old_due = due_key(delivery);
  Attempt attempt;
  attempt.at = clock_.now();
  const auto answer = speak(receiver, delivery, attempt.at);
  std::optional<Duration> retry_after;
  bool permanent = false;
  if (answer) {
    attempt.status = answer->status;
    attempt.answer = answer->body;
    attempt.took = answer->took;
    retry_after = answer->retry_after;
    permanent = receiver.kind == ReceiverKind::mail && answer->status >= kMailRefused;
  } else {
    attempt.error = answer.error().message;
    attempt.took = std::max(Duration(0), clock_.now() - attempt.at);
  }
  if (attempt.status == kGone && receiver.kind != ReceiverKind::mail) {
    permanent = true;
    const auto disabled = receivers_.change(receiver.id, [](Receiver& changed) {
      changed.active = false;
      changed.why_inactive = "it answered 410 Gone";
    });
    if (!disabled && disabled.error().code != ErrorCode::not_found) return fail(disabled.error());
  }
  note_attempt(delivery, std::move(attempt), retry_after, permanent, chance());
  return write(delivery, old_due);
}

// Nothing is written for a receiver that was removed meanwhile.
Status AlertSender::write(const Delivery& delivery, const std::string& old_due) {
  WriteBatch batch;
  batch.remove(Family::alerts, old_due);
  if (receivers_.show(delivery.receiver)) {
    batch.put(Family::alerts, delivery_key(delivery.receiver, delivery.id), encode(delivery));
    if (delivery.status == DeliveryStatus::waiting)
      batch.put(Family::alerts, due_key(delivery), "");
  }
  return store_.write(batch, Durability::later);
}

Result<DeliveryPage> AlertSender::deliveries_of(const std::string& receiver,
                                                const std::string& before, std::size_t limit) {
  TRY(receivers_.show(receiver));
  DeliveryPage page;
  std::optional<Error> broken;
  const std::string prefix = delivery_prefix(receiver);
  const std::string to = before.empty() ? prefix_end(prefix) : delivery_key(receiver, before);
  TRY(store_.scan_back(Family::alerts, prefix, to, [&](std::string_view, std::string_view value) {
    page.more = page.deliveries.size() == limit;
    if (page.more) return false;
    auto delivery = decode_delivery(value);
    if (delivery) {
      page.deliveries.push_back(std::move(*delivery));
    } else {
      broken = delivery.error();
    }
    return !broken;
  }));
  if (broken) return fail(*broken);
  return page;
}

Result<Delivery> AlertSender::show(const std::string& receiver, const std::string& id) {
  TRY_ASSIGN(auto delivery, load_delivery(store_, receiver, id));
  if (!delivery) return fail(ErrorCode::not_found, "no delivery " + id, "not_found");
  return std::move(*delivery);
}

Result<Delivery> AlertSender::resend(const std::string& receiver, const std::string& id) {
  const Turn turn(*this, receiver);
  if (!turn.is_mine()) return busy_error();
  TRY_ASSIGN(Delivery delivery, show(receiver, id));
  const std::string old_due = due_key(delivery);
  try_again(delivery, clock_.now());
  TRY(write(delivery, old_due));
  return delivery;
}

Result<Delivery> AlertSender::send_test(const std::string& receiver_id) {
  TRY_ASSIGN(const Receiver receiver, receivers_.show(receiver_id));
  const Turn turn(*this, receiver_id);
  if (!turn.is_mine()) return busy_error();
  Alert alert{"", clock_.now(), Trial{receiver.name}};
  alert.id = alert_id(alert);
  Delivery delivery =
      new_delivery(receiver, {{std::move(alert), AlertTopic::trouble}}, style_, clock_.now());
  delivery.only_once = true;
  TRY(attempt(receiver, delivery));
  return delivery;
}

}  // namespace tideline
