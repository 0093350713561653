// PriceList: what machines, cloud parts and suites cost, and what is assumed of their use, read
// from one TOML file that people keep (packs/prices.toml). Every price says where it was read.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tideline::reports {

struct Price {
  std::string id;      // "kinesis_shard_hour"
  std::string what;    // "Kinesis, one shard"
  std::string unit;    // "hour", "million writes"
  double amount = 0;   // in the list's currency
  std::string source;  // where it was read
};

// A machine to rent.
struct MachinePrice {
  std::string id;
  std::string what;
  double vcpus = 0;
  double memory_gib = 0;
  double hour = 0;  // price of one
  std::string source;
};

// A product that does a part of the same, sold by seats, customers or a flat sum.
struct SuitePrice {
  std::string what;
  double seat_month = 0;
  double customer_month = 0;
  double flat_month = 0;
  bool estimate = false;  // no list price is published
  std::string source;
};

// What is assumed where nothing was measured.
struct CostAssumptions {
  double hours_month = 730;
  double events_per_customer_day = 2;
  double event_bytes = 400;           // on the wire
  double busy_factor = 5;             // of the busiest hour against the mean
  double utilisation_max = 0.5;       // of processors, at the busiest hour
  double keep_months = 13;            // of the lake
  double score_minutes = 5;           // every customer is scored anew so often
  double score_minutes_large = 1440;  // of more than `large_customers`
  double large_customers = 1'000'000;
  double seats = 10;              // people who use it
  double people_hours_month = 8;  // to look after it
  double people_hour = 0;         // price of such an hour; 0: not counted
  double lambda_batch_events = 100;
  double lambda_ms = 200;  // of a batch
  double lambda_gib = 0.5;
  double log_bytes_event = 200;
  double athena_gib_query = 5;
  double athena_queries_month = 500;
};

struct PriceList {
  std::string file;  // for the list of sources
  std::string currency;
  std::string region;
  std::string collected;  // when they were read
  std::vector<Price> prices;
  std::vector<MachinePrice> machines;  // by price, cheapest first
  std::vector<SuitePrice> suites;
  CostAssumptions assumptions;

  // nullptr: the list has no such price.
  [[nodiscard]] const Price* find(std::string_view id) const;
};

// `file` is used in messages; they say "FILE:LINE: what is wrong".
[[nodiscard]] Result<PriceList> parse_prices(std::string_view toml, std::string_view file);

}  // namespace tideline::reports
