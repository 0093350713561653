#include "ports/state_store.h"

#include <array>

namespace tideline {
namespace {
constexpr std::array<std::string_view, kFamilyCount> kNames = {
    "customers", "dedupe",  "dead_letters", "commits",  "manifest", "predictions", "history",
    "links",     "keys",    "imports",      "settings", "outbox",   "watch",       "access",
    "audit",     "actions", "alerts",       "answers",  "saved"};
}  // namespace

std::string_view name_of(Family family) { return kNames[static_cast<std::size_t>(family)]; }

void WriteBatch::put(Family family, std::string key, std::string value) {
  operations_.push_back({family, std::move(key), std::move(value)});
}

void WriteBatch::remove(Family family, std::string key) {
  operations_.push_back({family, std::move(key), std::nullopt});
}

void WriteBatch::append(WriteBatch other) {
  for (auto& operation : other.operations_) operations_.push_back(std::move(operation));
}

std::string prefix_end(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty()) {
    if (static_cast<unsigned char>(end.back()) != 0xFF) {
      end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
      return end;
    }
    end.pop_back();
  }
  return end;
}

}  // namespace tideline
