#include "pipeline/rescorer.h"

#include <algorithm>
#include <cmath>

#include "base/fault.h"
#include "features/compute.h"
#include "pipeline/customer_scoring.h"
#include "pipeline/recommend.h"
#include "pipeline/records.h"
#include "pipeline/scoring_alerts.h"
#include "scoring/tiers.h"

namespace tideline {
namespace {

constexpr std::size_t kBlock = 512;
using Steady = std::chrono::steady_clock;  // only for inference_time_ms

// A figure's smallest change that is worth a row of history (design 4.8).
double step_of(const TaskSpec& task) {
  if (task.kind == TaskKind::probability) return 0.01;
  if (task.min && task.max) return (*task.max - *task.min) / 100.0;
  return 0.1;
}

bool moved(const Pack& pack, const std::vector<std::optional<double>>& before,
           const std::vector<std::optional<double>>& after) {
  if (before.size() != after.size()) return true;
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (before[i].has_value() != after[i].has_value()) return true;
    if (after[i] && std::fabs(*after[i] - *before[i]) >= step_of(pack.tasks()[i])) return true;
  }
  return false;
}

}  // namespace

struct Rescorer::Subject {
  CustomerId customer;
  std::optional<KeptPrediction> before;
  KeptPrediction after;
  FeatureVector features;
  double days_since_qualifying = 0;
  bool to_score = false;
  bool is_history = false;  // changed by imported events alone
  bool had_event = false;   // not only the clock moved on
};

Status Rescorer::load() {
  std::optional<Error> broken;
  std::vector<std::pair<Time, CustomerId>> newest;
  TRY(store_.scan(Family::predictions, "", "", [&](std::string_view, std::string_view value) {
    auto kept = decode_kept_prediction(value);
    if (!kept) {
      broken = kept.error();
      return false;
    }
    count(nullptr, *kept);
    newest.emplace_back(kept->prediction.timestamp, kept->prediction.customer);
    return true;
  }));
  if (broken) return fail(*broken);
  const std::size_t kept = std::min(newest.size(), options_.newest_kept);
  std::partial_sort(newest.begin(), newest.begin() + static_cast<std::ptrdiff_t>(kept),
                    newest.end(), std::greater<>());
  std::vector<PredictionListener> listeners;
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < kept; ++i) newest_.push_back(newest[i].second);
    listeners = listeners_;
  }
  for (const PredictionListener& listener : listeners) listener({});
  return {};
}

void Rescorer::use_model(std::shared_ptr<const Model> model, std::string why) {
  const std::lock_guard lock(mutex_);
  model_ = std::move(model);
  no_model_why_ = std::move(why);
}

std::shared_ptr<const Model> Rescorer::model() const {
  const std::lock_guard lock(mutex_);
  return model_;
}

std::string Rescorer::no_model_why() const {
  const std::lock_guard lock(mutex_);
  return no_model_why_;
}

void Rescorer::note_changed(std::span<const ChangedCustomer> changed) {
  const std::lock_guard lock(mutex_);
  for (const auto& c : changed) {
    if (changed_.size() >= options_.changed_max && !changed_.contains(c.customer)) continue;
    Noted& noted = changed_[c.customer];
    noted.is_history = noted.is_history && c.is_history;
    std::optional<Time>& since = noted.late_since;
    if (c.late_since && (!since || *c.late_since < *since)) since = c.late_since;
  }
}

Result<std::size_t> Rescorer::score_changed() {
  const std::lock_guard one(scoring_);
  std::unordered_map<CustomerId, Noted> changed;
  {
    const std::lock_guard lock(mutex_);
    changed.swap(changed_);
  }
  std::vector<Subject> block;
  std::size_t scored = 0;
  for (const auto& [customer, noted] : changed) {
    if (noted.late_since) TRY(supersede(customer, *noted.late_since));
    block.push_back({customer, {}, {}, {}, 0, false, noted.is_history, true});
    if (block.size() < kBlock) continue;
    TRY_ASSIGN(const std::size_t n, score_block(block, false));
    scored += n;
  }
  TRY_ASSIGN(const std::size_t n, score_block(block, false));
  return scored + n;
}

Result<std::size_t> Rescorer::score_all(bool scheduled) {
  const std::lock_guard one(scoring_);
  watched_model_.clear();
  if (scheduled) TRY(begin_watching());
  std::vector<Subject> block;
  std::size_t scored = 0;
  std::optional<Error> broken;
  TRY(store_.scan(Family::customers, "", "", [&](std::string_view key, std::string_view) {
    block.push_back({CustomerId(std::string(key)), {}, {}, {}, 0, false, false});
    if (block.size() < kBlock) return true;
    auto n = score_block(block, scheduled);
    if (!n) broken = n.error();
    if (n) scored += *n;
    return !broken;
  }));
  if (broken) return fail(*broken);
  TRY_ASSIGN(const std::size_t n, score_block(block, scheduled));
  TRY(end_watching());
  const std::lock_guard lock(mutex_);
  last_full_ = clock_.now();
  return scored + n;
}

// Before the first scoring nobody knows how many there are to watch.
Status Rescorer::begin_watching() {
  const auto model = this->model();
  const std::uint64_t customers = counts().customers;
  if (watch_ == nullptr || model == nullptr || customers == 0) return {};
  TRY_ASSIGN(const bool wanted, watch_->begin(model->version(), clock_.now(), customers));
  if (wanted) watched_model_ = model->version();
  return {};
}

Status Rescorer::end_watching() {
  if (watched_model_.empty()) return {};
  watched_model_.clear();
  return watch_->end();
}

// Scores and empties the block.
Result<std::size_t> Rescorer::score_block(std::vector<Subject>& block, bool scheduled) {
  if (block.empty()) return std::size_t{0};
  const auto model = this->model();
  const Time now = clock_.now();
  std::vector<std::string> keys;
  for (const Subject& subject : block) keys.push_back(subject.customer.str());
  TRY_ASSIGN(const auto states, store_.get_many(Family::customers, keys));
  TRY_ASSIGN(const auto kept, store_.get_many(Family::predictions, keys));
  std::vector<double> rows;
  std::vector<double> since;
  for (std::size_t i = 0; i < block.size(); ++i) {
    Subject& subject = block[i];
    if (!states[i]) continue;
    if (kept[i]) {
      TRY_ASSIGN(subject.before, decode_kept_prediction(*kept[i]));
    }
    TRY_ASSIGN(const CustomerState state, CustomerState::decode(pack_, *states[i]));
    subject.features = compute_features(pack_, state, now);
    subject.days_since_qualifying = days_since_qualifying(state, now);
    Prediction& p = subject.after.prediction;
    p.lapsed = is_lapsed(pack_, state, now);
    p.reason = why_unscored(pack_, state, subject.features, now);
    judge(subject, now, model != nullptr);
    if (!subject.to_score) continue;
    rows.insert(rows.end(), subject.features.values.begin(), subject.features.values.end());
    since.push_back(subject.days_since_qualifying);
  }

  const auto begun = Steady::now();
  const auto figures = since.empty() ? std::vector<std::optional<double>>()
                                     : model->score(rows, since.size(), since);
  const double ms =
      since.empty() ? 0
                    : std::chrono::duration<double, std::milli>(Steady::now() - begun).count() /
                          static_cast<double>(since.size());
  WriteBatch writes;
  std::size_t row = 0;
  const std::size_t tasks = pack_.tasks().size();
  for (std::size_t i = 0; i < block.size(); ++i) {
    Subject& subject = block[i];
    if (!states[i]) continue;
    if (subject.to_score) {
      const auto own = std::span(figures).subspan(row++ * tasks, tasks);
      settle(subject, *model, own, ms, now, scheduled, writes);
      if (watch_ == nullptr || !watch_->in_holdout(subject.customer)) {
        recommend(pack_, store_, *model,
                  {subject.features.values, subject.days_since_qualifying,
                   subject.before ? std::span<const PlayMark>(subject.before->plays)
                                  : std::span<const PlayMark>()},
                  subject.after, writes);
      }
      tell(subject, *model, writes);
      if (model->version() == watched_model_ && watch_->watches(subject.customer)) {
        watch_->note(subject.customer, subject.features.values, subject.days_since_qualifying, own,
                     subject.after.prediction.tier);
      }
    }
    keep(subject, now, writes);
  }
  fault::crash_point("score.before_write");
  TRY(store_.write(writes, Durability::later));
  fault::crash_point("score.after_write");
  tell_all(block, now);
  const std::size_t scored = block.size();
  block.clear();
  return scored;
}

// Quiet where the change comes of imported events alone, also when a scoring of all gets there
// before they are scored as changed.
void Rescorer::tell(const Subject& subject, const Model& model, WriteBatch& writes) {
  if (alerts_ == nullptr || subject.is_history) return;
  const ScoredCustomer scored{subject.before ? &*subject.before : nullptr, subject.after,
                              subject.features.values, subject.days_since_qualifying};
  if (!is_worth_an_alert(scored) || !alerts_->is_live()) return;
  {
    const std::lock_guard lock(mutex_);
    const auto noted = changed_.find(subject.customer);
    if (noted != changed_.end() && noted->second.is_history) return;
  }
  add_scoring_alerts(*alerts_, pack_, model, scored, writes);
}

// Fills in what does not need the model, and whether the model is asked.
void Rescorer::judge(Subject& subject, Time now, bool has_model) {
  Prediction& p = subject.after.prediction;
  p.customer = subject.customer;
  p.timestamp = now;
  p.features_as_of = now;
  p.coverage = subject.features.coverage;
  p.figures.assign(pack_.tasks().size(), std::nullopt);
  if (p.reason.empty() && has_model) {
    subject.to_score = true;
    return;
  }
  const bool had_score =
      subject.before && subject.before->prediction.status != ScoreStatus::unscored;
  const bool frozen = p.reason == "lapsed";  // keeps the last score before lapsing
  if (had_score && (frozen || p.reason.empty())) {
    const bool lapsed = p.lapsed;
    const std::string reason = p.reason.empty() ? no_model_why_ : p.reason;
    subject.after = *subject.before;
    subject.after.prediction.lapsed = lapsed;
    subject.after.prediction.reason = reason;
    if (!frozen) subject.after.prediction.status = ScoreStatus::stale;
    return;
  }
  p.status = ScoreStatus::unscored;
  if (p.reason.empty()) p.reason = no_model_why_;
}

void Rescorer::settle(Subject& subject, const Model& model,
                      std::span<const std::optional<double>> figures, double ms, Time now,
                      bool scheduled, WriteBatch& writes) {
  KeptPrediction& after = subject.after;
  Prediction& p = after.prediction;
  p.figures.assign(figures.begin(), figures.end());
  p.model_version = model.version();
  p.inference_time_ms = ms;
  TierState previous;
  if (subject.before) {
    previous = {subject.before->prediction.tier, subject.before->pending_tier,
                static_cast<int>(subject.before->pending_count)};
  }
  const TierStep step = next_tier(pack_, previous, figures, subject.features.values, scheduled);
  p.tier = step.state.tier;
  p.reason = step.reason;
  p.status = p.tier.empty() ? ScoreStatus::unscored : ScoreStatus::scored;
  after.pending_tier = step.state.pending;
  after.pending_count = static_cast<std::uint32_t>(step.state.pending_scorings);
  if (step.changed) {
    const TierChange change{subject.customer, now,         previous.tier,
                            p.tier,           step.reason, p.model_version};
    writes.put(Family::outbox, outbox_key("tier_changes", now, subject.customer), encode(change));
  }
}

// Writes the latest prediction, and a row of history where it is worth one.
void Rescorer::keep(Subject& subject, Time now, WriteBatch& writes) {
  KeptPrediction& after = subject.after;
  const Prediction& p = after.prediction;
  if (p.status == ScoreStatus::scored && !(p.lapsed && !pack_.score_lapsed())) {
    const bool same = subject.before && subject.before->prediction.tier == p.tier &&
                      subject.before->prediction.model_version == p.model_version &&
                      day_index(subject.before->kept_at) == day_index(now) &&
                      !moved(pack_, subject.before->kept_figures, p.figures);
    if (same) {
      after.kept_at = subject.before->kept_at;
      after.kept_figures = subject.before->kept_figures;
    } else {
      after.kept_at = now;
      after.kept_figures = p.figures;
      KeptPrediction row = after;
      row.plays.clear();
      const std::string bytes = encode(row);
      writes.put(Family::history, history_key(subject.customer, now), bytes);
      writes.put(Family::outbox, outbox_key("predictions", now, subject.customer), bytes);
    }
  }
  writes.put(Family::predictions, subject.customer.str(), encode(after));
  count(subject.before ? &*subject.before : nullptr, after);
  const std::lock_guard lock(mutex_);
  newest_.push_front(subject.customer);
  if (newest_.size() > 4 * options_.newest_kept) newest_.resize(2 * options_.newest_kept);
}

void Rescorer::tell(PredictionListener listener) {
  const std::lock_guard lock(mutex_);
  listeners_.push_back(std::move(listener));
}

void Rescorer::tell_all(std::span<const Subject> block, Time now) {
  std::vector<PredictionListener> listeners;
  {
    const std::lock_guard lock(mutex_);
    listeners = listeners_;
  }
  if (listeners.empty()) return;
  std::vector<PredictionChange> changes;
  changes.reserve(block.size());
  for (const Subject& subject : block) {
    const Prediction& after = subject.after.prediction;
    if (after.customer.str().empty()) continue;  // a customer without state: nothing was written
    const Prediction* before = subject.before ? &subject.before->prediction : nullptr;
    const bool moved = subject.had_event || before == nullptr || before->tier != after.tier ||
                       before->status != after.status || before->lapsed != after.lapsed ||
                       before->reason != after.reason || subject.after.kept_at == now;
    changes.push_back({subject.before ? &*subject.before : nullptr, &subject.after, moved});
  }
  for (const PredictionListener& listener : listeners) listener(changes);
}

void Rescorer::count(const KeptPrediction* before, const KeptPrediction& after) {
  const auto health = pack_.task_index("health_score");
  const std::lock_guard lock(mutex_);
  const auto add = [&](const Prediction& p, std::int64_t sign) {
    const auto n = static_cast<std::uint64_t>(sign);  // wraps to a subtraction
    counts_.customers += n;
    if (p.lapsed && !pack_.score_lapsed()) {
      counts_.lapsed += n;
    } else if (p.status == ScoreStatus::unscored) {
      counts_.unscored[p.reason] += n;
    } else {
      counts_.by_tier[p.tier] += n;
      if (health && p.figures[*health]) {
        counts_.health_sum += static_cast<double>(sign) * *p.figures[*health];
        counts_.health_count += n;
      }
    }
  };
  if (before) add(before->prediction, -1);
  add(after.prediction, +1);
}

// Rows of history that a late event has overtaken are marked, not rewritten.
Status Rescorer::supersede(const CustomerId& customer, Time since) {
  const std::string prefix = history_prefix(customer);
  WriteBatch writes;
  TRY(store_.scan(Family::history, history_key(customer, since), prefix_end(prefix),
                  [&](std::string_view key, std::string_view value) {
                    auto kept = decode_kept_prediction(value);
                    if (kept && !kept->superseded) {
                      kept->superseded = true;
                      writes.put(Family::history, std::string(key), encode(*kept));
                    }
                    return true;
                  }));
  return store_.write(writes, Durability::later);
}

ScoreCounts Rescorer::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

Time Rescorer::last_full_scoring() const {
  const std::lock_guard lock(mutex_);
  return last_full_;
}

Result<std::vector<KeptPrediction>> Rescorer::newest(std::size_t limit) {
  std::vector<std::string> keys;
  {
    const std::lock_guard lock(mutex_);
    std::unordered_map<CustomerId, bool> seen;
    for (const CustomerId& customer : newest_) {
      if (keys.size() == limit) break;
      if (seen.emplace(customer, true).second) keys.push_back(customer.str());
    }
  }
  TRY_ASSIGN(const auto values, store_.get_many(Family::predictions, keys));
  std::vector<KeptPrediction> result;
  for (const auto& value : values) {
    if (!value) continue;
    TRY_ASSIGN(auto kept, decode_kept_prediction(*value));
    result.push_back(std::move(kept));
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const KeptPrediction& a, const KeptPrediction& b) {
                     return a.prediction.timestamp > b.prediction.timestamp;
                   });
  return result;
}

Result<std::optional<KeptPrediction>> Rescorer::prediction_of(const CustomerId& customer) {
  return tideline::load<KeptPrediction>(store_, Family::predictions, customer.str(),
                                        decode_kept_prediction);
}

Result<std::vector<KeptPrediction>> Rescorer::history_of(const CustomerId& customer,
                                                         std::size_t limit) {
  std::vector<KeptPrediction> result;
  const std::string prefix = history_prefix(customer);
  std::optional<Error> broken;
  TRY(store_.scan_back(Family::history, prefix, prefix_end(prefix),
                       [&](std::string_view, std::string_view value) {
                         auto kept = decode_kept_prediction(value);
                         if (!kept) {
                           broken = kept.error();
                           return false;
                         }
                         result.push_back(std::move(*kept));
                         return result.size() < limit;
                       }));
  if (broken) return fail(*broken);
  return result;
}

}  // namespace tideline
