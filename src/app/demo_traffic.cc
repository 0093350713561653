#include "app/demo_traffic.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "app/disturbance_flags.h"
#include "pipeline/entry.h"

namespace tideline {
namespace {

constexpr std::uint64_t kBatchEvents = 500;
constexpr auto kLook = std::chrono::milliseconds(50);  // between looks whether to stop
constexpr int kLooksBeforeRetry = 20;

void add_counts(SentCounts& to, const SentCounts& more) {
  to.sent += more.sent;
  to.late += more.late;
  to.duplicates += more.duplicates;
  for (std::size_t i = 0; i < kMalformations; ++i) to.malformed[i] += more.malformed[i];
}

}  // namespace

boost::json::object json_of(const TrafficReport& report) {
  boost::json::object json = json_of(report.counts);
  json["requests"] = report.requests;
  json["refused"] = report.refused;
  json["unanswered"] = report.unanswered;
  return json;
}

DemoTraffic::DemoTraffic(std::uint16_t port, const std::string& key,
                         const DisturbanceOptions& disturbance)
    : disturbance_(disturbance), client_(http::Client::tcp("127.0.0.1", port)) {
  headers_.add("Authorization", "Bearer " + key);
  headers_.add("Content-Type", "application/json");
}

bool DemoTraffic::send(std::span<const Event> events, const Stopping& stopping) {
  for (const Event& event : std::exchange(again_, {})) {
    append(batch_, payload_of(event), ',');
    ++batch_.counts.duplicates;
  }
  for (const Event& event : events) {
    add(event);
    const std::uint64_t waiting = std::max(batch_.counts.sent, lines_.counts.sent);
    if (waiting >= kBatchEvents && !flush(stopping)) return false;
  }
  return flush(stopping);
}

void DemoTraffic::add(Event event) {
  const Flaw flaw = flaw_of(disturbance_, event);
  if (flaw == Flaw::late) {
    // What reaches the server now happened some days ago.
    event.event_time -= delay_of(disturbance_, event);
    ++batch_.counts.late;
  }
  if (flaw == Flaw::duplicate) again_.push_back(event);
  if (flaw != Flaw::malformed) return append(batch_, payload_of(event), ',');
  const Malformation malformation = malform(disturbance_, event);
  const bool torn = malformation == Malformation::malformed_json;
  Body& body = torn ? lines_ : batch_;
  append(body, payload_of(event), torn ? '\n' : ',');
  ++body.counts.malformed[static_cast<std::size_t>(malformation)];
}

void DemoTraffic::append(Body& body, std::string_view payload, char separator) {
  if (!body.text.empty()) body.text += separator;
  body.text += payload;
  ++body.counts.sent;
}

bool DemoTraffic::flush(const Stopping& stopping) {
  const Body batch = std::exchange(batch_, {});
  const Body lines = std::exchange(lines_, {});
  if (!batch.text.empty() &&
      !post("/v1/batch", "{\"batch\":[" + batch.text + "]}", batch.counts, stopping)) {
    return false;
  }
  return lines.text.empty() || post("/v1/events", lines.text + "\n", lines.counts, stopping);
}

bool DemoTraffic::post(std::string_view path, std::string text, const SentCounts& counts,
                       const Stopping& stopping) {
  while (!stopping()) {
    ++report_.requests;
    const auto answer = client_.request(http::Method::post, path, headers_, text);
    if (answer && answer->status == 200) {
      add_counts(report_.counts, counts);
      return true;
    }
    // A server that ends refuses whom it can no longer serve: that is no refusal of the traffic.
    if (stopping()) return false;
    ++(answer ? report_.refused : report_.unanswered);
    for (int look = 0; look < kLooksBeforeRetry && !stopping(); ++look)
      std::this_thread::sleep_for(kLook);
  }
  return false;
}

}  // namespace tideline
