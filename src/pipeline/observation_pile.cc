#include "pipeline/observation_pile.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "base/hash.h"

namespace tideline {
namespace {

// Observations of a part: some 6 MiB.
constexpr std::uint64_t kPartObservations = 50'000;
constexpr std::size_t kPartsMax = 512;
// What a part has at least before it goes into its file, so that writes are not small.
constexpr std::size_t kSpillAtLeast = 64 << 10;

// Bytes are kept in chunks, so that they never move; a record lies within one.
constexpr std::size_t kChunkBytes = 64 << 10;
constexpr std::size_t kFetchAhead = 6;  // records

// A record: u32 size of what follows, the low half of the customer's hash, the customer, the
// observation; counts and sizes, mostly small, are varints. The pile's own bytes, read by the
// program that wrote them.
using Group = std::uint32_t;
constexpr std::size_t kLongestVarint = 5;

enum class FieldKind : std::uint8_t { number, text, no, yes };

std::size_t size_at_most(const FieldValue& value) {
  constexpr std::size_t kField = kLongestVarint + 1;
  const auto* text = std::get_if<std::string>(&value.value);
  return kField + (text == nullptr ? sizeof(double) : kLongestVarint + text->size());
}

std::size_t size_at_most(std::string_view customer, const Observation& observation) {
  constexpr std::size_t kFixed = sizeof(Group) + 8 + 1 + 1 + 2 + 8 + 3 * kLongestVarint;
  std::size_t size = kFixed + customer.size() + observation.message.size();
  for (const FieldValue& value : observation.fields) size += size_at_most(value);
  return size;
}

class RecordWriter {
 public:
  explicit RecordWriter(char* at) : at_(at) {}
  [[nodiscard]] const char* at() const { return at_; }
  template <class T>
  void number(T value) {
    std::memcpy(at_, &value, sizeof value);
    at_ += sizeof value;
  }
  void varint(std::size_t value) {
    for (; value >= 0x80; value >>= 7) *at_++ = static_cast<char>(value | 0x80);
    *at_++ = static_cast<char>(value);
  }
  void text(std::string_view text) {
    varint(text.size());
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  void field(const FieldValue& value) {
    varint(value.field);
    if (const auto* real = std::get_if<double>(&value.value)) {
      number(FieldKind::number);
      number(*real);
    } else if (const auto* said = std::get_if<std::string>(&value.value)) {
      number(FieldKind::text);
      text(*said);
    } else {
      number(std::get<bool>(value.value) ? FieldKind::yes : FieldKind::no);
    }
  }
  void observation(const Observation& observation) {
    number(millis(observation.time));
    number(observation.type);
    number(observation.foreign_currency);
    number(observation.event);
    number(observation.name_hash);
    text(observation.message);
    varint(observation.fields.size());
    for (const FieldValue& value : observation.fields) field(value);
  }

 private:
  char* at_;
};

class RecordReader {
 public:
  explicit RecordReader(const char* at) : at_(at) {}
  [[nodiscard]] const char* at() const { return at_; }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  std::size_t varint() {
    std::size_t value = static_cast<unsigned char>(*at_++);
    if (value < 0x80) return value;
    value &= 0x7F;
    for (unsigned shift = 7;; shift += 7) {
      const std::size_t next = static_cast<unsigned char>(*at_++);
      value |= (next & 0x7F) << shift;
      if (next < 0x80) return value;
    }
  }
  std::string_view text() {
    const std::size_t size = varint();
    const std::string_view value(at_, size);
    at_ += size;
    return value;
  }
  // Into memory that is used again.
  void field(FieldValue& value) {
    value.field = static_cast<std::uint16_t>(varint());
    switch (const auto kind = number<FieldKind>()) {
      case FieldKind::number: value.value = number<double>(); break;
      case FieldKind::text: {
        if (auto* said = std::get_if<std::string>(&value.value)) {
          said->assign(text());
        } else {
          value.value.emplace<std::string>(text());
        }
        break;
      }
      default: value.value = kind == FieldKind::yes;
    }
  }
  void observation(Observation& observation) {
    observation.time = time_from_millis(number<std::int64_t>());
    observation.type = number<EventType>();
    observation.foreign_currency = number<bool>();
    observation.event = number<std::uint16_t>();
    observation.name_hash = number<std::uint64_t>();
    observation.message.assign(text());
    observation.fields.resize(varint());
    for (FieldValue& value : observation.fields) field(value);
  }

 private:
  const char* at_;
};

std::string_view customer_of(const char* record) { return RecordReader(record).text(); }

}  // namespace

struct ObservationPile::Chunk {
  std::unique_ptr<char[]> bytes;
  std::size_t size = 0;
  std::size_t capacity = 0;

  [[nodiscard]] static Chunk of(std::size_t capacity) {
    return {std::make_unique_for_overwrite<char[]>(capacity), 0, capacity};
  }
  [[nodiscard]] std::string_view text() const { return {bytes.get(), size}; }
  [[nodiscard]] std::size_t room() const { return capacity - size; }
};

struct ObservationPile::Part {
  std::vector<Chunk> chunks;  // not yet in the file
  std::size_t bytes = 0;      // of them
  std::string path;
  std::unique_ptr<File> file;
  std::uint64_t in_file = 0;
};

// The records of a part by customer; its memory serves for all parts.
class ObservationPile::Taking {
 public:
  // Where the observations of each customer lie, in the order of put(): counted, then placed.
  void place(std::span<const Chunk> chunks) {
    groups_.clear();
    ends_.clear();
    records_.clear();
    for (const Chunk& chunk : chunks) add(chunk.text());
    placed_.resize(records_.size());
    std::uint32_t begin = 0;
    for (std::uint32_t& end : ends_) end = std::exchange(begin, begin + end);
    for (const auto& [group, at] : records_) placed_[ends_[group]++] = at;
  }

  Status visit_all(const Visitor& visit) {
    auto from = placed_.begin();
    for (const std::uint32_t end : ends_) {
      const auto to = placed_.begin() + end;
      TRY(visit_group({from, to}, visit));
      from = to;
    }
    return {};
  }

 private:
  void add(std::string_view chunk) {
    const char* const end = chunk.data() + chunk.size();
    for (const char* at = chunk.data(); at < end;) {
      RecordReader record(at);
      const auto size = record.number<std::uint32_t>();
      at = record.at() + size;
      const auto customer = record.number<Group>();
      const auto next = static_cast<std::uint32_t>(ends_.size());
      const std::uint32_t group = groups_.try_emplace(customer, next).first->second;
      if (group == next) ends_.push_back(0);
      ++ends_[group];
      records_.emplace_back(group, record.at());
    }
  }

  // One hash: almost always one customer.
  Status visit_group(std::span<const char*> records, const Visitor& visit) {
    const std::size_t first = read_customer(records);
    if (first == records.size()) return visit_read(records, visit);
    std::stable_sort(records.begin(), records.end(),
                     [](const char* a, const char* b) { return customer_of(a) < customer_of(b); });
    while (!records.empty()) {
      const std::size_t same = read_customer(records);
      TRY(visit_read(records.first(same), visit));
      records = records.subspan(same);
    }
    return {};
  }

  // Reads the first records that are of one customer; how many they are.
  std::size_t read_customer(std::span<const char*> records) {
    if (observations_.size() < records.size()) observations_.resize(records.size());
    const std::string_view customer = customer_of(records.front());
    for (std::size_t i = 0; i < records.size(); ++i) {
      // They lie apart, so the next ones are fetched while this one is read.
      if (i + kFetchAhead < records.size()) __builtin_prefetch(records[i + kFetchAhead]);
      RecordReader record(records[i]);
      if (record.text() != customer) return i;
      record.observation(observations_[i]);
    }
    return records.size();
  }

  Status visit_read(std::span<const char*> records, const Visitor& visit) const {
    return visit(customer_of(records.front()), std::span(observations_).first(records.size()));
  }

  std::unordered_map<Group, std::uint32_t> groups_;  // by the customer's hash
  std::vector<std::uint32_t> ends_;                  // by group: observations, then their end
  std::vector<std::pair<std::uint32_t, const char*>> records_;
  std::vector<const char*> placed_;
  std::vector<Observation> observations_;  // as many as any customer had
};

ObservationPile::ObservationPile(Options options) : options_(std::move(options)) {
  const std::uint64_t wanted = options_.observations / kPartObservations + 1;
  parts_.resize(std::min<std::uint64_t>(wanted, kPartsMax));
}

ObservationPile::~ObservationPile() {
  for (Part& part : parts_) {
    if (!part.file) continue;
    part.file.reset();
    if (!options_.files->remove(part.path)) continue;  // swept at the next start
  }
}

ObservationPile::Chunk& ObservationPile::chunk_for(Part& part, std::size_t size) {
  if (!part.chunks.empty() && part.chunks.back().room() >= size) return part.chunks.back();
  if (spare_.empty() || size > kChunkBytes) {
    return part.chunks.emplace_back(Chunk::of(std::max(kChunkBytes, size)));
  }
  part.chunks.push_back(std::move(spare_.back()));
  spare_.pop_back();
  return part.chunks.back();
}

Status ObservationPile::put(std::string_view customer, const Observation& observation) {
  const std::uint64_t hash = xxh64(customer);
  // The lowest bits are those of shards; any others will do.
  const std::size_t number = (hash >> 32) % parts_.size();
  Part& part = parts_[number];
  const std::size_t most = size_at_most(customer, observation);
  Chunk& chunk = chunk_for(part, sizeof(std::uint32_t) + most);
  char* const begin = chunk.bytes.get() + chunk.size;
  RecordWriter record(begin + sizeof(std::uint32_t));
  record.number(static_cast<Group>(hash));
  record.text(customer);
  record.observation(observation);
  const auto whole = static_cast<std::size_t>(record.at() - begin);
  RecordWriter(begin).number(static_cast<std::uint32_t>(whole - sizeof(std::uint32_t)));
  chunk.size += whole;
  part.bytes += whole;
  in_memory_ += whole;
  const bool fits = options_.files == nullptr || in_memory_ < options_.memory_bytes;
  const std::size_t least = std::min(kSpillAtLeast, options_.memory_bytes / parts_.size());
  if (fits || part.bytes < least) return {};
  return spill(part, number);
}

Status ObservationPile::spill(Part& part, std::size_t number) {
  if (!part.file) {
    TRY(options_.files->make_folder(options_.scratch));
    part.path = options_.scratch + "/observations-" + std::to_string(number);
    auto stale = options_.files->remove(part.path);
    if (!stale && stale.error().code != ErrorCode::not_found) return stale;
    TRY_ASSIGN(part.file, options_.files->open(part.path, OpenMode::create));
  }
  for (Chunk& chunk : part.chunks) {
    TRY(write_all(*part.file, part.in_file, chunk.text()));
    part.in_file += chunk.size;
    chunk.size = 0;
    if (chunk.capacity == kChunkBytes) spare_.push_back(std::move(chunk));
  }
  part.chunks.clear();
  in_memory_ -= part.bytes;
  part.bytes = 0;
  return {};
}

Status ObservationPile::take_all(const Visitor& visit) {
  spare_.clear();
  Taking taking;
  for (Part& part : parts_) TRY(take(part, taking, visit));
  return {};
}

Status ObservationPile::take(Part& part, Taking& taking, const Visitor& visit) {
  std::vector<Chunk> chunks = std::exchange(part.chunks, {});
  if (part.in_file > 0) {
    Chunk whole = Chunk::of(part.in_file);
    TRY_ASSIGN(whole.size, read_up_to(*part.file, 0, {whole.bytes.get(), whole.capacity}));
    if (whole.size != part.in_file)
      return fail(ErrorCode::io_failed, part.path + " was cut short");
    chunks.insert(chunks.begin(), std::move(whole));
  }
  in_memory_ -= part.bytes;
  part.bytes = 0;
  part.in_file = 0;
  taking.place(chunks);
  return taking.visit_all(visit);
}

}  // namespace tideline
