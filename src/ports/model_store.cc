#include "ports/model_store.h"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace tideline {
namespace {

constexpr std::size_t kPartBytesMax = 128;

// The number at the end of a version, "v10" -> 10; 0 without one.
std::uint64_t number_of(const std::string& version) {
  const std::size_t last = version.find_last_not_of("0123456789");
  const char* begin = version.data() + (last == std::string::npos ? 0 : last + 1);
  std::uint64_t number = 0;
  std::from_chars(begin, version.data() + version.size(), number);
  return number;
}

}  // namespace

bool is_valid_part(const std::string& part) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  return !part.empty() && part.size() <= kPartBytesMax && part.front() != '.' &&
         std::all_of(part.begin(), part.end(), allowed);
}

Status check_bundle(const ModelKey& key, const ModelFiles& files) {
  if (!is_valid_part(key.name) || !is_valid_part(key.version)) {
    return fail(ErrorCode::invalid,
                "model names and versions are lower-case letters, digits, '.', '_' and '-'; \"" +
                    key.name + "\" / \"" + key.version + "\" is not");
  }
  for (const auto& [name, bytes] : files) {
    if (!is_valid_part(name)) {
      return fail(ErrorCode::invalid, "\"" + name + "\" is no name for a file of a model");
    }
  }
  if (!files.contains("manifest.json"))
    return fail(ErrorCode::invalid, "a model needs a manifest.json");
  return {};
}

bool comes_before(const ModelKey& a, const ModelKey& b) {
  const auto order = [](const ModelKey& key) {
    return std::tuple(std::string_view(key.name), number_of(key.version),
                      std::string_view(key.version));
  };
  return order(a) < order(b);
}

}  // namespace tideline
