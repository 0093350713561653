// What actions change (effect), and how customers flow between tiers.
#include <charconv>

#include "api/effect_rows.h"
#include "api/prediction_json.h"
#include "api/resources.h"

namespace tideline {
namespace {

constexpr int kEffectDays = 180;
constexpr int kFlowDays = 30;
constexpr int kDaysMax = 400;  // as long as both are kept

Result<int> days_of(const http::Query& query, int otherwise) {
  const auto text = query.get("days");
  if (!text) return otherwise;
  int days = 0;
  const char* end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, days);
  if (parsed.ec == std::errc{} && parsed.ptr == end && days >= 1 && days <= kDaysMax) return days;
  return fail(ErrorCode::invalid, "days is a whole number from 1 to 400", "bad_parameter");
}

Parameter days_parameter(const char* about, int otherwise) {
  return {"days", about,
          R"({"type":"integer","minimum":1,"maximum":400,"default":)" + std::to_string(otherwise) +
              "}"};
}

struct ShowEffect {
  using Input = int;  // days
  struct Output {
    std::vector<Effect> effects;
    Time from{};
    Time now{};
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    return days_of(request.query, kEffectDays);
  }

  static Result<Output> handle(Services& services, const Input& days) {
    Output output;
    output.now = services.folder_now();
    output.from = output.now - days * kDay;
    TRY_ASSIGN(const auto rows, effect_rows(*services.inbox, output.from));
    output.effects = effects_of(rows, {services.pack.lapse()});
    return output;
  }

  static http::Response answer(const Services& services, const Output& output) {
    JsonWriter json;
    json.begin_object().member("as_of", output.now).member("from", output.from);
    json.member("horizon_days", days(services.pack.lapse()));
    json.member("each_arm_min", EffectOptions().each_arm_min);
    json.member_or_null("currency", services.pack.currency()).key("data").begin_array();
    for (const Effect& effect : output.effects) write_effect(json, effect);
    return http::json_response(json.end_array().end_object().take());
  }

  static void write_effect(JsonWriter& json, const Effect& effect) {
    json.begin_object().member_or_null("play", effect.play);
    json.member("treated", effect.treated).member("holdout", effect.holdout);
    json.member("treated_waiting", effect.treated_waiting);
    json.member("holdout_waiting", effect.holdout_waiting);
    json.member("enough", !effect.differences.empty());
    json.member("treated_missing", effect.treated_missing);
    json.member("holdout_missing", effect.holdout_missing);
    json.member("enough_at", effect.enough_at).key("differences").begin_array();
    for (const Difference& d : effect.differences) {
      json.begin_object().member("measure", d.measure).member("is_share", d.is_share);
      json.member("treated", d.treated).member("holdout", d.holdout);
      json.member("difference", d.difference).member("low", d.low).member("high", d.high);
      json.member("treated_n", d.treated_n).member("holdout_n", d.holdout_n).end_object();
    }
    json.end_array().end_object();
  }
};

struct ShowFlow {
  struct Input {
    int days = kFlowDays;
    bool by_hour = false;
  };
  struct Output {
    std::vector<FlowSpan> spans;
    bool by_hour = false;
    Time now{};
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    Input input;
    TRY_ASSIGN(input.days, days_of(request.query, kFlowDays));
    const std::string by = text_of(request.query, "by");
    if (!by.empty() && by != "day" && by != "hour") {
      return fail(ErrorCode::invalid, "by is day or hour", "bad_parameter");
    }
    input.by_hour = by == "hour";
    return input;
  }

  static Result<Output> handle(Services& services, const Input& input) {
    Output output;
    output.by_hour = input.by_hour;
    output.now = services.folder_now();
    const Time to = output.now + kHour;
    const Time from = input.by_hour ? output.now - input.days * kDay
                                    : start_of_day(day_index(output.now) - input.days + 1);
    const TierFlow& flow = services.rescorer.flow();
    TRY_ASSIGN(output.spans, input.by_hour ? flow.hours(from, to) : flow.days(from, to));
    return output;
  }

  static http::Response answer(const Services& services, const Output& output) {
    JsonWriter json;
    json.begin_object().member("as_of", output.now);
    json.member("by", output.by_hour ? "hour" : "day").key("standings").begin_array();
    for (const std::string& tier : services.pack.tiers()) json.value(tier);
    json.value(kStandsUnscored).value(kStandsLapsed).end_array().key("data").begin_array();
    for (const FlowSpan& span : output.spans) {
      json.begin_object().member("begins", span.begins).member("until", span.until);
      json.key("customers").begin_object();
      for (const auto& [name, customers] : span.standing) json.member(name, customers);
      json.end_object().key("moves").begin_array();
      for (const auto& [move, customers] : span.moves) {
        json.begin_object().member("from", move.first).member("to", move.second);
        json.member("customers", customers).end_object();
      }
      json.end_array().end_object();
    }
    json.end_array();
    return http::json_response(json.end_object().take());
  }
};

}  // namespace

void add_effect_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint effect;
  effect.path = "/api/v1/effect";
  effect.name = "show_effect";
  effect.tag = "actions";
  effect.about =
      "What actions change: customers for whom one was due and shown, less those of the holdout "
      "for whom one was due and withheld; with 95 % intervals, all plays together first";
  effect.query = {days_parameter("Of actions that were due in so many days", kEffectDays)};
  effect.answers = {{"application/json", "#EffectReport"}};
  effect.problems = {400, 504};
  endpoints.push_back(reading<ShowEffect>(services, std::move(effect)));

  Endpoint flow;
  flow.path = "/api/v1/tiers/flow";
  flow.name = "show_tier_flow";
  flow.tag = "predictions";
  flow.about =
      "How many customers stood in each tier at the end of each day (or hour), and how many went "
      "from one to another in it";
  flow.query = {days_parameter("So many days back, today included", kFlowDays),
                {"by", "day unless given", R"({"enum":["day","hour"]})"}};
  flow.answers = {{"application/json", "#TierFlow"}};
  flow.problems = {400, 504};
  endpoints.push_back(reading<ShowFlow>(services, std::move(flow)));
}

}  // namespace tideline
