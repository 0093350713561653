// Handles of libxgboost's C API, freed by themselves, and its errors as Status.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <xgboost/c_api.h>

#include "base/result.h"

namespace tideline {

struct MatrixFree {
  void operator()(void* handle) const { XGDMatrixFree(handle); }
};
struct BoosterFree {
  void operator()(void* handle) const { XGBoosterFree(handle); }
};
using Matrix = std::unique_ptr<void, MatrixFree>;
using Booster = std::unique_ptr<void, BoosterFree>;

// `status` is what a function of the library returned; its message's first line is kept, without
// the stack that follows.
[[nodiscard]] inline Status checked(int status) {
  if (status == 0) return {};
  std::string_view text = XGBGetLastError();
  text = text.substr(0, text.find('\n'));
  return fail(ErrorCode::internal, "libxgboost: " + std::string(text), "xgboost_failed");
}

}  // namespace tideline
