// SavedQueries: SQL that people keep under a name.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "ports/state_store.h"

namespace tideline {

struct SavedQuery {
  std::string id;
  std::string name;
  std::string sql;
  Time changed{};
};

// Family::saved, key "query" + id. Thread-safe.
class SavedQueries {
 public:
  static constexpr std::size_t kCountMax = 1'000;
  static constexpr std::size_t kNameBytesMax = 200;
  static constexpr std::size_t kSqlBytesMax = 100'000;

  SavedQueries(StateStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  // By name.
  [[nodiscard]] Result<std::vector<SavedQuery>> list();
  // With the id of one that is there, in its place; `id` is never empty. too_large over a limit.
  [[nodiscard]] Result<SavedQuery> save(const std::string& id, const std::string& name,
                                        const std::string& sql);
  [[nodiscard]] Result<SavedQuery> find(const std::string& id);
  Status remove(const std::string& id);  // not_found

 private:
  StateStore& store_;
  const Clock& clock_;
};

}  // namespace tideline
