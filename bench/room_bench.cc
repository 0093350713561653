// Room: customers with one event a day over 10 names, as states and dedupe marks in a state store,
// or as a CSV for `tideline import`.
//
//   room_bench fill STATE_FOLDER CUSTOMERS DAYS    into a data folder's state; prints bytes on
//   disk room_bench csv FILE CUSTOMERS DAYS
#include <array>
#include <fstream>

#include "adapters/rocksdb/rocksdb_store.h"
#include "base/rng.h"
#include "bench/measure.h"
#include "bench/pack_files.h"
#include "features/customer_state.h"
#include "features/observer.h"
#include "pipeline/entry.h"
#include "pipeline/observe.h"
#include "pipeline/records.h"

namespace tideline::bench {
namespace {

constexpr std::uint64_t kSeed = 13;
constexpr int kMarkDays = 7;             // dedupe marks stay that long
constexpr std::size_t kWritten = 2'000;  // operations in one write
const Time kEnd = *parse_time("2026-01-01T00:00:00Z");

std::string customer_id(std::uint32_t number) { return "customer-" + std::to_string(number); }

std::string message_id(Rng& rng) {
  const Hash128 random{rng.next(), rng.next()};
  return random.hex();
}

// Of the ten names six carry properties.
Event event_of(Rng& rng, std::uint32_t customer, int days_before) {
  static constexpr std::array<const char*, 10> kNames = {
      "Session Completed", "Session Booked",  "Session Rated",  "Payment Succeeded",
      "Message Sent",      "Signed In",       "Content Viewed", "Lesson Started",
      "Session Cancelled", "Message Received"};
  Event event;
  const std::uint64_t kind = rng.below(kNames.size());
  event.name = kNames[kind];
  event.customer = CustomerId(customer_id(customer));
  event.source = SourceId("bench");
  event.message_id = MessageId(message_id(rng));
  event.event_time =
      kEnd - days_before * kDay + Duration(static_cast<std::int64_t>(rng.below(86'400'000)));
  event.arrival_time = event.stored_time = event.event_time;
  const std::string tutor = std::to_string(customer % 977 + rng.below(3));
  const std::string number = std::to_string(1 + rng.below(5));
  switch (kind) {
    case 0:
      event.properties = R"({"duration_min":)" + number + R"(0,"tutor_id":"t)" + tutor +
                         R"(","tutor_rating":)" + number + "}";
      break;
    case 1: event.properties = R"({"tutor_id":"t)" + tutor + "\"}"; break;
    case 2: event.properties = R"({"rating":)" + number + "}"; break;
    case 3: event.properties = R"({"amount":)" + number + R"(9.9,"currency":"USD"})"; break;
    case 4: event.properties = R"({"reply_hours":)" + number + ".25}"; break;
    case 8: event.properties = R"({"by":"customer","notice_hours":)" + number + "}"; break;
    default: break;
  }
  event.content = xxh3_128(event.properties + event.message_id.str());
  return event;
}

class Filler {
 public:
  explicit Filler(RocksDbStore& store) : store_(store) {}
  void put(Family family, std::string key, std::string value) {
    batch_.put(family, std::move(key), std::move(value));
    if (batch_.operations().size() >= kWritten) flush();
  }
  void flush() {
    const Status written = store_.write(batch_, Durability::later);
    require(written.has_value(), written ? "" : written.error().message);
    batch_ = WriteBatch();
  }

 private:
  RocksDbStore& store_;
  WriteBatch batch_;
};

std::uint64_t compacted_bytes(RocksDbStore& store) {
  const Status compacted = store.compact();
  require(compacted.has_value(), compacted ? "" : compacted.error().message);
  return store.disk_bytes();
}

void fill(const std::string& folder, std::uint32_t customers, int days) {
  const auto pack = marketplace_pack();
  RocksDbStore::Options options;
  options.folder = folder;
  auto store = RocksDbStore::open(options);
  require(store.has_value(), store ? "" : store.error().message);
  const std::uint64_t empty = compacted_bytes(**store);
  Rng rng(kSeed);
  Filler filler(**store);
  Observer observer(*pack);
  std::vector<Observation> observations;
  std::uint64_t encoded = 0;
  for (std::uint32_t customer = 0; customer < customers; ++customer) {
    observations.clear();
    for (int day = days; day > 0; --day) {
      auto observation = observe(observer, event_of(rng, customer, day));
      require(observation.has_value(), observation ? "" : observation.error().message);
      observations.push_back(std::move(*observation));
    }
    CustomerState state;
    state.apply(*pack, observations);
    std::string bytes = state.encode(*pack);
    encoded += bytes.size();
    filler.put(Family::customers, customer_id(customer), std::move(bytes));
  }
  filler.flush();
  const std::uint64_t states = compacted_bytes(**store) - empty;
  std::uint64_t offset = 0;
  for (int day = 0; day < kMarkDays; ++day) {
    for (std::uint32_t customer = 0; customer < customers; ++customer) {
      const Hash128 key{rng.next(), rng.next()};
      const Place place{static_cast<std::uint16_t>(rng.below(16)), offset++ / 16};
      filler.put(Family::dedupe, dedupe_mark_key(key),
                 encode(dedupe_mark({rng.next(), rng.next()}, place, kEnd - day * kDay)));
    }
  }
  filler.flush();
  const std::uint64_t marks = compacted_bytes(**store) - empty - states;
  std::printf(
      "{\"about\":\"room\",\"customers\":%u,\"encoded\":%lu,\"states\":%lu,\"marks\":%lu}\n",
      customers, static_cast<unsigned long>(encoded), static_cast<unsigned long>(states),
      static_cast<unsigned long>(marks));
}

// Quotes doubled.
std::string csv_quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

void csv(const std::string& path, std::uint32_t customers, int days) {
  std::ofstream file(path);
  file << "customer,time,event,id,properties\n";
  Rng rng(kSeed);
  for (int day = days; day > 0; --day) {
    for (std::uint32_t customer = 0; customer < customers; ++customer) {
      const Event event = event_of(rng, customer, day);
      file << event.customer.str() << ',' << format_time(event.event_time) << ','
           << csv_quoted(event.name) << ',' << event.message_id.str() << ','
           << csv_quoted(event.properties) << '\n';
    }
  }
  file.close();
  require(file.good(), "cannot write " + path);
}

}  // namespace
}  // namespace tideline::bench

int main(int argc, char** argv) {
  using namespace tideline::bench;  // NOLINT: the program's own names
  const std::string usage = "usage: room_bench fill|csv PATH CUSTOMERS DAYS";
  require(argc == 5, usage);
  const auto customers = static_cast<std::uint32_t>(std::strtoul(argv[3], nullptr, 10));
  const int days = std::atoi(argv[4]);
  require(customers > 0 && days > 0, usage);
  const std::string mode = argv[1];
  require(mode == "fill" || mode == "csv", usage);
  mode == "fill" ? fill(argv[2], customers, days) : csv(argv[2], customers, days);
}
