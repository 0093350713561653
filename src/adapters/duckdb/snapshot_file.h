// write_snapshot: views of the lake as tables of one DuckDB file, for other tools.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "adapters/duckdb/duck_query.h"

namespace tideline {

struct SnapshotOptions {
  std::string path;         // an existing file is replaced when all tables are in
  std::string temp_folder;  // where it spills
  unsigned threads = 2;
  std::uint64_t memory_bytes = 1ULL << 30;
};

struct CopiedTable {
  std::string name;
  std::uint64_t rows = 0;
};

// One table a view, columns and types as the view has them. `progress` is told each table before
// it is copied and may stop the work (cancelled). On an error nothing is left behind.
[[nodiscard]] Result<std::vector<CopiedTable>> write_snapshot(
    const SnapshotOptions& options, const std::vector<LakeView>& views,
    const std::function<bool(const std::string& table)>& progress);

}  // namespace tideline
