#include "insights/pilot_records.h"

#include "base/bytes.h"

namespace tideline {
namespace {

constexpr std::uint8_t kFormat = 1;

std::string key_of(std::string_view kind) { return std::string(kind) + '\0'; }

Error broken(const char* what) {
  return {ErrorCode::corrupt,
          std::string("state holds a broken ") + what + "; run `tideline verify`",
          {}};
}

void write_time(ByteWriter& out, const std::optional<Time>& time) {
  out.u8(time.has_value());
  if (time) out.time(*time);
}
std::optional<Time> read_time(ByteReader& in) {
  return in.u8() ? std::optional(in.time()) : std::nullopt;
}
void write_number(ByteWriter& out, const std::optional<double>& number) {
  out.u8(number.has_value());
  if (number) out.real(*number);
}
std::optional<double> read_number(ByteReader& in) {
  return in.u8() ? std::optional(in.real()) : std::nullopt;
}

void write_plan(ByteWriter& out, const Pilot& pilot) {
  out.u8(static_cast<std::uint8_t>(pilot.outcome));
  out.zigzag(pilot.horizon.count());
  for (const double number : {pilot.baseline, pilot.change, pilot.deviation, pilot.power})
    out.real(number);
  out.varint(pilot.planned);
  out.varint(pilot.phases.size());
  for (const double share : pilot.phases) out.real(share);
  out.varint(pilot.phase);
}
void read_plan(ByteReader& in, Pilot& pilot) {
  pilot.outcome = static_cast<PilotOutcome>(in.u8());
  pilot.horizon = Duration(in.zigzag());
  pilot.baseline = in.real();
  pilot.change = in.real();
  pilot.deviation = in.real();
  pilot.power = in.real();
  pilot.planned = in.varint();
  pilot.phases.clear();
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) pilot.phases.push_back(in.real());
  pilot.phase = in.varint();
}

}  // namespace

std::string pilot_prefix() { return key_of("pilot"); }
std::string pilot_key(std::string_view id) { return pilot_prefix() + std::string(id); }
std::string exposure_prefix(std::string_view pilot) {
  return key_of("exposed") + std::string(pilot) + '\0';
}
std::string exposure_key(std::string_view pilot, const CustomerId& customer) {
  return exposure_prefix(pilot) + customer.str();
}
std::string exposure_due_prefix() { return key_of("expose due"); }
std::string exposure_due_key(Time time, std::string_view pilot, std::string_view customer) {
  return exposure_due_prefix() + big_endian(static_cast<std::uint64_t>(millis(time))) +
         std::string(pilot) + '\0' + std::string(customer);
}

std::string encode(const Pilot& pilot) {
  ByteWriter out;
  out.u8(kFormat);
  for (const std::string* text : {&pilot.id, &pilot.name, &pilot.hypothesis, &pilot.treatment,
                                  &pilot.salt, &pilot.by, &pilot.stop_reason}) {
    out.text(*text);
  }
  out.varint(pilot.tiers.size());
  for (const std::string& tier : pilot.tiers) out.text(tier);
  out.varint(pilot.arms.size());
  for (const PilotArm& arm : pilot.arms) {
    out.text(arm.name);
    out.real(arm.share);
  }
  write_plan(out, pilot);
  out.u8(static_cast<std::uint8_t>(pilot.status));
  out.time(pilot.created);
  write_time(out, pilot.started);
  write_time(out, pilot.widened);
  write_time(out, pilot.stopped);
  return out.take();
}

Result<Pilot> decode_pilot(std::string_view bytes) {
  ByteReader in(bytes);
  Pilot pilot;
  if (in.u8() != kFormat) return fail(broken("pilot"));
  for (std::string* text : {&pilot.id, &pilot.name, &pilot.hypothesis, &pilot.treatment,
                            &pilot.salt, &pilot.by, &pilot.stop_reason}) {
    *text = in.text();
  }
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) pilot.tiers.push_back(in.text());
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    PilotArm& arm = pilot.arms.emplace_back();
    arm.name = in.text();
    arm.share = in.real();
  }
  read_plan(in, pilot);
  pilot.status = static_cast<PilotStatus>(in.u8());
  pilot.created = in.time();
  pilot.started = read_time(in);
  pilot.widened = read_time(in);
  pilot.stopped = read_time(in);
  const bool sound = in.done() && pilot.status <= PilotStatus::stopped &&
                     pilot.outcome <= PilotOutcome::amount && pilot.phase < pilot.phases.size() &&
                     pilot.arms.size() >= 2;
  if (!sound) return fail(broken("pilot"));
  return pilot;
}

std::string encode(const Exposure& exposure) {
  ByteWriter out;
  out.u8(kFormat);
  out.text(exposure.pilot);
  out.text(exposure.customer.str());
  out.varint(exposure.arm);
  out.varint(exposure.phase);
  out.time(exposure.time);
  out.text(exposure.tier);
  write_number(out, exposure.amount);
  write_number(out, exposure.risk);
  out.u8(exposure.outcome.has_value());
  if (exposure.outcome) {
    out.time(exposure.outcome->time);
    out.u8(exposure.outcome->retained);
    write_number(out, exposure.outcome->amount);
  }
  return out.take();
}

Result<Exposure> decode_exposure(std::string_view bytes) {
  ByteReader in(bytes);
  Exposure exposure;
  if (in.u8() != kFormat) return fail(broken("exposure"));
  exposure.pilot = in.text();
  exposure.customer = CustomerId(in.text());
  exposure.arm = in.varint();
  exposure.phase = in.varint();
  exposure.time = in.time();
  exposure.tier = in.text();
  exposure.amount = read_number(in);
  exposure.risk = read_number(in);
  if (in.u8()) {
    Exposure::Outcome& outcome = exposure.outcome.emplace();
    outcome.time = in.time();
    outcome.retained = in.u8();
    outcome.amount = read_number(in);
  }
  if (!in.done()) return fail(broken("exposure"));
  return exposure;
}

}  // namespace tideline
