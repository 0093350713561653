// What rescorer.cc scores at one time: customers, blocks of them, rounds of blocks. For that file
// alone.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "features/compute.h"
#include "pipeline/rescorer.h"

namespace tideline {

inline constexpr std::size_t kBlock = 128;
// Of one round: one thread's block is written while another's is computed. As many as let those
// whose turn it is after the round wait some 30 ms.
inline constexpr std::size_t kBlocksEach = 8;

struct Rescorer::Subject {
  CustomerId customer;
  std::optional<std::string> state;  // as stored; nullopt: there is none
  std::optional<KeptPrediction> before;
  KeptPrediction after;
  FeatureVector features;
  double days_since_qualifying = 0;
  bool is_there = false;
  bool to_score = false;
  bool counts = false;           // eligible, and to have a figure
  std::optional<double> amount;  // a 30 days; only where everybody is scored, or a play is due
  std::vector<PlayMark> plays_before;
  std::vector<PlayMark> plays_after;
  bool is_history = false;  // changed by imported events alone
  bool had_event = false;   // not only the clock moved on
};

struct Rescorer::Block {
  std::vector<Subject> subjects;               // in the order of their ids where `has_states`
  bool has_states = false;                     // else they are still to be read
  Status done;                                 // how scoring it ended
  std::shared_ptr<const Model> model;          // that scored them; nullptr: none
  std::vector<std::optional<double>> figures;  // of those to score, task by task
};

// Blocks scored at one time, by several threads, while the last ones may still be gathered.
class Rescorer::Round {
 public:
  // Full at so many customers.
  explicit Round(unsigned threads) : most_(threads * kBlocksEach * kBlock) {}

  [[nodiscard]] bool is_full() const { return customers_ == most_; }
  // By the one thread that gathers.
  Subject& add(CustomerId customer, bool has_states) {
    ++customers_;
    if (filling_.subjects.size() == kBlock) hand_over();
    filling_.has_states = has_states;
    Subject& subject = filling_.subjects.emplace_back();
    subject.customer = std::move(customer);
    return subject;
  }
  // Nothing is added after it.
  void close() {
    if (!filling_.subjects.empty()) hand_over();
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    there_is_one_.notify_all();
  }
  // The next one that nobody has, as soon as it is gathered; nullptr: there are no more.
  [[nodiscard]] Block* next() {
    std::unique_lock lock(mutex_);
    there_is_one_.wait(lock, [&] { return taken_ < blocks_.size() || closed_; });
    return taken_ < blocks_.size() ? &blocks_[taken_++] : nullptr;
  }
  // Once it is closed and all are scored.
  [[nodiscard]] const std::deque<Block>& blocks() const { return blocks_; }

 private:
  void hand_over() {
    {
      const std::lock_guard lock(mutex_);
      blocks_.push_back(std::exchange(filling_, Block{}));
    }
    there_is_one_.notify_one();
  }

  std::size_t most_;
  std::size_t customers_ = 0;
  Block filling_;
  std::mutex mutex_;  // everything below
  std::condition_variable there_is_one_;
  std::deque<Block> blocks_;  // none moves when others come
  std::size_t taken_ = 0;
  bool closed_ = false;
};

}  // namespace tideline
