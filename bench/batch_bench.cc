// Scoring whole tables beside a plain program that reads them with DuckDB and calls libxgboost.
//
//   batch_bench table FOLDER ROWS FILES        count-like values of 72 features, as Parquet
//   batch_bench model MODELS_FOLDER TREES      a model of the pack engagement, 300 trees a task,
//   and
//                                              the same trees as XGBoost's JSON in the folder
//                                              TREES
//   batch_bench peer TABLES TREES THREADS [OUT]  the plain program; OUT: its figures, as floats
//   batch_bench compare OUT SCORES             every figure of `tideline score` beside the peer's
#include <algorithm>
#include <bit>
#include <filesystem>
#include <fstream>
#include <vector>

#include "adapters/duckdb/number_blocks.h"
#include "adapters/model_files/model_files.h"
#include "adapters/xgboost/handles.h"
#include "bench/made_rows.h"
#include "bench/pack_files.h"
#include "scoring/model.h"
#include "scoring/xgboost_model.h"

namespace tideline::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTrainingRows = 20'000;
constexpr std::size_t kPeerRows = 65'536;  // a call of libxgboost

void must(const Status& status) {
  require(status.has_value(), status ? "" : status.error().message);
}
void must(int status) { require(status == 0, XGBGetLastError()); }

template <class T>
T taken(Result<T> result) {
  must(result ? Status() : Status(fail(result.error())));
  return std::move(*result);
}

class Nothing final : public ResultSink {
 public:
  Status begin(std::span<const ResultColumn>) override { return {}; }
  Result<bool> row(std::span<const Cell>) override { return true; }
  Status end() override { return {}; }
};

// ---- The table

// Small counts, small ones more often, a twentieth missing.
std::string column_of(std::size_t feature, const std::string& name) {
  const std::string hash = "hash(i * 73 + " + std::to_string(feature) + ")";
  const std::string top = std::to_string(5 + feature % 37);
  return "CASE WHEN " + hash + " % 20 = 0 THEN NULL ELSE CAST(least((" + hash + " >> 8) % " + top +
         ", (" + hash + " >> 32) % " + top + ") AS USMALLINT) END AS \"" + name + "\"";
}

void make_table(const std::string& folder, std::uint64_t rows, std::uint64_t files) {
  fs::create_directories(folder);
  const auto pack = pack_named("engagement");
  std::string columns = "'c' || i AS customer_id";
  for (std::size_t f = 0; f < pack->features().size(); ++f)
    columns += ", " + column_of(f, pack->features()[f].name);
  QueryOptions options;
  const auto query = taken(DuckQuery::open(options));
  for (std::uint64_t k = 0; k < files; ++k) {
    const std::string number = std::to_string(10'000 + k).substr(1);
    Nothing sink;
    must(query->run("COPY (SELECT " + columns + " FROM range(" + std::to_string(rows * k / files) +
                        ", " + std::to_string(rows * (k + 1) / files) + ") t(i)) TO '" + folder +
                        "/rows-" + number + ".parquet' (FORMAT parquet)",
                    sink));
  }
}

// ---- The model

ModelManifest manifest_of(const Pack& pack) {
  ModelManifest manifest;
  manifest.name = "engagement-bench";
  manifest.version = "v1";
  manifest.model_version = "engagement-bench-v1";
  manifest.pack = pack.name();
  manifest.program_version = "bench";
  manifest.feature_hash = pack.feature_hash();
  for (const FeatureSpec& feature : pack.features()) manifest.features.push_back(feature.name);
  for (const TaskSpec& spec : pack.tasks()) {
    ModelTask task;
    task.name = spec.name;
    task.kind = spec.kind;
    task.min = spec.min;
    task.max = spec.max;
    task.not_below = spec.not_below;
    task.definition = spec.definition;
    task.horizon = spec.horizon;
    task.champion = Champion::xgboost;
    manifest.tasks.push_back(task);
  }
  manifest.settings = "{}";
  manifest.evaluation = R"({"tasks":[]})";
  return manifest;
}

std::string trees_file(const std::string& folder, std::size_t task) {
  return folder + "/task-" + std::to_string(task) + ".json";
}

void make_model(const std::string& models, const std::string& trees_folder) {
  const auto pack = pack_named("engagement");
  require(pack->features().size() == kTreeWidth, "the pack has another number of features");
  fs::create_directories(trees_folder);
  std::vector<std::optional<BoostedTrees>> tasks;
  for (std::size_t k = 0; k < pack->tasks().size(); ++k) {
    const bool probability = pack->tasks()[k].kind == TaskKind::probability;
    tasks.emplace_back(
        made_trees(made_rows(kTrainingRows, k + 1),
                   probability ? TreeObjective::logistic : TreeObjective::squared_error));
    std::ofstream(trees_file(trees_folder, k)) << to_xgboost_json(*tasks.back(), kTreeWidth, {});
  }
  ModelParts parts;
  parts.forest.emplace(taken(Forest::make(kTreeWidth, std::move(tasks))));
  Model model = Model::assemble(manifest_of(*pack), std::move(parts));
  const TrainingRows golden = made_rows(4, 9);
  PosixFileSystem files;
  const auto store = taken(ModelFilesStore::open({models, &files}));
  must(store->save({"engagement-bench", "v1"},
                   model.to_files({4, golden.features, golden.days_since_qualifying, {}})));
}

// ---- The peer

std::vector<std::string> files_of(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".parquet") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string list_of(const std::vector<std::string>& files) {
  std::string list;
  for (const std::string& file : files) list += (list.empty() ? "['" : ", '") + file + "'";
  return list + "]";
}

class Peer {
 public:
  Peer(const std::string& trees_folder, const std::string& threads) {
    for (std::size_t k = 0; fs::exists(trees_file(trees_folder, k)); ++k) {
      BoosterHandle handle = nullptr;
      must(XGBoosterCreate(nullptr, 0, &handle));
      boosters_.emplace_back(handle);
      must(XGBoosterSetParam(handle, "nthread", threads.c_str()));
      must(XGBoosterLoadModel(handle, trees_file(trees_folder, k).c_str()));
    }
  }
  [[nodiscard]] std::size_t tasks() const { return boosters_.size(); }

  // Rows x tasks.
  void predict(const std::vector<float>& values, std::vector<float>& figures) const {
    const std::size_t rows = values.size() / kTreeWidth;
    figures.resize(rows * tasks());
    const std::string array = R"({"data":[)" +
                              std::to_string(std::bit_cast<std::uintptr_t>(values.data())) +
                              R"(,true],"shape":[)" + std::to_string(rows) + "," +
                              std::to_string(kTreeWidth) + R"(],"typestr":"<f4","version":3})";
    for (std::size_t k = 0; k < tasks(); ++k) {
      const bst_ulong* shape = nullptr;
      bst_ulong dimensions = 0;
      const float* result = nullptr;
      must(XGBoosterPredictFromDense(boosters_[k].get(), array.c_str(), kConfig, nullptr, &shape,
                                     &dimensions, &result));
      for (std::size_t r = 0; r < rows; ++r) figures[r * tasks() + k] = result[r];
    }
  }

 private:
  static constexpr const char* kConfig =
      R"({"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,)"
      R"("cache_id":0,"missing":NaN})";
  std::vector<Booster> boosters_;
};

void run_peer(const std::string& tables, const std::string& trees_folder,
              const std::string& threads, const std::string& out) {
  const auto pack = pack_named("engagement");
  const Stopwatch watch;
  const Peer peer(trees_folder, threads);
  std::string select;
  for (const FeatureSpec& feature : pack->features())
    select += (select.empty() ? "SELECT CAST(\"" : ", CAST(\"") + feature.name + "\" AS DOUBLE)";
  QueryOptions options;
  options.threads = static_cast<unsigned>(std::atoi(threads.c_str()));
  const auto query = taken(DuckQuery::open(options));
  std::ofstream file;
  if (!out.empty()) file.open(out, std::ios::binary);
  std::vector<float> values, figures;
  std::uint64_t rows = 0;
  double sum = 0;
  const auto score = [&] {
    peer.predict(values, figures);
    rows += values.size() / kTreeWidth;
    for (const float figure : figures) sum += figure;
    if (file.is_open()) {
      file.write(std::bit_cast<const char*>(figures.data()),
                 std::streamsize(figures.size() * sizeof(float)));
    }
    values.clear();
  };
  must(run_number_blocks(*query, select + " FROM read_parquet(" + list_of(files_of(tables)) + ")",
                         0, [&](const NumberBlock& block) -> Result<bool> {
                           values.insert(values.end(), block.values.begin(), block.values.end());
                           if (values.size() >= kPeerRows * kTreeWidth) score();
                           return true;
                         }));
  if (!values.empty()) score();
  require(std::isfinite(sum), "a figure is not finite");
  print_round("batch_peer", rows, watch.elapsed());
}

void compare(const std::string& out, const std::string& scores) {
  const auto pack = pack_named("engagement");
  const std::size_t tasks = pack->tasks().size();
  std::ifstream file(out, std::ios::binary);
  std::string select;
  for (const TaskSpec& task : pack->tasks())
    select += (select.empty() ? "SELECT \"" : ", \"") + task.name + "\"";
  const auto query = taken(DuckQuery::open({}));
  std::uint64_t rows = 0;
  std::vector<float> expected;
  must(run_number_blocks(*query, select + " FROM read_parquet(" + list_of(files_of(scores)) + ")",
                         0, [&](const NumberBlock& block) -> Result<bool> {
                           expected.resize(block.rows * tasks);
                           file.read(std::bit_cast<char*>(expected.data()),
                                     std::streamsize(expected.size() * sizeof(float)));
                           require(bool(file), "the peer scored fewer rows");
                           for (std::size_t i = 0; i < expected.size(); ++i) {
                             const TaskSpec& task = pack->tasks()[i % tasks];
                             double wanted = expected[i];
                             if (task.min) wanted = std::max(wanted, *task.min);
                             if (task.max) wanted = std::min(wanted, *task.max);
                             require(block.values[i] == wanted,
                                     "row " + std::to_string(rows + i / tasks) + ", " + task.name +
                                         ": " + std::to_string(block.values[i]) + ", not " +
                                         std::to_string(wanted));
                           }
                           rows += block.rows;
                           return true;
                         }));
  require(file.peek() == std::ifstream::traits_type::eof(), "the peer scored more rows");
  std::printf("{\"rows\":%lu}\n", static_cast<unsigned long>(rows));
}

}  // namespace
}  // namespace tideline::bench

int main(int argc, char** argv) {
  using namespace tideline::bench;  // NOLINT: the program's own names
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::string verb = words.empty() ? "" : words[0];
  if (verb == "table" && words.size() == 4) {
    make_table(words[1], std::stoull(words[2]), std::stoull(words[3]));
  } else if (verb == "model" && words.size() == 3) {
    make_model(words[1], words[2]);
  } else if (verb == "peer" && (words.size() == 4 || words.size() == 5)) {
    run_peer(words[1], words[2], words[3], words.size() == 5 ? words[4] : "");
  } else if (verb == "compare" && words.size() == 3) {
    compare(words[1], words[2]);
  } else {
    require(false, "usage: batch_bench table|model|peer|compare ...");
  }
}
