// IngestGate: refuses ingest requests that cannot be taken, when only their head is known: before
// the body is inflated or parsed, and so within microseconds.
//
// It knows what is on its way to the disk: requests whose handler has begun and which are not
// answered. A full log, a slow disk, a source that takes more than its share, a source over its
// rate: each is refused by its own code.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "http/router.h"
#include "pipeline/source_limits.h"

namespace tideline {

// Thread-safe. Must outlive the routes that it guards and every request under way.
class IngestGate {
 public:
  struct Options {
    // Inflated bodies on their way to the disk. A source may have as much of it as is free, so
    // that one alone takes half, and leaves room for others.
    std::uint64_t bytes_max = 64ull << 20;
    // While a request has waited for its sync longer than this, no other comes in.
    Duration durable_wait_max = std::chrono::seconds(2);
  };
  IngestGate(Options options, SourceLimits& limits, const Clock& clock)
      : options_(options), limits_(limits), clock_(clock) {}

  // `source`: by the key in the head; nullopt: there is none.
  [[nodiscard]] http::Admission admit(const std::optional<SourceId>& source,
                                      const http::RequestHead& head);
  // The same handler; what it is given and what it answers is seen here.
  [[nodiscard]] http::Handler guard(http::Handler inner);

  struct Load {
    std::size_t requests = 0;  // on their way to the disk
    std::uint64_t bytes = 0;   // of bytes_max
    std::size_t sources = 0;   // they come from
    Duration oldest{};         // how long one has waited
  };
  [[nodiscard]] Load load() const;
  [[nodiscard]] const Options& options() const { return options_; }

 private:
  struct Entry {
    std::uint64_t number = 0;
    std::uint64_t flow = 0;
    std::uint64_t bytes = 0;
  };
  [[nodiscard]] std::optional<http::Response> refusal_of(std::uint64_t flow, std::uint64_t bytes);
  [[nodiscard]] Entry begin(const http::Request& request);
  void end(const Entry& entry, const http::Response& response);

  const Options options_;
  SourceLimits& limits_;
  const Clock& clock_;

  mutable std::mutex mutex_;  // guards all below
  std::uint64_t number_ = 0;
  std::size_t requests_ = 0;
  std::uint64_t bytes_ = 0;
  std::unordered_map<std::uint64_t, std::uint64_t> flow_bytes_;
  std::map<std::uint64_t, Time> waiting_;  // since when, by number: the first is the oldest
  // What the log answered last, while that is news.
  std::optional<http::Problem> trouble_;
  Time trouble_until_{};
};

}  // namespace tideline
