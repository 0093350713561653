#include "alerts/alert_records.h"

#include <charconv>

#include "base/bytes.h"
#include "base/hash.h"

namespace tideline {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint64_t kItemsMax = 100'000;
constexpr std::string_view kQueue = "queue", kKept = "kept", kReceiver = "receiver",
                           kDelivery = "delivery", kDue = "due", kGathered = "gathered",
                           kDigest = "digest", kCooldown = "cooldown", kTrouble = "trouble";
constexpr std::size_t kHexDigits = 16;

std::string key_of(std::string_view kind, std::string_view rest) {
  return std::string(kind) + '\0' + std::string(rest);
}
std::string of_time(Time time) { return big_endian(static_cast<std::uint64_t>(millis(time))); }

template <class Items, class Write>
void write_list(ByteWriter& out, const Items& items, const Write& write) {
  out.varint(items.size());
  for (const auto& item : items) write(item);
}
template <class Read>
void read_list(ByteReader& in, const Read& read) {
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && i < kItemsMax && in.ok(); ++i) read();
}

void write(ByteWriter& out, const TierMove& move) {
  out.text(move.customer.str());
  out.text(move.from);
  out.text(move.to);
  out.text(move.reason);
  out.text(move.model_version);
  write_list(out, move.figures, [&](const AlertFigure& figure) {
    out.text(figure.name);
    out.u8(figure.is_probability);
    out.u8(figure.value.has_value());
    out.real(figure.value.value_or(0));
  });
  write_list(out, move.drivers, [&](const std::string& driver) { out.text(driver); });
}
void write(ByteWriter& out, const NewAction& made) {
  const Action& action = made.action;
  out.text(action.id);
  out.text(action.customer.str());
  out.text(action.play);
  out.text(action.priority);
  out.text(action.channel);
  out.text(action.say);
  out.real(action.cost);
  out.time(action.created);
}
void write(ByteWriter& out, const SetAside& aside) {
  out.u8(static_cast<std::uint8_t>(aside.code));
  out.varint(aside.count);
  out.text(aside.first_id);
  out.text(aside.reason);
  out.text(aside.source.str());
}
void write(ByteWriter& out, const Trouble& trouble) {
  out.text(trouble.name);
  out.text(trouble.what);
  out.time(trouble.since);
  out.u8(trouble.is_over);
}
void write(ByteWriter& out, const Trial& trial) { out.text(trial.receiver); }

void write(ByteWriter& out, const ReportsReady& ready) {
  out.time(ready.since);
  out.time(ready.as_of);
  out.text(ready.day);
  out.text(ready.paper);
  write_list(out, ready.reports, [&](const ReportsReady::Report& report) {
    out.text(report.name);
    out.varint(report.pages);
    out.varint(report.bytes);
  });
}

TierMove read_move(ByteReader& in) {
  TierMove move;
  move.customer = CustomerId(in.text());
  move.from = in.text();
  move.to = in.text();
  move.reason = in.text();
  move.model_version = in.text();
  read_list(in, [&] {
    AlertFigure figure;
    figure.name = in.text();
    figure.is_probability = in.u8() != 0;
    const bool there = in.u8() != 0;
    const double value = in.real();
    if (there) figure.value = value;
    move.figures.push_back(std::move(figure));
  });
  read_list(in, [&] { move.drivers.push_back(in.text()); });
  return move;
}
NewAction read_action(ByteReader& in) {
  Action action;
  action.id = in.text();
  action.customer = CustomerId(in.text());
  action.play = in.text();
  action.priority = in.text();
  action.channel = in.text();
  action.say = in.text();
  action.cost = in.real();
  action.created = in.time();
  return {std::move(action)};
}
SetAside read_aside(ByteReader& in) {
  SetAside aside;
  aside.code = static_cast<DeadLetterCode>(in.u8());
  aside.count = in.varint();
  aside.first_id = in.text();
  aside.reason = in.text();
  aside.source = SourceId(in.text());
  return aside;
}
Trouble read_trouble(ByteReader& in) {
  Trouble trouble;
  trouble.name = in.text();
  trouble.what = in.text();
  trouble.since = in.time();
  trouble.is_over = in.u8() != 0;
  return trouble;
}

ReportsReady read_ready(ByteReader& in) {
  ReportsReady ready;
  ready.since = in.time();
  ready.as_of = in.time();
  ready.day = in.text();
  ready.paper = in.text();
  read_list(in, [&] {
    ReportsReady::Report report;
    report.name = in.text();
    report.pages = in.varint();
    report.bytes = in.varint();
    ready.reports.push_back(std::move(report));
  });
  return ready;
}

void write_alert(ByteWriter& out, const Alert& alert) {
  out.u8(kFormat);
  out.text(alert.id);
  out.time(alert.time);
  out.u8(static_cast<std::uint8_t>(alert.what.index()));
  std::visit([&](const auto& what) { write(out, what); }, alert.what);
}

// false: of no format that is known.
bool read_alert(ByteReader& in, Alert& alert) {
  const bool known = in.u8() == kFormat;
  alert.id = in.text();
  alert.time = in.time();
  switch (in.u8()) {
    case 0: alert.what = read_move(in); break;
    case 1: alert.what = read_action(in); break;
    case 2: alert.what = read_aside(in); break;
    case 3: alert.what = read_trouble(in); break;
    case 4: alert.what = Trial{in.text()}; break;
    case 5: alert.what = read_ready(in); break;
    default: return false;
  }
  return known;
}

void write_attempt(ByteWriter& out, const Attempt& attempt) {
  out.time(attempt.at);
  out.varint(static_cast<std::uint64_t>(attempt.took.count()));
  out.varint(static_cast<std::uint64_t>(attempt.status));
  out.text(attempt.error);
  out.text(attempt.answer);
}
Attempt read_attempt(ByteReader& in) {
  Attempt attempt;
  attempt.at = in.time();
  attempt.took = Duration(static_cast<Duration::rep>(in.varint()));
  attempt.status = static_cast<int>(in.varint());
  attempt.error = in.text();
  attempt.answer = in.text();
  return attempt;
}

}  // namespace

std::string queue_prefix() { return key_of(kQueue, ""); }
std::string queue_key(const Alert& alert) {
  return key_of(kQueue, of_time(alert.time) + alert.id);
}
std::string kept_alert_prefix() { return key_of(kKept, ""); }
std::string kept_alert_key(const Alert& alert) {
  return key_of(kKept, of_time(alert.time) + alert.id);
}
std::string kept_alert_key(Time time) { return key_of(kKept, of_time(time)); }
std::string receiver_prefix() { return key_of(kReceiver, ""); }
std::string receiver_key(std::string_view id) { return key_of(kReceiver, id); }
std::string delivery_prefix() { return key_of(kDelivery, ""); }
std::string delivery_prefix(std::string_view receiver) {
  return key_of(kDelivery, std::string(receiver) + '\0');
}
std::string delivery_key(std::string_view receiver, std::string_view id) {
  return delivery_prefix(receiver) + std::string(id);
}

std::string delivery_id(Time created, std::string_view content) {
  const auto hex = [](std::uint64_t number) {
    return Hash128{0, number}.hex().substr(kHexDigits);
  };
  return "msg_" + hex(static_cast<std::uint64_t>(millis(created))) + hex(xxh64(content));
}

Time time_of_delivery_id(std::string_view id) {
  std::int64_t ms = 0;
  if (id.size() >= 4 + kHexDigits)
    std::from_chars(id.data() + 4, id.data() + 4 + kHexDigits, ms, 16);
  return time_from_millis(ms);
}

std::string due_delivery_prefix() { return key_of(kDue, ""); }
std::string due_key(const Delivery& delivery) {
  return key_of(kDue, of_time(delivery.next_try) + delivery.receiver + '\0' + delivery.id);
}

std::optional<DueAt> due_of_key(std::string_view key) {
  const std::size_t front = due_delivery_prefix().size();
  if (key.size() < front + 8) return std::nullopt;
  DueAt due;
  due.time = time_from_millis(static_cast<std::int64_t>(from_big_endian(key.substr(front, 8))));
  const std::string_view rest = key.substr(front + 8);
  const std::size_t zero = rest.find('\0');
  if (zero == std::string_view::npos) return std::nullopt;
  due.receiver = rest.substr(0, zero);
  due.delivery = rest.substr(zero + 1);
  return due;
}

std::string gathered_prefix(std::string_view receiver) {
  return key_of(kGathered, std::string(receiver) + '\0');
}
std::string gathered_key(std::string_view receiver, const Alert& alert) {
  return gathered_prefix(receiver) + of_time(alert.time) + alert.id;
}
std::string digest_key(std::string_view receiver) { return key_of(kDigest, receiver); }
std::string cooldown_prefix() { return key_of(kCooldown, ""); }
std::string cooldown_key(std::string_view customer, std::string_view subject) {
  ByteWriter key(cooldown_prefix());
  key.text(customer);
  key.text(subject);
  return key.take();
}
std::string trouble_prefix() { return key_of(kTrouble, ""); }
std::string trouble_key(std::string_view name) { return key_of(kTrouble, name); }

std::string encode(const Alert& alert) {
  ByteWriter out;
  write_alert(out, alert);
  return out.take();
}
std::string encode(const KeptAlert& kept) {
  ByteWriter out;
  write_alert(out, kept.alert);
  out.text(kept.held_back);
  return out.take();
}

Result<Alert> decode_alert(std::string_view bytes) {
  ByteReader in(bytes);
  Alert alert;
  if (!read_alert(in, alert) || !in.done())
    return fail(ErrorCode::corrupt, "state holds a broken alert");
  return alert;
}
Result<KeptAlert> decode_kept_alert(std::string_view bytes) {
  ByteReader in(bytes);
  KeptAlert kept;
  const bool known = read_alert(in, kept.alert);
  kept.held_back = in.text();
  if (!known || !in.done()) return fail(ErrorCode::corrupt, "state holds a broken alert");
  return kept;
}

std::string encode(const Receiver& receiver) {
  ByteWriter out;
  out.u8(kFormat);
  out.text(receiver.id);
  out.text(receiver.name);
  out.u8(static_cast<std::uint8_t>(receiver.kind));
  out.text(receiver.target);
  write_list(out, receiver.topics,
             [&](AlertTopic topic) { out.u8(static_cast<std::uint8_t>(topic)); });
  write_list(out, receiver.tiers, [&](const std::string& tier) { out.text(tier); });
  out.text(receiver.min_priority);
  out.u8(receiver.active);
  out.text(receiver.why_inactive);
  out.varint(static_cast<std::uint64_t>(receiver.digest.count()));
  out.text(receiver.secret);
  out.text(receiver.old_secret);
  out.time(receiver.old_secret_until);
  out.time(receiver.created);
  return out.take();
}

Result<Receiver> decode_receiver(std::string_view bytes) {
  ByteReader in(bytes);
  Receiver receiver;
  const bool known = in.u8() == kFormat;
  receiver.id = in.text();
  receiver.name = in.text();
  receiver.kind = static_cast<ReceiverKind>(in.u8());
  receiver.target = in.text();
  read_list(in, [&] { receiver.topics.push_back(static_cast<AlertTopic>(in.u8())); });
  read_list(in, [&] { receiver.tiers.push_back(in.text()); });
  receiver.min_priority = in.text();
  receiver.active = in.u8() != 0;
  receiver.why_inactive = in.text();
  receiver.digest = Duration(static_cast<Duration::rep>(in.varint()));
  receiver.secret = in.text();
  receiver.old_secret = in.text();
  receiver.old_secret_until = in.time();
  receiver.created = in.time();
  if (!known || !in.done()) return fail(ErrorCode::corrupt, "state holds a broken receiver");
  return receiver;
}

std::string encode(const Delivery& delivery) {
  ByteWriter out;
  out.u8(kFormat);
  out.text(delivery.id);
  out.text(delivery.receiver);
  out.time(delivery.created);
  out.text(delivery.type);
  out.text(delivery.subject);
  write_list(out, delivery.alerts, [&](const std::string& alert) { out.text(alert); });
  out.text(delivery.body);
  out.u8(static_cast<std::uint8_t>(delivery.status));
  out.u8(delivery.only_once);
  out.time(delivery.next_try);
  out.time(delivery.give_up_at);
  out.varint(delivery.tries);
  write_list(out, delivery.attempts, [&](const Attempt& attempt) { write_attempt(out, attempt); });
  return out.take();
}

Result<Delivery> decode_delivery(std::string_view bytes) {
  ByteReader in(bytes);
  Delivery delivery;
  const bool known = in.u8() == kFormat;
  delivery.id = in.text();
  delivery.receiver = in.text();
  delivery.created = in.time();
  delivery.type = in.text();
  delivery.subject = in.text();
  read_list(in, [&] { delivery.alerts.push_back(in.text()); });
  delivery.body = in.text();
  delivery.status = static_cast<DeliveryStatus>(in.u8());
  delivery.only_once = in.u8() != 0;
  delivery.next_try = in.time();
  delivery.give_up_at = in.time();
  delivery.tries = static_cast<std::uint32_t>(in.varint());
  read_list(in, [&] { delivery.attempts.push_back(read_attempt(in)); });
  if (!known || !in.done()) return fail(ErrorCode::corrupt, "state holds a broken delivery");
  return delivery;
}

std::string encode(const CooldownMark& mark) {
  ByteWriter out;
  out.time(mark.told);
  out.varint(mark.held_back);
  return out.take();
}
Result<CooldownMark> decode_cooldown(std::string_view bytes) {
  ByteReader in(bytes);
  CooldownMark mark;
  mark.told = in.time();
  mark.held_back = in.varint();
  if (!in.done()) return fail(ErrorCode::corrupt, "state holds a broken mark of an alert");
  return mark;
}

std::string encode_time(Time time) { return of_time(time); }
Time decode_time(std::string_view bytes) {
  return time_from_millis(static_cast<std::int64_t>(from_big_endian(bytes)));
}

std::string alert_id(const Alert& alert) {
  Alert nameless = alert;
  nameless.id.clear();
  return "al_" + xxh3_128(encode(nameless)).hex();
}

}  // namespace tideline
