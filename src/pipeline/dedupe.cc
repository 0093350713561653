#include "pipeline/dedupe.h"

namespace tideline {

Status Dedupe::mark_repeats(std::span<WorkItem> items) {
  std::vector<EntryHead> heads;
  std::vector<std::string> keys;
  for (const WorkItem& item : items) {
    TRY_ASSIGN(EntryHead head, decode_entry_head(item.record.payload));
    heads.push_back(head);
    if (head.dedupe_key != Hash128{} && !in_flight_.contains(head.dedupe_key)) {
      keys.push_back(dedupe_mark_key(head.dedupe_key));
    }
  }
  TRY_ASSIGN(const auto marks, store_.get_many(Family::dedupe, keys));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!marks[i]) continue;
    TRY_ASSIGN(const DedupeMark mark, decode_dedupe_mark(*marks[i]));
    const Hash128 key{from_big_endian(keys[i]),
                      from_big_endian(std::string_view(keys[i]).substr(8))};
    in_flight_.emplace(key, Winner{mark.content, mark.winner});
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (heads[i].dedupe_key == Hash128{}) continue;
    const Place here = items[i].record.place;
    const auto [winner, fresh] =
        in_flight_.try_emplace(heads[i].dedupe_key, Winner{heads[i].content, here});
    if (fresh || winner->second.place == here) continue;
    items[i].repeat =
        winner->second.content == heads[i].content ? Repeat::duplicate : Repeat::conflict;
  }
  return {};
}

void Dedupe::forget_committed(std::uint16_t shard, std::uint64_t next_offset) {
  std::erase_if(in_flight_, [&](const auto& entry) {
    return entry.second.place.shard == shard && entry.second.place.offset < next_offset;
  });
}

}  // namespace tideline
