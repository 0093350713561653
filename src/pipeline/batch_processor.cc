#include "pipeline/batch_processor.h"

#include <algorithm>
#include <csignal>
#include <stdexcept>

#include "base/fault.h"
#include "pipeline/observe.h"

namespace tideline {
namespace {

// Test builds can be told to choke on events of these names (design 4.3: poison).
void choke_on_planted_poison(const std::string& name) {
  if (!fault::planted("poison")) return;
  if (name == "Planted Throw") throw std::runtime_error("planted throw");
  if (name == "Planted Kill") std::raise(SIGKILL);
  if (name == "Planted Hang") {
    for (volatile bool forever = true; forever;) {}
  }
}

}  // namespace

struct BatchProcessor::Pending {
  std::size_t item = 0;
  std::uint64_t offset = 0;
  Event event;
  bool late = false;
};

struct BatchProcessor::Work {
  std::vector<Entry> entries;
  std::vector<Pending> pending;
  States before;  // as loaded
  States after;   // of what was applied
  std::vector<ItemOutcome> outcomes;
  std::vector<std::optional<DeadLetter>> retried;  // the letter that an entry retries
  std::uint32_t tries = 0;
  std::vector<std::pair<std::size_t, DeadLetter>> letters;  // by item
  BatchOutcome result;
};

BatchProcessor::BatchProcessor(BatchOptions options, const Pack& pack, StateStore& store,
                               std::function<void(std::uint64_t)> before_record)
    : options_(std::move(options)),
      pack_(pack),
      store_(store),
      before_record_(std::move(before_record)),
      observer_(pack) {}

Result<BatchOutcome> BatchProcessor::process(const ShardCommit& before,
                                             std::span<const WorkItem> items, Time now,
                                             const std::string& give_up) {
  touched_.clear();
  Work work;
  work.outcomes.resize(items.size());
  work.retried.resize(items.size());
  TRY(sort_out(work, items, now));
  if (!give_up.empty()) {
    for (const Pending& pending : work.pending) {
      dead_letter(work, pending.item, DeadLetterCode::poison, give_up, now);
    }
    work.pending.clear();
  }
  TRY(load_states(work));
  if (!work.pending.empty()) try_range(work, 0, work.pending.size(), now);
  finish(work, before, items);
  return std::move(work.result);
}

// Decides everything that does not need the customer's state.
Result<void> BatchProcessor::sort_out(Work& work, std::span<const WorkItem> items, Time now) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    const LogRecord& record = items[i].record;
    TRY_ASSIGN(Entry entry, decode_entry(record.payload, record.stored_time));
    work.entries.push_back(std::move(entry));
    const Entry& at = work.entries.back();
    if (!at.rules.retry_of.empty()) {
      const auto place = place_of_dead_letter_id(at.rules.retry_of);
      if (place) {
        TRY_ASSIGN(work.retried[i], load<DeadLetter>(store_, Family::dead_letters,
                                                     dead_letter_key(*place), decode_dead_letter));
      }
    }
    const bool retry_done = work.retried[i] && work.retried[i]->status != "open";
    Repeat repeat = items[i].repeat;
    if (work.retried[i] && repeat == Repeat::fresh && at.event()) {
      TRY_ASSIGN(repeat, repeat_of_retry(*at.event(), work.retried[i]->place));
    }
    if ((repeat == Repeat::duplicate && !fault::planted("dedupe_skipped")) || retry_done) {
      work.outcomes[i].verdict = Verdict::duplicate;
    } else if (const Reject* reject = at.reject()) {
      dead_letter(work, i, reject->code, reject->reason, now);
      work.outcomes[i].verdict = Verdict::rejected;
    } else if (repeat == Repeat::conflict) {
      dead_letter(work, i, DeadLetterCode::conflict,
                  "another event with this source and message id, but other content, came first",
                  now);
      work.outcomes[i].verdict = Verdict::conflict;
    } else {
      const Duration late = at.event()->arrival_time - at.event()->event_time;
      if (late > options_.too_late) {
        dead_letter(work, i, DeadLetterCode::too_late,
                    "the event lies " + std::to_string(late / kDay) + " days before its arrival",
                    now);
      } else {
        work.pending.push_back({i, record.place.offset, *at.event(), late > options_.lateness});
      }
    }
  }
  return {};
}

// A retry comes under a key of its own; whether its event was applied meanwhile under the sender's
// id, e.g. because the sender mended it, the sender's mark tells.
Result<Repeat> BatchProcessor::repeat_of_retry(const Event& event, Place letter) {
  const std::string key = dedupe_mark_key(dedupe_key_of(event.source, event.message_id));
  TRY_ASSIGN(const auto mark, load<DedupeMark>(store_, Family::dedupe, key, decode_dedupe_mark));
  if (!mark || mark->winner == letter) return Repeat::fresh;
  return mark->content == event.content ? Repeat::duplicate : Repeat::conflict;
}

Result<void> BatchProcessor::load_states(Work& work) {
  std::vector<std::string> missing;
  for (const Pending& pending : work.pending) {
    const CustomerId& customer = pending.event.customer;
    if (work.before.contains(customer)) continue;
    if (const auto cached = cache_.find(customer); cached != cache_.end()) {
      work.before.emplace(customer, cached->second.state);
    } else {
      work.before.emplace(customer, CustomerState());
      missing.push_back(customer.str());
    }
  }
  TRY_ASSIGN(const auto stored, store_.get_many(Family::customers, missing));
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (!stored[i]) continue;
    TRY_ASSIGN(work.before[CustomerId(missing[i])], CustomerState::decode(pack_, *stored[i]));
  }
  return {};
}

// Applies pending[begin, end) all together, or, when that throws, its halves (design 4.3: bisect).
void BatchProcessor::try_range(Work& work, std::size_t begin, std::size_t end, Time now) {
  ++work.tries;
  States states;
  std::vector<ItemOutcome> outcomes(end - begin);
  try {
    for (std::size_t i = begin; i < end; ++i) {
      ++work.outcomes[work.pending[i].item].attempts;
      if (before_record_) before_record_(work.pending[i].offset);
      outcomes[i - begin] = apply_one(work, work.pending[i], states);
    }
  } catch (const std::exception& error) {
    if (fault::planted("batch_dropped_on_bad_event")) return;
    if (end - begin == 1) {
      dead_letter(work, work.pending[begin].item, DeadLetterCode::poison,
                  std::string("processing failed: ") + error.what(), now);
      return;
    }
    const std::size_t middle = begin + (end - begin) / 2;
    try_range(work, begin, middle, now);
    try_range(work, middle, end, now);
    return;
  }
  for (auto& [customer, state] : states) work.after.insert_or_assign(customer, std::move(state));
  for (std::size_t i = begin; i < end; ++i) {
    const std::size_t item = work.pending[i].item;
    const ItemOutcome& outcome = outcomes[i - begin];
    if (outcome.code) {
      dead_letter(work, item, *outcome.code, outcome.reason, now);
    } else {
      work.outcomes[item].verdict = outcome.verdict;
      work.outcomes[item].foreign_currency = outcome.foreign_currency;
      work.result.changed.push_back(
          {work.pending[i].event.customer,
           work.pending[i].late ? std::optional(work.pending[i].event.event_time) : std::nullopt});
    }
  }
}

// Throws what observe() or a planted fault throws; try_range() catches it.
ItemOutcome BatchProcessor::apply_one(Work& work, const Pending& pending, States& states) {
  const Event& event = pending.event;
  choke_on_planted_poison(event.name);
  ItemOutcome outcome;
  auto observation = observe(observer_, event);
  if (!observation) {
    outcome.code = DeadLetterCode::bad_property;
    outcome.reason = observation.error().message;
    return outcome;
  }
  auto state = states.find(event.customer);
  if (state == states.end()) {
    const auto applied = work.after.find(event.customer);
    const CustomerState& base =
        applied != work.after.end() ? applied->second : work.before.at(event.customer);
    state = states.emplace(event.customer, base).first;
  }
  state->second.apply(pack_, std::span(&*observation, 1));
  outcome.foreign_currency = observation->foreign_currency;
  outcome.verdict = pending.late ? Verdict::late_applied : Verdict::applied;
  return outcome;
}

void BatchProcessor::dead_letter(Work& work, std::size_t item, DeadLetterCode code,
                                 std::string reason, Time now) {
  ItemOutcome& outcome = work.outcomes[item];
  outcome.verdict = Verdict::dead_lettered;
  outcome.code = code;
  outcome.reason = reason;
  DeadLetter letter;
  const Entry& entry = work.entries[item];
  if (work.retried[item]) {
    letter = *work.retried[item];  // the same letter, tried again
  } else if (const Reject* reject = entry.reject()) {
    letter.payload = reject->payload;
    letter.payload_bytes = reject->payload_bytes;
    letter.payload_hash = reject->payload_hash;
    letter.source = reject->source;
    letter.customer_id = reject->customer_id;
  } else {
    const Event& event = *entry.event();
    letter.payload = payload_of(event);
    letter.payload_bytes = letter.payload.size();
    letter.payload_hash = xxh3_128(letter.payload);
    letter.source = event.source;
    letter.customer_id = event.customer.str();
  }
  letter.code = code;
  letter.reason = std::move(reason);
  letter.attempts += outcome.attempts;
  if (!work.retried[item]) letter.first_time = now;
  letter.last_time = now;
  letter.program_version = options_.program_version;
  work.letters.emplace_back(item, std::move(letter));
}

// Marks that let later repeats be recognised, links, and the letters that are done with.
void BatchProcessor::keep_marks(Work& work, std::span<const WorkItem> items) {
  WriteBatch& writes = work.result.writes;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Entry& entry = work.entries[i];
    const LogRecord& record = items[i].record;
    const bool applied = work.outcomes[i].verdict == Verdict::applied ||
                         work.outcomes[i].verdict == Verdict::late_applied;
    const Event* event = entry.event();
    if (items[i].repeat == Repeat::fresh && entry.rules.dedupe_key != Hash128{}) {
      const Hash128 content = event ? event->content : entry.reject()->payload_hash;
      writes.put(Family::dedupe, dedupe_mark_key(entry.rules.dedupe_key),
                 encode(DedupeMark{content, record.place, record.stored_time}));
    }
    if (!applied) continue;
    if (work.retried[i]) {
      work.retried[i]->status = "retried";
      work.retried[i]->last_time = record.stored_time;
      writes.put(Family::dead_letters, dead_letter_key(work.retried[i]->place),
                 encode(*work.retried[i]));
      // The sender may still send it again under its id, which a rejected event left unmarked.
      const Hash128 key = dedupe_key_of(event->source, event->message_id);
      writes.put(Family::dedupe, dedupe_mark_key(key),
                 encode(DedupeMark{event->content, record.place, record.stored_time}));
    }
    if (const auto link = link_key_of(*event)) writes.put(Family::links, *link, "");
  }
}

void BatchProcessor::finish(Work& work, const ShardCommit& before,
                            std::span<const WorkItem> items) {
  WriteBatch& writes = work.result.writes;
  ShardCommit commit = before;
  AppliedBits bits{before.next_offset, items.front().record.position, {}};
  for (std::size_t i = 0; i < items.size(); ++i) {
    const ItemOutcome& outcome = work.outcomes[i];
    const bool applied =
        outcome.verdict == Verdict::applied || outcome.verdict == Verdict::late_applied;
    Totals& totals = commit.totals;
    ++totals.received;
    totals.applied += outcome.verdict == Verdict::applied;
    totals.late_applied += outcome.verdict == Verdict::late_applied;
    totals.foreign_currency += outcome.foreign_currency;
    totals.duplicate += outcome.verdict == Verdict::duplicate;
    if (outcome.code) {
      ++totals.dead_lettered;
      ++totals.by_code[static_cast<std::size_t>(*outcome.code)];
    }
    if (!work.entries[i].rules.backfill) ++totals.live;
    if (applied) {
      commit.last_event_time =
          std::max(commit.last_event_time, work.entries[i].event()->event_time);
    }
    bits.applied.push_back(applied);
  }
  commit.next_offset = before.next_offset + items.size();
  commit.log_next = items.back().record.position + 1;

  if (!work.letters.empty()) fault::crash_point("dead_letter.before_commit");
  for (auto& [item, letter] : work.letters) {
    if (!work.retried[item]) letter.place = items[item].record.place;
    letter.id = dead_letter_id(letter.place);
    writes.put(Family::dead_letters, dead_letter_key(letter.place), encode(letter));
  }
  for (auto& [customer, state] : work.after) {
    std::string bytes = state.encode(pack_);
    const std::size_t size = bytes.size();
    writes.put(Family::customers, customer.str(), std::move(bytes));
    touched_.emplace_back(customer, std::move(state), size);
  }
  keep_marks(work, items);
  const std::uint16_t shard = items.front().record.place.shard;
  writes.put(Family::manifest, applied_key(shard, before.next_offset), encode(bits));
  writes.put(Family::commits, shard_commit_key(shard), encode(commit));
  writes.remove(Family::commits, attempt_key(shard));
  work.result.commit = commit;
  work.result.outcomes = std::move(work.outcomes);
  work.result.tries = work.tries;
}

void BatchProcessor::committed() {
  for (auto& [customer, state, bytes] : touched_) remember(customer, std::move(state), bytes);
  touched_.clear();
}

void BatchProcessor::remember(const CustomerId& customer, CustomerState state, std::size_t bytes) {
  if (const auto old = cache_.find(customer); old != cache_.end()) {
    cached_bytes_ -= old->second.bytes;
    ages_.erase(old->second.age);
    cache_.erase(old);
  }
  ages_.push_front(customer);
  cache_.emplace(customer, Cached{std::move(state), bytes, ages_.begin()});
  cached_bytes_ += bytes;
  while (cached_bytes_ > options_.cache_bytes && !ages_.empty()) {
    const auto oldest = cache_.find(ages_.back());
    cached_bytes_ -= oldest->second.bytes;
    cache_.erase(oldest);
    ages_.pop_back();
  }
}

void BatchProcessor::forget() {
  cache_.clear();
  ages_.clear();
  cached_bytes_ = 0;
}

}  // namespace tideline
