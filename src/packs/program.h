// Program: the expressions of a pack, compiled, and the accumulators ("series") that they need.
//
// An expression is postfix code over slots of doubles in which NaN is missing. What the slots are
// depends on who asks: features and eligibility see aggregates of a customer's events, then
// traits; tier rules see figures of the tasks, then features; plays see these, then the figures as
// they were 28 days before, then what each feature contributed to the task of drivers, then 1 for
// the customer's tier and 0 for the others; a label sees aggregates of what happened before and
// after t.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "packs/pack.h"

namespace tideline {

enum class OpCode : std::uint8_t {
  number,
  slot,  // push Op::number, push slots[Op::arg]
  negate,
  logical_not,
  absolute,
  logarithm,
  square_root,
  present,
  add,
  subtract,
  multiply,
  divide,
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  logical_and,
  logical_or,
  minimum,
  maximum,
  weighted,  // of the Op::arg topmost values; weighted: pairs of weight and value
  when,
  or_else,
};

struct Op {
  OpCode code = OpCode::number;
  std::uint32_t arg = 0;
  double number = 0;
};

struct Expression {
  std::vector<Op> code;
  std::string text;             // canonical, named parts put in
  bool can_be_missing = false;  // for some customer at some time
  bool is_boolean = false;
};

// NaN is missing. Comparisons give 1 or 0. and, or: missing only where the other operand does not
// decide. `slots` must cover every slot that the expression names.
[[nodiscard]] double evaluate(const Expression& expression, std::span<const double> slots);
// The expression is present and not 0.
[[nodiscard]] bool holds(const Expression& expression, std::span<const double> slots);

// What is kept of the events of a series, per tile and over all time.
enum class Accumulator : std::uint8_t {
  counters,  // nothing of its own: the state's lifetime counters answer
  count,     // how many
  sums,      // count and exact sum of a property, or of log(plus + property)
  moments,   // and sum of squares
  extremes,  // least and greatest
  bag,       // how often each value
  latest,    // the value of the newest event, over all time
  times,     // first and last time, over all time
  days,      // the active days, over all time
};
inline constexpr std::size_t kAccumulators = 9;

inline constexpr std::uint16_t kNoField = 0xFFFF;
inline constexpr std::uint16_t kEventName = 0xFFFE;  // any.name
inline constexpr std::uint16_t kAnyEvent = 0xFFFE;   // Route::event of `any`

// A `where`, for one event: `inputs` make the slots of `expression`.
struct Condition {
  struct Input {
    std::uint16_t field =
        kNoField;  // Pack::fields(); kNoField: the event does not declare it, missing
    std::optional<std::string>
        text;  // 1 when the field is this text, else 0; without: its number, boolean as 0 or 1
  };
  Expression expression;
  std::vector<Input> inputs;
};

// How one event reaches a series.
struct Route {
  std::uint16_t event = 0;         // EventSpec::index, or kAnyEvent
  std::uint16_t field = kNoField;  // property looked at; kNoField: none needed
  std::int32_t condition = -1;     // place in Series::conditions
};

struct Series {
  std::string key;  // canonical text: events, property, where, plus
  Accumulator accumulator = Accumulator::count;
  bool logs = false;  // sums: of log(plus + x), rounded once
  double plus = 0;
  bool has_property = false;  // only events that carry it count
  bool keeps_hours = false;   // hour tiles are needed: some window is cut within the last 14 days
  bool keeps_days = false;
  bool keeps_ever = false;
  Duration reach{};        // how far back its windows look at most
  std::uint16_t slot = 0;  // number among the series of the same accumulator
  std::vector<Route> routes;
  std::vector<Condition> conditions;
};

enum class AggregateKind : std::uint8_t {
  count,
  sum,
  mean,
  sd,
  min_of,
  max_of,
  last,
  distinct,
  top_share,
  active_days,
  gap_mean,
  gap_max,
  gap_sd,
  blocks_mean,
  blocks_sd,
  blocks_active,
  since,
  since_first,
  geo_mean,
};

// One call. Windows as of t (design 4.4): [edge(t, window), t], or [edge(t, window), edge(t,
// before)).
struct Aggregate {
  AggregateKind kind = AggregateKind::count;
  std::uint16_t series = 0;
  Duration window{};         // zero: ever
  Duration before{};         // zero: up to t
  bool ahead = false;        // labels only: (t, t + window]
  std::uint16_t blocks = 0;  // blocks_*: that many blocks of `window` each
};

// A condition over a customer's state. Slots: `aggregates`, then Pack::traits().
struct Rule {
  std::vector<Aggregate> aggregates;  // series of Program::series
  std::vector<Series>
      loose;  // series that only the state's counters answer; numbers go on after Program's
  Expression expression;
};

// gone(horizon, lapse) of design 4.6.
struct GoneCall {
  Duration horizon{};
  Duration lapse{};
};

// first_success(...) of design 4.6. Series: of the label; fields by the routes of the series.
struct FirstSuccessCall {
  std::uint16_t attempts = 0;        // what counts as a meeting, with the partner's id as property
  std::uint16_t completed = 0;       // the meetings that took place, with the same property
  std::uint16_t ratings = 0;         // rating events, with the rating as property
  std::uint16_t rating_partner = 0;  // rating events, with the partner's id as property
  std::uint16_t else_rated = 0;      // completed meetings, with a rating as property
  Duration within{};                 // the meeting must come in (t, t + within]
  Duration unseen{};                 // new: no meeting with that partner in this time before it
  Duration rated_within{};
  Duration again{};  // or another completed meeting with the same partner in this time
  double at_least = 0;
};

// What happened after t. Slots: aggregates, then gone calls, then first_success calls.
struct LabelProgram {
  std::string text;
  std::vector<Series> series;
  std::vector<Aggregate> aggregates;
  std::vector<GoneCall> gones;
  std::vector<FirstSuccessCall> first_successes;
  Expression expression;
  Duration horizon{};  // known at t + horizon
};

// Features that tell a customer's purchases: [purchases] of the pack. Places in Pack::features().
struct PurchaseColumns {
  std::size_t active_days = 0;  // days with a purchase in the whole life
  std::size_t since_last = 0;   // days since the last purchase
  std::size_t since_first = 0;
};

struct Program {
  std::optional<PurchaseColumns> purchases;  // nullopt: the pack is not about purchases
  std::vector<Series> series;
  // By EventSpec::index: the (series, route) pairs that an event reaches, `any` included.
  struct Reach {
    std::uint16_t series = 0;
    std::uint16_t route = 0;
  };
  std::vector<std::vector<Reach>> reached_by;
  std::vector<Reach> reached_by_unknown;  // page, screen and names that the pack does not know

  std::vector<Aggregate> aggregates;  // of features and eligibility, each once
  std::vector<Expression> features;   // slots: aggregates, then Pack::traits() as numbers
  Expression eligible;                // same slots
  std::vector<LabelProgram> labels;   // one a task
  std::vector<Expression>
      tier_rules;  // in the order of Pack::tiers(); slots: tasks, then features
  std::vector<Expression> play_rules;                 // in the order of Pack::plays()
  std::vector<std::vector<Expression>> play_numbers;  // of PlaySpec::numbers, same slots
  Hash128 state_hash;  // over the series: bytes of CustomerState carry it
  // How many series have each accumulator, by Accumulator.
  std::vector<std::uint16_t> slots_of = std::vector<std::uint16_t>(kAccumulators, 0);
};

// Compiles an eligibility rule given by hand, e.g. 'since(qualifying) <= 90d'. Counts and times
// over a customer's whole life are always known; other aggregates must be ones that the pack's own
// features use.
[[nodiscard]] Result<Rule> parse_rule(const Pack& pack, std::string_view text);

// Compiles a label given by hand, e.g. 'gone(0d, 14d)'.
[[nodiscard]] Result<LabelProgram> parse_label(const Pack& pack, std::string_view text);

}  // namespace tideline
