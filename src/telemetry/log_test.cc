#include "telemetry/log.h"

#include <gtest/gtest.h>

#include <sstream>

namespace tideline {
namespace {

struct LogTest : ::testing::Test {
  ManualClock clock{*parse_time("2026-01-02T03:04:05.006Z")};
  std::ostringstream out;
};

TEST_F(LogTest, WritesTimeLevelMessageAndFields) {
  Logger logger(clock, LogLevel::info, out);
  logger.info("listening", {{"address", "127.0.0.1"}, {"port", 3002}, {"tls", false}});
  logger.error("stopped");
  EXPECT_EQ(out.str(),
            "2026-01-02T03:04:05.006Z info  listening address=127.0.0.1 port=3002 tls=false\n"
            "2026-01-02T03:04:05.006Z error stopped\n");
}

TEST_F(LogTest, LeavesOutWhatIsBelowTheLevel) {
  Logger logger(clock, LogLevel::warn, out);
  logger.debug("a");
  logger.info("b");
  logger.warn("c");
  EXPECT_EQ(out.str(), "2026-01-02T03:04:05.006Z warn  c\n");
  Logger silent(clock, LogLevel::off, out);
  silent.error("d");
  EXPECT_EQ(out.str(), "2026-01-02T03:04:05.006Z warn  c\n");
}

TEST_F(LogTest, NoValueStartsALineOrAFieldOfItsOwn) {
  Logger logger(clock, LogLevel::info, out);
  logger.info("bad {} name\nforged", {{"id", "a b\n\"x\"\\=1"}, {"empty", ""}, {"odd", "a=b"}});
  EXPECT_EQ(out.str(),
            "2026-01-02T03:04:05.006Z info  bad {} name\\x0aforged"
            " id=\"a b\\x0a\\\"x\\\"\\\\=1\" empty=\"\" odd=\"a=b\"\n");
}

TEST_F(LogTest, AnErrorCarriesItsCodeAndReason) {
  Logger logger(clock, LogLevel::info, out);
  logger.error("append", Error{ErrorCode::io_failed, "sync of 0001.seg failed", "eio"});
  EXPECT_EQ(out.str(),
            "2026-01-02T03:04:05.006Z error append: sync of 0001.seg failed"
            " code=io_failed reason=eio\n");
}

TEST(LogLevelTest, NamesGoBothWays) {
  for (const auto level :
       {LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error, LogLevel::off}) {
    EXPECT_EQ(parse_log_level(name_of(level)), level);
  }
  EXPECT_FALSE(parse_log_level("INFO").has_value());
  EXPECT_FALSE(parse_log_level("").has_value());
}

}  // namespace
}  // namespace tideline
