// XgboostTrainer: gradient-boosted trees trained by libxgboost (tree method hist) through its C
// API.
//
// libxgboost writes nothing to stdout or stderr here: its messages are turned off, its errors
// become Error. Memory while fit() runs: 4 bytes a cell for a moment, then about 9 (the rows, and
// a byte for the cell's bin); freed before it returns. With threads = 1 it starts no thread.
#pragma once

#include "learning/tree_training.h"

namespace tideline {

class XgboostTrainer final : public TreeTrainer {
 public:
  [[nodiscard]] Result<TreeFit> fit(const TrainingRows& train, const TrainingRows& validation,
                                    std::size_t task, const TreeOptions& options) const override;
};

// "1.7.4": of the library that is loaded.
[[nodiscard]] std::string xgboost_version();

}  // namespace tideline
