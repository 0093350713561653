// Id<Tag>: a string id that cannot be mistaken for an id of another kind.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace tideline {

// Tag is an incomplete struct named after the thing: Id<struct CustomerTag>. Any bytes are allowed
// (ids are the sender's); limits are checked where ids enter.
template <class Tag>
class Id {
 public:
  Id() = default;
  explicit Id(std::string value) : value_(std::move(value)) {}

  [[nodiscard]] const std::string& str() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  auto operator<=>(const Id&) const = default;

 private:
  std::string value_;
};

}  // namespace tideline

template <class Tag>
struct std::hash<tideline::Id<Tag>> {
  std::size_t operator()(const tideline::Id<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.str());
  }
};
