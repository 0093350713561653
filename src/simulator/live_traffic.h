// LiveTraffic: what the simulated customers do from the end of the history on, as a running clock
// asks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "simulator/marketplace.h"

namespace tideline {

class LivingCustomers;

struct LiveOptions {
  // How many times as many events as the customers' lives would make; 0.01 .. 10,000. The clock,
  // the hidden states and the days of joining and leaving keep their pace.
  double speed = 1;
};

// Not thread-safe. Holds one state a customer (about 1 KiB) and one day of events.
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

  // Appends the events with time in (position(), to], in time order, and moves position() to `to`;
  // the first call begins with the history's end. A `to` at or before position() appends nothing.
  void take_until(Time to, std::vector<Event>& out);
  // Moves position() on and forgets the events between, e.g. over the time that the program did
  // not run.
  void skip_until(Time to);
  [[nodiscard]] Time position() const { return position_; }
  // Time of the next event; looks at most to the end of the next day that has one.
  [[nodiscard]] Time next_due();

 private:
  LiveTraffic(const MarketplaceSimulator& simulator, const LiveOptions& options);
  void prepare_next_day();

  const World* world_;
  LiveOptions options_;
  std::unique_ptr<LivingCustomers> population_;
  std::vector<Event> day_events_;  // of the day before next_day_, sorted
  std::size_t taken_ = 0;          // how many of them are given out or passed
  std::int64_t next_day_ = 0;      // first day not lived yet
  Time position_{};
};

}  // namespace tideline
