// SqlRoom: SQL of people we do not know, over this server's lake: brings the lake up to date, has
// the query run in a confined process, and writes the answer as JSON, CSV or Parquet.
#pragma once

#include <atomic>
#include <mutex>

#include "adapters/sql_worker/sql_workers.h"
#include "api/sql_request.h"
#include "app/background.h"
#include "app/engine.h"

namespace tideline {

class SqlRoom {
 public:
  explicit SqlRoom(Engine& engine);
  ~SqlRoom() { workers_.stop(); }  // queries that run are ended
  SqlRoom(const SqlRoom&) = delete;
  SqlRoom& operator=(const SqlRoom&) = delete;

  // For Services::sql.
  [[nodiscard]] SqlService service();

 private:
  [[nodiscard]] Result<SqlAnswer> run(const SqlRequest& request);
  [[nodiscard]] Result<SqlAnswer> run_once(const SqlRequest& request);
  bool in_background(std::function<void()> work);
  [[nodiscard]] Result<std::vector<SqlTable>> tables();
  // The named views (none: all), their files relative to the lake.
  [[nodiscard]] Result<std::vector<LakeView>> views(const std::vector<std::string>& names,
                                                    bool stale);
  Status refresh(bool with_tables);
  void say_confinement();

  Engine& engine_;
  SqlWorkers workers_;
  std::atomic<int> waiting_{0};
  std::mutex refreshing_;
  std::chrono::steady_clock::time_point refreshed_[2];  // began, of events; and of all tables
  std::atomic<bool> said_{false};
  Background queries_;  // the last member: its threads use all others
};

// What `doctor` says of this machine; the folder is any that can be read.
[[nodiscard]] Result<SqlWorkerState> sql_confinement(const std::string& folder);

}  // namespace tideline
