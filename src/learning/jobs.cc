#include "learning/jobs.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace tideline {

void run_jobs(std::size_t count, int threads, const std::function<void(std::size_t)>& job) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) job(i);
  };
  std::vector<std::thread> helpers;
  const std::size_t wanted = std::min(count, std::size_t(std::max(threads, 1)));
  for (std::size_t t = 1; t < wanted; ++t) helpers.emplace_back(work);
  work();
  for (std::thread& helper : helpers) helper.join();
}

}  // namespace tideline
