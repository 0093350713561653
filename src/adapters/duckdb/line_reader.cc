#include "adapters/duckdb/line_reader.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

namespace tideline {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kBlockLines = 8'192;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

// A file's bytes, inflated.
class ByteSource {
 public:
  [[nodiscard]] static Result<std::unique_ptr<ByteSource>> open(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
      const ErrorCode code = errno == ENOENT ? ErrorCode::not_found : ErrorCode::io_failed;
      return fail(code, "cannot open " + path + ": " + std::strerror(errno));
    }
    auto source = std::unique_ptr<ByteSource>(new ByteSource(path, fd));
    struct stat status {};
    if (::fstat(fd, &status) == 0) source->total_ = static_cast<std::uint64_t>(status.st_size);
    if (S_ISDIR(status.st_mode)) return fail(ErrorCode::invalid, path + " is a folder");
    TRY(source->fill());
    const std::string_view start(source->input_.data(), source->end_);
    if (start.starts_with("\x1f\x8b")) source->compression_ = Compression::gzip;
    if (start.starts_with("\x28\xb5\x2f\xfd")) source->compression_ = Compression::zstd;
    TRY(source->start_inflating());
    return source;
  }
  ~ByteSource() {
    if (zlib_ready_) inflateEnd(&zlib_);
    ZSTD_freeDStream(zstd_);
  }
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  [[nodiscard]] Compression compression() const { return compression_; }
  [[nodiscard]] std::uint64_t read_so_far() const { return read_; }
  [[nodiscard]] std::uint64_t total() const { return total_; }

  // Up to `bytes` of text into `out`; 0 at the end.
  Result<std::size_t> read(char* out, std::size_t bytes) {
    switch (compression_) {
      case Compression::none: return read_plain(out, bytes);
      case Compression::gzip: return read_gzip(out, bytes);
      case Compression::zstd: return read_zstd(out, bytes);
    }
    return 0;
  }

 private:
  ByteSource(std::string path, int fd) : path_(std::move(path)), file_(fd), input_(kReadBytes) {}

  // Reads on when all input is used; at the file's end nothing is left.
  Status fill() {
    if (at_ < end_) return {};
    ssize_t got = 0;
    do {
      got = ::read(file_.get(), input_.data(), input_.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0)
      return fail(ErrorCode::io_failed, "cannot read " + path_ + ": " + strerror(errno));
    at_ = 0;
    end_ = static_cast<std::size_t>(got);
    read_ += end_;
    return {};
  }
  Status start_inflating() {
    if (compression_ == Compression::gzip) {
      // 16: gzip's frame, not zlib's.
      zlib_ready_ = inflateInit2(&zlib_, 15 + 16) == Z_OK;
      if (!zlib_ready_) return fail(ErrorCode::internal, "zlib does not start");
    }
    if (compression_ == Compression::zstd) {
      zstd_ = ZSTD_createDStream();
      if (zstd_ == nullptr) return fail(ErrorCode::internal, "zstd does not start");
    }
    return {};
  }
  Result<std::size_t> read_plain(char* out, std::size_t bytes) {
    TRY(fill());
    const std::size_t n = std::min(bytes, end_ - at_);
    std::memcpy(out, input_.data() + at_, n);
    at_ += n;
    return n;
  }
  Result<std::size_t> read_gzip(char* out, std::size_t bytes) {
    for (;;) {
      TRY(fill());
      if (at_ == end_) {
        if (inside_) return damaged("it ends in the middle");
        return 0;
      }
      if (!inside_) {
        // After a member another may follow; zero bytes are padding (RFC 1952 tools write them).
        if (input_[at_] == '\0') {
          ++at_;
          continue;
        }
        if (inflateReset(&zlib_) != Z_OK) return fail(ErrorCode::internal, "zlib does not reset");
        inside_ = true;
      }
      zlib_.next_in = reinterpret_cast<Bytef*>(input_.data() + at_);
      zlib_.avail_in = static_cast<uInt>(end_ - at_);
      zlib_.next_out = reinterpret_cast<Bytef*>(out);
      zlib_.avail_out = static_cast<uInt>(bytes);
      const int state = inflate(&zlib_, Z_NO_FLUSH);
      at_ = end_ - zlib_.avail_in;
      if (state == Z_STREAM_END) inside_ = false;
      if (state != Z_OK && state != Z_STREAM_END && state != Z_BUF_ERROR) {
        return damaged(zlib_.msg != nullptr ? zlib_.msg : "its gzip code is wrong");
      }
      if (const std::size_t n = bytes - zlib_.avail_out; n > 0) return n;
    }
  }
  Result<std::size_t> read_zstd(char* out, std::size_t bytes) {
    for (;;) {
      TRY(fill());
      if (at_ == end_ && !inside_) return 0;
      ZSTD_inBuffer in{input_.data() + at_, end_ - at_, 0};
      ZSTD_outBuffer into{out, bytes, 0};
      const std::size_t left = ZSTD_decompressStream(zstd_, &into, &in);
      if (ZSTD_isError(left) != 0) return damaged(ZSTD_getErrorName(left));
      const bool stuck = at_ == end_ && into.pos == 0;
      at_ += in.pos;
      inside_ = left != 0;
      if (into.pos > 0) return into.pos;
      if (stuck && inside_) return damaged("it ends in the middle");
    }
  }
  tl::unexpected<Error> damaged(const std::string& why) const {
    return fail(ErrorCode::corrupt, path_ + " is damaged: " + why);
  }

  std::string path_;
  FileDescriptor file_;
  std::vector<char> input_;  // of the file; [at_, end_) is not used yet
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::uint64_t read_ = 0;
  std::uint64_t total_ = 0;
  Compression compression_ = Compression::none;
  bool inside_ = false;  // a gzip member or zstd frame
  bool zlib_ready_ = false;
  z_stream zlib_{};
  ZSTD_DStream* zstd_ = nullptr;
};

ImportFormat format_by_name(const std::string& path) {
  std::filesystem::path name = std::filesystem::path(path).filename();
  if (name.extension() == ".gz" || name.extension() == ".zst") name = name.stem();
  const std::string end = name.extension().string();
  if (end == ".parquet") return ImportFormat::parquet;
  if (end == ".ndjson" || end == ".jsonl" || end == ".json") return ImportFormat::ndjson;
  return ImportFormat::csv;
}

}  // namespace

Result<ImportFile> recognise_file(const std::string& path) {
  TRY_ASSIGN(const std::unique_ptr<ByteSource> source, ByteSource::open(path));
  ImportFile file{source->compression(), format_by_name(path)};
  std::vector<char> bytes(4'096);
  bool first = true;
  for (;;) {
    TRY_ASSIGN(const std::size_t n, source->read(bytes.data(), bytes.size()));
    std::string_view text(bytes.data(), n);
    if (n == 0) return file;
    if (first && text.starts_with("PAR1")) {
      file.format = ImportFormat::parquet;
      return file;
    }
    if (first && text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    first = false;
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == text.npos) continue;
    const bool json = text[start] == '{' || text[start] == '[';
    file.format = json ? ImportFormat::ndjson : ImportFormat::csv;
    return file;
  }
}

struct LineReader::Impl {
  LineReaderOptions options;
  std::unique_ptr<ByteSource> source;
  std::vector<char> text;  // [at, end) is not cut into lines yet
  std::size_t at = 0;
  std::size_t end = 0;
  ImportLine line;  // the line under way
  bool line_open = false;
  std::uint64_t number = 0;
  bool started = false;
  std::optional<Error> failure;  // met after lines that were still to be handed out

  Result<bool> refill() {
    while (at == end) {  // again where a byte order mark was all that came
      TRY_ASSIGN(end, source->read(text.data(), text.size()));
      at = 0;
      if (end == 0) return false;
      if (!started && std::string_view(text.data(), end).starts_with(kByteOrderMark)) {
        at = kByteOrderMark.size();
      }
      started = true;
    }
    return true;
  }
  void take(std::string_view piece) {
    if (!line_open) line = ImportLine{++number};
    line_open = true;
    line.bytes += piece.size();
    // One more byte is kept than the limit, so that a CR at its end can be told from text.
    const std::size_t room =
        options.line_bytes_max + 1 - std::min(line.text.size(), options.line_bytes_max + 1);
    line.text.append(piece.substr(0, room));
  }
  void close_line(std::vector<ImportLine>& block, bool last_is_cr) {
    if (last_is_cr) {
      --line.bytes;
      if (line.text.size() > line.bytes) line.text.pop_back();
    }
    if (line.text.size() > options.line_bytes_max) line.text.resize(options.line_bytes_max);
    block.push_back(std::move(line));
    line_open = false;
  }
  bool last_cr = false;  // of the line under way, its last byte so far

  Result<bool> next(std::vector<ImportLine>& block) {
    std::size_t bytes = 0;
    while (block.size() < kBlockLines && bytes < options.block_bytes_max) {
      TRY_ASSIGN(const bool more, refill());
      if (!more) {
        if (line_open) close_line(block, false);
        break;
      }
      const std::string_view rest(text.data() + at, end - at);
      const std::size_t stop = std::min(rest.find('\n'), rest.size());
      take(rest.substr(0, stop));
      if (stop > 0) last_cr = rest[stop - 1] == '\r';
      at += stop;
      if (stop == rest.size()) continue;
      ++at;
      close_line(block, last_cr);
      last_cr = false;
      bytes += block.back().text.size();
    }
    return !block.empty();
  }
};

LineReader::LineReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LineReader::~LineReader() = default;

Result<std::unique_ptr<LineReader>> LineReader::open(LineReaderOptions options) {
  auto impl = std::make_unique<Impl>();
  TRY_ASSIGN(impl->source, ByteSource::open(options.path));
  impl->options = std::move(options);
  impl->text.resize(kReadBytes);
  return std::unique_ptr<LineReader>(new LineReader(std::move(impl)));
}

Result<bool> LineReader::next(std::vector<ImportLine>& block) {
  block.clear();
  if (impl_->failure) return fail(*impl_->failure);
  Result<bool> more = impl_->next(block);
  if (more || block.empty()) return more;
  impl_->failure = more.error();
  return true;
}

std::uint64_t LineReader::bytes_read() const { return impl_->source->read_so_far(); }
std::uint64_t LineReader::bytes_total() const { return impl_->source->total(); }

}  // namespace tideline
