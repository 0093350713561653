// Pilots: their list, one with its report, the exposure log, their life, and how many customers
// one needs.
#include <algorithm>
#include <charconv>

#include "api/base64.h"
#include "api/body_json.h"
#include "api/pilot_json.h"
#include "api/prediction_json.h"
#include "api/resources.h"
#include "api/writing.h"
#include "insights/power.h"

namespace tideline {
namespace {

NewcomerSources newcomers_of(Services& services) {
  return {services.pack, services.state, services.rescorer.task_of_leaving()};
}

struct ListPilots {
  struct Input {};
  using Output = std::vector<Pilot>;
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request&) { return Input{}; }
  static Result<Output> handle(Services& services, const Input&) {
    return services.pilots->list();
  }
  static http::Response answer(const Services& services, const Output& pilots) {
    JsonWriter json;
    begin_list(json);
    for (const Pilot& pilot : pilots) write_pilot(json, pilot);
    end_list(json, services, "");
    return http::json_response(json.take());
  }
};

struct ShownPilot {
  Pilot pilot;
  PilotReport report;
};

Result<ShownPilot> shown_pilot(Services& services, const std::string& id) {
  ShownPilot shown;
  TRY_ASSIGN(shown.pilot, services.pilots->find(id));
  TRY_ASSIGN(shown.report, services.pilots->report(id, services.folder_now()));
  return shown;
}

http::Response response_of(const ShownPilot& shown) {
  JsonWriter json;
  write_pilot_with_report(json, shown.pilot, shown.report);
  return http::json_response(json.take());
}

struct ShowPilot {
  using Input = std::string;
  using Output = ShownPilot;
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    return request.param("id");
  }
  static Result<Output> handle(Services& services, const Input& id) {
    return shown_pilot(services, id);
  }
  static http::Response answer(const Services&, const Output& shown) { return response_of(shown); }
};

struct ListExposures {
  struct Input {
    std::string id;
    std::string arm;
    ExposureQuery query;
    bool csv = false;
  };
  struct Output {
    Pilot pilot;
    std::vector<Exposure> exposures;
    std::string next_cursor;
    bool csv = false;
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    Input input;
    input.id = request.param("id");
    input.arm = text_of(request.query, "arm");
    TRY_ASSIGN(input.query.limit, limit_of(request.query));
    if (const std::string cursor = text_of(request.query, "cursor"); !cursor.empty()) {
      const auto after = base64_decode(cursor);
      if (!after || after->empty()) {
        return fail(ErrorCode::invalid, "the cursor is not one of this list; begin without cursor",
                    "bad_cursor");
      }
      input.query.after = *after;
    }
    const auto accept = request.headers.get("Accept");
    input.csv = accept && accept->find("text/csv") != std::string_view::npos;
    return input;
  }

  static Result<Output> handle(Services& services, const Input& input) {
    Output output;
    output.csv = input.csv;
    TRY_ASSIGN(output.pilot, services.pilots->find(input.id));
    ExposureQuery query = input.query;
    query.pilot = input.id;
    if (!input.arm.empty()) {
      const auto& arms = output.pilot.arms;
      const auto found = std::find_if(arms.begin(), arms.end(),
                                      [&](const PilotArm& arm) { return arm.name == input.arm; });
      if (found == arms.end())
        return fail(ErrorCode::invalid, "the pilot has no arm " + input.arm, "bad_parameter");
      query.arm = static_cast<std::size_t>(found - arms.begin());
    }
    TRY_ASSIGN(output.exposures, services.pilots->exposures(query));
    if (output.exposures.size() == query.limit)
      output.next_cursor = base64url_encode(output.exposures.back().customer.str());
    return output;
  }

  static http::Response answer(const Services& services, const Output& output) {
    http::Response response;
    if (output.csv) {
      response = http::text_response(exposure_csv(output.pilot, output.exposures),
                                     "text/csv; charset=utf-8");
      if (!output.next_cursor.empty()) {
        response.headers.set("Link", "</api/v1/pilots/" + output.pilot.id + "/exposures?cursor=" +
                                         output.next_cursor + ">; rel=\"next\"");
      }
    } else {
      JsonWriter json;
      begin_list(json);
      for (const Exposure& one : output.exposures) write(json, output.pilot, one);
      end_list(json, services, output.next_cursor);
      response = http::json_response(json.take());
    }
    response.headers.set("Vary", "Accept");
    return response;
  }

  static void write(JsonWriter& json, const Pilot& pilot, const Exposure& one) {
    json.begin_object().member("customer_id", one.customer.str());
    json.member("arm", pilot.arms.at(one.arm).name).member("time", one.time);
    json.member("phase", one.phase + 1).member("tier", one.tier).key("retained");
    one.outcome ? json.value(one.outcome->retained) : json.null();
    json.key("amount");
    one.outcome ? json.value(one.outcome->amount) : json.null();
    json.end_object();
  }
};

// Whoever writes, by the name alone.
std::string writer_of(const http::Request& request) {
  constexpr std::string_view kUser = "user:";
  return request.caller.starts_with(kUser) ? request.caller.substr(kUser.size()) : request.caller;
}

Result<http::Response> create_pilot(Services& services, const http::Request& request) {
  TRY_ASSIGN(Pilot draft, parse_pilot(request.body, services.pack));
  draft.by = writer_of(request);
  draft.salt = services.next_id();
  TRY_ASSIGN(const Pilot pilot, services.pilots->create(std::move(draft), services.folder_now()));
  JsonWriter json;
  write_pilot(json, pilot);
  return http::json_response(json.take());
}

Result<http::Response> start_pilot(Services& services, const http::Request& request) {
  const std::string& id = request.param("id");
  TRY(services.pilots->start(id, services.folder_now()));
  TRY(enrol_everybody(*services.pilots, newcomers_of(services), services.folder_now()));
  TRY_ASSIGN(const ShownPilot shown, shown_pilot(services, id));
  return response_of(shown);
}

Result<http::Response> widen_pilot(Services& services, const http::Request& request) {
  const std::string& id = request.param("id");
  TRY(services.pilots->widen(id, services.folder_now()));
  TRY(enrol_everybody(*services.pilots, newcomers_of(services), services.folder_now()));
  TRY_ASSIGN(const ShownPilot shown, shown_pilot(services, id));
  return response_of(shown);
}

Result<http::Response> stop_pilot(Services& services, const http::Request& request) {
  TRY_ASSIGN(const BodyJson body,
             BodyJson::parse(request.body.empty() ? "{}" : request.body, {"reason"}));
  TRY_ASSIGN(const auto reason, body.text_or_none("reason"));
  const std::string& id = request.param("id");
  TRY(services.pilots->stop(id, reason.value_or(""), services.folder_now()));
  TRY_ASSIGN(const ShownPilot shown, shown_pilot(services, id));
  return response_of(shown);
}

// How many customers a pilot needs.
struct ShowSampleSize {
  struct Input {
    PilotOutcome outcome = PilotOutcome::retained;
    double baseline = 0, change = 0, deviation = 0;
    PowerOptions options;
  };
  struct Output {
    SampleSize size;
    std::vector<std::pair<double, double>> powers;  // share of the size, power
  };
  static constexpr Where kWhere = Where::server;

  static Status set(const http::Query& query, const char* name, double& into) {
    const auto text = query.get(name);
    if (!text) return {};
    const char* end = text->data() + text->size();
    const auto parsed = std::from_chars(text->data(), end, into);
    if (parsed.ec == std::errc{} && parsed.ptr == end) return {};
    return fail(ErrorCode::invalid, std::string(name) + " is a number", "bad_parameter");
  }
  static Result<Input> read(const Services&, const http::Request& request) {
    Input input;
    const std::string outcome = text_of(request.query, "outcome");
    if (!outcome.empty()) {
      const auto known = pilot_outcome_of(outcome);
      if (!known)
        return fail(ErrorCode::invalid, "outcome is retained or amount", "bad_parameter");
      input.outcome = *known;
    }
    TRY(set(request.query, "baseline", input.baseline));
    TRY(set(request.query, "change", input.change));
    TRY(set(request.query, "deviation", input.deviation));
    TRY(set(request.query, "power", input.options.power));
    TRY(set(request.query, "treated_share", input.options.treated_share));
    return input;
  }
  static Result<Output> handle(Services&, const Input& input) {
    const bool is_share = input.outcome == PilotOutcome::retained;
    Output output;
    TRY_ASSIGN(output.size,
               is_share ? sample_size_for_shares(input.baseline, input.change, input.options)
                        : sample_size_for_means(input.change, input.deviation, input.options));
    for (const double share : {0.25, 0.5, 0.75, 1.0, 1.5, 2.0}) {
      const auto part = [&](std::uint64_t n) {
        return std::max<std::uint64_t>(2, static_cast<std::uint64_t>(double(n) * share));
      };
      const SampleSize size{part(output.size.control), part(output.size.treated)};
      output.powers.emplace_back(share,
                                 is_share ? power_for_shares(input.baseline, input.change, size)
                                          : power_for_means(input.change, input.deviation, size));
    }
    return output;
  }
  static http::Response answer(const Services&, const Output& output) {
    JsonWriter json;
    json.begin_object().member("control", output.size.control);
    json.member("treated", output.size.treated).member("customers", output.size.customers());
    json.key("powers").begin_array();
    for (const auto& [share, power] : output.powers) {
      json.begin_object().member("share", share).member("power", power).end_object();
    }
    return http::json_response(json.end_array().end_object().take());
  }
};

Endpoint described(const char* path, const char* name, const char* about) {
  Endpoint endpoint;
  endpoint.path = path;
  endpoint.name = name;
  endpoint.tag = "pilots";
  endpoint.about = about;
  return endpoint;
}

constexpr const char* kNumberParameter = R"({"type":"number"})";

void add_reads(Endpoints& endpoints, Services& services) {
  Endpoint list = described("/api/v1/pilots", "list_pilots", "All pilots, the newest first");
  list.answers = {{"application/json", "#PilotList"}};
  list.problems = {400, 504};
  endpoints.push_back(reading<ListPilots>(services, std::move(list)));

  Endpoint one = described("/api/v1/pilots/{id}", "show_pilot",
                           "One pilot with what it shows so far: the intent-to-treat effect of "
                           "each arm with its 95 % interval, and whether the split is sound");
  one.answers = {{"application/json", "#PilotWithReport"}};
  one.problems = {400, 404, 504};
  endpoints.push_back(reading<ShowPilot>(services, std::move(one)));

  Endpoint log = described("/api/v1/pilots/{id}/exposures", "list_exposures",
                           "Who came into which arm when, by the customer's id");
  log.query = {{"arm", "Only those of this arm"}, limit_parameter(), cursor_parameter()};
  log.answers = {{"application/json", "#ExposureList"}, {"text/csv", R"({"type":"string"})"}};
  log.problems = {400, 404, 504};
  endpoints.push_back(reading<ListExposures>(services, std::move(log)));

  Endpoint size = described("/api/v1/sample-size", "show_sample_size",
                            "How many customers a pilot needs to find an effect");
  size.query = {{"outcome", "retained unless given", R"({"enum":["retained","amount"]})"},
                {"baseline", "Share of the control that is retained", kNumberParameter},
                {"change", "The least effect that is worth finding", kNumberParameter, true},
                {"deviation", "Standard deviation of an amount", kNumberParameter},
                {"power", "Chance to find it, 0.8 unless given", kNumberParameter},
                {"treated_share", "Of both arms, 0.5 unless given", kNumberParameter}};
  size.answers = {{"application/json", "#SampleSize"}};
  size.problems = {400, 504};
  endpoints.push_back(reading<ShowSampleSize>(services, std::move(size)));
}

}  // namespace

void add_pilot_endpoints(Endpoints& endpoints, Services& services) {
  add_reads(endpoints, services);
  const auto add = [&](const char* path, const char* name, const char* about, const char* body,
                       const char* answer, Write write) {
    Endpoint endpoint = described(path, name, about);
    endpoint.method = http::Method::post;
    endpoint.permission = Permission::act;
    endpoint.options.wire_bytes_max = services.body_bytes_max;
    endpoint.body = {{"application/json", body}};
    endpoint.answers = {{"application/json", answer}};
    endpoint.problems = {400, 404, 409, 413, 503, 507};
    endpoint.handler = writing(services, endpoint.name, std::move(write));
    endpoints.push_back(std::move(endpoint));
  };
  constexpr const char* kNothing = R"({"type":"object"})";
  add("/api/v1/pilots", "create_pilot", "A draft of a pilot, with the size that its power needs",
      "#PilotDraft", "#Pilot", create_pilot);
  add("/api/v1/pilots/{id}/start", "start_pilot",
      "Takes the first phase's customers in, and from then on whoever comes to be one of those it "
      "is about",
      kNothing, "#PilotWithReport", start_pilot);
  add("/api/v1/pilots/{id}/widen", "widen_pilot",
      "Goes on to the next phase; 409 where the split is broken or an arm does clearly worse",
      kNothing, "#PilotWithReport", widen_pilot);
  add("/api/v1/pilots/{id}/stop", "stop_pilot",
      "Takes nobody in any more; outcomes of those in it are still awaited",
      R"({"type":"object","properties":{"reason":{"type":"string"}}})", "#PilotWithReport",
      stop_pilot);
}

}  // namespace tideline
