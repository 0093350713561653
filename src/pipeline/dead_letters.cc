#include "pipeline/dead_letters.h"

#include <future>

#include "base/fault.h"

namespace tideline {
namespace {
constexpr Duration kRetryPatience = std::chrono::seconds(30);
}

Result<std::vector<DeadLetter>> DeadLetters::list(const DeadLetterFilter& filter) {
  std::string from;
  if (!filter.after_id.empty()) {
    const auto place = place_of_dead_letter_id(filter.after_id);
    if (!place)
      return fail(ErrorCode::invalid, "no dead letter id: " + filter.after_id, "bad_cursor");
    from = dead_letter_key(*place) + '\0';
  }
  std::vector<DeadLetter> letters;
  std::optional<Error> broken;
  TRY(store_.scan(Family::dead_letters, from, "", [&](std::string_view, std::string_view value) {
    auto letter = decode_dead_letter(value);
    if (!letter) {
      broken = letter.error();
      return false;
    }
    const bool wanted = (filter.status.empty() || letter->status == filter.status) &&
                        (filter.code.empty() || name_of(letter->code) == filter.code);
    if (wanted) letters.push_back(std::move(*letter));
    return letters.size() < filter.limit;
  }));
  if (broken) return fail(*broken);
  return letters;
}

Result<DeadLetter> DeadLetters::show(const std::string& id) {
  const auto place = place_of_dead_letter_id(id);
  if (!place)
    return fail(ErrorCode::invalid, "a dead letter id is SHARD-OFFSET, e.g. 3-1024", "bad_id");
  TRY_ASSIGN(auto letter, load<DeadLetter>(store_, Family::dead_letters, dead_letter_key(*place),
                                           decode_dead_letter));
  if (!letter) return fail(ErrorCode::not_found, "no dead letter " + id, "not_found");
  return std::move(*letter);
}

Result<Entry> DeadLetters::entry_of(const DeadLetter& letter, const std::string& payload) {
  Decoder decoder(limits_);
  DecodeContext context{letter.source, clock_.now(), true, [&] { return "retry-" + letter.id; }};
  Entry entry = decoder.line(payload, context);
  if (const Reject* reject = entry.reject()) {
    return fail(ErrorCode::invalid, reject->reason, std::string(name_of(reject->code)));
  }
  // Recognised by the letter and its number of tries, so that a retry sent twice counts once.
  ByteWriter key;
  key.text("retry");
  key.text(letter.id);
  key.varint(letter.attempts);
  key.time(letter.last_time);
  entry.rules.dedupe_key = xxh3_128(key.bytes());
  entry.rules.retry_of = letter.id;
  return entry;
}

void DeadLetters::retry(const std::string& id, std::optional<std::string> edited, Done done) {
  auto letter = show(id);
  if (!letter) return done(fail(letter.error()));
  if (letter->status != "open") {
    IngestVerdict verdict;
    verdict.verdict = Verdict::duplicate;
    return done(verdict);
  }
  if (!edited && letter->payload_bytes != letter->payload.size()) {
    return done(fail(ErrorCode::invalid,
                     "the payload was cut when it was kept; send an edited one", "payload_cut"));
  }
  auto entry = entry_of(*letter, edited ? *edited : letter->payload);
  if (!entry) return done(fail(entry.error()));
  std::vector<Entry> entries;
  entries.push_back(std::move(*entry));
  ingest_.submit(std::move(entries), kRetryPatience, [done = std::move(done)](auto verdicts) {
    if (!verdicts) return done(fail(verdicts.error()));
    done(verdicts->front());
  });
}

Status DeadLetters::drop(const std::string& id) {
  TRY_ASSIGN(DeadLetter letter, show(id));
  if (letter.status == "dropped") return {};
  if (letter.status != "open")
    return fail(ErrorCode::conflict, "dead letter " + id + " was retried", "not_open");
  letter.status = "dropped";
  letter.last_time = clock_.now();
  WriteBatch batch;
  batch.put(Family::dead_letters, dead_letter_key(letter.place), encode(letter));
  fault::crash_point("dead_letter.before_drop");
  TRY(store_.write(batch, Durability::now));
  fault::crash_point("dead_letter.after_drop");
  return {};
}

}  // namespace tideline
