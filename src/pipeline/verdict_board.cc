#include "pipeline/verdict_board.h"

#include <algorithm>

namespace tideline {

VerdictBoard::VerdictBoard(std::uint16_t shards, std::size_t kept) : shards_(shards), kept_(kept) {
  for (auto& shard : shards_) shard.ring.resize(kept);
}

void VerdictBoard::begin_at(std::uint16_t shard, std::uint64_t next_offset) {
  const std::lock_guard lock(mutex_);
  shards_[shard].next = next_offset;
}

bool VerdictBoard::committed(const std::vector<Place>& places) const {
  return std::all_of(places.begin(), places.end(), [&](Place p) {
    return p.shard < shards_.size() && p.offset < shards_[p.shard].next;
  });
}

std::vector<PostedVerdict> VerdictBoard::verdicts(const std::vector<Place>& places) const {
  std::vector<PostedVerdict> result;
  result.reserve(places.size());
  for (const Place p : places) result.push_back(shards_[p.shard].ring[p.offset % kept_]);
  return result;
}

void VerdictBoard::post(std::uint16_t shard, std::uint64_t first_offset,
                        std::span<const PostedVerdict> verdicts_now) {
  std::vector<std::pair<Ready, std::vector<PostedVerdict>>> due;
  {
    const std::lock_guard lock(mutex_);
    ShardBoard& board = shards_[shard];
    for (std::size_t i = 0; i < verdicts_now.size(); ++i) {
      board.ring[(first_offset + i) % kept_] = verdicts_now[i];
    }
    board.next = first_offset + verdicts_now.size();
    std::erase_if(waits_, [&](Wait& wait) {
      if (!committed(wait.places)) return false;
      due.emplace_back(std::move(wait.ready), verdicts(wait.places));
      return true;
    });
  }
  for (auto& [ready, result] : due) ready(std::move(result));
}

void VerdictBoard::when(std::vector<Place> places, Time deadline, Ready ready) {
  std::unique_lock lock(mutex_);
  if (closed_) {
    lock.unlock();
    return ready(fail(ErrorCode::unavailable, "the program is shutting down"));
  }
  if (committed(places)) {
    auto result = verdicts(places);
    lock.unlock();
    return ready(std::move(result));
  }
  waits_.push_back({std::move(places), deadline, std::move(ready)});
}

void VerdictBoard::expire(Time now) {
  std::vector<Ready> late;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(waits_, [&](Wait& wait) {
      if (now < wait.deadline) return false;
      late.push_back(std::move(wait.ready));
      return true;
    });
  }
  for (auto& ready : late) {
    ready(fail(ErrorCode::timeout,
               "the events are stored, but were not processed in time; they will be"));
  }
}

void VerdictBoard::close() {
  std::vector<Wait> waits;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    waits.swap(waits_);
  }
  for (auto& wait : waits)
    wait.ready(fail(ErrorCode::unavailable, "the program is shutting down"));
}

}  // namespace tideline
