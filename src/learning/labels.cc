#include "learning/labels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "base/check.h"
#include "base/exact.h"
#include "features/finish.h"
#include "features/series_input.h"
#include "features/window.h"

namespace tideline {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// An observation of a series, with the route by which it reaches it.
struct Hit {
  const Observation* observation = nullptr;
  const Route* route = nullptr;
};

// Observations with from <= time < to.
History between(History history, Time from, Time to) {
  const auto before = [](const Observation& o, Time t) { return o.time < t; };
  const auto first = std::lower_bound(history.begin(), history.end(), from, before);
  const auto last = std::lower_bound(first, history.end(), to, before);
  return History(first, last);
}

constexpr Duration kTick{1};  // times are whole milliseconds: (a, b] is [a + 1, b + 1)
History after_until(History history, Time after, Time until) {
  return between(history, after + kTick, until + kTick);
}

std::vector<Hit> hits(const Series& series, History history) {
  std::vector<Hit> found;
  for (const Observation& observation : history) {
    if (const Route* route = route_of(series, observation)) found.push_back({&observation, route});
  }
  return found;
}

class LabelView {
 public:
  LabelView(const Pack& pack, const LabelProgram& program, History history, Time t)
      : pack_(pack), program_(program), history_(history), t_(t) {}

  [[nodiscard]] double aggregate(const Aggregate& call) const;
  [[nodiscard]] double gone(const GoneCall& call) const;
  [[nodiscard]] double first_success(const FirstSuccessCall& call) const;

 private:
  [[nodiscard]] History window_of(const Aggregate& call) const;
  [[nodiscard]] double numbers(const Aggregate& call, const Series& series,
                               const std::vector<Hit>& found) const;
  [[nodiscard]] double values(const Aggregate& call, const std::vector<Hit>& found) const;
  [[nodiscard]] double days_figure(const Aggregate& call, const std::vector<Hit>& found) const;
  [[nodiscard]] double blocks(const Aggregate& call, const Series& series) const;
  [[nodiscard]] double since(const Aggregate& call, const Series& series) const;
  [[nodiscard]] bool none_in(Time after, Time until, bool (Pack::*is)(std::uint16_t) const) const;
  [[nodiscard]] std::optional<double> rating_of(const FirstSuccessCall& call, const Hit& meeting,
                                                std::uint64_t partner) const;

  const Pack& pack_;
  const LabelProgram& program_;
  History history_;
  Time t_;
};

History LabelView::window_of(const Aggregate& call) const {
  if (call.ahead) return after_until(history_, t_, t_ + call.window);
  const Time from = call.window.count() == 0 ? Time::min() : edge(t_, call.window);
  return between(history_, from, call.before.count() == 0 ? t_ + kTick : edge(t_, call.before));
}

double LabelView::aggregate(const Aggregate& call) const {
  const Series& series = program_.series[call.series];
  switch (call.kind) {
    case AggregateKind::blocks_mean:
    case AggregateKind::blocks_sd:
    case AggregateKind::blocks_active: return blocks(call, series);
    case AggregateKind::since:
    case AggregateKind::since_first: return since(call, series);
    default: break;
  }
  const std::vector<Hit> found = hits(series, window_of(call));
  switch (call.kind) {
    case AggregateKind::count: return static_cast<double>(found.size());
    case AggregateKind::distinct:
    case AggregateKind::top_share: return values(call, found);
    case AggregateKind::active_days:
    case AggregateKind::gap_mean:
    case AggregateKind::gap_max:
    case AggregateKind::gap_sd: return days_figure(call, found);
    default: return numbers(call, series, found);
  }
}

double LabelView::numbers(const Aggregate& call, const Series& series,
                          const std::vector<Hit>& found) const {
  ExactMoments moments;
  double least = kMissing;
  double greatest = kMissing;
  double last = kMissing;
  const Observation* newest = nullptr;
  for (const Hit& hit : found) {
    const auto value = input_number(series, *hit.route, *hit.observation);
    const auto fixed = value ? Fixed::from(*value) : std::nullopt;
    if (!fixed) continue;
    moments.add(*fixed);
    least = std::fmin(least, *value);
    greatest = std::fmax(greatest, *value);
    const Observation& one = *hit.observation;
    if (!newest ||
        std::tie(one.time, one.message, *value) > std::tie(newest->time, newest->message, last)) {
      newest = &one, last = *value;
    }
  }
  switch (call.kind) {
    case AggregateKind::sum: return ExactSum{moments.n, moments.sum}.total();
    case AggregateKind::mean: return moments.mean().value_or(kMissing);
    case AggregateKind::sd: return moments.sd().value_or(kMissing);
    case AggregateKind::min_of: return least;
    case AggregateKind::max_of: return greatest;
    case AggregateKind::last: return last;
    default: return std::exp(moments.mean().value_or(kMissing));
  }
}

double LabelView::values(const Aggregate& call, const std::vector<Hit>& found) const {
  std::map<std::uint64_t, std::size_t> often;
  std::size_t most = 0;
  for (const Hit& hit : found)
    most = std::max(most, ++often[input_key(*hit.route, *hit.observation)]);
  if (call.kind == AggregateKind::distinct) return static_cast<double>(often.size());
  return found.empty() ? kMissing : static_cast<double>(most) / static_cast<double>(found.size());
}

double LabelView::days_figure(const Aggregate& call, const std::vector<Hit>& found) const {
  std::vector<std::int32_t> days;
  for (const Hit& hit : found) {
    const auto day = static_cast<std::int32_t>(day_index(hit.observation->time));
    if (days.empty() || days.back() != day) days.push_back(day);
  }
  if (call.kind == AggregateKind::active_days) return static_cast<double>(days.size());
  return finish_gaps(call.kind, days);
}

double LabelView::blocks(const Aggregate& call, const Series& series) const {
  std::vector<std::uint64_t> counts;
  for (int block = 0; block < call.blocks; ++block) {
    const Time to = block == 0 ? t_ + kTick : edge(t_, call.window * block);
    counts.push_back(
        hits(series, between(history_, edge(t_, call.window * (block + 1)), to)).size());
  }
  return finish_blocks(call.kind, counts);
}

double LabelView::since(const Aggregate& call, const Series& series) const {
  const std::vector<Hit> found = hits(series, window_of(call));
  if (found.empty()) return kMissing;
  const bool first = call.kind == AggregateKind::since_first;
  return days(t_ - (first ? found.front() : found.back()).observation->time);
}

bool LabelView::none_in(Time after, Time until, bool (Pack::*is)(std::uint16_t) const) const {
  const History window = after_until(history_, after, until);
  return std::none_of(window.begin(), window.end(),
                      [&](const Observation& o) { return (pack_.*is)(o.event); });
}

// Any moment s of [t, t + H] after which nothing comes for D: the first such s is t itself or a
// qualifying event.
double LabelView::gone(const GoneCall& call) const {
  if (none_in(t_, t_ + call.lapse, &Pack::is_qualifying)) return 1;
  for (const Observation& o : after_until(history_, t_, t_ + call.horizon)) {
    if (pack_.is_qualifying(o.event) && none_in(o.time, o.time + call.lapse, &Pack::is_qualifying))
      return 1;
    if (pack_.is_cancellation(o.event) && none_in(o.time, o.time + call.lapse, &Pack::is_start))
      return 1;
  }
  return 0;
}

// The rating of the meeting's partner within the time allowed, else the one that the meeting
// itself carries.
std::optional<double> LabelView::rating_of(const FirstSuccessCall& call, const Hit& meeting,
                                           std::uint64_t partner) const {
  const Series& ratings = program_.series[call.ratings];
  const Time met = meeting.observation->time;
  for (const Hit& hit : hits(ratings, between(history_, met, met + call.rated_within + kTick))) {
    if (call.rating_partner != kNoField) {
      // A rating that names somebody else is of another meeting; one that names nobody is taken.
      const Route* about = route_of(program_.series[call.rating_partner], *hit.observation);
      if (about != nullptr && input_key(*about, *hit.observation) != partner) continue;
    }
    return input_number(ratings, *hit.route, *hit.observation);
  }
  const Series& own = program_.series[call.else_rated];
  const Route* route = route_of(own, *meeting.observation);
  return route == nullptr ? std::nullopt : input_number(own, *route, *meeting.observation);
}

double LabelView::first_success(const FirstSuccessCall& call) const {
  const Series& attempts = program_.series[call.attempts];
  const Series& completed = program_.series[call.completed];
  for (const Hit& meeting : hits(attempts, after_until(history_, t_, t_ + call.within))) {
    const Time met = meeting.observation->time;
    const std::uint64_t partner = input_key(*meeting.route, *meeting.observation);
    const auto with_partner = [&](const Series& series, History window) {
      const std::vector<Hit> found = hits(series, window);
      return std::any_of(found.begin(), found.end(), [&](const Hit& hit) {
        return hit.observation != meeting.observation &&
               input_key(*hit.route, *hit.observation) == partner;
      });
    };
    if (with_partner(attempts, between(history_, met - call.unseen, met))) continue;  // not new
    if (route_of(completed, *meeting.observation) != nullptr) {
      const auto rating = rating_of(call, meeting, partner);
      if (rating && *rating >= call.at_least) return 1;
    }
    return with_partner(completed, after_until(history_, met, met + call.again)) ? 1 : 0;
  }
  return kMissing;
}

bool ends_within(const Pack& pack, History history, Time after, Time until) {
  const History window = after_until(history, after, until);
  return std::any_of(window.begin(), window.end(),
                     [&](const Observation& o) { return pack.is_end(o.event); });
}

}  // namespace

std::optional<double> label_value(const Pack& pack, const LabelProgram& program, History history,
                                  Time t, Time now) {
  if (now < t + program.horizon) return std::nullopt;
  const LabelView view(pack, program, history, t);
  for (const GoneCall& call : program.gones) {
    if (ends_within(pack, history, t, t + call.horizon + call.lapse)) return std::nullopt;
  }
  std::vector<double> slots;
  for (const Aggregate& call : program.aggregates) slots.push_back(view.aggregate(call));
  for (const GoneCall& call : program.gones) slots.push_back(view.gone(call));
  for (const FirstSuccessCall& call : program.first_successes)
    slots.push_back(view.first_success(call));
  const double value = evaluate(program.expression, slots);
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

std::optional<double> label(const Pack& pack, std::size_t task, History history, Time t,
                            Time now) {
  CHECK(task < pack.program().labels.size());
  return label_value(pack, pack.program().labels[task], history, t, now);
}

}  // namespace tideline
