#include "pipeline/fact_pile.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"

namespace tideline {
namespace {

// Events of a part, so that its bytes and places stay around 100 MiB.
constexpr std::uint64_t kPartEvents = 400'000;
constexpr std::size_t kPartsMax = 512;

// A customer's hash and where an event lies; sorted, one customer's events come together and in
// the order of put().
struct Lying {
  std::uint64_t customer = 0;
  std::uint64_t at = 0;
  auto operator<=>(const Lying&) const = default;
};

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
  [[nodiscard]] const char* at() const { return at_; }

 private:
  const char* at_;
};

template <class T>
void write_number(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

struct FactPile::Part {
  std::string bytes;  // not yet in the file
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

Status FactPile::put(const EventFacts& facts) {
  const std::size_t number = xxh64(facts.customer) % parts_.size();
  std::string& bytes = parts_[number].bytes;
  write_text(bytes, facts.customer);
  write_number(bytes, facts.type);
  write_number(bytes, millis(facts.event_time));
  write_number(bytes, millis(facts.arrival_time));
  write_text(bytes, facts.name);
  write_text(bytes, facts.message_id);
  write_text(bytes, facts.properties);
  const bool in_memory = options_.files == nullptr || parts_.size() == 1;
  if (in_memory || bytes.size() < options_.part_bytes) return {};
  return spill(parts_[number], number);
}

Status FactPile::spill(Part& part, std::size_t number) {
  if (!part.file) {
    TRY(options_.files->make_folder(options_.scratch));
    part.path = options_.scratch + "/facts-" + std::to_string(number);
    auto stale = options_.files->remove(part.path);
    if (!stale && stale.error().code != ErrorCode::not_found) return stale;
    TRY_ASSIGN(part.file, options_.files->open(part.path, OpenMode::create));
  }
  TRY(write_all(*part.file, part.in_file, part.bytes));
  part.in_file += part.bytes.size();
  part.bytes.clear();
  return {};
}

Status FactPile::take_all(const Visitor& visit) {
  for (Part& part : parts_) TRY(take(part, visit));
  return {};
}

Status FactPile::take(Part& part, const Visitor& visit) {
  std::string bytes(part.in_file, '\0');
  if (part.file) {
    TRY_ASSIGN(const std::size_t read, read_up_to(*part.file, 0, bytes));
    if (read != part.in_file) return fail(ErrorCode::io_failed, part.path + " was cut short");
  }
  bytes += part.bytes;
  part.bytes = {};
  std::vector<Lying> lying;
  const char* const end = bytes.data() + bytes.size();
  for (FactReader reader(bytes.data()); reader.at() != end;) {
    const auto at = static_cast<std::uint64_t>(reader.at() - bytes.data());
    lying.push_back({xxh64(reader.facts().customer), at});
  }
  std::sort(lying.begin(), lying.end());
  std::vector<EventFacts> facts;
  for (std::size_t begin = 0; begin < lying.size();) {
    std::size_t next = begin;
    facts.clear();
    while (next < lying.size() && lying[next].customer == lying[begin].customer) {
      facts.push_back(FactReader(bytes.data() + lying[next++].at).facts());
    }
    begin = next;
    // Two customers may share a hash.
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
  }
  return {};
}

}  // namespace tideline
