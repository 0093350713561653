// What the folder's pack says of itself: the words and ranges that people and screens follow.
#include "api/prediction_json.h"
#include "api/resources.h"
#include "packs/program.h"

namespace tideline {
namespace {

void write_tasks(JsonWriter& json, const Pack& pack) {
  json.key("tasks").begin_array();
  for (const TaskSpec& task : pack.tasks()) {
    json.begin_object().member("task", task.name);
    json.member("kind", task.kind == TaskKind::probability ? "probability" : "number");
    json.member("min", task.min).member("max", task.max);
    json.member("definition", task.definition).end_object();
  }
  json.end_array();
}

void write_features(JsonWriter& json, const Pack& pack) {
  json.key("features").begin_array();
  for (const FeatureSpec& feature : pack.features()) {
    json.begin_object().member("feature", feature.name).member("group", feature.group);
    json.member("label", feature.label).member("unit", feature.unit);
    json.member_or_null("form", feature.form);
    json.member("definition", feature.definition).end_object();
  }
  json.end_array();
}

struct ShowPack {
  struct Input {};
  struct Output {};
  static constexpr Where kWhere = Where::server;

  static Result<Input> read(const Services&, const http::Request&) { return Input{}; }
  static Result<Output> handle(Services&, const Input&) { return Output{}; }
  static http::Response answer(const Services& services, const Output&) {
    const auto rules = services.ruled_pack();
    const Pack& pack = *rules;
    JsonWriter json;
    json.begin_object().member("name", pack.name()).member_or_null("currency", pack.currency());
    json.member("lapse_s", std::chrono::floor<std::chrono::seconds>(pack.lapse()).count());
    write_tasks(json, pack);
    json.key("tiers").begin_array();
    for (std::size_t i = 0; i < pack.tiers().size(); ++i) {
      json.begin_object().member("tier", pack.tiers()[i]);
      json.member("rule", pack.program().tier_rules[i].text).end_object();
    }
    json.end_array();
    write_features(json, pack);
    return http::json_response(json.end_object().take());
  }
};

}  // namespace

void add_pack_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint pack;
  pack.path = "/api/v1/pack";
  pack.name = "show_pack";
  pack.tag = "operations";
  pack.about =
      "The folder's pack: its tasks with kind and range, tiers with their rules, features by "
      "group with label, unit and how the number is written";
  pack.answers = {{"application/json", "#Pack"}};
  pack.problems = {400, 504};
  endpoints.push_back(reading<ShowPack>(services, std::move(pack)));
}

}  // namespace tideline
