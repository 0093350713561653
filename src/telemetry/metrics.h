// Metrics: named counters, gauges and histograms, and their Prometheus text.
//
// One Metrics object is made by `app` and passed to whoever counts. A module groups the handles it
// needs in a small probe struct, made once at start-up; counting itself is lock-free.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace tideline {

// A handle stays valid as long as its Metrics; a default-constructed one counts nothing, so that a
// module can be tested without telemetry. All handles are thread-safe.
class Counter {
 public:
  Counter() = default;
  void add(double amount = 1.0) const;  // amount >= 0
  [[nodiscard]] double value() const;

 private:
  friend class Metrics;
  explicit Counter(prometheus::Counter* counter) : counter_(counter) {}
  prometheus::Counter* counter_ = nullptr;
};

class Gauge {
 public:
  Gauge() = default;
  void set(double value) const;
  void add(double amount) const;  // negative to go down
  [[nodiscard]] double value() const;

 private:
  friend class Metrics;
  explicit Gauge(prometheus::Gauge* gauge) : gauge_(gauge) {}
  prometheus::Gauge* gauge_ = nullptr;
};

class Histogram {
 public:
  Histogram() = default;
  void observe(double value) const;

 private:
  friend class Metrics;
  explicit Histogram(prometheus::Histogram* histogram) : histogram_(histogram) {}
  prometheus::Histogram* histogram_ = nullptr;
};

using Labels = std::map<std::string, std::string>;

// Upper bounds in seconds, 100 microseconds to 10 s.
[[nodiscard]] std::vector<double> latency_buckets_s();

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // Names follow Prometheus: tideline_events_total, tideline_queue_events, tideline_sync_seconds.
  // The same name and labels give the same series again; the same name with another kind, or a
  // name Prometheus does not allow, is a programmer's error. Thread-safe.
  [[nodiscard]] Counter counter(const std::string& name, const std::string& help,
                                const Labels& labels = {});
  [[nodiscard]] Gauge gauge(const std::string& name, const std::string& help,
                            const Labels& labels = {});
  // `buckets` are ascending upper bounds; the last one, +Inf, is added.
  [[nodiscard]] Histogram histogram(const std::string& name, const std::string& help,
                                    const std::vector<double>& buckets, const Labels& labels = {});

  // The Prometheus text format, version 0.0.4.
  [[nodiscard]] std::string expose() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tideline
