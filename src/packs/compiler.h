// Compiler: gives the names of an expression their meaning and makes postfix code and aggregates
// of it.
//
// One compiler collects the series and aggregates of many expressions, each once. Slots of traits,
// gone and first_success calls get their final numbers in finish(), when all aggregates are known.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <vector>

#include "packs/program.h"
#include "packs/syntax.h"

namespace tideline {

struct AggregateForm;  // compile_aggregate.cc

class Compiler {
 public:
  enum class Scope : std::uint8_t {
    features,   // aggregates of the past and traits
    label,      // aggregates of the past and of what follows; gone, first_success
    figures,    // names of `figures` only: tier rules and plays
    condition,  // properties of one event: where
  };

  // `pack` needs events, sets, traits and lapse; it must outlive the compiler.
  Compiler(const Pack& pack, Scope scope, std::vector<std::string> figures = {})
      : pack_(pack), scope_(scope), figures_(std::move(figures)) {}

  [[nodiscard]] Parsed<Expression> compile(const Node& node);
  // Final slot numbers for an expression that this compiler made.
  void finish(Expression& expression) const;

  std::vector<Series> series;
  std::vector<Aggregate> aggregates;
  std::vector<GoneCall> gones;
  std::vector<FirstSuccessCall> first_successes;
  Duration horizon{};  // how far ahead of t any expression so far looks

 private:
  struct Typed {
    bool can_be_missing = false;
    bool is_boolean = false;
    double least = -std::numeric_limits<double>::infinity();  // where present, never below this
  };
  struct Selector {
    bool any = false;
    std::vector<std::uint16_t> events;
    std::string property;  // empty: none
    std::string text;      // canonical
  };

  // compiler.cc
  Parsed<Typed> emit(const Node& node);
  Parsed<Typed> emit_name(const Node& node);
  Parsed<Typed> emit_trait(const Node& node);
  Parsed<Typed> emit_unary(const Node& node);
  Parsed<Typed> emit_binary(const Node& node);
  Parsed<Typed> emit_function(const Node& node);
  static Typed result_of(OpCode code, const std::vector<Typed>& args);
  Parsed<Typed> emit_weighted(const Node& node);
  Parsed<Typed> emit_field(const Node& node);
  Parsed<Typed> emit_text_comparison(const Node& node);
  Parsed<Typed> require_boolean(const Node& node, bool wanted);
  void push(OpCode code, std::uint32_t arg = 0, double number = 0);
  [[nodiscard]] const FieldSpec* field_of(std::uint16_t event, const std::string& name) const;

  // compile_aggregate.cc
  Parsed<Typed> emit_aggregate(const Node& node, const AggregateForm& form);
  [[nodiscard]] double least_of(AggregateKind kind, const Selector& selector) const;
  Parsed<Typed> emit_gone(const Node& node);
  Parsed<Typed> emit_first_success(const Node& node);
  Parsed<void> read_options(const Node& node, const AggregateForm& form, Aggregate& call,
                            const Node*& where, double& plus);
  Parsed<void> read_window(const Node& node, const AggregateForm& form, Aggregate& call);
  Parsed<void> check_window(const Node& node, const Aggregate& call) const;
  Parsed<Selector> select(const Node& node) const;
  Parsed<void> select_events(const Node& node, Selector& selector) const;
  Parsed<void> check_property(const Node& node, const AggregateForm& form,
                              const Selector& selector) const;
  Parsed<std::uint16_t> series_for(const Node& node, const Selector& selector,
                                   Accumulator accumulator, const Node* where, double plus,
                                   bool logs);
  Parsed<Series> make_series(const Selector& selector, const Node* where);
  Parsed<Condition> make_condition(const Node& where, std::uint16_t event);
  Parsed<void> check_condition_names(const Node& where, const Selector& selector) const;
  Parsed<Duration> duration_of(const Node& node, const std::string& what,
                               bool lapse_allowed) const;

  // Slots of things that come after the aggregates, until finish() knows how many of those there
  // are.
  static constexpr std::uint32_t kTag = 1U << 24;
  static constexpr std::uint32_t kTraitTag = 1 * kTag;
  static constexpr std::uint32_t kGoneTag = 2 * kTag;
  static constexpr std::uint32_t kFirstSuccessTag = 3 * kTag;

  const Pack& pack_;
  Scope scope_;
  std::vector<std::string> figures_;
  std::vector<Op> code_;
  Condition* condition_ = nullptr;  // scope condition: whose inputs the names become
  std::uint16_t event_ = 0;         // scope condition: whose properties the names are
};

// A label compiled by itself: labels do not share series, they are asked of raw history.
[[nodiscard]] Parsed<LabelProgram> compile_label(const Pack& pack, const Node& node);

}  // namespace tideline
