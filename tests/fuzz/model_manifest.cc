// Model files: a manifest whose check sum fits is read or refused, and written again it is the
// same; the same of the arrays of its weights. A changed byte without a new check sum is refused.
#include "scoring/manifest.h"

#include "base/check.h"
#include "harness.h"
#include "scoring/safetensors.h"

namespace tideline::fuzz {
namespace {

constexpr std::string_view kKey = "\"checksum\":\"";
constexpr std::size_t kDigits = 32;

// The text with the check sum that it should have, where it has a place for one.
std::string summed(std::string text) {
  const std::size_t at = text.find(kKey);
  if (at == text.npos || text.size() < at + kKey.size() + kDigits) return text;
  text.replace(at + kKey.size(), kDigits, kDigits, '0');
  const std::string sum = xxh3_128(text).hex();
  return text.replace(at + kKey.size(), kDigits, sum);
}

bool is_refusal(const Error& error) {
  return error.code == ErrorCode::corrupt || error.code == ErrorCode::refused;
}

void check_manifest(std::string text, std::size_t place) {
  const auto manifest = parse_manifest(text);
  if (!manifest) return CHECK(is_refusal(manifest.error()) && !manifest.error().message.empty());
  const std::string written = to_json(*manifest);
  const auto again = parse_manifest(written);
  CHECK(again && to_json(*again) == written);
  for (const ModelTask& task : manifest->tasks) CHECK(!name_of(task.champion, task.kind).empty());
  text[place % text.size()] = static_cast<char>(text[place % text.size()] ^ 1);
  CHECK(!parse_manifest(text));
}

void check_tensors(std::string_view bytes) {
  const auto tensors = parse_safetensors(bytes);
  if (!tensors) return CHECK(is_refusal(tensors.error()));
  const std::string written = to_safetensors(*tensors);
  const auto again = parse_safetensors(written);
  CHECK(again.has_value() && to_safetensors(*again) == written);
  CHECK(again->size() == tensors->size());
}

}  // namespace

void model_manifest(std::string_view bytes) {
  Input input(bytes);
  const std::uint8_t mode = input.byte();
  const std::uint32_t place = input.byte();
  if (mode % 4 == 0) return check_tensors(input.rest());
  if (mode % 4 == 1) {  // the header's length is made to fit
    const std::string header(input.rest().substr(0, input.rest().find('\0')));
    std::string file;
    for (int i = 0; i < 8; ++i) file += static_cast<char>(header.size() >> (8 * i));
    return check_tensors(file + header + std::string(input.rest().substr(header.size())));
  }
  const std::string text(input.rest());
  check_manifest(mode % 4 == 2 ? text : summed(text), place * 7);
}

}  // namespace tideline::fuzz
