#include "pipeline/rule_versions.h"

#include "base/bytes.h"

namespace tideline {
namespace {

// Family::saved: "rules/" and the version's number, eight bytes, greatest last.
constexpr std::string_view kPrefix = "rules/";
constexpr std::uint8_t kFormat = 1;

std::string key_of(std::uint32_t number) {
  return std::string(kPrefix) + big_endian(std::uint64_t(number));
}

// Not the owner of the pack that it stands for.
std::shared_ptr<const Pack> unowned(const Pack& pack) {
  return {std::shared_ptr<const Pack>(), &pack};
}

void write_book(ByteWriter& out, const RuleBook& book) {
  out.real(book.margin_number);
  out.real(book.margin_probability);
  out.varint(book.tiers.size());
  for (const TierRule& tier : book.tiers) {
    out.text(tier.name);
    out.text(tier.rule);
  }
  out.varint(book.plays.size());
  for (const PlayRule& play : book.plays) {
    for (const std::string* text :
         {&play.name, &play.when, &play.priority, &play.say, &play.cooldown, &play.channel}) {
      out.text(*text);
    }
    out.real(play.cost);
    out.u8(play.on ? 1 : 0);
    out.varint(play.parts.size());
    for (const RulePart& part : play.parts) {
      out.text(part.name);
      out.text(part.value);
    }
  }
}

RuleBook read_book(ByteReader& in) {
  RuleBook book;
  book.margin_number = in.real();
  book.margin_probability = in.real();
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    TierRule& tier = book.tiers.emplace_back();
    tier.name = in.text();
    tier.rule = in.text();
  }
  for (std::uint64_t n = in.varint(); n > 0 && in.ok(); --n) {
    PlayRule& play = book.plays.emplace_back();
    for (std::string* text :
         {&play.name, &play.when, &play.priority, &play.say, &play.cooldown, &play.channel}) {
      *text = in.text();
    }
    play.cost = in.real();
    play.on = in.u8() != 0;
    for (std::uint64_t parts = in.varint(); parts > 0 && in.ok(); --parts) {
      RulePart& part = play.parts.emplace_back();
      part.name = in.text();
      part.value = in.text();
    }
  }
  return book;
}

}  // namespace

std::string encode(const RuleVersion& version) {
  ByteWriter out;
  out.u8(kFormat);
  out.varint(version.number);
  out.time(version.saved);
  out.time(version.in_force);
  out.text(version.who);
  out.text(version.note);
  out.varint(version.restored_from ? std::uint64_t(*version.restored_from) + 1 : 0);
  write_book(out, version.book);
  return out.take();
}

Result<RuleVersion> decode_rule_version(std::string_view bytes) {
  ByteReader in(bytes);
  RuleVersion version;
  const bool known = in.u8() == kFormat;
  version.number = static_cast<std::uint32_t>(in.varint());
  version.saved = in.time();
  version.in_force = in.time();
  version.who = in.text();
  version.note = in.text();
  if (const std::uint64_t from = in.varint(); from > 0)
    version.restored_from = static_cast<std::uint32_t>(from - 1);
  version.book = read_book(in);
  if (known && in.done()) return version;
  return fail(ErrorCode::corrupt, "a saved version of tiers and playbook is broken");
}

RuleVersion RuleVersions::of_pack() const {
  RuleVersion version;
  version.book = rule_book_of(pack_);
  return version;
}

// Of a version that does not fit the pack, the pack's own rules, and why.
RuleVersions::Rules RuleVersions::compiled(const RuleVersion& version,
                                           std::string& problem) const {
  if (version.number == 0) return {0, unowned(pack_)};
  auto pack = with_rules(pack_, version.book);
  if (pack) return {version.number, std::move(*pack)};
  problem = "version " + std::to_string(version.number) +
            " of tiers and playbook does not fit the pack any more (" + pack.error().place + ": " +
            pack.error().message + "); the rules of the pack's file are in force";
  return {0, unowned(pack_)};
}

Status RuleVersions::load(std::optional<Time> as_of) {
  TRY_ASSIGN(const auto newest, list(1, std::nullopt));
  std::string problem;
  Rules rules = compiled(newest.front(), problem);
  if (as_of) {
    TRY_ASSIGN(rules, in_force_at(*as_of));
  }
  const std::lock_guard lock(mutex_);
  now_ = std::move(rules);
  newest_ = newest.front().number;
  problem_ = std::move(problem);
  return {};
}

RuleVersions::Rules RuleVersions::in_force() const {
  const std::lock_guard lock(mutex_);
  return now_.pack ? now_ : Rules{0, unowned(pack_)};
}

std::uint32_t RuleVersions::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

std::string RuleVersions::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

Result<RuleVersions::Rules> RuleVersions::in_force_at(Time time) {
  std::optional<Error> broken;
  RuleVersion found = of_pack();
  TRY(state_.scan_back(Family::saved, kPrefix, prefix_end(kPrefix),
                       [&](std::string_view, std::string_view value) {
                         auto version = decode_rule_version(value);
                         if (!version) {
                           broken = version.error();
                           return false;
                         }
                         if (version->in_force > time) return true;
                         found = std::move(*version);
                         return false;
                       }));
  if (broken) return fail(*broken);
  std::string problem;
  return compiled(found, problem);
}

Result<RuleVersion> RuleVersions::show(std::uint32_t number) {
  if (number == 0) return of_pack();
  TRY_ASSIGN(const auto bytes, state_.get(Family::saved, key_of(number)));
  if (bytes) return decode_rule_version(*bytes);
  return fail(ErrorCode::not_found,
              "there is no version " + std::to_string(number) + " of tiers and playbook",
              "unknown_version");
}

Result<std::vector<RuleVersion>> RuleVersions::list(std::size_t limit,
                                                    std::optional<std::uint32_t> before) {
  std::vector<RuleVersion> versions;
  if (limit == 0 || before == 0U) return versions;
  std::optional<Error> broken;
  TRY(state_.scan_back(Family::saved, kPrefix, before ? key_of(*before) : prefix_end(kPrefix),
                       [&](std::string_view, std::string_view value) {
                         auto version = decode_rule_version(value);
                         if (!version) {
                           broken = version.error();
                           return false;
                         }
                         versions.push_back(std::move(*version));
                         return versions.size() < limit;
                       }));
  if (broken) return fail(*broken);
  if (versions.size() < limit) versions.push_back(of_pack());
  return versions;
}

Result<RuleVersion> RuleVersions::save(RuleBook book, RuleChange change) {
  RuleVersion version;
  version.book = std::move(book);
  return add(std::move(version), change);
}

Result<RuleVersion> RuleVersions::restore(std::uint32_t number, RuleChange change) {
  TRY_ASSIGN(RuleVersion version, show(number));
  version.restored_from = number;
  return add(std::move(version), change);
}

Result<RuleVersion> RuleVersions::add(RuleVersion version, const RuleChange& change) {
  const std::lock_guard one(saving_);
  std::uint32_t newest = 0;
  {
    const std::lock_guard lock(mutex_);
    newest = newest_;
  }
  if (change.based_on != newest) {
    return fail(ErrorCode::conflict,
                "this change was made from version " + std::to_string(change.based_on) +
                    ", and version " + std::to_string(newest) + " is in force by now",
                "version_conflict");
  }
  auto pack = with_rules(pack_, version.book);
  if (!pack) {
    return fail(ErrorCode::invalid, pack.error().place + ": " + pack.error().message, "bad_rules");
  }
  version.number = newest + 1;
  version.saved = clock_.now();
  version.in_force = folder_clock_.now();
  version.who = change.who;
  version.note = change.note;
  WriteBatch batch;
  batch.put(Family::saved, key_of(version.number), encode(version));
  TRY(state_.write(batch, Durability::now));
  const std::lock_guard lock(mutex_);
  now_ = {version.number, std::move(*pack)};
  newest_ = version.number;
  problem_.clear();
  return version;
}

}  // namespace tideline
