#include "pipeline/snapshots.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/hash.h"
#include "features/compute.h"
#include "features/state_view.h"
#include "learning/labels.h"

namespace tideline {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// A text trait as known at t: of the newest identify that carries it.
std::optional<std::string> text_trait(const Pack& pack, const CustomerPast& past,
                                      const std::string& name, Time t) {
  std::optional<std::string> value;
  for (std::size_t i = 0; i < past.observations.size(); ++i) {
    const Observation& observation = past.observations[i];
    if (observation.type != EventType::identify || observation.time > t || past.arrivals[i] > t)
      continue;
    for (const FieldValue& field : observation.fields) {
      if (pack.traits()[field.field].name != name) continue;
      if (const auto* text = std::get_if<std::string>(&field.value)) value = *text;
      if (const auto* number = std::get_if<double>(&field.value)) {
        value = *number == std::floor(*number) ? std::to_string(static_cast<std::int64_t>(*number))
                                               : std::to_string(*number);
      }
    }
  }
  return value;
}

// Rows of one customer at all asked times.
class CustomerRows {
 public:
  CustomerRows(const Pack& pack, const SnapshotRequest& request, const CustomerPast& past)
      : pack_(pack), request_(request), past_(past), order_(past.observations.size()) {
    // An event is known from the later of its time and its arrival on.
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::size_t a, std::size_t b) { return known_from(a) < known_from(b); });
  }

  void add_rows(std::vector<Snapshot>& rows) {
    for (const Time t : request_.at) {
      while (next_ < order_.size() && known_from(order_[next_]) <= t) {
        state_.apply(pack_, std::span(&past_.observations[order_[next_]], 1));
        ++next_;
      }
      if (next_ == 0) continue;
      rows.push_back(row(t));
    }
  }

 private:
  [[nodiscard]] Time known_from(std::size_t i) const {
    return std::max(past_.observations[i].time, past_.arrivals[i]);
  }

  [[nodiscard]] Snapshot row(Time t) {
    Snapshot row;
    row.customer = past_.customer;
    row.as_of = t;
    row.fold_key = past_.customer.str();
    if (!pack_.fold_trait().empty()) {
      row.fold_key = text_trait(pack_, past_, pack_.fold_trait(), t).value_or(row.fold_key);
    }
    for (const FieldSpec& trait : pack_.traits()) {
      if (!trait.is_protected) continue;
      row.groups.push_back(text_trait(pack_, past_, trait.name, t).value_or(""));
    }
    const StateView view(pack_, state_, t);
    FeatureVector features = compute_features(view);
    row.eligible = request_.everybody  ? true
                   : request_.eligible ? meets_rule(pack_, *request_.eligible, state_, t)
                                       : is_eligible(view);
    row.lapsed = is_lapsed(pack_, state_, t);
    row.scorable = unscored_reason(pack_, state_, features, t) == nullptr;
    row.features = std::move(features.values);
    const auto last = state_.last_qualifying();
    row.days_since_qualifying = last ? days(t - *last) : std::numeric_limits<double>::infinity();
    add_labels(row, t);
    return row;
  }

  void add_labels(Snapshot& row, Time t) {
    const auto add = [&](const LabelProgram& program) {
      row.labels.push_back(
          label_value(pack_, program, past_.observations, t, request_.now).value_or(kUnknown));
      row.past.push_back(label_value(pack_, program, past_.observations, t - program.horizon, t)
                             .value_or(kUnknown));
    };
    if (request_.label) return add(*request_.label);
    for (const LabelProgram& program : pack_.program().labels) add(program);
  }

  const Pack& pack_;
  const SnapshotRequest& request_;
  const CustomerPast& past_;
  std::vector<std::size_t> order_;
  std::size_t next_ = 0;
  CustomerState state_;
};

// Keeps customers whose hash is low enough, ever lower as rows come in.
class CustomerSieve {
 public:
  explicit CustomerSieve(std::size_t rows_max) : rows_max_(rows_max) {}

  [[nodiscard]] bool passes(const CustomerId& customer) const {
    return rows_max_ == 0 || xxh64(customer.str(), kSalt) <= highest_;
  }
  void hold(std::vector<Snapshot>& rows) {
    while (rows_max_ > 0 && rows.size() > rows_max_) {
      highest_ /= 2;
      std::erase_if(rows, [&](const Snapshot& row) { return !passes(row.customer); });
    }
  }

 private:
  static constexpr std::uint64_t kSalt = 0x51E7E;  // not the hash that folds go by
  std::size_t rows_max_;
  std::uint64_t highest_ = std::numeric_limits<std::uint64_t>::max();
};

}  // namespace

void add_snapshots(const Pack& pack, const SnapshotRequest& request, const CustomerPast& past,
                   std::vector<Snapshot>& rows) {
  CustomerRows(pack, request, past).add_rows(rows);
}

Result<SnapshotTable> take_snapshots(StateStore& store, Lake& lake, const Pack& pack,
                                     const SnapshotRequest& request) {
  SnapshotTable table;
  table.now = request.now;
  CustomerSieve sieve(request.rows_max);
  TRY(visit_pasts(store, lake, pack, request.now, [&](CustomerPast& past) -> Result<bool> {
    if (!sieve.passes(past.customer)) return true;
    add_snapshots(pack, request, past, table.rows);
    sieve.hold(table.rows);
    return true;
  }));
  return table;
}

std::vector<Time> training_times(Time first, Time now, Duration horizon, Duration step,
                                 std::size_t count_max) {
  std::vector<Time> times;
  Time t = start_of_day(day_index(now - horizon));
  const Time earliest = first + 28 * kDay;
  for (; t >= earliest && times.size() < count_max; t -= step) times.push_back(t);
  std::reverse(times.begin(), times.end());
  return times;
}

}  // namespace tideline
