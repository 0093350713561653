#include "app/model_upkeep.h"

#include "app/operations.h"
#include "base/bytes.h"
#include "pipeline/follow_up.h"
#include "pipeline/priority.h"

namespace tideline {
namespace {

// Family::settings: when a model was last learnt on schedule, by the folder's clock, also in vain.
constexpr std::string_view kTriedKey = "model.retrained";
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
  give_way();
  for (;;) {
    look_up_labels();
    retrain_when_due();
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

Result<bool> ModelUpkeep::is_due() {
  const Duration interval = engine_.settings().model.retrain_interval;
  TRY_ASSIGN(const auto active, engine_.models().active());
  if (interval == Duration{} || !active) return false;
  TRY_ASSIGN(const auto tried, engine_.state().get(Family::settings, kTriedKey));
  Time last =
      tried ? time_from_millis(static_cast<std::int64_t>(from_big_endian(*tried))) : Time{};
  // A broken one tells no time; then a new one is due.
  if (const auto manifest = engine_.models().manifest_of(*active))
    last = std::max(last, manifest->known_until);
  return engine_.now().now() - last >= interval;
}

void ModelUpkeep::retrain_when_due() {
  const auto due = is_due();
  if (!due) return engine_.logger().error("the model's age cannot be told", due.error());
  if (!*due || stopping()) return;
  WriteBatch batch;
  batch.put(Family::settings, std::string(kTriedKey),
            big_endian(static_cast<std::uint64_t>(millis(engine_.now().now()))));
  if (auto written = engine_.state().write(batch, Durability::now); !written)
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
