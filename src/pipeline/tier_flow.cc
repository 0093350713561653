#include "pipeline/tier_flow.h"

#include <optional>

#include "base/bytes.h"

namespace tideline {
namespace {

constexpr std::uint8_t kFormat = 1;

std::string flow_prefix() { return std::string("flow") + '\0'; }
std::string flow_key(Time begins) {
  return flow_prefix() + big_endian(static_cast<std::uint64_t>(millis(begins)));
}

std::string encode(const FlowSpan& span) {
  ByteWriter out;
  out.u8(kFormat);
  out.time(span.begins);
  out.time(span.until);
  out.varint(span.standing.size());
  for (const auto& [name, count] : span.standing) {
    out.text(name);
    out.varint(count);
  }
  out.varint(span.moves.size());
  for (const auto& [move, count] : span.moves) {
    out.text(move.first);
    out.text(move.second);
    out.varint(count);
  }
  return out.take();
}

Result<FlowSpan> decode_flow(std::string_view bytes) {
  ByteReader in(bytes);
  FlowSpan span;
  const bool known = in.u8() == kFormat;
  span.begins = in.time();
  span.until = in.time();
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    std::string name = in.text();
    span.standing[std::move(name)] = in.varint();
  }
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    std::string from = in.text();
    std::string to = in.text();
    span.moves[{std::move(from), std::move(to)}] = in.varint();
  }
  if (!known || !in.done()) return fail(ErrorCode::corrupt, "state holds a broken flow of tiers");
  return span;
}

}  // namespace

void TierFlow::note(const std::string& from, const std::string& to) {
  if (from != to) ++noted_[{from, to}];
}

Status TierFlow::put(Time now, const std::map<std::string, std::uint64_t>& standing,
                     WriteBatch& writes) {
  const Time begins = start_of_hour(hour_index(now));
  if (current_.begins != begins) {
    current_ = {};
    TRY_ASSIGN(const auto kept, store_.get(Family::watch, flow_key(begins)));
    if (kept) {
      TRY_ASSIGN(current_, decode_flow(*kept));
    }
    current_.begins = begins;
  }
  current_.until = now;
  current_.standing = standing;
  for (const auto& [move, count] : noted_) current_.moves[move] += count;
  noted_.clear();
  writes.put(Family::watch, flow_key(begins), encode(current_));
  return {};
}

Result<std::vector<FlowSpan>> TierFlow::hours(Time from, Time to) const {
  std::vector<FlowSpan> spans;
  std::optional<Error> broken;
  TRY(store_.scan(Family::watch, flow_key(from), flow_key(to),
                  [&](std::string_view, std::string_view value) {
                    auto span = decode_flow(value);
                    if (!span) {
                      broken = span.error();
                      return false;
                    }
                    spans.push_back(std::move(*span));
                    return true;
                  }));
  if (broken) return fail(*broken);
  return spans;
}

Result<std::vector<FlowSpan>> TierFlow::days(Time from, Time to) const {
  TRY_ASSIGN(const auto hours, this->hours(start_of_day(day_index(from)), to));
  std::vector<FlowSpan> days;
  for (const FlowSpan& hour : hours) {
    const Time day = start_of_day(day_index(hour.begins));
    while (days.empty() || days.back().begins < day) {
      FlowSpan next;
      next.begins = days.empty() ? day : days.back().begins + kDay;
      next.until = next.begins + kDay;
      if (!days.empty()) next.standing = days.back().standing;
      days.push_back(std::move(next));
    }
    days.back().until = hour.until;
    days.back().standing = hour.standing;
    for (const auto& [move, count] : hour.moves) days.back().moves[move] += count;
  }
  return days;
}

Status TierFlow::sweep(Time keep_from) {
  WriteBatch old;
  TRY(store_.scan(Family::watch, flow_prefix(), flow_key(keep_from),
                  [&](std::string_view key, std::string_view) {
                    old.remove(Family::watch, std::string(key));
                    return true;
                  }));
  return store_.write(old, Durability::later);
}

}  // namespace tideline
