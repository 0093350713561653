// The network of a model as an ONNX file, for other people's runtimes.
#pragma once

#include <string>

#include "base/result.h"
#include "scoring/model.h"

namespace tideline {

// One input "features", float64 (rows, features), NaN for missing, in the order of the metadata's
// "features"; one output "figures", float64 (rows, tasks), in the order of "tasks": encoding,
// trunk, heads, calibration and "never below" are all in the graph. Figures are held in the tasks'
// ranges as Model::score() does.
//
// It is the network and nothing else: where another family is a task's champion, that task's
// figure is the network's, not the one that is served. The metadata "champions" says which is
// which, "not_the_champion" lists those tasks. refused: the model has no network.
[[nodiscard]] Result<std::string> to_onnx(const Model& model);

// The layers alone, from encoded inputs "inputs" to the heads' sums "sums", both float32: for
// comparing kernels.
[[nodiscard]] std::string layers_to_onnx(const Network& network);

}  // namespace tideline
