// Our trees on a command line, for tests/clients/xgboost_test.py:
//
//   tree_client write SEED OBJECTIVE FILE     random trees as a model file of XGBoost
//   tree_client score MODEL ROWS OUT          ROWS: float32, row after row; OUT: for each row its
//                                             margin and its figure, float32
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

#include "scoring/test_trees.h"
#include "scoring/xgboost_model.h"

namespace tideline {
namespace {

std::string read(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
int write(const char* path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  return file.flush() ? 0 : 1;
}

int write_trees(std::uint64_t seed, const std::string& objective, const char* path) {
  RandomTrees shape;
  for (const auto known : {TreeObjective::logistic, TreeObjective::squared_error,
                           TreeObjective::poisson, TreeObjective::gamma, TreeObjective::tweedie}) {
    if (name_of(known) == objective) shape.objective = known;
  }
  shape.split_share = 0.9;
  Rng rng(seed);
  std::vector<std::string> names;
  for (std::size_t f = 0; f < shape.features; ++f) names.push_back("feature " + std::to_string(f));
  return write(path, to_xgboost_json(random_trees(shape, rng), shape.features, names));
}

int score(const char* model_path, const char* rows_path, const char* out_path) {
  const auto model = parse_xgboost(read(model_path));
  if (!model) {
    std::fprintf(stderr, "%s\n", model.error().message.c_str());
    return 5;
  }
  const std::string bytes = read(rows_path);
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  const std::size_t rows = values.size() / model->feature_count;
  const auto forest = Forest::make(model->feature_count, {model->trees});
  if (!forest || rows * model->feature_count != values.size()) return 1;
  std::vector<float> margins(rows);
  forest->margins(values, rows, margins);
  std::vector<float> out;
  for (const float margin : margins) {
    out.push_back(margin);
    out.push_back(model->trees.figure_of(margin));
  }
  return write(out_path,
               std::string(reinterpret_cast<const char*>(out.data()), out.size() * sizeof(float)));
}

}  // namespace
}  // namespace tideline

int main(int count, char** words) {
  const std::string what = count == 5 ? words[1] : "";
  if (what == "write") {
    return tideline::write_trees(std::strtoull(words[2], nullptr, 10), words[3], words[4]);
  }
  if (what == "score") return tideline::score(words[2], words[3], words[4]);
  std::fprintf(stderr, "usage: tree_client write SEED OBJECTIVE FILE | score MODEL ROWS OUT\n");
  return 2;
}
