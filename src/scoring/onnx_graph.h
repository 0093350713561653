// OnnxGraph: builds an ONNX model node by node (https://onnx.ai/onnx/repo-docs/IR.html). Field
// numbers are those of onnx.proto3 of the specification, IR version 8, operators of opset 13.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scoring/protobuf_writer.h"

namespace tideline {

// TensorProto.DataType
enum class OnnxType : std::int32_t { float32 = 1, int64 = 7, boolean = 9, float64 = 11 };

struct OnnxAttribute {
  std::string name;
  std::int64_t whole = 0;
};

class OnnxGraph {
 public:
  explicit OnnxGraph(std::string name) : name_(std::move(name)) {}

  // Of shape (rows, width); rows may be any number.
  void input(const std::string& name, OnnxType type, std::size_t width);
  void output(const std::string& name, OnnxType type, std::size_t width);

  // Constants; the answer is their name, which is made.
  std::string floats(std::span<const float> values, std::initializer_list<std::size_t> shape);
  std::string doubles(std::span<const double> values, std::initializer_list<std::size_t> shape);
  std::string wholes(std::span<const std::int64_t> values);
  std::string booleans(std::span<const bool> values, std::initializer_list<std::size_t> shape);
  std::string one(double value) { return doubles({{value}}, {1}); }

  // One node with one output, whose name is the answer: `result`, or one that is made.
  std::string node(std::string_view operation, const std::vector<std::string>& inputs,
                   const std::vector<OnnxAttribute>& attributes = {}, std::string result = "");

  // The bytes of the file. `about` becomes metadata_props; keys must differ.
  [[nodiscard]] std::string model(
      std::string_view program_version, std::string_view description,
      const std::vector<std::pair<std::string, std::string>>& about) const;

 private:
  std::string constant(OnnxType type, std::string_view raw,
                       std::initializer_list<std::size_t> shape);
  [[nodiscard]] static ProtobufWriter value(const std::string& name, OnnxType type,
                                            std::size_t width);

  std::string name_;
  std::vector<ProtobufWriter> nodes_;
  std::vector<ProtobufWriter> constants_;
  std::vector<ProtobufWriter> inputs_;
  std::vector<ProtobufWriter> outputs_;
  int named_ = 0;
};

}  // namespace tideline
