// Packed bytes for tests.
#pragma once

#include <zlib.h>
#include <zstd.h>

#include <string>
#include <string_view>

#include "base/check.h"

namespace tideline::http {

inline std::string deflate_with_bits(std::string_view text, int bits) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
inline std::string gzip(std::string_view text) { return deflate_with_bits(text, 31); }
inline std::string zlib_deflate(std::string_view text) { return deflate_with_bits(text, 15); }
inline std::string raw_deflate(std::string_view text) { return deflate_with_bits(text, -15); }

inline std::string zstd(std::string_view text) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  CHECK(!ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)));
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const std::size_t bytes =
      ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size());
  CHECK(!ZSTD_isError(bytes));
  out.resize(bytes);
  ZSTD_freeCCtx(context);
  return out;
}

}  // namespace tideline::http
