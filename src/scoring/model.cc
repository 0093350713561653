#include "scoring/model.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "scoring/model_weights.h"

namespace tideline {
namespace {

constexpr std::string_view kManifestFile = "manifest.json";
constexpr std::string_view kWeightsFile = "weights.safetensors";
constexpr std::string_view kGoldenFile = "golden.json";

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

const Scorer* Model::champion_of(std::size_t task) const {
  switch (manifest_.tasks[task].champion) {
    case Champion::network: return parts_.network ? &*parts_.network : nullptr;
    case Champion::logistic: return parts_.logistic ? &*parts_.logistic : nullptr;
    case Champion::recency: return parts_.recency ? &*parts_.recency : nullptr;
    case Champion::base_rate: return parts_.constant ? &*parts_.constant : nullptr;
    case Champion::none: return nullptr;
  }
  return nullptr;
}

Status Model::fits() const {
  const std::size_t tasks = manifest_.tasks.size();
  const std::size_t width = manifest_.features.size();
  const auto bad = [](const char* what) {
    return corrupt(std::string("weights.safetensors does not fit manifest.json: ") + what);
  };
  if (parts_.network && (!parts_.network->is_sound() || parts_.network->task_count() != tasks ||
                         parts_.network->encoding.feature_count != width)) {
    return bad("network");
  }
  if (parts_.logistic && (!parts_.logistic->is_sound() || parts_.logistic->task_count() != tasks ||
                          parts_.logistic->encoding.feature_count != width)) {
    return bad("logistic");
  }
  if (parts_.recency && (!parts_.recency->is_sound() || parts_.recency->task_count() != tasks)) {
    return bad("recency");
  }
  if (parts_.constant && parts_.constant->task_count() != tasks) return bad("constant");
  if (parts_.calibrations.size() != tasks) return bad("calibration");
  for (const Calibration& c : parts_.calibrations) {
    if (!std::isfinite(c.offset) || !std::isfinite(c.slope) || c.slope <= 0)
      return bad("calibration");
  }
  for (std::size_t k = 0; k < tasks; ++k) {
    const bool scores = manifest_.tasks[k].champion != Champion::none;
    if (scores && champion_of(k) == nullptr) return bad("a champion is missing");
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
  const Scorer* scorers[] = {
      parts_.network ? &*parts_.network : nullptr, parts_.logistic ? &*parts_.logistic : nullptr,
      parts_.recency ? &*parts_.recency : nullptr, parts_.constant ? &*parts_.constant : nullptr};
  for (const Scorer* scorer : scorers) {
    bool needed = false;
    for (std::size_t k = 0; k < tasks; ++k)
      needed |= scorer != nullptr && champion_of(k) == scorer;
    if (!needed) continue;
    scorer->score(block, scored);
    for (std::size_t k = 0; k < tasks; ++k) {
      if (champion_of(k) != scorer) continue;
      const ModelTask& task = manifest_.tasks[k];
      for (std::size_t i = k; i < scored.size(); i += tasks) {
        double figure = scored[i];
        if (task.champion == Champion::network && task.kind == TaskKind::probability) {
          figure = parts_.calibrations[k].apply(figure);
        }
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
