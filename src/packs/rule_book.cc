#include "packs/rule_book.h"

#include <algorithm>
#include <cmath>

#include "packs/pack_builder.h"
#include "packs/pack_toml.h"
#include "packs/program.h"
#include "packs/spelling.h"

namespace tideline {
namespace {

using Ruled = tl::expected<std::shared_ptr<const Pack>, RuleMistake>;

// The keys of a [[play]]; a part cannot be called so.
const std::vector<std::string> kPlayKeys = {"name",     "when",    "priority", "say",
                                            "cooldown", "channel", "cost",     "on"};

tl::unexpected<RuleMistake> wrong(std::string place, std::string message) {
  return tl::unexpected<RuleMistake>(RuleMistake{std::move(place), std::move(message)});
}

std::string item(const char* list, std::size_t i) {
  return std::string(list) + "[" + std::to_string(i) + "]";
}

// A book in the form that the pack's parser reads. A "line" is a place of the book.
class BookTree {
 public:
  explicit BookTree(const RuleBook& book) {
    TomlNode tiers = node("tiers", TomlNode::Kind::array);
    for (std::size_t i = 0; i < book.tiers.size(); ++i) {
      TomlNode tier = node(item("tiers", i), TomlNode::Kind::table);
      add_text(tier, item("tiers", i), "name", book.tiers[i].name);
      add_text(tier, item("tiers", i), "rule", book.tiers[i].rule);
      tiers.items.push_back(std::move(tier));
    }
    TomlNode plays = node("plays", TomlNode::Kind::array);
    for (std::size_t i = 0; i < book.plays.size(); ++i)
      plays.items.push_back(play_node(item("plays", i), book.plays[i]));
    root.kind = TomlNode::Kind::table;
    root.members.push_back({"tier", tiers.line, 1, std::move(tiers)});
    root.members.push_back({"play", plays.line, 1, std::move(plays)});
  }

  [[nodiscard]] RuleMistake mistake_of(const Mistake& mistake) const {
    const auto place = static_cast<std::size_t>(mistake.line);
    return {place < places_.size() ? places_[place] : "", mistake.message};
  }

  TomlNode root;

 private:
  TomlNode node(std::string place, TomlNode::Kind kind) {
    TomlNode made;
    made.kind = kind;
    made.line = static_cast<int>(places_.size());
    places_.push_back(std::move(place));
    return made;
  }
  void add(TomlNode& table, std::string key, TomlNode value) {
    const int line = value.line;
    table.members.push_back({std::move(key), line, 1, std::move(value)});
  }
  void add_text(TomlNode& table, const std::string& place, const std::string& key,
                const std::string& text) {
    TomlNode value = node(place + "." + key, TomlNode::Kind::text);
    value.text = text;
    add(table, key, std::move(value));
  }
  TomlNode play_node(const std::string& place, const PlayRule& play) {
    TomlNode table = node(place, TomlNode::Kind::table);
    add_text(table, place, "name", play.name);
    add_text(table, place, "when", play.when);
    add_text(table, place, "priority", play.priority);
    add_text(table, place, "say", play.say);
    add_text(table, place, "cooldown", play.cooldown);
    add_text(table, place, "channel", play.channel);
    TomlNode cost = node(place + ".cost", TomlNode::Kind::number);
    cost.number = play.cost;
    add(table, "cost", std::move(cost));
    for (std::size_t i = 0; i < play.parts.size(); ++i) {
      TomlNode part = node(place + "." + item("parts", i), TomlNode::Kind::text);
      part.text = play.parts[i].value;
      add(table, play.parts[i].name, std::move(part));
    }
    return table;
  }

  std::vector<std::string> places_ = {""};  // by line; lines begin at 1
};

tl::expected<void, RuleMistake> check_text(const std::string& place, const std::string& text) {
  if (text.size() <= kRuleTextMax) return {};
  return wrong(place, "this is longer than " + std::to_string(kRuleTextMax) + " bytes");
}

tl::expected<void, RuleMistake> check_tiers(const Pack& pack, const RuleBook& book) {
  const auto& names = pack.tiers();
  for (std::size_t i = 0; i < book.tiers.size(); ++i) {
    if (i >= names.size() || book.tiers[i].name != names[i]) {
      return wrong(item("tiers", i) + ".name",
                   "the tiers are those of the pack, in its order: " + listed(names) +
                       did_you_mean(book.tiers[i].name, names));
    }
    TRY(check_text(item("tiers", i) + ".rule", book.tiers[i].rule));
  }
  if (book.tiers.size() == names.size()) return {};
  return wrong("tiers", "every tier of the pack has a rule: " + listed(names));
}

tl::expected<void, RuleMistake> check_parts(const PlayRule& play, const std::string& place) {
  for (std::size_t i = 0; i < play.parts.size(); ++i) {
    const RulePart& part = play.parts[i];
    const std::string own = place + "." + item("parts", i);
    TRY(check_text(own, part.value));
    if (const auto name = check_name(part.name, "the part", 0); !name)
      return wrong(own, name.error().message);
    const bool taken =
        std::find(kPlayKeys.begin(), kPlayKeys.end(), part.name) != kPlayKeys.end() ||
        std::any_of(play.parts.begin(), play.parts.begin() + std::ptrdiff_t(i),
                    [&](const RulePart& other) { return other.name == part.name; });
    if (taken) return wrong(own, "the name \"" + part.name + "\" of a part is taken");
  }
  return {};
}

tl::expected<void, RuleMistake> check_plays(const RuleBook& book) {
  if (book.plays.size() > kPlaysMax)
    return wrong("plays", "a playbook has at most " + std::to_string(kPlaysMax) + " plays");
  for (std::size_t i = 0; i < book.plays.size(); ++i) {
    const PlayRule& play = book.plays[i];
    const std::string place = item("plays", i);
    for (const auto& [key, text] : {std::pair{"name", &play.name},
                                    {"when", &play.when},
                                    {"say", &play.say},
                                    {"channel", &play.channel},
                                    {"cooldown", &play.cooldown}}) {
      TRY(check_text(place + "." + key, *text));
    }
    if (!std::isfinite(play.cost)) return wrong(place + ".cost", "cost is an amount of 0 or more");
    TRY(check_parts(play, place));
  }
  return {};
}

tl::expected<void, RuleMistake> check_margins(const RuleBook& book) {
  if (!(book.margin_number >= 0 && book.margin_number <= 100))
    return wrong("margins.number", "the margin of numbers is 0 to 100");
  if (!(book.margin_probability >= 0 && book.margin_probability <= 1))
    return wrong("margins.probability", "the margin of probabilities is 0 to 1");
  return {};
}

bool is_comparison(OpCode code) { return code >= OpCode::less && code <= OpCode::not_equal; }

std::string plain(double number) {
  std::string text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  if (!text.empty() && text.back() == '.') text.pop_back();
  return text;
}

// A bound that no figure of the task can ever reach is a slip of the pen.
tl::expected<void, RuleMistake> check_bound(const Pack& pack, const std::string& place,
                                            std::uint32_t slot, double bound) {
  if (slot >= pack.tasks().size()) return {};
  const TaskSpec& task = pack.tasks()[slot];
  const bool probability = task.kind == TaskKind::probability;
  const auto least = probability ? std::optional(0.0) : task.min;
  const auto most = probability ? std::optional(1.0) : task.max;
  if ((!least || bound >= *least) && (!most || bound <= *most)) return {};
  return wrong(place, task.name + " lies " +
                          (most ? "between " + plain(least.value_or(0)) + " and " + plain(*most)
                                : "at " + plain(least.value_or(0)) + " or above") +
                          ", and is compared with " + plain(bound));
}

// Every comparison of a task's figure with a number, as the compiler leaves them: operands stand
// right before the operator.
tl::expected<void, RuleMistake> check_bounds(const Pack& pack, const std::string& place,
                                             const Expression& rule) {
  const auto& code = rule.code;
  for (std::size_t i = 2; i < code.size(); ++i) {
    if (!is_comparison(code[i].code)) continue;
    const auto is = [&](std::size_t back, OpCode wanted) {
      return i >= back && code[i - back].code == wanted;
    };
    if (is(1, OpCode::number) && is(2, OpCode::slot)) {
      TRY(check_bound(pack, place, code[i - 2].arg, code[i - 1].number));
    } else if (is(1, OpCode::slot) && is(2, OpCode::number)) {
      TRY(check_bound(pack, place, code[i - 1].arg, code[i - 2].number));
    } else if (is(1, OpCode::negate) && is(2, OpCode::number) && is(3, OpCode::slot)) {
      TRY(check_bound(pack, place, code[i - 3].arg, -code[i - 2].number));
    }
  }
  return {};
}

}  // namespace

RuleBook rule_book_of(const Pack& pack) {
  RuleBook book;
  for (std::size_t k = 0; k < pack.tasks().size(); ++k) {
    const bool number = pack.tasks()[k].kind == TaskKind::number;
    (number ? book.margin_number : book.margin_probability) = pack.tier_margins()[k];
  }
  const Program& program = pack.program();
  for (std::size_t i = 0; i < pack.tiers().size(); ++i)
    book.tiers.push_back({pack.tiers()[i], program.tier_rules[i].text});
  for (std::size_t i = 0; i < pack.plays().size(); ++i) {
    const PlaySpec& play = pack.plays()[i];
    PlayRule& rule = book.plays.emplace_back();
    rule = {play.name,    play.when, play.priority, play.say, format_duration(play.cooldown),
            play.channel, play.cost, true,          {}};
    for (std::size_t j = 0; j < play.numbers.size(); ++j) {
      const std::string& text = program.play_numbers[i][j].text;
      if (text != play.numbers[j]) rule.parts.push_back({play.numbers[j], text});
    }
  }
  return book;
}

// All of a pack but what a book replaces.
void PackBuilder::copy_without_rules(const Pack& from) {
  pack_.name_ = from.name_;
  pack_.currency_ = from.currency_;
  pack_.lapse_ = from.lapse_;
  pack_.score_lapsed_ = from.score_lapsed_;
  pack_.fold_trait_ = from.fold_trait_;
  pack_.events_ = from.events_;
  pack_.events_by_name_ = from.events_by_name_;
  pack_.traits_ = from.traits_;
  pack_.fields_ = from.fields_;
  pack_.sets_ = from.sets_;
  pack_.qualifying_ = from.qualifying_;
  pack_.cancellation_ = from.cancellation_;
  pack_.start_ = from.start_;
  pack_.end_ = from.end_;
  pack_.features_ = from.features_;
  pack_.tasks_ = from.tasks_;
  pack_.feature_hash_ = from.feature_hash_;
  *pack_.program_ = *from.program_;
  pack_.program_->tier_rules.clear();
  pack_.program_->play_rules.clear();
  pack_.program_->play_numbers.clear();
}

Ruled PackBuilder::build_with_rules(const Pack& base, const RuleBook& book) {
  TRY(check_tiers(base, book));
  TRY(check_margins(book));
  TRY(check_plays(book));
  std::shared_ptr<Pack> pack(new Pack());
  PackBuilder builder(*pack);
  builder.copy_without_rules(base);
  for (const TaskSpec& task : pack->tasks_) {
    pack->tier_margins_.push_back(task.kind == TaskKind::number ? book.margin_number
                                                                : book.margin_probability);
  }
  const BookTree tree(book);
  if (const auto read = builder.read_tiers(tree.root); !read)
    return tl::unexpected(tree.mistake_of(read.error()));
  if (const auto read = builder.read_plays(tree.root); !read)
    return tl::unexpected(tree.mistake_of(read.error()));
  Program& program = *pack->program_;
  for (std::size_t i = 0; i < program.tier_rules.size(); ++i)
    TRY(check_bounds(*pack, item("tiers", i) + ".rule", program.tier_rules[i]));
  for (std::size_t i = 0; i < program.play_rules.size(); ++i)
    TRY(check_bounds(*pack, item("plays", i) + ".when", program.play_rules[i]));
  for (std::size_t i = book.plays.size(); i-- > 0;) {
    if (book.plays[i].on) continue;
    const auto at = std::ptrdiff_t(i);
    pack->plays_.erase(pack->plays_.begin() + at);
    program.play_rules.erase(program.play_rules.begin() + at);
    program.play_numbers.erase(program.play_numbers.begin() + at);
  }
  return std::shared_ptr<const Pack>(std::move(pack));
}

Ruled with_rules(const Pack& pack, const RuleBook& book) {
  return PackBuilder::build_with_rules(pack, book);
}

}  // namespace tideline
