#include "api/live_feed.h"

#include <algorithm>
#include <charconv>
#include <unordered_set>
#include <utility>

#include "alerts/alerts.h"
#include "api/live_bodies.h"
#include "api/prediction_json.h"
#include "pipeline/records.h"

namespace tideline {
namespace {

constexpr std::string_view kCustomers = "customers";

}  // namespace

void write_slim_prediction(JsonWriter& json, const Services& services, const Prediction& p) {
  const Pack& pack = services.pack;
  json.begin_object().member("customer_id", p.customer.str()).member("timestamp", p.timestamp);
  json.key("figures").begin_object();
  for (std::size_t i = 0; i < pack.tasks().size(); ++i) {
    json.member(pack.tasks()[i].name,
                i < p.figures.size() ? p.figures[i] : std::optional<double>());
  }
  json.end_object().member_or_null("tier", p.tier).member("status", name_of(p.status));
  json.member_or_null("reason", p.reason).member_or_null("model_version", p.model_version);
  json.member("features_as_of", p.features_as_of).member("coverage", p.coverage);
  json.member("lapsed", p.lapsed).key("override");
  write_override_in_force(json, services, p.customer);
  json.end_object();
}

LiveFeed::LiveFeed(const Services& services, LiveFeedOptions options)
    : services_(services),
      options_(options),
      run_(std::to_string(services.started.time_since_epoch().count())) {}

void LiveFeed::add_locked(std::string customer) {
  changed_.push_back(std::move(customer));
  ++last_;
  if (changed_.size() > options_.changes_max) changed_.pop_front();
}

void LiveFeed::note_locked(std::string_view topic) {
  add_locked({});
  const auto known = topics_.find(topic);
  if (known == topics_.end()) {
    topics_.emplace(topic, last_);
  } else {
    known->second = last_;
  }
}

void LiveFeed::note(std::span<const PredictionChange> changes) {
  const std::lock_guard lock(mutex_);
  if (changes.empty()) return note_locked(kCustomers);
  for (const PredictionChange& change : changes) {
    if (change.moved) add_locked(change.after->prediction.customer.str());
  }
}

void LiveFeed::note(std::string_view topic) {
  const std::lock_guard lock(mutex_);
  note_locked(topic);
}

std::string LiveFeed::id_of(Number number) const { return run_ + "-" + std::to_string(number); }

std::optional<LiveFeed::Number> LiveFeed::number_of(std::string_view id) const {
  if (id.size() <= run_.size() || !id.starts_with(run_) || id[run_.size()] != '-') return {};
  id.remove_prefix(run_.size() + 1);
  Number number = 0;
  const auto parsed = std::from_chars(id.data(), id.data() + id.size(), number);
  if (parsed.ec != std::errc{} || parsed.ptr != id.data() + id.size()) return {};
  return number;
}

void LiveFeed::join(http::Stream stream, std::string_view last_event_id) {
  const std::lock_guard lock(mutex_);
  Listener listener{std::move(stream), last_, false, true};
  if (!last_event_id.empty()) {
    const auto told = number_of(last_event_id);
    const bool kept = told && *told <= last_ && *told + changed_.size() >= last_;
    listener.reset = !kept;
    if (kept) listener.told = *told;
  }
  joining_.push_back(std::move(listener));
}

// Changes that nobody notes: dead letters and changed actions are counted, a model is put into
// service.
void LiveFeed::watch_program() {
  const std::uint64_t letters = services_.processor.status().totals.dead_lettered;
  const void* model = services_.rescorer.model().get();
  const bool other_model = model != model_ && model_ != nullptr;
  if (letters != dead_lettered_) note("dead_letters");
  if (other_model) note("models");
  dead_lettered_ = letters;
  model_ = model;
  if (services_.inbox == nullptr) return;
  const std::uint64_t actions = services_.inbox->changes();
  if (actions != action_changes_) note("actions");
  action_changes_ = actions;
}

// Whether there is a newer alert. Reads the state, so only while somebody listens.
void LiveFeed::watch_alerts() {
  if (services_.alerts == nullptr) return;
  const auto page = services_.alerts->recent("", 1);
  if (!page) return;
  std::string newest = page->alerts.empty() ? "" : page->alerts.front().alert.id;
  if (newest_alert_ && newest != *newest_alert_) note("alerts");
  newest_alert_ = std::move(newest);
}

// Under the lock. No more customers than fit into one message.
LiveFeed::Changes LiveFeed::changes_after(Number told) const {
  Changes changes;
  changes.until = last_;
  const Number first = last_ - changed_.size() + 1;
  const bool far_behind = last_ - told > options_.behind_max || told + 1 < first;
  if (far_behind) {
    changes.topics.emplace_back(kCustomers);
  } else {
    std::unordered_set<std::string_view> seen;
    for (Number at = told + 1; at <= last_; ++at) {
      const std::string& customer = changed_[static_cast<std::size_t>(at - first)];
      if (customer.empty() || !seen.insert(customer).second) continue;
      if (changes.customers.size() == options_.rows_max) {
        changes.until = at - 1;
        break;
      }
      changes.customers.push_back(customer);
    }
  }
  for (const auto& [topic, number] : topics_) {
    const bool twice = far_behind && topic == kCustomers;
    if (number > told && number <= changes.until && !twice) changes.topics.push_back(topic);
  }
  return changes;
}

void LiveFeed::write_rows(JsonWriter& json, const std::vector<std::string>& customers) const {
  auto values = services_.state.get_many(Family::predictions, customers);
  if (!values) return;
  for (const auto& value : *values) {
    if (!value) continue;
    const auto kept = decode_kept_prediction(*value);
    if (kept) write_slim_prediction(json, services_, kept->prediction);
  }
}

std::string LiveFeed::message(const Changes& changes, const Figures* figures, bool reset) const {
  JsonWriter json;
  json.begin_object();
  if (reset) json.member("reset", true);
  if (!changes.customers.empty()) {
    json.key("predictions").begin_array();
    write_rows(json, changes.customers);
    json.end_array();
  }
  if (!changes.topics.empty()) {
    json.key("topics").begin_array();
    for (const std::string& topic : changes.topics) json.value(topic);
    json.end_array();
  }
  if (figures != nullptr) {
    json.key("overview").raw(figures->overview).key("tiers").raw(figures->tiers);
    json.key("pipeline").raw(figures->pipeline);
  }
  json.end_object();
  return http::event_text(id_of(changes.until), "change", json.take());
}

// The figures, when it is time for them or somebody has none yet.
std::optional<LiveFeed::Figures> LiveFeed::figures_now(bool wanted) {
  const PipelineStatus status = services_.processor.status();
  const std::uint64_t done = status.log_end + status.records;
  lasting_ =
      done != std::exchange(done_, done) ? options_.lasting_ticks : std::max(0, lasting_ - 1);
  const int every = lasting_ > 0 ? options_.figures_every_ticks : options_.quiet_every_ticks;
  const bool due = ++since_figures_ >= every;
  if (!due && !wanted) return std::nullopt;
  if (due) since_figures_ = 0;
  return Figures{overview_body(services_), tiers_body(services_), pipeline_body(services_), due};
}

void LiveFeed::tick() {
  watch_program();
  std::vector<Listener> listeners;
  std::map<Number, Changes> by_number;
  bool any_fresh = false;
  {
    const std::lock_guard lock(mutex_);
    for (Listener& joined : joining_) listeners_.push_back(std::move(joined));
    joining_.clear();
    listeners.swap(listeners_);
    for (const Listener& listener : listeners) {
      any_fresh = any_fresh || listener.fresh;
      if (!by_number.contains(listener.told)) {
        by_number.emplace(listener.told, changes_after(listener.told));
      }
    }
  }
  if (listeners.empty()) return;
  watch_alerts();  // told with the next tick
  const auto figures = figures_now(any_fresh);
  std::map<std::string, std::string> made;  // by what a message is made of: most get the same one
  for (Listener& listener : listeners) {
    const Changes& changes = by_number.at(listener.told);
    const bool nothing = changes.customers.empty() && changes.topics.empty();
    const bool with_figures = figures && (figures->due || listener.fresh);
    if (nothing && !with_figures && !listener.reset) {
      listener.told = changes.until;
      continue;
    }
    const std::string kind =
        std::to_string(listener.told) + (with_figures ? "f" : "") + (listener.reset ? "r" : "");
    auto& text = made[kind];
    if (text.empty()) text = message(changes, with_figures ? &*figures : nullptr, listener.reset);
    listener.stream.send(text);
    listener.told = changes.until;
    listener.fresh = listener.reset = false;
  }
  for (Listener& listener : listeners) {
    if (++listener.ticks >= options_.stream_ticks_max) listener.stream.end();
  }
  std::erase_if(listeners, [](const Listener& listener) { return !listener.stream.is_open(); });
  const std::lock_guard lock(mutex_);
  listeners_ = std::move(listeners);
}

}  // namespace tideline
