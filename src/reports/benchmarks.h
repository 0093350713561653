// The figures of docs/benchmarks.md, as `make bench` wrote them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tideline::reports {

struct Benchmark {
  std::string what;  // "durable ingest over HTTP, until acknowledged"
  std::string unit;  // "events/s"
  double median = 0;
  double worst = 0;              // of the rounds
  std::optional<double> cpu_us;  // of a unit
};

// The rows of the first table; none where the text is another.
[[nodiscard]] std::vector<Benchmark> parse_benchmarks(std::string_view markdown);

}  // namespace tideline::reports
