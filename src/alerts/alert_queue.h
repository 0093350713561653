// AlertQueue: how alerts come about: into the same write as what they tell of, so that neither is
// there without the other, and neither is there twice.
#pragma once

#include <functional>

#include "domain/alert.h"
#include "ports/state_store.h"

namespace tideline {

class AlertQueue {
 public:
  // While `is_history` says so, nothing that customers did is news: a folder that holds only
  // imports. Thread-safe; null: always news.
  explicit AlertQueue(std::function<bool()> is_history = {})
      : is_history_(std::move(is_history)) {}

  // Whether what customers do now is worth an alert.
  [[nodiscard]] bool is_live() const { return !is_history_ || !is_history_(); }
  // Gives it its id.
  void add(Alert alert, WriteBatch& writes) const;

 private:
  std::function<bool()> is_history_;
};

}  // namespace tideline
