// A simulated marketplace of tutors and customers, whose truth is known: the front page of
// `simulator`.
//
// Every customer's life is a pure function of the options and of the customer's number, so lives
// can be made in any order and in any grouping with the same bytes. The model is told in
// docs/simulator.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "domain/event.h"
#include "simulator/customer_nature.h"

namespace tideline {

class World;

struct SimulationOptions {
  std::uint32_t customers = 2000;  // 1 .. 10,000,000; who joins before the end
  std::uint32_t days = 365;        // 1 .. 3,650; the history is [end - days, end)
  Time end{};                      // from 1981 on, so that every history starts after 1970
  std::uint64_t seed = 1;
  // Adds a LatentSample to the truth at 00:00 UTC of every such day, counted from 1970; 0: none.
  std::uint32_t sample_every_days = 0;
};

// What makes a customer decline, or was the largest part of the pressure to leave when the
// decision to leave fell.
enum class DeclineCause : std::uint8_t {
  none,
  tutor,
  cancellations,
  payments,
  replies,
  price,
  support,
  outage,
  goal,
  drift
};
inline constexpr std::size_t kDeclineCauses = 10;
[[nodiscard]] std::string_view name_of(DeclineCause cause);

// The hidden state at a moment.
struct LatentSample {
  Time at{};
  double satisfaction = 0;  // 0..1
  double activity = 0;      // pace against the customer's own need; 1 is content
  double leave_hazard = 0;  // chance to decide to leave on this day; 0 when gone
  bool gone = false;        // left, or not come back
};

struct Truth {
  CustomerId customer;
  CustomerKind kind = CustomerKind::pupil;
  Time joined{};  // may lie before the history
  // Of the latest decline that began before the end, planted or by a tutor who turned bad. Not
  // everybody who declines leaves, and not everybody who leaves had one.
  DeclineCause decline_cause = DeclineCause::none;
  std::optional<Time> decline_began;              // 00:00 UTC of its first day
  std::optional<Time> left;                       // since when gone, for who is gone at the end
  std::optional<Time> returned;                   // the latest coming back
  std::uint32_t departures = 0;                   // times that the customer left
  DeclineCause leave_cause = DeclineCause::none;  // of the latest departure
  // At the end of the history.
  double satisfaction = 0;
  double activity = 0;
  double leave_hazard = 0;
  double leave_probability_30d = 0;  // 1 - (1 - leave_hazard)^30; 1 when gone
  std::uint64_t events = 0;          // in the history
  std::vector<LatentSample> samples;
};

// A World and the lives in it. Movable; const functions may be called from several threads.
class MarketplaceSimulator {
 public:
  // `invalid` when an option is out of range.
  [[nodiscard]] static Result<MarketplaceSimulator> open(const SimulationOptions& options);
  MarketplaceSimulator(MarketplaceSimulator&&) noexcept;
  MarketplaceSimulator& operator=(MarketplaceSimulator&&) noexcept;
  ~MarketplaceSimulator();

  [[nodiscard]] const SimulationOptions& options() const;
  [[nodiscard]] Time start() const;
  [[nodiscard]] std::uint32_t customers() const;
  [[nodiscard]] std::uint32_t tutors() const;
  // "c000001" for index 0; lives are numbered from 0, ids from 1.
  [[nodiscard]] CustomerId customer_id(std::uint32_t index) const;

  // Appends the whole history of one customer, sorted by time, and sets `truth`. index <
  // customers(). Events carry no source and no content hash; arrival time is event time. Ingest
  // sets its own.
  void simulate_customer(std::uint32_t index, std::vector<Event>& out, Truth& truth) const;

  // The chance that gone(horizon, lapse) of design 4.6 is true of the customer as of t = 00:00 UTC
  // of the day `days_in` days after the first of the history, knowing the hidden state: the share
  // of `replicas` futures in which it is. No model can rank better than by it. nullopt for who has
  // not joined before t.
  [[nodiscard]] std::optional<double> gone_probability(std::uint32_t index, std::uint32_t days_in,
                                                       Duration horizon, Duration lapse,
                                                       std::uint32_t replicas) const;

  [[nodiscard]] const World& world() const { return *world_; }

 private:
  explicit MarketplaceSimulator(std::unique_ptr<const World> world);
  std::unique_ptr<const World> world_;
};

}  // namespace tideline
