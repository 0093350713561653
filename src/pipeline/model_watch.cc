#include "pipeline/model_watch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>

#include <boost/json.hpp>

#include "base/bytes.h"
#include "learning/labels.h"
#include "pipeline/rebuild.h"
#include "pipeline/watch_json.h"
#include "scoring/tiers.h"

namespace tideline {
namespace {

namespace json = boost::json;

constexpr std::string_view kSaltKey = "holdout.salt";
constexpr std::uint64_t kWatchedSeed = 0x7a7c4ed;  // apart from folds and the holdout
constexpr std::size_t kRowsWritten = 10'000;       // in one write
constexpr std::size_t kTasksMax = 64;

// A version may be in production and in the shadow on one day; both are kept.
std::string shadow_mark(const std::string& model_version) { return "shadow of " + model_version; }

std::int64_t week_of(Time time) { return day_index(time) / 7; }

Duration longest_horizon(const Pack& pack) {
  Duration longest{};
  for (const TaskSpec& task : pack.tasks()) longest = std::max(longest, task.horizon);
  return longest;
}

std::uint64_t hashes_below(double share) {
  if (share >= 1) return std::numeric_limits<std::uint64_t>::max();
  return static_cast<std::uint64_t>(std::ldexp(std::max(0.0, share), 64));
}

}  // namespace

Status ModelWatch::load() {
  TRY_ASSIGN(const auto salt, store_.get(Family::settings, kSaltKey));
  salt_ = salt ? from_big_endian(*salt) : options_.fresh_salt;
  if (!salt) {
    WriteBatch batch;
    batch.put(Family::settings, std::string(kSaltKey), big_endian(salt_));
    TRY(store_.write(batch, Durability::now));
  }
  const std::string prefix = watch_report_prefix();
  json::object reports;
  TRY(store_.scan(Family::watch, prefix, prefix_end(prefix),
                  [&](std::string_view key, std::string_view value) {
                    boost::system::error_code error;
                    json::value report = json::parse(value, error);
                    if (!error && report.is_object())
                      reports[std::string(key.substr(prefix.size()))] = std::move(report);
                    return true;
                  }));
  const std::lock_guard lock(mutex_);
  reports_ = std::move(reports);
  return {};
}

void ModelWatch::use_reference(const std::string& model_version,
                               std::vector<DriftBins> reference) {
  const std::lock_guard lock(mutex_);
  reference_of_ = model_version;
  reference_ = std::move(reference);
}

void ModelWatch::use_shadow(std::shared_ptr<const Model> shadow) {
  const std::lock_guard lock(mutex_);
  shadow_ = std::move(shadow);
}

void ModelWatch::use_rules(std::shared_ptr<const Pack> rules) {
  const std::lock_guard lock(mutex_);
  rules_ = std::move(rules);
}

std::shared_ptr<const Pack> ModelWatch::rules() const {
  const std::lock_guard lock(mutex_);
  if (rules_) return rules_;
  return {std::shared_ptr<const Pack>(), &pack_};  // not the owner: the pack outlives this
}

std::shared_ptr<const Model> ModelWatch::shadow() const {
  const std::lock_guard lock(mutex_);
  return shadow_;
}

bool ModelWatch::in_holdout(const CustomerId& customer) const {
  return xxh64(customer.str(), salt_) < hashes_below(options_.holdout_share);
}

Result<bool> ModelWatch::begin(const std::string& model_version, Time now,
                               std::uint64_t customers) {
  noted_ = {};
  if (pack_.tasks().size() > kTasksMax) return false;
  const auto noted_today = [&](const std::string& version) -> Result<bool> {
    TRY_ASSIGN(const auto bytes, store_.get(Family::watch, watch_mark_key(version)));
    if (!bytes) return false;
    TRY_ASSIGN(const WatchMark mark, decode_watch_mark(*bytes));
    return mark.day == day_index(now);
  };
  TRY_ASSIGN(bool done, noted_today(model_version));
  if (const auto shadow = this->shadow(); shadow && done) {
    TRY_ASSIGN(done, noted_today(shadow_mark(shadow->version())));
  }
  if (done) return false;
  model_version_ = model_version;
  now_ = now;
  everybody_ = customers <= options_.customers_max;
  watched_below_ = hashes_below(static_cast<double>(options_.customers_max) /
                                static_cast<double>(std::max<std::uint64_t>(1, customers)));
  return true;
}

bool ModelWatch::watches(const CustomerId& customer) const {
  return everybody_ || xxh64(customer.str(), kWatchedSeed) < watched_below_;
}

void ModelWatch::note(const CustomerId& customer, std::span<const double> features,
                      double days_since_qualifying, std::span<const std::optional<double>> figures,
                      const std::string& tier) {
  noted_.customers.push_back(customer);
  noted_.features.insert(noted_.features.end(), features.begin(), features.end());
  noted_.days_since_qualifying.push_back(days_since_qualifying);
  noted_.figures.insert(noted_.figures.end(), figures.begin(), figures.end());
  noted_.tiers.push_back(tier);
}

Status ModelWatch::end() {
  WriteBatch writes;
  TRY(judge_drift(writes));
  TRY(keep_rows(model_version_, model_version_, noted_.figures, noted_.tiers, writes));
  const auto shadow = this->shadow();
  if (shadow && shadow->version() != model_version_) {
    const auto figures =
        shadow->score(noted_.features, noted_.customers.size(), noted_.days_since_qualifying);
    compare_shadow(*shadow, figures, writes);
    std::vector<std::string> tiers;
    const std::size_t tasks = pack_.tasks().size(), width = pack_.features().size();
    const auto rules = this->rules();
    for (std::size_t i = 0; i < noted_.customers.size(); ++i) {
      tiers.push_back(tier_of(*rules, std::span(figures).subspan(i * tasks, tasks),
                              std::span(noted_.features).subspan(i * width, width))
                          .tier);
    }
    TRY(keep_rows(shadow_mark(shadow->version()), shadow->version(), figures, tiers, writes));
  }
  noted_ = {};
  return store_.write(writes, Durability::later);
}

// PSI of every feature and figure against the model's reference.
Status ModelWatch::judge_drift(WriteBatch& writes) {
  const std::size_t rows = noted_.customers.size();
  const std::size_t width = pack_.features().size(), tasks = pack_.tasks().size();
  const auto column = [&](std::size_t i) {
    std::vector<double> values(rows);
    for (std::size_t r = 0; r < rows; ++r) {
      values[r] = i < width ? noted_.features[r * width + i]
                            : noted_.figures[r * tasks + i - width].value_or(std::nan(""));
    }
    return values;
  };
  const std::string& version = model_version_;
  std::vector<DriftBins> reference;
  {
    const std::lock_guard lock(mutex_);
    if (reference_of_ == version) reference = reference_;
  }
  bool of_training = !reference.empty();
  if (!of_training) {
    TRY_ASSIGN(const auto kept, store_.get(Family::watch, drift_reference_key(version)));
    if (kept) {
      TRY_ASSIGN(reference, parse_drift(*kept));
    }
  }
  if (reference.size() != width + tasks) {
    if (rows < kDriftRowsMin) return {};  // too few to be what others are compared with
    reference.clear();
    for (std::size_t i = 0; i < width; ++i)
      reference.push_back(drift_bins(pack_.features()[i].name, column(i)));
    for (std::size_t k = 0; k < tasks; ++k)
      reference.push_back(drift_bins(pack_.tasks()[k].name, column(width + k)));
    writes.put(Family::watch, drift_reference_key(version), to_json(reference));
    of_training = false;
  }
  std::vector<Drift> drifts;
  for (std::size_t i = 0; i < reference.size(); ++i)
    drifts.push_back(drift_of(reference[i], counts_in(reference[i], column(i))));
  set_report(version, "drift", drift_json(drifts, now_, of_training), writes);
  return {};
}

void ModelWatch::compare_shadow(const Model& shadow,
                                std::span<const std::optional<double>> figures,
                                WriteBatch& writes) {
  ShadowComparison comparison;
  comparison.rows = noted_.customers.size();
  const std::size_t tasks = pack_.tasks().size(), width = pack_.features().size();
  comparison.differences.resize(tasks);
  const auto rules = this->rules();
  for (std::size_t i = 0; i < comparison.rows; ++i) {
    const auto ours = std::span(noted_.figures).subspan(i * tasks, tasks);
    const auto theirs = figures.subspan(i * tasks, tasks);
    const auto features = std::span(noted_.features).subspan(i * width, width);
    const bool same =
        tier_of(*rules, ours, features).tier == tier_of(*rules, theirs, features).tier;
    comparison.other_tier += same ? 0 : 1;
    for (std::size_t k = 0; k < tasks; ++k) {
      if (!ours[k] || !theirs[k]) continue;
      auto& difference = comparison.differences[k];
      ++difference.n;
      difference.sum += *theirs[k] - *ours[k];
      difference.absolute_sum += std::fabs(*theirs[k] - *ours[k]);
    }
  }
  set_report(shadow.version(), "comparison", shadow_json(pack_, comparison, model_version_, now_),
             writes);
}

// The predictions themselves, once a week; and that today is done.
Status ModelWatch::keep_rows(const std::string& mark_name, const std::string& model_version,
                             std::span<const std::optional<double>> figures,
                             const std::vector<std::string>& tiers, WriteBatch& writes) {
  TRY_ASSIGN(const auto bytes, store_.get(Family::watch, watch_mark_key(mark_name)));
  WatchMark mark{-1, -1};
  if (bytes) {
    TRY_ASSIGN(mark, decode_watch_mark(*bytes));
  }
  const bool due = mark.week != week_of(now_) && !noted_.customers.empty();
  mark = {day_index(now_), due ? week_of(now_) : mark.week};
  writes.put(Family::watch, watch_mark_key(mark_name), encode(mark));
  if (!due) return {};
  writes.put(Family::watch, watched_time_key(now_), encode_labelled(0));
  const std::size_t tasks = pack_.tasks().size();
  for (std::size_t i = 0; i < noted_.customers.size(); ++i) {
    WatchedRow row{now_, noted_.customers[i], model_version, {}};
    const auto own = figures.subspan(i * tasks, tasks);
    row.row.figures.assign(own.begin(), own.end());
    row.row.labels.resize(tasks);
    row.row.tier = tiers[i];
    row.row.in_holdout = in_holdout(row.customer);
    writes.put(Family::watch, watched_key(row), encode(row));
    if (writes.operations().size() < kRowsWritten) continue;
    TRY(store_.write(std::exchange(writes, {}), Durability::later));
  }
  return {};
}

// Rows with a label to look up, by customer.
struct ModelWatch::Due {
  std::map<Time, std::uint64_t> times;  // with the tasks whose labels are due
  std::map<Time, std::uint64_t> labelled;
  std::unordered_map<CustomerId, std::vector<WatchedRow>> rows;
};

Result<ModelWatch::Due> ModelWatch::rows_due(Time now) {
  Due due;
  const std::string times = watched_time_prefix();
  TRY(store_.scan(Family::watch, times, prefix_end(times),
                  [&](std::string_view key, std::string_view value) {
                    const auto as_of = time_of_watched_time_key(key);
                    if (!as_of) return true;
                    const std::uint64_t done = decode_labelled(value);
                    std::uint64_t known = 0;
                    for (std::size_t k = 0; k < pack_.tasks().size(); ++k) {
                      if (*as_of + pack_.tasks()[k].horizon <= now) known |= 1ULL << k;
                    }
                    if ((known & ~done) == 0) return true;
                    due.times[*as_of] = known & ~done;
                    due.labelled[*as_of] = known | done;
                    return true;
                  }));
  for (const auto& [as_of, tasks] : due.times) {
    const std::string prefix = watched_prefix(as_of);
    std::optional<Error> broken;
    TRY(store_.scan(Family::watch, prefix, prefix_end(prefix),
                    [&](std::string_view key, std::string_view value) {
                      auto row = decode_watched_row(key, value);
                      if (!row) {
                        broken = row.error();
                        return false;
                      }
                      // Of a pack that had other tasks then: nothing to compare.
                      if (row->row.figures.size() == pack_.tasks().size())
                        due.rows[row->customer].push_back(std::move(*row));
                      return true;
                    }));
    if (broken) return fail(*broken);
  }
  return due;
}

Result<std::size_t> ModelWatch::settle(Lake& lake, Time now) {
  const std::lock_guard one(settling_);
  TRY_ASSIGN(Due due, rows_due(now));
  if (due.times.empty()) return std::size_t{0};
  WriteBatch writes;
  std::size_t labelled = 0;
  TRY(visit_pasts(store_, lake, pack_, now, [&](CustomerPast& past) -> Result<bool> {
    const auto found = due.rows.find(past.customer);
    if (found == due.rows.end()) return true;
    for (WatchedRow& row : found->second) {
      for (std::size_t k = 0; k < pack_.tasks().size(); ++k) {
        if ((due.times[row.as_of] >> k & 1) == 0) continue;
        row.row.labels[k] = label(pack_, k, past.observations, row.as_of, now);
        labelled += row.row.labels[k] ? 1 : 0;
      }
      writes.put(Family::watch, watched_key(row), encode(row));
    }
    if (writes.operations().size() < kRowsWritten) return true;
    TRY(store_.write(std::exchange(writes, {}), Durability::later));
    return true;
  }));
  for (const auto& [as_of, tasks] : due.labelled)
    writes.put(Family::watch, watched_time_key(as_of), encode_labelled(tasks));
  TRY(store_.write(writes, Durability::later));
  TRY(remove_old(now));
  TRY(renew_realised(now));
  return labelled;
}

Status ModelWatch::renew_realised(Time now) {
  std::map<std::string, std::vector<RealisedRow>> by_model;
  const std::string from =
      watched_prefix(now - longest_horizon(pack_) - options_.weeks_judged * 7 * kDay);
  std::optional<Error> broken;
  TRY(store_.scan(Family::watch, from, prefix_end(watched_prefix()),
                  [&](std::string_view key, std::string_view value) {
                    auto row = decode_watched_row(key, value);
                    if (!row) {
                      broken = row.error();
                      return false;
                    }
                    if (row->row.figures.size() == pack_.tasks().size())
                      by_model[row->model_version].push_back(std::move(row->row));
                    return true;
                  }));
  if (broken) return fail(*broken);
  WriteBatch writes;
  for (const auto& [version, rows] : by_model)
    set_report(version, "realised", realised_json(realised_metrics(pack_, rows), rows.size(), now),
               writes);
  return store_.write(writes, Durability::later);
}

Status ModelWatch::remove_old(Time now) {
  const Time keep_from = now - options_.weeks_kept * 7 * kDay;
  WriteBatch old;
  const auto add = [&](std::string_view key, std::string_view) {
    old.remove(Family::watch, std::string(key));
    return true;
  };
  TRY(store_.scan(Family::watch, watched_prefix(), watched_prefix(keep_from), add));
  TRY(store_.scan(Family::watch, watched_time_prefix(), watched_time_key(keep_from), add));
  return store_.write(old, Durability::later);
}

void ModelWatch::set_report(const std::string& model_version, std::string_view part,
                            json::object content, WriteBatch& writes) {
  const std::lock_guard lock(mutex_);
  json::value& report = reports_[model_version];
  if (!report.is_object()) report = json::object();
  report.get_object()[part] = std::move(content);
  writes.put(Family::watch, watch_report_key(model_version), json::serialize(report));
}

json::object ModelWatch::report(const std::string& model_version) const {
  const std::lock_guard lock(mutex_);
  const json::value* report = reports_.if_contains(model_version);
  return report != nullptr && report->is_object() ? report->get_object() : json::object();
}

}  // namespace tideline
