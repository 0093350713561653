// Action: a recommendation for one customer. What people make of it: domain/action_life.h.
#pragma once

#include <string>

#include "domain/event.h"

namespace tideline {

struct Action {
  std::string id;  // unique in a data folder
  CustomerId customer;
  std::string play;  // of the playbook
  std::string priority;
  std::string channel;  // may be empty
  std::string say;      // one sentence with the customer's own numbers
  double cost = 0;      // expected, in the pack's currency
  Time created{};
};

}  // namespace tideline
