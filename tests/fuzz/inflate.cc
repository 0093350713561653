// Compressed bodies: never a byte over the limit, only the two refusals that there are, and
// whatever was packed comes out again.
#include "http/inflate.h"

#include <zlib.h>
#include <zstd.h>

#include "base/check.h"
#include "harness.h"

namespace tideline::fuzz {
namespace {

using http::Encoding;

std::string deflated(std::string_view text, int bits) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, 1, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string packed(std::string_view text, Encoding encoding) {
  switch (encoding) {
    case Encoding::identity: return std::string(text);
    case Encoding::gzip: return deflated(text, 15 + 16);
    case Encoding::deflate: return deflated(text, 15);
    case Encoding::zstd: break;
  }
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const std::size_t n = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 1);
  CHECK(ZSTD_isError(n) == 0);
  out.resize(n);
  return out;
}

void check_refusal(const Error& error) {
  CHECK(error.code == ErrorCode::too_large || error.code == ErrorCode::invalid);
  CHECK(error.reason == "inflated_too_large" || error.reason == "bad_encoding");
}

// In one or two members, cut at any place, with the limit at, under and over its length.
void check_round_trip(Input& input, Encoding encoding) {
  const std::size_t cut = input.word();
  const bool two = input.byte() % 2 == 1 && encoding != Encoding::deflate;
  const std::string text(input.rest());
  if (text.empty()) return;
  const std::size_t half = two && encoding != Encoding::identity ? text.size() / 2 : 0;
  const std::string wire = (half > 0 ? packed(text.substr(0, half), encoding) : std::string()) +
                           packed(text.substr(half), encoding);
  for (const std::size_t cap : {text.size(), text.size() + 1, text.size() * 3}) {
    const auto out = http::inflate_limited(wire, encoding, cap);
    CHECK(out && *out == text);
  }
  const auto over = http::inflate_limited(wire, encoding, text.size() - 1);
  CHECK(!over && over.error().code == ErrorCode::too_large);
  if (encoding == Encoding::identity) return;
  const auto torn = http::inflate_limited(std::string_view(wire).substr(0, cut % wire.size()),
                                          encoding, text.size());
  // Cut between two members, or before the first byte, it is a whole text of its own.
  if (torn) CHECK(torn->empty() || *torn == text.substr(0, half));
  if (!torn) CHECK(torn.error().reason == "bad_encoding");
}

}  // namespace

void inflate(std::string_view bytes) {
  Input input(bytes);
  const std::uint8_t mode = input.byte();
  const auto encoding = static_cast<Encoding>(mode % 4);
  if (mode & 0x80) return check_round_trip(input, encoding);
  const std::size_t cap = (mode & 0x40) ? input.word() % 100'000 : input.byte();
  const std::string_view body = input.rest();
  const Encoding seen = http::sniff_encoding(body, encoding);
  const auto out = http::inflate_limited(body, seen, cap);
  if (!out) return check_refusal(out.error());
  CHECK(out->size() <= cap);
  // A larger limit changes nothing about what is inside it.
  const auto wider = http::inflate_limited(body, seen, cap + 1000);
  CHECK(wider && *wider == *out);
  const auto name = http::parse_encoding(body.substr(0, 64));
  if (name && *name != Encoding::identity) CHECK(!body.empty());
}

}  // namespace tideline::fuzz
