// Queries in processes of their own: this program, started again as `sql-worker`.
#include "adapters/sql_worker/sql_workers.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>

#include "adapters/duckdb/parquet_writer.h"
#include "adapters/duckdb/test_folder.h"
#include "adapters/sql_worker/sql_worker.h"

namespace tideline {
namespace {

// Before gtest's main: the process that SqlWorkers starts.
[[gnu::constructor]] void be_a_worker(int count, char** words) {
  if (count < 2 || std::strcmp(words[1], "sql-worker") != 0) return;
  SqlWorkerOptions options;
  for (int i = 2; i < count; ++i) {
    const std::string word = words[i];
    const char* value = i + 1 < count ? words[i + 1] : "0";
    if (word == "--folder") options.folder = value;
    if (word == "--threads") options.threads = static_cast<unsigned>(std::atoi(value));
    if (word == "--memory-bytes") options.memory_bytes = std::strtoull(value, nullptr, 10);
    if (word == "--cpu-s") options.cpu_s = std::strtoull(value, nullptr, 10);
    if (word == "--switches-open") options.switches_open = true;
  }
  std::_Exit(run_sql_worker(options));
}

class Collected final : public ResultSink {
 public:
  Status begin(std::span<const ResultColumn> columns) override {
    columns_.assign(columns.begin(), columns.end());
    return {};
  }
  Result<bool> row(std::span<const Cell> cells) override {
    rows_.emplace_back(cells.begin(), cells.end());
    return true;
  }
  Status end() override { return {}; }
  std::vector<ResultColumn> columns_;
  std::vector<std::vector<Cell>> rows_;
};

class SqlWorkersTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(lake() + "/events");
    for (const std::string& folder : {lake(), lake() + "/events"})
      std::filesystem::permissions(folder, std::filesystem::perms(0755));
    Rows rows{{{"customer_id", ColumnType::text}, {"amount", ColumnType::number}}, {}};
    for (int i = 0; i < 1'000; ++i) {
      rows.cells.push_back({Cell("c" + std::to_string(i % 10)), Cell(i * 0.5)});
    }
    ASSERT_TRUE(write_parquet(lake() + "/events/a.parquet", rows));
    std::ofstream(folder_.path("secret")) << "canary";
  }
  [[nodiscard]] std::string lake() const { return folder_.path("lake"); }
  [[nodiscard]] SqlWorkersOptions options() const {
    SqlWorkersOptions options;
    options.folder = lake();
    options.memory_bytes = 64ULL << 20;
    return options;
  }
  [[nodiscard]] Result<SqlOutcome> ask(SqlWorkers& workers, SqlQuestion question) {
    sink_ = Collected();
    return workers.run(
        question,
        [&](const std::vector<std::string>& tables) -> Result<std::vector<LakeView>> {
          tables_ = tables;
          return std::vector<LakeView>{
              {"events", {{"customer_id"}, {"amount", "DOUBLE"}}, {"events/a.parquet"}, ""}};
        },
        sink_);
  }
  [[nodiscard]] Result<SqlOutcome> ask(SqlWorkers& workers, const std::string& sql) {
    SqlQuestion question;
    question.sql = sql;
    return ask(workers, question);
  }
  TestFolder folder_;
  Collected sink_;
  std::vector<std::string> tables_;
};

TEST_F(SqlWorkersTest, AnswersWithTypedRows) {
  SqlWorkers workers(options());
  const auto outcome =
      ask(workers, "SELECT customer_id, sum(amount) AS total FROM Events GROUP BY 1 ORDER BY 1");
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->rows, 10u);
  EXPECT_FALSE(outcome->truncated);
  ASSERT_EQ(sink_.rows_.size(), 10u);
  EXPECT_EQ(sink_.columns_[1].type, "DOUBLE");
  EXPECT_EQ(std::get<std::string>(sink_.rows_[0][0]), "c0");
  EXPECT_EQ(std::get<double>(sink_.rows_[0][1]), 24'750.0);
  EXPECT_EQ(tables_, std::vector<std::string>{"events"});
}

TEST_F(SqlWorkersTest, TakesParametersAndCutsRows) {
  SqlWorkers workers(options());
  SqlQuestion question;
  question.sql = "SELECT amount FROM events WHERE customer_id = $1";
  question.parameters = {Cell(std::string("c3"))};
  question.rows_max = 7;
  const auto outcome = ask(workers, question);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->rows, 7u);
  EXPECT_TRUE(outcome->truncated);
}

TEST_F(SqlWorkersTest, SaysWhatIsWrong) {
  SqlWorkers workers(options());
  EXPECT_EQ(ask(workers, "SELECT nothing FROM events").error().reason, "sql_error");
  EXPECT_EQ(ask(workers, "CREATE TABLE t (x INT)").error().reason, "select_only");
  EXPECT_EQ(ask(workers, "EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1").error().reason,
            "select_only");
  EXPECT_FALSE(ask(workers, "SELECT 1; SELECT 2"));
  EXPECT_FALSE(ask(workers, "SELECT"));
  EXPECT_TRUE(ask(workers, "EXPLAIN ANALYZE SELECT 1"));
}

TEST_F(SqlWorkersTest, ReadsNothingElseAlsoWithSwitchesOpen) {
  for (const bool open : {false, true}) {
    SqlWorkersOptions choice = options();
    choice.switches_open = open;
    SqlWorkers workers(choice);
    for (const std::string& file : {folder_.path("secret"), std::string("/etc/passwd"),
                                    std::string("../secret"), std::string("/proc/self/maps")}) {
      const auto outcome = ask(workers, "SELECT content FROM read_text('" + file + "')");
      EXPECT_TRUE(!outcome || outcome->rows == 0) << file << (open ? ", open" : ", closed");
    }
    EXPECT_FALSE(ask(workers, "COPY (SELECT 1) TO 'made.csv'"));
    EXPECT_FALSE(ask(workers, "COPY (SELECT 1) TO '" + lake() + "/made.csv'"));
    EXPECT_FALSE(ask(workers, "INSTALL httpfs"));
    EXPECT_TRUE(ask(workers, "SELECT count(*) FROM events"));
  }
  EXPECT_FALSE(std::filesystem::exists(lake() + "/made.csv"));
}

TEST_F(SqlWorkersTest, EndsAtItsLimits) {
  SqlWorkers workers(options());
  SqlQuestion slow;
  slow.sql = "SELECT sum(sin(range)) FROM range(1000000000000)";
  slow.time_max = std::chrono::milliseconds(500);
  EXPECT_EQ(ask(workers, slow).error().reason, "sql_timeout");
  EXPECT_EQ(ask(workers, "SELECT list(range) FROM range(300000000)").error().reason,
            "sql_memory_limit");
  EXPECT_TRUE(ask(workers, "SELECT 1"));
}

TEST_F(SqlWorkersTest, ARunningQueryIsCancelledByItsId) {
  SqlWorkers workers(options());
  SqlQuestion slow;
  slow.id = "mine";
  slow.sql = "SELECT sum(sin(range)) FROM range(1000000000000)";
  auto running = std::async(std::launch::async, [&] { return ask(workers, slow); });
  while (!workers.cancel("mine")) {}
  EXPECT_EQ(running.get().error().reason, "sql_cancelled");
  EXPECT_FALSE(workers.cancel("mine"));
}

TEST_F(SqlWorkersTest, TellsHowItIsConfined) {
  SqlWorkers workers(options());
  const auto state = workers.probe();
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_NE(state->confinement.find("few system calls"), std::string::npos);
  std::printf("%s; missing: %s\n", state->confinement.c_str(), state->missing.c_str());
}

}  // namespace
}  // namespace tideline
