#include "ports/memory_model_store.h"

#include "ports/model_store_contract.h"

namespace tideline {
namespace {

struct InMemory {
  MemoryModelStore kept;
  ModelStore& store() { return kept; }
  bool reopen() { return false; }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, ModelStoreContract, InMemory);

}  // namespace
}  // namespace tideline
