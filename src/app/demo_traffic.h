// DemoTraffic: sends the demo's live events through the HTTP door, as anybody's: some come late,
// some twice, some broken, and it knows how many of each.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "http/client.h"
#include "simulator/disturbance.h"

namespace tideline {

// What came of it. Only what was answered with 200 is in `counts`.
struct TrafficReport {
  SentCounts counts;
  std::uint64_t requests = 0;
  std::uint64_t refused = 0;     // requests answered with anything but 200; each was sent again
  std::uint64_t unanswered = 0;  // requests that nobody knows the end of; they were sent again
};
[[nodiscard]] boost::json::object json_of(const TrafficReport& report);

// Blocking; not thread-safe.
class DemoTraffic {
 public:
  using Stopping = std::function<bool()>;
  DemoTraffic(std::uint16_t port, const std::string& key, const DisturbanceOptions& disturbance);

  // Sends the events, and the second ones of the duplicates of the call before. Goes on until all
  // are taken; false when told to stop.
  [[nodiscard]] bool send(std::span<const Event> events, const Stopping& stopping);
  [[nodiscard]] const TrafficReport& report() const { return report_; }

 private:
  // The events of one request, and what they are counted as once it is taken.
  struct Body {
    std::string text;
    SentCounts counts;
  };
  void add(Event event);
  void append(Body& body, std::string_view payload, char separator);
  [[nodiscard]] bool post(std::string_view path, std::string text, const SentCounts& counts,
                          const Stopping& stopping);
  [[nodiscard]] bool flush(const Stopping& stopping);

  DisturbanceOptions disturbance_;
  http::Client client_;
  http::Headers headers_;
  Body batch_;  // for POST /v1/batch
  Body lines_;  // for POST /v1/events: what is no JSON would spoil a whole batch
  std::vector<Event> again_;
  TrafficReport report_;
};

}  // namespace tideline
