#include "pipeline/rebuild.h"

#include <algorithm>

#include "pipeline/entry.h"
#include "pipeline/observation_pile.h"
#include "pipeline/observe.h"

namespace tideline {
namespace {

constexpr std::size_t kWriteOperations = 5'000;

// An event was applied once, so a pack that now declares its properties otherwise asks for a
// decision, not a guess.
Error unfit(const Error& error, std::string_view message_id) {
  return error.in("event " + std::string(message_id) + " of the lake no longer fits the pack");
}

// Rows come ordered by customer, time, message id; a visitor wants them a customer at a time.
class ByCustomer {
 public:
  ByCustomer(const Pack& pack, const PastVisitor& visit) : observer_(pack), visit_(visit) {}

  Result<bool> take(const EventRow& row) {
    if (row.event.customer != past_.customer || past_.observations.empty()) {
      TRY_ASSIGN(const bool go_on, end());
      if (!go_on) return false;
      past_.customer = row.event.customer;
    }
    auto observation = observe(observer_, row.event);
    if (!observation) return fail(unfit(observation.error(), row.event.message_id.str()));
    past_.observations.push_back(std::move(*observation));
    past_.arrivals.push_back(row.event.arrival_time);
    return true;
  }

  Result<bool> end() {
    if (past_.observations.empty()) return true;
    auto go_on = visit_(past_);
    past_.observations.clear();
    past_.arrivals.clear();
    return go_on;
  }

 private:
  Observer observer_;
  const PastVisitor& visit_;
  CustomerPast past_;
};

// Writes into a store in batches of bounded size.
class Filler {
 public:
  explicit Filler(StateStore& target) : target_(target) {}
  Status put(Family family, std::string key, std::string value) {
    batch_.put(family, std::move(key), std::move(value));
    return batch_.operations().size() < kWriteOperations ? Status() : flush();
  }
  Status flush() {
    TRY(target_.write(batch_, Durability::later));
    batch_ = WriteBatch();
    return {};
  }

 private:
  StateStore& target_;
  WriteBatch batch_;
};

Status put_marks(Filler& filler, const EventRow& row) {
  const Event& event = row.event;
  const Hash128 key = dedupe_key_of(event.source, event.message_id);
  TRY(filler.put(Family::dedupe, dedupe_mark_key(key),
                 encode(dedupe_mark(event.content, row.place, event.stored_time))));
  if (const auto link = link_key_of(event)) TRY(filler.put(Family::links, *link, ""));
  return {};
}

}  // namespace

Status visit_pasts(StateStore& store, Lake& lake, const Pack& pack, std::optional<Time> known_by,
                   const PastVisitor& visit) {
  TRY_ASSIGN(const auto files, manifest_files(store, "events"));
  const auto names = names_of(files);
  ByCustomer by_customer(pack, visit);
  bool stopped = false;
  TRY(lake.scan_events(names, known_by, [&](std::span<const EventRow> rows) -> Result<bool> {
    for (const EventRow& row : rows) {
      TRY_ASSIGN(const bool go_on, by_customer.take(row));
      if (!go_on) {
        stopped = true;
        return false;
      }
    }
    return true;
  }));
  if (!stopped) {
    TRY_ASSIGN(const bool last, by_customer.end());
    (void)last;
  }
  return {};
}

CustomerState state_at(const Pack& pack, const CustomerPast& past, Time t) {
  CustomerState state;
  std::vector<Observation> known;
  for (std::size_t i = 0; i < past.observations.size() && past.observations[i].time <= t; ++i) {
    if (past.arrivals[i] <= t) known.push_back(past.observations[i]);
  }
  state.apply(pack, known);
  return state;
}

namespace {

// States of all customers, each out of its events.
Status rebuild_customers(Lake& lake, const Pack& pack, const std::vector<ManifestFile>& files,
                         const RebuildOptions& options, Filler& filler, RebuildCounts& counts) {
  std::uint64_t rows = 0;
  for (const ManifestFile& file : files) rows += file.rows;
  ObservationPile pile({rows, options.files, options.scratch});
  Observer observer(pack);
  Observation observation;
  TRY(lake.scan_facts(names_of(files), options.known_by,
                      [&](std::span<const EventFacts> block) -> Result<bool> {
                        for (const EventFacts& facts : block) {
                          if (options.known_by && facts.event_time > *options.known_by) continue;
                          const Status seen = observe(observer, facts, observation);
                          if (!seen) return fail(unfit(seen.error(), facts.message_id));
                          TRY(pile.put(facts.customer, observation));
                        }
                        return true;
                      }));
  CustomerState state;
  return pile.take_all(
      [&](std::string_view customer, std::span<const Observation> observations) -> Status {
        state.clear();
        state.apply(pack, observations);
        ++counts.customers;
        counts.events += observations.size();
        return filler.put(Family::customers, std::string(customer), state.encode(pack));
      });
}

}  // namespace

Result<RebuildCounts> rebuild_state(StateStore& source, Lake& lake, const Pack& pack,
                                    const RebuildOptions& options, StateStore& target) {
  RebuildCounts counts;
  Filler filler(target);
  TRY_ASSIGN(const auto files, manifest_files(source, "events"));
  TRY(rebuild_customers(lake, pack, files, options, filler, counts));
  if (!options.known_by && options.with_marks) {
    const auto put_all = [&](std::span<const EventRow> rows) -> Result<bool> {
      for (const EventRow& row : rows) TRY(put_marks(filler, row));
      return true;
    };
    TRY(lake.scan_events(names_of(files), std::nullopt, put_all));
  }
  TRY(filler.flush());
  return counts;
}

}  // namespace tideline
