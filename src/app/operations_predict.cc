// predict: what the model in production says of one customer now, with everything it was told.
#include <chrono>
#include <cmath>

#include "app/operations.h"
#include "pipeline/customer_scoring.h"
#include "scoring/drivers.h"

namespace tideline {
namespace {

using Steady = std::chrono::steady_clock;
constexpr Duration kPatience = std::chrono::minutes(10);

double microseconds_since(Steady::time_point begun) {
  return std::chrono::duration<double, std::micro>(Steady::now() - begun).count();
}

Json number_or_null(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }
Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }
Json time_or_null(const std::optional<Time>& time) {
  return time ? Json(format_time(*time)) : Json(nullptr);
}

// The model by itself and by what it learnt from.
boost::json::object model_json(const Model& model) {
  const ModelManifest& manifest = model.manifest();
  boost::json::array champions;
  for (const ModelTask& task : manifest.tasks) {
    champions.push_back(
        boost::json::object{{"task", task.name}, {"champion", name_of(task.champion, task.kind)}});
  }
  return {{"model_version", model.version()},
          {"training_rows", manifest.training_rows},
          {"training_from", time_or_null(manifest.training_from)},
          {"training_to", time_or_null(manifest.training_to)},
          {"feature_hash", manifest.feature_hash.hex()},
          {"champions", std::move(champions)}};
}

boost::json::array features_json(const Pack& pack, const FeatureVector& features) {
  boost::json::array list;
  for (std::size_t i = 0; i < features.values.size(); ++i) {
    const FeatureSpec& spec = pack.features()[i];
    list.push_back(boost::json::object{{"name", spec.name},
                                       {"value", number_or_null(features.values[i])},
                                       {"unit", spec.unit},
                                       {"group", spec.group}});
  }
  return list;
}

boost::json::array figures_json(const Pack& pack, const Prediction& p) {
  boost::json::array list;
  for (std::size_t k = 0; k < pack.tasks().size(); ++k) {
    list.push_back(
        boost::json::object{{"task", pack.tasks()[k].name},
                            {"figure", p.figures[k] ? Json(*p.figures[k]) : Json(nullptr)},
                            {"definition", pack.tasks()[k].definition}});
  }
  return list;
}

// What pushed the task that plays ask about, the largest first; null where its champion has no
// figure.
Json drivers_json(const Pack& pack, const Model& model, const CustomerScoring& scoring) {
  const std::size_t task = task_of_drivers(pack);
  const auto contributions =
      contributions_of(model, task, scoring.features.values, scoring.days_since_qualifying);
  if (!contributions) return nullptr;
  const DriverInputs inputs{
      scoring.features.values, {}, model.parts().medians, scoring.days_since_qualifying};
  boost::json::array list;
  for (const Driver& driver : drivers_of(pack, *contributions, inputs)) {
    list.push_back(boost::json::object{{"theme", driver.theme},
                                       {"contribution", number_or_null(driver.contribution)},
                                       {"sentence", driver.sentence}});
  }
  return boost::json::object{{"task", pack.tasks()[task].name},
                             {"unit", name_of(contributions->unit)},
                             {"base", number_or_null(contributions->base)},
                             {"output", number_or_null(contributions->output)},
                             {"list", std::move(list)}};
}

// What the page and the lists show: with the tier's slowness, or from before.
Json shown_json(const std::optional<KeptPrediction>& kept) {
  if (!kept) return nullptr;
  const Prediction& p = kept->prediction;
  return boost::json::object{{"tier", text_or_null(p.tier)},
                             {"status", name_of(p.status)},
                             {"reason", text_or_null(p.reason)},
                             {"model_version", text_or_null(p.model_version)},
                             {"features_as_of", format_time(p.features_as_of)}};
}

// A version that is asked for, else the one in production; nullptr: there is none.
Result<std::shared_ptr<const Model>> wanted_model(Engine& engine,
                                                  const std::optional<std::string>& version) {
  if (version) {
    TRY_ASSIGN(const ModelKey key, engine.models().find(*version));
    return engine.models().load(key);
  }
  if (auto model = engine.rescorer().model()) return model;
  return engine.models().load_active();  // a command on the folder itself
}

}  // namespace

Result<Json> predict_customer(const OperationContext& context,
                              const boost::json::object& arguments) {
  Engine& engine = context.engine;
  const Pack& pack = engine.pack();
  TRY_ASSIGN(const auto id, text_argument(arguments, "customer"));
  TRY_ASSIGN(const auto version, text_argument(arguments, "model"));
  if (!id) return fail(ErrorCode::invalid, "no customer was named", "bad_argument");
  if (!engine.as_of()) TRY(engine.processor().wait_idle(kPatience));
  TRY_ASSIGN(const auto model, wanted_model(engine, version));

  const auto begun = Steady::now();
  TRY_ASSIGN(const auto bytes, engine.served_state().get(Family::customers, *id));
  if (!bytes) return fail(ErrorCode::not_found, "no such customer: " + *id, "unknown_customer");
  TRY_ASSIGN(const CustomerState state, CustomerState::decode(pack, *bytes));
  const double read_us = microseconds_since(begun);
  const Time now = engine.now().now();
  const CustomerScoring scoring =
      score_customer(*engine.rules().in_force().pack, model.get(), CustomerId(*id), state, now);
  const double all_us = microseconds_since(begun);
  TRY_ASSIGN(const auto kept, engine.rescorer().prediction_of(CustomerId(*id)));

  const Prediction& p = scoring.prediction;
  boost::json::object json{
      {"customer_id", *id},
      {"as_of", format_time(now)},
      {"status", name_of(p.status)},
      {"reason", text_or_null(p.tier.empty() ? p.reason : "")},
      {"predictions", figures_json(pack, p)},
      {"tier", text_or_null(p.tier)},
      {"tier_reason", text_or_null(scoring.tier_reason)},
      {"shown", shown_json(kept)},
      {"lapsed", p.lapsed},
      {"coverage", p.coverage},
      {"days_since_qualifying", number_or_null(scoring.days_since_qualifying)},
      {"events", state.event_count()},
      {"first_event", time_or_null(state.first_event())},
      {"last_event", time_or_null(state.last_event())},
      {"model", model ? Json(model_json(*model)) : Json(nullptr)},
      {"features", features_json(pack, scoring.features)}};
  const bool scored = model != nullptr && p.status == ScoreStatus::scored;
  json["drivers"] = scored ? drivers_json(pack, *model, scoring) : Json(nullptr);
  json["latency_us"] =
      boost::json::object{{"read_state", read_us},
                          {"features", all_us - read_us - p.inference_time_ms * 1'000},
                          {"model", p.inference_time_ms * 1'000},
                          {"all", all_us}};
  return json;
}

}  // namespace tideline
