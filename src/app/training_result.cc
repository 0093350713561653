#include "app/training_result.h"

#include <boost/json.hpp>

#include "learning/promotion_gate.h"

namespace tideline {
namespace {

// The model in production; nullptr also when it is broken: any other one is better then.
std::shared_ptr<const Model> production(Engine& engine) {
  auto model = engine.models().load_active();
  return model ? *model : nullptr;
}

boost::json::array gate_json(const GateVerdict& verdict) {
  boost::json::array tasks;
  for (const GateTask& task : verdict.tasks) {
    tasks.push_back(boost::json::object{{"task", task.task},
                                        {"n", task.n},
                                        {"candidate_squared_error", task.candidate},
                                        {"production_squared_error", task.production}});
  }
  return tasks;
}

Result<GateVerdict> verdict_of(Engine& engine, const std::string& wish, const SnapshotTable& table,
                               const TrainedModel& trained) {
  if (wish == "always") return GateVerdict{true, "as it was asked for", {}};
  if (wish == "never") return GateVerdict{false, "as it was asked for", {}};
  if (wish != "gated") {
    return fail(ErrorCode::invalid, "promote is always, gated or never, not " + wish,
                "bad_argument");
  }
  const auto model = production(engine);
  return judge_promotion(table, trained.report, engine.pack(), model.get());
}

}  // namespace

Result<boost::json::object> settle_trained(const OperationContext& context,
                                           const boost::json::object& arguments,
                                           const SnapshotTable& table,
                                           const TrainedModel& trained) {
  Engine& engine = context.engine;
  TRY_ASSIGN(const auto wish, text_argument(arguments, "promote"));
  ModelFiles files = trained.files;
  TRY_ASSIGN(const Model model, Model::parse(files, engine.pack().feature_hash()));
  files[std::string(kDriftFile)] = to_json(drift_reference(table, engine.pack(), model));
  TRY_ASSIGN(const GateVerdict verdict,
             verdict_of(engine, wish.value_or("always"), table, trained));
  const ModelKey key{trained.manifest.name, trained.manifest.version};
  if (verdict.promote) {
    TRY(engine.models().add_and_activate(key, files));
    engine.load_model();
    engine.rescore_soon();
  } else {
    TRY(engine.models().add(key, files));
  }
  boost::json::object json{{"promoted", verdict.promote}, {"promotion", verdict.reason}};
  if (!verdict.tasks.empty()) json["gate"] = gate_json(verdict);
  return json;
}

}  // namespace tideline
