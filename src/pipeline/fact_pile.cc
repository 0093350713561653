#include "pipeline/fact_pile.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "base/bytes.h"

namespace tideline {
namespace {

// Events of a part: some 8 MiB.
constexpr std::uint64_t kPartEvents = 50'000;
constexpr std::size_t kPartsMax = 512;
// What a part has at least before it goes into its file, so that writes are not small.
constexpr std::size_t kSpillAtLeast = 64 << 10;

// Bytes are kept in chunks, so that they never move; a record lies within one.
constexpr std::size_t kChunkBytes = 64 << 10;
constexpr std::size_t kFetchAhead = 6;  // records

void write_text(std::string& out, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  out.append(reinterpret_cast<const char*>(&size), sizeof size);
  out.append(text);
}

// Reads what put() wrote; the pile's own bytes, so nothing is checked.
class FactReader {
 public:
  explicit FactReader(const char* at) : at_(at) {}
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  std::string_view text() {
    const auto size = number<std::uint32_t>();
    const std::string_view value(at_, size);
    at_ += size;
    return value;
  }
  EventFacts facts() {
    EventFacts facts;
    facts.customer = text();
    facts.type = number<EventType>();
    facts.event_time = time_from_millis(number<std::int64_t>());
    facts.arrival_time = time_from_millis(number<std::int64_t>());
    facts.name = text();
    facts.message_id = text();
    facts.properties = text();
    return facts;
  }

 private:
  const char* at_;
};

template <class T>
void write_number(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// One hash: almost always one customer.
Status visit_customers(std::vector<EventFacts>& facts, const FactPile::Visitor& visit) {
  const auto first_other = [&](auto from) {
    return std::find_if(from, facts.end(),
                        [&](const EventFacts& f) { return f.customer != from->customer; });
  };
  if (first_other(facts.begin()) != facts.end()) {
    std::stable_sort(facts.begin(), facts.end(), [](const EventFacts& a, const EventFacts& b) {
      return a.customer < b.customer;
    });
  }
  for (auto from = facts.begin(); from != facts.end();) {
    const auto to = first_other(from);
    TRY(visit(std::span<const EventFacts>(from, to)));
    from = to;
  }
  return {};
}

}  // namespace

struct FactPile::Part {
  std::vector<std::string> chunks;  // not yet in the file
  std::size_t bytes = 0;            // of them
  std::string path;
  std::unique_ptr<File> file;
  std::uint64_t in_file = 0;
};

FactPile::FactPile(Options options) : options_(std::move(options)) {
  const std::uint64_t wanted = options_.events / kPartEvents + 1;
  parts_.resize(std::min<std::uint64_t>(wanted, kPartsMax));
}

FactPile::~FactPile() {
  for (Part& part : parts_) {
    if (!part.file) continue;
    part.file.reset();
    if (!options_.files->remove(part.path)) continue;  // swept at the next start
  }
}

// A record: u64 hash of the customer, u32 size of what follows, the facts.
Status FactPile::put(const EventFacts& facts) {
  constexpr std::size_t kFixed = 8 + 4 + 4 * 4 + 1 + 8 + 8;
  const std::size_t size = kFixed + facts.customer.size() + facts.name.size() +
                           facts.message_id.size() + facts.properties.size();
  const std::uint64_t customer = xxh64(facts.customer);
  // The low bits are those of shards; any others will do.
  const std::size_t number = (customer >> 32) % parts_.size();
  Part& part = parts_[number];
  if (part.chunks.empty() || part.chunks.back().capacity() - part.chunks.back().size() < size) {
    part.chunks.emplace_back().reserve(std::max(kChunkBytes, size));
  }
  std::string& out = part.chunks.back();
  write_number(out, customer);
  write_number(out, static_cast<std::uint32_t>(size - 12));
  write_text(out, facts.customer);
  write_number(out, facts.type);
  write_number(out, millis(facts.event_time));
  write_number(out, millis(facts.arrival_time));
  write_text(out, facts.name);
  write_text(out, facts.message_id);
  write_text(out, facts.properties);
  part.bytes += size;
  in_memory_ += size;
  const bool fits = options_.files == nullptr || in_memory_ < options_.memory_bytes;
  const std::size_t least = std::min(kSpillAtLeast, options_.memory_bytes / parts_.size());
  if (fits || part.bytes < least) return {};
  return spill(part, number);
}

Status FactPile::spill(Part& part, std::size_t number) {
  if (!part.file) {
    TRY(options_.files->make_folder(options_.scratch));
    part.path = options_.scratch + "/facts-" + std::to_string(number);
    auto stale = options_.files->remove(part.path);
    if (!stale && stale.error().code != ErrorCode::not_found) return stale;
    TRY_ASSIGN(part.file, options_.files->open(part.path, OpenMode::create));
  }
  for (const std::string& chunk : part.chunks) {
    TRY(write_all(*part.file, part.in_file, chunk));
    part.in_file += chunk.size();
  }
  in_memory_ -= part.bytes;
  part.bytes = 0;
  part.chunks.resize(1);
  part.chunks.front().clear();
  return {};
}

Status FactPile::take_all(const Visitor& visit) {
  for (Part& part : parts_) TRY(take(part, visit));
  return {};
}

Status FactPile::take(Part& part, const Visitor& visit) {
  std::vector<std::string> chunks = std::exchange(part.chunks, {});
  if (part.file) {
    std::string whole(part.in_file, '\0');
    TRY_ASSIGN(const std::size_t read, read_up_to(*part.file, 0, whole));
    if (read != part.in_file) return fail(ErrorCode::io_failed, part.path + " was cut short");
    chunks.insert(chunks.begin(), std::move(whole));
  }
  in_memory_ -= part.bytes;

  // Where the events of each customer lie, in the order of put(): counted, then placed.
  std::unordered_map<std::uint64_t, std::uint32_t> groups;  // by hash of the customer
  std::vector<std::uint32_t> ends;                          // by group: events, then their end
  std::vector<std::pair<std::uint32_t, const char*>> records;
  for (const std::string& chunk : chunks) {
    for (std::size_t at = 0; at < chunk.size();) {
      FactReader head(chunk.data() + at);
      const auto customer = head.number<std::uint64_t>();
      const auto size = head.number<std::uint32_t>();
      const auto next = static_cast<std::uint32_t>(ends.size());
      const std::uint32_t group = groups.try_emplace(customer, next).first->second;
      if (group == next) ends.push_back(0);
      ++ends[group];
      records.emplace_back(group, chunk.data() + at + 12);
      at += 12 + size;
    }
  }
  std::vector<const char*> placed(records.size());
  std::uint32_t begin = 0;
  for (std::uint32_t& end : ends) end = std::exchange(begin, begin + end);
  for (const auto& [group, at] : records) placed[ends[group]++] = at;

  std::vector<EventFacts> facts;
  std::size_t at = 0;
  for (const std::uint32_t end : ends) {
    facts.clear();
    for (; at < end; ++at) {
      // They lie apart, so the next ones are fetched while this one is read.
      if (at + kFetchAhead < placed.size()) __builtin_prefetch(placed[at + kFetchAhead]);
      facts.push_back(FactReader(placed[at]).facts());
    }
    TRY(visit_customers(facts, visit));
  }
  return {};
}

}  // namespace tideline
