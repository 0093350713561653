#include "scoring/safetensors.h"

#include <bit>
#include <cstring>
#include <span>

#include <boost/json.hpp>

#include "base/check.h"

namespace tideline {
namespace {

namespace json = boost::json;

static_assert(std::endian::native == std::endian::little,
              "arrays are written as they lie in memory");

// The size of a tensor file's header is limited by what one model can need.
constexpr std::uint64_t kHeaderBytesMax = 16U << 20;

struct ElementType {
  const char* name;
  std::size_t bytes;
};
constexpr ElementType kTypes[] = {{"F32", 4}, {"F64", 8}, {"I32", 4}};

std::size_t count_of(const std::vector<std::size_t>& shape) {
  std::size_t count = 1;
  for (const std::size_t n : shape) count *= n;
  return count;
}

tl::unexpected<Error> damaged(const std::string& what) {
  return fail(ErrorCode::corrupt, "not a safetensors file: " + what);
}

template <class T>
std::vector<T> copied(std::string_view bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

Result<std::vector<std::size_t>> numbers_of(const json::value* list) {
  if (list == nullptr || !list->is_array()) return damaged("a list of numbers is missing");
  std::vector<std::size_t> numbers;
  for (const json::value& item : list->get_array()) {
    if (!item.is_int64() || item.get_int64() < 0 || item.get_int64() > (1LL << 40)) {
      return damaged("a size is out of range");
    }
    numbers.push_back(std::size_t(item.get_int64()));
  }
  return numbers;
}

Result<Tensor> parse_tensor(const json::value& entry, std::string_view body, std::size_t& next) {
  const json::object* fields = entry.if_object();
  if (fields == nullptr) return damaged("an entry is no object");
  TRY_ASSIGN(auto shape, numbers_of(fields->if_contains("shape")));
  TRY_ASSIGN(auto offsets, numbers_of(fields->if_contains("data_offsets")));
  if (offsets.size() != 2 || offsets[0] != next || offsets[1] < offsets[0] ||
      offsets[1] > body.size()) {
    return damaged("an array lies outside the file");
  }
  next = offsets[1];
  const json::value* type = fields->if_contains("dtype");
  const std::string_view bytes = body.substr(offsets[0], offsets[1] - offsets[0]);
  std::size_t count = 1;
  for (const std::size_t n : shape) {
    if (n != 0 && count > bytes.size() / n) return damaged("an array is shorter than its shape");
    count *= n;
  }
  for (std::size_t i = 0; i < std::size(kTypes); ++i) {
    if (type == nullptr || !type->is_string() || type->get_string() != kTypes[i].name) continue;
    if (bytes.size() != count * kTypes[i].bytes)
      return damaged("an array's length differs from its shape");
    if (i == 0) return Tensor{std::move(shape), copied<float>(bytes)};
    if (i == 1) return Tensor{std::move(shape), copied<double>(bytes)};
    return Tensor{std::move(shape), copied<std::int32_t>(bytes)};
  }
  return fail(ErrorCode::refused, "safetensors: only arrays of F32, F64 and I32 are read");
}

}  // namespace

std::string to_safetensors(const Tensors& tensors) {
  json::object header;
  std::string body;
  for (const auto& entry : tensors) {
    const std::string& name = entry.first;
    const Tensor& tensor = entry.second;
    const std::size_t begin = body.size();
    std::visit(
        [&](const auto& values) {
          CHECK(values.size() == count_of(tensor.shape));
          const auto bytes = std::as_bytes(std::span(values));
          body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        },
        tensor.values);
    json::array shape;
    for (const std::size_t n : tensor.shape) shape.emplace_back(std::int64_t(n));
    header[name] = {{"dtype", kTypes[tensor.values.index()].name},
                    {"shape", shape},
                    {"data_offsets", {std::int64_t(begin), std::int64_t(body.size())}}};
  }
  std::string text = json::serialize(header);
  text.resize((text.size() + 7) / 8 * 8, ' ');  // arrays start on 8 bytes
  const std::uint64_t length = text.size();
  std::string bytes(sizeof(length), '\0');
  std::memcpy(bytes.data(), &length, sizeof(length));
  return bytes + text + body;
}

Result<Tensors> parse_safetensors(std::string_view bytes) {
  std::uint64_t length = 0;
  if (bytes.size() < sizeof(length)) return damaged("it is shorter than 8 bytes");
  std::memcpy(&length, bytes.data(), sizeof(length));
  if (length > kHeaderBytesMax || length > bytes.size() - sizeof(length)) {
    return damaged("its header is longer than the file");
  }
  boost::system::error_code error;
  const json::value header = json::parse(bytes.substr(sizeof(length), length), error);
  if (error || !header.is_object()) return damaged("its header is not JSON");
  const std::string_view body = bytes.substr(sizeof(length) + length);
  Tensors tensors;
  std::size_t next = 0;
  for (const auto& [name, entry] : header.get_object()) {
    if (name == "__metadata__") continue;
    TRY_ASSIGN(auto tensor, parse_tensor(entry, body, next));
    tensors.emplace(std::string(name), std::move(tensor));
  }
  if (next != body.size()) return damaged("bytes follow the last array");
  return tensors;
}

}  // namespace tideline
