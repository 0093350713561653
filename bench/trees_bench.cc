// Speed of scoring trees beside libxgboost's C API: same trees, same rows, one thread. Every
// round's margins are compared bit by bit.
//
//   trees_bench ROWS TRAINING_ROWS ROUNDS
#include <bit>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "adapters/xgboost/handles.h"
#include "bench/made_rows.h"
#include "scoring/xgboost_model.h"

namespace tideline::bench {
namespace {

constexpr std::size_t kWidth = kTreeWidth;
constexpr std::size_t kSingleRows = 2'000;  // of the cases with a row a call

void must(int status) { require(status == 0, XGBGetLastError()); }

class Peer {
 public:
  explicit Peer(const std::string& model) {
    BoosterHandle handle = nullptr;
    must(XGBoosterCreate(nullptr, 0, &handle));
    booster_.reset(handle);
    must(XGBoosterSetParam(handle, "nthread", "1"));
    must(XGBoosterLoadModelFromBuffer(handle, model.data(), model.size()));
  }

  // Straight from the rows: the quickest way that the C API has.
  void in_place(const float* values, std::size_t rows, float* margins) const {
    const std::string array = R"({"data":[)" +
                              std::to_string(std::bit_cast<std::uintptr_t>(values)) +
                              R"(,true],"shape":[)" + std::to_string(rows) + "," +
                              std::to_string(kWidth) + R"(],"typestr":"<f4","version":3})";
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* result = nullptr;
    must(XGBoosterPredictFromDense(booster_.get(), array.c_str(), kConfig, nullptr, &shape,
                                   &dimensions, &result));
    std::copy(result, result + rows, margins);
  }
  // By a matrix made of the rows, as its documentation shows it.
  void by_matrix(const float* values, std::size_t rows, float* margins) const {
    DMatrixHandle handle = nullptr;
    must(XGDMatrixCreateFromMat_omp(values, rows, kWidth, NAN, &handle, 1));
    const Matrix matrix(handle);
    bst_ulong size = 0;
    const float* result = nullptr;
    must(XGBoosterPredict(booster_.get(), handle, 1, 0, 0, &size, &result));
    require(size == rows, "libxgboost lost rows");
    std::copy(result, result + rows, margins);
  }

 private:
  static constexpr const char* kConfig =
      R"({"type":1,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,)"
      R"("cache_id":0,"missing":NaN})";
  Booster booster_;
};

struct Case {
  std::string name;
  std::size_t rows = 0;
  std::function<void(float* margins)> pass;
};

class Bench {
 public:
  Bench(std::size_t rows, std::size_t training_rows)
      : trees_(made_trees(made_rows(training_rows, 1), TreeObjective::logistic)),
        forest_(*Forest::make(kWidth, {trees_})),
        peer_(to_xgboost_json(trees_, kWidth, {})),
        rows_(made_rows(rows, 2)),
        floats_(rows_.features.begin(), rows_.features.end()),
        expected_(rows) {
    peer_.in_place(floats_.data(), rows, expected_.data());
    for (const KernelPath path : kernel_paths()) {
      add("trees_" + std::string(name_of(path)), [this, path](float* margins) {
        forest_.margins(floats_, rows_.rows, {margins, rows_.rows}, path);
      });
    }
    add("xgboost_in_place",
        [this](float* margins) { peer_.in_place(floats_.data(), rows_.rows, margins); });
    add("xgboost_matrix",
        [this](float* margins) { peer_.by_matrix(floats_.data(), rows_.rows, margins); });
    add("trees_doubles", [this](float* margins) {
      forest_.margins(rows_.block(), {margins, rows_.rows});
    });
    const std::size_t single = std::min(rows, kSingleRows);
    add(
        "trees_single",
        [this, single](float* margins) {
          for (std::size_t r = 0; r < single; ++r) {
            forest_.margins(std::span(floats_).subspan(r * kWidth, kWidth), 1, {margins + r, 1});
          }
        },
        single);
    add(
        "xgboost_single",
        [this, single](float* margins) {
          for (std::size_t r = 0; r < single; ++r) {
            peer_.in_place(floats_.data() + r * kWidth, 1, margins + r);
          }
        },
        single);
  }

  void round(bool forwards) {
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      run(cases_[forwards ? i : cases_.size() - 1 - i]);
    }
  }
  void tell() const {
    std::size_t splits = 0;
    for (const Tree& tree : trees_.trees) splits += tree.size() / 2;
    std::printf(
        "{\"about\":\"trees\",\"trees\":%zu,\"splits\":%zu,\"features\":%zu,"
        "\"path\":\"%s\",\"version\":\"%s\"}\n",
        trees_.trees.size(), splits, kWidth, std::string(name_of(best_kernel_path())).c_str(),
        xgboost_version().c_str());
  }

 private:
  void add(std::string name, std::function<void(float*)> pass, std::size_t rows = 0) {
    cases_.push_back({std::move(name), rows > 0 ? rows : rows_.rows, std::move(pass)});
  }
  void run(const Case& one) const {
    std::vector<float> margins(one.rows, NAN);
    const Stopwatch watch;
    one.pass(margins.data());
    print_round(one.name, one.rows, watch.elapsed());
    std::size_t different = 0;
    for (std::size_t r = 0; r < one.rows; ++r) {
      different +=
          std::bit_cast<std::uint32_t>(margins[r]) != std::bit_cast<std::uint32_t>(expected_[r]);
    }
    require(different == 0, one.name + ": " + std::to_string(different) + " rows differ");
  }

  BoostedTrees trees_;
  Forest forest_;
  Peer peer_;
  TrainingRows rows_;
  std::vector<float> floats_;
  std::vector<float> expected_;
  std::vector<Case> cases_;
};

}  // namespace
}  // namespace tideline::bench

int main(int argc, char** argv) {
  using tideline::bench::require;
  require(argc == 4, "usage: trees_bench ROWS TRAINING_ROWS ROUNDS");
  const auto rows = std::strtoull(argv[1], nullptr, 10);
  const auto training_rows = std::strtoull(argv[2], nullptr, 10);
  require(rows > 0 && training_rows > 0, "ROWS and TRAINING_ROWS: above 0");
  tideline::bench::Bench bench(rows, training_rows);
  for (int round = 0; round < std::atoi(argv[3]); ++round) bench.round(round % 2 == 0);
  bench.tell();
}
