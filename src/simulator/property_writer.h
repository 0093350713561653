// PropertyWriter: the properties of a simulated event as compact JSON, the same bytes on every
// machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tideline {

// PropertyWriter().text("by", "tutor").number("notice_hours", 3.25, 2).take()
class PropertyWriter {
 public:
  PropertyWriter& text(std::string_view key, std::string_view value);
  PropertyWriter& whole(std::string_view key, std::int64_t value);
  // Rounded half away from zero to exactly `decimals` (0..6) places; |value| < 10^12.
  PropertyWriter& number(std::string_view key, double value, int decimals);
  [[nodiscard]] std::string take();

 private:
  void key(std::string_view name);
  std::string json_ = "{";
};

}  // namespace tideline
