#include "scoring/onnx_model.h"

#include <limits>
#include <memory>

#include <boost/json.hpp>

#include "base/check.h"
#include "scoring/onnx_graph.h"

namespace tideline {
namespace {

namespace json = boost::json;

constexpr double kLeastProbability = 1e-7;  // of logit() in heads.h

// "features" to the encoded inputs, as FeatureEncoding::encode() does it, in double until the end.
std::string add_encoding(OnnxGraph& graph, const FeatureEncoding& encoding) {
  const std::size_t n = encoding.inputs.size();
  std::vector<std::int64_t> places;
  std::vector<double> means, scales;
  // vector<bool> has no span.
  const auto is_log = std::make_unique<bool[]>(n);
  const auto is_missing = std::make_unique<bool[]>(n);
  for (std::size_t i = 0; i < n; ++i) {
    const EncodedInput& input = encoding.inputs[i];
    places.push_back(input.feature);
    means.push_back(input.mean);
    scales.push_back(input.scale);
    is_log[i] = input.transform == Transform::signed_log;
    is_missing[i] = input.transform == Transform::missing;
  }
  const std::string value =
      graph.node("Gather", {"features", graph.wholes(places)}, {{"axis", 1}});
  const std::string size =
      graph.node("Log", {graph.node("Add", {graph.node("Abs", {value}), graph.one(1)})});
  const std::string logs = graph.node("Mul", {graph.node("Sign", {value}), size});
  const std::string missing = graph.node("Cast", {graph.node("IsNaN", {value})},
                                         {{"to", std::int64_t(OnnxType::float64)}});
  const auto choose = [&](const bool* mask, const std::string& then, const std::string& other) {
    return graph.node("Where", {graph.booleans({mask, n}, {1, n}), then, other});
  };
  const std::string transformed =
      choose(is_missing.get(), missing, choose(is_log.get(), logs, value));
  const std::string standard =
      graph.node("Div", {graph.node("Sub", {transformed, graph.doubles(means, {1, n})}),
                         graph.doubles(scales, {1, n})});
  const std::string known =
      graph.node("Where", {graph.node("IsNaN", {standard}), graph.one(0), standard});
  const std::string held = graph.node("Max", {graph.node("Min", {known, graph.one(kInputLimit)}),
                                              graph.one(-double(kInputLimit))});
  return graph.node("Cast", {held}, {{"to", std::int64_t(OnnxType::float32)}});
}

std::string add_layer(OnnxGraph& graph, const Layer& layer, const std::string& values,
                      std::string result = "") {
  return graph.node("Gemm",
                    {values, graph.floats(layer.weights, {layer.inputs, layer.outputs}),
                     graph.floats(layer.bias, {layer.outputs})},
                    {}, std::move(result));
}

std::string add_layers(OnnxGraph& graph, const Network& network, const std::string& inputs,
                       std::string result = "") {
  std::string values = inputs;
  for (const Layer& layer : network.trunk) {
    const std::string sums = add_layer(graph, layer, values);
    values = graph.node("Mul", {sums, graph.node("Sigmoid", {sums})});
  }
  const bool linked =
      network.output.inputs > (network.trunk.empty() ? 0 : network.trunk.back().outputs);
  if (network.trunk.empty()) return add_layer(graph, network.output, inputs, std::move(result));
  if (linked) values = graph.node("Concat", {values, inputs}, {{"axis", 1}});
  return add_layer(graph, network.output, values, std::move(result));
}

// The figure of a head before calibration, (rows, 1).
std::string add_head(OnnxGraph& graph, const Head& head, const std::string& sum,
                     const std::vector<std::string>& before) {
  const auto scaled = [&](const std::string& x, double by, double plus) {
    return graph.node("Add", {graph.node("Mul", {x, graph.one(by)}), graph.one(plus)});
  };
  switch (head.kind) {
    case HeadKind::probability: {
      const std::string q = graph.node("Sigmoid", {sum});
      if (head.not_below < 0) return q;
      const std::string& floor = before[std::size_t(head.not_below)];
      const std::string left = graph.node("Sub", {graph.one(1), floor});
      return graph.node("Add", {floor, graph.node("Mul", {left, q})});
    }
    case HeadKind::range:
      return scaled(graph.node("Sigmoid", {sum}), head.high - head.low, head.low);
    case HeadKind::non_negative: {
      // softplus(z) = max(z, 0) + log(1 + exp(-|z|)); runtimes have no Softplus of doubles.
      const std::string small = graph.node("Exp", {graph.node("Neg", {graph.node("Abs", {sum})})});
      const std::string rest = graph.node("Log", {graph.node("Add", {small, graph.one(1)})});
      const std::string whole = graph.node("Max", {sum, graph.one(0)});
      return scaled(graph.node("Add", {whole, rest}), head.scale, 0);
    }
    case HeadKind::linear: return scaled(sum, head.scale, head.low);
  }
  CHECK(false);
  return {};
}

std::string held_within(OnnxGraph& graph, std::string x, std::optional<double> least,
                        std::optional<double> most) {
  if (least) x = graph.node("Max", {x, graph.one(*least)});
  if (most) x = graph.node("Min", {x, graph.one(*most)});
  return x;
}

std::string add_calibration(OnnxGraph& graph, const Calibration& calibration,
                            const std::string& p) {
  if (calibration.is_identity()) return p;
  const std::string inside = held_within(graph, p, kLeastProbability, 1 - kLeastProbability);
  const std::string odds = graph.node("Div", {inside, graph.node("Sub", {graph.one(1), inside})});
  const std::string z = graph.node(
      "Add", {graph.node("Mul", {graph.node("Log", {odds}), graph.one(calibration.slope)}),
              graph.one(calibration.offset)});
  return graph.node("Sigmoid", {z});
}

// The figures as they are served, one a task, (rows, 1) each.
std::vector<std::string> add_figures(OnnxGraph& graph, const Model& model,
                                     const std::string& sums) {
  const Network& network = *model.parts().network;
  const auto calibrations = model.parts().calibrations_of(Champion::network);
  const auto& tasks = model.manifest().tasks;
  std::vector<std::string> raw, figures;
  for (std::size_t k = 0; k < tasks.size(); ++k) {
    const std::int64_t place[] = {std::int64_t(k)};
    const std::string sum = graph.node("Gather", {sums, graph.wholes(place)}, {{"axis", 1}});
    raw.push_back(add_head(graph, network.heads[k], sum, raw));
    std::string figure = raw.back();
    if (tasks[k].kind == TaskKind::probability) {
      if (!calibrations.empty()) figure = add_calibration(graph, calibrations[k], figure);
      figure = held_within(graph, figure, 0.0, 1.0);
    } else {
      figure = held_within(graph, figure, tasks[k].min, tasks[k].max);
    }
    for (std::size_t other = 0; other < k; ++other) {
      if (tasks[other].name == tasks[k].not_below)
        figure = graph.node("Max", {figures[other], figure});
    }
    figures.push_back(figure);
  }
  return figures;
}

}  // namespace

Result<std::string> to_onnx(const Model& model) {
  const ModelManifest& manifest = model.manifest();
  if (!model.parts().network) {
    return fail(ErrorCode::refused,
                "model " + model.version() +
                    " has no network, because none of its tasks has one for champion; ONNX "
                    "holds the network only",
                "no_network");
  }
  OnnxGraph graph(manifest.name);
  graph.input("features", OnnxType::float64, model.feature_count());
  const std::string inputs = add_encoding(graph, model.parts().network->encoding);
  const std::string last = add_layers(graph, *model.parts().network, inputs);
  const std::string sums = graph.node("Cast", {last}, {{"to", std::int64_t(OnnxType::float64)}});
  const std::vector<std::string> figures = add_figures(graph, model, sums);
  graph.node("Concat", figures, {{"axis", 1}}, "figures");
  graph.output("figures", OnnxType::float64, model.task_count());

  json::array names, features, others;
  json::object champions;
  for (const std::string& feature : manifest.features) features.push_back(json::string(feature));
  for (const ModelTask& task : manifest.tasks) {
    names.push_back(json::string(task.name));
    champions[task.name] = std::string(name_of(task.champion, task.kind));
    if (task.champion != Champion::network) others.push_back(json::string(task.name));
  }
  const std::string description =
      "The network of " + model.version() + ": features as float64, NaN for missing, to figures.";
  return graph.model(manifest.program_version, description,
                     {{"model_version", model.version()},
                      {"pack", manifest.pack},
                      {"feature_hash", manifest.feature_hash.hex()},
                      {"features", json::serialize(features)},
                      {"tasks", json::serialize(names)},
                      {"champions", json::serialize(champions)},
                      {"not_the_champion", json::serialize(others)}});
}

std::string layers_to_onnx(const Network& network) {
  OnnxGraph graph("layers");
  graph.input("inputs", OnnxType::float32, network.encoding.inputs.size());
  add_layers(graph, network, "inputs", "sums");
  graph.output("sums", OnnxType::float32, network.heads.size());
  return graph.model(TIDELINE_VERSION, "The layers of a network, from encoded inputs to sums.",
                     {});
}

}  // namespace tideline
