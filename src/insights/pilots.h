// Pilots: the experiments of a folder: what they are, who came into which arm when (the exposure
// log), and what they show.
//
// A pilot takes customers in when it is enrolled (enrol()), by its tiers, its phase and its salted
// hash; who came in stays in its arm, whatever becomes of it. When its horizon is over each is
// looked at once (measure()). Owns the keys "pilot", "exposed" and "expose due" of
// Family::actions. Thread-safe.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/pilot.h"
#include "insights/experiment.h"
#include "insights/power.h"
#include "ports/state_store.h"

namespace tideline {

// Who came into which arm when: one line of the exposure log.
struct Exposure {
  std::string pilot;
  CustomerId customer;
  std::size_t arm = 0;    // place in Pilot::arms
  std::size_t phase = 0;  // that reached it
  Time time{};
  std::string tier;
  std::optional<double> amount;  // as of then
  std::optional<double> risk;
  struct Outcome {
    Time time{};
    bool retained = false;
    std::optional<double> amount;  // a 30 days, over the 90 days before the measuring
  };
  std::optional<Outcome> outcome;
};

struct ExposureQuery {
  std::string pilot;
  std::optional<std::size_t> arm;
  std::size_t limit = 1'000;
  std::string after;  // customer; empty: from the first
};

struct PilotReport {
  ExperimentReport experiment;
  std::size_t customers = 0;       // in it
  std::size_t measured = 0;        // of those, whose outcome is known
  std::optional<Time> next_known;  // when the next outcome will be known
  // More will come in or be measured: a look before the end finds chance more often than an
  // interval says.
  bool interim = true;
};

// Customers, all arms, that the pilot needs for its power; the smallest treated arm decides.
// invalid as insights/power.h says.
[[nodiscard]] Result<std::uint64_t> planned_customers(const Pilot& pilot);

class Pilots {
 public:
  static constexpr std::size_t kCountMax = 1'000;

  explicit Pilots(StateStore& store) : store_(store) {}

  // Keeps a draft, its id, status and planned size made here. invalid ("bad_pilot", …), conflict
  // ("pilot_exists"), too_large.
  [[nodiscard]] Result<Pilot> create(Pilot draft, Time now);
  // Newest first.
  [[nodiscard]] Result<std::vector<Pilot>> list();
  [[nodiscard]] Result<Pilot> find(const std::string& id);  // not_found
  // conflict as domain/pilot.h says. To widen is refused ("broken_split", "harmful") where the
  // split is broken, or an arm does clearly worse than the control.
  [[nodiscard]] Result<Pilot> start(const std::string& id, Time now);
  [[nodiscard]] Result<Pilot> widen(const std::string& id, Time now);
  [[nodiscard]] Result<Pilot> stop(const std::string& id, const std::string& reason, Time now);

  // Those that take customers in.
  [[nodiscard]] Result<std::vector<Pilot>> running();
  // Takes those into running pilots that they are about, that the phase has reached and that are
  // not in yet; how many came in. Synced: who was told to be in an arm is in it for ever.
  [[nodiscard]] Result<std::size_t> enrol(std::span<const Newcomer> newcomers, Time now);

  // What the customer did in (from, until], and its amount now; nullopt: it is not known any more.
  using Look = std::function<Result<std::optional<Exposure::Outcome>>(const CustomerId& customer,
                                                                      Time from, Time until)>;
  // Measures whose horizon is over by `now`; how many.
  [[nodiscard]] Result<std::size_t> measure(Time now, const Look& look);

  // In the order of ids.
  [[nodiscard]] Result<std::vector<Exposure>> exposures(const ExposureQuery& query);
  [[nodiscard]] Result<PilotReport> report(const std::string& id, Time now);

 private:
  [[nodiscard]] Result<Pilot> keep(Pilot pilot);
  [[nodiscard]] Result<std::optional<Pilot>> read(const std::string& id);
  Status enrol_into(const Pilot& pilot, std::span<const Newcomer> newcomers, Time now,
                    std::size_t& came);
  [[nodiscard]] Result<PilotReport> report_of_pilot(const Pilot& pilot, Time now);

  StateStore& store_;
  std::mutex mutex_;  // one change at a time
};

}  // namespace tideline
