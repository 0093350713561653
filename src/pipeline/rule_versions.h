// RuleVersions: the rules of tiers and the playbook as numbered versions. Version 0 is what the
// pack's file says; the newest one is in force, also after a restart and a replay.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "packs/rule_book.h"
#include "ports/state_store.h"

namespace tideline {

struct RuleVersion {
  std::uint32_t number = 0;
  Time saved{};     // by the machine's clock; version 0: never
  Time in_force{};  // by the folder's clock, as predictions are timed
  std::string who;  // empty: nobody was signed in
  std::string note;
  std::optional<std::uint32_t> restored_from;
  RuleBook book;
};

// What goes with a change besides the rules themselves.
struct RuleChange {
  std::string who;
  std::string note;
  // The version that the change was made from; another one in force by now is a conflict.
  std::uint32_t based_on = 0;
};

// Thread-safe once it is loaded.
class RuleVersions {
 public:
  // `folder_clock`: the folder's own now.
  RuleVersions(const Pack& pack, StateStore& state, const Clock& clock, const Clock& folder_clock)
      : pack_(pack), state_(state), clock_(clock), folder_clock_(folder_clock) {}

  // The newest version, or that of a past time. One that does not fit the pack's file any more
  // leaves the file in force, and problem() says why.
  Status load(std::optional<Time> as_of = {});

  // The pack with the rules in force.
  struct Rules {
    std::uint32_t number = 0;
    std::shared_ptr<const Pack> pack;
  };
  [[nodiscard]] Rules in_force() const;
  // The number of the newest version, in force or not.
  [[nodiscard]] std::uint32_t newest() const;
  [[nodiscard]] std::string problem() const;  // empty: none
  // The rules that were in force at a time of the folder's clock.
  [[nodiscard]] Result<Rules> in_force_at(Time time);

  // Puts a book into force; synced. Errors: invalid "bad_rules", with the place of the mistake;
  // conflict "version_conflict".
  [[nodiscard]] Result<RuleVersion> save(RuleBook book, RuleChange change);
  // The same with the book of an earlier version.
  [[nodiscard]] Result<RuleVersion> restore(std::uint32_t number, RuleChange change);
  [[nodiscard]] Result<RuleVersion> show(std::uint32_t number);  // not_found
  // Newest first, those below `before` when given; ends with version 0.
  [[nodiscard]] Result<std::vector<RuleVersion>> list(std::size_t limit,
                                                      std::optional<std::uint32_t> before);

 private:
  [[nodiscard]] Result<RuleVersion> add(RuleVersion version, const RuleChange& change);
  [[nodiscard]] RuleVersion of_pack() const;
  [[nodiscard]] Rules compiled(const RuleVersion& version, std::string& problem) const;

  const Pack& pack_;
  StateStore& state_;
  const Clock& clock_;
  const Clock& folder_clock_;
  std::mutex saving_;  // one at a time

  mutable std::mutex mutex_;  // everything below
  Rules now_;
  std::uint32_t newest_ = 0;
  std::string problem_;
};

[[nodiscard]] std::string encode(const RuleVersion& version);
[[nodiscard]] Result<RuleVersion> decode_rule_version(std::string_view bytes);

}  // namespace tideline
