// ActivityBook: what the days of all customers come to, read from the lake now and then. For
// Services::activity.
#pragma once

#include <mutex>
#include <optional>

#include "app/engine.h"
#include "insights/retention.h"

namespace tideline {

class ActivityBook {
 public:
  // `engine` must outlive it.
  explicit ActivityBook(Engine& engine) : engine_(engine) {}

  // At most ten minutes old. Reads the whole lake where it is older, about a
  // microsecond an event; one at a time. Thread-safe.
  [[nodiscard]] Result<ActivityFigures> figures();

 private:
  Engine& engine_;
  std::mutex mutex_;
  std::optional<ActivityFigures> figures_;
  Time read_{};  // by the machine's clock
};

}  // namespace tideline
