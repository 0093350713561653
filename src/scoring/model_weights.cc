#include "scoring/model_weights.h"

#include <charconv>
#include <cmath>
#include <limits>

#include <boost/json.hpp>

namespace tideline {
namespace {

namespace json = boost::json;

template <class T>
void put(Tensors& tensors, std::string name, std::vector<T> values,
         std::vector<std::size_t> shape = {}) {
  if (shape.empty()) shape = {values.size()};
  tensors[std::move(name)] = Tensor{std::move(shape), std::move(values)};
}

void put_encoding(Tensors& tensors, const std::string& prefix, const FeatureEncoding& encoding) {
  std::vector<std::int32_t> feature, transform;
  std::vector<double> mean, scale;
  for (const EncodedInput& input : encoding.inputs) {
    feature.push_back(input.feature);
    transform.push_back(std::int32_t(input.transform));
    mean.push_back(input.mean);
    scale.push_back(input.scale);
  }
  put(tensors, prefix + "width", std::vector<std::int32_t>{std::int32_t(encoding.feature_count)});
  put(tensors, prefix + "feature", std::move(feature));
  put(tensors, prefix + "transform", std::move(transform));
  put(tensors, prefix + "mean", std::move(mean));
  put(tensors, prefix + "scale", std::move(scale));
}

tl::unexpected<Error> unfit(const std::string& what) {
  return fail(ErrorCode::corrupt, "weights.safetensors: lengths of " + what + " differ");
}

Result<FeatureEncoding> encoding_of(const Tensors& tensors, const std::string& prefix) {
  TRY_ASSIGN(auto width, values_of<std::int32_t>(tensors, prefix + "width"));
  TRY_ASSIGN(auto feature, values_of<std::int32_t>(tensors, prefix + "feature"));
  TRY_ASSIGN(auto transform, values_of<std::int32_t>(tensors, prefix + "transform"));
  TRY_ASSIGN(auto mean, values_of<double>(tensors, prefix + "mean"));
  TRY_ASSIGN(auto scale, values_of<double>(tensors, prefix + "scale"));
  const std::size_t n = feature.size();
  if (width.size() != 1 || width[0] < 0 || transform.size() != n || mean.size() != n ||
      scale.size() != n) {
    return unfit(prefix + "*");
  }
  FeatureEncoding encoding;
  encoding.feature_count = std::size_t(width[0]);
  for (std::size_t i = 0; i < n; ++i) {
    encoding.inputs.push_back(
        EncodedInput{feature[i], Transform(transform[i]), mean[i], scale[i]});
  }
  return encoding;
}

void put_layer(Tensors& tensors, const std::string& prefix, const Layer& layer) {
  put(tensors, prefix + "weights", layer.weights, {layer.inputs, layer.outputs});
  put(tensors, prefix + "bias", layer.bias);
}

Result<Layer> layer_of(const Tensors& tensors, const std::string& prefix) {
  Layer layer;
  TRY_ASSIGN(layer.weights, values_of<float>(tensors, prefix + "weights", 2));
  TRY_ASSIGN(layer.bias, values_of<float>(tensors, prefix + "bias"));
  const auto& shape = tensors.find(prefix + "weights")->second.shape;
  layer.inputs = shape[0];
  layer.outputs = shape[1];
  return layer;
}

void put_network(Tensors& tensors, const Network& network) {
  put_encoding(tensors, "network.inputs.", network.encoding);
  for (std::size_t i = 0; i < network.trunk.size(); ++i) {
    put_layer(tensors, "network.trunk." + std::to_string(i) + ".", network.trunk[i]);
  }
  put_layer(tensors, "network.output.", network.output);
  std::vector<std::int32_t> kind, not_below;
  std::vector<double> range;
  for (const Head& head : network.heads) {
    kind.push_back(std::int32_t(head.kind));
    not_below.push_back(head.not_below);
    range.insert(range.end(), {head.low, head.high, head.scale});
  }
  put(tensors, "network.heads.kind", std::move(kind));
  put(tensors, "network.heads.not_below", std::move(not_below));
  put(tensors, "network.heads.low_high_scale", std::move(range), {network.heads.size(), 3});
}

Result<Network> network_of(const Tensors& tensors) {
  Network network;
  TRY_ASSIGN(network.encoding, encoding_of(tensors, "network.inputs."));
  for (std::size_t i = 0;; ++i) {
    const std::string prefix = "network.trunk." + std::to_string(i) + ".";
    if (!tensors.contains(prefix + "weights")) break;
    TRY_ASSIGN(auto layer, layer_of(tensors, prefix));
    network.trunk.push_back(std::move(layer));
  }
  TRY_ASSIGN(network.output, layer_of(tensors, "network.output."));
  TRY_ASSIGN(auto kind, values_of<std::int32_t>(tensors, "network.heads.kind"));
  TRY_ASSIGN(auto not_below, values_of<std::int32_t>(tensors, "network.heads.not_below"));
  TRY_ASSIGN(auto range, values_of<double>(tensors, "network.heads.low_high_scale", 2));
  if (not_below.size() != kind.size() || range.size() != 3 * kind.size())
    return unfit("network.heads.*");
  for (std::size_t k = 0; k < kind.size(); ++k) {
    network.heads.push_back(
        Head{HeadKind(kind[k]), range[3 * k], range[3 * k + 1], range[3 * k + 2], not_below[k]});
  }
  return network;
}

void put_regressions(Tensors& tensors, const Regressions& regressions) {
  put_encoding(tensors, "logistic.inputs.", regressions.encoding);
  const std::size_t width = regressions.encoding.inputs.size();
  std::vector<std::int32_t> fitted, kind;
  std::vector<double> weights, bias, limits;
  for (const Regressions::Task& task : regressions.tasks) {
    fitted.push_back(task.fitted ? 1 : 0);
    kind.push_back(std::int32_t(task.kind));
    weights.insert(weights.end(), task.weights.begin(), task.weights.end());
    weights.resize(fitted.size() * width, 0.0);
    bias.push_back(task.bias);
    limits.insert(limits.end(), {task.low_limit, task.high_limit});
  }
  const std::size_t n = regressions.tasks.size();
  put(tensors, "logistic.fitted", std::move(fitted));
  put(tensors, "logistic.kind", std::move(kind));
  put(tensors, "logistic.weights", std::move(weights), {n, width});
  put(tensors, "logistic.bias", std::move(bias));
  put(tensors, "logistic.low_high", std::move(limits), {n, 2});
}

Result<Regressions> regressions_of(const Tensors& tensors) {
  Regressions regressions;
  TRY_ASSIGN(regressions.encoding, encoding_of(tensors, "logistic.inputs."));
  TRY_ASSIGN(auto fitted, values_of<std::int32_t>(tensors, "logistic.fitted"));
  TRY_ASSIGN(auto kind, values_of<std::int32_t>(tensors, "logistic.kind"));
  TRY_ASSIGN(auto weights, values_of<double>(tensors, "logistic.weights", 2));
  TRY_ASSIGN(auto bias, values_of<double>(tensors, "logistic.bias"));
  TRY_ASSIGN(auto limits, values_of<double>(tensors, "logistic.low_high", 2));
  const std::size_t n = fitted.size();
  const std::size_t width = regressions.encoding.inputs.size();
  if (kind.size() != n || weights.size() != n * width || bias.size() != n ||
      limits.size() != 2 * n) {
    return unfit("logistic.*");
  }
  for (std::size_t k = 0; k < n; ++k) {
    const auto begin = weights.begin() + std::ptrdiff_t(k * width);
    regressions.tasks.push_back({fitted[k] != 0, HeadKind(kind[k]),
                                 std::vector<double>(begin, begin + std::ptrdiff_t(width)),
                                 bias[k], limits[2 * k], limits[2 * k + 1]});
  }
  return regressions;
}

void put_recency(Tensors& tensors, const RecencyRule& rule) {
  put(tensors, "recency.tasks", std::vector<std::int32_t>{std::int32_t(rule.tasks.size())});
  for (std::size_t k = 0; k < rule.tasks.size(); ++k) {
    const std::string prefix = "recency." + std::to_string(k) + ".";
    put(tensors, prefix + "edges", rule.tasks[k].edges);
    put(tensors, prefix + "probabilities", rule.tasks[k].probabilities);
  }
}

Result<RecencyRule> recency_of(const Tensors& tensors) {
  RecencyRule rule;
  TRY_ASSIGN(auto count, values_of<std::int32_t>(tensors, "recency.tasks"));
  if (count.size() != 1) return unfit("recency.tasks");
  for (std::int32_t k = 0; k < count[0]; ++k) {
    const std::string prefix = "recency." + std::to_string(k) + ".";
    RecencyRule::Task task;
    TRY_ASSIGN(task.edges, values_of<double>(tensors, prefix + "edges"));
    TRY_ASSIGN(task.probabilities, values_of<double>(tensors, prefix + "probabilities"));
    rule.tasks.push_back(std::move(task));
  }
  return rule;
}

void put_purchases(Tensors& tensors, const PurchaseRule& rule) {
  const PurchaseModel& m = rule.model;
  put(tensors, "mbg_nbd.width", std::vector<std::int32_t>{std::int32_t(rule.feature_count)});
  put(tensors, "mbg_nbd.columns",
      std::vector<std::int32_t>(rule.columns.begin(), rule.columns.end()));
  put(tensors, "mbg_nbd.parameters",
      std::vector<double>{m.r, m.alpha, m.leave_first, m.leave_second});
  put(tensors, "mbg_nbd.spans", rule.spans);
}

Result<PurchaseRule> purchases_of(const Tensors& tensors) {
  TRY_ASSIGN(auto width, values_of<std::int32_t>(tensors, "mbg_nbd.width"));
  TRY_ASSIGN(auto columns, values_of<std::int32_t>(tensors, "mbg_nbd.columns"));
  TRY_ASSIGN(auto parameters, values_of<double>(tensors, "mbg_nbd.parameters"));
  PurchaseRule rule;
  TRY_ASSIGN(rule.spans, values_of<double>(tensors, "mbg_nbd.spans"));
  if (width.size() != 1 || width[0] < 0 || columns.size() != 3 || parameters.size() != 4)
    return unfit("mbg_nbd.*");
  rule.feature_count = std::size_t(width[0]);
  std::copy(columns.begin(), columns.end(), rule.columns.begin());
  rule.model = {PurchaseFamily::mbg_nbd, parameters[0], parameters[1], parameters[2],
                parameters[3]};
  return rule;
}

void put_calibrations(Tensors& tensors, const std::string& name,
                      const std::vector<Calibration>& calibrations) {
  if (calibrations.empty()) return;
  std::vector<double> numbers;
  for (const Calibration& c : calibrations) {
    numbers.insert(numbers.end(), {c.slope, c.offset});
  }
  put(tensors, name, std::move(numbers), {calibrations.size(), 2});
}

Result<std::vector<Calibration>> calibrations_of(const Tensors& tensors, const std::string& name) {
  std::vector<Calibration> calibrations;
  if (!tensors.contains(name)) return calibrations;
  TRY_ASSIGN(auto numbers, values_of<double>(tensors, name, 2));
  for (std::size_t k = 0; k + 1 < numbers.size(); k += 2) {
    calibrations.push_back({numbers[k], numbers[k + 1]});
  }
  return calibrations;
}

// Shortest text that reads back as the same number; Boost.JSON 1.81 may be off by the last bit.
json::value exact(std::optional<double> number) {
  if (!number || std::isnan(*number)) return nullptr;
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), *number).ptr;
  return json::string(buffer, std::size_t(end - buffer));
}

Result<std::vector<std::optional<double>>> numbers_of(const json::value& all,
                                                      std::string_view key) {
  const auto bad = [&] {
    return fail(ErrorCode::corrupt, "golden.json: bad list " + std::string(key));
  };
  const json::object* object = all.if_object();
  const json::value* list = object == nullptr ? nullptr : object->if_contains(key);
  if (list == nullptr || !list->is_array()) return bad();
  std::vector<std::optional<double>> numbers;
  for (const json::value& item : list->get_array()) {
    if (item.is_null()) {
      numbers.emplace_back();
      continue;
    }
    if (!item.is_string()) return bad();
    const json::string& text = item.get_string();
    double number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return bad();
    numbers.emplace_back(number);
  }
  return numbers;
}

std::vector<double> with_nan(const std::vector<std::optional<double>>& numbers) {
  std::vector<double> out;
  for (const auto& n : numbers)
    out.push_back(n.value_or(std::numeric_limits<double>::quiet_NaN()));
  return out;
}

}  // namespace

Tensors to_tensors(const ModelParts& parts) {
  Tensors tensors;
  if (parts.network) put_network(tensors, *parts.network);
  if (parts.logistic) put_regressions(tensors, *parts.logistic);
  if (parts.recency) put_recency(tensors, *parts.recency);
  if (parts.constant) put(tensors, "constant.figures", parts.constant->figures);
  if (parts.purchases) put_purchases(tensors, *parts.purchases);
  if (!parts.medians.empty()) put(tensors, "features.median", parts.medians);
  put_calibrations(tensors, "network.calibration", parts.calibrations);
  put_calibrations(tensors, "xgboost.calibration", parts.forest_calibrations);
  put_calibrations(tensors, "mbg_nbd.calibration", parts.purchase_calibrations);
  return tensors;
}

Result<ModelParts> parts_of(const Tensors& tensors) {
  ModelParts parts;
  if (tensors.contains("network.output.weights")) {
    TRY_ASSIGN(parts.network, network_of(tensors));
  }
  if (tensors.contains("logistic.fitted")) {
    TRY_ASSIGN(parts.logistic, regressions_of(tensors));
  }
  if (tensors.contains("recency.tasks")) {
    TRY_ASSIGN(parts.recency, recency_of(tensors));
  }
  if (tensors.contains("constant.figures")) {
    TRY_ASSIGN(auto figures, values_of<double>(tensors, "constant.figures"));
    parts.constant.emplace().figures = std::move(figures);
  }
  if (tensors.contains("mbg_nbd.parameters")) {
    TRY_ASSIGN(parts.purchases, purchases_of(tensors));
  }
  if (tensors.contains("features.median")) {
    TRY_ASSIGN(parts.medians, values_of<double>(tensors, "features.median"));
  }
  TRY_ASSIGN(parts.calibrations, calibrations_of(tensors, "network.calibration"));
  TRY_ASSIGN(parts.forest_calibrations, calibrations_of(tensors, "xgboost.calibration"));
  TRY_ASSIGN(parts.purchase_calibrations, calibrations_of(tensors, "mbg_nbd.calibration"));
  return parts;
}

std::string to_json(const GoldenRows& golden) {
  json::array features, days, figures;
  for (const double x : golden.features) features.push_back(exact(x));
  for (const double x : golden.days_since_qualifying) days.push_back(exact(x));
  for (const auto& x : golden.figures) figures.push_back(exact(x));
  return json::serialize(json::object{{"rows", std::int64_t(golden.rows)},
                                      {"features", features},
                                      {"days_since_qualifying", days},
                                      {"figures", figures}});
}

Result<GoldenRows> parse_golden(std::string_view text) {
  boost::system::error_code error;
  const json::value all = json::parse(text, error);
  if (error) return fail(ErrorCode::corrupt, "golden.json is not JSON");
  TRY_ASSIGN(auto features, numbers_of(all, "features"));
  TRY_ASSIGN(auto days, numbers_of(all, "days_since_qualifying"));
  GoldenRows golden;
  golden.rows = days.size();
  golden.features = with_nan(features);
  golden.days_since_qualifying = with_nan(days);
  TRY_ASSIGN(golden.figures, numbers_of(all, "figures"));
  return golden;
}

}  // namespace tideline
