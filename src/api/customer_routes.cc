// Customers: the list, one customer, its features, predictions and events.
#include <algorithm>

#include "api/action_json.h"
#include "api/cursor.h"
#include "api/customer_csv.h"
#include "api/customer_list.h"
#include "api/prediction_json.h"
#include "api/resources.h"
#include "base/bytes.h"
#include "features/compute.h"

namespace tideline {
namespace {

Result<CustomerState> state_of(Services& services, const CustomerId& customer) {
  TRY_ASSIGN(const auto bytes, services.state.get(Family::customers, customer.str()));
  if (!bytes) return fail(ErrorCode::not_found, "no such customer", "unknown_customer");
  return CustomerState::decode(services.pack, *bytes);
}

Result<CustomerId> customer_of(const http::Request& request) {
  return CustomerId(request.param("id"));
}

struct ListCustomers {
  struct Input {
    CustomerQuery query;
    bool csv = false;
    std::vector<std::string> columns;  // of the CSV; empty: all
    std::string target;                // for the link to the next page
    std::string caller;                // of a download's first page, which is noted
  };
  struct Output {
    CustomerPage page;
    bool csv = false;
    std::vector<std::string> columns;
    std::string next_target;
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services& services, const http::Request& request) {
    Input input;
    TRY_ASSIGN(input.query, parse_customer_query(services.pack, request.query));
    const auto accept = request.headers.get("Accept");
    input.csv = accept && accept->find("text/csv") != std::string_view::npos;
    TRY_ASSIGN(input.columns, csv_columns_of(services.pack, text_of(request.query, "columns")));
    if (input.csv && !request.query.get("cursor")) input.caller = request.caller;
    for (const auto& [name, value] : request.query) {
      if (name == "cursor" || name == "skip" || name == "wait_for") continue;
      input.target += http::percent_encode(name) + "=" + http::percent_encode(value) + "&";
    }
    return input;
  }

  static Result<Output> handle(Services& services, const Input& input) {
    Output output;
    TRY_ASSIGN(output.page,
               find_customers(services.pack, services.state, input.query, services.columns));
    output.csv = input.csv;
    output.columns = input.columns;
    if (!input.caller.empty()) services.audit(input.caller, "download_customers", input.target);
    if (!output.page.next_cursor.empty()) {
      output.next_target =
          "/api/v1/customers?" + input.target + "cursor=" + output.page.next_cursor;
    }
    return output;
  }

  static http::Response answer(const Services& services, const Output& output) {
    http::Response response = output.csv ? csv(services.pack, output) : json(services, output);
    response.headers.set("Vary", "Accept");
    return response;
  }

  static http::Response json(const Services& services, const Output& output) {
    JsonWriter json;
    begin_list(json);
    for (const Prediction& row : output.page.rows) write_prediction(json, services, row);
    json.end_array().member_or_null("next_cursor", output.page.next_cursor);
    json.member("total", output.page.total);
    write_as_of(json, services);
    return http::json_response(json.end_object().take());
  }

  // A missing figure is an empty cell. The next page is in the header Link (RFC 8288).
  static http::Response csv(const Pack& pack, const Output& output) {
    std::string text = prediction_csv(pack, output.page.rows, output.columns);
    http::Response response = http::text_response(std::move(text), "text/csv; charset=utf-8");
    if (!output.next_target.empty()) {
      response.headers.set("Link", "<" + output.next_target + ">; rel=\"next\"");
    }
    return response;
  }
};

struct ShowCustomer {
  using Input = CustomerId;
  struct Link {
    std::string anonymous_id;
    std::string previous_id;
  };
  struct Output {
    CustomerId customer;
    CustomerState state;
    std::vector<Link> links;
    std::optional<KeptPrediction> prediction;
    std::vector<ShownAction> actions;  // open ones
  };
  static constexpr Where kWhere = Where::background;
  static constexpr std::size_t kLinksMax = 1'000;
  static constexpr std::size_t kActionsMax = 200;  // the newest

  static Result<Input> read(const Services&, const http::Request& request) {
    return customer_of(request);
  }

  static Result<Output> handle(Services& services, const Input& customer) {
    Output output;
    output.customer = customer;
    TRY_ASSIGN(output.state, state_of(services, customer));
    TRY_ASSIGN(output.prediction, services.rescorer.prediction_of(customer));
    TRY_ASSIGN(auto actions, services.inbox->of_customer(customer, kActionsMax));
    std::erase_if(actions,
                  [](const OwnedAction& action) { return action.status != ActionStatus::open; });
    TRY_ASSIGN(output.actions, shown_actions(sources_of(services), std::move(actions)));
    ByteWriter prefix;
    prefix.text(customer.str());
    TRY(services.state.scan(Family::links, prefix.bytes(), prefix_end(prefix.bytes()),
                            [&](std::string_view key, std::string_view) {
                              ByteReader in(key);
                              in.view();
                              std::string anonymous = in.text();
                              output.links.push_back({std::move(anonymous), in.text()});
                              return output.links.size() < kLinksMax;
                            }));
    return output;
  }

  static http::Response answer(const Services& services, const Output& output) {
    const CustomerState& state = output.state;
    JsonWriter json;
    json.begin_object().member("customer_id", output.customer.str());
    json.member("first_event", state.first_event()).member("last_event", state.last_event());
    json.member("last_qualifying", state.last_qualifying());
    json.member("qualifying_count", state.qualifying_count());
    json.member("event_count", state.event_count());
    json.member("foreign_currency_count", state.foreign_currency_count());
    json.key("events").begin_array();
    for (const EventCounter& counter : state.counters(services.pack)) {
      json.begin_object().member("event", counter.event).member("count", counter.count);
      json.member("first", counter.first).member("last", counter.last).end_object();
    }
    json.end_array().key("traits").begin_object();
    for (const FieldSpec& trait : services.pack.traits()) write_trait(json, trait, state);
    json.end_object().key("links").begin_array();
    for (const Link& link : output.links) {
      json.begin_object().member_or_null("anonymous_id", link.anonymous_id);
      json.member_or_null("previous_id", link.previous_id).end_object();
    }
    json.end_array().key("prediction");
    if (output.prediction) {
      write_prediction(json, services, output.prediction->prediction);
    } else {
      json.null();
    }
    json.key("recommended_actions").begin_array();
    for (const ShownAction& action : output.actions) write_action(json, action);
    json.end_array();
    write_as_of(json, services);
    return http::json_response(json.end_object().take());
  }

  // Protected traits are for checks of fairness only; a customer's page does not show them.
  static void write_trait(JsonWriter& json, const FieldSpec& trait, const CustomerState& state) {
    const auto value = state.trait(trait.index);
    if (!value || trait.is_protected) return;
    json.key(trait.name);
    std::visit([&](const auto& v) { json.value(v); }, *value);
  }
};

struct ShowFeatures {
  using Input = CustomerId;
  struct Output {
    CustomerId customer;
    Time as_of;
    FeatureVector features;
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    return customer_of(request);
  }

  static Result<Output> handle(Services& services, const Input& customer) {
    TRY_ASSIGN(const CustomerState state, state_of(services, customer));
    const Time now = services.folder_now();
    return Output{customer, now, compute_features(services.pack, state, now)};
  }

  static http::Response answer(const Services& services, const Output& output) {
    JsonWriter json;
    json.begin_object().member("customer_id", output.customer.str());
    json.member("as_of", output.as_of).member("coverage", output.features.coverage);
    json.key("features").begin_object();
    const auto& specs = services.pack.features();
    for (std::size_t i = 0; i < specs.size(); ++i) {
      json.member(specs[i].name, output.features.values[i]);
    }
    return http::json_response(json.end_object().end_object().take());
  }
};

struct ListHistory {
  struct Input {
    CustomerId customer;
    std::string list;  // of cursors
    std::size_t limit = kLimitDefault;
    std::optional<Time> before;
  };
  struct Output {
    std::vector<KeptPrediction> rows;
    std::string next_cursor;
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services& services, const http::Request& request);
  static Result<Output> handle(Services& services, const Input& input);
  static http::Response answer(const Services& services, const Output& output);
};

// A page that ends at a moment: its cursor is that moment.
std::string cursor_of(std::string_view list, Time last) {
  ByteWriter out;
  out.time(last);
  return make_cursor(list, out.bytes());
}

Result<std::optional<Time>> before_of(std::string_view list, const http::Query& query) {
  const auto cursor = query.get("cursor");
  if (!cursor || cursor->empty()) return std::optional<Time>();
  TRY_ASSIGN(const std::string place, read_cursor(list, *cursor));
  return std::optional(ByteReader(place).time());
}

// Each customer's history is a list of its own, and so is what it did.
std::string list_name(const http::Request& request) {
  return request.route + "\n" + request.param("id");
}

Result<ListHistory::Input> ListHistory::read(const Services&, const http::Request& request) {
  Input input;
  input.customer = CustomerId(request.param("id"));
  TRY_ASSIGN(input.limit, limit_of(request.query));
  input.list = list_name(request);
  TRY_ASSIGN(input.before, before_of(input.list, request.query));
  return input;
}

Result<ListHistory::Output> ListHistory::handle(Services& services, const Input& input) {
  TRY(state_of(services, input.customer));
  Output output;
  const std::string prefix = history_prefix(input.customer);
  const std::string to =
      input.before ? history_key(input.customer, *input.before) : prefix_end(prefix);
  std::optional<Error> broken;
  TRY(services.state.scan_back(Family::history, prefix, to,
                               [&](std::string_view, std::string_view value) {
                                 auto kept = decode_kept_prediction(value);
                                 if (!kept) {
                                   broken = kept.error();
                                   return false;
                                 }
                                 output.rows.push_back(std::move(*kept));
                                 return output.rows.size() <= input.limit;
                               }));
  if (broken) return fail(*broken);
  if (output.rows.size() > input.limit) {
    output.rows.pop_back();
    output.next_cursor = cursor_of(input.list, output.rows.back().prediction.timestamp);
  }
  return output;
}

http::Response ListHistory::answer(const Services& services, const Output& output) {
  JsonWriter json;
  begin_list(json);
  for (const KeptPrediction& kept : output.rows) {
    write_kept_prediction(json, services.pack, kept);
  }
  end_list(json, services, output.next_cursor);
  return http::json_response(json.take());
}

struct ListEvents {
  struct Input {
    ListHistory::Input page;
    bool awaited = false;  // an event was waited for: it is to be seen, though the lake is behind
  };
  struct Output {
    std::vector<EventRow> rows;
    std::string next_cursor;
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services& services, const http::Request& request) {
    TRY_ASSIGN(ListHistory::Input page, ListHistory::read(services, request));
    return Input{std::move(page), request.query.has("wait_for")};
  }

  // A page ends between two moments, so that events of one moment are never parted by its cursor;
  // where more than a page has the same moment, the page grows.
  static Result<Output> handle(Services& services, const Input& input) {
    const ListHistory::Input& asked = input.page;
    TRY(state_of(services, asked.customer));
    if (input.awaited) TRY(services.archive());
    Output output;
    for (std::size_t limit = asked.limit;; limit *= 2) {
      TRY_ASSIGN(EventPage page, services.events_of(asked.customer, asked.before, limit));
      output.rows = std::move(page.rows);
      if (!page.more || output.rows.empty()) return output;
      const Time cut = output.rows.back().event.event_time;
      if (output.rows.front().event.event_time == cut) continue;
      std::erase_if(output.rows, [&](const EventRow& row) { return row.event.event_time == cut; });
      output.next_cursor = cursor_of(asked.list, output.rows.back().event.event_time);
      return output;
    }
  }

  static http::Response answer(const Services& services, const Output& output) {
    JsonWriter json;
    begin_list(json);
    for (const EventRow& row : output.rows) {
      const Event& event = row.event;
      json.begin_object().member("customer_id", event.customer.str());
      json.member("type", name_of(event.type)).member_or_null("event", event.name);
      json.member("event_time", event.event_time).member("arrival_time", event.arrival_time);
      json.member("stored_time", event.stored_time).member("source", event.source.str());
      json.member("message_id", event.message_id.str());
      json.member("shard", row.place.shard).member("offset", row.place.offset);
      json.key("properties").raw(event.properties.empty() ? "{}" : event.properties);
      json.end_object();
    }
    end_list(json, services, output.next_cursor);
    return http::json_response(json.take());
  }
};

std::vector<Parameter> list_parameters(const Pack& pack) {
  std::string tiers;
  for (const std::string& tier : pack.tiers()) {
    tiers += (tiers.empty() ? "" : ",") + http::json_string(tier);
  }
  std::vector<Parameter> parameters = {
      {"tier", "Only customers of this tier", R"({"type":"string","enum":[)" + tiers + "]}"},
      {"q", "Only customers whose id contains this, without case"},
      {"sort", "customer_id or a task, with a leading - from the greatest; missing figures last"},
      limit_parameter(),
      cursor_parameter(),
      {"skip", "Rows left out before the first; without cursor",
       R"({"type":"integer","minimum":0,"default":0})"},
      {"columns", "Of a CSV: only these, in this order, separated by commas"}};
  for (std::string& name : bound_names(pack)) {
    parameters.push_back({std::move(name), "A bound on a figure", R"({"type":"number"})"});
  }
  return parameters;
}

}  // namespace

void add_customer_endpoints(Endpoints& endpoints, Services& services) {
  const auto add = [&](Endpoint endpoint) { endpoints.push_back(std::move(endpoint)); };
  Endpoint list;
  list.path = "/api/v1/customers";
  list.name = "list_customers";
  list.tag = "customers";
  list.about = "The latest prediction of every customer, page by page";
  list.query = list_parameters(services.pack);
  list.answers = {{"application/json", "#CustomerList"}, {"text/csv", R"({"type":"string"})"}};
  list.problems = {400, 504};
  add(reading<ListCustomers>(services, std::move(list)));

  Endpoint one;
  one.path = "/api/v1/customers/{id}";
  one.name = "show_customer";
  one.tag = "customers";
  one.about = "Counters, times, traits, links and the latest prediction of one customer";
  one.answers = {{"application/json", "#Customer"}};
  one.problems = {400, 404, 504};
  add(reading<ShowCustomer>(services, one));

  one.path = "/api/v1/customers/{id}/features";
  one.name = "show_features";
  one.about = "The features of a customer as of now; null: missing";
  one.answers = {{"application/json", "#Features"}};
  add(reading<ShowFeatures>(services, one));

  one.query = {limit_parameter(), cursor_parameter()};
  one.path = "/api/v1/customers/{id}/predictions";
  one.name = "list_customer_predictions";
  one.about = "The kept predictions of a customer, newest first";
  one.answers = {{"application/json", "#PredictionList"}};
  add(reading<ListHistory>(services, one));

  one.path = "/api/v1/customers/{id}/events";
  one.name = "list_customer_events";
  one.about = "The events of a customer that are in the lake, newest first";
  one.answers = {{"application/json", "#EventList"}};
  add(reading<ListEvents>(services, one));
}

}  // namespace tideline
