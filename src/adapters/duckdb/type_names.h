// Names of DuckDB's types as SQL writes them: DECIMAL(18,3), VARCHAR[], STRUCT(a INTEGER).
#pragma once

#include <duckdb.h>

#include <string>

namespace tideline {

[[nodiscard]] std::string type_name(duckdb_logical_type type);

}  // namespace tideline
