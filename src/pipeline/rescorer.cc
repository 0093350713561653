#include "pipeline/rescorer.h"

#include <algorithm>
#include <cmath>
#include <thread>
#include <unordered_set>
#include <utility>

#include "base/fault.h"
#include "features/amount.h"
#include "features/compute.h"
#include "pipeline/customer_scoring.h"
#include "pipeline/recommend.h"
#include "pipeline/records.h"
#include "pipeline/scoring_alerts.h"
#include "pipeline/scoring_round.h"
#include "scoring/tiers.h"

namespace tideline {
namespace {

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

bool stands_before(const KeptPrediction& a, const KeptPrediction& b) {
  const Prediction &x = a.prediction, &y = b.prediction;
  return Rescorer::Row{x.timestamp, x.customer}.stands_before({y.timestamp, y.customer});
}

// Where a customer stands in the flow of tiers.
std::string standing_of(const Pack& pack, const Prediction& p) {
  if (p.lapsed && !pack.score_lapsed()) return kStandsLapsed;
  return p.status == ScoreStatus::unscored ? kStandsUnscored : p.tier;
}

}  // namespace

Status Rescorer::load() {
  std::optional<Error> broken;
  std::vector<Row> newest;
  TRY(store_.scan(Family::predictions, "", "", [&](std::string_view, std::string_view value) {
    auto kept = decode_kept_prediction(value);
    if (!kept) {
      broken = kept.error();
      return false;
    }
    count(nullptr, *kept);
    newest.push_back({kept->prediction.timestamp, kept->prediction.customer});
    return true;
  }));
  if (broken) return fail(*broken);
  const std::size_t kept = std::min(newest.size(), 2 * options_.newest_kept);
  std::partial_sort(newest.begin(), newest.begin() + static_cast<std::ptrdiff_t>(kept),
                    newest.end(), [](const Row& a, const Row& b) { return a.stands_before(b); });
  std::vector<PredictionListener> listeners;
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < kept; ++i) newest_.push_back(std::move(newest[i]));
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

void Rescorer::use_rules(std::shared_ptr<const Pack> rules, std::string name) {
  const Time now = clock_.now();
  const std::lock_guard lock(mutex_);
  rules_.earlier = std::exchange(rules_.now, std::move(rules));
  rules_.since = now;
  rules_.name = std::move(name);
}

Rescorer::Rules Rescorer::rules() const {
  Rules rules;
  {
    const std::lock_guard lock(mutex_);
    rules = rules_;
  }
  // Not the owner: the pack outlives this.
  if (!rules.now) rules.now = {std::shared_ptr<const Pack>(), &pack_};
  return rules;
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
  noted_.notify_one();
}

void Rescorer::wait_for_change(Duration bound) {
  std::unique_lock lock(mutex_);
  noted_.wait_for(lock, bound, [&] { return !changed_.empty() || waiting_is_over_; });
}

void Rescorer::stop_waiting() {
  {
    const std::lock_guard lock(mutex_);
    waiting_is_over_ = true;
  }
  noted_.notify_all();
}

Result<std::size_t> Rescorer::score_changed() {
  const std::lock_guard one(scoring_);
  return score_noted();
}

Result<std::size_t> Rescorer::score_noted() {
  std::unordered_map<CustomerId, Noted> changed;
  {
    const std::lock_guard lock(mutex_);
    changed.swap(changed_);
  }
  std::size_t scored = 0;
  for (auto next = changed.begin(); next != changed.end();) {
    Round round(options_.threads);
    for (; next != changed.end() && !round.is_full(); ++next) {
      const auto& [customer, noted] = *next;
      if (noted.late_since) TRY(supersede(customer, *noted.late_since));
      Subject& subject = round.add(customer, false);
      subject.is_history = noted.is_history;
      subject.had_event = true;
    }
    round.close();
    TRY_ASSIGN(const std::size_t n, score_round(round, false));
    scored += n;
  }
  return scored;
}

Result<std::size_t> Rescorer::score_all(bool scheduled) {
  const std::lock_guard one(scoring_);
  watched_model_.clear();
  if (scheduled) TRY(begin_watching());
  summing_.emplace().as_of = clock_.now();
  if (tells_amount(pack_)) summing_->amount = 0;
  std::size_t scored = 0;
  std::string from;
  for (bool more = true; more;) {
    Round round(options_.threads);
    const auto gathering = [&] { return gather(round, from, more); };
    TRY_ASSIGN(const std::size_t n, score_round(round, scheduled, gathering));
    scored += n;
    if (!more) break;
    // Watched and summed with all the others, not twice.
    std::string watched = std::exchange(watched_model_, std::string());
    auto sums = std::exchange(summing_, std::nullopt);
    TRY(score_noted());
    summing_ = std::move(sums);
    watched_model_ = std::move(watched);
  }
  TRY(end_watching());
  const std::lock_guard lock(mutex_);
  loss_ = *std::exchange(summing_, std::nullopt);
  last_full_ = clock_.now();
  return scored;
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

// Customers from `from` on with their states, until the round is full. Whether there are more, and
// from where on. Who has an event meanwhile is noted, and scored again after the round.
Status Rescorer::gather(Round& round, std::string& from, bool& more) {
  more = false;
  return store_.scan(Family::customers, from, "",
                     [&](std::string_view key, std::string_view state) {
                       more = round.is_full();
                       if (more) {
                         from = key;
                       } else {
                         round.add(CustomerId(std::string(key)), true).state = state;
                       }
                       return !more;
                     });
}

// Each thread scores the next block that is left; `gather` adds to the round meanwhile, without it
// the round is whole. What they come to is noted in their order, so that it does not depend on who
// was first. How many customers.
Result<std::size_t> Rescorer::score_round(Round& round, bool scheduled,
                                          const std::function<Status()>& gather) {
  const Time now = clock_.now();
  const auto score_some = [&] {
    while (Block* block = round.next()) {
      if (options_.gives_way_to != nullptr) options_.gives_way_to->let_pass();
      block->done = score_block(*block, now, scheduled);
    }
  };
  Status gathered;
  {
    const std::size_t most = gather ? options_.threads : round.blocks().size();
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < std::min<std::size_t>(options_.threads, most); ++i)
      others.emplace_back(score_some);
    if (gather) gathered = gather();
    round.close();
    score_some();
  }
  TRY(gathered);
  std::size_t scored = 0;
  for (const Block& block : round.blocks()) {
    TRY(block.done);
    note_scored(block);
    scored += block.subjects.size();
  }
  return scored;
}

Status Rescorer::score_block(Block& block, Time now, bool scheduled) {
  block.model = this->model();
  const Rules rules = this->rules();
  TRY(read_block(block, now, block.model.get()));
  std::vector<double> rows;
  std::vector<double> since;
  for (const Subject& subject : block.subjects) {
    if (!subject.to_score) continue;
    rows.insert(rows.end(), subject.features.values.begin(), subject.features.values.end());
    since.push_back(subject.days_since_qualifying);
  }
  double ms = 0;
  if (!since.empty()) {
    const auto begun = Steady::now();
    block.figures = block.model->score(rows, since.size(), since);
    ms = std::chrono::duration<double, std::milli>(Steady::now() - begun).count() /
         static_cast<double>(since.size());
  }
  WriteBatch writes;
  std::size_t row = 0;
  const std::size_t tasks = pack_.tasks().size();
  for (Subject& subject : block.subjects) {
    if (!subject.to_score) continue;
    const auto own = std::span(block.figures).subspan(row++ * tasks, tasks);
    settle(subject, *block.model, own, ms, now, scheduled, rules, writes);
    TRY(recommend_plays(subject, *block.model, *rules.now));
    tell(subject, *block.model, *rules.now, writes);
  }
  return keep_block(block, now, *rules.now, writes);
}

// States and what was kept before. In the order of their ids the latter lies together.
Status Rescorer::read_stored(Block& block) {
  std::vector<Subject>& subjects = block.subjects;
  if (!block.has_states) {
    std::vector<std::string> keys;
    for (const Subject& subject : subjects) keys.push_back(subject.customer.str());
    TRY_ASSIGN(auto states, store_.get_many(Family::customers, keys));
    TRY_ASSIGN(const auto kept, store_.get_many(Family::predictions, keys));
    for (std::size_t i = 0; i < subjects.size(); ++i) {
      subjects[i].state = std::move(states[i]);
      if (subjects[i].state && kept[i]) {
        TRY_ASSIGN(subjects[i].before, decode_kept_prediction(*kept[i]));
      }
    }
    return {};
  }
  Status decoded;
  auto subject = subjects.begin();
  const std::string end = subjects.back().customer.str() + '\0';
  TRY(store_.scan(Family::predictions, subject->customer.str(), end,
                  [&](std::string_view key, std::string_view bytes) {
                    while (subject != subjects.end() && subject->customer.str() < key) ++subject;
                    if (subject == subjects.end()) return false;
                    if (subject->customer.str() != key) return true;
                    auto kept = decode_kept_prediction(bytes);
                    if (!kept) decoded = fail(kept.error());
                    if (kept) subject->before = std::move(*kept);
                    return decoded.has_value();
                  }));
  return decoded;
}

// States, features and what was kept before; who is to be scored.
Status Rescorer::read_block(Block& block, Time now, const Model* model) {
  TRY(read_stored(block));
  CustomerState state;  // one for all: its memory serves again
  for (Subject& subject : block.subjects) {
    if (!subject.state) continue;
    subject.is_there = true;
    TRY(state.read(pack_, *subject.state));
    const StateView view(pack_, state, now);
    subject.features = compute_features(view);
    subject.days_since_qualifying = days_since_qualifying(state, now);
    Prediction& p = subject.after.prediction;
    p.lapsed = is_lapsed(pack_, state, now);
    p.reason = why_unscored(view, subject.features);
    subject.counts = p.reason.empty();
    if (subject.counts) subject.amount = amount_30d(view);
    judge(subject, now, model != nullptr);
  }
  return {};
}

void Rescorer::note_scored(const Block& block) {
  for (const Subject& subject : block.subjects) {
    if (summing_ && subject.is_there) add_loss(subject);
  }
  if (!block.model || block.model->version() != watched_model_) return;
  std::size_t row = 0;
  const std::size_t tasks = pack_.tasks().size();
  for (const Subject& subject : block.subjects) {
    if (!subject.to_score) continue;
    const auto own = std::span(block.figures).subspan(row++ * tasks, tasks);
    if (!watch_->watches(subject.customer)) continue;
    watch_->note(subject.customer, subject.features.values, subject.days_since_qualifying, own,
                 subject.after.prediction.tier);
  }
}

// What the playbook says of a customer just scored. In the holdout it is kept apart, so that no
// reader of predictions can come upon it.
Status Rescorer::recommend_plays(Subject& subject, const Model& model, const Pack& rules) {
  const bool held_out = inbox_ != nullptr && inbox_->held_out(subject.customer);
  if (held_out) {
    TRY_ASSIGN(subject.plays_before, inbox_->withheld(subject.customer));
  } else if (subject.before) {
    subject.plays_before = subject.before->plays;
  }
  std::vector<PlayMark> before = subject.plays_before;
  if (inbox_ != nullptr) {
    TRY_ASSIGN(before, inbox_->without_settled(rules, subject.customer, std::move(before),
                                               subject.after.prediction.timestamp));
  }
  subject.plays_after = recommend(rules, store_, model,
                                  {subject.features.values, subject.days_since_qualifying, before},
                                  subject.after.prediction);
  if (!held_out) subject.after.plays = subject.plays_after;
  return {};
}

// One write, one block at a time: predictions, history, actions, flow.
Status Rescorer::keep_block(Block& block, Time now, const Pack& rules, WriteBatch& writes) {
  const std::lock_guard one(keeping_);
  for (Subject& subject : block.subjects) {
    if (!subject.is_there) continue;
    keep(subject, now, writes);
  }
  TRY(keep_flow(now, writes));
  std::optional<Inbox::Writing> writing;
  if (inbox_ != nullptr) writing.emplace(inbox_->begin());
  const auto leaving = task_of_leaving();
  const auto health = pack_.task_index("health_score");
  for (Subject& subject : block.subjects) {
    if (!writing || !subject.is_there) continue;
    // Without a score it keeps what it had, or, unscored, has none.
    if (!subject.to_score && subject.before && !inbox_->held_out(subject.customer)) {
      subject.plays_before = subject.before->plays;
      subject.plays_after = subject.after.plays;
    }
    if (subject.plays_before == subject.plays_after) continue;
    const Prediction& p = subject.after.prediction;
    const auto figure = [&](std::optional<std::size_t> task) {
      return task && *task < p.figures.size() ? p.figures[*task] : std::optional<double>();
    };
    const FollowUp::Standing standing{p.tier, figure(leaving), figure(health), subject.amount};
    TRY(inbox_->record(*writing, rules,
                       {subject.customer, subject.plays_before, subject.plays_after, standing},
                       now, writes));
  }
  fault::crash_point("score.before_write");
  TRY(store_.write(writes, Durability::later));
  fault::crash_point("score.after_write");
  ++version_;
  if (writing) writing->kept();
  tell_all(block.subjects, now);
  return {};
}

void Rescorer::add_loss(const Subject& subject) {
  const auto leaving = task_of_leaving();
  const Prediction& p = subject.after.prediction;
  const bool has = subject.counts && leaving && *leaving < p.figures.size() && p.figures[*leaving];
  if (!has) return;
  ++summing_->customers;
  summing_->churn += *p.figures[*leaving];
  if (summing_->amount) *summing_->amount += *p.figures[*leaving] * subject.amount.value_or(0);
}

std::optional<std::size_t> Rescorer::task_of_leaving() const {
  std::optional<std::size_t> found;
  for (std::size_t k = 0; k < pack_.tasks().size(); ++k) {
    const TaskSpec& task = pack_.tasks()[k];
    const bool tells =
        task.kind == TaskKind::probability && task.label.find("gone(") != std::string::npos;
    if (tells && (!found || task.horizon > pack_.tasks()[*found].horizon)) found = k;
  }
  return found;
}

Status Rescorer::keep_flow(Time now, WriteBatch& writes) {
  const ScoreCounts counts = this->counts();
  std::map<std::string, std::uint64_t> standing;
  for (const std::string& tier : pack_.tiers()) standing[tier] = 0;
  for (const auto& [tier, customers] : counts.by_tier) standing[tier] = customers;
  for (const auto& [reason, customers] : counts.unscored) standing[kStandsUnscored] += customers;
  standing[kStandsLapsed] = counts.lapsed;
  return flow_.put(now, standing, writes);
}

// Quiet where the change comes of imported events alone, also when a scoring of all gets there
// before they are scored as changed.
void Rescorer::tell(const Subject& subject, const Model& model, const Pack& rules,
                    WriteBatch& writes) {
  if (alerts_ == nullptr || subject.is_history) return;
  const ScoredCustomer scored{subject.before ? &*subject.before : nullptr, subject.after,
                              subject.features.values, subject.days_since_qualifying};
  if (!is_worth_an_alert(scored) || !alerts_->is_live()) return;
  {
    const std::lock_guard lock(mutex_);
    const auto noted = changed_.find(subject.customer);
    if (noted != changed_.end() && noted->second.is_history) return;
  }
  add_scoring_alerts(*alerts_, rules, model, scored, writes);
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
                      bool scheduled, const Rules& rules, WriteBatch& writes) {
  KeptPrediction& after = subject.after;
  Prediction& p = after.prediction;
  p.figures.assign(figures.begin(), figures.end());
  p.model_version = model.version();
  p.inference_time_ms = ms;
  const std::string previous = subject.before ? subject.before->prediction.tier : "";
  bool by_rules = false;
  const TierStep step = next_tier_of(subject, rules, figures, scheduled, by_rules);
  p.tier = step.state.tier;
  p.reason = step.reason;
  p.status = p.tier.empty() ? ScoreStatus::unscored : ScoreStatus::scored;
  after.pending_tier = step.state.pending;
  after.pending_count = static_cast<std::uint32_t>(step.state.pending_scorings);
  if (step.changed) {
    const std::string reason = by_rules ? rules.name + ": " + step.reason : step.reason;
    const TierChange change{subject.customer, now, previous, p.tier, reason, p.model_version};
    writes.put(Family::outbox, outbox_key("tier_changes", now, subject.customer), encode(change));
  }
}

// Where new rules, and not the figures, ask for another tier than before, there is no flicker to
// wait out: it is shown at once.
TierStep Rescorer::next_tier_of(const Subject& subject, const Rules& rules,
                                std::span<const std::optional<double>> figures, bool scheduled,
                                bool& by_rules) {
  TierState previous;
  if (subject.before) {
    previous = {subject.before->prediction.tier, subject.before->pending_tier,
                static_cast<int>(subject.before->pending_count)};
  }
  const std::vector<double>& features = subject.features.values;
  const bool judged_before =
      rules.earlier && subject.before && subject.before->prediction.timestamp <= rules.since;
  if (judged_before) {
    const TierDecision asked = tier_of(*rules.now, figures, features);
    if (!asked.tier.empty() && asked.tier != tier_of(*rules.earlier, figures, features).tier) {
      by_rules = asked.tier != previous.tier;
      return {TierState{asked.tier, "", 0}, by_rules, by_rules ? asked.reason : "unchanged"};
    }
  }
  return next_tier(*rules.now, previous, figures, features, scheduled);
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
  flow_.note(subject.before ? standing_of(pack_, subject.before->prediction) : kStandsNew,
             standing_of(pack_, p));
  const std::lock_guard lock(mutex_);
  if (p.timestamp != now) return;  // a frozen score is no newer than it was
  newest_.push_front({now, subject.customer});
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
    if (!subject.is_there) continue;  // nothing was written
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

ExpectedLoss Rescorer::expected_loss() const {
  const std::lock_guard lock(mutex_);
  return loss_;
}

Time Rescorer::last_full_scoring() const {
  const std::lock_guard lock(mutex_);
  return last_full_;
}

Result<std::vector<KeptPrediction>> Rescorer::newest(std::size_t limit) {
  std::vector<Row> rows;
  bool are_all = false;  // that stand so far in front
  {
    const std::lock_guard lock(mutex_);
    std::unordered_set<CustomerId> seen;
    for (const Row& row : newest_) {
      // All of the last moment: which of them are taken goes by customer.
      are_all = rows.size() >= limit && row.timestamp != rows.back().timestamp;
      if (are_all) break;
      if (seen.insert(row.customer).second) rows.push_back(row);
    }
    are_all = are_all || rows.size() >= counts_.customers;
  }
  if (!are_all) return newest_after({Time::max(), CustomerId()}, limit);
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return a.stands_before(b); });
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < rows.size() && i < limit; ++i)
    keys.push_back(rows[i].customer.str());
  TRY_ASSIGN(const auto values, store_.get_many(Family::predictions, keys));
  std::vector<KeptPrediction> result;
  for (const auto& value : values) {
    if (!value) continue;
    TRY_ASSIGN(auto kept, decode_kept_prediction(*value));
    result.push_back(std::move(kept));
  }
  std::sort(result.begin(), result.end(), stands_before);
  return result;
}

Result<std::vector<KeptPrediction>> Rescorer::newest_after(const Row& row, std::size_t limit) {
  std::vector<KeptPrediction> heap;  // the last of the kept rows on top
  std::optional<Error> broken;
  TRY(store_.scan(Family::predictions, "", "", [&](std::string_view, std::string_view value) {
    auto kept = decode_kept_prediction(value);
    if (!kept) {
      broken = kept.error();
      return false;
    }
    const Prediction& p = kept->prediction;
    if (!row.stands_before({p.timestamp, p.customer})) return true;
    heap.push_back(std::move(*kept));
    std::push_heap(heap.begin(), heap.end(), stands_before);
    if (heap.size() <= limit) return true;
    std::pop_heap(heap.begin(), heap.end(), stands_before);
    heap.pop_back();
    return true;
  }));
  if (broken) return fail(*broken);
  std::sort_heap(heap.begin(), heap.end(), stands_before);
  return heap;
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
