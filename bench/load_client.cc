// Sends batches of 376-byte events over many connections at once, as fast as they are
// acknowledged, and prints how long it took. The batches are made before the clock starts.
//
//   load_client PORT KEY PREFIX CONNECTIONS BATCHES_A_CONNECTION EVENTS_A_BATCH
//
// PREFIX begins every message id: one that was not used before, or the events are duplicates. Any
// answer but 200 {"success":true} ends the program with status 1.
#include <algorithm>
#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "bench/measure.h"
#include "http/client.h"

namespace tideline::bench {
namespace {

constexpr std::size_t kEventBytes = 376;
constexpr std::uint64_t kCustomers = 10'000;

struct Load {
  std::uint16_t port = 0;
  std::string key;
  std::string prefix;
  std::uint64_t connections = 0;
  std::uint64_t batches = 0;  // a connection
  std::uint64_t events = 0;   // a batch
};

// Exactly kEventBytes of JSON.
std::string event_text(const Load& load, std::uint64_t number, const std::string& now) {
  // A step prime to the number of customers, so that neighbours are not the same one.
  const std::uint64_t customer = number * 7'919 % kCustomers;
  std::string text = R"({"type":"track","messageId":")" + load.prefix + "-" +
                     std::to_string(number) + R"(","userId":"c)" + std::to_string(customer) +
                     R"(","event":"Session Completed","timestamp":")" + now +
                     R"(","properties":{"duration_min":50,"tutor_id":"t)" +
                     std::to_string(customer % 400) + R"(","tutor_rating":4.5,"note":")";
  const std::string end = R"("}})";
  require(text.size() + end.size() <= kEventBytes, "PREFIX is too long");
  text.append(kEventBytes - text.size() - end.size(), 'x');
  return text + end;
}

std::vector<std::string> bodies_of(const Load& load, std::uint64_t connection,
                                   const std::string& now) {
  std::vector<std::string> bodies;
  for (std::uint64_t batch = 0; batch < load.batches; ++batch) {
    const std::uint64_t first = (connection * load.batches + batch) * load.events;
    std::string body = R"({"batch":[)";
    for (std::uint64_t i = 0; i < load.events; ++i) {
      if (i > 0) body += ',';
      body += event_text(load, first + i, now);
    }
    bodies.push_back(body + R"(],"sentAt":")" + now + R"("})");
  }
  return bodies;
}

// Latency of each batch in milliseconds.
std::vector<double> send_all(const Load& load, const std::vector<std::string>& bodies,
                             std::latch& ready) {
  auto client = http::Client::tcp("127.0.0.1", load.port);
  http::Headers headers;
  headers.add("Content-Type", "application/json");
  headers.add("Authorization", "Bearer " + load.key);
  std::vector<double> latencies_ms;
  ready.arrive_and_wait();
  for (const std::string& body : bodies) {
    const Stopwatch watch;
    const auto answer = client.request(http::Method::post, "/v1/batch", headers, body);
    latencies_ms.push_back(watch.elapsed().wall_s * 1e3);
    require(answer.has_value(), answer ? "" : answer.error().message);
    require(answer->status == 200 && answer->body.starts_with(R"({"success":true)"),
            "status " + std::to_string(answer->status) + ": " + answer->body);
  }
  return latencies_ms;
}

void run(const Load& load) {
  const std::string now = format_time(SystemClock().now());
  std::vector<std::vector<std::string>> bodies;
  for (std::uint64_t c = 0; c < load.connections; ++c) bodies.push_back(bodies_of(load, c, now));

  std::vector<std::vector<double>> latencies(load.connections);
  std::latch ready(static_cast<std::ptrdiff_t>(load.connections) + 1);
  std::vector<std::jthread> senders;
  for (std::uint64_t c = 0; c < load.connections; ++c) {
    senders.emplace_back([&, c] { latencies[c] = send_all(load, bodies[c], ready); });
  }
  ready.arrive_and_wait();
  const Stopwatch watch;
  senders.clear();  // joins
  const Elapsed elapsed = watch.elapsed();

  std::vector<double> all;
  for (const auto& some : latencies) all.insert(all.end(), some.begin(), some.end());
  require(all.size() == load.connections * load.batches, "not every batch was sent");
  std::sort(all.begin(), all.end());
  const auto quantile = [&](double q) {
    return all[static_cast<std::size_t>(q * static_cast<double>(all.size() - 1))];
  };
  std::printf(
      "{\"events\":%lu,\"wall_s\":%.6f,\"cpu_s\":%.6f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
      "\"max_ms\":%.3f}\n",
      static_cast<unsigned long>(all.size() * load.events), elapsed.wall_s, elapsed.cpu_s,
      quantile(0.5), quantile(0.99), all.back());
}

}  // namespace
}  // namespace tideline::bench

int main(int argc, char** argv) {
  using tideline::bench::require;
  require(argc == 7, "usage: load_client PORT KEY PREFIX CONNECTIONS BATCHES EVENTS");
  const auto number = [&](int i) { return std::strtoull(argv[i], nullptr, 10); };
  const tideline::bench::Load load{
      static_cast<std::uint16_t>(number(1)), argv[2], argv[3], number(4), number(5), number(6)};
  require(load.port > 0 && load.connections > 0 && load.batches > 0 && load.events > 0,
          "the numbers must be above 0");
  tideline::bench::run(load);
}
