// HeldBytes: the memory that callers make the server hold (bodies, half-read heads, answers not
// taken), with a bound. Internal to src/http.
#pragma once

#include <atomic>
#include <cstddef>

namespace tideline::http {

// Thread-safe.
class HeldBytes {
 public:
  explicit HeldBytes(std::size_t max) : max_(max) {}

  // False when the bound does not allow it and nothing was taken.
  [[nodiscard]] bool take(std::size_t bytes) {
    if (held_.fetch_add(bytes) + bytes <= max_) return true;
    held_.fetch_sub(bytes);
    return false;
  }
  // Also over the bound: for what is there already, while something else is being let go.
  void take_anyway(std::size_t bytes) { held_.fetch_add(bytes); }
  void give_back(std::size_t bytes) { held_.fetch_sub(bytes); }
  [[nodiscard]] std::size_t held() const { return held_; }
  [[nodiscard]] std::size_t max() const { return max_; }
  [[nodiscard]] bool has_room(std::size_t bytes) const { return held_ + bytes <= max_; }

 private:
  const std::size_t max_;
  std::atomic<std::size_t> held_ = 0;
};

}  // namespace tideline::http
