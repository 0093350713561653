// StateCache: decoded states of customers, up to a number of bytes; those not used for longest
// leave first. For one thread.
#pragma once

#include <list>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "features/customer_state.h"

namespace tideline {

class StateCache {
 public:
  explicit StateCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // Takes the state out, to be changed; nullopt: it is not here. Until it is put back, what is
  // kept of the customer is in the store.
  [[nodiscard]] std::optional<CustomerState> take(const CustomerId& customer);
  void put(const CustomerId& customer, CustomerState state);
  void forget();

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Kept {
    CustomerId customer;
    CustomerState state;
    std::size_t bytes = 0;
  };
  using Ages = std::list<Kept>;  // newest first
  void drop(Ages::iterator kept);

  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  Ages ages_;
  std::unordered_map<std::string_view, Ages::iterator> places_;  // keys lie in ages_
};

}  // namespace tideline
