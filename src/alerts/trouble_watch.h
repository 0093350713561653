// TroubleWatch: tells of trouble once when it began and once when it is over, also when the
// program was started again in between.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "alerts/alert_queue.h"
#include "base/clock.h"
#include "ports/state_store.h"

namespace tideline {

// One thing that can be wrong with the program.
struct Vital {
  std::string name;
  bool is_bad = false;
  std::string what;  // while it is bad: one sentence; what was last said is kept otherwise
};

struct TroubleOptions {
  Duration begins_after = std::chrono::seconds(30);  // bad for so long without a break
  Duration ends_after = std::chrono::minutes(1);     // and good again for so long
};

// Thread-safe.
class TroubleWatch {
 public:
  TroubleWatch(TroubleOptions options, const AlertQueue& queue, StateStore& store,
               const Clock& clock)
      : options_(options), queue_(queue), store_(store), clock_(clock) {}

  // What was wrong when the program ended. Once, before anything else.
  Status load();
  Status note(std::span<const Vital> vitals);
  // What is wrong and was told, the oldest first.
  [[nodiscard]] std::vector<Trouble> open() const;

 private:
  struct Course {
    std::optional<Time> turned;  // since when it is otherwise than was told
    std::optional<Trouble> told;
  };
  Status note(const Vital& vital, Time now);

  TroubleOptions options_;
  const AlertQueue& queue_;
  StateStore& store_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Course> courses_;  // by name
};

}  // namespace tideline
