// Why a customer's figures are what they are (drivers), and why they changed (change).
#include <cmath>

#include "api/action_json.h"
#include "api/prediction_json.h"
#include "api/resources.h"
#include "features/compute.h"
#include "pipeline/customer_scoring.h"
#include "pipeline/explain.h"

namespace tideline {
namespace {

// Of one customer; the newest count where there are more.
constexpr std::size_t kEventsMax = 200'000;

Result<CustomerState> state_of(Services& services, const CustomerId& customer) {
  TRY_ASSIGN(const auto bytes, services.state.get(Family::customers, customer.str()));
  if (!bytes) return fail(ErrorCode::not_found, "no such customer", "unknown_customer");
  return CustomerState::decode(services.pack, *bytes);
}

Result<std::optional<Time>> time_of(const http::Query& query, const char* name) {
  const auto text = query.get(name);
  if (!text || text->empty()) return std::optional<Time>();
  const auto time = parse_time(*text);
  if (time) return std::optional(*time);
  return fail(ErrorCode::invalid,
              std::string(name) + " is no time such as 2026-01-31 or 2026-01-31T12:00:00Z",
              "bad_time");
}

struct ShowDrivers {
  struct Input {
    CustomerId customer;
    std::size_t task = 0;
  };
  struct Output {
    Input asked;
    Time as_of{};
    std::string model_version;
    std::optional<double> figure;
    std::optional<Explanation> explanation;
    std::string reason;  // why there is none
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services& services, const http::Request& request) {
    Input input{CustomerId(request.param("id")), task_of_drivers(services.pack)};
    const auto task = request.query.get("task");
    if (!task || task->empty()) return input;
    const auto place = services.pack.task_index(*task);
    if (place) {
      input.task = *place;
      return input;
    }
    std::string known;
    for (const TaskSpec& spec : services.pack.tasks())
      known += (known.empty() ? "" : ", ") + spec.name;
    return fail(ErrorCode::invalid,
                "no task " + std::string(*task) + " (there are: " + known + ")", "unknown_task");
  }

  static Result<Output> handle(Services& services, const Input& input) {
    TRY_ASSIGN(const CustomerState state, state_of(services, input.customer));
    Output output{input, services.folder_now(), "", {}, {}, ""};
    const auto model = services.rescorer.model();
    if (!model) {
      output.reason = services.rescorer.no_model_why();
      return output;
    }
    output.model_version = model->version();
    TRY_ASSIGN(const EventPage page,
               services.events_of(input.customer, output.as_of - kDriverPast, kEventsMax));
    TRY_ASSIGN(const CustomerState past,
               state_of_events(services.pack, page.rows, output.as_of - kDriverPast));
    output.explanation = explain(services.pack, *model, input.task, state, &past, output.as_of);
    const CustomerScoring scoring =
        score_customer(*services.ruled_pack(), model.get(), input.customer, state, output.as_of);
    if (input.task < scoring.prediction.figures.size())
      output.figure = scoring.prediction.figures[input.task];
    output.reason = scoring.prediction.reason;
    if (!output.explanation && output.reason.empty()) output.reason = "no_champion";
    return output;
  }

  static http::Response answer(const Services& services, const Output& output) {
    const Pack& pack = services.pack;
    const TaskSpec& task = pack.tasks()[output.asked.task];
    JsonWriter json;
    json.begin_object().member("customer_id", output.asked.customer.str());
    json.member("task", task.name).member("as_of", output.as_of);
    json.member_or_null("model_version", output.model_version);
    json.key("figure");
    number_or_null(json, output.figure);
    json.member_or_null("reason", output.explanation ? "" : output.reason);
    const auto& why = output.explanation;
    json.member_or_null("champion", why ? name_of(why->contributions.champion, task.kind) : "");
    json.member_or_null("unit", why ? name_of(why->contributions.unit) : "");
    json.key("base");
    number_or_null(json, why ? std::optional(why->contributions.base) : std::nullopt);
    json.key("output");
    number_or_null(json, why ? std::optional(why->contributions.output) : std::nullopt);
    json.key("drivers").begin_array();
    if (why) {
      for (const Driver& driver : why->drivers) write_driver(json, pack, driver);
    }
    json.end_array().member("definition", task.definition);
    return http::json_response(json.end_object().take());
  }

  static void number_or_null(JsonWriter& json, std::optional<double> value) {
    if (value)
      json.value(*value);
    else
      json.null();
  }

  static void write_driver(JsonWriter& json, const Pack& pack, const Driver& driver) {
    const FeatureSpec* feature =
        driver.feature < 0 ? nullptr : &pack.features()[std::size_t(driver.feature)];
    json.begin_object().member_or_null("feature", feature ? feature->name : "");
    json.member("theme", driver.theme).member_or_null("label", feature ? feature->label : "");
    json.member("contribution", driver.contribution);
    json.member("direction", driver.contribution > 0 ? "raises" : "lowers");
    json.member("value", driver.now).member("before", driver.past).member("usual", driver.usual);
    json.member("sentence", driver.sentence).key("features").begin_array();
    for (const Driver::Part& part : driver.parts) {
      json.begin_object().member("feature", pack.features()[part.feature].name);
      json.member("contribution", part.contribution).end_object();
    }
    json.end_array().end_object();
  }
};

struct ShowChange {
  struct Input {
    CustomerId customer;
    Time from{};
    std::optional<Time> to;
  };
  struct End {
    Time as_of{};
    std::string tier;
    std::string model_version;
    std::vector<std::optional<double>> figures;
    FeatureVector features;
    RuleVersions::Rules rules;
    std::optional<TierOverride> by_hand;  // in force then
  };
  struct Output {
    CustomerId customer;
    End from;
    End to;
    std::vector<std::optional<FigureChange>> changes;
    TierCause tier_cause = TierCause::none;
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    TRY_ASSIGN(const auto from, time_of(request.query, "from"));
    if (!from) return fail(ErrorCode::invalid, "from= is missing", "bad_time");
    TRY_ASSIGN(const auto to, time_of(request.query, "to"));
    if (to && *to < *from) return fail(ErrorCode::invalid, "to lies before from", "bad_time");
    return Input{CustomerId(request.param("id")), *from, to};
  }

  // The newest kept prediction with figures, not later than `until`; where there is none the first
  // one after it, as_of says which time that is.
  static Result<End> kept_by(Services& services, const CustomerId& customer, Time until) {
    std::optional<End> found;
    std::optional<Error> broken;
    const auto take = [&](std::string_view, std::string_view value) {
      const auto kept = decode_kept_prediction(value);
      if (!kept) {
        broken = kept.error();
        return false;
      }
      const Prediction& p = kept->prediction;
      if (p.status != ScoreStatus::scored) return true;
      found = End{p.features_as_of, p.tier, p.model_version, p.figures, {}, {}, {}};
      return false;
    };
    const std::string begin = history_prefix(customer);
    const std::string middle = history_key(customer, until + Duration(1));
    TRY(services.state.scan_back(Family::history, begin, middle, take));
    if (!found && !broken)
      TRY(services.state.scan(Family::history, middle, prefix_end(begin), take));
    if (broken) return fail(*broken);
    if (found) return std::move(*found);
    return fail(ErrorCode::not_found, "no prediction of this customer is kept", "no_prediction");
  }

  static Result<std::shared_ptr<const Model>> model_of(Services& services,
                                                       const std::string& version) {
    const auto active = services.rescorer.model();
    if (active && active->version() == version) return active;
    TRY_ASSIGN(const ModelKey key, services.models.find(version));
    return services.models.load(key);
  }

  static Result<RuleVersions::Rules> rules_at(Services& services, Time time) {
    if (services.rules != nullptr) return services.rules->in_force_at(time);
    return RuleVersions::Rules{0, services.ruled_pack()};
  }

  static Result<Output> handle(Services& services, const Input& input) {
    TRY(state_of(services, input.customer));
    TRY(services.archive());
    Output output;
    output.customer = input.customer;
    TRY_ASSIGN(output.from, kept_by(services, input.customer, input.from));
    const Time to = input.to.value_or(services.folder_now());
    TRY_ASSIGN(output.to, kept_by(services, input.customer, to));
    TRY_ASSIGN(output.from.by_hand, services.overrides->at(input.customer, input.from));
    TRY_ASSIGN(output.to.by_hand, services.overrides->at(input.customer, to));
    TRY_ASSIGN(const auto model_from, model_of(services, output.from.model_version));
    TRY_ASSIGN(const auto model_to, model_of(services, output.to.model_version));
    TRY_ASSIGN(const EventPage page, services.events_of(input.customer, {}, kEventsMax));
    TRY_ASSIGN(const CustomerState before,
               state_of_events(services.pack, page.rows, output.from.as_of));
    TRY_ASSIGN(const CustomerState after,
               state_of_events(services.pack, page.rows, output.to.as_of));
    output.changes = changes_between(
        services.pack, {output.from.as_of, model_from.get(), &before, output.from.figures},
        {output.to.as_of, model_to.get(), &after, output.to.figures});
    for (const auto& [end, state] : {std::pair{&output.from, &before}, {&output.to, &after}}) {
      end->features = compute_features(services.pack, *state, end->as_of);
      TRY_ASSIGN(end->rules, rules_at(services, end->as_of));
    }
    const auto end_of = [](const End& end) {
      return TierEnd{end.tier, end.figures, end.features.values, end.rules.pack.get()};
    };
    output.tier_cause = tier_cause(end_of(output.from), end_of(output.to));
    return output;
  }

  // A feature that is not what it was; NaN is missing and becomes null.
  static void write_moved(JsonWriter& json, const Services& services, const Output& output,
                          std::size_t f) {
    const double from = output.from.features.values[f], to = output.to.features.values[f];
    if (from == to || (std::isnan(from) && std::isnan(to))) return;
    json.begin_object().member("feature", services.pack.features()[f].name);
    json.member("from", from).member("to", to).end_object();
  }

  static http::Response answer(const Services& services, const Output& output) {
    JsonWriter json;
    json.begin_object().member("customer_id", output.customer.str());
    for (const auto& [name, end] : {std::pair{"from", &output.from}, {"to", &output.to}}) {
      json.key(name).begin_object().member("as_of", end->as_of);
      json.member_or_null("tier", end->tier);
      json.member_or_null("model_version", end->model_version);
      json.member("rules_version", end->rules.number).key("override");
      if (end->by_hand)
        write_override(json, *end->by_hand);
      else
        json.null();
      json.end_object();
    }
    json.member("tier_cause", name_of(output.tier_cause));
    json.key("features").begin_array();
    for (std::size_t f = 0; f < services.pack.features().size(); ++f)
      write_moved(json, services, output, f);
    json.end_array();
    json.key("changes").begin_object();
    const auto& tasks = services.pack.tasks();
    for (std::size_t k = 0; k < tasks.size(); ++k) {
      json.key(tasks[k].name);
      if (!output.changes[k]) {
        json.null();
        continue;
      }
      const FigureChange& change = *output.changes[k];
      json.begin_object().member("from", change.from).member("to", change.to);
      json.member("behaviour", change.behaviour).member("ageing", change.ageing);
      json.member("model_version", change.model_version).member("settings", change.settings);
      json.member("override", change.override_).end_object();
    }
    return http::json_response(json.end_object().end_object().take());
  }
};

}  // namespace

void add_explain_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint drivers;
  drivers.path = "/api/v1/customers/{id}/drivers";
  drivers.name = "show_drivers";
  drivers.tag = "customers";
  drivers.about =
      "What pushed a figure of this customer, the largest first; base and contributions add up to "
      "output, the champion's figure before calibration";
  drivers.query = {{"task", "The figure; unless given the first that tells who goes"}};
  drivers.answers = {{"application/json", "#Drivers"}};
  drivers.problems = {400, 404, 504};
  endpoints.push_back(reading<ShowDrivers>(services, std::move(drivers)));

  Endpoint change;
  change.path = "/api/v1/customers/{id}/change";
  change.name = "show_change";
  change.tag = "customers";
  change.about =
      "How each figure came from what was kept at one time to what was kept at another (before "
      "the first: the first); the five parts add up to the difference. Why the tier is another "
      "one, and which features moved";
  change.query = {{"from", "RFC 3339", R"({"type":"string"})", true},
                  {"to", "RFC 3339; now unless given"}};
  change.answers = {{"application/json", "#Change"}};
  change.problems = {400, 404, 504};
  endpoints.push_back(reading<ShowChange>(services, std::move(change)));
}

}  // namespace tideline
