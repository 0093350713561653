// Actions: the inbox, the actions of a customer, what people do with them, and tiers set by hand.
#include <algorithm>
#include <memory>

#include "api/action_json.h"
#include "api/base64.h"
#include "api/prediction_json.h"
#include "api/resources.h"
#include "api/writing.h"

namespace tideline {
namespace {

Error bad(std::string what) { return {ErrorCode::invalid, std::move(what), "bad_parameter"}; }

Status parse_who(const http::Query& query, InboxQuery& out) {
  const auto owner = query.get("owner");
  if (owner) out.owner = *owner == "none" ? std::string() : std::string(*owner);
  out.play = text_of(query, "play");
  out.text = text_of(query, "q");
  return {};
}

Result<InboxQuery> parse_inbox_query(const http::Query& query) {
  InboxQuery out;
  const std::string status = text_of(query, "status");
  if (status == "any") {
    out.status.reset();
  } else if (!status.empty()) {
    out.status = action_status_of(status);
    if (!out.status) {
      return fail(bad("status is open, done, snoozed, dismissed, withdrawn or any"));
    }
  }
  out.priority = text_of(query, "priority");
  const bool known = out.priority.empty() || out.priority == "high" || out.priority == "medium" ||
                     out.priority == "low";
  if (!known) return fail(bad("priority is high, medium or low"));
  TRY(parse_who(query, out));
  const std::string sort = text_of(query, "sort");
  if (!sort.empty() && sort != "-created" && sort != "created") {
    return fail(bad("sort is -created or created; the most urgent always come first"));
  }
  out.oldest_first = sort == "created";
  TRY_ASSIGN(out.limit, limit_of(query));
  const std::string cursor = text_of(query, "cursor");
  if (cursor.empty()) return out;
  const auto place = base64_decode(cursor);
  if (!place || !place->starts_with("box")) {
    return fail(ErrorCode::invalid, "the cursor is not one of this list; begin without cursor",
                "bad_cursor");
  }
  out.after = *place;
  return out;
}

struct ListActions {
  struct Input {
    InboxQuery query;
    std::string tier;
    bool csv = false;
    std::string target;  // for the link to the next page
    std::string caller;  // of a download, for the audit log; empty: nothing to note
  };
  struct Output {
    std::vector<ShownAction> actions;
    Inbox::Counts counts{};
    std::string next_cursor;
    bool csv = false;
    std::string target;
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services& services, const http::Request& request) {
    Input input;
    TRY_ASSIGN(input.query, parse_inbox_query(request.query));
    input.tier = text_of(request.query, "tier");
    const auto& tiers = services.pack.tiers();
    if (!input.tier.empty() && std::find(tiers.begin(), tiers.end(), input.tier) == tiers.end()) {
      return fail(bad("no tier \"" + input.tier + "\""));
    }
    const auto accept = request.headers.get("Accept");
    input.csv = accept && accept->find("text/csv") != std::string_view::npos;
    if (input.csv && !request.query.get("cursor")) input.caller = request.caller;
    for (const auto& [name, value] : request.query) {
      if (name == "cursor" || name == "wait_for") continue;
      input.target += http::percent_encode(name) + "=" + http::percent_encode(value) + "&";
    }
    return input;
  }

  static Result<Output> handle(Services& services, const Input& input) {
    Output output;
    InboxQuery query = input.query;
    if (!input.tier.empty()) {
      query.customer = [&](const CustomerId& customer) -> Result<bool> {
        TRY_ASSIGN(const auto kept, services.rescorer.prediction_of(customer));
        return kept && kept->prediction.tier == input.tier;
      };
    }
    TRY_ASSIGN(InboxPage page, services.inbox->list(query));
    TRY_ASSIGN(output.actions, shown_actions(sources_of(services), std::move(page.actions)));
    if (!input.caller.empty()) services.audit(input.caller, "download_actions", input.target);
    output.counts = services.inbox->counts();
    output.csv = input.csv;
    if (!page.next_cursor.empty()) output.next_cursor = base64url_encode(page.next_cursor);
    output.target = "/api/v1/actions?" + input.target + "cursor=" + output.next_cursor;
    return output;
  }

  static http::Response answer(const Services& services, const Output& output) {
    http::Response response;
    if (output.csv) {
      response = http::text_response(action_csv(output.actions), "text/csv; charset=utf-8");
      if (!output.next_cursor.empty())
        response.headers.set("Link", "<" + output.target + ">; rel=\"next\"");
    } else {
      JsonWriter json;
      json.begin_object();
      write_counts(json, output.counts);
      json.key("data").begin_array();
      for (const ShownAction& action : output.actions) write_action(json, action);
      end_list(json, services, output.next_cursor);
      response = http::json_response(json.take());
    }
    response.headers.set("Vary", "Accept");
    return response;
  }
};

struct ShowAction {
  using Input = std::string;
  using Output = ShownAction;
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    return request.param("id");
  }
  static Result<Output> handle(Services& services, const Input& id) {
    TRY_ASSIGN(OwnedAction action, services.inbox->find(id));
    TRY_ASSIGN(auto shown, shown_actions(sources_of(services), {std::move(action)}));
    return std::move(shown.front());
  }
  static http::Response answer(const Services&, const Output& action) {
    JsonWriter json;
    write_action(json, action);
    return http::json_response(json.take());
  }
};

struct ListCustomerActions {
  struct Input {
    CustomerId customer;
    std::size_t limit = kLimitDefault;
  };
  using Output = std::vector<ShownAction>;
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    Input input{CustomerId(request.param("id"))};
    TRY_ASSIGN(input.limit, limit_of(request.query));
    return input;
  }
  static Result<Output> handle(Services& services, const Input& input) {
    TRY_ASSIGN(const auto known, services.state.get(Family::customers, input.customer.str()));
    if (!known) return fail(ErrorCode::not_found, "no such customer", "unknown_customer");
    TRY_ASSIGN(auto actions, services.inbox->of_customer(input.customer, input.limit));
    return shown_actions(sources_of(services), std::move(actions));
  }
  static http::Response answer(const Services& services, const Output& actions) {
    JsonWriter json;
    begin_list(json);
    for (const ShownAction& action : actions) write_action(json, action);
    end_list(json, services, "");
    return http::json_response(json.take());
  }
};

struct ListOverrides {
  struct Input {};
  using Output = std::vector<TierOverride>;
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request&) { return Input{}; }
  static Result<Output> handle(Services& services, const Input&) {
    return services.overrides->in_force(services.folder_now());
  }
  static http::Response answer(const Services& services, const Output& overrides) {
    JsonWriter json;
    begin_list(json);
    for (const TierOverride& one : overrides) write_override(json, one);
    end_list(json, services, "");
    return http::json_response(json.take());
  }
};

// Who writes, for the history of an action: a user by the name alone.
std::string writer_of(const http::Request& request) {
  constexpr std::string_view kUser = "user:";
  return request.caller.starts_with(kUser) ? request.caller.substr(kUser.size()) : request.caller;
}

Write change_one(ActionStep step) {
  return [step](Services& services, const http::Request& request) -> Result<http::Response> {
    TRY_ASSIGN(ActionRequest asked, parse_action_request(step, request.body));
    asked.id = request.param("id");
    asked.by = writer_of(request);
    TRY_ASSIGN(OwnedAction after, services.inbox->change(asked, services.folder_now()));
    TRY_ASSIGN(const auto shown, shown_actions(sources_of(services), {std::move(after)}));
    return ShowAction::answer(services, shown.front());
  };
}

Result<http::Response> change_many(Services& services, const http::Request& request) {
  TRY_ASSIGN(auto asked, parse_bulk_request(request.body));
  for (ActionRequest& one : asked) one.by = writer_of(request);
  TRY_ASSIGN(auto results, services.inbox->change(asked, services.folder_now()));
  TRY_ASSIGN(const std::string answer, bulk_answer(sources_of(services), asked, results));
  return http::json_response(answer);
}

Result<http::Response> set_override(Services& services, const http::Request& request) {
  TRY_ASSIGN(const OverrideRequest asked, parse_override_request(request.body));
  const CustomerId customer(request.param("id"));
  TRY_ASSIGN(const auto known, services.state.get(Family::customers, customer.str()));
  if (!known) return fail(ErrorCode::not_found, "no such customer", "unknown_customer");
  TRY_ASSIGN(const TierOverride one,
             services.overrides->set(customer, asked.tier, asked.reason, asked.expires,
                                     writer_of(request), services.folder_now()));
  services.changed("customers");
  JsonWriter json;
  write_override(json, one);
  return http::json_response(json.take());
}

Result<http::Response> end_override(Services& services, const http::Request& request) {
  TRY_ASSIGN(const TierOverride one,
             services.overrides->end(CustomerId(request.param("id")), writer_of(request),
                                     services.folder_now()));
  services.changed("customers");
  JsonWriter json;
  write_override(json, one);
  return http::json_response(json.take());
}

struct StepRoute {
  ActionStep step;
  const char* name;  // operationId
  const char* about;
  const char* body;  // JSON Schema
};
constexpr const char* kVersion = R"("version":{"type":"integer","description":"As seen; 409 when )"
                                 R"(somebody changed it meanwhile"})";
constexpr StepRoute kSteps[] = {
    {ActionStep::assign, "assign_action", "Gives it to somebody; owner empty: to nobody",
     R"("owner":{"type":"string","maxLength":128})"},
    {ActionStep::done, "finish_action", "It was done; with an outcome where that is known",
     R"("outcome":{"enum":["worked","did_not","no_answer"]},"note":{"type":"string"})"},
    {ActionStep::snooze, "snooze_action", "Hides it until a time", R"("until":{"type":"string"})"},
    {ActionStep::dismiss, "dismiss_action", "It will not be done, for a reason",
     R"("reason":{"type":"string"})"},
    {ActionStep::reopen, "reopen_action", "Opens one that is done, snoozed or dismissed", ""},
    {ActionStep::outcome, "tell_outcome", "What came of one that is done",
     R"("outcome":{"enum":["worked","did_not","no_answer"]},"note":{"type":"string"})"},
};

Endpoint described(const char* path, const char* name, const char* about) {
  Endpoint endpoint;
  endpoint.path = path;
  endpoint.name = name;
  endpoint.tag = "actions";
  endpoint.about = about;
  return endpoint;
}

std::vector<Parameter> inbox_parameters() {
  return {{"status", "open unless given; any: all",
           R"({"enum":["open","done","snoozed","dismissed","withdrawn","any"]})"},
          {"priority", "Only these", R"({"enum":["high","medium","low"]})"},
          {"owner", "Only this one's; none: nobody's"},
          {"play", "Only of this play"},
          {"tier", "Only of customers in this tier now"},
          {"q", "Part of the customer's id, without case"},
          {"sort", "Within a priority: -created, the newest first, or created",
           R"({"enum":["-created","created"]})"},
          limit_parameter(),
          cursor_parameter()};
}

void add_reads(Endpoints& endpoints, Services& services) {
  Endpoint list = described("/api/v1/actions", "list_actions",
                            "The inbox: what the playbook recommends, the most urgent first");
  list.query = inbox_parameters();
  list.answers = {{"application/json", "#ActionList"}, {"text/csv", R"({"type":"string"})"}};
  list.problems = {400, 504};
  endpoints.push_back(reading<ListActions>(services, std::move(list)));

  Endpoint one = described("/api/v1/actions/{id}", "show_action", "One action with its history");
  one.answers = {{"application/json", "#Action"}};
  one.problems = {400, 404, 504};
  endpoints.push_back(reading<ShowAction>(services, std::move(one)));

  Endpoint own = described("/api/v1/customers/{id}/actions", "list_customer_actions",
                           "The actions of a customer, the newest first");
  own.tag = "customers";
  own.query = {limit_parameter()};
  own.answers = {{"application/json", "#CustomerActionList"}};
  own.problems = {400, 404, 504};
  endpoints.push_back(reading<ListCustomerActions>(services, std::move(own)));

  Endpoint overrides = described("/api/v1/overrides", "list_overrides",
                                 "Tiers that are set by hand now, by customer");
  overrides.answers = {{"application/json", "#OverrideList"}};
  overrides.problems = {400, 504};
  endpoints.push_back(reading<ListOverrides>(services, std::move(overrides)));
}

}  // namespace

void add_action_endpoints(Endpoints& endpoints, Services& services) {
  add_reads(endpoints, services);
  for (const StepRoute& route : kSteps) {
    Endpoint step = described("", route.name, route.about);
    step.method = http::Method::post;
    step.permission = Permission::act;
    step.path = "/api/v1/actions/{id}/" + std::string(name_of(route.step));
    step.options.wire_bytes_max = services.body_bytes_max;
    const std::string members =
        std::string(kVersion) + (route.body[0] != '\0' ? "," : "") + route.body;
    step.body = {{"application/json", R"({"type":"object","properties":{)" + members + "}}"}};
    step.answers = {{"application/json", "#Action"}};
    step.problems = {400, 404, 409, 413, 503, 507};
    step.handler = writing(services, step.name, change_one(route.step));
    endpoints.push_back(std::move(step));
  }
  Endpoint bulk = described("/api/v1/actions/bulk", "change_actions",
                            "The same to many actions; each is answered for by itself");
  bulk.method = http::Method::post;
  bulk.permission = Permission::act;
  bulk.options.wire_bytes_max = services.body_bytes_max;
  bulk.body = {{"application/json", "#ActionBulk"}};
  bulk.answers = {{"application/json", "#ActionBulkAnswer"}};
  bulk.problems = {400, 413, 503, 507};
  bulk.handler = writing(services, bulk.name, change_many);
  endpoints.push_back(std::move(bulk));

  Endpoint hand = described("/api/v1/customers/{id}/override", "set_override",
                            "Sets a customer's tier by hand, beside the model's own");
  hand.tag = "customers";
  hand.method = http::Method::post;
  hand.permission = Permission::act;
  hand.options.wire_bytes_max = services.body_bytes_max;
  hand.body = {{"application/json", R"({"type":"object","properties":{"tier":{"type":"string"},)"
                                    R"("reason":{"type":"string"},"expires":{"type":"string"}},)"
                                    R"("required":["tier","reason","expires"]})"}};
  hand.answers = {{"application/json", "#Override"}};
  hand.problems = {400, 404, 413, 503, 507};
  hand.handler = writing(services, hand.name, set_override);
  endpoints.push_back(hand);
  hand.method = http::Method::delete_;
  hand.name = "end_override";
  hand.about = "Ends a tier that was set by hand";
  hand.body = {};
  hand.handler = writing(services, hand.name, end_override);
  endpoints.push_back(std::move(hand));
}

}  // namespace tideline
