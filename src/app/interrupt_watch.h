// InterruptWatch: ends work that cannot look for itself whether somebody pressed Ctrl-C.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <thread>

#include "app/terminal.h"

namespace tideline {

// Calls `stop` once somebody presses Ctrl-C, for as long as it lives.
class InterruptWatch {
 public:
  explicit InterruptWatch(std::function<void()> stop)
      : thread_([stop = std::move(stop)](const std::stop_token& over) {
          while (!over.stop_requested()) {
            if (interrupted()) return stop();
            std::this_thread::sleep_for(kLook);
          }
        }) {}

 private:
  static constexpr auto kLook = std::chrono::milliseconds(20);
  std::jthread thread_;
};

}  // namespace tideline
