#include "http/inflate.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <memory>
#include <vector>

#include "base/check.h"
#include "http/message.h"

namespace tideline::http {
namespace {

tl::unexpected<Error> bad(std::string_view what) {
  return fail(ErrorCode::invalid,
              "the body is not what its Content-Encoding says: " + std::string(what),
              "bad_encoding");
}

tl::unexpected<Error> too_large(std::size_t cap) {
  return fail(ErrorCode::too_large,
              "the body is over " + std::to_string(cap) +
                  " bytes when it is inflated; nothing was "
                  "stored",
              "inflated_too_large");
}

// Where a decoder writes: grows by doubling up to `keep_max` bytes; what comes beyond is counted
// and thrown away, so that a body which turns out too large costs little.
class Output {
 public:
  Output(std::size_t first, std::size_t keep_max, std::size_t cap)
      : keep_max_(keep_max), cap_(cap) {
    bytes_.resize(std::min(first, keep_max));
  }
  [[nodiscard]] char* next() { return bytes_.data() + at_; }
  [[nodiscard]] std::size_t room() const { return bytes_.size() - at_; }
  void grow_when_full() {
    if (room() > 0) return;
    if (!counting_ && bytes_.size() < keep_max_) {
      bytes_.resize(std::min(keep_max_, bytes_.size() * 2));
      return;
    }
    if (!counting_) {
      std::string(kScratch, '\0').swap(bytes_);
      counting_ = true;
    }
    at_ = 0;
  }
  void advance(std::size_t n) {
    at_ += n;
    used_ += n;
  }
  [[nodiscard]] bool over() const { return used_ > cap_; }
  [[nodiscard]] std::size_t used() const { return used_; }
  [[nodiscard]] bool kept_all() const { return !counting_; }
  [[nodiscard]] std::string take() {
    bytes_.resize(used_);
    if (bytes_.capacity() > 2 * used_) bytes_.shrink_to_fit();
    return std::move(bytes_);
  }

 private:
  static constexpr std::size_t kScratch = 64 * 1024;
  std::size_t keep_max_;
  std::size_t cap_;
  std::size_t at_ = 0;    // in bytes_
  std::size_t used_ = 0;  // of all
  bool counting_ = false;
  std::string bytes_;
};

// Of a body no more than this share of the cap is kept before its size is known.
constexpr std::size_t kKeptShare = 4;
constexpr std::size_t kKeptMin = 64 * 1024;

// Window sizes as zlib takes them.
constexpr int kGzipBits = 15 + 16;
constexpr int kZlibBits = 15;
constexpr int kRawBits = -15;

// RFC 1950: "deflate" is the zlib format; some clients send the raw stream under that name.
int deflate_bits(std::string_view bytes) {
  if (bytes.size() < 2) return kRawBits;
  const unsigned cmf = static_cast<unsigned char>(bytes[0]);
  const unsigned flg = static_cast<unsigned char>(bytes[1]);
  return (cmf & 0x0f) == 8 && (cmf >> 4) <= 7 && (cmf * 256 + flg) % 31 == 0 ? kZlibBits
                                                                             : kRawBits;
}

// Inflates one stream from the front of `stream`'s input.
Status inflate_member(z_stream& stream, Output& output, std::size_t cap) {
  while (true) {
    output.grow_when_full();
    if (output.over()) return too_large(cap);
    const auto room = std::min<std::size_t>(output.room(), std::numeric_limits<uInt>::max());
    stream.next_out = reinterpret_cast<Bytef*>(output.next());
    stream.avail_out = static_cast<uInt>(room);
    const int code = ::inflate(&stream, Z_NO_FLUSH);
    output.advance(room - stream.avail_out);
    if (output.over()) return too_large(cap);
    if (code == Z_STREAM_END) return {};
    if (code == Z_BUF_ERROR || (code == Z_OK && stream.avail_in == 0 && stream.avail_out != 0)) {
      return bad("it is cut short");
    }
    if (code == Z_MEM_ERROR) return fail(ErrorCode::internal, "out of memory while inflating");
    if (code != Z_OK) return bad(stream.msg != nullptr ? stream.msg : "damaged stream");
  }
}

Status inflate_zlib(std::string_view bytes, int bits, std::size_t cap, Output& output) {
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  if (inflateInit2(&stream, bits) != Z_OK) {
    return fail(ErrorCode::internal, "out of memory while inflating");
  }
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
  while (true) {
    TRY(inflate_member(stream, output, cap));
    if (stream.avail_in == 0) return {};
    // RFC 1952: a gzip file is one or more members; nothing else may follow.
    if (bits != kGzipBits) return bad("bytes follow the end of the stream");
    const std::string_view rest(reinterpret_cast<const char*>(stream.next_in), stream.avail_in);
    if (!rest.starts_with("\x1f\x8b")) return bad("bytes follow the end of the gzip stream");
    CHECK(inflateReset(&stream) == Z_OK);
  }
}

Status inflate_zstd(std::string_view bytes, std::size_t cap, Output& output) {
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                        ZSTD_freeDCtx);
  if (context == nullptr) return fail(ErrorCode::internal, "out of memory while inflating");
  // A frame may ask for a window far larger than what it holds; no more than the cap is of use,
  // and level 19, the highest ordinary one, uses 2^23.
  const int window_log = std::clamp(static_cast<int>(std::bit_width(cap)), 23, 27);
  CHECK(ZSTD_isError(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, window_log)) == 0);
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  while (true) {
    output.grow_when_full();
    if (output.over()) return too_large(cap);
    ZSTD_outBuffer out{output.next(), output.room(), 0};
    const std::size_t before = in.pos;
    const std::size_t left = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(left)) return bad(ZSTD_getErrorName(left));
    output.advance(out.pos);
    if (output.over()) return too_large(cap);
    if (in.pos == in.size && left == 0) return {};
    const bool stuck = in.pos == before && out.pos == 0;
    if (in.pos == in.size && (out.pos < out.size || stuck)) return bad("it is cut short");
  }
}

Status inflate_into(std::string_view bytes, Encoding encoding, std::size_t cap, Output& output) {
  switch (encoding) {
    case Encoding::gzip: return inflate_zlib(bytes, kGzipBits, cap, output);
    case Encoding::deflate: return inflate_zlib(bytes, deflate_bits(bytes), cap, output);
    case Encoding::zstd: return inflate_zstd(bytes, cap, output);
    case Encoding::identity: break;
  }
  return fail(ErrorCode::internal, "unknown encoding");
}

}  // namespace

std::optional<Encoding> parse_encoding(std::string_view header) {
  Encoding encoding = Encoding::identity;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(','), header.size());
    std::string_view name = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    while (!name.empty() && (name.front() == ' ' || name.front() == '\t')) name.remove_prefix(1);
    while (!name.empty() && (name.back() == ' ' || name.back() == '\t')) name.remove_suffix(1);
    if (name.empty() || same_header_name(name, "identity")) continue;
    if (encoding != Encoding::identity) return std::nullopt;
    if (same_header_name(name, "gzip") || same_header_name(name, "x-gzip")) {
      encoding = Encoding::gzip;
    } else if (same_header_name(name, "deflate")) {
      encoding = Encoding::deflate;
    } else if (same_header_name(name, "zstd")) {
      encoding = Encoding::zstd;
    } else {
      return std::nullopt;
    }
  }
  return encoding;
}

Encoding sniff_encoding(std::string_view bytes, Encoding declared) {
  if (bytes.starts_with("\x1f\x8b")) return Encoding::gzip;
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return Encoding::zstd;
  return declared;
}

Result<std::string> inflate_limited(std::string_view bytes, Encoding encoding, std::size_t cap) {
  if (bytes.empty()) return std::string();
  if (bytes.size() > std::numeric_limits<uInt>::max()) return too_large(cap);
  CHECK(cap < std::numeric_limits<std::size_t>::max() / 4);
  switch (encoding) {
    case Encoding::identity:
      if (bytes.size() > cap) return too_large(cap);
      return std::string(bytes);
    default: break;
  }
  // A large body is inflated twice: first only measured, then into a place of its size.
  const std::size_t keep = std::max(cap / kKeptShare, kKeptMin);
  Output first(std::max<std::size_t>(4096, bytes.size() * 4), keep, cap);
  TRY(inflate_into(bytes, encoding, cap, first));
  if (first.kept_all()) return first.take();
  Output second(first.used() + 1, first.used() + 1, cap);
  TRY(inflate_into(bytes, encoding, cap, second));
  return second.take();
}

}  // namespace tideline::http
