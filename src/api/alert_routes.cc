// Alerts and their receivers: what happened, who is told, what became of each message.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <memory>

#include "alerts/alert_words.h"
#include "alerts/alerts.h"
#include "alerts/message.h"
#include "api/base64.h"
#include "api/json_writer.h"
#include "api/prediction_json.h"
#include "api/resources.h"
#include "api/writing.h"

namespace tideline {
namespace {

constexpr Duration kOverlapMax = 30 * kDay;

// --- JSON ---------------------------------------------------------------------------------------

void write_alert(JsonWriter& json, const KeptAlert& kept, const std::vector<Trouble>& open) {
  const Alert& alert = kept.alert;
  const auto* trouble = std::get_if<Trouble>(&alert.what);
  json.begin_object().member("id", alert.id).member("time", alert.time);
  json.member("topic", name_of(usual_topic(alert)));
  json.member("type", alert_type(alert, usual_topic(alert)));
  json.member("title", words_of(alert, "").title);
  json.member("text", words_of(alert, "").text);
  json.member_or_null("customer_id", customer_of(alert))
      .member_or_null("held_back", kept.held_back);
  const bool is_open =
      trouble != nullptr && std::any_of(open.begin(), open.end(), [&](auto& other) {
        return other.name == trouble->name && other.since == trouble->since;
      });
  json.member("open", is_open);
  json.key("content").raw(boost::json::serialize(content_of(alert, ""))).end_object();
}

void write_trouble(JsonWriter& json, const Trouble& trouble) {
  json.begin_object().member("name", trouble.name).member("what", trouble.what);
  json.member("since", trouble.since).end_object();
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array();
}

void write_delivery(JsonWriter& json, const Delivery& delivery) {
  json.begin_object().member("id", delivery.id).member("type", delivery.type);
  json.member("subject", delivery.subject).member("created", delivery.created);
  json.member("status", name_of(delivery.status));
  const bool waits = delivery.status == DeliveryStatus::waiting;
  json.member("next_try", waits ? std::optional(delivery.next_try) : std::nullopt);
  write_texts(json, "alerts", delivery.alerts);
  json.member("body", delivery.body).key("attempts").begin_array();
  for (const Attempt& attempt : delivery.attempts) {
    json.begin_object().member("time", attempt.at);
    json.member("status", attempt.status > 0 ? std::optional(attempt.status) : std::nullopt);
    json.member("latency_ms", attempt.took.count()).member_or_null("error", attempt.error);
    json.member_or_null("answer", attempt.answer).end_object();
  }
  json.end_array().end_object();
}

// `with_secret`: it is shown once, when it was made.
void write_receiver(JsonWriter& json, const Receiver& receiver, const Delivery* last,
                    bool with_secret) {
  json.begin_object().member("id", receiver.id).member("name", receiver.name);
  json.member("kind", name_of(receiver.kind)).member("target", receiver.target);
  json.key("topics").begin_array();
  for (const AlertTopic topic : receiver.topics) json.value(name_of(topic));
  json.end_array();
  write_texts(json, "tiers", receiver.tiers);
  json.member("min_priority", receiver.min_priority).member("active", receiver.active);
  json.member_or_null("why_inactive", receiver.why_inactive);
  json.member("digest_s", receiver.digest / kSecond).member("created", receiver.created);
  json.member("old_secret_until", receiver.old_secret_until == Time{}
                                      ? std::nullopt
                                      : std::optional(receiver.old_secret_until));
  if (with_secret) json.member("secret", receiver.secret);
  json.key("last_delivery");
  if (last != nullptr) {
    json.begin_object().member("time", last->created).member("status", name_of(last->status));
    json.end_object();
  } else {
    json.null();
  }
  json.end_object();
}

http::Response receiver_answer(const Receiver& receiver, bool with_secret) {
  JsonWriter json;
  write_receiver(json, receiver, nullptr, with_secret);
  return http::json_response(json.take());
}

http::Response delivery_answer(const Delivery& delivery) {
  JsonWriter json;
  write_delivery(json, delivery);
  return http::json_response(json.take());
}

// --- Reads --------------------------------------------------------------------------------------

struct ListAlerts {
  struct Input {
    std::size_t limit = 0;
    std::string before;  // key
  };
  struct Output {
    AlertPage page;
    std::vector<Trouble> open;
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    Input input;
    TRY_ASSIGN(input.limit, limit_of(request.query));
    const std::string cursor = text_of(request.query, "cursor");
    if (cursor.empty()) return input;
    const auto key = base64_decode(cursor);
    if (!key || !key->starts_with(kept_alert_prefix()))
      return fail(ErrorCode::invalid, "no cursor of this list", "bad_cursor");
    input.before = *key;
    return input;
  }
  static Result<Output> handle(Services& services, const Input& input) {
    Output output;
    TRY_ASSIGN(output.page, services.alerts->recent(input.before, input.limit));
    output.open = services.alerts->troubles().open();
    return output;
  }
  static http::Response answer(const Services& services, const Output& output) {
    JsonWriter json;
    json.begin_object().key("open").begin_array();
    for (const Trouble& trouble : output.open) write_trouble(json, trouble);
    json.end_array().key("data").begin_array();
    for (const KeptAlert& kept : output.page.alerts) write_alert(json, kept, output.open);
    const bool more = output.page.more;
    end_list(json, services,
             more ? base64url_encode(kept_alert_key(output.page.alerts.back().alert)) : "");
    return http::json_response(json.take());
  }
};

struct ListReceivers {
  struct Input {};
  struct Output {
    std::vector<Receiver> receivers;
    std::vector<std::optional<Delivery>> last;
  };
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request&) { return Input{}; }
  static Result<Output> handle(Services& services, const Input&) {
    Output output;
    TRY_ASSIGN(output.receivers, services.alerts->receivers().list());
    for (const Receiver& receiver : output.receivers) {
      TRY_ASSIGN(auto page, services.alerts->sender().deliveries_of(receiver.id, "", 1));
      output.last.push_back(page.deliveries.empty()
                                ? std::nullopt
                                : std::optional(std::move(page.deliveries.front())));
    }
    return output;
  }
  static http::Response answer(const Services& services, const Output& output) {
    JsonWriter json;
    begin_list(json);
    for (std::size_t i = 0; i < output.receivers.size(); ++i)
      write_receiver(json, output.receivers[i], output.last[i] ? &*output.last[i] : nullptr,
                     false);
    end_list(json, services, "");
    return http::json_response(json.take());
  }
};

struct ShowReceiver {
  using Input = std::string;
  using Output = Receiver;
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    return request.param("id");
  }
  static Result<Output> handle(Services& services, const Input& id) {
    return services.alerts->receivers().show(id);
  }
  static http::Response answer(const Services&, const Output& receiver) {
    return receiver_answer(receiver, false);
  }
};

struct ListDeliveries {
  struct Input {
    std::string receiver;
    std::string before;
    std::size_t limit = 0;
  };
  using Output = DeliveryPage;
  static constexpr Where kWhere = Where::background;

  static Result<Input> read(const Services&, const http::Request& request) {
    Input input{request.param("id"), text_of(request.query, "cursor"), 0};
    TRY_ASSIGN(input.limit, limit_of(request.query));
    return input;
  }
  static Result<Output> handle(Services& services, const Input& input) {
    return services.alerts->sender().deliveries_of(input.receiver, input.before, input.limit);
  }
  static http::Response answer(const Services& services, const Output& page) {
    JsonWriter json;
    begin_list(json);
    for (const Delivery& delivery : page.deliveries) write_delivery(json, delivery);
    end_list(json, services, page.more ? page.deliveries.back().id : "");
    return http::json_response(json.take());
  }
};

// --- Writes -------------------------------------------------------------------------------------

auto bad(const std::string& message) { return fail(ErrorCode::invalid, message, "bad_parameter"); }

Result<boost::json::object> object_in(std::string_view body, bool may_be_empty) {
  if (body.empty() && may_be_empty) return boost::json::object();
  boost::system::error_code error;
  auto value = boost::json::parse({body.data(), body.size()}, error);
  if (error) return fail(ErrorCode::invalid, "the body is not JSON", "malformed_json");
  if (!value.is_object()) return bad("the body is no JSON object");
  return std::move(value.get_object());
}

Result<std::string> text_in(const boost::json::value& value, std::string_view name) {
  if (!value.is_string()) return bad(std::string(name) + " is a text");
  return std::string(value.get_string());
}

Result<std::vector<std::string>> texts_in(const boost::json::value& value, std::string_view name) {
  if (!value.is_array()) return bad(std::string(name) + " is a list of texts");
  std::vector<std::string> texts;
  for (const auto& item : value.get_array()) {
    TRY_ASSIGN(texts.emplace_back(), text_in(item, name));
  }
  return texts;
}

Result<Duration> seconds_in(const boost::json::value& value, std::string_view name) {
  if (!value.is_int64() || value.get_int64() < 0 ||
      value.get_int64() > std::numeric_limits<std::int32_t>::max())
    return bad(std::string(name) + " is a whole number of seconds");
  return Duration(std::chrono::seconds(value.get_int64()));
}

Result<std::vector<AlertTopic>> topics_in(const boost::json::value& value) {
  TRY_ASSIGN(const auto names, texts_in(value, "topics"));
  std::vector<AlertTopic> topics;
  for (const std::string& name : names) {
    const auto topic = alert_topic_of(name);
    if (!topic)
      return bad("no topic \"" + name +
                 "\"; there are tier_entered, tier_left, action, dead_letters, trouble, report");
    if (std::find(topics.begin(), topics.end(), *topic) == topics.end()) topics.push_back(*topic);
  }
  return topics;
}

Result<std::vector<std::string>> tiers_in(const boost::json::value& value, const Pack& pack) {
  TRY_ASSIGN(auto tiers, texts_in(value, "tiers"));
  for (const std::string& tier : tiers) {
    const auto& known = pack.tiers();
    if (std::find(known.begin(), known.end(), tier) == known.end())
      return bad("the pack has no tier \"" + tier + "\"");
  }
  return tiers;
}

Status set_member(Receiver& receiver, const Pack& pack, std::string_view name,
                  const boost::json::value& value) {
  if (name == "name") {
    TRY_ASSIGN(receiver.name, text_in(value, name));
  } else if (name == "target" || name == "url") {
    TRY_ASSIGN(receiver.target, text_in(value, name));
  } else if (name == "topics") {
    TRY_ASSIGN(receiver.topics, topics_in(value));
  } else if (name == "tiers") {
    TRY_ASSIGN(receiver.tiers, tiers_in(value, pack));
  } else if (name == "min_priority") {
    TRY_ASSIGN(receiver.min_priority, text_in(value, name));
  } else if (name == "digest_s") {
    TRY_ASSIGN(receiver.digest, seconds_in(value, name));
  } else if (name == "active") {
    if (!value.is_bool()) return bad("active is true or false");
    receiver.active = value.get_bool();
    receiver.why_inactive.clear();
  } else {
    return bad("a receiver has no member \"" + std::string(name) +
               "\"; there are name, kind, target, topics, tiers, min_priority, digest_s, active, "
               "secret");
  }
  return {};
}

// The host of a URL, or the address: a name where none is given.
std::string name_from(const std::string& target) {
  const std::size_t begin = target.find("://");
  const std::string rest = begin == std::string::npos ? target : target.substr(begin + 3);
  return rest.substr(0, std::min<std::size_t>(rest.find_first_of("/?#"), 100));
}

Result<Receiver> new_receiver(const boost::json::object& body, const Pack& pack) {
  Receiver receiver;
  receiver.topics.assign(std::begin(kAlertTopics), std::end(kAlertTopics));
  for (const auto& [key, value] : body) {
    const std::string_view name(key.data(), key.size());
    if (name == "kind") {
      TRY_ASSIGN(const std::string text, text_in(value, name));
      const auto kind = receiver_kind_of(text);
      if (!kind) return bad("kind is webhook, slack or mail");
      receiver.kind = *kind;
    } else if (name == "secret") {
      TRY_ASSIGN(receiver.secret, text_in(value, name));
    } else {
      TRY(set_member(receiver, pack, name, value));
    }
  }
  if (receiver.name.empty()) receiver.name = name_from(receiver.target);
  return receiver;
}

Result<http::Response> create(Services& services, const http::Request& request) {
  TRY_ASSIGN(const auto body, object_in(request.body, false));
  TRY_ASSIGN(Receiver wanted, new_receiver(body, services.pack));
  TRY_ASSIGN(const Receiver made, services.alerts->receivers().create(std::move(wanted)));
  return receiver_answer(made, made.kind == ReceiverKind::webhook);
}

Result<http::Response> change(Services& services, const http::Request& request) {
  TRY_ASSIGN(const auto body, object_in(request.body, false));
  Receivers& receivers = services.alerts->receivers();
  // Read first into a copy, so that a member that is wrong changes nothing.
  TRY_ASSIGN(Receiver tried, receivers.show(request.param("id")));
  for (const auto& [key, value] : body)
    TRY(set_member(tried, services.pack, {key.data(), key.size()}, value));
  TRY_ASSIGN(const Receiver changed, receivers.change(tried.id, [&](Receiver& receiver) {
    for (const auto& [key, value] : body) {
      const Status set = set_member(receiver, services.pack, {key.data(), key.size()}, value);
      static_cast<void>(set);  // it passed above
    }
  }));
  return receiver_answer(changed, false);
}

Result<http::Response> remove(Services& services, const http::Request& request) {
  TRY_ASSIGN(const Receiver receiver, services.alerts->receivers().show(request.param("id")));
  TRY(services.alerts->receivers().remove(receiver.id));
  return receiver_answer(receiver, false);
}

Result<http::Response> rotate(Services& services, const http::Request& request) {
  TRY_ASSIGN(const auto body, object_in(request.body, true));
  Duration overlap = kOldSecretStays;
  for (const auto& [key, value] : body) {
    if (key != "overlap_s") return bad("the body has overlap_s and nothing else");
    TRY_ASSIGN(overlap, seconds_in(value, "overlap_s"));
  }
  if (overlap > kOverlapMax) return bad("overlap_s is at most 2592000");
  TRY_ASSIGN(const Receiver changed,
             services.alerts->receivers().rotate_secret(request.param("id"), overlap));
  return receiver_answer(changed, true);
}

Result<http::Response> test(Services& services, const http::Request& request) {
  TRY_ASSIGN(const Delivery sent, services.alerts->sender().send_test(request.param("id")));
  return delivery_answer(sent);
}

Result<http::Response> resend(Services& services, const http::Request& request) {
  TRY_ASSIGN(const Delivery delivery,
             services.alerts->sender().resend(request.param("id"), request.param("delivery")));
  return delivery_answer(delivery);
}

// --- Their descriptions -------------------------------------------------------------------------

Endpoint described(http::Method method, std::string path, std::string name, std::string about) {
  Endpoint endpoint;
  endpoint.method = method;
  endpoint.path = std::move(path);
  endpoint.name = std::move(name);
  endpoint.tag = "alerts";
  endpoint.about = std::move(about);
  endpoint.problems = {400, 404, 504};
  return endpoint;
}

void add_reads(Endpoints& endpoints, Services& services) {
  const auto get = http::Method::get;
  Endpoint alerts = described(get, "/api/v1/alerts", "list_alerts",
                              "What people should hear of, newest first; and trouble that is not "
                              "over");
  alerts.query = {limit_parameter(), cursor_parameter()};
  alerts.answers = {{"application/json", "#AlertList"}};
  endpoints.push_back(reading<ListAlerts>(services, std::move(alerts)));

  Endpoint list = described(get, "/api/v1/webhooks", "list_receivers",
                            "Receivers of alerts: webhooks, Slack channels, mail addresses");
  list.permission = Permission::operate;  // a target may be a secret
  list.answers = {{"application/json", "#ReceiverList"}};
  endpoints.push_back(reading<ListReceivers>(services, std::move(list)));

  Endpoint one = described(get, "/api/v1/webhooks/{id}", "show_receiver", "One receiver");
  one.permission = Permission::operate;  // a target may be a secret
  one.answers = {{"application/json", "#Receiver"}};
  endpoints.push_back(reading<ShowReceiver>(services, std::move(one)));

  Endpoint sent = described(get, "/api/v1/webhooks/{id}/deliveries", "list_deliveries",
                            "What was sent to it and every attempt, newest first");
  sent.query = {limit_parameter(), cursor_parameter()};
  sent.permission = Permission::operate;  // a target may be a secret
  sent.answers = {{"application/json", "#DeliveryList"}};
  endpoints.push_back(reading<ListDeliveries>(services, std::move(sent)));
}

void add_writes(Endpoints& endpoints, Services& services) {
  const auto add = [&](http::Method method, const std::string& path, const std::string& name,
                       const std::string& about, const std::string& body,
                       const std::string& answer, Write write) {
    Endpoint endpoint = described(method, path, name, about);
    endpoint.problems = {400, 404, 409, 413, 503, 507};
    endpoint.options.wire_bytes_max = services.body_bytes_max;
    if (!body.empty()) endpoint.body = {{"application/json", body}};
    endpoint.answers = {{"application/json", answer}};
    endpoint.permission = Permission::operate;
    endpoint.handler = writing(services, name, std::move(write));
    endpoints.push_back(std::move(endpoint));
  };
  const auto post = http::Method::post;
  const std::string one = "/api/v1/webhooks/{id}";
  add(post, "/api/v1/webhooks", "create_receiver",
      "Adds a receiver; a webhook's secret is shown only in this answer", "#NewReceiver",
      "#Receiver", create);
  add(http::Method::patch, one, "change_receiver", "Changes what is given and leaves the rest",
      "#ReceiverChange", "#Receiver", change);
  add(http::Method::delete_, one, "remove_receiver", "Removes it with everything sent to it", "",
      "#Receiver", remove);
  add(post, one + "/rotate", "rotate_secret",
      "A new secret, shown only in this answer; the old one signs beside it for a while",
      R"({"type":"object","properties":{"overlap_s":{"type":"integer","minimum":0,)"
      R"("maximum":2592000,"default":86400}}})",
      "#Receiver", rotate);
  add(post, one + "/test", "test_receiver", "Sends it a test at once; answers what came of it", "",
      "#Delivery", test);
  add(post, one + "/deliveries/{delivery}/resend", "resend_delivery",
      "Sends it again under the same id", "", "#Delivery", resend);
}

}  // namespace

void add_alert_endpoints(Endpoints& endpoints, Services& services) {
  add_reads(endpoints, services);
  add_writes(endpoints, services);
}

}  // namespace tideline
