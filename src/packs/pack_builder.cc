#include "packs/pack_builder.h"

#include <algorithm>
#include <cmath>

#include "packs/pack_toml.h"
#include "packs/spelling.h"

namespace tideline {
namespace {

constexpr std::size_t kMostEvents = 4096;
constexpr std::size_t kMostFields = 16'384;
constexpr double kLargest = 0x1.0p40;  // sums are exact below this

const std::vector<std::string> kReserved = {"any",   "ever", "trait", "lapse", "true",
                                            "false", "and",  "or",    "not"};

}  // namespace

Result<std::shared_ptr<const Pack>> PackBuilder::build(std::string_view toml,
                                                       std::string_view file) {
  const auto refuse = [&](const Mistake& wrong) {
    return fail(ErrorCode::invalid,
                std::string(file) + ":" + std::to_string(wrong.line) + ": " + wrong.message,
                "bad_pack");
  };
  const Parsed<TomlNode> root = parse_toml(toml);
  if (!root) return refuse(root.error());
  std::shared_ptr<Pack> pack(new Pack());
  const Parsed<void> done = PackBuilder(*pack).read(*root);
  if (!done) return refuse(done.error());
  return std::shared_ptr<const Pack>(std::move(pack));
}

Parsed<void> PackBuilder::read(const TomlNode& root) {
  TRY(check_keys(root, "the pack",
                 {"pack", "event", "trait", "set", "feature", "purchases", "eligible", "task",
                  "tier", "play"}));
  TRY(read_events(root));
  TRY(read_traits(root));
  TRY(read_pack(root));
  TRY(read_sets(root));
  TRY(read_features(root));
  TRY(read_purchases(root));
  TRY(read_eligible(root));
  finish_program();
  TRY(read_tasks(root));
  TRY(read_tiers(root));
  TRY(read_plays(root));
  finish_hashes();
  return {};
}

Parsed<void> PackBuilder::read_events(const TomlNode& root) {
  const TomlNode* events = root.find("event");
  if (events == nullptr || events->kind != TomlNode::Kind::table || events->members.empty()) {
    return mistake(events == nullptr ? 1 : events->line,
                   "a pack needs events: [event.\"Order Completed\"]");
  }
  for (const TomlNode::Member& member : events->members) {
    if (member.value.kind != TomlNode::Kind::table) {
      return mistake(member.line, "event " + in_quotes(member.key) +
                                      " is a table of properties: [event." +
                                      in_quotes(member.key) + "]");
    }
    if (pack_.events_.size() == kMostEvents)
      return mistake(member.line, "a pack has at most 4096 events");
    EventSpec event;
    event.name = member.key;
    event.index = static_cast<std::uint16_t>(pack_.events_.size());
    for (const TomlNode::Member& property : member.value.members) {
      TRY_ASSIGN(FieldSpec field, read_field(property.key, property.value, false));
      if (pack_.fields_.size() == kMostFields) {
        return mistake(property.line, "a pack has at most 16384 properties");
      }
      field.index = static_cast<std::uint16_t>(pack_.fields_.size());
      pack_.fields_.push_back(field);
      event.fields.push_back(std::move(field));
    }
    pack_.events_by_name_.push_back(event.index);
    pack_.events_.push_back(std::move(event));
  }
  std::sort(pack_.events_by_name_.begin(), pack_.events_by_name_.end(),
            [&](auto a, auto b) { return pack_.events_[a].name < pack_.events_[b].name; });
  return {};
}

Parsed<FieldSpec> PackBuilder::read_field(const std::string& name, const TomlNode& node,
                                          bool is_trait) {
  static const std::vector<std::string> types = {"number", "id", "text", "boolean", "choice"};
  FieldSpec field;
  field.name = name;
  std::string type = node.text;
  if (node.kind == TomlNode::Kind::table) {
    TRY(check_keys(node, "the declaration of " + in_quotes(name),
                   is_trait ? std::vector<std::string>{"type", "min", "max", "values", "protected"}
                            : std::vector<std::string>{"type", "min", "max", "values", "money"}));
    TRY_ASSIGN(type, required_text(node, "type", "the declaration of " + in_quotes(name)));
  } else if (node.kind != TomlNode::Kind::text) {
    return mistake(node.line, in_quotes(name) +
                                  " is declared by a type in quotes or a table such as "
                                  "{ type = \"number\", min = 0 }, not by " +
                                  node.kind_name());
  }
  if (std::find(types.begin(), types.end(), type) == types.end()) {
    return mistake(node.line, "unknown type " + in_quotes(type) + " of " + in_quotes(name) +
                                  did_you_mean(type, types) + " (allowed: " + listed(types) + ")");
  }
  field.type = type == "number"    ? FieldType::number
               : type == "boolean" ? FieldType::boolean
               : type == "choice"  ? FieldType::choice
                                   : FieldType::text;
  TRY(read_field_options(node, is_trait, field));
  if (field.type == FieldType::choice && field.choices.empty()) {
    return mistake(node.line, in_quotes(name) +
                                  " is a choice and needs its values: { type = \"choice\", "
                                  "values = [\"a\", \"b\"] }");
  }
  return field;
}

Parsed<void> PackBuilder::read_field_options(const TomlNode& node, bool is_trait,
                                             FieldSpec& field) {
  if (node.kind != TomlNode::Kind::table) return {};
  for (const char* key : {"min", "max"}) {
    const TomlNode* limit = node.find(key);
    if (limit == nullptr) continue;
    TRY_ASSIGN(const double number, number_of(*limit, key));
    if (field.type != FieldType::number) {
      return mistake(limit->line, std::string(key) + " is for numbers, and " +
                                      in_quotes(field.name) + " is none");
    }
    if (!(std::fabs(number) < kLargest)) {
      return mistake(limit->line,
                     std::string(key) + " of " + in_quotes(field.name) + " lies beyond 2^40");
    }
    (key == std::string("min") ? field.min : field.max) = number;
  }
  if (field.min && field.max && *field.min > *field.max) {
    return mistake(node.line, "min of " + in_quotes(field.name) + " is greater than its max");
  }
  if (const TomlNode* values = node.find("values")) {
    if (field.type != FieldType::choice) {
      return mistake(values->line, "values are for the type \"choice\" only");
    }
    TRY_ASSIGN(field.choices, texts_of(*values, "values of " + in_quotes(field.name)));
  }
  if (const TomlNode* mark = node.find(is_trait ? "protected" : "money")) {
    TRY_ASSIGN(const bool value, boolean_of(*mark, is_trait ? "protected" : "money"));
    if (!is_trait && value && field.type != FieldType::number) {
      return mistake(mark->line, "money is for numbers only");
    }
    (is_trait ? field.is_protected : field.is_money) = value;
  }
  return {};
}

Parsed<void> PackBuilder::read_traits(const TomlNode& root) {
  const TomlNode* traits = root.find("trait");
  if (traits == nullptr) return {};
  if (traits->kind != TomlNode::Kind::table)
    return mistake(traits->line, "[trait] is a table of declarations");
  for (const TomlNode::Member& member : traits->members) {
    TRY(check_name(member.key, "trait", member.line));
    TRY_ASSIGN(FieldSpec trait, read_field(member.key, member.value, true));
    if (pack_.traits_.size() == kMostEvents)
      return mistake(member.line, "a pack has at most 4096 traits");
    trait.index = static_cast<std::uint16_t>(pack_.traits_.size());
    pack_.traits_.push_back(std::move(trait));
  }
  return {};
}

Parsed<void> PackBuilder::read_pack(const TomlNode& root) {
  const TomlNode* pack = root.find("pack");
  if (pack == nullptr) return mistake(1, "the section [pack] is missing");
  TRY(check_keys(
      *pack, "[pack]",
      {"name", "about", "currency", "qualifying", "cancellation", "start", "end", "lapse_days",
       "score_lapsed", "fold_trait", "tier_margin_number", "tier_margin_probability"}));
  TRY_ASSIGN(pack_.name_, required_text(*pack, "name", "[pack]"));
  TRY(check_name(pack_.name_, "the pack's name", pack->line));
  TRY(text_or(*pack, "about", ""));
  TRY_ASSIGN(pack_.currency_, text_or(*pack, "currency", ""));
  TRY_ASSIGN(pack_.fold_trait_, text_or(*pack, "fold_trait", ""));
  if (!pack_.fold_trait_.empty() && pack_.find_trait(pack_.fold_trait_) == nullptr) {
    std::vector<std::string> names;
    for (const FieldSpec& trait : pack_.traits_) names.push_back(trait.name);
    return mistake(pack->find("fold_trait")->line, "fold_trait " + in_quotes(pack_.fold_trait_) +
                                                       " is not declared under [trait]" +
                                                       did_you_mean(pack_.fold_trait_, names));
  }
  pack_.lapse_ = 30 * kDay;
  if (const TomlNode* node = pack->find("lapse_days")) {
    TRY_ASSIGN(const double lapse, number_of(*node, "lapse_days"));
    if (lapse != std::floor(lapse) || lapse < 1 || lapse > 365) {
      return mistake(node->line, "lapse_days is a whole number from 1 to 365");
    }
    pack_.lapse_ = static_cast<int>(lapse) * kDay;
  }
  if (const TomlNode* node = pack->find("score_lapsed")) {
    TRY_ASSIGN(pack_.score_lapsed_, boolean_of(*node, "score_lapsed"));
  }
  for (const auto& [key, margin] : {std::pair{"tier_margin_number", &margin_number_},
                                    std::pair{"tier_margin_probability", &margin_probability_}}) {
    const TomlNode* node = pack->find(key);
    if (node == nullptr) continue;
    TRY_ASSIGN(*margin, number_of(*node, key));
    if (!(*margin >= 0)) return mistake(node->line, std::string(key) + " is 0 or more");
  }
  if (pack->find("qualifying") == nullptr) {
    return mistake(pack->line,
                   "[pack] needs qualifying = [...]: the events that count as activity");
  }
  for (const char* key : {"qualifying", "cancellation", "start", "end"}) {
    TomlNode none;
    none.kind = TomlNode::Kind::array;
    const TomlNode* node = pack->find(key);
    TRY(add_set(key, node == nullptr ? none : *node));
  }
  if (pack_.sets_[0].events.empty()) {
    return mistake(pack->find("qualifying")->line, "qualifying names at least one event");
  }
  const auto marks = [&](std::size_t set) {
    std::vector<bool> result(pack_.events_.size(), false);
    for (const std::uint16_t event : pack_.sets_[set].events) result[event] = true;
    return result;
  };
  pack_.qualifying_ = marks(0);
  pack_.cancellation_ = marks(1);
  pack_.start_ = marks(2);
  pack_.end_ = marks(3);
  return {};
}

Parsed<void> PackBuilder::read_sets(const TomlNode& root) {
  const TomlNode* sets = root.find("set");
  if (sets == nullptr) return {};
  if (sets->kind != TomlNode::Kind::table)
    return mistake(sets->line, "[set] is a table: name = [\"Event\", ...]");
  for (const TomlNode::Member& member : sets->members) {
    TRY(check_name(member.key, "set", member.line));
    bool taken = std::find(kReserved.begin(), kReserved.end(), member.key) != kReserved.end();
    for (const EventSet& other : pack_.sets_) taken = taken || other.name == member.key;
    if (taken)
      return mistake(member.line, "the name '" + member.key + "' is taken by the language");
    TRY(add_set(member.key, member.value));
    if (pack_.sets_.back().events.empty()) {
      return mistake(member.line, "the set '" + member.key + "' names at least one event");
    }
  }
  return {};
}

Parsed<void> PackBuilder::add_set(const std::string& name, const TomlNode& node) {
  TRY_ASSIGN(const std::vector<std::string> events, texts_of(node, name));
  EventSet set;
  set.name = name;
  for (const std::string& event : events) {
    const EventSpec* spec = pack_.find_event(event);
    if (spec == nullptr) {
      std::vector<std::string> names;
      for (const EventSpec& other : pack_.events_) names.push_back(other.name);
      return mistake(node.line, "unknown event " + in_quotes(event) + " in " + name +
                                    did_you_mean(event, names) + " (allowed: " + listed(names) +
                                    ")");
    }
    set.events.push_back(spec->index);
  }
  std::sort(set.events.begin(), set.events.end());
  pack_.sets_.push_back(std::move(set));
  return {};
}

}  // namespace tideline
