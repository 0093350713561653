// Weights of a model as named arrays, and back.
#pragma once

#include "scoring/model.h"
#include "scoring/safetensors.h"

namespace tideline {

[[nodiscard]] Tensors to_tensors(const ModelParts& parts);
// corrupt when an array is missing or of another shape; soundness is checked by Model.
[[nodiscard]] Result<ModelParts> parts_of(const Tensors& tensors);

// golden.json: numbers are kept as text that reads back exactly; missing is null, infinity "inf".
[[nodiscard]] std::string to_json(const GoldenRows& golden);
[[nodiscard]] Result<GoldenRows> parse_golden(std::string_view json);

}  // namespace tideline
