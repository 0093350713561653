#include "pipeline/model_registry.h"

#include <charconv>

#include "base/bytes.h"
#include "base/fault.h"
#include "learning/train.h"

namespace tideline {
namespace {
constexpr std::string_view kActiveKey = "model.active";
}

Result<std::optional<ModelKey>> ModelRegistry::active() {
  TRY_ASSIGN(const auto bytes, state_.get(Family::settings, kActiveKey));
  if (!bytes) return std::optional<ModelKey>();
  ByteReader in(*bytes);
  ModelKey key{in.text(), in.text()};
  if (!in.done()) return fail(ErrorCode::corrupt, "the setting model.active is broken");
  return std::optional(key);
}

Result<std::vector<ModelVersion>> ModelRegistry::list() {
  TRY_ASSIGN(const auto keys, models_.list());
  TRY_ASSIGN(const auto chosen, active());
  std::vector<ModelVersion> versions;
  for (const ModelKey& key : keys) {
    ModelVersion version{key, std::nullopt, "", chosen == key};
    auto model = load(key);
    if (model) {
      version.manifest = (*model)->manifest();
    } else {
      version.problem = model.error().message;
    }
    versions.push_back(std::move(version));
  }
  return versions;
}

Result<std::shared_ptr<const Model>> ModelRegistry::load(const ModelKey& key) {
  TRY_ASSIGN(const ModelFiles files, models_.load(key));
  TRY_ASSIGN(Model model, Model::parse(files, pack_.feature_hash()));
  return std::make_shared<const Model>(std::move(model));
}

Result<std::shared_ptr<const Model>> ModelRegistry::load_active() {
  TRY_ASSIGN(const auto chosen, active());
  if (!chosen) return std::shared_ptr<const Model>();
  return load(*chosen);
}

Status ModelRegistry::add_and_activate(const ModelKey& key, const ModelFiles& files) {
  TRY(models_.save(key, files));
  fault::crash_point("model.after_save");
  ByteWriter out;
  out.text(key.name);
  out.text(key.version);
  WriteBatch batch;
  batch.put(Family::settings, std::string(kActiveKey), out.take());
  TRY(state_.write(batch, Durability::now));
  fault::crash_point("model.after_swap");
  return {};
}

Result<int> ModelRegistry::next_number() {
  TRY_ASSIGN(const auto keys, models_.list());
  int highest = 0;
  for (const ModelKey& key : keys) {
    int number = 0;
    const char* end = key.version.data() + key.version.size();
    if (key.name != model_name(pack_) || key.version.empty()) continue;
    if (std::from_chars(key.version.data() + 1, end, number).ptr == end)
      highest = std::max(highest, number);
  }
  return highest + 1;
}

}  // namespace tideline
