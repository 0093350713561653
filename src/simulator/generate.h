// generate: writes a simulated history, file by file in bounded memory, into a sink.
//
// Lives go day by day through one range of customers after another, so memory holds one state a
// customer of the range and one day of events, whatever the number of customers or days.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "simulator/disturbance.h"
#include "simulator/marketplace.h"

namespace tideline {

struct GenerateOptions {
  SimulationOptions simulation;
  std::string pack = "marketplace";  // the only one there is
  DisturbanceOptions disturbance;    // its seed is taken from the simulation
  std::uint32_t customers_per_file =
      20'000;  // 1 .. 1,000,000; changes how rows fall into files, not the rows
};

// Where generate's output goes. Calls come in this order: for each file its blocks of events, the
// truth of its customers, end_file; at last the manifest. A failure ends the run.
class GenerateSink {
 public:
  virtual ~GenerateSink() = default;
  // Files are numbered from 0; blocks of one file follow each other in time order. A late event
  // has a later arrival time than event time; the second one of a duplicate comes in a later
  // block, with the same times.
  virtual Status events(std::uint32_t file, std::span<const Event> block) = 0;
  virtual Status truth(std::uint32_t file, std::span<const Truth> block) = 0;
  virtual Status end_file(std::uint32_t file) = 0;
  // Text of manifest.json: {"pack","version","customers","days","start","end","seed","events",
  // "late","duplicates","malformed":{CODE: n},"files":[{"name","rows","hash"}],
  // "truth":{"rows","hash"}}. Same options, same bytes.
  virtual Status manifest(const std::string& json) = 0;
};

struct GenerateSummary {
  std::uint64_t events = 0;
  std::uint32_t customers = 0;
  std::uint32_t files = 0;
  SentCounts counts;
};

[[nodiscard]] Result<GenerateSummary> generate(const GenerateOptions& options, GenerateSink& sink);

// "events-000.parquet"; three digits, more where needed.
[[nodiscard]] std::string events_file_name(std::uint32_t file);

}  // namespace tideline
