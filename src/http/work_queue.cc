#include "http/work_queue.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace tideline::http {
namespace {

// Until something was measured: about the time that a byte of JSON takes.
constexpr double kFirstCost = 1e6;
constexpr double kFirstSeconds = 0.005;
// What one more piece of work leaves of the older ones' weight: about 50 count.
constexpr double kFade = 0.98;
// An estimate may be wrong by this factor before the item is late.
constexpr int kLateFactor = 4;

}  // namespace

WorkQueue::WorkQueue(Options options)
    : options_(options), took_s_(kFirstSeconds), took_cost_(kFirstCost) {
  CHECK(options_.places > 0);
}

WorkQueue::Clock::duration WorkQueue::wait_of(std::uint64_t flow_cost, std::size_t flows) const {
  const auto shared = static_cast<double>(flow_cost) * static_cast<double>(flows);
  const double ahead = std::min(static_cast<double>(waiting_cost_), shared);
  const double seconds = ahead * took_s_ / took_cost_ / options_.places;
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

// Where every place is taken.
bool WorkQueue::is_full_for(std::uint64_t flow, std::uint64_t cost) const {
  const auto known = flows_.find(flow);
  const std::uint64_t before = known == flows_.end() ? 0 : known->second.cost;
  const std::size_t flows = flows_.size() + (known == flows_.end() ? 1 : 0);
  if (waiting_.size() >= options_.items_max) return true;
  return wait_of(before + cost, flows) > options_.wait_max;
}

bool WorkQueue::would_refuse(std::uint64_t flow, std::uint64_t cost) const {
  const std::lock_guard lock(mutex_);
  return working_ == options_.places && is_full_for(flow, cost);
}

WorkQueue::Entry WorkQueue::enter(Work work, Clock::time_point now) {
  CHECK(work.cost > 0);
  const std::lock_guard lock(mutex_);
  if (working_ < options_.places) {
    ++working_;
    return Entry::now;
  }
  if (is_full_for(work.flow, work.cost)) return Entry::refused;
  Flow& flow = flows_[work.flow];
  const std::uint64_t tag = std::max(virtual_now_, flow.last_tag);
  flow.last_tag = tag + work.cost;
  flow.cost += work.cost;
  waiting_cost_ += work.cost;
  waiting_.emplace(std::pair(tag, ++number_), Waiting{std::move(work), now});
  return Entry::later;
}

std::optional<WorkQueue::Waiting> WorkQueue::take_first() {
  const std::lock_guard lock(mutex_);
  CHECK(working_ > 0);
  if (waiting_.empty()) {
    --working_;
    return std::nullopt;
  }
  auto node = waiting_.extract(waiting_.begin());
  virtual_now_ = node.key().first;
  const Work& work = node.mapped().work;
  waiting_cost_ -= work.cost;
  const auto flow = flows_.find(work.flow);
  flow->second.cost -= work.cost;
  // With nothing left it has no lead to make up for: its next tag is the virtual time.
  if (flow->second.cost == 0) flows_.erase(flow);
  return std::move(node.mapped());
}

void WorkQueue::leave(std::uint64_t cost, Clock::duration took, Clock::time_point now) {
  {
    const std::lock_guard lock(mutex_);
    took_s_ = took_s_ * kFade + std::chrono::duration<double>(took).count();
    took_cost_ = took_cost_ * kFade + static_cast<double>(cost);
  }
  while (auto first = take_first()) {
    const bool late = now - first->since > kLateFactor * options_.wait_max;
    if (first->work.start(late) && !late) return;
  }
}

WorkQueue::Load WorkQueue::load(Clock::time_point now) const {
  const std::lock_guard lock(mutex_);
  Load load{working_, waiting_.size(), flows_.size(), {}, {}};
  for (const auto& [tag, waiting] : waiting_) {
    load.oldest = std::max(load.oldest, now - waiting.since);
  }
  if (working_ == options_.places) load.wait = wait_of(1, flows_.size() + 1);
  return load;
}

}  // namespace tideline::http
