// ModelManifest: what a model says of itself: manifest.json.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "packs/pack.h"

namespace tideline {

// Which scorer's figure is shown for a task. `none`: nothing was known to learn from. The order is
// that of reports.
enum class Champion : std::uint8_t {
  network,
  xgboost,
  logistic,
  mbg_nbd,
  bg_nbd,      // for comparison only
  pareto_nbd,  // for comparison only
  recency,
  base_rate,
  none
};
inline constexpr std::size_t kRivals = 8;  // champions but `none`

// The enumerator's name; of a number "linear" for logistic, "mean" for base_rate and
// "mbg_nbd_gamma_gamma" for mbg_nbd, whose value of purchases is for comparison only.
[[nodiscard]] std::string_view name_of(Champion champion, TaskKind kind);

struct ModelTask {
  std::string name;
  TaskKind kind = TaskKind::probability;
  std::optional<double> min;  // of a number
  std::optional<double> max;
  std::string not_below;   // may be empty
  std::string definition;  // one sentence for people
  Duration horizon{};
  Champion champion = Champion::none;
};

struct ModelManifest {
  std::string name;           // "marketplace-health"
  std::string version;        // "v1"
  std::string model_version;  // "marketplace-health-v1"
  std::string pack;
  std::string program_version;
  std::vector<std::string> features;
  Hash128 feature_hash{};
  std::vector<ModelTask> tasks;
  std::uint64_t seed = 0;
  std::uint64_t training_rows = 0;
  std::optional<Time> training_from;  // first and last snapshot learned from
  std::optional<Time> training_to;
  Time known_until{};                    // labels were taken as known at this time
  Hash128 data_hash{};                   // over the rows learned from
  std::string settings;                  // JSON object: chosen size, decay, epochs
  std::string evaluation;                // JSON object of contract.md 2: {"tasks":[…]}
  std::map<std::string, Hash128> files;  // every other file of the model
};

// Deterministic text whose "checksum" is the xxh3-128 of the text with 32 zeros in its place.
[[nodiscard]] std::string to_json(const ModelManifest& manifest);
// corrupt when the checksum or the form is wrong; refused when it is another format's.
[[nodiscard]] Result<ModelManifest> parse_manifest(std::string_view json);

}  // namespace tideline
