#include "scoring/manifest.h"

#include <array>
#include <charconv>

#include <boost/json.hpp>

namespace tideline {
namespace {

namespace json = boost::json;

constexpr int kFormat = 1;
constexpr std::string_view kChecksumKey = "\"checksum\":\"";
constexpr std::size_t kHexDigits = 32;

struct ChampionName {
  Champion champion;
  std::string_view of_probability;
  std::string_view of_number;
};
constexpr std::array<ChampionName, kRivals + 1> kChampions{
    {{Champion::network, "network", "network"},
     {Champion::xgboost, "xgboost", "xgboost"},
     {Champion::logistic, "logistic", "linear"},
     {Champion::mbg_nbd, "mbg_nbd", "mbg_nbd_gamma_gamma"},
     {Champion::bg_nbd, "bg_nbd", "bg_nbd"},
     {Champion::pareto_nbd, "pareto_nbd", "pareto_nbd"},
     {Champion::recency, "recency", "recency"},
     {Champion::base_rate, "base_rate", "mean"},
     {Champion::none, "none", "none"}}};

json::value optional_number(const std::optional<double>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}
json::value optional_time(const std::optional<Time>& time) {
  return time ? json::value(format_time(*time)) : json::value(nullptr);
}

json::object task_json(const ModelTask& task) {
  return {{"name", task.name},
          {"kind", task.kind == TaskKind::probability ? "probability" : "number"},
          {"min", optional_number(task.min)},
          {"max", optional_number(task.max)},
          {"not_below", task.not_below},
          {"definition", task.definition},
          {"horizon", format_duration(task.horizon)},
          {"champion", name_of(task.champion, task.kind)}};
}

json::value embedded(const std::string& text) { return json::parse(text.empty() ? "{}" : text); }

// Reads the fields of an object; the first one that is missing or of another type is remembered.
class Fields {
 public:
  explicit Fields(const json::object& object) : object_(object) {}

  std::string text(std::string_view key) {
    const json::value* value = object_.if_contains(key);
    if (value != nullptr && value->is_string()) return std::string(value->get_string());
    wrong(key);
    return {};
  }
  std::uint64_t whole(std::string_view key) {
    const json::value* value = object_.if_contains(key);
    if (value != nullptr && value->is_int64() && value->get_int64() >= 0) {
      return std::uint64_t(value->get_int64());
    }
    if (value != nullptr && value->is_uint64()) return value->get_uint64();
    wrong(key);
    return 0;
  }
  std::optional<double> number_or_null(std::string_view key) {
    const json::value* value = object_.if_contains(key);
    if (value != nullptr && value->is_null()) return std::nullopt;
    if (value != nullptr && value->is_number()) return value->to_number<double>();
    wrong(key);
    return std::nullopt;
  }
  std::optional<Time> time_or_null(std::string_view key) {
    const json::value* value = object_.if_contains(key);
    if (value != nullptr && value->is_null()) return std::nullopt;
    const auto time = parse_time(text(key));
    if (!time) wrong(key);
    return time;
  }
  Hash128 hash(std::string_view key) {
    const std::string hex = text(key);
    Hash128 hash;
    const char* middle = hex.data() + kHexDigits / 2;
    const bool whole = hex.size() == kHexDigits &&
                       std::from_chars(hex.data(), middle, hash.high, 16).ptr == middle &&
                       std::from_chars(middle, middle + 16, hash.low, 16).ptr == middle + 16;
    if (!whole) wrong(key);
    return hash;
  }
  const json::array& list(std::string_view key) {
    static const json::array kEmpty;
    const json::value* value = object_.if_contains(key);
    if (value != nullptr && value->is_array()) return value->get_array();
    wrong(key);
    return kEmpty;
  }
  const json::object& object(std::string_view key) {
    static const json::object kEmpty;
    const json::value* value = object_.if_contains(key);
    if (value != nullptr && value->is_object()) return value->get_object();
    wrong(key);
    return kEmpty;
  }
  void wrong(std::string_view key) {
    if (wrong_.empty()) wrong_ = key;
  }
  [[nodiscard]] Status status() const {
    if (wrong_.empty()) return {};
    return fail(ErrorCode::corrupt,
                "manifest.json: field \"" + wrong_ + "\" is missing or of another type");
  }

 private:
  const json::object& object_;
  std::string wrong_;
};

Result<ModelTask> parse_task(const json::value& value) {
  if (!value.is_object()) return fail(ErrorCode::corrupt, "manifest.json: a task is no object");
  Fields fields(value.get_object());
  ModelTask task;
  task.name = fields.text("name");
  const std::string kind = fields.text("kind");
  if (kind != "probability" && kind != "number") fields.wrong("kind");
  task.kind = kind == "number" ? TaskKind::number : TaskKind::probability;
  task.min = fields.number_or_null("min");
  task.max = fields.number_or_null("max");
  task.not_below = fields.text("not_below");
  task.definition = fields.text("definition");
  const auto horizon = parse_duration(fields.text("horizon"));
  if (!horizon) fields.wrong("horizon");
  task.horizon = horizon.value_or(Duration{});
  const std::string champion = fields.text("champion");
  bool known = false;
  for (const ChampionName& entry : kChampions) {
    if (champion != name_of(entry.champion, task.kind)) continue;
    task.champion = entry.champion;
    known = true;
  }
  if (!known) fields.wrong("champion");
  TRY(fields.status());
  return task;
}

// The text with zeros for the checksum's digits, and those digits.
std::optional<std::pair<std::string, std::string>> without_checksum(std::string_view text) {
  const std::size_t found = text.find(kChecksumKey);
  if (found == std::string_view::npos) return std::nullopt;
  const std::size_t begin = found + kChecksumKey.size();
  if (text.size() < begin + kHexDigits) return std::nullopt;
  std::string zeroed(text);
  zeroed.replace(begin, kHexDigits, kHexDigits, '0');
  return std::pair(std::move(zeroed), std::string(text.substr(begin, kHexDigits)));
}

}  // namespace

std::string_view name_of(Champion champion, TaskKind kind) {
  for (const ChampionName& entry : kChampions) {
    if (entry.champion == champion) {
      return kind == TaskKind::probability ? entry.of_probability : entry.of_number;
    }
  }
  return "none";
}

std::string to_json(const ModelManifest& manifest) {
  json::array tasks;
  for (const ModelTask& task : manifest.tasks) tasks.push_back(task_json(task));
  json::object files;
  for (const auto& [name, hash] : manifest.files) files[name] = hash.hex();
  // The checksum comes first, so that no text of the pack can be mistaken for it.
  const json::object all{{"checksum", std::string(kHexDigits, '0')},
                         {"format", kFormat},
                         {"name", manifest.name},
                         {"version", manifest.version},
                         {"model_version", manifest.model_version},
                         {"pack", manifest.pack},
                         {"program_version", manifest.program_version},
                         {"features", json::value_from(manifest.features)},
                         {"feature_hash", manifest.feature_hash.hex()},
                         {"tasks", tasks},
                         {"seed", manifest.seed},
                         {"training_rows", manifest.training_rows},
                         {"training_from", optional_time(manifest.training_from)},
                         {"training_to", optional_time(manifest.training_to)},
                         {"known_until", format_time(manifest.known_until)},
                         {"data_hash", manifest.data_hash.hex()},
                         {"settings", embedded(manifest.settings)},
                         {"evaluation", embedded(manifest.evaluation)},
                         {"files", files}};
  std::string text = json::serialize(all);
  const std::size_t digits = text.find(kChecksumKey) + kChecksumKey.size();
  text.replace(digits, kHexDigits, xxh3_128(text).hex());
  return text;
}

Result<ModelManifest> parse_manifest(std::string_view text) {
  const auto parts = without_checksum(text);
  if (!parts || xxh3_128(parts->first).hex() != parts->second) {
    return fail(ErrorCode::corrupt,
                "manifest.json is damaged: its checksum does not fit its text");
  }
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object())
    return fail(ErrorCode::corrupt, "manifest.json is not a JSON object");
  Fields fields(value.get_object());
  if (fields.whole("format") != kFormat) {
    return fail(ErrorCode::refused, "manifest.json has a format that this program does not read",
                "model_format");
  }
  ModelManifest manifest;
  manifest.name = fields.text("name");
  manifest.version = fields.text("version");
  manifest.model_version = fields.text("model_version");
  manifest.pack = fields.text("pack");
  manifest.program_version = fields.text("program_version");
  for (const json::value& name : fields.list("features")) {
    if (!name.is_string())
      fields.wrong("features");
    else
      manifest.features.emplace_back(name.get_string());
  }
  manifest.feature_hash = fields.hash("feature_hash");
  for (const json::value& task : fields.list("tasks")) {
    TRY_ASSIGN(auto parsed, parse_task(task));
    manifest.tasks.push_back(std::move(parsed));
  }
  manifest.seed = fields.whole("seed");
  manifest.training_rows = fields.whole("training_rows");
  manifest.training_from = fields.time_or_null("training_from");
  manifest.training_to = fields.time_or_null("training_to");
  manifest.known_until = fields.time_or_null("known_until").value_or(Time{});
  manifest.data_hash = fields.hash("data_hash");
  manifest.settings = json::serialize(fields.object("settings"));
  manifest.evaluation = json::serialize(fields.object("evaluation"));
  const json::object& files = fields.object("files");
  Fields hashes(files);
  for (const auto& entry : files) {
    manifest.files.emplace(std::string(entry.key()), hashes.hash(entry.key()));
  }
  TRY(hashes.status());
  TRY(fields.status());
  return manifest;
}

}  // namespace tideline
