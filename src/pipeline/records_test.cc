// Bytes of entries and records: there and back, and never a crash or a silent half on damage.
#include "pipeline/records.h"

#include <gtest/gtest.h>

#include <limits>
#include <tuple>

#include "base/rng.h"
#include "pipeline/entry.h"
#include "ports/test_seed.h"

namespace tideline {
namespace {

const Time kStored = time_from_millis(1'768'046'400'000);

Entry an_event() {
  Event event;
  event.type = EventType::track;
  event.customer = CustomerId("c\0 1\xF0\x9F\x98\x80");
  event.name = "Bought";
  event.anonymous_id = "a1";
  event.source = SourceId("shop");
  event.message_id = MessageId("m1");
  event.clamped = true;
  event.event_time = kStored - kHour;
  event.arrival_time = kStored - kSecond;
  event.stored_time = kStored;
  event.properties = R"({"amount":1.5})";
  event.content = {1, 2};
  Entry entry;
  entry.rules = {dedupe_key_of(event.source, event.message_id), true, "3-17"};
  entry.content = event;
  return entry;
}

Entry a_reject() {
  Reject reject;
  reject.code = DeadLetterCode::bad_time;
  reject.reason = "no time";
  reject.payload = std::string("{\0\xff", 3);
  reject.payload_bytes = 70'000;
  reject.payload_hash = {3, 4};
  reject.source = SourceId("shop");
  reject.customer_id = "c1";
  reject.message_id = MessageId("m2");
  reject.arrival_time = kStored;
  Entry entry;
  entry.content = reject;
  return entry;
}

TEST(Entries, AnEventComesBackWhole) {
  const Entry entry = an_event();
  const std::string bytes = encode_entry(entry);
  const auto back = decode_entry(bytes, kStored);
  ASSERT_TRUE(back.has_value());
  ASSERT_NE(back->event(), nullptr);
  EXPECT_EQ(*back->event(), *entry.event());
  EXPECT_EQ(back->rules.dedupe_key, entry.rules.dedupe_key);
  EXPECT_EQ(back->rules.retry_of, "3-17");
  EXPECT_TRUE(back->rules.backfill);
  const auto head = decode_entry_head(bytes);
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->dedupe_key, entry.rules.dedupe_key);
  EXPECT_EQ(head->content, entry.event()->content);
}

TEST(Entries, ARejectComesBackWhole) {
  const Entry entry = a_reject();
  const auto back = decode_entry(encode_entry(entry), kStored);
  ASSERT_TRUE(back.has_value());
  ASSERT_NE(back->reject(), nullptr);
  const Reject& a = *entry.reject();
  const Reject& b = *back->reject();
  EXPECT_EQ(std::tie(a.code, a.reason, a.payload, a.payload_bytes, a.payload_hash, a.source,
                     a.customer_id, a.message_id, a.arrival_time),
            std::tie(b.code, b.reason, b.payload, b.payload_bytes, b.payload_hash, b.source,
                     b.customer_id, b.message_id, b.arrival_time));
}

TEST(Entries, CutBytesAreRefused) {
  for (const Entry& entry : {an_event(), a_reject()}) {
    const std::string bytes = encode_entry(entry);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(decode_entry(bytes.substr(0, size), kStored).has_value()) << size;
    }
    EXPECT_FALSE(decode_entry(bytes + "x", kStored).has_value());
  }
}

// The log's checksum notices flips before; decoding must only stay within its bytes and answer.
TEST(Entries, FlippedBitsAreErrorsOrOtherEntries) {
  for (const Entry& entry : {an_event(), a_reject()}) {
    const std::string bytes = encode_entry(entry);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      const auto back = decode_entry(flipped, kStored);
      if (!back || !back->event()) continue;
      EXPECT_FALSE(name_of(back->event()->type).empty()) << bit;
      EXPECT_FALSE(payload_of(*back->event()).empty()) << bit;
    }
  }
}

// Such a time could not be written as text.
TEST(Entries, TimesThatNoEventHasAreRefused) {
  for (const std::int64_t ms : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                                std::numeric_limits<std::int64_t>::max()}) {
    Entry event = an_event();
    std::get<Event>(event.content).event_time = time_from_millis(ms);
    EXPECT_FALSE(decode_entry(encode_entry(event), kStored).has_value()) << ms;
    Entry reject = a_reject();
    std::get<Reject>(reject.content).arrival_time = time_from_millis(ms);
    EXPECT_FALSE(decode_entry(encode_entry(reject), kStored).has_value()) << ms;
  }
}

TEST(Entries, SourceAndIdDoNotRunTogether) {
  EXPECT_NE(dedupe_key_of(SourceId("ab"), MessageId("c")),
            dedupe_key_of(SourceId("a"), MessageId("bc")));
  EXPECT_NE(dedupe_key_of(SourceId(""), MessageId("a")),
            dedupe_key_of(SourceId("a"), MessageId("")));
}

TEST(Entries, RecordsGoToTheShardOfTheirCustomer) {
  const NewRecord event = record_of(an_event(), 16);
  EXPECT_EQ(event.kind, RecordKind::event);
  EXPECT_EQ(event.shard, shard_of(an_event().event()->customer, 16));
  const NewRecord reject = record_of(a_reject(), 16);
  EXPECT_EQ(reject.kind, RecordKind::reject);
  EXPECT_EQ(reject.shard, shard_of(CustomerId("c1"), 16));
}

TEST(Entries, ThePayloadForPeopleIsTheEventAgain) {
  Event event = *an_event().event();
  event.customer = CustomerId("c\"1");
  EXPECT_EQ(
      payload_of(event),
      R"({"type":"track","messageId":"m1","userId":"c\"1","anonymousId":"a1","event":"Bought",)"
      R"("timestamp":"2026-01-10T11:00:00.000Z","properties":{"amount":1.5}})");
}

template <class T, class Decode>
void expect_whole_or_refused(const T& value, Decode decode) {
  const std::string bytes = encode(value);
  const auto back = decode(bytes);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(encode(*back), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode(std::string_view(bytes).substr(0, size)).has_value()) << "cut to " << size;
  }
  EXPECT_FALSE(decode(bytes + std::string(1, '\0')).has_value());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const auto other = decode(flipped);
    if (!other) continue;
    EXPECT_LE(encode(*other).size(), 4 * bytes.size() + 64) << bit;
  }
}

TEST(Records, ComeBackWholeOrAreRefused) {
  ShardCommit commit;
  commit.next_offset = 1'000'000;
  commit.log_next = 2'000'000;
  commit.last_event_time = kStored;
  commit.totals = {10, 4, 3, 2, 1, 10, 1, {}};
  commit.totals.by_code[5] = 1;
  expect_whole_or_refused(commit, decode_shard_commit);
  expect_whole_or_refused(ArchiveCursor{7, 300}, decode_archive_cursor);
  expect_whole_or_refused(AttemptMark{100, 199, 2, true, true, 180}, decode_attempt);
  expect_whole_or_refused(dedupe_mark({1, 2}, {3, 4}, kStored), decode_dedupe_mark);
  ManifestFile file{"events/dt=2026-01-10/r1.parquet", "events", "2026-01-10", true, 12,
                    {{1, 2, 3}, {4, 5, 600}}};
  expect_whole_or_refused(file, decode_manifest_file);
  DeadLetter letter;
  letter.code = DeadLetterCode::bad_property;
  letter.reason = "amount is no number";
  letter.payload = "{}";
  letter.payload_bytes = 2;
  letter.source = SourceId("shop");
  letter.customer_id = "c1";
  letter.place = {3, 400};
  letter.attempts = 15;
  letter.first_time = letter.last_time = kStored;
  letter.program_version = "0.1.0";
  expect_whole_or_refused(letter, decode_dead_letter);
  KeptPrediction kept;
  kept.prediction.customer = CustomerId("c1");
  kept.prediction.figures = {0.25, std::nullopt, 70.0};
  kept.prediction.tier = "healthy";
  kept.kept_figures = {0.25};
  expect_whole_or_refused(kept, decode_kept_prediction);
  expect_whole_or_refused(TierChange{CustomerId("c1"), kStored, "", "healthy", "first", "v1"},
                          decode_tier_change);
  expect_whole_or_refused(
      AppliedBits{5, 6, {true, false, true, true, false, true, true, true, true}},
      decode_applied_bits);
}

TEST(Records, AppliedBitsKeepTheirOrder) {
  Rng rng(test_seed());
  for (std::size_t count = 0; count < 70; ++count) {
    AppliedBits bits{9, 1, {}};
    for (std::size_t i = 0; i < count; ++i) bits.applied.push_back(rng.chance(0.5));
    const auto back = decode_applied_bits(encode(bits));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->applied, bits.applied) << count;
  }
}

TEST(Records, KeysSortAsTheirNumbers) {
  EXPECT_LT(dead_letter_key({1, 255}), dead_letter_key({1, 256}));
  EXPECT_LT(dead_letter_key({255, 9}), dead_letter_key({256, 0}));
  EXPECT_LT(applied_key(2, 9), applied_key(2, 10));
  EXPECT_LT(history_key(CustomerId("a"), kStored),
            history_key(CustomerId("a"), kStored + kSecond));
  EXPECT_FALSE(
      history_key(CustomerId("ab"), kStored).starts_with(history_prefix(CustomerId("a"))));
}

TEST(Records, DeadLetterIds) {
  EXPECT_EQ(dead_letter_id({3, 1024}), "3-1024");
  EXPECT_EQ(place_of_dead_letter_id("3-1024"), (Place{3, 1024}));
  for (const char* id :
       {"", "-", "3-", "-4", "3-4x", "x-4", "70000-1", "3--4", "3-18446744073709551616"}) {
    EXPECT_EQ(place_of_dead_letter_id(id), std::nullopt) << id;
  }
}

TEST(Records, TotalsAddUp) {
  Totals totals;
  EXPECT_TRUE(totals.adds_up());
  totals.received = 3;
  EXPECT_FALSE(totals.adds_up());
  totals.applied = totals.duplicate = totals.dead_lettered = 1;
  EXPECT_TRUE(totals.adds_up());
  Totals sum;
  sum.add(totals);
  sum.add(totals);
  EXPECT_EQ(sum.received, 6u);
  EXPECT_TRUE(sum.adds_up());
}

}  // namespace
}  // namespace tideline
