// Independent pieces of work on a few threads. Each writes only to its own place, so how many
// threads there are never shows in a result.
#pragma once

#include <cstddef>
#include <functional>

namespace tideline {

// Calls job(0) .. job(count - 1), each once, and returns when all are done. `threads` below 2: in
// order, on this thread.
void run_jobs(std::size_t count, int threads, const std::function<void(std::size_t)>& job);

}  // namespace tideline
