// LakeTables: the tables of the lake beside events, written from state: predictions, tier_changes
// (appended), and customers, features, dead_letters (as they stand, replaced at each export).
// Columns: docs/lake.md.
#pragma once

#include "base/clock.h"
#include "packs/pack.h"
#include "pipeline/manifest.h"
#include "ports/lake.h"

namespace tideline {

class LakeTables {
 public:
  LakeTables(const Pack& pack, StateStore& store, Lake& lake, const Clock& clock)
      : pack_(pack), store_(store), lake_(lake), clock_(clock) {}

  // Moves what waits in the outbox into new files. Exactly once: the rows leave the outbox in the
  // write that names the file in the manifest.
  Status append_waiting();
  // Rewrites customers, features and dead_letters as of now, and removes the files that they
  // replace.
  Status replace_current();

  // Columns of each table, in order, for the views of `sql`; events is the lake's own.
  [[nodiscard]] std::vector<Column> columns(const std::string& table) const;

 private:
  class Pages;
  Status append_table(const std::string& table);
  Status replace(const std::string& table, Rows rows);
  [[nodiscard]] Result<Rows> dead_letter_rows();
  Status customer_rows(Rows& customers, Rows& features);

  const Pack& pack_;
  StateStore& store_;
  Lake& lake_;
  const Clock& clock_;
};

}  // namespace tideline
