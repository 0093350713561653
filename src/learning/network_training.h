// Training of the multi-task network: AdamW, mini-batches, masked losses, early stop. One thread,
// seeded: the same rows, options and seed give the same bytes on the same machine.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "learning/training_rows.h"
#include "packs/pack.h"
#include "scoring/network.h"

namespace tideline {

struct NetworkOptions {
  std::vector<std::size_t> hidden{64, 32};
  double learning_rate = 1e-3;
  double weight_decay = 1e-2;  // decoupled, a step: learning_rate x weight_decay
  double direct_decay = 1;     // decay of the direct link, as a multiple of weight_decay
  double dropout = 0.1;        // of the trunk's outputs
  std::size_t batch = 128;
  std::size_t epochs_max = 60;
  std::size_t schedule_epochs = 60;  // over which the learning rate falls to a tenth
  double averaged_epochs = 2;        // the weights kept are a mean over about so many
  std::size_t patience = 8;          // epochs without a better validation loss
  std::uint64_t seed = 1;
};

struct NetworkFit {
  Network network;
  std::size_t epochs = 0;      // that the kept weights had
  double validation_loss = 0;  // mean over tasks; NaN without validation rows
};

// Heads of the tasks, in their order, scales still unset. A not_below must name an earlier
// probability task; another one is left to Model, which keeps the order of the two figures anyway.
[[nodiscard]] std::vector<Head> heads_of(std::span<const TaskSpec> tasks);

// Learns from `train`, keeps the weights that were best on `validation` (empty: the last epoch's).
// `heads` gives each task's kind and range; scales and first biases are set from the training
// labels.
[[nodiscard]] NetworkFit fit_network(const TrainingRows& train, const TrainingRows& validation,
                                     std::vector<Head> heads, const NetworkOptions& options);

}  // namespace tideline
