// What POST /api/v1/sql asks for and answers; `app` runs it in a confined process.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ports/lake.h"

namespace tideline {

enum class SqlFormat : std::uint8_t { json, csv, parquet };

struct SqlRequest {
  std::string id;  // to cancel it by; may be empty
  std::string sql;
  std::vector<Cell> parameters;
  std::uint64_t rows_max = 0;  // 0: as many as the settings allow
  SqlFormat format = SqlFormat::json;
  bool stale = false;  // the lake as it is, without bringing it up to date first
};

struct SqlAnswer {
  std::string body;  // of the format; for JSON the whole answer
  std::uint64_t rows = 0;
  bool truncated = false;
};

// A view that a query can read.
struct SqlTable {
  std::string name;
  struct Column {
    std::string name;
    std::string type;  // as SQL writes it
  };
  std::vector<Column> columns;
};

// Thread-safe. All of them empty: this server runs no SQL.
struct SqlService {
  // May take as long as a query may run; not for the server's threads.
  std::function<Result<SqlAnswer>(const SqlRequest&)> run;
  // Gets work of run() to a thread; false: too much waits already.
  std::function<bool(std::function<void()>)> in_background;
  std::function<bool(const std::string& id)> cancel;
  std::function<Result<std::vector<SqlTable>>()> tables;
};

}  // namespace tideline
