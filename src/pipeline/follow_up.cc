#include "pipeline/follow_up.h"

#include <algorithm>

#include "features/amount.h"
#include "pipeline/manifest.h"
#include "pipeline/records.h"

namespace tideline {
namespace {

constexpr std::size_t kRowsAtOnce = 500;

// Whether a qualifying event lies in (from, until], by the lake.
Result<bool> was_active(const FollowUpSources& sources, const CustomerId& customer, Time from,
                        Time until) {
  TRY_ASSIGN(const auto files, manifest_files(sources.store, "events"));
  if (files.empty()) return false;
  const auto names = names_of(files);
  Time before = until + Duration(1);
  for (std::size_t limit = kRowsAtOnce;; limit *= 2) {
    TRY_ASSIGN(const auto rows, sources.lake.newest_events(names, customer, before, limit));
    for (const EventRow& row : rows) {
      if (row.event.event_time <= from) return false;
      const EventSpec* event =
          row.event.type == EventType::track ? sources.pack.find_event(row.event.name) : nullptr;
      if (event != nullptr && sources.pack.is_qualifying(event->index)) return true;
    }
    if (rows.size() < limit) return false;
    // Rows of one moment are not parted: where all are of it, more are asked for.
    if (rows.back().event.event_time + Duration(1) < before) {
      before = rows.back().event.event_time + Duration(1);
    }
  }
}

}  // namespace

Result<std::optional<FollowUp::Outcome>> standing_since(const FollowUpSources& sources,
                                                        const CustomerId& customer, Time from,
                                                        Time until, Time now) {
  const Pack& pack = sources.pack;
  TRY_ASSIGN(const auto bytes, sources.store.get(Family::customers, customer.str()));
  if (!bytes) return std::optional<FollowUp::Outcome>();
  TRY_ASSIGN(const CustomerState state, CustomerState::decode(pack, *bytes));
  FollowUp::Outcome outcome;
  const auto last = state.last_qualifying();
  outcome.retained = last && *last > from;
  if (outcome.retained && *last > until) {
    TRY_ASSIGN(outcome.retained, was_active(sources, customer, from, until));
  }
  outcome.after.amount = amount_30d(pack, state, now);
  TRY_ASSIGN(const auto kept,
             load(sources.store, Family::predictions, customer.str(), decode_kept_prediction));
  if (!kept) return std::optional(outcome);
  const Prediction& p = kept->prediction;
  const auto figure = [&](std::optional<std::size_t> task) {
    return task && *task < p.figures.size() ? p.figures[*task] : std::optional<double>();
  };
  outcome.after.tier = p.tier;
  outcome.after.risk = figure(sources.task_of_leaving);
  outcome.after.health = figure(pack.task_index("health_score"));
  return std::optional(outcome);
}

}  // namespace tideline
