#include "scoring/onnx_graph.h"

#include <bit>

namespace tideline {
namespace {

constexpr int kIrVersion = 8;
constexpr int kOpset = 13;
constexpr int kAttributeInt = 2;  // AttributeProto.AttributeType

// raw_data of TensorProto is little-endian, as this machine must be.
static_assert(std::endian::native == std::endian::little);

template <class T>
std::string_view raw(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

}  // namespace

std::string OnnxGraph::constant(OnnxType type, std::string_view raw,
                                std::initializer_list<std::size_t> shape) {
  const std::string name = "c" + std::to_string(named_++);
  ProtobufWriter tensor;                                                         // TensorProto
  for (const std::size_t length : shape) tensor.whole(1, std::int64_t(length));  // dims
  tensor.whole(2, std::int64_t(type));                                           // data_type
  tensor.bytes(8, name);
  tensor.bytes(9, raw);  // raw_data
  constants_.push_back(std::move(tensor));
  return name;
}

std::string OnnxGraph::floats(std::span<const float> values,
                              std::initializer_list<std::size_t> shape) {
  return constant(OnnxType::float32, raw(values), shape);
}

std::string OnnxGraph::doubles(std::span<const double> values,
                               std::initializer_list<std::size_t> shape) {
  return constant(OnnxType::float64, raw(values), shape);
}

std::string OnnxGraph::wholes(std::span<const std::int64_t> values) {
  return constant(OnnxType::int64, raw(values), {values.size()});
}

std::string OnnxGraph::booleans(std::span<const bool> values,
                                std::initializer_list<std::size_t> shape) {
  std::string bytes;
  for (const bool value : values) bytes += value ? '\1' : '\0';
  return constant(OnnxType::boolean, bytes, shape);
}

std::string OnnxGraph::node(std::string_view operation, const std::vector<std::string>& inputs,
                            const std::vector<OnnxAttribute>& attributes, std::string result) {
  if (result.empty()) result = "v" + std::to_string(named_++);
  ProtobufWriter node;  // NodeProto
  for (const std::string& name : inputs) node.bytes(1, name);
  node.bytes(2, result);
  node.bytes(3, "n_" + result);
  node.bytes(4, operation);  // op_type
  for (const OnnxAttribute& attribute : attributes) {
    ProtobufWriter inside;  // AttributeProto
    inside.bytes(1, attribute.name);
    inside.whole(3, attribute.whole);  // i
    inside.whole(20, kAttributeInt);   // type
    node.message(5, inside);
  }
  nodes_.push_back(std::move(node));
  return result;
}

ProtobufWriter OnnxGraph::value(const std::string& name, OnnxType type, std::size_t width) {
  ProtobufWriter rows;    // TensorShapeProto.Dimension
  rows.bytes(2, "rows");  // dim_param
  ProtobufWriter columns;
  columns.whole(1, std::int64_t(width));  // dim_value
  ProtobufWriter shape;                   // TensorShapeProto
  shape.message(1, rows);
  shape.message(1, columns);
  ProtobufWriter tensor;  // TypeProto.Tensor
  tensor.whole(1, std::int64_t(type));
  tensor.message(2, shape);
  ProtobufWriter kind;  // TypeProto
  kind.message(1, tensor);
  ProtobufWriter value;  // ValueInfoProto
  value.bytes(1, name);
  value.message(2, kind);
  return value;
}

void OnnxGraph::input(const std::string& name, OnnxType type, std::size_t width) {
  inputs_.push_back(value(name, type, width));
}

void OnnxGraph::output(const std::string& name, OnnxType type, std::size_t width) {
  outputs_.push_back(value(name, type, width));
}

std::string OnnxGraph::model(std::string_view program_version, std::string_view description,
                             const std::vector<std::pair<std::string, std::string>>& about) const {
  ProtobufWriter graph;  // GraphProto
  for (const ProtobufWriter& node : nodes_) graph.message(1, node);
  graph.bytes(2, name_);
  for (const ProtobufWriter& tensor : constants_) graph.message(5, tensor);  // initializer
  for (const ProtobufWriter& value : inputs_) graph.message(11, value);
  for (const ProtobufWriter& value : outputs_) graph.message(12, value);
  ProtobufWriter operators;  // OperatorSetIdProto; no domain: the standard's own
  operators.whole(2, kOpset);
  ProtobufWriter model;  // ModelProto
  model.whole(1, kIrVersion);
  model.bytes(2, "tideline");       // producer_name
  model.bytes(3, program_version);  // producer_version
  model.bytes(6, description);      // doc_string
  model.message(7, graph);
  model.message(8, operators);  // opset_import
  for (const auto& [key, text] : about) {
    ProtobufWriter entry;  // StringStringEntryProto
    entry.bytes(1, key);
    entry.bytes(2, text);
    model.message(14, entry);  // metadata_props
  }
  return model.bytes();
}

}  // namespace tideline
