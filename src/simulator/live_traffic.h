// LiveTraffic: what the simulated customers do from the end of the history on, as a running clock
// asks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "simulator/marketplace.h"

namespace tideline {

class LivingCustomers;
struct SimulatedCustomer;

struct LiveOptions {
  // How many times as many events as the customers' lives would make; 0.01 .. 10,000. The clock,
  // the hidden states and the days of joining and leaving keep their pace.
  double speed = 1;
};

// Times in which `factor` times as many events come.
struct BurstPlan {
  double factor = 7.5;  // 1 .. 100
  Time first{};
  Duration length{};  // 0: no burst at all
  Duration every{};   // from begin to begin, longer than `length`; 0: only the first
};

// Not thread-safe. Holds one state a customer (about 1 KiB), one day of events at speed 1, and
// what follows from the last hours at a higher one.
class LiveTraffic {
 public:
  // Called with the history, in time order, block by block, while the lives are carried to its
  // end.
  using OnHistory = std::function<void(std::span<const Event>)>;

  // Lives the history through (about a second for 2,000 customers and a year). `simulator` must
  // outlive the result. on_history may be empty. `invalid` when an option is out of range.
  [[nodiscard]] static Result<LiveTraffic> begin(const MarketplaceSimulator& simulator,
                                                 const LiveOptions& options,
                                                 const OnHistory& on_history);
  LiveTraffic(LiveTraffic&&) noexcept;
  LiveTraffic& operator=(LiveTraffic&&) noexcept;
  ~LiveTraffic();

  // Sets the bursts to come; at most once, and not before position(). `invalid` when the plan is
  // out of range.
  [[nodiscard]] Status plan_bursts(const BurstPlan& plan);
  // Events a day are those of the lives times this, at a moment.
  [[nodiscard]] double rate_at(Time t) const;

  // Appends the events with time in (position(), to], in time order, and moves position() to `to`;
  // the first call begins with the history's end. A `to` at or before position() appends nothing.
  void take_until(Time to, std::vector<Event>& out);
  // Moves position() on and forgets the events between, e.g. over the time that the program did
  // not run.
  void skip_until(Time to);
  [[nodiscard]] Time position() const { return position_; }
  // Time of the next event; looks a few days ahead at most: nobody may be left.
  [[nodiscard]] Time next_due();

  // The customers as they are on the day of position() or the next one.
  [[nodiscard]] const std::vector<SimulatedCustomer>& customers() const;
  [[nodiscard]] const World& world() const { return *world_; }

 private:
  // Events beside those of the lives, `times` as many, within [from, until).
  struct Lane {
    double times = 0;
    Time from{};
    Time until{};
    std::string name;  // in the message ids; of its own, so that no id comes twice
    Time made{};       // its parts are made up to here
  };

  LiveTraffic(const MarketplaceSimulator& simulator, const LiveOptions& options);
  template <class Sink>
  void pass_until(Time to, Sink&& sink);
  void make_next_part();
  void live_next_day();
  void add_lane(double times, Time from, Time until, std::string name);
  void make_lane(Lane& lane, Time until);
  void add_bursts_before(Time until);
  [[nodiscard]] bool in_burst(Time t) const;
  void push(Event event);

  const World* world_;
  LiveOptions options_;
  BurstPlan bursts_;
  Time next_burst_ = Time::max();
  std::uint64_t bursts_begun_ = 0;
  std::unique_ptr<LivingCustomers> population_;
  std::vector<Event> waiting_;  // a heap, the earliest on top
  std::vector<Event> part_;     // while a part is made
  std::vector<Lane> lanes_;
  std::int64_t next_day_ = 0;  // first day not lived yet
  Time made_until_{};          // all events before are in waiting_ or gone
  Time position_{};
};

}  // namespace tideline
