#include "pipeline/model_registry.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"
#include "base/fault.h"
#include "learning/train.h"
#include "packs/spelling.h"
#include "scoring/table_encoding.h"

namespace tideline {
namespace {

// Family::settings. Written together, so that no end of the process falls between them.
constexpr std::string_view kActiveKey = "model.active";
constexpr std::string_view kEarlierKey = "model.earlier";
constexpr std::string_view kShadowKey = "model.shadow";
constexpr const char* kTableModel = "table_model";
constexpr std::size_t kEarlierMax = 50;
constexpr std::size_t kNamesTold = 5;

std::string encode_keys(const std::vector<ModelKey>& keys) {
  ByteWriter out;
  for (const ModelKey& key : keys) {
    out.text(key.name);
    out.text(key.version);
  }
  return out.take();
}

Result<std::vector<ModelKey>> keys_in(StateStore& state, std::string_view setting) {
  std::vector<ModelKey> keys;
  TRY_ASSIGN(const auto bytes, state.get(Family::settings, setting));
  if (!bytes) return keys;
  ByteReader in(*bytes);
  while (in.ok() && !in.done()) {
    std::string name = in.text();
    keys.push_back({std::move(name), in.text()});
  }
  if (!in.done())
    return fail(ErrorCode::corrupt, "the setting " + std::string(setting) + " is broken");
  return keys;
}

std::vector<std::string> without(const std::vector<std::string>& names,
                                 const std::vector<std::string>& others) {
  std::vector<std::string> rest;
  for (const std::string& name : names) {
    if (std::find(others.begin(), others.end(), name) == others.end()) rest.push_back(name);
  }
  return rest;
}

std::string some_of(std::vector<std::string> names) {
  const std::size_t more = names.size() > kNamesTold ? names.size() - kNamesTold : 0;
  names.resize(names.size() - more);
  return listed(names) + (more > 0 ? " and " + std::to_string(more) + " more" : "");
}

// How two lists of names differ, for people; empty when they do not.
std::string difference(const std::vector<std::string>& of_model,
                       const std::vector<std::string>& of_pack, const std::string& things) {
  const auto gone = without(of_model, of_pack), fresh = without(of_pack, of_model);
  std::string text;
  if (!gone.empty())
    text = "it needs " + things + " that the pack does not have: " + some_of(gone);
  if (!fresh.empty()) {
    text += (text.empty() ? "" : "; ") + std::string("it does not know ") + some_of(fresh);
  }
  if (text.empty() && of_model != of_pack) text = "the " + things + " stand in another order";
  return text;
}

Error other_features(const Pack& pack, const ModelManifest& manifest) {
  if (is_table_model(manifest)) {
    return {
        ErrorCode::refused,
        "model " + manifest.model_version +
            " was learnt from a table: it scores tables with the same columns (`tideline score "
            "--in`), not this folder's customers",
        kTableModel};
  }
  std::vector<std::string> names;
  for (const FeatureSpec& feature : pack.features()) names.push_back(feature.name);
  std::string what = difference(manifest.features, names, "features");
  if (what.empty())
    what = "their names are the same, but the pack computes some of them otherwise";
  return {ErrorCode::refused,
          "model " + manifest.model_version + " was trained on other features than the pack " +
              pack.name() + " has now: " + what + "; train it again",
          "feature_hash_mismatch"};
}

// The tasks must be the pack's, in its order: figures are told apart by their place.
Status check_tasks(const Pack& pack, const ModelManifest& manifest) {
  const auto named = [](const auto& tasks) {
    std::vector<std::string> names;
    names.reserve(tasks.size());
    for (const auto& task : tasks) {
      names.push_back(task.name + (task.kind == TaskKind::number ? " (number)" : ""));
    }
    return names;
  };
  const std::string what = difference(named(manifest.tasks), named(pack.tasks()), "tasks");
  if (what.empty()) return {};
  return fail(ErrorCode::refused,
              "model " + manifest.model_version + " was trained for other tasks than the pack " +
                  pack.name() + " has now: " + what + "; train it again",
              "task_mismatch");
}

Result<std::vector<DriftBins>> reference_in(const ModelFiles& files) {
  const auto found = files.find(kDriftFile);
  if (found == files.end()) return std::vector<DriftBins>();
  return parse_drift(found->second);
}

}  // namespace

std::string name_of(const ModelKey& key) { return key.name + "-" + key.version; }

Result<ModelRoles> ModelRegistry::roles() {
  ModelRoles roles;
  TRY_ASSIGN(const auto active, keys_in(state_, kActiveKey));
  TRY_ASSIGN(roles.earlier, keys_in(state_, kEarlierKey));
  TRY_ASSIGN(const auto shadow, keys_in(state_, kShadowKey));
  if (!active.empty()) roles.active = active.front();
  if (!shadow.empty()) roles.shadow = shadow.front();
  return roles;
}

Result<std::optional<ModelKey>> ModelRegistry::active() {
  TRY_ASSIGN(const ModelRoles now, roles());
  return now.active;
}

Status ModelRegistry::write(const ModelRoles& roles) {
  const auto list = [](const std::optional<ModelKey>& key) {
    return key ? std::vector<ModelKey>{*key} : std::vector<ModelKey>();
  };
  WriteBatch batch;
  batch.put(Family::settings, std::string(kActiveKey), encode_keys(list(roles.active)));
  batch.put(Family::settings, std::string(kEarlierKey), encode_keys(roles.earlier));
  batch.put(Family::settings, std::string(kShadowKey), encode_keys(list(roles.shadow)));
  fault::crash_point("model.before_swap");
  TRY(state_.write(batch, Durability::now));
  fault::crash_point("model.after_swap");
  return {};
}

Status ModelRegistry::activate(const ModelKey& key) {
  const std::lock_guard lock(changing_);
  TRY_ASSIGN(ModelRoles now, roles());
  if (now.active == key) return {};
  if (now.active) now.earlier.push_back(*now.active);
  if (now.earlier.size() > kEarlierMax) now.earlier.erase(now.earlier.begin());
  now.active = key;
  if (now.shadow == key) now.shadow.reset();
  return write(now);
}

Result<std::vector<ModelVersion>> ModelRegistry::list() {
  TRY_ASSIGN(const auto keys, models_.list());
  TRY_ASSIGN(const ModelRoles now, roles());
  std::vector<ModelVersion> versions;
  for (const ModelKey& key : keys) {
    ModelVersion version{key, std::nullopt, "", now.active == key, now.shadow == key};
    const auto model = load(key);
    if (model) {
      version.manifest = (*model)->manifest();
    } else if (model.error().reason == kTableModel) {
      TRY_ASSIGN(version.manifest, manifest_of(key));
    } else {
      version.problem = model.error().message;
    }
    versions.push_back(std::move(version));
  }
  return versions;
}

Result<std::shared_ptr<const Model>> ModelRegistry::load(const ModelKey& key) {
  TRY_ASSIGN(const ModelFiles files, models_.load(key));
  auto model = Model::parse(files, pack_.feature_hash());
  if (!model && model.error().reason == "feature_hash_mismatch") {
    TRY_ASSIGN(const ModelManifest manifest, parse_manifest(files.find("manifest.json")->second));
    return fail(other_features(pack_, manifest));
  }
  if (!model) return fail(model.error().in(name_of(key)));
  TRY(check_tasks(pack_, model->manifest()));
  if (auto reference = reference_in(files); !reference)
    return fail(reference.error().in(name_of(key)));
  return std::make_shared<const Model>(std::move(*model));
}

Result<std::vector<DriftBins>> ModelRegistry::drift_reference(const ModelKey& key) {
  TRY_ASSIGN(const ModelFiles files, models_.load(key));
  return reference_in(files);
}

Result<ModelManifest> ModelRegistry::manifest_of(const ModelKey& key) {
  TRY_ASSIGN(const ModelFiles files, models_.load(key));
  return parse_manifest(files.find("manifest.json")->second);
}

Result<std::shared_ptr<const Model>> ModelRegistry::load_active() {
  TRY_ASSIGN(const ModelRoles now, roles());
  if (!now.active) return std::shared_ptr<const Model>();
  return load(*now.active);
}

Result<std::shared_ptr<const Model>> ModelRegistry::load_shadow() {
  TRY_ASSIGN(const ModelRoles now, roles());
  if (!now.shadow) return std::shared_ptr<const Model>();
  return load(*now.shadow);
}

Result<ModelKey> ModelRegistry::find(std::string_view version) {
  TRY_ASSIGN(const auto keys, models_.list());
  std::vector<std::string> names;
  std::optional<ModelKey> found;
  for (const ModelKey& key : keys) {
    const std::string name = name_of(key);
    if (name == version) return key;
    // "v3" alone means the pack's own model.
    if (key.version == version && (!found || key.name == model_name(pack_))) found = key;
    names.push_back(name);
  }
  if (found) return *found;
  return fail(ErrorCode::not_found,
              "no model version " + std::string(version) +
                  (names.empty() ? "; there is none yet" : "; there are " + some_of(names)),
              "unknown_model");
}

Status ModelRegistry::add(const ModelKey& key, const ModelFiles& files) {
  TRY(models_.save(key, files));
  fault::crash_point("model.after_save");
  return {};
}

Status ModelRegistry::add_and_activate(const ModelKey& key, const ModelFiles& files) {
  TRY(add(key, files));
  return activate(key);
}

Status ModelRegistry::promote(const ModelKey& key) {
  TRY(load(key));
  return activate(key);
}

Result<ModelKey> ModelRegistry::roll_back() {
  const std::lock_guard lock(changing_);
  TRY_ASSIGN(ModelRoles now, roles());
  if (now.earlier.empty()) {
    return fail(ErrorCode::refused, "no other model was in production before", "no_earlier_model");
  }
  const ModelKey back = now.earlier.back();
  if (auto model = load(back); !model) return fail(model.error().in("nothing was changed"));
  now.earlier.pop_back();
  now.active = back;
  if (now.shadow == back) now.shadow.reset();
  TRY(write(now));
  return back;
}

Status ModelRegistry::begin_shadow(const ModelKey& key) {
  TRY(load(key));
  const std::lock_guard lock(changing_);
  TRY_ASSIGN(ModelRoles now, roles());
  if (now.active == key) {
    return fail(ErrorCode::refused, name_of(key) + " is in production already",
                "already_in_production");
  }
  now.shadow = key;
  return write(now);
}

Status ModelRegistry::end_shadow() {
  const std::lock_guard lock(changing_);
  TRY_ASSIGN(ModelRoles now, roles());
  if (!now.shadow)
    return fail(ErrorCode::refused, "no model runs in the shadow", "no_shadow_model");
  now.shadow.reset();
  return write(now);
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
