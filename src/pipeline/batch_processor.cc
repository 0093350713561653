#include "pipeline/batch_processor.h"

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <string_view>

#include "base/fault.h"
#include "pipeline/observe.h"

namespace tideline {
namespace {

// Test builds can be told to choke on events of these names (design 4.3: poison).
void choke_on_planted_poison(const std::string& name, bool applying) {
  if (!fault::planted("poison")) return;
  if (applying && name == "Planted Throw Late") throw std::runtime_error("planted throw");
  if (applying) return;
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
  const Event* event = nullptr;  // of Work::entries
  bool late = false;
  std::size_t subject = 0;                 // in subjects_
  std::optional<Observation> observation;  // once it was observed
};

struct BatchProcessor::Work {
  std::vector<Entry> entries;
  std::vector<Pending> pending;
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
      observer_(pack),
      cache_(options_.cache_bytes) {}

Result<BatchOutcome> BatchProcessor::process(const ShardCommit& before,
                                             std::span<const WorkItem> items, Time now,
                                             const std::string& give_up) {
  subjects_.clear();
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
  // What can fail comes before any state is touched.
  for (std::size_t begin = 0; begin < work.pending.size();) {
    const std::size_t end = std::min(
        work.pending.size(), begin + std::max<std::size_t>(1, options_.tried_together_max));
    observe_range(work, begin, end, now);
    begin = end;
  }
  TRY(load_subjects(work));
  TRY(apply_observed(work, now));
  finish(work, before, items);
  return std::move(work.result);
}

// Decides everything that does not need the customer's state.
Result<void> BatchProcessor::sort_out(Work& work, std::span<const WorkItem> items, Time now) {
  work.entries.reserve(items.size());  // what is pending points into it
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
        work.pending.push_back(
            {i, record.place.offset, at.event(), late > options_.lateness, 0, std::nullopt});
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
  return mark->content == content_print(event.content) ? Repeat::duplicate : Repeat::conflict;
}

// Takes the states of all customers to be changed out of the cache, else from the store.
Result<void> BatchProcessor::load_subjects(Work& work) {
  std::unordered_map<std::string_view, std::size_t> places;
  std::vector<std::size_t> missing;
  for (Pending& pending : work.pending) {
    if (!pending.observation) continue;
    const CustomerId& customer = pending.event->customer;
    const auto [place, fresh] = places.try_emplace(customer.str(), subjects_.size());
    pending.subject = place->second;
    if (!fresh) continue;
    std::optional<CustomerState> cached = cache_.take(customer);
    if (!cached) missing.push_back(subjects_.size());
    subjects_.push_back({customer, cached ? std::move(*cached) : CustomerState(), false});
  }
  return decode_stored(missing);
}

// Sets the states of these subjects to what the store has.
Result<void> BatchProcessor::decode_stored(std::span<const std::size_t> subjects) {
  std::vector<std::string> keys;
  keys.reserve(subjects.size());
  for (const std::size_t subject : subjects) keys.push_back(subjects_[subject].customer.str());
  TRY_ASSIGN(const auto stored, store_.get_many(Family::customers, keys));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    CustomerState state;
    if (stored[i]) {
      TRY_ASSIGN(state, CustomerState::decode(pack_, *stored[i]));
    }
    subjects_[subjects[i]].state = std::move(state);
  }
  return {};
}

// Reads the properties of pending[begin, end) all together, or, when that throws, of its halves
// (design 4.3: bisect).
void BatchProcessor::observe_range(Work& work, std::size_t begin, std::size_t end, Time now) {
  ++work.tries;
  std::vector<std::optional<Error>> refusals(end - begin);
  try {
    for (std::size_t i = begin; i < end; ++i) {
      Pending& pending = work.pending[i];
      ++work.outcomes[pending.item].attempts;
      if (before_record_) before_record_(pending.offset);
      choke_on_planted_poison(pending.event->name, false);
      auto observation = observe(observer_, *pending.event);
      if (observation) {
        pending.observation = std::move(*observation);
      } else {
        refusals[i - begin] = observation.error();
      }
    }
  } catch (const std::exception& error) {
    for (std::size_t i = begin; i < end; ++i) work.pending[i].observation.reset();
    if (fault::planted("batch_dropped_on_bad_event")) return;
    if (end - begin == 1) {
      dead_letter(work, work.pending[begin].item, DeadLetterCode::poison,
                  std::string("processing failed: ") + error.what(), now);
      return;
    }
    const std::size_t middle = begin + (end - begin) / 2;
    observe_range(work, begin, middle, now);
    observe_range(work, middle, end, now);
    return;
  }
  for (std::size_t i = begin; i < end; ++i) {
    if (!refusals[i - begin]) continue;
    dead_letter(work, work.pending[i].item, DeadLetterCode::bad_property,
                refusals[i - begin]->message, now);
  }
}

// Changes the states in place. Nothing there is expected to throw; if something does, they are
// read again and what was observed is applied with care.
Result<void> BatchProcessor::apply_observed(Work& work, Time now) {
  std::size_t at = 0;
  try {
    for (; at < work.pending.size(); ++at) {
      Pending& pending = work.pending[at];
      if (!pending.observation) continue;
      if (before_record_) before_record_(pending.offset);
      choke_on_planted_poison(pending.event->name, true);
      Subject& subject = subjects_[pending.subject];
      subject.is_changed = true;
      subject.state.apply(pack_, std::span(&*pending.observation, 1));
    }
  } catch (const std::exception&) {
    std::vector<std::size_t> all(subjects_.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i] = i;
      subjects_[i].is_changed = false;
    }
    TRY(decode_stored(all));
    apply_carefully(work, 0, work.pending.size(), at, now);
  }
  settle(work);
  return {};
}

// Applies pending[begin, end) to copies of the states, which take their place when all went well;
// else its halves. A range that holds `failed`, known to throw, is not tried whole.
void BatchProcessor::apply_carefully(Work& work, std::size_t begin, std::size_t end,
                                     std::size_t failed, Time now) {
  const auto halves = [&] {
    const std::size_t middle = begin + (end - begin) / 2;
    apply_carefully(work, begin, middle, failed, now);
    apply_carefully(work, middle, end, failed, now);
  };
  if (end - begin > 1 && begin <= failed && failed < end) return halves();
  ++work.tries;
  std::unordered_map<std::size_t, CustomerState> copies;
  try {
    for (std::size_t i = begin; i < end; ++i) {
      const Pending& pending = work.pending[i];
      if (!pending.observation) continue;
      ++work.outcomes[pending.item].attempts;
      if (before_record_) before_record_(pending.offset);
      choke_on_planted_poison(pending.event->name, true);
      const auto copy =
          copies.try_emplace(pending.subject, subjects_[pending.subject].state).first;
      copy->second.apply(pack_, std::span(&*pending.observation, 1));
    }
  } catch (const std::exception& error) {
    if (end - begin > 1) return halves();
    work.pending[begin].observation.reset();
    dead_letter(work, work.pending[begin].item, DeadLetterCode::poison,
                std::string("processing failed: ") + error.what(), now);
    return;
  }
  for (auto& [subject, state] : copies) {
    subjects_[subject].state = std::move(state);
    subjects_[subject].is_changed = true;
  }
}

// What became of the items that were applied, and whose customers they are.
void BatchProcessor::settle(Work& work) {
  constexpr std::size_t kNone = ~std::size_t{0};
  std::vector<std::size_t> places(subjects_.size(), kNone);  // in `changed`
  std::vector<ChangedCustomer>& changed = work.result.changed;
  for (const Pending& pending : work.pending) {
    if (!pending.observation) continue;
    ItemOutcome& outcome = work.outcomes[pending.item];
    outcome.verdict = pending.late ? Verdict::late_applied : Verdict::applied;
    outcome.foreign_currency = pending.observation->foreign_currency;
    std::size_t& place = places[pending.subject];
    if (place == kNone) {
      place = changed.size();
      changed.push_back({pending.event->customer, std::nullopt, true});
    }
    if (!work.entries[pending.item].rules.backfill) changed[place].is_history = false;
    std::optional<Time>& since = changed[place].late_since;
    if (pending.late) since = std::min(since.value_or(Time::max()), pending.event->event_time);
  }
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
                 encode(dedupe_mark(content, record.place, record.stored_time)));
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
                 encode(dedupe_mark(event->content, record.place, record.stored_time)));
    }
    if (const auto link = link_key_of(*event)) writes.put(Family::links, *link, "");
  }
}

// One alert a reason and source; of live events only, an import tells its caller itself. A letter
// that is tried again in vain is no news either.
void BatchProcessor::add_alerts(Work& work) const {
  if (options_.alerts == nullptr || work.letters.empty()) return;
  std::vector<Alert> alerts;
  for (const auto& [item, letter] : work.letters) {
    if (work.entries[item].rules.backfill || work.retried[item]) continue;
    const auto same = std::find_if(alerts.begin(), alerts.end(), [&](const Alert& alert) {
      const auto& aside = std::get<SetAside>(alert.what);
      return aside.code == letter.code && aside.source == letter.source;
    });
    if (same != alerts.end()) {
      ++std::get<SetAside>(same->what).count;
      continue;
    }
    alerts.push_back(
        {"", letter.last_time, SetAside{letter.code, 1, letter.id, letter.reason, letter.source}});
  }
  for (Alert& alert : alerts) options_.alerts->add(std::move(alert), work.result.writes);
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
  add_alerts(work);
  for (const Subject& subject : subjects_) {
    if (!subject.is_changed) continue;
    writes.put(Family::customers, subject.customer.str(), subject.state.encode(pack_));
  }
  keep_marks(work, items);
  const std::uint16_t shard = items.front().record.place.shard;
  writes.put(Family::manifest, applied_key(shard, before.next_offset), encode(bits));
  writes.put(Family::commits, shard_commit_key(shard), encode(commit));
  work.result.commit = commit;
  work.result.outcomes = std::move(work.outcomes);
  work.result.tries = work.tries;
}

void BatchProcessor::committed() {
  for (Subject& subject : subjects_) cache_.put(subject.customer, std::move(subject.state));
  subjects_.clear();
}

void BatchProcessor::forget() {
  cache_.forget();
  subjects_.clear();
}

}  // namespace tideline
