// A damaged log folder: it opens with records exactly as they were written, all that were ever
// acknowledged and marked, or refuses naming file and byte. Never another record, never a gap.
#include "adapters/segment_log/segment_log.h"
#include "base/check.h"
#include "base/memory_file_system.h"
#include "harness.h"

namespace tideline::fuzz {
namespace {

constexpr char kFolder[] = "/log";
constexpr std::size_t kRecords = 40;

SegmentLog::Options options_for(MemoryFileSystem& files, const Clock& clock) {
  SegmentLog::Options options;
  options.folder = kFolder;
  options.files = &files;
  options.clock = &clock;
  options.shards = 4;
  options.segment_bytes = 16 << 10;
  options.frame_bytes = 600;
  options.salt = 0x5EED;
  options.reserve_bytes = 0;
  options.settle = Duration(0);
  return options;
}

std::string payload_of(std::size_t number) {
  return "record " + std::to_string(number) + std::string(number * 37 % 900, 'x');
}

const Clock& clock() {
  static const ManualClock kClock(time_from_millis(1'700'000'000'000));
  return kClock;
}

// A log of three segments, made once.
const std::map<std::string, std::string>& sound_files() {
  static const auto kFiles = [] {
    MemoryFileSystem files;
    auto log = SegmentLog::open(options_for(files, clock()));
    CHECK(log.has_value());
    for (std::size_t i = 0; i < kRecords; ++i) {
      const auto shard = static_cast<std::uint16_t>(i % 4);
      CHECK(append_and_wait(**log, {{shard, RecordKind::event, payload_of(i)}}).has_value());
    }
    log->reset();
    return files.contents();
  }();
  return kFiles;
}

// Answers the kind of damage done; kind 0 changes one bit.
int damage(Input& input, std::map<std::string, std::string>& files) {
  auto at = files.begin();
  std::advance(at, input.byte() % files.size());
  std::string& bytes = at->second;
  const int kind = input.byte() % 6;
  const std::size_t place = bytes.empty() ? 0 : input.word() % bytes.size();
  switch (kind) {
    case 0:
      if (!bytes.empty()) bytes[place] = static_cast<char>(bytes[place] ^ (1 << input.byte() % 8));
      break;
    case 1: bytes.resize(place); break;
    case 2: files.erase(at); break;
    case 3: {  // other bytes over a stretch
      const std::string over(input.rest().substr(0, 64));
      bytes.replace(place, std::min(over.size(), bytes.size() - place), over, 0,
                    std::min(over.size(), bytes.size() - place));
      break;
    }
    case 4: {  // a sector that was never written
      const std::size_t sector = place / 512 * 512;
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(sector),
                  std::min<std::size_t>(512, bytes.size() - sector), '\0');
      break;
    }
    default: {  // a piece of the log at another place of it
      const std::size_t from = input.word() % (bytes.empty() ? 1 : bytes.size());
      const std::size_t length =
          std::min<std::size_t>(input.byte() * 8, bytes.size() - std::max(place, from));
      bytes.replace(place, length, bytes.substr(from, length));
    }
  }
  return kind;
}

bool is_clear(const Error& error) {
  const bool known = error.code == ErrorCode::corrupt || error.code == ErrorCode::refused;
  return known && error.message.find(kFolder) != std::string::npos;
}

}  // namespace

void log_folder(std::string_view bytes) {
  Input input(bytes);
  auto contents = sound_files();
  const int times = input.byte() % 4;
  bool whole = times <= 1;  // at most one bit is another one: nothing may be missing
  for (int i = 0; i < times && !contents.empty(); ++i) {
    if (damage(input, contents) != 0) whole = false;
  }
  MemoryFileSystem files;
  files.set_contents(contents);
  auto log = SegmentLog::open(options_for(files, clock()));
  if (!log) return CHECK(is_clear(log.error()));
  std::size_t served = 0;
  for (LogPosition at = (*log)->begin(); at < (*log)->end();) {
    const auto records = (*log)->read(at, 7, 4096);
    if (!records) return CHECK(is_clear(records.error()));
    CHECK(!records->empty());
    for (const LogRecord& record : *records) {
      CHECK(record.position == at++);
      CHECK(record.payload == payload_of(record.position));
      CHECK(record.place.shard == record.position % 4);
      CHECK(record.place.offset == record.position / 4);
      ++served;
    }
  }
  if (whole) CHECK(served == kRecords);
  const auto added = append_and_wait(**log, {{1, RecordKind::event, "new"}});
  if (!added) return;
  const auto end = (*log)->end();
  const auto last = (*log)->read(end - 1, 1, 1000);
  CHECK(last && last->size() == 1 && last->front().payload == "new");
}

}  // namespace tideline::fuzz
