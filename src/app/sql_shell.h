// The shell of `tideline sql`: lines with history at a terminal, or statements from a pipe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/duckdb/duck_query.h"
#include "app/session.h"

namespace tideline {

enum class ShellMode : std::uint8_t { table, csv, json, line };

struct ShellOptions {
  ShellMode mode = ShellMode::table;
  bool stale = false;  // the lake is not brought up to date first
};

// The views in the answer of the operation "files".
[[nodiscard]] std::vector<LakeView> views_in(const Json& result);

// Reads statements, each up to its semicolon, and lines that begin with a dot, until the end of
// the input or .quit. The exit code: 0; at a pipe 1 when a statement failed, and none after it
// runs.
[[nodiscard]] int run_sql_shell(const FolderFlags& folder, const ShellOptions& options);

// Where the first statement of `text` ends: behind its semicolon; nullopt: it goes on. Semicolons
// in quotes, in comments and in $tag$ texts do not count.
[[nodiscard]] std::optional<std::size_t> statement_end(std::string_view text);

}  // namespace tideline
