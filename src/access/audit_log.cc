#include "access/audit_log.h"

#include "base/bytes.h"

namespace tideline {
namespace {

constexpr std::string_view kHeadKey = "audit_head";  // in Family::access

std::string encode(const AuditEntry& entry, std::string_view before) {
  ByteWriter out;
  out.varint(entry.number);
  out.time(entry.time);
  out.text(entry.who);
  out.text(entry.role);
  out.text(entry.what);
  out.text(entry.target);
  out.text(entry.outcome);
  out.text(before);
  return out.take();
}

// An entry as it is kept: its text with the hash of the one before, and the hash over that.
struct Kept {
  AuditEntry entry;
  std::string before;
  std::string text;  // what the hash is over
};

std::optional<Kept> decode(std::string_view value) {
  ByteReader outer(value);
  Kept kept;
  kept.text = outer.text();
  kept.entry.hash = outer.text();
  ByteReader in(kept.text);
  kept.entry.number = in.varint();
  kept.entry.time = in.time();
  kept.entry.who = in.text();
  kept.entry.role = in.text();
  kept.entry.what = in.text();
  kept.entry.target = in.text();
  kept.entry.outcome = in.text();
  kept.before = in.text();
  if (!outer.done() || !in.done()) return std::nullopt;
  return kept;
}

Error broken(std::uint64_t number, const std::string& how) {
  return Error{ErrorCode::corrupt, "entry " + std::to_string(number) + " " + how, "audit_broken"};
}

}  // namespace

Result<AuditLog::Head> AuditLog::stored_head() const {
  TRY_ASSIGN(const auto bytes, store_.get(Family::access, kHeadKey));
  Head head;
  if (!bytes) return head;
  ByteReader in(*bytes);
  head.number = in.varint();
  head.hash = in.text();
  if (!in.done()) return fail(ErrorCode::corrupt, "the head of the audit log is broken");
  return head;
}

Status AuditLog::load() {
  TRY_ASSIGN(Head head, stored_head());
  const std::lock_guard lock(mutex_);
  head_ = std::move(head);
  return {};
}

Status AuditLog::append(AuditEntry entry) {
  const std::lock_guard lock(mutex_);
  entry.number = head_.number + 1;
  entry.time = clock_.now();
  const std::string text = encode(entry, head_.hash);
  Head next{entry.number, crypto_.digest(text)};
  ByteWriter kept;
  kept.text(text);
  kept.text(next.hash);
  ByteWriter head;
  head.varint(next.number);
  head.text(next.hash);
  WriteBatch batch;
  batch.put(Family::audit, big_endian(entry.number), kept.take());
  batch.put(Family::access, std::string(kHeadKey), head.take());
  TRY(store_.write(batch, Durability::now));
  head_ = std::move(next);
  return {};
}

Result<AuditPage> AuditLog::list(std::optional<std::uint64_t> before, std::size_t limit) const {
  AuditPage page;
  const std::string to = before ? big_endian(*before) : std::string();
  TRY(store_.scan_back(Family::audit, "", to, [&](std::string_view key, std::string_view value) {
    if (page.entries.size() == limit) {
      page.more = true;
      return false;
    }
    auto kept = decode(value);
    // A broken one is shown as such; verify() says the rest.
    if (!kept) kept.emplace().entry.what = "broken";
    kept->entry.number = from_big_endian(key);
    page.entries.push_back(std::move(kept->entry));
    return true;
  }));
  return page;
}

Result<std::uint64_t> AuditLog::verify() const {
  const std::lock_guard lock(mutex_);
  Head last;
  std::optional<Error> problem;
  TRY(store_.scan(Family::audit, "", "", [&](std::string_view key, std::string_view value) {
    const std::uint64_t number = from_big_endian(key);
    const auto kept = decode(value);
    if (key.size() != 8 || number != last.number + 1) {
      problem = broken(last.number + 1, "is missing");
    } else if (!kept || kept->entry.number != number) {
      problem = broken(number, "is not as it was written");
    } else if (kept->before != last.hash) {
      problem = broken(number, "does not follow the one before it");
    } else if (crypto_.digest(kept->text) != kept->entry.hash) {
      problem = broken(number, "is not as it was written");
    } else {
      last = {number, kept->entry.hash};
    }
    return !problem;
  }));
  if (problem) return fail(*problem);
  TRY_ASSIGN(const Head head, stored_head());
  if (head.number != last.number) return fail(broken(last.number + 1, "is missing"));
  if (head.hash != last.hash) return fail(broken(last.number, "is not as it was written"));
  return last.number;
}

}  // namespace tideline
