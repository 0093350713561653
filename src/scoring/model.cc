#include "scoring/model.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "scoring/model_weights.h"
#include "scoring/onnx_model.h"
#include "scoring/xgboost_model.h"

namespace tideline {
namespace {

constexpr std::string_view kManifestFile = "manifest.json";
constexpr std::string_view kWeightsFile = "weights.safetensors";
constexpr std::string_view kGoldenFile = "golden.json";
constexpr std::string_view kOnnxFile = "model.onnx";

// Other machines round exp() otherwise; anything beyond this is another model.
constexpr double kGoldenTolerance = 1e-5;

tl::unexpected<Error> corrupt(const std::string& message) {
  return fail(ErrorCode::corrupt, message);
}

Status check_files(const ModelManifest& manifest, const Model::Files& files) {
  for (const auto& [name, hash] : manifest.files) {
    const auto found = files.find(name);
    if (found == files.end()) return corrupt("the model's file " + name + " is missing");
    if (xxh3_128(found->second) != hash) {
      return corrupt("the model's file " + name +
                     " is damaged: its hash is not the one in manifest.json");
    }
  }
  for (const std::string_view needed : {kWeightsFile, kGoldenFile}) {
    if (!manifest.files.contains(std::string(needed))) {
      return corrupt("manifest.json does not name " + std::string(needed));
    }
  }
  return {};
}

// A task of a table is called as its column is; a file's name has no room for that.
std::string trees_file(const ModelTask& task) {
  std::string name = "trees-" + task.name.substr(0, 64);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!plain) c = '_';
  }
  return name + ".json";
}

// The forest of the bundle's tree files; nullopt: no task has one.
Result<std::optional<Forest>> forest_of(const ModelManifest& manifest, const Model::Files& files) {
  std::vector<std::optional<BoostedTrees>> tasks(manifest.tasks.size());
  bool any = false;
  for (std::size_t k = 0; k < tasks.size(); ++k) {
    const std::string name = trees_file(manifest.tasks[k]);
    if (!manifest.files.contains(name)) continue;
    auto trees = parse_xgboost(files.find(name)->second);
    if (!trees) return corrupt(name + ": " + trees.error().message);
    tasks[k] = std::move(trees->trees);
    any = true;
  }
  if (!any) return std::optional<Forest>();
  auto forest = Forest::make(manifest.features.size(), std::move(tasks));
  if (!forest) return corrupt("the model's trees: " + forest.error().message);
  return std::optional<Forest>(std::move(*forest));
}

double in_range(const ModelTask& task, double figure) {
  if (task.kind == TaskKind::probability) return std::clamp(figure, 0.0, 1.0);
  if (task.min) figure = std::max(figure, *task.min);
  if (task.max) figure = std::min(figure, *task.max);
  return figure;
}

}  // namespace

Model::Model(ModelManifest manifest, ModelParts parts)
    : manifest_(std::move(manifest)), parts_(std::move(parts)) {
  for (const ModelTask& task : manifest_.tasks) {
    const auto other = std::find_if(manifest_.tasks.begin(), manifest_.tasks.end(),
                                    [&](const ModelTask& t) { return t.name == task.not_below; });
    const bool found = !task.not_below.empty() && other != manifest_.tasks.end();
    not_below_.push_back(found ? int(other - manifest_.tasks.begin()) : -1);
  }
}

Model Model::assemble(ModelManifest manifest, ModelParts parts) {
  Model model(std::move(manifest), std::move(parts));
  CHECK(model.fits());
  return model;
}

namespace {

template <class Part>
const Scorer* part(const std::optional<Part>& scorer) {
  return scorer ? &*scorer : nullptr;
}

}  // namespace

const Scorer* ModelParts::scorer_of(Champion champion) const {
  switch (champion) {
    case Champion::network: return part(network);
    case Champion::xgboost: return part(forest);
    case Champion::logistic: return part(logistic);
    case Champion::mbg_nbd: return part(purchases);
    case Champion::recency: return part(recency);
    case Champion::base_rate: return part(constant);
    case Champion::bg_nbd:
    case Champion::pareto_nbd:
    case Champion::none: return nullptr;
  }
  return nullptr;
}

std::span<const Calibration> ModelParts::calibrations_of(Champion champion) const {
  switch (champion) {
    case Champion::network: return calibrations;
    case Champion::xgboost: return forest_calibrations;
    case Champion::mbg_nbd: return purchase_calibrations;
    default: return {};
  }
}

Status Model::fits() const {
  const std::size_t tasks = manifest_.tasks.size();
  const std::size_t width = manifest_.features.size();
  const auto bad = [](const char* what) {
    return corrupt(std::string("weights.safetensors does not fit manifest.json: ") + what);
  };
  const auto takes = [&](const auto& scorer, std::size_t features) {
    return !scorer || (scorer->is_sound() && scorer->task_count() == tasks && features == width);
  };
  const auto& p = parts_;
  if (!takes(p.network, p.network ? p.network->encoding.feature_count : 0)) return bad("network");
  if (!takes(p.logistic, p.logistic ? p.logistic->encoding.feature_count : 0))
    return bad("logistic");
  if (!takes(p.purchases, p.purchases ? p.purchases->feature_count : 0)) return bad("mbg_nbd");
  if (!takes(p.recency, width)) return bad("recency");
  if (p.forest && (p.forest->task_count() != tasks || p.forest->feature_count() != width))
    return bad("xgboost");
  if (p.constant && p.constant->task_count() != tasks) return bad("constant");
  if (!p.medians.empty() && p.medians.size() != width) return bad("medians");
  for (const auto* calibrations :
       {&p.calibrations, &p.forest_calibrations, &p.purchase_calibrations}) {
    if (!calibrations->empty() && calibrations->size() != tasks) return bad("calibration");
    for (const Calibration& c : *calibrations) {
      if (!std::isfinite(c.offset) || !std::isfinite(c.slope) || c.slope <= 0)
        return bad("calibration");
    }
  }
  for (std::size_t k = 0; k < tasks; ++k) {
    const Champion champion = manifest_.tasks[k].champion;
    if (champion != Champion::none && p.scorer_of(champion) == nullptr)
      return bad("a champion is missing");
  }
  return {};
}

Result<Model> Model::parse(const Files& files, const Hash128& feature_hash) {
  const auto text = files.find(kManifestFile);
  if (text == files.end()) return corrupt("the model has no manifest.json");
  TRY_ASSIGN(auto manifest, parse_manifest(text->second));
  TRY(check_files(manifest, files));
  if (manifest.feature_hash != feature_hash) {
    return fail(ErrorCode::refused,
                "model " + manifest.model_version +
                    " was trained on other features than the pack has now; train it again",
                "feature_hash_mismatch");
  }
  TRY_ASSIGN(auto tensors, parse_safetensors(files.find(kWeightsFile)->second));
  TRY_ASSIGN(auto parts, parts_of(tensors));
  TRY_ASSIGN(parts.forest, forest_of(manifest, files));
  TRY_ASSIGN(auto golden, parse_golden(files.find(kGoldenFile)->second));
  Model model(std::move(manifest), std::move(parts));
  TRY(model.fits());
  TRY(model.check_golden(golden));
  return model;
}

Status Model::check_golden(const GoldenRows& golden) const {
  if (golden.features.size() != golden.rows * feature_count() ||
      golden.figures.size() != golden.rows * task_count()) {
    return corrupt("golden.json does not fit manifest.json");
  }
  const auto got = score(golden.features, golden.rows, golden.days_since_qualifying);
  for (std::size_t i = 0; i < got.size(); ++i) {
    const auto& expected = golden.figures[i];
    const bool same = got[i].has_value() == expected.has_value() &&
                      (!expected || std::abs(*got[i] - *expected) <=
                                        kGoldenTolerance * std::max(1.0, std::abs(*expected)));
    if (!same) {
      return corrupt("model " + version() + " does not reproduce row " +
                     std::to_string(i / task_count()) + " of golden.json");
    }
  }
  return {};
}

Model::Files Model::to_files(GoldenRows golden) {
  CHECK(golden.features.size() == golden.rows * feature_count());
  golden.figures = score(golden.features, golden.rows, golden.days_since_qualifying);
  Files files;
  files.emplace(kWeightsFile, to_safetensors(to_tensors(parts_)));
  files.emplace(kGoldenFile, to_json(golden));
  for (std::size_t k = 0; parts_.forest && k < task_count(); ++k) {
    if (const auto& trees = parts_.forest->tasks()[k]) {
      files.emplace(trees_file(manifest_.tasks[k]),
                    to_xgboost_json(*trees, feature_count(), manifest_.features));
    }
  }
  // For other people's runtimes; parse() checks its hash and reads it no further.
  if (parts_.network) files.emplace(kOnnxFile, to_onnx(*this).value());
  manifest_.files.clear();
  for (const auto& [name, bytes] : files) manifest_.files.emplace(name, xxh3_128(bytes));
  files.emplace(kManifestFile, to_json(manifest_));
  return files;
}

std::vector<std::optional<double>> Model::score(
    std::span<const double> features, std::size_t rows,
    std::span<const double> days_since_qualifying) const {
  CHECK(features.size() == rows * feature_count());
  const ScoringBlock block{features, feature_count(), rows, days_since_qualifying};
  const std::size_t tasks = task_count();
  std::vector<std::optional<double>> figures(rows * tasks);
  std::vector<double> scored(rows * tasks);
  for (std::size_t c = 0; c < kRivals; ++c) {
    const auto champion = Champion(c);
    bool needed = false;
    for (const ModelTask& task : manifest_.tasks) needed |= task.champion == champion;
    if (!needed) continue;
    parts_.scorer_of(champion)->score(block, scored);
    const auto calibrations = parts_.calibrations_of(champion);
    for (std::size_t k = 0; k < tasks; ++k) {
      const ModelTask& task = manifest_.tasks[k];
      if (task.champion != champion) continue;
      const bool calibrated = task.kind == TaskKind::probability && !calibrations.empty();
      for (std::size_t i = k; i < scored.size(); i += tasks) {
        const double figure = calibrated ? calibrations[k].apply(scored[i]) : scored[i];
        if (std::isfinite(figure)) figures[i] = in_range(task, figure);
      }
    }
  }
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t k = 0; k < tasks; ++k) {
      if (not_below_[k] < 0) continue;
      const auto& floor = figures[r * tasks + std::size_t(not_below_[k])];
      auto& figure = figures[r * tasks + k];
      if (floor && figure) figure = std::max(*floor, *figure);
    }
  }
  return figures;
}

}  // namespace tideline
