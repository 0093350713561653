// The part of the compiler that reads aggregates, gone() and first_success().
#include <algorithm>
#include <array>
#include <limits>

#include "packs/aggregate_form.h"
#include "packs/compiler.h"
#include "packs/spelling.h"

namespace tideline {
namespace {

using A = Accumulator;
using K = AggregateKind;
using P = AggregateForm::Property;

constexpr std::array<AggregateForm, 19> kForms = {{
    {"count", K::count, P::optional, A::count, A::count, false, true, true},
    {"sum", K::sum, P::number, A::sums, A::sums, false, true, true},
    {"mean", K::mean, P::number, A::sums, A::sums, true, true, true},
    {"sd", K::sd, P::number, A::moments, A::moments, true, true, true},
    {"min_of", K::min_of, P::number, A::extremes, A::extremes, true, true, true},
    {"max_of", K::max_of, P::number, A::extremes, A::extremes, true, true, true},
    {"last", K::last, P::number, A::latest, A::latest, true, false, false},
    {"distinct", K::distinct, P::value, A::bag, A::bag, false, true, true},
    {"top_share", K::top_share, P::value, A::bag, A::bag, true, true, true},
    {"active_days", K::active_days, P::optional, A::count, A::days, false, true, true},
    {"gap_mean", K::gap_mean, P::optional, A::count, A::days, true, true, true},
    {"gap_max", K::gap_max, P::optional, A::count, A::days, true, true, true},
    {"gap_sd", K::gap_sd, P::optional, A::count, A::days, true, true, true},
    {"blocks_mean", K::blocks_mean, P::optional, A::count, A::bag, false, false, false},
    {"blocks_sd", K::blocks_sd, P::optional, A::count, A::bag, false, false, false},
    {"blocks_active", K::blocks_active, P::optional, A::count, A::bag, false, false, false},
    {"since", K::since, P::optional, A::times, A::times, true, false, false},
    {"since_first", K::since_first, P::optional, A::times, A::times, true, false, false},
    {"geo_mean", K::geo_mean, P::number, A::sums, A::sums, true, true, true},
}};

constexpr Duration kLongest = 120 * kDay;  // day tiles are kept 121 days
constexpr Duration kHourly = 14 * kDay;    // up to here windows are cut at hours
constexpr Duration kSinceDefault = 120 * kDay;

bool is_ever(const Node& node) { return node.kind == Node::Kind::name && node.text == "ever"; }

std::vector<std::string> names_of(const std::vector<FieldSpec>& fields) {
  std::vector<std::string> names;
  for (const FieldSpec& field : fields) names.push_back(field.name);
  return names;
}

void collect_names(const Node& node, std::vector<const Node*>& names) {
  if (node.kind == Node::Kind::name) names.push_back(&node);
  for (const Node& arg : node.args) collect_names(arg, names);
}

bool same(const Aggregate& a, const Aggregate& b) {
  return a.kind == b.kind && a.series == b.series && a.window == b.window &&
         a.before == b.before && a.ahead == b.ahead && a.blocks == b.blocks;
}

}  // namespace

const AggregateForm* find_aggregate_form(std::string_view name) {
  for (const AggregateForm& form : kForms) {
    if (name == form.name) return &form;
  }
  return nullptr;
}

std::vector<std::string> aggregate_names() {
  std::vector<std::string> names;
  for (const AggregateForm& form : kForms) names.emplace_back(form.name);
  return names;
}

Parsed<Compiler::Typed> Compiler::emit_aggregate(const Node& node, const AggregateForm& form) {
  const std::string usage =
      std::string(form.name) + (is_blocks(form.kind) ? "(\"Event\", 7d, 8)" : "(\"Event\", 30d)");
  if (node.args.empty()) return mistake(node.line, node.text + "() needs events, e.g. " + usage);
  TRY_ASSIGN(const Selector selector, select(node.args[0]));
  TRY(check_property(node, form, selector));

  Aggregate call;
  call.kind = form.kind;
  const Node* where = nullptr;
  double plus = 0;
  TRY(read_options(node, form, call, where, plus));
  TRY(read_window(node, form, call));
  TRY(check_window(node, call));
  if (where != nullptr && selector.any) {
    return mistake(node.line, "`any` has no properties, so it takes no where");
  }

  const bool ever = call.window.count() == 0;
  Accumulator accumulator = ever ? form.ever : form.accumulator;
  const bool plain = where == nullptr && selector.property.empty();
  if (plain && (accumulator == A::times || (form.kind == K::count && ever)))
    accumulator = A::counters;
  TRY_ASSIGN(call.series,
             series_for(node, selector, accumulator, where, plus, form.kind == K::geo_mean));
  Series& of = series[call.series];
  if (!call.ahead) {
    of.keeps_ever = of.keeps_ever || ever;
    of.keeps_days = of.keeps_days || !ever;
    const bool cut_at_hours = call.window <= kHourly ||
                              (call.before.count() > 0 && call.before <= kHourly) ||
                              is_blocks(call.kind);
    of.keeps_hours = of.keeps_hours || (!ever && cut_at_hours);
    of.reach = std::max(of.reach, is_blocks(call.kind) ? call.window * call.blocks : call.window);
  } else {
    horizon = std::max(horizon, call.window);
  }
  std::size_t index = 0;
  while (index < aggregates.size() && !same(aggregates[index], call)) ++index;
  if (index == aggregates.size()) aggregates.push_back(call);
  push(OpCode::slot, static_cast<std::uint32_t>(index));
  return Typed{form.missing_when_empty, false, least_of(form.kind, selector)};
}

// What an aggregate is never below: 0 for counts and days; for figures of a property 0 where the
// pack lets no event carry less.
double Compiler::least_of(AggregateKind kind, const Selector& selector) const {
  constexpr double kAnything = -std::numeric_limits<double>::infinity();
  switch (kind) {
    case K::sum:
    case K::mean:
    case K::min_of:
    case K::max_of:
    case K::last: break;
    case K::geo_mean: return kAnything;
    default: return 0;
  }
  for (const std::uint16_t event : selector.events) {
    const FieldSpec* field = field_of(event, selector.property);
    if (field == nullptr || field->type == FieldType::boolean) continue;
    if (!field->min || *field->min < 0) return kAnything;
  }
  return 0;
}

Parsed<void> Compiler::read_options(const Node& node, const AggregateForm& form, Aggregate& call,
                                    const Node*& where, double& plus) {
  std::vector<std::string> allowed = {"where"};
  if (form.takes_before) allowed.emplace_back("before");
  if (form.takes_ahead && scope_ == Scope::label) allowed.emplace_back("ahead");
  if (form.kind == K::geo_mean) allowed.emplace_back("plus");
  for (const Node::Option& option : node.options) {
    if (std::find(allowed.begin(), allowed.end(), option.name) == allowed.end()) {
      const std::string why = option.name == "ahead" ? "; ahead is for labels only" : "";
      return mistake(node.line, node.text + "() has no option '" + option.name + "'" +
                                    did_you_mean(option.name, allowed) + why +
                                    " (allowed: " + listed(allowed) + ")");
    }
    if (option.name == "where") {
      where = &option.value;
    } else if (option.name == "plus") {
      if (option.value.kind != Node::Kind::number || option.value.number < 0) {
        return mistake(node.line,
                       "plus is a number of 0 or more, not '" + render(option.value) + "'");
      }
      plus = option.value.number;
    } else if (option.name == "before") {
      TRY_ASSIGN(call.before, duration_of(option.value, "before", false));
    } else {
      TRY_ASSIGN(call.window, duration_of(option.value, "ahead", false));
      call.ahead = true;
    }
  }
  return {};
}

Parsed<void> Compiler::read_window(const Node& node, const AggregateForm& form, Aggregate& call) {
  const std::size_t most = is_blocks(form.kind) ? 3 : 2;
  if (node.args.size() > most || (call.ahead && node.args.size() > 1)) {
    return mistake(node.line, node.text + "() has too many arguments" +
                                  (call.ahead ? ": with ahead there is no other window" : ""));
  }
  if (is_blocks(form.kind)) {
    if (node.args.size() != 3 || node.args[2].kind != Node::Kind::number ||
        node.args[2].number < 1 || node.args[2].number > 120 ||
        node.args[2].number != static_cast<int>(node.args[2].number)) {
      return mistake(node.line, node.text +
                                    "() takes events, the length of a block and how many: " +
                                    node.text + "(\"Event\", 7d, 8)");
    }
    call.blocks = static_cast<std::uint16_t>(node.args[2].number);
  }
  if (call.ahead) return {};
  if (node.args.size() == 1) {
    if (form.kind == K::since || form.kind == K::since_first) {
      call.window = form.kind == K::since ? kSinceDefault : Duration{0};
      return {};
    }
    return mistake(node.line, node.text + "() needs a window, such as 30d or ever");
  }
  if (is_ever(node.args[1])) {
    if (form.ever == A::bag)
      return mistake(node.line, node.text + "() needs a window of at most 120d, not ever");
    if (call.before.count() > 0)
      return mistake(node.line, "before needs a window in days, not ever");
    return {};
  }
  TRY_ASSIGN(call.window, duration_of(node.args[1], "the window", false));
  if (form.kind == K::since_first) {
    return mistake(node.line,
                   "since_first() counts from the first of all events: it takes no window");
  }
  if (call.window.count() == 0) return mistake(node.line, "a window is longer than 0d");
  return {};
}

Parsed<void> Compiler::check_window(const Node& node, const Aggregate& call) const {
  const auto aligned = [](Duration d) { return d % (d <= kHourly ? kHour : kDay) == Duration{0}; };
  const std::string allowed = " (allowed: whole hours up to 14d, whole days up to 120d" +
                              std::string(call.ahead ? ")" : ", or ever)");
  if (!aligned(call.window) || !aligned(call.before)) {
    return mistake(node.line,
                   "windows are cut at whole hours or days: '" + render(node) + "'" + allowed);
  }
  const Duration reach = call.window * std::max<int>(1, call.blocks);
  if (reach > kLongest && !call.ahead) {
    return mistake(node.line, "'" + render(node) + "' reaches back " + format_duration(reach) +
                                  ", further than tiles are kept" + allowed);
  }
  if (call.before.count() > 0 && call.ahead) {
    return mistake(node.line, "before and ahead exclude each other");
  }
  if (call.before.count() > 0 && call.before >= call.window) {
    return mistake(node.line,
                   "before must be shorter than the window: 'the 14 days before the last 14' is "
                   "28d, before = 14d");
  }
  return {};
}

Parsed<Compiler::Selector> Compiler::select(const Node& node) const {
  Selector selector;
  const bool has_property = node.kind == Node::Kind::member;
  TRY(select_events(has_property ? node.args[0] : node, selector));
  if (has_property) selector.property = node.text;
  for (const std::uint16_t event : selector.events) {
    selector.text += (selector.text.empty() ? "\"" : "+\"") + pack_.events()[event].name + "\"";
  }
  if (selector.any) selector.text = "any";
  return selector;
}

Parsed<void> Compiler::select_events(const Node& node, Selector& selector) const {
  if (node.kind == Node::Kind::text) {
    const EventSpec* event = pack_.find_event(node.text);
    if (event != nullptr) {
      selector.events.push_back(event->index);
      return {};
    }
    std::vector<std::string> names;
    for (const EventSpec& other : pack_.events()) names.push_back(other.name);
    return mistake(node.line, "unknown event \"" + node.text + "\"" +
                                  did_you_mean(node.text, names) + " (allowed: " + listed(names) +
                                  ")");
  }
  if (node.kind != Node::Kind::name) {
    return mistake(node.line,
                   "'" + render(node) + "' names no events: give \"Event\", a set or any");
  }
  if (node.text == "any") {
    selector.any = true;
    return {};
  }
  std::vector<std::string> names = {"any"};
  for (const EventSet& set : pack_.sets()) {
    names.push_back(set.name);
    if (set.name == node.text) {
      selector.events = set.events;
      if (!set.events.empty()) return {};
      return mistake(node.line, "the set '" + node.text + "' names no events in this pack");
    }
  }
  return mistake(node.line, "unknown set '" + node.text + "'" + did_you_mean(node.text, names) +
                                " (allowed: " + listed(names) + "; single events stand in \"\")");
}

Parsed<void> Compiler::check_property(const Node& node, const AggregateForm& form,
                                      const Selector& selector) const {
  const std::string called = node.text + "()";
  if (selector.property.empty()) {
    if (form.property == P::optional) return {};
    return mistake(node.line,
                   called + " needs a property, e.g. " + node.text + "(\"Event\".property, 30d)");
  }
  if (selector.any) {
    if (selector.property == "name" && form.property == P::value) return {};
    return mistake(node.line, "`any` has no property but name, for distinct() and top_share()");
  }
  std::vector<std::string> known;
  bool found = false;
  for (const std::uint16_t event : selector.events) {
    for (const std::string& name : names_of(pack_.events()[event].fields)) known.push_back(name);
    const FieldSpec* field = field_of(event, selector.property);
    if (field == nullptr) continue;
    found = true;
    const bool number = field->type == FieldType::number || field->type == FieldType::boolean;
    if (form.property == P::number && !number) {
      return mistake(node.line,
                     called + " needs a number, and '" + selector.property + "' is a text");
    }
  }
  if (found) return {};
  return mistake(node.line, selector.text + " declares no property '" + selector.property + "'" +
                                did_you_mean(selector.property, known) +
                                (known.empty() ? " (it declares none)"
                                               : " (allowed: " + listed(known) + ")"));
}

Parsed<std::uint16_t> Compiler::series_for(const Node& node, const Selector& selector,
                                           Accumulator accumulator, const Node* where, double plus,
                                           bool logs) {
  std::string key = selector.text + (selector.property.empty() ? "" : "." + selector.property);
  if (where != nullptr) {
    TRY(check_condition_names(*where, selector));
    key += " where " + render(*where);
  }
  if (logs) {
    Node number;
    number.number = plus;
    key += " plus " + render(number);
  }
  for (std::size_t i = 0; i < series.size(); ++i) {
    Series& known = series[i];
    if (known.key != key) continue;
    // Moments hold sums too, so one series serves mean and sd.
    const bool both_sums = (known.accumulator == A::sums || known.accumulator == A::moments) &&
                           (accumulator == A::sums || accumulator == A::moments);
    if (known.accumulator != accumulator && !both_sums) continue;
    if (accumulator == A::moments) known.accumulator = A::moments;
    return static_cast<std::uint16_t>(i);
  }
  if (series.size() >= kAnyEvent) return mistake(node.line, "too many different aggregates");
  TRY_ASSIGN(Series made, make_series(selector, where));
  made.key = key;
  made.accumulator = accumulator;
  made.logs = logs;
  made.plus = plus;
  series.push_back(std::move(made));
  return static_cast<std::uint16_t>(series.size() - 1);
}

Parsed<Series> Compiler::make_series(const Selector& selector, const Node* where) {
  Series made;
  made.has_property = !selector.property.empty();
  if (selector.any) {
    made.routes.push_back(Route{kAnyEvent, made.has_property ? kEventName : kNoField, -1});
    return made;
  }
  for (const std::uint16_t event : selector.events) {
    Route route{event, kNoField, -1};
    if (made.has_property) {
      const FieldSpec* field = field_of(event, selector.property);
      if (field == nullptr) continue;  // an event of the set that cannot carry it
      route.field = field->index;
    }
    if (where != nullptr) {
      route.condition = static_cast<std::int32_t>(made.conditions.size());
      TRY_ASSIGN(Condition condition, make_condition(*where, event));
      made.conditions.push_back(std::move(condition));
    }
    made.routes.push_back(route);
  }
  return made;
}

Parsed<Condition> Compiler::make_condition(const Node& where, std::uint16_t event) {
  Compiler inner(pack_, Scope::condition);
  Condition condition;
  inner.condition_ = &condition;
  inner.event_ = event;
  TRY_ASSIGN(condition.expression, inner.compile(where));
  if (!condition.expression.is_boolean) {
    return mistake(where.line, "where needs a condition, and '" + render(where) + "' is a number");
  }
  return condition;
}

Parsed<void> Compiler::check_condition_names(const Node& where, const Selector& selector) const {
  std::vector<const Node*> names;
  collect_names(where, names);
  std::vector<std::string> known;
  for (const std::uint16_t event : selector.events) {
    for (const std::string& name : names_of(pack_.events()[event].fields)) known.push_back(name);
  }
  for (const Node* name : names) {
    if (std::find(known.begin(), known.end(), name->text) != known.end()) continue;
    return mistake(name->line, selector.text + " declares no property '" + name->text +
                                   "' for where" + did_you_mean(name->text, known) +
                                   (known.empty() ? " (it declares none)"
                                                  : " (allowed: " + listed(known) + ")"));
  }
  return {};
}

Parsed<Duration> Compiler::duration_of(const Node& node, const std::string& what,
                                       bool lapse_allowed) const {
  if (node.kind == Node::Kind::duration) return node.duration;
  if (lapse_allowed && node.kind == Node::Kind::name && node.text == "lapse") return pack_.lapse();
  return mistake(node.line, what + " is a duration such as 14d or 36h" +
                                (lapse_allowed ? ", or lapse" : "") + ", not '" + render(node) +
                                "'");
}

Parsed<Compiler::Typed> Compiler::emit_gone(const Node& node) {
  if (node.args.size() != 2 || !node.options.empty()) {
    return mistake(node.line,
                   "gone() takes a horizon and a lapse period: gone(14d, lapse) or gone(0d, 14d)");
  }
  GoneCall call;
  TRY_ASSIGN(call.horizon, duration_of(node.args[0], "the horizon of gone()", false));
  TRY_ASSIGN(call.lapse, duration_of(node.args[1], "the lapse period of gone()", true));
  if (call.lapse.count() == 0)
    return mistake(node.line, "the lapse period of gone() is longer than 0d");
  push(OpCode::slot, kGoneTag | static_cast<std::uint32_t>(gones.size()));
  gones.push_back(call);
  horizon = std::max(horizon, call.horizon + call.lapse);
  return Typed{false, false};
}

Parsed<Compiler::Typed> Compiler::emit_first_success(const Node& node) {
  static const std::vector<std::string> allowed = {
      "completed", "within", "unseen", "rated", "rated_within", "else_rated", "at_least", "again"};
  std::map<std::string, const Node*> options;
  for (const Node::Option& option : node.options) {
    if (std::find(allowed.begin(), allowed.end(), option.name) == allowed.end()) {
      return mistake(node.line, "first_success() has no option '" + option.name + "'" +
                                    did_you_mean(option.name, allowed) +
                                    " (allowed: " + listed(allowed) + ")");
    }
    options[option.name] = &option.value;
  }
  for (const std::string& option : allowed) {
    if (!options.contains(option))
      return mistake(node.line, "first_success() needs the option '" + option + "'");
  }
  if (node.args.size() != 1) {
    return mistake(node.line,
                   "first_success() takes the partner's id in a meeting, e.g. \"Session "
                   "Completed\".tutor_id");
  }
  FirstSuccessCall call;
  TRY_ASSIGN(call.within, duration_of(*options["within"], "within", false));
  TRY_ASSIGN(call.unseen, duration_of(*options["unseen"], "unseen", false));
  TRY_ASSIGN(call.rated_within, duration_of(*options["rated_within"], "rated_within", false));
  TRY_ASSIGN(call.again, duration_of(*options["again"], "again", false));
  if (options["at_least"]->kind != Node::Kind::number) {
    return mistake(node.line, "at_least is a number, not '" + render(*options["at_least"]) + "'");
  }
  call.at_least = options["at_least"]->number;

  const AggregateForm any_value{"first_success", K::distinct, P::value, A::bag,
                                A::bag,          true,        false,    false};
  const AggregateForm a_number{"first_success", K::mean, P::number, A::sums,
                               A::sums,         true,    false,     false};
  const auto add = [&](const Node& what, const AggregateForm& form) -> Parsed<std::uint16_t> {
    TRY_ASSIGN(const Selector selector, select(what));
    TRY(check_property(node, form, selector));
    return series_for(node, selector, form.accumulator, nullptr, 0, false);
  };
  TRY_ASSIGN(call.attempts, add(node.args[0], any_value));
  TRY_ASSIGN(call.completed, add(*options["completed"], any_value));
  TRY_ASSIGN(call.ratings, add(*options["rated"], a_number));
  TRY_ASSIGN(call.else_rated, add(*options["else_rated"], a_number));
  // The rating says whom it is about where its event declares the property of that name.
  call.rating_partner = kNoField;
  if (options["rated"]->kind == Node::Kind::member && node.args[0].kind == Node::Kind::member) {
    Node partner = *options["rated"];
    partner.text = node.args[0].text;
    if (const auto found = add(partner, any_value)) call.rating_partner = *found;
  }
  push(OpCode::slot, kFirstSuccessTag | static_cast<std::uint32_t>(first_successes.size()));
  first_successes.push_back(call);
  horizon = std::max(horizon, call.within + std::max(call.rated_within, call.again));
  return Typed{true, false};
}

}  // namespace tideline
