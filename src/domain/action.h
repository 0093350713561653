// Action: a recommendation for one customer. Once somebody owns it, it has an owner and an
// outcome.
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
  std::string status = "open";
};

}  // namespace tideline
