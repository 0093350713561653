#include "learning/test_tree_trainer.h"
#include "learning/tree_trainer_contract.h"

namespace tideline {
INSTANTIATE_TYPED_TEST_SUITE_P(Plain, TreeTrainerContract, PlainTreeTrainer);
}  // namespace tideline
