// Content encodings: gzip, deflate and zstd inflated under a cap that holds while inflating.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tideline::http {

enum class Encoding { identity, gzip, deflate, zstd };

// The value of Content-Encoding: "gzip", "x-gzip", "deflate", "zstd", "identity" or "", in any
// case, identities around it ignored. nullopt: unknown, or more than one.
[[nodiscard]] std::optional<Encoding> parse_encoding(std::string_view header);

// The magic bytes of gzip and zstd win over what the header said: proxies strip and add headers.
[[nodiscard]] Encoding sniff_encoding(std::string_view bytes, Encoding declared);

// All members or frames of `bytes`. Takes at most `cap`, and a decoder's window; of a body
// that is too large a quarter of it.
// Errors: too_large "inflated_too_large" as soon as byte cap + 1 appears; invalid "bad_encoding"
// for bytes that are damaged, cut short, or followed by something else.
[[nodiscard]] Result<std::string> inflate_limited(std::string_view bytes, Encoding encoding,
                                                  std::size_t cap);

}  // namespace tideline::http
