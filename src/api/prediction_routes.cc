// Predictions: the newest ones, tiers and their counts, and the older routes under /health.
#include "api/live_bodies.h"
#include "api/prediction_json.h"
#include "api/resources.h"
#include "packs/program.h"

namespace tideline {
namespace {

struct ListNewest {
  using Input = std::size_t;
  using Output = std::vector<KeptPrediction>;
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    return limit_of(request.query);
  }
  static Result<Output> handle(Services& services, const Input& limit) {
    return services.rescorer.newest(limit);
  }
  static http::Response answer(const Services& services, const Output& output) {
    JsonWriter json;
    begin_list(json);
    for (const KeptPrediction& kept : output) {
      write_prediction(json, services, kept.prediction);
    }
    end_list(json, services, "");
    return http::json_response(json.take());
  }
};

struct ShowHealth {
  using Input = CustomerId;
  using Output = KeptPrediction;
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    return CustomerId(text_of(request.query, "customer_id"));
  }
  static Result<Output> handle(Services& services, const Input& customer) {
    TRY_ASSIGN(auto kept, services.rescorer.prediction_of(customer));
    if (!kept) return fail(ErrorCode::not_found, "no such customer", "unknown_customer");
    return std::move(*kept);
  }
  static http::Response answer(const Services& services, const Output& output) {
    JsonWriter json;
    write_prediction(json, services, output.prediction);
    return http::json_response(json.take());
  }
};

struct ListTiers {
  struct Input {};
  using Output = ScoreCounts;
  static constexpr Where kWhere = Where::server;

  static Result<Input> read(const Services&, const http::Request&) { return Input{}; }
  static Result<Output> handle(const Services& services, const Input&) {
    return services.rescorer.counts();
  }
  static http::Response answer(const Services& services, const Output& counts) {
    const Pack& pack = services.pack;
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (std::size_t i = 0; i < pack.tiers().size(); ++i) {
      const auto found = counts.by_tier.find(pack.tiers()[i]);
      json.begin_object().member("tier", pack.tiers()[i]);
      json.member("rule", pack.program().tier_rules[i].text);
      json.member("customers", found == counts.by_tier.end() ? 0 : found->second).end_object();
    }
    json.end_array().key("next_cursor").null();
    json.member("customers", counts.customers).member("lapsed", counts.lapsed);
    json.key("unscored").begin_object();
    for (const auto& [reason, count] : counts.unscored) {
      if (count > 0) json.member(reason, count);
    }
    json.end_object();
    write_as_of(json, services);
    return http::json_response(json.end_object().take());
  }
};

}  // namespace

std::string tiers_body(const Services& services) {
  return ListTiers::answer(services, *ListTiers::handle(services, {})).body;
}

void add_prediction_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint newest;
  newest.path = "/api/v1/predictions";
  newest.name = "list_predictions";
  newest.tag = "predictions";
  newest.about = "The newest predictions, newest first, one a customer";
  newest.query = {limit_parameter()};
  newest.answers = {{"application/json", "#PredictionList"}};
  newest.problems = {400, 504};
  endpoints.push_back(reading<ListNewest>(services, newest));

  newest.path = "/health/predictions";
  newest.name = "list_health_predictions";
  newest.about = "Older form of /api/v1/predictions";
  endpoints.push_back(reading<ListNewest>(services, newest));

  Endpoint health;
  health.path = "/health";
  health.name = "show_health";
  health.tag = "predictions";
  health.about = "The latest prediction of one customer; older form of /api/v1/customers/{id}";
  health.query = {{"customer_id", "Whose", R"({"type":"string"})", true}};
  health.answers = {{"application/json", "#Prediction"}};
  health.problems = {400, 404, 504};
  endpoints.push_back(reading<ShowHealth>(services, std::move(health)));

  Endpoint tiers;
  tiers.path = "/api/v1/tiers";
  tiers.name = "list_tiers";
  tiers.tag = "predictions";
  tiers.about =
      "The tiers in the order they are checked, their rules and how many customers each "
      "has; unscored customers by reason, and lapsed ones";
  tiers.answers = {{"application/json", "#TierList"}};
  tiers.problems = {400, 504};
  endpoints.push_back(reading<ListTiers>(services, std::move(tiers)));
}

}  // namespace tideline
