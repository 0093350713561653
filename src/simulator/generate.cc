#include "simulator/generate.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "base/hash.h"
#include "simulator/living_customers.h"

namespace tideline {
namespace {

constexpr std::uint32_t kMostCustomersPerFile = 1'000'000;

// Hash of rows one after the other, whatever blocks they came in.
class RowHash {
 public:
  void add(std::string_view row) {
    value_ = xxh64(row, value_);
    ++rows_;
  }
  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] std::string hex() const {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value_));
    return text;
  }

 private:
  std::uint64_t value_ = 0;
  std::uint64_t rows_ = 0;
};

void add_event(RowHash& hash, const Event& event, std::string& row) {
  row.clear();
  row.append(event.customer.str())
      .append(1, '\x1f')
      .append(std::to_string(millis(event.event_time)));
  row.append(1, '\x1f').append(name_of(event.type)).append(1, '\x1f').append(event.name);
  row.append(1, '\x1f').append(event.message_id.str()).append(1, '\x1f').append(event.properties);
  if (event.arrival_time != event.event_time)
    row.append(1, '\x1f').append(std::to_string(millis(event.arrival_time)));
  hash.add(row);
}

void add_truth(RowHash& hash, const Truth& truth, std::string& row) {
  const auto moment = [](const std::optional<Time>& t) {
    return t ? std::to_string(millis(*t)) : "";
  };
  row = truth.customer.str() + '\x1f' + std::to_string(millis(truth.joined)) + '\x1f' +
        moment(truth.left) + '\x1f' + moment(truth.returned) + '\x1f' +
        std::to_string(truth.departures) + '\x1f' + std::string(name_of(truth.leave_cause)) +
        '\x1f' + std::string(name_of(truth.kind)) + '\x1f' +
        std::string(name_of(truth.decline_cause)) + '\x1f' + moment(truth.decline_began) + '\x1f' +
        std::to_string(truth.events);
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

// Makes a file's blocks late, double and broken, and counts what it did.
class FileDisturber {
 public:
  FileDisturber(const DisturbanceOptions& options, Time end, SentCounts& counts)
      : options_(options), end_(end), counts_(counts) {}

  void disturb(std::vector<Event>& block) {
    std::vector<Event> again = std::move(again_);
    again_.clear();
    if (options_.any()) {
      for (Event& event : block) disturb_one(event);
    }
    block.insert(block.end(), std::make_move_iterator(again.begin()),
                 std::make_move_iterator(again.end()));
    counts_.sent += block.size();
    counts_.duplicates += again.size();
  }

 private:
  void disturb_one(Event& event) {
    const Flaw flaw = flaw_of(options_, event);
    if (flaw == Flaw::duplicate) again_.push_back(event);
    if (flaw == Flaw::malformed) {
      ++counts_.malformed[static_cast<std::size_t>(malform(options_, event))];
    }
    if (flaw != Flaw::late) return;
    // What would come after the end has not come.
    const Time arrival = event.event_time + delay_of(options_, event);
    if (arrival >= end_) return;
    event.arrival_time = arrival;
    ++counts_.late;
  }

  const DisturbanceOptions& options_;
  Time end_;
  SentCounts& counts_;
  std::vector<Event> again_;  // for the next block
};

// Lives one file's customers through the history.
Status write_file(const World& world, LivingCustomers& population, std::uint32_t file,
                  FileDisturber disturber, RowHash& hash, RowHash& truth_hash,
                  GenerateSink& sink) {
  std::vector<Event> block;
  std::vector<std::vector<LatentSample>> samples(population.customers().size());
  std::string row;
  const auto write = [&]() -> Status {
    disturber.disturb(block);
    if (block.empty()) return {};
    for (const Event& event : block) add_event(hash, event, row);
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
    add_truth(truth_hash, truth.back(), row);
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
    return fail(ErrorCode::invalid,
                "no simulator for pack \"" + options.pack + "\"; there is: marketplace");
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
