#include "telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace tideline {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, ExposesWhatWasCounted) {
  Metrics metrics;
  metrics.counter("tideline_events_total", "Events by verdict.", {{"verdict", "applied"}}).add(3);
  metrics.counter("tideline_events_total", "Events by verdict.", {{"verdict", "late"}}).add();
  const Gauge depth = metrics.gauge("tideline_queue_events", "Events waiting.");
  depth.set(7);
  depth.add(-2);
  const Histogram sync = metrics.histogram("tideline_sync_seconds", "A sync.", {0.001, 0.01});
  sync.observe(0.005);
  const std::string text = metrics.expose();
  EXPECT_THAT(text, HasSubstr("# HELP tideline_events_total Events by verdict.\n"
                              "# TYPE tideline_events_total counter\n"));
  EXPECT_THAT(text, HasSubstr("tideline_events_total{verdict=\"applied\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("tideline_events_total{verdict=\"late\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("tideline_queue_events 5\n"));
  EXPECT_THAT(text, HasSubstr("tideline_sync_seconds_bucket{le=\"0.001\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("tideline_sync_seconds_bucket{le=\"0.01\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("tideline_sync_seconds_count 1\n"));
}

TEST(Metrics, SameNameAndLabelsAreTheSameSeries) {
  Metrics metrics;
  const Counter first = metrics.counter("tideline_x_total", "X.", {{"shard", "1"}});
  const Counter again = metrics.counter("tideline_x_total", "X.", {{"shard", "1"}});
  const Counter other = metrics.counter("tideline_x_total", "X.", {{"shard", "2"}});
  first.add();
  EXPECT_EQ(again.value(), 1);
  EXPECT_EQ(other.value(), 0);
}

TEST(Metrics, CountsFromManyThreadsWithoutLoss) {
  Metrics metrics;
  const Counter counter = metrics.counter("tideline_x_total", "X.");
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([counter] {
      for (int n = 0; n < 10000; ++n) counter.add();
    });
  }
  threads.clear();
  EXPECT_EQ(counter.value(), 40000);
}

TEST(Metrics, DefaultHandlesCountNothing) {
  Counter().add();
  Gauge().set(4);
  Histogram().observe(1);
  EXPECT_EQ(Counter().value(), 0);
  EXPECT_EQ(Gauge().value(), 0);
}

TEST(MetricsDeathTest, AnotherKindOrABadNameEndsTheProcess) {
  Metrics metrics;
  (void)metrics.counter("tideline_x_total", "X.");
  EXPECT_DEATH((void)metrics.gauge("tideline_x_total", "X."), "check failed");
  EXPECT_DEATH((void)metrics.gauge("tideline-x", "X."), "check failed");
}

}  // namespace
}  // namespace tideline
