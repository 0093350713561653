#include "pipeline/state_cache.h"

#include <iterator>

namespace tideline {

std::optional<CustomerState> StateCache::take(const CustomerId& customer) {
  const auto place = places_.find(customer.str());
  if (place == places_.end()) return std::nullopt;
  std::optional<CustomerState> state = std::move(place->second->state);
  drop(place->second);
  return state;
}

void StateCache::put(const CustomerId& customer, CustomerState state) {
  if (const auto old = places_.find(customer.str()); old != places_.end()) drop(old->second);
  const std::size_t bytes = state.memory_bytes() + sizeof(Kept) + customer.str().size();
  if (bytes > bytes_max_) return;
  while (bytes_ + bytes > bytes_max_) drop(std::prev(ages_.end()));
  ages_.push_front({customer, std::move(state), bytes});
  places_.emplace(ages_.front().customer.str(), ages_.begin());
  bytes_ += bytes;
}

void StateCache::drop(Ages::iterator kept) {
  bytes_ -= kept->bytes;
  places_.erase(kept->customer.str());
  ages_.erase(kept);
}

void StateCache::forget() {
  places_.clear();
  ages_.clear();
  bytes_ = 0;
}

}  // namespace tideline
