// ThreadTime: what the system counts of a thread, so that who waits for it can tell a thread that
// is stuck from one that was not let run.
#pragma once

#include <optional>

#include "base/time.h"

namespace tideline {

struct ThreadTime {
  // On a processor since it began; in steps of 10 ms.
  Duration ran{};
  // It runs, or waits for a processor; else it waits for something else.
  bool wants_processor = false;
};

// Of the calling thread; for time_of_thread(). Never 0.
[[nodiscard]] int id_of_thread();

// Of a thread of this process; nullopt: there is none of this id, or the system does not tell.
[[nodiscard]] std::optional<ThreadTime> time_of_thread(int id);

}  // namespace tideline
