// A pack: the description of one kind of business, parsed from TOML, checked and compiled once.
//
// Everything that the rest of the program needs to know of a business is here: its events and
// their declared properties, features, labels, tiers, plays. Nothing outside counts on five tasks
// or on 46 features. The text form is documented in docs/packs.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"

namespace tideline {

enum class FieldType : std::uint8_t { number, text, choice, boolean };

// A declared property of an event, or a trait.
struct FieldSpec {
  std::string name;
  FieldType type = FieldType::text;
  std::optional<double> min;  // inclusive; number only
  std::optional<double> max;
  std::vector<std::string> choices;  // choice only
  bool is_protected = false;         // traits: for fairness checks, never a model input
  bool is_money = false;             // events: left out when the event is in another currency
  std::uint16_t index = 0;           // place in Pack::fields() or Pack::traits()
};

struct EventSpec {
  std::string name;
  std::uint16_t index = 0;  // place in Pack::events()
  std::vector<FieldSpec> fields;
};

// A named group of events: [set] of the pack, and qualifying, cancellation, start and end.
struct EventSet {
  std::string name;
  std::vector<std::uint16_t> events;  // EventSpec::index, ascending
};

struct FeatureSpec {
  std::string name;  // snake_case, unique
  std::string group;
  std::string unit;
  std::string definition;  // the expression as written, its named parts put in
  bool can_be_missing = false;
  // Features of one theme tell of the same thing and are one driver together; its own name unless
  // the pack says so.
  std::string theme;
  // For people: what it is called, how its number is written ("%", ".0" to ".9"), a sentence with
  // {now} in place of the usual one, and one for where it is missing; the last two may be empty.
  std::string label;
  std::string form;
  std::string phrase;
  std::string missing;
};

enum class TaskKind : std::uint8_t { probability, number };

struct TaskSpec {
  std::string name;
  TaskKind kind = TaskKind::probability;
  std::string label;  // the expression as written
  std::string
      definition;  // one sentence for people, printed with every answer that carries the figure
  Duration horizon{};         // a label at t is known at t + horizon
  std::optional<double> min;  // range of a number, e.g. 0..100 for health
  std::optional<double> max;
  std::string
      not_below;  // name of another probability task that this one is never below; may be empty
};

struct PlaySpec {
  std::string name;
  std::string when;
  std::string priority;              // low, medium, high
  std::string say;                   // with {name}, {name:%}, {name:.1}
  std::vector<std::string> numbers;  // the names in `say`, each once
  Duration cooldown{};
  std::string channel;  // "call", "email", whatever the business has; may be empty
  double cost = 0;      // expected, of one action, in the pack's currency; >= 0
};

// Compiled expressions and the accumulators that they need; defined in packs/program.h.
struct Program;

class Pack {
 public:
  // Parses and checks the text of a pack. `file` is used in messages only. Errors are `invalid`
  // and say "FILE:LINE: what is wrong; what is allowed", for the first mistake found.
  [[nodiscard]] static Result<std::shared_ptr<const Pack>> parse(std::string_view toml,
                                                                 std::string_view file);

  ~Pack();
  Pack(const Pack&) = delete;
  Pack& operator=(const Pack&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& currency() const { return currency_; }
  [[nodiscard]] Duration lapse() const { return lapse_; }  // D of design 4.6
  [[nodiscard]] bool score_lapsed() const { return score_lapsed_; }
  [[nodiscard]] const std::string& fold_trait() const {
    return fold_trait_;
  }  // empty: fold by customer id

  [[nodiscard]] const std::vector<EventSpec>& events() const { return events_; }
  [[nodiscard]] const EventSpec* find_event(
      std::string_view name) const;  // nullptr: unknown to the pack
  [[nodiscard]] const std::vector<FieldSpec>& traits() const { return traits_; }
  [[nodiscard]] const FieldSpec* find_trait(std::string_view name) const;  // nullptr: not declared
  // Fields of all events, one after the other; FieldValue::field counts on this order.
  [[nodiscard]] const std::vector<FieldSpec>& fields() const { return fields_; }
  [[nodiscard]] const std::vector<EventSet>& sets() const { return sets_; }
  [[nodiscard]] bool is_qualifying(std::uint16_t event) const;
  [[nodiscard]] bool is_cancellation(std::uint16_t event) const;
  [[nodiscard]] bool is_start(std::uint16_t event) const;
  [[nodiscard]] bool is_end(std::uint16_t event) const;

  [[nodiscard]] const std::vector<FeatureSpec>& features() const { return features_; }
  [[nodiscard]] std::optional<std::size_t> feature_index(std::string_view name) const;
  [[nodiscard]] const std::vector<TaskSpec>& tasks() const { return tasks_; }
  [[nodiscard]] std::optional<std::size_t> task_index(std::string_view name) const;
  [[nodiscard]] const std::vector<std::string>& tiers() const {
    return tiers_;
  }  // in the order checked
  [[nodiscard]] const std::vector<PlaySpec>& plays() const { return plays_; }

  // How far a task's figure must pass a tier's border before the tier changes; in the order of
  // tasks().
  [[nodiscard]] const std::vector<double>& tier_margins() const { return tier_margins_; }

  // Over names, order, types, windows and definitions of the features. Models carry it.
  [[nodiscard]] const Hash128& feature_hash() const { return feature_hash_; }
  [[nodiscard]] const Program& program() const { return *program_; }

 private:
  friend class PackBuilder;
  Pack();

  std::string name_;
  std::string currency_;
  Duration lapse_{};
  bool score_lapsed_ = false;
  std::string fold_trait_;
  std::vector<EventSpec> events_;
  std::vector<std::uint16_t> events_by_name_;  // sorted by name
  std::vector<FieldSpec> traits_;
  std::vector<FieldSpec> fields_;
  std::vector<EventSet> sets_;
  std::vector<bool> qualifying_;  // by EventSpec::index, as the three that follow
  std::vector<bool> cancellation_;
  std::vector<bool> start_;
  std::vector<bool> end_;
  std::vector<FeatureSpec> features_;
  std::vector<TaskSpec> tasks_;
  std::vector<std::string> tiers_;
  std::vector<PlaySpec> plays_;
  std::vector<double> tier_margins_;
  Hash128 feature_hash_{};
  std::unique_ptr<Program> program_;
};

}  // namespace tideline
