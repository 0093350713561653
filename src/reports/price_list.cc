#include "reports/price_list.h"

#include <algorithm>
#include <array>
#include <utility>

#include "reports/toml_reading.h"

namespace tideline::reports {
namespace {

using Field = std::pair<const char*, double CostAssumptions::*>;
constexpr std::array kAssumptions = {
    Field{"hours_month", &CostAssumptions::hours_month},
    Field{"events_per_customer_day", &CostAssumptions::events_per_customer_day},
    Field{"event_bytes", &CostAssumptions::event_bytes},
    Field{"busy_factor", &CostAssumptions::busy_factor},
    Field{"utilisation_max", &CostAssumptions::utilisation_max},
    Field{"keep_months", &CostAssumptions::keep_months},
    Field{"score_minutes", &CostAssumptions::score_minutes},
    Field{"score_minutes_large", &CostAssumptions::score_minutes_large},
    Field{"large_customers", &CostAssumptions::large_customers},
    Field{"seats", &CostAssumptions::seats},
    Field{"people_hours_month", &CostAssumptions::people_hours_month},
    Field{"people_hour", &CostAssumptions::people_hour},
    Field{"lambda_batch_events", &CostAssumptions::lambda_batch_events},
    Field{"lambda_ms", &CostAssumptions::lambda_ms},
    Field{"lambda_gib", &CostAssumptions::lambda_gib},
    Field{"log_bytes_event", &CostAssumptions::log_bytes_event},
    Field{"athena_gib_query", &CostAssumptions::athena_gib_query},
    Field{"athena_queries_month", &CostAssumptions::athena_queries_month},
};
// What a formula divides by.
constexpr std::array kAboveZero = {"hours_month", "utilisation_max", "score_minutes",
                                   "score_minutes_large", "lambda_batch_events"};

Status read_assumptions(const TomlReading& reading, const TomlNode& root, PriceList& list,
                        std::string_view file) {
  const TomlNode* table = root.find("assume");
  if (!table) return {};
  std::vector<std::string> names;
  for (const auto& [name, field] : kAssumptions) names.emplace_back(name);
  TRY(reading.keys(*table, "[assume]", names));
  for (const auto& [name, field] : kAssumptions) {
    TRY(reading.number(*table, name, list.assumptions.*field));
    const double value = list.assumptions.*field;
    const bool divides = std::find(kAboveZero.begin(), kAboveZero.end(), std::string_view(name)) !=
                         kAboveZero.end();
    if (value < 0 || (divides && value == 0)) {
      return fail(ErrorCode::invalid,
                  std::string(file) + ": " + name + (divides ? " is above 0" : " is not below 0"),
                  "bad_report_file");
    }
  }
  return {};
}

Result<Price> price_of(const TomlReading& reading, const TomlNode& table) {
  Price price;
  TRY(reading.keys(table, "[[price]]", {"id", "what", "unit", "amount", "source"}));
  TRY(reading.required(table, "id", "[[price]]", price.id));
  TRY(reading.required(table, "what", "[[price]]", price.what));
  TRY(reading.required(table, "unit", "[[price]]", price.unit));
  TRY(reading.required(table, "source", "[[price]]", price.source));
  TRY(reading.number(table, "amount", price.amount));
  return price;
}

Result<MachinePrice> machine_of(const TomlReading& reading, const TomlNode& table) {
  MachinePrice machine;
  TRY(reading.keys(table, "[[machine]]", {"id", "what", "vcpus", "memory_gib", "hour", "source"}));
  TRY(reading.required(table, "id", "[[machine]]", machine.id));
  TRY(reading.required(table, "what", "[[machine]]", machine.what));
  TRY(reading.required(table, "source", "[[machine]]", machine.source));
  TRY(reading.number(table, "vcpus", machine.vcpus));
  TRY(reading.number(table, "memory_gib", machine.memory_gib));
  TRY(reading.number(table, "hour", machine.hour));
  return machine;
}

Result<SuitePrice> suite_of(const TomlReading& reading, const TomlNode& table) {
  SuitePrice suite;
  TRY(reading.keys(table, "[[suite]]",
                   {"what", "seat_month", "customer_month", "flat_month", "estimate", "source"}));
  TRY(reading.required(table, "what", "[[suite]]", suite.what));
  TRY(reading.required(table, "source", "[[suite]]", suite.source));
  TRY(reading.number(table, "seat_month", suite.seat_month));
  TRY(reading.number(table, "customer_month", suite.customer_month));
  TRY(reading.number(table, "flat_month", suite.flat_month));
  if (const TomlNode* estimate = table.find("estimate")) {
    TRY_ASSIGN(suite.estimate, reading.told(boolean_of(*estimate, "estimate")));
  }
  return suite;
}

}  // namespace

const Price* PriceList::find(std::string_view id) const {
  for (const Price& price : prices) {
    if (price.id == id) return &price;
  }
  return nullptr;
}

Result<PriceList> parse_prices(std::string_view toml, std::string_view file) {
  const TomlReading reading(file);
  TRY_ASSIGN(const TomlNode root, reading.parse(toml));
  TRY(reading.keys(root, "the file",
                   {"currency", "region", "collected", "price", "machine", "suite", "assume"}));
  PriceList list;
  list.file = std::string(file);
  TRY(reading.required(root, "currency", "the file", list.currency));
  TRY(reading.text(root, "region", list.region));
  TRY(reading.required(root, "collected", "the file", list.collected));
  const auto add_price = [&](const TomlNode& table) -> Status {
    TRY_ASSIGN(auto price, price_of(reading, table));
    list.prices.push_back(std::move(price));
    return {};
  };
  TRY(reading.each(root, "price", add_price));
  const auto add_machine = [&](const TomlNode& table) -> Status {
    TRY_ASSIGN(auto machine, machine_of(reading, table));
    list.machines.push_back(std::move(machine));
    return {};
  };
  TRY(reading.each(root, "machine", add_machine));
  const auto add_suite = [&](const TomlNode& table) -> Status {
    TRY_ASSIGN(auto suite, suite_of(reading, table));
    list.suites.push_back(std::move(suite));
    return {};
  };
  TRY(reading.each(root, "suite", add_suite));
  TRY(read_assumptions(reading, root, list, file));
  std::stable_sort(list.machines.begin(), list.machines.end(),
                   [](const auto& a, const auto& b) { return a.hour < b.hour; });
  return list;
}

}  // namespace tideline::reports
