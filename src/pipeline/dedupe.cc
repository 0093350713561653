#include "pipeline/dedupe.h"

namespace tideline {

Status Dedupe::mark_repeats(std::span<WorkItem> items) {
  std::vector<EntryHead> heads;
  std::vector<std::string> keys;
  heads.reserve(items.size());
  keys.reserve(items.size());
  for (const WorkItem& item : items) {
    TRY_ASSIGN(EntryHead head, decode_entry_head(item.record.payload));
    heads.push_back(head);
    if (head.dedupe_key != Hash128{} && !in_flight_.contains(head.dedupe_key)) {
      keys.push_back(dedupe_mark_key(head.dedupe_key));
    }
  }
  TRY_ASSIGN(const auto marks, store_.get_many(Family::dedupe, keys));
  Winners committed;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!marks[i]) continue;
    TRY_ASSIGN(const DedupeMark mark, decode_dedupe_mark(*marks[i]));
    const Hash128 key{from_big_endian(keys[i]),
                      from_big_endian(std::string_view(keys[i]).substr(8))};
    committed.emplace(key, Winner{mark.content, mark.winner});
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Hash128 key = heads[i].dedupe_key;
    if (key == Hash128{}) continue;
    const Place here = items[i].record.place;
    const std::uint64_t content = content_print(heads[i].content);
    auto winner = committed.find(key);
    if (winner == committed.end()) {
      bool fresh = false;
      std::tie(winner, fresh) = in_flight_.try_emplace(key, Winner{content, here});
      if (fresh) by_shard_[here.shard].push_back({here.offset, key});
    }
    if (winner->second.place == here) continue;
    items[i].repeat = winner->second.content == content ? Repeat::duplicate : Repeat::conflict;
  }
  return {};
}

void Dedupe::forget_committed(std::uint16_t shard, std::uint64_t next_offset) {
  const auto found = by_shard_.find(shard);
  if (found == by_shard_.end()) return;
  std::deque<HandedOut>& handed_out = found->second;
  while (!handed_out.empty() && handed_out.front().offset < next_offset) {
    in_flight_.erase(handed_out.front().key);
    handed_out.pop_front();
  }
}

}  // namespace tideline
