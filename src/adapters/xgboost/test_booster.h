// A model in libxgboost itself: the oracle of our own scoring.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/xgboost/handles.h"

namespace tideline {

class TestBooster {
 public:
  enum class Output { figure = 0, margin = 1, contributions = 2 };

  // A model file, JSON or UBJSON.
  explicit TestBooster(std::string_view bytes) {
    BoosterHandle handle = nullptr;
    expect(XGBoosterCreate(nullptr, 0, &handle));
    booster_.reset(handle);
    expect(XGBoosterSetParam(handle, "verbosity", "0"));
    expect(XGBoosterSetParam(handle, "nthread", "1"));
    expect(XGBoosterLoadModelFromBuffer(handle, bytes.data(), bytes.size()));
  }

  // In place, which takes infinities too.
  [[nodiscard]] std::vector<float> predict(const std::vector<float>& values, std::size_t rows,
                                           Output output) const {
    const std::string array =
        R"({"data":[)" + std::to_string(reinterpret_cast<std::uintptr_t>(values.data())) +
        R"(,true],"shape":[)" + std::to_string(rows) + "," + std::to_string(values.size() / rows) +
        R"(],"typestr":"<f4","version":3})";
    const std::string config =
        R"({"type":)" + std::to_string(int(output)) +
        R"(,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,)"
        R"("cache_id":0,"missing":NaN})";
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* result = nullptr;
    if (output == Output::contributions) return predict_matrix(values, rows, config);
    expect(XGBoosterPredictFromDense(booster_.get(), array.c_str(), config.c_str(), nullptr,
                                     &shape, &dimensions, &result));
    return {result, result + total(shape, dimensions)};
  }

  [[nodiscard]] std::string save(const std::string& format) const {
    bst_ulong size = 0;
    const char* bytes = nullptr;
    const std::string config = R"({"format":")" + format + "\"}";
    expect(XGBoosterSaveModelToBuffer(booster_.get(), config.c_str(), &size, &bytes));
    return {bytes, size};
  }

 private:
  static void expect(int status) { ASSERT_EQ(status, 0) << XGBGetLastError(); }
  static std::size_t total(const bst_ulong* shape, bst_ulong dimensions) {
    std::size_t product = shape != nullptr ? 1 : 0;
    for (bst_ulong d = 0; d < dimensions; ++d) product *= shape[d];
    return product;
  }
  [[nodiscard]] std::vector<float> predict_matrix(const std::vector<float>& values,
                                                  std::size_t rows,
                                                  const std::string& config) const {
    DMatrixHandle handle = nullptr;
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* result = nullptr;
    expect(XGDMatrixCreateFromMat(values.data(), rows, values.size() / rows, NAN, &handle));
    const Matrix matrix(handle);
    expect(XGBoosterPredictFromDMatrix(booster_.get(), handle, config.c_str(), &shape, &dimensions,
                                       &result));
    return {result, result + total(shape, dimensions)};
  }

  Booster booster_;
};

}  // namespace tideline
