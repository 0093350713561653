#include "learning/table_training.h"

#include <cmath>

#include <fmt/format.h>

namespace tideline {
namespace {

// Tables hold round prices and whole months, so that near neighbours are no copies yet; standard
// deviations.
constexpr float kCopiesWithin = 0.001F;
// A target's name as a part of a model's name and version together stays well below the limit.
constexpr std::size_t kNameBytesMax = 48;

// Without a time column all rows are as of the epoch.
Time as_of(const EncodedTable& encoded, std::size_t row) {
  if (encoded.days.empty()) return Time{};
  return time_from_millis(std::llround(encoded.days[row] * double(kDay.count())));
}

SnapshotTable snapshots_of(const EncodedTable& encoded, const TablePlan& plan) {
  SnapshotTable table;
  table.rows.reserve(encoded.ids.size());
  for (std::size_t r = 0; r < encoded.ids.size(); ++r) {
    Snapshot& row = table.rows.emplace_back();
    row.customer = CustomerId(encoded.ids[r]);
    row.as_of = as_of(encoded, r);
    const auto first = encoded.features.begin() + std::ptrdiff_t(r * encoded.width);
    row.features.assign(first, first + std::ptrdiff_t(encoded.width));
    row.labels = {plan.labels[r]};
    row.days_since_qualifying = std::nan("");
    row.eligible = row.scorable = true;
    table.now = std::max(table.now, row.as_of);
  }
  return table;
}

Dataset dataset_of(const SnapshotTable& table, const TablePlan& plan, std::size_t width) {
  Dataset data;
  data.tasks = {plan.task};
  data.all.width = width;
  data.all.tasks = 1;
  data.warnings = plan.warnings;
  data.copies_within = kCopiesWithin;
  data.fillable = plan.encoding.columns.size();
  for (const Snapshot& row : table.rows) data.add(row);
  return data;
}

}  // namespace

std::string table_model_name(std::string_view target) {
  std::string name = "table-";
  for (char c : target.substr(0, kNameBytesMax)) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      name += c;
    } else if (name.back() != '-' && name.back() != '_') {
      name += '_';
    }
  }
  while (name.back() == '_') name.pop_back();
  return name == "table-" ? name + "target" : name;
}

Result<TableTrained> train_on_table(const CustomerTable& table, const TableRequest& request,
                                    const TableTrainOptions& options) {
  TRY_ASSIGN(TablePlan plan, plan_table(table, request));
  const std::string encoding = to_json(plan.encoding);
  TRY_ASSIGN(const EncodedTable encoded, encode_table(table, plan.encoding));
  const SnapshotTable snapshots = snapshots_of(encoded, plan);
  const Dataset data = dataset_of(snapshots, plan, encoded.width);

  ModelManifest head;
  head.name = table_model_name(request.target);
  head.version = fmt::format("v{}", options.version);
  head.model_version = head.name + "-" + head.version;
  head.features = plan.encoding.feature_names();
  head.feature_hash = xxh3_128(encoding);
  head.known_until = snapshots.now;
  TrainOptions training;
  training.version = options.version;
  training.seed = options.seed;
  training.folds = request.time.empty() ? FoldsBy::customer : FoldsBy::ladder;
  training.trees = options.trees;
  training.threads = options.threads;
  training.progress = options.progress;
  TRY_ASSIGN(TrainedModel model, train_dataset(data, std::move(head), nullptr, training));
  model.files.emplace(kTableFile, encoding);
  return TableTrained{std::move(model), std::move(plan.encoding)};
}

Result<TableModel> parse_table_model(const Model::Files& files) {
  const auto manifest_text = files.find("manifest.json");
  if (manifest_text == files.end())
    return fail(ErrorCode::corrupt, "the model has no manifest.json");
  TRY_ASSIGN(const ModelManifest manifest, parse_manifest(manifest_text->second));
  if (!is_table_model(manifest)) {
    return fail(ErrorCode::refused, manifest.model_version + " was not learnt from a table",
                "no_table_model");
  }
  const auto text = files.find(kTableFile);
  if (text == files.end() || xxh3_128(text->second) != manifest.feature_hash) {
    return fail(ErrorCode::corrupt, manifest.model_version + ": " + std::string(kTableFile) +
                                        (text == files.end() ? " is missing" : " is damaged"));
  }
  TRY_ASSIGN(TableEncoding encoding, parse_table_encoding(text->second));
  TRY_ASSIGN(Model model, Model::parse(files, manifest.feature_hash));
  if (encoding.feature_names() != model.manifest().features) {
    return fail(ErrorCode::corrupt, manifest.model_version + ": " + std::string(kTableFile) +
                                        " does not fit manifest.json");
  }
  return TableModel{std::move(model), std::move(encoding)};
}

}  // namespace tideline
