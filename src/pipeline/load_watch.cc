#include "pipeline/load_watch.h"

#include <algorithm>

namespace tideline {
namespace {

// Below this share of busy time a rate says nothing about what the workers could do.
constexpr double kTellingShare = 0.01;

}  // namespace

void LoadWatch::note(const LoadSample& sample) {
  const std::lock_guard lock(mutex_);
  if (!samples_.empty() && sample.at <= samples_.back().at) samples_.clear();
  samples_.push_back(sample);
  while (samples_.size() > 2 && samples_[1].at <= sample.at - over_) samples_.pop_front();
}

LoadRates LoadWatch::rates() const {
  const std::lock_guard lock(mutex_);
  LoadRates rates;
  if (samples_.size() < 2) return rates;
  const LoadSample& first = samples_.front();
  const LoadSample& last = samples_.back();
  rates.over_s = std::chrono::duration<double>(last.at - first.at).count();
  const auto per_s = [&](std::uint64_t from, std::uint64_t to) {
    return static_cast<double>(to - from) / rates.over_s;
  };
  rates.stored_per_s = per_s(first.stored, last.stored);
  rates.applied_per_s = per_s(first.applied, last.applied);
  if (last.commits > first.commits) {
    rates.events_per_commit = static_cast<double>(last.applied - first.applied) /
                              static_cast<double>(last.commits - first.commits);
  }
  const double busy_s = std::chrono::duration<double>(last.busy - first.busy).count();
  rates.utilisation = std::min(1.0, busy_s / (rates.over_s * std::max(1, workers_)));
  if (rates.utilisation >= kTellingShare && rates.applied_per_s > 0) {
    rates.headroom_per_s = rates.applied_per_s * (1 / rates.utilisation - 1);
  }
  return rates;
}

}  // namespace tideline
