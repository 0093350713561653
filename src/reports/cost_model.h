// The cost model: what customers and events need of processors, memory and disk, and what that
// costs by the price list. Plain arithmetic on what was measured and what is assumed; each
// figure's formula is printed with it.
#pragma once

#include <string>
#include <vector>

#include "reports/facts.h"

namespace tideline::reports {

struct SizeCost {
  std::string name;  // "100 thousand customers"
  double customers = 0;
  double events_per_day = 0;
  double cores_busy = 0;  // processors in use in the busiest hour
  double memory_gib = 0;
  double disk_gib = 0;  // state and log
  double lake_gib = 0;  // object storage
  std::string machine;  // what is rented
  double machines = 0;
  double machine_month = 0;
  double disk_month = 0;
  double lake_month = 0;
  double people_month = 0;
  // Without people, as the usual parts are counted.
  [[nodiscard]] double parts_month() const { return machine_month + disk_month + lake_month; }
  [[nodiscard]] double month() const { return parts_month() + people_month; }
};

// What the usual cloud parts would cost for the same.
struct PartCost {
  std::string part;
  std::string how;            // what was counted
  std::vector<double> month;  // one a size
};

struct CostModel {
  std::vector<SizeCost>
      sizes;  // this machine (where customers are known), 100 thousand, 60 million
  std::vector<PartCost> parts;
  struct OfCustomers {
    double customers = 0;
    double month = 0;
  };
  std::vector<OfCustomers> by_customers;  // 1 K, 10 K, 100 K, 1 M, 60 M
};

// One size; `prices` has the machines.
[[nodiscard]] SizeCost cost_of_size(const std::string& name, double customers,
                                    double events_per_day, const MeasuredFacts& measured,
                                    const PriceList& prices);
[[nodiscard]] CostModel cost_model(const MeasuredFacts& measured, const PriceList& prices);

// Adds the answers that the cost report reads: prices, sizes, cloud_parts, suites,
// cost_by_customers. Without prices there are none.
void add_cost_answers(Facts& facts);

}  // namespace tideline::reports
