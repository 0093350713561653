#include "reports/cost_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "reports/answers.h"

namespace tideline::reports {
namespace {

constexpr double kGib = 1024.0 * 1024.0 * 1024.0;
constexpr double kSecondsDay = 86'400;
constexpr double kDaysMonth = 365.25 / 12;
// Where this folder has not measured them yet: docs/benchmarks.md, rounded up.
constexpr double kCpuPerMillionEvents = 40;
constexpr double kCpuPerMillionScores = 8;
constexpr double kLakeBytesPerEvent = 60;
constexpr double kStateBytesPerCustomer = 900;
constexpr double kMemoryBaseGib = 1;
constexpr double kMemoryPerCustomer = 300;

double amount(const PriceList& prices, const char* id) {
  const Price* price = prices.find(id);
  return price ? price->amount : 0;
}

// How often a day every customer is scored anew.
double scorings_a_day(double customers, const CostAssumptions& assumed) {
  const double minutes =
      customers > assumed.large_customers ? assumed.score_minutes_large : assumed.score_minutes;
  return 1440 / minutes;
}

void choose_machine(SizeCost& size, const PriceList& prices) {
  const CostAssumptions& assumed = prices.assumptions;
  const double cores = size.cores_busy / assumed.utilisation_max;
  for (const MachinePrice& machine : prices.machines) {
    if (machine.vcpus < cores || machine.memory_gib < size.memory_gib) continue;
    size.machine = machine.what;
    size.machines = 1;
    size.machine_month = machine.hour * assumed.hours_month;
    return;
  }
  if (prices.machines.empty()) return;
  const MachinePrice& largest = prices.machines.back();
  size.machine = largest.what;
  size.machines = std::ceil(std::max(cores / std::max(largest.vcpus, 1e-9),
                                     size.memory_gib / std::max(largest.memory_gib, 1e-9)));
  size.machine_month = size.machines * largest.hour * assumed.hours_month;
}

// ---- The usual parts

struct PartCount {
  const char* part;
  const char* how;
  double (*month)(const SizeCost& size, const PriceList& prices);
};

double events_month(const SizeCost& size) { return size.events_per_day * kDaysMonth; }
double scores_month(const SizeCost& size, const PriceList& prices) {
  return size.customers * scorings_a_day(size.customers, prices.assumptions) * kDaysMonth;
}

constexpr std::array kParts = {
    PartCount{"Kinesis",
              "shards for the busiest hour at 1 MB/s and 1,000 records/s, at least 2; puts",
              [](const SizeCost& size, const PriceList& prices) {
                const CostAssumptions& a = prices.assumptions;
                const double busy = size.events_per_day / kSecondsDay * a.busy_factor;
                const double shards =
                    std::max({2.0, std::ceil(busy / 1000), std::ceil(busy * a.event_bytes / 1e6)});
                return shards * a.hours_month * amount(prices, "kinesis_shard_hour") +
                       events_month(size) / 1e6 * amount(prices, "kinesis_put_million");
              }},
    PartCount{"Lambda", "a call a batch of events, and a call for every 1,000 customers scored",
              [](const SizeCost& size, const PriceList& prices) {
                const CostAssumptions& a = prices.assumptions;
                const double calls =
                    events_month(size) / a.lambda_batch_events + scores_month(size, prices) / 1000;
                return calls / 1e6 * amount(prices, "lambda_million_calls") +
                       calls * a.lambda_ms / 1000 * a.lambda_gib *
                           amount(prices, "lambda_gib_second");
              }},
    PartCount{"DynamoDB", "a write an event and a customer and day, twice as many reads; storage",
              [](const SizeCost& size, const PriceList& prices) {
                const double writes = events_month(size) + size.customers * kDaysMonth;
                return writes / 1e6 * amount(prices, "dynamo_million_writes") +
                       2 * writes / 1e6 * amount(prices, "dynamo_million_reads") +
                       size.disk_gib * amount(prices, "dynamo_gib_month");
              }},
    PartCount{"S3", "the same lake, and a put an hour and table",
              [](const SizeCost& size, const PriceList& prices) {
                return size.lake_gib * amount(prices, "object_gib_month") +
                       24 * kDaysMonth * 7 / 1000 * amount(prices, "object_thousand_puts");
              }},
    PartCount{"SageMaker", "an endpoint of two instances for figures in real time",
              [](const SizeCost&, const PriceList& prices) {
                return 2 * prices.assumptions.hours_month * amount(prices, "sagemaker_hour");
              }},
    PartCount{"Fargate", "weekly training and batch, 4 vCPU and 16 GiB, an hour for 1 million",
              [](const SizeCost& size, const PriceList& prices) {
                const double hours = std::max(1.0, size.customers / 1e6) * kDaysMonth / 7;
                return hours * (4 * amount(prices, "fargate_vcpu_hour") +
                                16 * amount(prices, "fargate_gib_hour"));
              }},
    PartCount{"Glue and Athena", "queries over the lake",
              [](const SizeCost& size, const PriceList& prices) {
                const CostAssumptions& a = prices.assumptions;
                const double scanned = std::min(a.athena_gib_query, size.lake_gib);
                return a.athena_queries_month * scanned / 1024 * amount(prices, "athena_tib");
              }},
    PartCount{"CloudWatch", "logs of every part",
              [](const SizeCost& size, const PriceList& prices) {
                return events_month(size) * prices.assumptions.log_bytes_event / kGib *
                       amount(prices, "cloudwatch_gib");
              }},
};

NumberForm money(const PriceList& prices, int digits = 0) {
  return {NumberForm::Kind::money, digits, prices.currency};
}
NumberForm plain(std::string unit, int digits = 0) {
  return {NumberForm::Kind::plain, digits, std::move(unit)};
}

Answer price_answer(const PriceList& prices) {
  Answer answer;
  answer.id = answers::kPrices;
  answer.about = "Prices";
  answer.kind = QueryKind::file;
  answer.query = prices.file;
  answer.period = "list prices, read " + prices.collected;
  answer.population = prices.region;
  answer.columns = {{"amount", "Price", money(prices, NumberForm::kByItsSize)}};
  for (const Price& price : prices.prices) answer.rows.push_back({price.id, {price.amount}});
  for (const MachinePrice& machine : prices.machines)
    answer.rows.push_back({machine.id, {machine.hour}});
  return answer;
}

Answer size_answer(const CostModel& model, const PriceList& prices) {
  const CostAssumptions& a = prices.assumptions;
  Answer answer;
  answer.id = answers::kSizes;
  answer.about = "Needs and cost of three sizes";
  answer.kind = QueryKind::sum;
  answer.query = fmt::format(
      "cores = events/s x {:g} (busiest hour) x CPU s an event + customers x {:g} scorings a day "
      "(of more than {} customers {:g}) x CPU s a scoring / 86,400; memory = base + bytes a "
      "customer; "
      "disk = 2 x state + 24 h of log; lake = events x bytes x {:g} months; machine = the "
      "cheapest "
      "with cores / {:g} and the memory x {:g} h; cost = machine + disk + lake + people",
      a.busy_factor, 1440 / a.score_minutes, typesetting::shown_bare(a.large_customers, {}),
      1440 / a.score_minutes_large, a.keep_months, a.utilisation_max, a.hours_month);
  answer.period = "a month";
  answer.population = "customers of each size";
  const NumberForm by_size = money(prices, NumberForm::kByItsSize);
  answer.columns = {{"customers", "Customers", plain("")},
                    {"events_per_day", "Events a day", plain("")},
                    {"cores_busy", "Cores, busiest hour", plain("", NumberForm::kByItsSize)},
                    {"memory_gib", "Memory", plain("GiB", NumberForm::kByItsSize)},
                    {"disk_gib", "Disk", plain("GiB", NumberForm::kByItsSize)},
                    {"lake_gib", "Lake", plain("GiB", NumberForm::kByItsSize)},
                    {"machine_month", "Machine, cost", by_size},
                    {"disk_month", "Disk, cost", by_size},
                    {"lake_month", "Lake, cost", by_size},
                    {"parts_month", "All parts, cost", by_size},
                    {"people_month", "People, cost", by_size},
                    {"month", "Cost of all", by_size},
                    {"customer_year", "A customer and year", by_size}};
  for (const SizeCost& size : model.sizes) {
    answer.rows.push_back(
        {size.name,
         {size.customers, size.events_per_day, size.cores_busy, size.memory_gib, size.disk_gib,
          size.lake_gib, size.machine_month, size.disk_month, size.lake_month, size.parts_month(),
          size.people_month, size.month(),
          size.customers > 0 ? std::optional(size.month() * 12 / size.customers) : std::nullopt}});
  }
  return answer;
}

Answer part_answer(const CostModel& model, const PriceList& prices) {
  Answer answer;
  answer.id = answers::kCloudParts;
  answer.about = "The usual cloud parts for the same";
  answer.kind = QueryKind::sum;
  for (const PartCount& part : kParts)
    answer.query += std::string(answer.query.empty() ? "" : "; ") + part.part + ": " + part.how;
  answer.query += "; each at the prices of " + prices.file;
  answer.period = "a month";
  answer.population = "customers of each size";
  for (std::size_t i = 0; i < model.sizes.size(); ++i)
    answer.columns.push_back({"size_" + std::to_string(i + 1), model.sizes[i].name,
                              money(prices, NumberForm::kByItsSize)});
  std::vector<double> sums(model.sizes.size(), 0);
  for (const PartCost& part : model.parts) {
    AnswerRow& row = answer.rows.emplace_back();
    row.name = part.part;
    for (std::size_t i = 0; i < part.month.size(); ++i) {
      row.values.emplace_back(part.month[i]);
      sums[i] += part.month[i];
    }
  }
  AnswerRow& all = answer.rows.emplace_back();
  all.name = "All parts";
  for (const double sum : sums) all.values.emplace_back(sum);
  return answer;
}

Answer suite_answer(const CostModel& model, const PriceList& prices) {
  Answer answer;
  answer.id = answers::kSuites;
  answer.about = "Suites for customer success";
  answer.kind = QueryKind::sum;
  answer.query = fmt::format(
      "flat sum + {:g} seats x price of a seat + customers x price of a customer; prices of {}",
      prices.assumptions.seats, prices.file);
  answer.period = "a month";
  answer.population = "customers of each size";
  for (std::size_t i = 0; i < model.sizes.size(); ++i)
    answer.columns.push_back({"size_" + std::to_string(i + 1), model.sizes[i].name,
                              money(prices, NumberForm::kByItsSize)});
  for (const SuitePrice& suite : prices.suites) {
    AnswerRow& row = answer.rows.emplace_back();
    row.name = suite.what;
    for (const SizeCost& size : model.sizes)
      row.values.emplace_back(suite.flat_month + suite.seat_month * prices.assumptions.seats +
                              suite.customer_month * size.customers);
  }
  if (answer.rows.empty()) answer.missing = "the price file has no suites";
  return answer;
}

Answer by_customers_answer(const CostModel& model, const PriceList& prices) {
  Answer answer;
  answer.id = answers::kCostByCustomers;
  answer.about = "Cost by number of customers";
  answer.kind = QueryKind::sum;
  answer.query = "as the three sizes, for other numbers of customers";
  answer.period = "a month";
  answer.population = "so many customers";
  answer.columns = {
      {"month", "A month", money(prices, NumberForm::kByItsSize)},
      {"customer_month", "A customer and month", money(prices, NumberForm::kByItsSize)}};
  for (const auto& one : model.by_customers) {
    answer.rows.push_back(
        {typesetting::shown_bare(one.customers, {}), {one.month, one.month / one.customers}});
  }
  return answer;
}

}  // namespace

SizeCost cost_of_size(const std::string& name, double customers, double events_per_day,
                      const MeasuredFacts& measured, const PriceList& prices) {
  const CostAssumptions& a = prices.assumptions;
  const double cpu_event = measured.cpu_s_per_million_events.value_or(kCpuPerMillionEvents) / 1e6;
  const double cpu_score = measured.cpu_s_per_million_scores.value_or(kCpuPerMillionScores) / 1e6;
  SizeCost size;
  size.name = name;
  size.customers = customers;
  size.events_per_day = events_per_day;
  size.cores_busy = events_per_day / kSecondsDay * a.busy_factor * cpu_event +
                    customers * scorings_a_day(customers, a) / kSecondsDay * cpu_score;
  size.memory_gib =
      measured.memory_base_gib.value_or(kMemoryBaseGib) +
      customers * measured.memory_bytes_per_customer.value_or(kMemoryPerCustomer) / kGib;
  // Twice the state, for RocksDB's compactions; the log keeps a day.
  size.disk_gib =
      (2 * customers * measured.state_bytes_per_customer.value_or(kStateBytesPerCustomer) +
       events_per_day * a.event_bytes) /
      kGib;
  size.lake_gib = events_per_day * kDaysMonth * a.keep_months *
                  measured.lake_bytes_per_event.value_or(kLakeBytesPerEvent) / kGib;
  choose_machine(size, prices);
  size.disk_month = std::ceil(size.disk_gib + 8) * amount(prices, "block_gib_month");
  size.lake_month = size.lake_gib * amount(prices, "object_gib_month");
  size.people_month = a.people_hours_month * a.people_hour;
  return size;
}

CostModel cost_model(const MeasuredFacts& measured, const PriceList& prices) {
  const double a_day = prices.assumptions.events_per_customer_day;
  CostModel model;
  if (measured.customers && *measured.customers > 0) {
    model.sizes.push_back(cost_of_size(
        "This folder", *measured.customers,
        measured.events_per_day.value_or(*measured.customers * a_day), measured, prices));
  }
  for (const auto& [name, customers] :
       {std::pair{"100 thousand", 1e5}, std::pair{"60 million", 6e7}})
    model.sizes.push_back(cost_of_size(name, customers, customers * a_day, measured, prices));
  for (const PartCount& part : kParts) {
    PartCost& cost = model.parts.emplace_back();
    cost.part = part.part;
    cost.how = part.how;
    for (const SizeCost& size : model.sizes) cost.month.push_back(part.month(size, prices));
  }
  for (const double customers : {1e3, 1e4, 1e5, 1e6, 6e7}) {
    const SizeCost size = cost_of_size("", customers, customers * a_day, measured, prices);
    model.by_customers.push_back({customers, size.month()});
  }
  return model;
}

void add_cost_answers(Facts& facts) {
  if (!facts.prices) return;
  const CostModel model = cost_model(facts.measured, *facts.prices);
  for (Answer answer : {price_answer(*facts.prices), size_answer(model, *facts.prices),
                        part_answer(model, *facts.prices), suite_answer(model, *facts.prices),
                        by_customers_answer(model, *facts.prices)}) {
    const std::string id = answer.id;
    facts.answers[id] = std::move(answer);
  }
}

}  // namespace tideline::reports
