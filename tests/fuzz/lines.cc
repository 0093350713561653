// Lines of a request and of a file: the same as a reading byte by byte, whatever the limits and
// the compression.
#include <sys/mman.h>
#include <unistd.h>

#include <vector>

#include "adapters/duckdb/line_reader.h"
#include "base/check.h"
#include "harness.h"
#include "http/test_bytes.h"
#include "pipeline/json_scan.h"

namespace tideline::fuzz {
namespace {

// Each line with its number, without LF or CRLF; a last one without an end counts.
std::vector<std::string> plain_lines(std::string_view text) {
  std::vector<std::string> lines;
  std::string line;
  bool open = false;
  for (const char c : text) {
    open = c != '\n';
    if (open) {
      line += c;
      continue;
    }
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(std::move(line));
    line.clear();
  }
  if (open) lines.push_back(std::move(line));
  return lines;
}

void check_body(std::string_view text) {
  std::vector<std::string> all = plain_lines(text);
  // A request's last line has its CR taken off even without LF behind it.
  if (text.ends_with('\r') && !all.back().empty()) all.back().pop_back();
  std::vector<std::string> expected;
  for (std::string& line : all) {
    if (line.find_first_not_of(" \t\r\n") != line.npos) expected.push_back(std::move(line));
  }
  std::string_view rest = text;
  std::size_t count = 0;
  while (const auto line = take_line(rest)) {
    CHECK(count < expected.size() && *line == expected[count]);
    ++count;
  }
  CHECK(count == expected.size());
}

// A file in memory, gone with its descriptor.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : fd_(::memfd_create("lines", MFD_CLOEXEC)) {
    CHECK(fd_ >= 0 &&
          ::write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

struct FileLines {
  std::vector<ImportLine> lines;
  bool damaged = false;
};

FileLines read_lines(std::string_view file, LineReaderOptions options) {
  const MemoryFile memory(file);
  options.path = memory.path();
  FileLines found;
  auto reader = LineReader::open(options);
  CHECK(reader.has_value());
  std::vector<ImportLine> block;
  for (;;) {
    const auto more = (*reader)->next(block);
    if (!more) {
      CHECK(more.error().code == ErrorCode::corrupt);
      found.damaged = true;
      return found;
    }
    if (!*more) return found;
    CHECK(!block.empty());
    for (ImportLine& line : block) found.lines.push_back(std::move(line));
  }
}

void check_file(std::string_view text, const LineReaderOptions& options) {
  std::string_view bare = text;
  if (bare.starts_with("\xEF\xBB\xBF")) bare.remove_prefix(3);
  const auto expected = plain_lines(bare);
  for (const std::string& file : {std::string(text), http::gzip(text), http::zstd(text)}) {
    const auto found = read_lines(file, options);
    CHECK(!found.damaged && found.lines.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const ImportLine& line = found.lines[i];
      CHECK(line.number == i + 1 && line.bytes == expected[i].size());
      CHECK(line.text == expected[i].substr(0, options.line_bytes_max));
    }
  }
}

}  // namespace

void lines(std::string_view bytes) {
  Input input(bytes);
  const std::uint8_t mode = input.byte();
  LineReaderOptions options;
  options.line_bytes_max = 1 + input.byte();
  options.block_bytes_max = 1 + input.byte();
  const std::string_view text = input.rest();
  const bool packed = text.starts_with("\x1f\x8b") || text.starts_with("\x28\xb5\x2f\xfd");
  if (mode % 2 == 0) {
    check_body(text);
    if (!packed) check_file(text, options);
    return;
  }
  const auto found = read_lines(text, options);  // as it is: maybe damaged
  for (const ImportLine& line : found.lines) {
    CHECK(line.text.size() <= options.line_bytes_max && line.text.size() <= line.bytes + 1);
  }
  CHECK(!found.damaged || packed);
}

}  // namespace tideline::fuzz
