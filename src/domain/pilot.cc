#include "domain/pilot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "base/check.h"
#include "base/hash.h"

namespace tideline {
namespace {

constexpr std::array<std::string_view, 3> kStatuses = {"draft", "running", "stopped"};
constexpr std::array<std::string_view, 2> kOutcomes = {"retained", "amount"};
constexpr double kRounding = 1e-9;  // of a sum of shares

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

tl::unexpected<Error> bad(std::string what) {
  return fail(ErrorCode::invalid, std::move(what), "bad_pilot");
}

Status check_arms(const std::vector<PilotArm>& arms) {
  if (arms.size() < 2 || arms.size() > kPilotArmsMax)
    return bad("a pilot has 2 to 10 arms, the first of them the control");
  std::set<std::string> names;
  double sum = 0;
  for (const PilotArm& arm : arms) {
    if (arm.name.empty() || arm.name.size() > kPilotNameMax)
      return bad("an arm's name has 1 to 100 bytes");
    if (!names.insert(arm.name).second) return bad("two arms are called " + arm.name);
    if (!(arm.share > 0 && arm.share < 1)) return bad("an arm's share is above 0 and below 1");
    sum += arm.share;
  }
  if (std::abs(sum - 1) > kRounding) return bad("the arms' shares do not sum up to 1");
  return {};
}

Status check_phases(const std::vector<double>& phases) {
  if (phases.empty() || phases.size() > kPilotPhasesMax) return bad("a pilot has 1 to 10 phases");
  double before = 0;
  for (const double share : phases) {
    if (!(share > before && share <= 1))
      return bad("phases are shares that grow, above 0 and at most 1");
    before = share;
  }
  if (before != 1) return bad("the last phase is everybody: 1");
  return {};
}

}  // namespace

std::string_view name_of(PilotStatus status) { return kStatuses[std::size_t(status)]; }
std::optional<PilotStatus> pilot_status_of(std::string_view name) {
  return named<PilotStatus>(kStatuses, name);
}
std::string_view name_of(PilotOutcome outcome) { return kOutcomes[std::size_t(outcome)]; }
std::optional<PilotOutcome> pilot_outcome_of(std::string_view name) {
  return named<PilotOutcome>(kOutcomes, name);
}

double Pilot::share() const {
  if (status == PilotStatus::draft) return 0;
  CHECK(phase < phases.size());
  return phases[phase];
}

bool Pilot::is_about(std::string_view tier) const {
  return tiers.empty() || std::find(tiers.begin(), tiers.end(), tier) != tiers.end();
}

Status check_pilot(const Pilot& pilot) {
  if (pilot.name.empty() || pilot.name.size() > kPilotNameMax)
    return bad("a pilot's name has 1 to 100 bytes");
  if (pilot_id_of(pilot.name).empty())
    return bad("a pilot's name holds a letter or a digit of ASCII, from which its id is made");
  if (pilot.hypothesis.size() > kPilotTextMax || pilot.treatment.size() > kPilotTextMax)
    return bad("hypothesis and treatment have at most 2,000 bytes");
  if (pilot.treatment.empty()) return bad("treatment says what the treated get");
  if (pilot.salt.empty()) return bad("the salt is empty");
  if (pilot.horizon < kDay || pilot.horizon > kPilotHorizonMax)
    return bad("the horizon is from 1 to 365 days");
  TRY(check_arms(pilot.arms));
  return check_phases(pilot.phases);
}

std::string pilot_id_of(std::string_view name) {
  std::string id;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      id += c;
    } else if (!id.empty() && id.back() != '-') {
      id += '-';
    }
  }
  while (!id.empty() && id.back() == '-') id.pop_back();
  return id;
}

double chance_of(std::string_view salt, std::string_view purpose, const CustomerId& customer) {
  std::string text(salt);
  text.append(":").append(purpose).append(":").append(customer.str());
  return std::ldexp(static_cast<double>(xxh64(text) >> 11), -53);
}

std::size_t arm_of(const Pilot& pilot, const CustomerId& customer) {
  CHECK(!pilot.arms.empty());
  const double chance = chance_of(pilot.salt, "arm", customer);
  double end = 0;
  for (std::size_t a = 0; a + 1 < pilot.arms.size(); ++a) {
    end += pilot.arms[a].share;
    if (chance < end) return a;
  }
  return pilot.arms.size() - 1;
}

bool reaches(const Pilot& pilot, const CustomerId& customer) {
  return chance_of(pilot.salt, "phase", customer) < pilot.share();
}

bool wanted(const std::vector<Pilot>& running, const CustomerId& customer, std::string_view tier) {
  return !tier.empty() && std::any_of(running.begin(), running.end(), [&](const Pilot& pilot) {
    return pilot.is_about(tier) && reaches(pilot, customer);
  });
}

Result<Pilot> started(Pilot pilot, Time now) {
  if (pilot.status != PilotStatus::draft) {
    return fail(ErrorCode::conflict,
                "the pilot is " + std::string(name_of(pilot.status)) + "; only a draft can start",
                "not_draft");
  }
  pilot.status = PilotStatus::running;
  pilot.phase = 0;
  pilot.started = pilot.widened = now;
  return pilot;
}

Result<Pilot> widened(Pilot pilot, Time now) {
  if (pilot.status != PilotStatus::running) {
    return fail(ErrorCode::conflict,
                "the pilot is " + std::string(name_of(pilot.status)) +
                    "; only a running one can be widened",
                "not_running");
  }
  if (pilot.phase + 1 >= pilot.phases.size())
    return fail(ErrorCode::conflict, "the pilot has reached everybody already", "widest");
  ++pilot.phase;
  pilot.widened = now;
  return pilot;
}

Result<Pilot> stopped(Pilot pilot, std::string reason, Time now) {
  if (pilot.status != PilotStatus::running) {
    return fail(ErrorCode::conflict,
                "the pilot is " + std::string(name_of(pilot.status)) +
                    "; only a running one can be stopped",
                "not_running");
  }
  if (reason.size() > kPilotTextMax) return bad("a reason has at most 2,000 bytes");
  pilot.status = PilotStatus::stopped;
  pilot.stopped = now;
  pilot.stop_reason = std::move(reason);
  return pilot;
}

}  // namespace tideline
