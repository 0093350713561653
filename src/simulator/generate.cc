#include "simulator/generate.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "simulator/generated_rows.h"
#include "simulator/living_customers.h"

namespace tideline {
namespace {

constexpr std::uint32_t kMostCustomersPerFile = 1'000'000;

void add_truth(RowHash& hash, const Truth& truth) {
  const auto moment = [](const std::optional<Time>& t) {
    return t ? std::to_string(millis(*t)) : "";
  };
  const std::string row = truth.customer.str() + '\x1f' + std::to_string(millis(truth.joined)) +
                          '\x1f' + moment(truth.left) + '\x1f' + moment(truth.returned) + '\x1f' +
                          std::to_string(truth.departures) + '\x1f' +
                          std::string(name_of(truth.leave_cause)) + '\x1f' +
                          std::string(name_of(truth.kind)) + '\x1f' +
                          std::string(name_of(truth.decline_cause)) + '\x1f' +
                          moment(truth.decline_began) + '\x1f' + std::to_string(truth.events);
  hash.add(row);
}

std::string manifest_of(const GenerateOptions& options, const MarketplaceSimulator& simulator,
                        const std::vector<RowHash>& files, const RowHash& truth,
                        const SentCounts& counts) {
  std::uint64_t events = 0;
  for (const RowHash& file : files) events += file.rows();
  std::string json =
      "{\n  \"pack\": \"" + options.pack + "\",\n  \"version\": \"" TIDELINE_VERSION "\"";
  const auto field = [&](std::string_view name, const std::string& value) {
    json.append(",\n  \"").append(name).append("\": ").append(value);
  };
  field("customers", std::to_string(simulator.customers()));
  field("days", std::to_string(options.simulation.days));
  field("start", '"' + format_time(simulator.start()) + '"');
  field("end", '"' + format_time(options.simulation.end) + '"');
  field("seed", std::to_string(options.simulation.seed));
  field("tutors", std::to_string(simulator.tutors()));
  field("events", std::to_string(events));
  field("late", std::to_string(counts.late));
  field("duplicates", std::to_string(counts.duplicates));
  std::string broken = "{";
  for (std::size_t i = 0; i < kMalformations; ++i) {
    broken.append(i == 0 ? "\"" : ", \"").append(name_of(static_cast<Malformation>(i)));
    broken.append("\": ").append(std::to_string(counts.malformed[i]));
  }
  field("malformed", broken + "}");
  std::string list = "[";
  for (std::uint32_t i = 0; i < files.size(); ++i) {
    list += (i == 0 ? "\n    {\"name\": \"" : ",\n    {\"name\": \"") + events_file_name(i) +
            "\", \"rows\": " + std::to_string(files[i].rows()) + ", \"hash\": \"" +
            files[i].hex() + "\"}";
  }
  field("files", list + "\n  ]");
  field("truth",
        "{\"rows\": " + std::to_string(truth.rows()) + ", \"hash\": \"" + truth.hex() + "\"}");
  return json + "\n}\n";
}

// Lives one file's customers through the history.
Status write_file(const World& world, LivingCustomers& population, std::uint32_t file,
                  FileDisturber disturber, RowHash& hash, RowHash& truth_hash,
                  GenerateSink& sink) {
  std::vector<Event> block;
  std::vector<std::vector<LatentSample>> samples(population.customers().size());
  const auto write = [&]() -> Status {
    disturber.disturb(block);
    if (block.empty()) return {};
    for (const Event& event : block) hash.add(event);
    return sink.events(file, block);
  };
  for (std::int64_t day = population.first_day(); day <= world.last_day(); ++day) {
    if (sample_due(world, day)) {
      for (std::size_t i = 0; i < samples.size(); ++i) {
        const SimulatedCustomer& customer = population.customers()[i];
        if (day > customer.joined_day) samples[i].push_back(sample(customer, day));
      }
    }
    block.clear();
    population.live_day(day, block);
    std::erase_if(block, [&](const Event& event) { return !in_history(world, event); });
    TRY(write());
  }
  block.clear();
  TRY(write());
  std::vector<Truth> truth;
  truth.reserve(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    truth.push_back(truth_of(world, population.customers()[i]));
    truth.back().samples = std::move(samples[i]);
    add_truth(truth_hash, truth.back());
  }
  TRY(sink.truth(file, truth));
  return sink.end_file(file);
}

}  // namespace

std::string events_file_name(std::uint32_t file) {
  const std::string digits = std::to_string(file);
  return "events-" + std::string(digits.size() < 3 ? 3 - digits.size() : 0, '0') + digits +
         ".parquet";
}

Result<GenerateSummary> generate(const GenerateOptions& options, GenerateSink& sink) {
  if (options.pack != "marketplace") {
    return fail(ErrorCode::invalid, "no simulator for pack \"" + options.pack +
                                        "\"; there are: marketplace, engagement");
  }
  if (options.customers_per_file < 1 || options.customers_per_file > kMostCustomersPerFile) {
    return fail(ErrorCode::invalid, "customers per file must be 1 to 1000000");
  }
  TRY_ASSIGN(const MarketplaceSimulator simulator, MarketplaceSimulator::open(options.simulation));
  TRY(check(options.disturbance));
  DisturbanceOptions disturbance = options.disturbance;
  disturbance.seed = options.simulation.seed;
  GenerateSummary summary;
  summary.customers = simulator.customers();
  std::vector<RowHash> files;
  RowHash truth;
  for (std::uint32_t first = 0; first < summary.customers; first += options.customers_per_file) {
    const std::uint32_t count = std::min(options.customers_per_file, summary.customers - first);
    LivingCustomers population(simulator.world(), first, count);
    files.emplace_back();
    const FileDisturber disturber(disturbance, options.simulation.end, summary.counts);
    TRY(write_file(simulator.world(), population, summary.files, disturber, files.back(), truth,
                   sink));
    summary.events += files.back().rows();
    ++summary.files;
  }
  TRY(sink.manifest(manifest_of(options, simulator, files, truth, summary.counts)));
  return summary;
}

}  // namespace tideline
