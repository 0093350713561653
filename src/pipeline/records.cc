#include "pipeline/records.h"

#include <charconv>

namespace tideline {
namespace {

Error broken(const char* what) {
  return Error{ErrorCode::corrupt,
               std::string("state holds a broken ") + what + "; run `tideline verify`",
               {}};
}

std::string shard_bytes(std::uint16_t shard) {
  return {static_cast<char>(shard >> 8), static_cast<char>(shard & 0xFF)};
}

void write_place(ByteWriter& out, Place place) {
  out.varint(place.shard);
  out.varint(place.offset);
}

Place read_place(ByteReader& in) {
  const auto shard = static_cast<std::uint16_t>(in.varint());
  return Place{shard, in.varint()};
}

void write_figures(ByteWriter& out, const std::vector<std::optional<double>>& figures) {
  out.varint(figures.size());
  for (const auto& figure : figures) {
    out.u8(figure.has_value());
    if (figure) out.real(*figure);
  }
}

std::vector<std::optional<double>> read_figures(ByteReader& in) {
  std::vector<std::optional<double>> figures;
  const std::uint64_t count = in.varint();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    figures.push_back(in.u8() ? std::optional<double>(in.real()) : std::nullopt);
  }
  return figures;
}

void write_totals(ByteWriter& out, const Totals& t) {
  for (const std::uint64_t n : {t.received, t.applied, t.late_applied, t.duplicate,
                                t.dead_lettered, t.live, t.foreign_currency}) {
    out.varint(n);
  }
  for (const std::uint64_t n : t.by_code) out.varint(n);
}

Totals read_totals(ByteReader& in) {
  Totals t;
  for (std::uint64_t* n : {&t.received, &t.applied, &t.late_applied, &t.duplicate,
                           &t.dead_lettered, &t.live, &t.foreign_currency}) {
    *n = in.varint();
  }
  for (auto& n : t.by_code) n = in.varint();
  return t;
}

}  // namespace

void Totals::add(const Totals& other) {
  received += other.received;
  applied += other.applied;
  late_applied += other.late_applied;
  duplicate += other.duplicate;
  dead_lettered += other.dead_lettered;
  live += other.live;
  foreign_currency += other.foreign_currency;
  for (std::size_t i = 0; i < by_code.size(); ++i) by_code[i] += other.by_code[i];
}

std::string shard_commit_key(std::uint16_t shard) { return "shard" + shard_bytes(shard); }
std::string archive_cursor_key(std::uint16_t shard) { return "archived" + shard_bytes(shard); }

std::string dedupe_mark_key(const Hash128& key) {
  return big_endian(key.high) + big_endian(key.low);
}

std::string dead_letter_key(Place place) {
  return shard_bytes(place.shard) + big_endian(place.offset);
}

std::string dead_letter_id(Place place) {
  return std::to_string(place.shard) + "-" + std::to_string(place.offset);
}

std::optional<Place> place_of_dead_letter_id(std::string_view id) {
  const auto dash = id.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  Place place;
  const char* end = id.data() + id.size();
  const auto shard = std::from_chars(id.data(), id.data() + dash, place.shard);
  const auto offset = std::from_chars(id.data() + dash + 1, end, place.offset);
  if (shard.ec != std::errc{} || shard.ptr != id.data() + dash) return std::nullopt;
  if (offset.ec != std::errc{} || offset.ptr != end) return std::nullopt;
  return place;
}

std::string manifest_key(const std::string& file) { return "file" + file; }

std::string applied_prefix(std::uint16_t shard) { return "todo" + shard_bytes(shard); }

std::string applied_key(std::uint16_t shard, std::uint64_t first_offset) {
  return applied_prefix(shard) + big_endian(first_offset);
}

std::string outbox_prefix(const std::string& table) { return table + '/'; }

std::string outbox_key(const std::string& table, Time time, const CustomerId& customer) {
  return outbox_prefix(table) + big_endian(static_cast<std::uint64_t>(millis(time))) +
         customer.str();
}

std::string history_prefix(const CustomerId& customer) {
  ByteWriter key;
  key.text(customer.str());
  return key.take();
}

std::string history_key(const CustomerId& customer, Time time) {
  return history_prefix(customer) + big_endian(static_cast<std::uint64_t>(millis(time)));
}

std::string encode(const ShardCommit& commit) {
  ByteWriter out;
  out.u8(1);
  out.varint(commit.next_offset);
  out.varint(commit.log_next);
  out.time(commit.last_event_time);
  write_totals(out, commit.totals);
  return out.take();
}

Result<ShardCommit> decode_shard_commit(std::string_view bytes) {
  ByteReader in(bytes);
  ShardCommit commit;
  const bool known = in.u8() == 1;
  commit.next_offset = in.varint();
  commit.log_next = in.varint();
  commit.last_event_time = in.time();
  commit.totals = read_totals(in);
  if (!known || !in.done()) return fail(broken("shard commit"));
  return commit;
}

std::string encode(const ArchiveCursor& cursor) {
  ByteWriter out;
  out.varint(cursor.next_offset);
  out.varint(cursor.log_next);
  return out.take();
}

Result<ArchiveCursor> decode_archive_cursor(std::string_view bytes) {
  ByteReader in(bytes);
  ArchiveCursor cursor;
  cursor.next_offset = in.varint();
  cursor.log_next = in.varint();
  if (!in.done()) return fail(broken("archive cursor"));
  return cursor;
}

std::string encode(const AttemptMark& mark) {
  ByteWriter out;
  out.varint(mark.first_offset);
  out.varint(mark.last_offset);
  out.varint(mark.crashes);
  out.u8(mark.one_by_one);
  out.u8(mark.running);
  out.varint(mark.isolate_until);
  return out.take();
}

Result<AttemptMark> decode_attempt(std::string_view bytes) {
  ByteReader in(bytes);
  AttemptMark mark;
  mark.first_offset = in.varint();
  mark.last_offset = in.varint();
  mark.crashes = static_cast<std::uint32_t>(in.varint());
  mark.one_by_one = in.u8();
  mark.running = in.u8();
  mark.isolate_until = in.varint();
  if (!in.done()) return fail(broken("attempt mark"));
  return mark;
}

DedupeMark dedupe_mark(const Hash128& content, Place winner, Time stored_time) {
  return {content_print(content), winner, start_of_hour(hour_index(stored_time) + 1)};
}

std::string encode(const DedupeMark& mark) {
  ByteWriter out;
  out.fixed64(mark.content);
  write_place(out, mark.winner);
  out.varint(static_cast<std::uint64_t>(hour_index(mark.stored_until)));
  return out.take();
}

Result<DedupeMark> decode_dedupe_mark(std::string_view bytes) {
  ByteReader in(bytes);
  DedupeMark mark;
  mark.content = in.fixed64();
  mark.winner = read_place(in);
  const std::uint64_t hours = in.varint();
  constexpr std::uint64_t kLast = 1ULL << 31;
  if (!in.done() || hours > kLast) return fail(broken("dedupe mark"));
  mark.stored_until = start_of_hour(static_cast<std::int64_t>(hours));
  return mark;
}

std::string encode(const ManifestFile& file) {
  ByteWriter out;
  out.text(file.file);
  out.text(file.table);
  out.text(file.date);
  out.u8(file.complete);
  out.varint(file.rows);
  out.varint(file.ranges.size());
  for (const auto& range : file.ranges) {
    out.varint(range.shard);
    out.varint(range.first);
    out.varint(range.last);
  }
  return out.take();
}

Result<ManifestFile> decode_manifest_file(std::string_view bytes) {
  ByteReader in(bytes);
  ManifestFile file;
  file.file = in.text();
  file.table = in.text();
  file.date = in.text();
  file.complete = in.u8();
  file.rows = in.varint();
  const std::uint64_t ranges = in.varint();
  for (std::uint64_t i = 0; i < ranges && in.ok(); ++i) {
    const auto shard = static_cast<std::uint16_t>(in.varint());
    const std::uint64_t first = in.varint();
    file.ranges.push_back({shard, first, in.varint()});
  }
  if (!in.done()) return fail(broken("manifest entry"));
  return file;
}

std::string encode(const DeadLetter& letter) {
  ByteWriter out;
  out.u8(static_cast<std::uint8_t>(letter.code));
  out.text(letter.reason);
  out.text(letter.payload);
  out.varint(letter.payload_bytes);
  out.hash(letter.payload_hash);
  out.text(letter.source.str());
  out.text(letter.customer_id);
  write_place(out, letter.place);
  out.varint(letter.attempts);
  out.time(letter.first_time);
  out.time(letter.last_time);
  out.text(letter.program_version);
  out.text(letter.status);
  return out.take();
}

Result<DeadLetter> decode_dead_letter(std::string_view bytes) {
  ByteReader in(bytes);
  DeadLetter letter;
  letter.code = static_cast<DeadLetterCode>(in.u8());
  letter.reason = in.text();
  letter.payload = in.text();
  letter.payload_bytes = in.varint();
  letter.payload_hash = in.hash();
  letter.source = SourceId(in.text());
  letter.customer_id = in.text();
  letter.place = read_place(in);
  letter.attempts = static_cast<std::uint32_t>(in.varint());
  letter.first_time = in.time();
  letter.last_time = in.time();
  letter.program_version = in.text();
  letter.status = in.text();
  letter.id = dead_letter_id(letter.place);
  const bool known = static_cast<std::size_t>(letter.code) < kDeadLetterCodes;
  if (!in.done() || !known) return fail(broken("dead letter"));
  return letter;
}

std::string encode(const KeptPrediction& kept) {
  const Prediction& p = kept.prediction;
  ByteWriter out;
  out.text(p.customer.str());
  out.time(p.timestamp);
  out.time(p.features_as_of);
  write_figures(out, p.figures);
  out.text(p.tier);
  out.u8(static_cast<std::uint8_t>(p.status));
  out.text(p.reason);
  out.text(p.model_version);
  out.real(p.inference_time_ms);
  out.real(p.coverage);
  out.u8(p.lapsed);
  out.text(kept.pending_tier);
  out.varint(kept.pending_count);
  out.u8(kept.superseded);
  out.time(kept.kept_at);
  write_figures(out, kept.kept_figures);
  if (kept.plays.empty()) return out.take();
  out.varint(kept.plays.size());
  for (const PlayMark& mark : kept.plays) {
    out.text(mark.play);
    out.time(mark.since);
    out.u8(mark.open);
    out.text(mark.say);
  }
  return out.take();
}

Result<KeptPrediction> decode_kept_prediction(std::string_view bytes) {
  ByteReader in(bytes);
  KeptPrediction kept;
  Prediction& p = kept.prediction;
  p.customer = CustomerId(in.text());
  p.timestamp = in.time();
  p.features_as_of = in.time();
  p.figures = read_figures(in);
  p.tier = in.text();
  p.status = static_cast<ScoreStatus>(in.u8());
  p.reason = in.text();
  p.model_version = in.text();
  p.inference_time_ms = in.real();
  p.coverage = in.real();
  p.lapsed = in.u8();
  kept.pending_tier = in.text();
  kept.pending_count = static_cast<std::uint32_t>(in.varint());
  kept.superseded = in.u8();
  kept.kept_at = in.time();
  kept.kept_figures = read_figures(in);
  const bool has_plays = !in.done();
  const std::uint64_t plays = has_plays ? in.varint() : 0;
  if (has_plays && plays == 0) return fail(broken("prediction"));
  for (std::uint64_t i = 0; i < plays && in.ok(); ++i) {
    PlayMark& mark = kept.plays.emplace_back();
    mark.play = in.text();
    mark.since = in.time();
    mark.open = in.u8();
    mark.say = in.text();
  }
  if (!in.done() || p.status > ScoreStatus::stale) return fail(broken("prediction"));
  return kept;
}

std::string encode(const TierChange& change) {
  ByteWriter out;
  out.text(change.customer.str());
  out.time(change.time);
  out.text(change.from);
  out.text(change.to);
  out.text(change.reason);
  out.text(change.model_version);
  return out.take();
}

Result<TierChange> decode_tier_change(std::string_view bytes) {
  ByteReader in(bytes);
  TierChange change;
  change.customer = CustomerId(in.text());
  change.time = in.time();
  change.from = in.text();
  change.to = in.text();
  change.reason = in.text();
  change.model_version = in.text();
  if (!in.done()) return fail(broken("tier change"));
  return change;
}

std::string encode(const AppliedBits& bits) {
  ByteWriter out;
  out.varint(bits.first_offset);
  out.varint(bits.log_first);
  out.varint(bits.applied.size());
  std::uint8_t byte = 0;
  for (std::size_t i = 0; i < bits.applied.size(); ++i) {
    if (bits.applied[i]) byte |= static_cast<std::uint8_t>(1U << (i % 8));
    if (i % 8 == 7 || i + 1 == bits.applied.size()) {
      out.u8(byte);
      byte = 0;
    }
  }
  return out.take();
}

Result<AppliedBits> decode_applied_bits(std::string_view bytes) {
  ByteReader in(bytes);
  AppliedBits bits;
  bits.first_offset = in.varint();
  bits.log_first = in.varint();
  const std::uint64_t count = in.varint();
  if (count > 8 * bytes.size()) return fail(broken("archive mark"));
  std::uint8_t byte = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i % 8 == 0) byte = in.u8();
    bits.applied.push_back((byte >> (i % 8)) & 1);
  }
  if (!in.done()) return fail(broken("archive mark"));
  return bits;
}

}  // namespace tideline
