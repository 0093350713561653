// Safetensors: named arrays of numbers in one file (the format of huggingface/safetensors).
//
// 8 bytes little-endian length of the header, the header in JSON, then the arrays one after
// another, little-endian. Written with names in order and no gaps, so equal content gives equal
// bytes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace tideline {

struct Tensor {
  std::vector<std::size_t> shape;
  // F32, F64 or I32; as many values as the shape says.
  std::variant<std::vector<float>, std::vector<double>, std::vector<std::int32_t>> values;
  bool operator==(const Tensor&) const = default;
};

using Tensors = std::map<std::string, Tensor, std::less<>>;

[[nodiscard]] std::string to_safetensors(const Tensors& tensors);
// corrupt when the bytes are no such file; other element types are refused.
[[nodiscard]] Result<Tensors> parse_safetensors(std::string_view bytes);

// The values of a tensor when it is there with this element type and so many dimensions; else
// `corrupt`.
template <class T>
[[nodiscard]] Result<std::vector<T>> values_of(const Tensors& tensors, std::string_view name,
                                               std::size_t dimensions = 1) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) {
    return fail(ErrorCode::corrupt, "weights lack the array " + std::string(name));
  }
  const auto* values = std::get_if<std::vector<T>>(&found->second.values);
  if (values == nullptr || found->second.shape.size() != dimensions) {
    return fail(ErrorCode::corrupt, "weights: array " + std::string(name) + " has another shape");
  }
  return *values;
}

}  // namespace tideline
