#include "api/customer_columns.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <numeric>

#include "pipeline/records.h"

namespace tideline {
namespace {

constexpr std::uint8_t kNoTier = 255;

}  // namespace

void CustomerColumns::note(std::span<const PredictionChange> changes) {
  const std::unique_lock lock(mutex_);
  if (changes.empty()) {
    filled_ = Filled::no;
    return;
  }
  if (filled_ != Filled::yes) return;
  for (const PredictionChange& change : changes) put(change.after->prediction);
  if (ids_.size() > customers_max_) let_go();
}

void CustomerColumns::let_go() {
  filled_ = Filled::too_many;
  ids_ = {};
  tiers_ = {};
  figures_ = {};
  places_ = {};
  by_id_ = {};
}

// Adds the row or changes it in place.
void CustomerColumns::put(const Prediction& prediction) {
  const std::size_t tasks = pack_.tasks().size();
  const auto [place, is_new] =
      places_.try_emplace(prediction.customer.str(), static_cast<Index>(ids_.size()));
  const Index row = place->second;
  if (is_new) {
    ids_.push_back(prediction.customer.str());
    tiers_.push_back(kNoTier);
    figures_.resize(figures_.size() + tasks);
  }
  const auto& tiers = pack_.tiers();
  const auto tier = std::find(tiers.begin(), tiers.end(), prediction.tier);
  tiers_[row] = tier == tiers.end() ? kNoTier : static_cast<std::uint8_t>(tier - tiers.begin());
  for (std::size_t task = 0; task < tasks; ++task) {
    const bool known = task < prediction.figures.size() && prediction.figures[task];
    figures_[row * tasks + task] =
        known ? *prediction.figures[task] : std::numeric_limits<double>::quiet_NaN();
  }
}

Status CustomerColumns::fill() {
  ids_.clear();
  tiers_.clear();
  figures_.clear();
  places_.clear();
  by_id_.clear();
  filled_ = Filled::yes;
  std::optional<Error> broken;
  TRY(state_.scan(Family::predictions, "", "", [&](std::string_view, std::string_view value) {
    auto kept = decode_kept_prediction(value);
    if (!kept) {
      broken = kept.error();
      return false;
    }
    put(kept->prediction);
    return ids_.size() <= customers_max_;
  }));
  if (broken) {
    filled_ = Filled::no;
    return fail(*broken);
  }
  if (ids_.size() > customers_max_) let_go();
  return {};
}

// New customers are sorted among themselves and merged in.
void CustomerColumns::sort_ids() {
  const std::size_t sorted = by_id_.size();
  by_id_.resize(ids_.size());
  const auto middle = by_id_.begin() + static_cast<std::ptrdiff_t>(sorted);
  std::iota(middle, by_id_.end(), static_cast<Index>(sorted));
  const auto less = [this](Index a, Index b) { return ids_[a] < ids_[b]; };
  std::sort(middle, by_id_.end(), less);
  std::inplace_merge(by_id_.begin(), middle, by_id_.end(), less);
}

std::optional<double> CustomerColumns::figure(Index row, std::size_t task) const {
  const double value = figures_[row * pack_.tasks().size() + task];
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

bool CustomerColumns::fits_filters(Index row, const CustomerQuery& query, int tier) const {
  if (tier >= 0 && tiers_[row] != tier) return false;
  for (const FigureBound& bound : query.bounds) {
    if (!fits(bound, figure(row, bound.task))) return false;
  }
  return query.text.empty() || contains_without_case(ids_[row], query.text);
}

// In the order of ids.
std::vector<CustomerColumns::Index> CustomerColumns::matches(const CustomerQuery& query) const {
  int tier = -1;
  if (!query.tier.empty()) {
    const auto& tiers = pack_.tiers();
    tier = static_cast<int>(std::find(tiers.begin(), tiers.end(), query.tier) - tiers.begin());
  }
  std::vector<Index> rows;
  for (const Index row : by_id_) {
    if (fits_filters(row, query, tier)) rows.push_back(row);
  }
  return rows;
}

bool CustomerColumns::before(const CustomerQuery& query, Index a, Index b) const {
  if (!query.task) return query.descending ? ids_[b] < ids_[a] : ids_[a] < ids_[b];
  return stands_before(query.descending, figure(a, *query.task), ids_[a], figure(b, *query.task),
                       ids_[b]);
}

// The rows of one page; only they are put into order.
CustomerColumns::Found CustomerColumns::page_of(const CustomerQuery& query,
                                                std::vector<Index> rows) const {
  Found found;
  found.total = rows.size();
  if (query.after) {
    std::erase_if(rows, [&](Index row) {
      if (query.task) {
        return !stands_before(query.descending, query.after->figure, query.after->id,
                              figure(row, *query.task), ids_[row]);
      }
      return query.descending ? ids_[row] >= query.after->id : ids_[row] <= query.after->id;
    });
  }
  const std::size_t from = std::min(query.skip, rows.size());
  const std::size_t until = std::min(from + query.limit, rows.size());
  const auto at = [&](std::size_t index) {
    return rows.begin() + static_cast<std::ptrdiff_t>(index);
  };
  const auto less = [&](Index a, Index b) { return before(query, a, b); };
  if (query.task || query.descending) {
    if (from > 0 && from < rows.size()) std::nth_element(at(0), at(from), rows.end(), less);
    std::partial_sort(at(from), at(until), rows.end(), less);
  }
  found.more = until < rows.size();
  for (std::size_t i = from; i < until; ++i) found.ids.push_back(ids_[rows[i]]);
  if (until > from && query.task) found.last_figure = figure(rows[until - 1], *query.task);
  found.more = found.more && !found.ids.empty();
  return found;
}

Result<std::optional<CustomerColumns::Found>> CustomerColumns::find(const CustomerQuery& query) {
  {
    const std::shared_lock lock(mutex_);
    if (filled_ == Filled::too_many) return std::optional<Found>();
    if (filled_ == Filled::yes && by_id_.size() == ids_.size()) {
      return std::optional(page_of(query, matches(query)));
    }
  }
  const std::unique_lock lock(mutex_);
  if (filled_ == Filled::no) TRY(fill());
  if (filled_ == Filled::too_many) return std::optional<Found>();
  sort_ids();
  return std::optional(page_of(query, matches(query)));
}

}  // namespace tideline
