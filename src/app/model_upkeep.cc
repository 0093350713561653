#include "app/model_upkeep.h"

#include "api/pilot_json.h"
#include "app/operations.h"
#include "base/bytes.h"
#include "pipeline/follow_up.h"
#include "telemetry/thread_name.h"
#include "telemetry/thread_priority.h"

namespace tideline {
namespace {

// Family::settings: when a model was last learnt on schedule, by the folder's clock, also in vain.
constexpr std::string_view kTriedKey = "model.retrained";
// The same, when all customers were last scored into files.
constexpr std::string_view kScoredKey = "model.scored_all";
// What is left of the actions to follow up waits for the next round.
constexpr std::chrono::minutes kFollowUpMax(1);

}  // namespace

ModelUpkeep::ModelUpkeep(Engine& engine) : engine_(engine), thread_([this] { run(); }) {}

ModelUpkeep::~ModelUpkeep() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

bool ModelUpkeep::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void ModelUpkeep::run() {
  name_thread("models");
  give_way();
  for (;;) {
    look_up_labels();
    run_pilots();
    retrain_when_due();
    score_all_when_due();
    follow_up_actions();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, engine_.settings().model.upkeep_interval, [&] { return stopping_; });
    if (stopping_) return;
  }
}

void ModelUpkeep::look_up_labels() {
  const auto found = engine_.watch().settle(engine_.lake(), engine_.now().now());
  if (!found) engine_.logger().error("looking up what happened failed", found.error());
  if (found && *found > 0)
    engine_.logger().info("predictions met what happened", {{"labels", *found}});
}

void ModelUpkeep::follow_up_actions() {
  constexpr Duration kFlowKept = 400 * kDay;
  const Time now = engine_.now().now();
  const FollowUpSources sources{engine_.pack(), engine_.state(), engine_.lake(),
                                engine_.rescorer().task_of_leaving()};
  const auto give_up = std::chrono::steady_clock::now() + kFollowUpMax;
  const auto measured = engine_.inbox().measure(
      now,
      [&](const CustomerId& customer, Time from, Time until) {
        return standing_since(sources, customer, from, until, now);
      },
      [&] { return !stopping() && std::chrono::steady_clock::now() < give_up; });
  if (!measured) engine_.logger().error("following up actions failed", measured.error());
  if (measured && *measured > 0)
    engine_.logger().info("actions were followed up", {{"customers", *measured}});
  auto swept = engine_.inbox().sweep(now);
  if (swept) swept = engine_.rescorer().sweep_flow(now - kFlowKept);
  if (!swept) engine_.logger().error("sweeping old actions failed", swept.error());
}

void ModelUpkeep::run_pilots() {
  const Time now = engine_.now().now();
  const NewcomerSources newcomers{engine_.pack(), engine_.state(),
                                  engine_.rescorer().task_of_leaving()};
  const auto came = enrol_everybody(engine_.pilots(), newcomers, now);
  if (!came) engine_.logger().error("taking customers into pilots failed", came.error());
  if (came && *came > 0)
    engine_.logger().info("customers came into pilots", {{"customers", *came}});
  const FollowUpSources sources{engine_.pack(), engine_.state(), engine_.lake(),
                                engine_.rescorer().task_of_leaving()};
  const auto measured = engine_.pilots().measure(
      now,
      [&](const CustomerId& customer, Time from,
          Time until) -> Result<std::optional<Exposure::Outcome>> {
        TRY_ASSIGN(const auto seen, standing_since(sources, customer, from, until, now));
        if (!seen) return std::optional<Exposure::Outcome>();
        return Exposure::Outcome{now, seen->retained, seen->after.amount};
      });
  if (!measured) engine_.logger().error("measuring pilots failed", measured.error());
}

Result<Time> ModelUpkeep::last_done(std::string_view key) {
  TRY_ASSIGN(const auto kept, engine_.state().get(Family::settings, key));
  return kept ? time_from_millis(static_cast<std::int64_t>(from_big_endian(*kept))) : Time{};
}

Status ModelUpkeep::remember_done(std::string_view key, Time when) {
  WriteBatch batch;
  batch.put(Family::settings, std::string(key),
            big_endian(static_cast<std::uint64_t>(millis(when))));
  return engine_.state().write(batch, Durability::now);
}

Result<bool> ModelUpkeep::is_model_due() {
  const Duration interval = engine_.settings().model.retrain_interval;
  TRY_ASSIGN(const auto active, engine_.models().active());
  if (interval == Duration{} || !active) return false;
  TRY_ASSIGN(Time last, last_done(kTriedKey));
  // A broken one tells no time; then a new one is due.
  if (const auto manifest = engine_.models().manifest_of(*active))
    last = std::max(last, manifest->known_until);
  return engine_.now().now() - last >= interval;
}

Result<bool> ModelUpkeep::are_scores_due() {
  const Duration interval = engine_.settings().model.batch_interval;
  TRY_ASSIGN(const auto active, engine_.models().active());
  if (interval == Duration{} || !active) return false;
  TRY_ASSIGN(const Time last, last_done(kScoredKey));
  return engine_.now().now() - last >= interval;
}

void ModelUpkeep::score_all_when_due() {
  const auto due = are_scores_due();
  if (!due) return engine_.logger().error("whether scores are due cannot be told", due.error());
  if (!*due || stopping()) return;
  const Time now = engine_.now().now();
  const OperationContext context{engine_,
                                 [this](const OperationProgress&) { return !stopping(); }};
  // A run that was ended goes on in the folder of its day; on another day all are scored anew.
  const std::string out = engine_.folder().path() + "/scores/as_of=" + format_date(now);
  const auto scored = run_operation("score", context, {{"out", out}});
  if (!scored) {
    if (!stopping()) engine_.logger().error("scoring on schedule failed", scored.error());
    return;
  }
  if (const Status kept = remember_done(kScoredKey, now); !kept)
    engine_.logger().error("that all were scored cannot be kept", kept.error());
  engine_.logger().info("all customers were scored, as scheduled",
                        {{"rows", scored->at("rows").to_number<std::uint64_t>()},
                         {"folder", std::string(scored->at("path").as_string())}});
}

void ModelUpkeep::retrain_when_due() {
  const auto due = is_model_due();
  if (!due) return engine_.logger().error("the model's age cannot be told", due.error());
  if (!*due || stopping()) return;
  if (auto written = remember_done(kTriedKey, engine_.now().now()); !written)
    return engine_.logger().error("learning on schedule was put off", written.error());
  engine_.logger().info("learning from the history, as scheduled");
  const OperationContext context{engine_,
                                 [this](const OperationProgress&) { return !stopping(); }};
  const auto trained = run_operation("train", context, {{"promote", "gated"}});
  if (!trained) {
    if (!stopping()) engine_.logger().error("learning on schedule failed", trained.error());
    return;
  }
  const auto& told = trained->as_object();
  const auto text = [&](const char* key) { return std::string(told.at(key).as_string()); };
  engine_.logger().info(
      told.at("promoted").as_bool() ? "a new model took over" : "a new model stays a candidate",
      {{"model", text("model_version")}, {"why", text("promotion")}});
}

}  // namespace tideline
