#include "insights/pilots.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "insights/pilot_records.h"

namespace tideline {
namespace {

constexpr std::size_t kKeysAtOnce = 1'000;
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

Error unknown_pilot(const std::string& id) {
  return {ErrorCode::not_found, "there is no pilot " + id, "unknown_pilot"};
}

// The outcome by which the pilot is judged, and what was known before that tells most of it: the
// figure of leaving of who comes back, the amount then of the amount after.
void add_row(const Pilot& pilot, const Exposure& exposure, Experiment& experiment) {
  experiment.arm.push_back(exposure.arm);
  const bool is_share = pilot.outcome == PilotOutcome::retained;
  double value = kUnknown;
  if (exposure.outcome) {
    value = is_share ? double(exposure.outcome->retained)
                     : exposure.outcome->amount.value_or(kUnknown);
  }
  experiment.outcomes.front().values.push_back(value);
  experiment.before.push_back((is_share ? exposure.risk : exposure.amount).value_or(kUnknown));
}

Status may_widen(const PilotReport& report) {
  if (report.experiment.ratio.alarm) {
    return fail(ErrorCode::conflict,
                "the arms are not split as planned; find out why before more customers come in",
                "broken_split");
  }
  for (const Comparison& one : report.experiment.comparisons) {
    if (!one.enough || one.effect.high >= 0) continue;
    return fail(ErrorCode::conflict,
                (one.arm.empty() ? std::string("the treated") : "arm " + one.arm) +
                    " does clearly worse than the control; stop the pilot",
                "harmful");
  }
  return {};
}

}  // namespace

Result<std::uint64_t> planned_customers(const Pilot& pilot) {
  const double control = pilot.arms.front().share;
  double smallest = 1;
  for (std::size_t a = 1; a < pilot.arms.size(); ++a)
    smallest = std::min(smallest, pilot.arms[a].share);
  PowerOptions options;
  options.power = pilot.power;
  options.treated_share = smallest / (control + smallest);
  TRY_ASSIGN(const SampleSize size,
             pilot.outcome == PilotOutcome::retained
                 ? sample_size_for_shares(pilot.baseline, pilot.change, options)
                 : sample_size_for_means(pilot.change, pilot.deviation, options));
  const double all = std::max(static_cast<double>(size.control) / control,
                              static_cast<double>(size.treated) / smallest);
  return static_cast<std::uint64_t>(std::ceil(all - 1e-6));
}

Result<std::optional<Pilot>> Pilots::read(const std::string& id) {
  TRY_ASSIGN(const auto bytes, store_.get(Family::actions, pilot_key(id)));
  if (!bytes) return std::optional<Pilot>();
  TRY_ASSIGN(Pilot pilot, decode_pilot(*bytes));
  return std::optional(std::move(pilot));
}

Result<Pilot> Pilots::keep(Pilot pilot) {
  WriteBatch writes;
  writes.put(Family::actions, pilot_key(pilot.id), encode(pilot));
  TRY(store_.write(writes, Durability::now));
  return pilot;
}

Result<Pilot> Pilots::create(Pilot draft, Time now) {
  TRY(check_pilot(draft));
  TRY_ASSIGN(draft.planned, planned_customers(draft));
  draft.id = pilot_id_of(draft.name);
  draft.status = PilotStatus::draft;
  draft.phase = 0;
  draft.created = now;
  draft.started = draft.widened = draft.stopped = std::nullopt;
  draft.stop_reason.clear();
  const std::lock_guard lock(mutex_);
  TRY_ASSIGN(const auto there, list());
  if (there.size() >= kCountMax)
    return fail(ErrorCode::too_large, "there are 1,000 pilots already", "too_large");
  for (const Pilot& one : there) {
    if (one.id != draft.id) continue;
    return fail(ErrorCode::conflict,
                "there is a pilot " + draft.id + " already; name it otherwise", "pilot_exists");
  }
  return keep(std::move(draft));
}

Result<std::vector<Pilot>> Pilots::list() {
  std::vector<Pilot> pilots;
  std::optional<Error> trouble;
  const std::string prefix = pilot_prefix();
  TRY(store_.scan(Family::actions, prefix, prefix_end(prefix),
                  [&](std::string_view, std::string_view bytes) {
                    auto pilot = decode_pilot(bytes);
                    if (!pilot) {
                      trouble = pilot.error();
                      return false;
                    }
                    pilots.push_back(std::move(*pilot));
                    return true;
                  }));
  if (trouble) return fail(*trouble);
  std::stable_sort(pilots.begin(), pilots.end(),
                   [](const Pilot& a, const Pilot& b) { return a.created > b.created; });
  return pilots;
}

Result<Pilot> Pilots::find(const std::string& id) {
  TRY_ASSIGN(auto pilot, read(id));
  if (!pilot) return fail(unknown_pilot(id));
  return std::move(*pilot);
}

Result<Pilot> Pilots::start(const std::string& id, Time now) {
  const std::lock_guard lock(mutex_);
  TRY_ASSIGN(Pilot pilot, find(id));
  TRY_ASSIGN(Pilot after, started(std::move(pilot), now));
  return keep(std::move(after));
}

Result<Pilot> Pilots::widen(const std::string& id, Time now) {
  const std::lock_guard lock(mutex_);
  TRY_ASSIGN(Pilot pilot, find(id));
  TRY_ASSIGN(Pilot after, widened(pilot, now));
  TRY_ASSIGN(const PilotReport report, report_of_pilot(pilot, now));
  TRY(may_widen(report));
  return keep(std::move(after));
}

Result<Pilot> Pilots::stop(const std::string& id, const std::string& reason, Time now) {
  const std::lock_guard lock(mutex_);
  TRY_ASSIGN(Pilot pilot, find(id));
  TRY_ASSIGN(Pilot after, stopped(std::move(pilot), reason, now));
  return keep(std::move(after));
}

Result<std::vector<Pilot>> Pilots::running() {
  TRY_ASSIGN(auto pilots, list());
  std::erase_if(pilots, [](const Pilot& one) { return one.status != PilotStatus::running; });
  return pilots;
}

Status Pilots::enrol_into(const Pilot& pilot, std::span<const Newcomer> newcomers, Time now,
                          std::size_t& came) {
  std::vector<const Newcomer*> reached;
  std::vector<std::string> keys;
  for (const Newcomer& one : newcomers) {
    if (one.tier.empty() || !pilot.is_about(one.tier) || !reaches(pilot, one.customer)) continue;
    reached.push_back(&one);
    keys.push_back(exposure_key(pilot.id, one.customer));
  }
  TRY_ASSIGN(const auto there, store_.get_many(Family::actions, keys));
  WriteBatch writes;
  for (std::size_t i = 0; i < reached.size(); ++i) {
    if (there[i]) continue;
    const Newcomer& one = *reached[i];
    const Exposure exposure{pilot.id,    one.customer, arm_of(pilot, one.customer),
                            pilot.phase, now,          one.tier,
                            one.amount,  one.risk,     std::nullopt};
    writes.put(Family::actions,
               exposure_due_key(now + pilot.horizon, pilot.id, one.customer.str()), keys[i]);
    writes.put(Family::actions, keys[i], encode(exposure));
    ++came;
  }
  return writes.empty() ? Status() : store_.write(writes, Durability::now);
}

Result<std::size_t> Pilots::enrol(std::span<const Newcomer> newcomers, Time now) {
  const std::lock_guard lock(mutex_);
  TRY_ASSIGN(const auto pilots, running());
  std::size_t came = 0;
  for (const Pilot& pilot : pilots) {
    for (std::size_t first = 0; first < newcomers.size(); first += kKeysAtOnce) {
      const std::size_t n = std::min(kKeysAtOnce, newcomers.size() - first);
      TRY(enrol_into(pilot, newcomers.subspan(first, n), now, came));
    }
  }
  return came;
}

Result<std::size_t> Pilots::measure(Time now, const Look& look) {
  const std::lock_guard lock(mutex_);
  std::size_t measured = 0;
  for (;;) {
    std::vector<std::pair<std::string, std::string>> due;  // its key, the exposure's
    TRY(store_.scan(Family::actions, exposure_due_prefix(),
                    exposure_due_key(now + Duration(1), "", ""),
                    [&](std::string_view key, std::string_view exposure) {
                      due.emplace_back(key, exposure);
                      return due.size() < kKeysAtOnce;
                    }));
    if (due.empty()) return measured;
    WriteBatch writes;
    for (const auto& [key, exposure_at] : due) {
      writes.remove(Family::actions, key);
      TRY_ASSIGN(const auto bytes, store_.get(Family::actions, exposure_at));
      if (!bytes) continue;
      TRY_ASSIGN(Exposure exposure, decode_exposure(*bytes));
      TRY_ASSIGN(const Pilot pilot, find(exposure.pilot));
      TRY_ASSIGN(exposure.outcome,
                 look(exposure.customer, exposure.time, exposure.time + pilot.horizon));
      if (!exposure.outcome) continue;
      exposure.outcome->time = now;
      writes.put(Family::actions, exposure_at, encode(exposure));
      ++measured;
    }
    TRY(store_.write(writes, Durability::now));
  }
}

Result<std::vector<Exposure>> Pilots::exposures(const ExposureQuery& query) {
  std::vector<Exposure> found;
  std::optional<Error> trouble;
  const std::string prefix = exposure_prefix(query.pilot);
  const std::string from = query.after.empty() ? prefix : prefix + query.after + '\0';
  TRY(store_.scan(Family::actions, from, prefix_end(prefix),
                  [&](std::string_view, std::string_view bytes) {
                    auto exposure = decode_exposure(bytes);
                    if (!exposure) {
                      trouble = exposure.error();
                      return false;
                    }
                    if (query.arm && exposure->arm != *query.arm) return true;
                    found.push_back(std::move(*exposure));
                    return found.size() < query.limit;
                  }));
  if (trouble) return fail(*trouble);
  return found;
}

Result<PilotReport> Pilots::report(const std::string& id, Time now) {
  TRY_ASSIGN(const Pilot pilot, find(id));
  return report_of_pilot(pilot, now);
}

Result<PilotReport> Pilots::report_of_pilot(const Pilot& pilot, Time now) {
  PilotReport report;
  Experiment experiment;
  for (const PilotArm& arm : pilot.arms) {
    experiment.arms.push_back(arm.name);
    experiment.shares.push_back(arm.share);
  }
  experiment.outcomes.push_back(
      {std::string(name_of(pilot.outcome)), pilot.outcome == PilotOutcome::retained, {}});
  ExposureQuery query;
  query.pilot = pilot.id;
  query.limit = std::numeric_limits<std::size_t>::max();
  TRY_ASSIGN(const auto in_it, exposures(query));
  for (const Exposure& exposure : in_it) {
    if (exposure.arm >= pilot.arms.size()) {
      return fail(ErrorCode::corrupt,
                  "an exposure names an arm that pilot " + pilot.id + " does not have");
    }
    add_row(pilot, exposure, experiment);
    if (exposure.outcome) {
      ++report.measured;
      continue;
    }
    const Time known = exposure.time + pilot.horizon;
    if (known <= now) continue;  // nobody knows it any more
    if (!report.next_known || known < *report.next_known) report.next_known = known;
  }
  report.customers = in_it.size();
  report.interim = pilot.status != PilotStatus::stopped || report.next_known.has_value();
  report.experiment = report_of(experiment);
  return report;
}

}  // namespace tideline
