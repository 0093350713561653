// RuleBook: what of a pack people change while the program runs: the rules of its tiers and its
// plays. All else of the pack stays, so customers' states and models fit any book.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "packs/pack.h"

namespace tideline {

struct TierRule {
  std::string name;
  std::string rule;  // an expression over figures and features
  bool operator==(const TierRule&) const = default;
};

// A named part of a play's expressions, for `when` and the numbers of `say`.
struct RulePart {
  std::string name;
  std::string value;  // an expression
  bool operator==(const RulePart&) const = default;
};

struct PlayRule {
  std::string name;
  std::string when;
  std::string priority = "medium";
  std::string say;
  std::string cooldown = "14d";
  std::string channel;
  double cost = 0;
  bool on = true;  // off: kept and checked, recommended to nobody
  std::vector<RulePart> parts;
  bool operator==(const PlayRule&) const = default;
};

struct RuleBook {
  double margin_number = 2;  // Pack::tier_margins(), one for each kind of task
  double margin_probability = 0.02;
  std::vector<TierRule> tiers;  // names and order are the pack's
  std::vector<PlayRule> plays;
  bool operator==(const RuleBook&) const = default;
};

inline constexpr std::size_t kPlaysMax = 200;
inline constexpr std::size_t kRuleTextMax = 4'000;  // bytes of one text of a book

// The pack's own, as its file has them, named parts put in.
[[nodiscard]] RuleBook rule_book_of(const Pack& pack);

struct RuleMistake {
  std::string place;  // "tiers[2].rule", "plays[0].when", "margins.probability"
  std::string message;
};

// A pack with the rules of `book` in place of its own, checked as the pack's file is. Beyond that:
// a bound on a task's figure lies in the task's range, and the tiers are those of the pack.
[[nodiscard]] tl::expected<std::shared_ptr<const Pack>, RuleMistake> with_rules(
    const Pack& pack, const RuleBook& book);

}  // namespace tideline
