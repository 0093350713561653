#include "api/prediction_json.h"

#include "api/action_json.h"
#include "learning/train.h"

namespace tideline {
namespace {

void write_members(JsonWriter& json, const Pack& pack, const Prediction& p) {
  const bool scored = !p.model_version.empty();
  json.member("customer_id", p.customer.str()).member("timestamp", p.timestamp);
  for (std::size_t i = 0; i < pack.tasks().size(); ++i) {
    json.member(pack.tasks()[i].name,
                i < p.figures.size() ? p.figures[i] : std::optional<double>());
  }
  json.member_or_null("tier", p.tier).member_or_null("segment", p.tier);
  json.member("status", name_of(p.status)).member_or_null("reason", p.reason);
  json.member_or_null("model_version", p.model_version);
  json.member_or_null("model_endpoint", scored ? model_name(pack) + "-endpoint" : "");
  json.member("inference_time_ms", scored ? std::optional(p.inference_time_ms) : std::nullopt);
  json.member("features_as_of", p.features_as_of).member("coverage", p.coverage);
  json.member("lapsed", p.lapsed);
  json.key("definition").begin_object();
  for (const TaskSpec& task : pack.tasks()) json.member(task.name, task.definition);
  json.end_object();
}

}  // namespace

void write_prediction(JsonWriter& json, const Services& services, const Prediction& prediction) {
  json.begin_object();
  write_members(json, services.pack, prediction);
  json.key("override");
  write_override_in_force(json, services, prediction.customer);
  json.end_object();
}

void write_override_in_force(JsonWriter& json, const Services& services,
                             const CustomerId& customer) {
  const auto by_hand = services.overrides->of(customer, services.folder_now());
  if (by_hand)
    write_override(json, *by_hand);
  else
    json.null();
}

void write_kept_prediction(JsonWriter& json, const Pack& pack, const KeptPrediction& kept) {
  json.begin_object();
  write_members(json, pack, kept.prediction);
  json.member("superseded", kept.superseded).end_object();
}

void begin_list(JsonWriter& json) { json.begin_object().key("data").begin_array(); }

void end_list(JsonWriter& json, const Services& services, const std::string& next_cursor) {
  json.end_array().member_or_null("next_cursor", next_cursor);
  write_as_of(json, services);
  json.end_object();
}

void write_as_of(JsonWriter& json, const Services& services) {
  if (services.frozen_at) json.member("as_of", *services.frozen_at);
}

}  // namespace tideline
