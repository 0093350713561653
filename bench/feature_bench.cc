// The product's own way from the lake's files to features, on one thread: reading Parquet,
// applying to empty states, computing all features of every customer.
//
//   feature_bench LAKE_FOLDER EVENTS AS_OF OUT.csv       writes them as CSV, which is not counted
//   feature_bench LAKE_FOLDER EVENTS AS_OF --pack NAME   keeps none: for more than memory holds
#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <functional>

#include "adapters/duckdb/duck_lake.h"
#include "bench/measure.h"
#include "bench/pack_files.h"
#include "features/compute.h"
#include "pipeline/observation_pile.h"
#include "pipeline/observe.h"

namespace tideline::bench {
namespace {

void append_number(std::string& line, double number) {
  line += ',';
  if (std::isnan(number)) return;
  char buffer[32];
  line.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

std::string line_of(const std::string& customer, const std::string& as_of,
                    const FeatureVector& features) {
  std::string line = customer + "," + as_of;
  for (const double value : features.values) append_number(line, value);
  append_number(line, features.coverage);
  return line;
}

using Take = std::function<void(std::string_view customer, const FeatureVector& features)>;

// Time of the whole way.
Elapsed compute_all(const Pack& pack, const std::string& folder, std::uint64_t events, Time t,
                    const Take& take) {
  LakeOptions options;
  options.folder = folder;
  options.threads = 1;
  auto lake = DuckLake::open(options);
  require(lake.has_value(), lake ? "" : lake.error().message);
  auto files = (*lake)->list();
  require(files.has_value() && !files->empty(), "no files in " + folder);
  std::erase_if(*files, [](const std::string& file) { return !file.ends_with(".parquet"); });

  const Stopwatch watch;
  PosixFileSystem disk;
  ObservationPile pile({events, &disk, folder + "/scratch"});
  Observer observer(pack);
  Observation observation;
  Status done =
      (*lake)->scan_facts(*files, t, [&](std::span<const EventFacts> block) -> Result<bool> {
        for (const EventFacts& facts : block) {
          TRY(observe(observer, facts, observation));
          TRY(pile.put(facts.customer, observation));
        }
        return true;
      });
  require(done.has_value(), done ? "" : done.error().message);
  CustomerState state;
  done = pile.take_all(
      [&](std::string_view customer, std::span<const Observation> observations) -> Status {
        state.clear();
        state.apply(pack, observations);
        take(customer, compute_features(pack, state, t));
        return {};
      });
  require(done.has_value(), done ? "" : done.error().message);
  return watch.elapsed();
}

void run(const std::string& folder, std::uint64_t events, const std::string& as_of,
         const std::string& out) {
  const auto pack = marketplace_pack();
  std::vector<std::pair<std::string, FeatureVector>> rows;
  const Elapsed elapsed =
      compute_all(*pack, folder, events, *parse_time(as_of),
                  [&](std::string_view customer, const FeatureVector& features) {
                    rows.emplace_back(customer, features);
                  });
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::ofstream file(out);
  file << "customer_id,as_of";
  for (const FeatureSpec& feature : pack->features()) file << ',' << feature.name;
  file << ",coverage\n";
  for (const auto& [customer, features] : rows) file << line_of(customer, as_of, features) << '\n';
  file.close();
  require(file.good(), "cannot write " + out);
  print_round("features_lake", rows.size(), elapsed);
}

void run_pack(const std::string& folder, std::uint64_t events, const std::string& as_of,
              const std::string& pack) {
  std::uint64_t customers = 0;
  double coverage = 0;
  const Elapsed elapsed = compute_all(*pack_named(pack), folder, events, *parse_time(as_of),
                                      [&](std::string_view, const FeatureVector& features) {
                                        ++customers;
                                        coverage += features.coverage;
                                      });
  require(coverage > 0, "no customer has a feature");
  print_round("events_to_features", events, elapsed);
}

}  // namespace
}  // namespace tideline::bench

int main(int argc, char** argv) {
  using namespace tideline::bench;  // NOLINT: the program's own names
  const bool by_pack = argc == 6 && std::string(argv[4]) == "--pack";
  require(argc == 5 || by_pack, "usage: feature_bench LAKE_FOLDER EVENTS AS_OF OUT.csv");
  const std::uint64_t events = std::strtoull(argv[2], nullptr, 10);
  by_pack ? run_pack(argv[1], events, argv[3], argv[5]) : run(argv[1], events, argv[3], argv[4]);
}
