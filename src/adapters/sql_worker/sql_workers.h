// SqlWorkers: untrusted SQL over the lake, each query in a confined process of its own
// (docs/adr/0017-sql-in-a-confined-process.md).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/duckdb/duck_query.h"
#include "base/time.h"

namespace tideline {

struct SqlWorkersOptions {
  std::string program = "/proc/self/exe";  // run as `PROGRAM sql-worker ...`
  std::string folder;                      // the lake
  unsigned threads = 2;
  std::uint64_t memory_bytes = 512ULL << 20;
  Duration time_max = std::chrono::seconds(30);  // of the longest query
  unsigned warm = 1;                             // processes that wait for a query
  bool switches_open = false;                    // of tests: SqlWorkerOptions
};

struct SqlQuestion {
  std::string id;  // to cancel it by; empty: it cannot be
  std::string sql;
  std::vector<Cell> parameters;
  std::uint64_t rows_max = 10'000;
  Duration time_max = std::chrono::seconds(30);
};

struct SqlOutcome {
  std::uint64_t rows = 0;
  bool truncated = false;  // there are more, or the sink wanted no more
};

struct SqlWorkerState {
  std::string confinement;  // in words
  std::string missing;      // what this machine does not offer; empty: nothing
};

// Thread-safe: queries run side by side, each in its process.
class SqlWorkers {
 public:
  // The views that a query reads, by name in lower case, with files relative to the lake. Asked
  // for none: all of them; for one without a name: none.
  using Views = std::function<Result<std::vector<LakeView>>(const std::vector<std::string>&)>;

  explicit SqlWorkers(SqlWorkersOptions options);
  ~SqlWorkers();  // ends the processes

  // Errors: what DuckDB says (sql_error, and where a file went meanwhile sql_file_gone),
  // select_only, sql_timeout, sql_memory_limit, sql_cancelled, sql_not_confined, sql_worker.
  [[nodiscard]] Result<SqlOutcome> run(const SqlQuestion& question, const Views& views,
                                       ResultSink& sink);
  // Ends the query of that id; false when there is none.
  bool cancel(const std::string& id);
  // Ends every query: the server goes.
  void stop();
  // Starts a process and asks it how it is confined.
  [[nodiscard]] Result<SqlWorkerState> probe();

 private:
  struct Worker;
  class Watched;
  [[nodiscard]] Result<std::unique_ptr<Worker>> start();
  [[nodiscard]] Result<std::unique_ptr<Worker>> take();
  [[nodiscard]] Result<SqlOutcome> converse(Worker& worker, const SqlQuestion& question,
                                            const Views& views, ResultSink& sink);
  [[nodiscard]] Error told(const Error& error, Worker& worker, const SqlQuestion& question);

  SqlWorkersOptions options_;
  std::mutex mutex_;
  std::deque<std::unique_ptr<Worker>> warm_;
  struct Running {
    int process = 0;
    bool cancelled = false;
  };
  std::map<std::string, Running> running_;  // by the question's id, or a number behind "#"
  std::uint64_t nameless_ = 0;
  bool stopping_ = false;
};

}  // namespace tideline
