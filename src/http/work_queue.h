// WorkQueue: who may work now, who waits, who is refused. A few places; fair between flows,
// whoever sends more; a wait that would be too long is refused at once.
//
// Fairness is start-time fair queueing (Goyal, Vin, Cheng 1996): each item gets a tag, the virtual
// time at which its flow's earlier items would be done were the flows served side by side, and the
// smallest tag is next. The wait of a new item is estimated from the time that work took lately,
// so the queue is as long as the machine is fast, and not a number of items.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/time.h"

namespace tideline::http {

// Thread-safe.
class WorkQueue {
 public:
  using Clock = std::chrono::steady_clock;
  struct Options {
    unsigned places = 2;           // items worked on at one moment; at least 1
    Duration wait_max{250};        // an item that would wait longer is refused
    std::size_t items_max = 4096;  // waiting, whatever their estimate
  };
  struct Work {
    std::uint64_t flow = 0;  // who sent it
    std::uint64_t cost = 1;  // how much it is, in any unit that the time it takes grows with; > 0
    // Called once it has a place, or, with late = true, when it waited for far longer than was
    // estimated: then it has none, and should be refused. From the thread that left its place;
    // short. False: nobody wants it any more, and it takes no place.
    std::function<bool(bool late)> start;
  };
  enum class Entry { now, later, refused };

  explicit WorkQueue(Options options);

  // now: the caller has a place and must leave() it; `start` is not called. refused: nothing was
  // kept.
  [[nodiscard]] Entry enter(Work work, Clock::time_point now);
  // Whether such work would be refused at this moment: asked before it is all there, so that what
  // cannot be worked on is not read either.
  [[nodiscard]] bool would_refuse(std::uint64_t flow, std::uint64_t cost) const;
  // A place is free again after `took` for work of that cost; starts who waits for it.
  void leave(std::uint64_t cost, Clock::duration took, Clock::time_point now);

  struct Load {
    std::size_t working = 0;
    std::size_t waiting = 0;
    std::size_t flows = 0;     // that wait
    Clock::duration oldest{};  // of those that wait
    Clock::duration wait{};    // estimate for the next item of a new flow
  };
  [[nodiscard]] Load load(Clock::time_point now) const;

 private:
  struct Waiting {
    Work work;
    Clock::time_point since;
  };
  struct Flow {
    std::uint64_t cost = 0;      // of what waits
    std::uint64_t last_tag = 0;  // of its newest item
  };
  [[nodiscard]] Clock::duration wait_of(std::uint64_t flow_cost, std::size_t flows) const;
  [[nodiscard]] bool is_full_for(std::uint64_t flow, std::uint64_t cost) const;
  // Takes the first out; nullopt when none waits, and a place becomes free.
  [[nodiscard]] std::optional<Waiting> take_first();

  const Options options_;
  mutable std::mutex mutex_;
  std::size_t working_ = 0;
  std::uint64_t virtual_now_ = 0;
  std::uint64_t number_ = 0;  // makes equal tags first come, first served
  std::uint64_t waiting_cost_ = 0;
  std::map<std::pair<std::uint64_t, std::uint64_t>, Waiting> waiting_;  // by tag and number
  std::unordered_map<std::uint64_t, Flow> flows_;                       // of those that wait
  // Faded sums of what work took and cost; their ratio is the time one unit takes.
  double took_s_;
  double took_cost_;
};

}  // namespace tideline::http
