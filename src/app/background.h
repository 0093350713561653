// Background: a few threads for work that waits or computes long, so that the server's own threads
// do not.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tideline {

class Background {
 public:
  explicit Background(unsigned threads, std::size_t queue_max = 10'000);
  ~Background();  // ends after the work at hand; what waits is dropped

  // Dropped when the queue is full or the pool ends: the work's own objects say so (a Responder
  // answers).
  void run(std::function<void()> work);

 private:
  void loop();
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;
  std::size_t queue_max_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tideline
