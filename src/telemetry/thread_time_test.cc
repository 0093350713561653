// time_of_thread(): a thread that computes and one that waits are told apart.
#include "telemetry/thread_time.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace tideline {
namespace {

TEST(ThreadTime, WhoComputesRunsAndWantsAProcessor) {
  std::atomic<int> id{0};
  std::atomic<bool> over{false};
  std::thread computes([&] {
    id = id_of_thread();
    while (!over) {}
  });
  while (id == 0) {}
  std::optional<ThreadTime> time;
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  do {
    time = time_of_thread(id);
  } while (time && time->ran < Duration(100) && std::chrono::steady_clock::now() < patience);
  over = true;
  computes.join();
  ASSERT_TRUE(time);
  EXPECT_GE(time->ran, Duration(100));
  EXPECT_TRUE(time->wants_processor);
}

TEST(ThreadTime, WhoWaitsDoesNotRun) {
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<int> id{0};
  bool over = false;
  std::thread waits([&] {
    std::unique_lock lock(mutex);
    id = id_of_thread();
    wake.wait(lock, [&] { return over; });
  });
  while (id == 0) {}
  std::optional<ThreadTime> time;
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  do {
    time = time_of_thread(id);  // until it came to its wait
  } while (time && time->wants_processor && std::chrono::steady_clock::now() < patience);
  {
    const std::lock_guard lock(mutex);
    over = true;
  }
  wake.notify_all();
  waits.join();
  ASSERT_TRUE(time);
  EXPECT_FALSE(time->wants_processor);
  EXPECT_LT(time->ran, Duration(100));
}

TEST(ThreadTime, OfAnUnknownThreadNothingIsSaid) { EXPECT_FALSE(time_of_thread(0)); }

}  // namespace
}  // namespace tideline
