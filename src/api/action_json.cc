#include "api/action_json.h"

#include <boost/json/object.hpp>

#include "api/csv.h"
#include "api/writing.h"
#include "pipeline/records.h"

namespace tideline {
namespace {

namespace json = boost::json;

// Empty where it is absent or null.
Result<std::string> text_in(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return std::string();
  if (value->is_string()) return std::string(value->get_string());
  return fail(ErrorCode::invalid, std::string(name) + " is a text", "bad_parameter");
}

Result<std::optional<Time>> time_in(const json::object& object, const char* name) {
  TRY_ASSIGN(const std::string text, text_in(object, name));
  if (text.empty()) return std::optional<Time>();
  const auto time = parse_time(text);
  if (time) return std::optional(*time);
  return fail(ErrorCode::invalid,
              std::string(name) + " is no time such as 2026-01-31 or 2026-01-31T12:00:00Z",
              "bad_time");
}

Result<std::optional<std::uint32_t>> version_in(const json::object& object) {
  const json::value* value = object.if_contains("version");
  if (value == nullptr || value->is_null()) return std::optional<std::uint32_t>();
  boost::system::error_code error;
  const auto version = value->to_number<std::uint32_t>(error);
  if (!error) return std::optional(version);
  return fail(ErrorCode::invalid, "version is a whole number, as the action told it",
              "bad_parameter");
}

Result<ActionRequest> request_in(ActionStep step, const json::object& object) {
  ActionRequest request;
  request.step = step;
  TRY_ASSIGN(request.version, version_in(object));
  TRY_ASSIGN(request.owner, text_in(object, "owner"));
  TRY_ASSIGN(request.until, time_in(object, "until"));
  TRY_ASSIGN(const std::string outcome, text_in(object, "outcome"));
  if (!outcome.empty()) {
    const auto known = action_outcome_of(outcome);
    if (!known) {
      return fail(ErrorCode::invalid, "outcome is worked, did_not or no_answer", "bad_outcome");
    }
    request.outcome = *known;
  }
  TRY_ASSIGN(request.text, text_in(object, step == ActionStep::dismiss ? "reason" : "note"));
  return request;
}

// Nothing where nothing is known.
std::string cell(const std::string& text) { return text.empty() ? "" : csv_text_cell(text); }

void number_or_null(JsonWriter& json, const char* name, std::optional<double> value) {
  json.key(name);
  if (value)
    json.value(*value);
  else
    json.null();
}

void write_standing(JsonWriter& json, const char* name, const FollowUp::Standing& standing) {
  json.key(name).begin_object().member_or_null("tier", standing.tier);
  number_or_null(json, "risk", standing.risk);
  number_or_null(json, "health", standing.health);
  number_or_null(json, "amount_30d", standing.amount);
  json.end_object();
}

}  // namespace

Result<std::vector<ShownAction>> shown_actions(const ActionSources& sources,
                                               std::vector<OwnedAction> actions) {
  TRY_ASSIGN(auto follow_ups, sources.inbox.follow_ups_of(actions));
  std::vector<std::string> keys;
  for (const OwnedAction& action : actions) keys.push_back(action.action.customer.str());
  TRY_ASSIGN(const auto predictions, sources.state.get_many(Family::predictions, keys));
  const auto leaving = sources.rescorer.task_of_leaving();
  const auto health = sources.pack.task_index("health_score");
  std::vector<ShownAction> shown;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    ShownAction& one = shown.emplace_back();
    one.owned = std::move(actions[i]);
    one.sentence = one.owned.action.say;
    one.follow_up = std::move(follow_ups[i]);
    if (!predictions[i]) continue;
    TRY_ASSIGN(const KeptPrediction kept, decode_kept_prediction(*predictions[i]));
    const Prediction& p = kept.prediction;
    const auto figure = [&](std::optional<std::size_t> task) {
      return task && *task < p.figures.size() ? p.figures[*task] : std::optional<double>();
    };
    one.tier = p.tier;
    one.risk = figure(leaving);
    one.health = figure(health);
    for (const PlayMark& mark : kept.plays) {
      const bool same = mark.open && mark.play == one.owned.action.play &&
                        mark.since == one.owned.action.created;
      if (same) one.sentence = mark.say;
    }
  }
  return shown;
}

void write_action(JsonWriter& json, const ShownAction& shown) {
  const OwnedAction& owned = shown.owned;
  const Action& action = owned.action;
  json.begin_object().member("id", action.id).member("customer_id", action.customer.str());
  json.member("play", action.play).member("priority", action.priority);
  json.member_or_null("channel", action.channel).member("sentence", shown.sentence);
  json.member("expected_cost", action.cost).member("created", action.created);
  json.member("status", name_of(owned.status)).member("holds", owned.holds);
  json.member_or_null("owner", owned.owner).member("until", owned.until);
  json.member_or_null("reason", owned.reason);
  json.member_or_null("outcome", name_of(owned.outcome)).member_or_null("note", owned.note);
  json.member("version", owned.version).member_or_null("tier", shown.tier);
  number_or_null(json, "risk", shown.risk);
  number_or_null(json, "health", shown.health);
  json.key("measured");
  if (shown.follow_up && shown.follow_up->outcome) {
    const FollowUp::Outcome& outcome = *shown.follow_up->outcome;
    json.begin_object().member("time", outcome.time).member("retained", outcome.retained);
    write_standing(json, "before", shown.follow_up->before);
    write_standing(json, "after", outcome.after);
    json.end_object();
  } else {
    json.null();
  }
  json.key("changes").begin_array();
  for (const ActionChange& change : owned.changes) {
    json.begin_object().member("time", change.time).member("change", name_of(change.step));
    json.member_or_null("by", change.by).member_or_null("note", change.note).end_object();
  }
  json.end_array().end_object();
}

void write_counts(JsonWriter& json, const Inbox::Counts& counts) {
  static constexpr const char* kPriorities[] = {"high", "medium", "low"};
  json.key("counts").begin_object();
  for (std::size_t s = 0; s < kActionStatuses; ++s) {
    json.key(name_of(static_cast<ActionStatus>(s))).begin_object();
    for (std::size_t u = 0; u < 3; ++u) json.member(kPriorities[u], counts[s][u]);
    json.end_object();
  }
  json.end_object();
}

Result<std::string> bulk_answer(const ActionSources& sources,
                                std::span<const ActionRequest> requests,
                                std::span<const Result<OwnedAction>> results) {
  std::vector<OwnedAction> changed;
  for (const auto& result : results) {
    if (result) changed.push_back(*result);
  }
  TRY_ASSIGN(const auto shown, shown_actions(sources, std::move(changed)));
  JsonWriter json;
  json.begin_object().key("results").begin_array();
  std::size_t next = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    json.begin_object().member("id", requests[i].id).key("action");
    if (results[i]) {
      write_action(json, shown[next++]);
      json.key("code").null().key("detail").null();
    } else {
      const Error& error = results[i].error();
      json.null().member("code", error.reason).member("detail", error.message);
    }
    json.end_object();
  }
  return json.end_array().end_object().take();
}

std::string action_csv(const std::vector<ShownAction>& actions) {
  std::string text =
      "id,customer_id,play,priority,status,owner,created,until,sentence,channel,expected_cost,"
      "tier,risk,health,reason,outcome,note,holds,retained\r\n";
  const auto number = [](std::optional<double> value) {
    return value ? json_number(*value) : std::string();
  };
  for (const ShownAction& shown : actions) {
    const OwnedAction& owned = shown.owned;
    const Action& action = owned.action;
    const auto& follow_up = shown.follow_up;
    const bool measured = follow_up && follow_up->outcome;
    text += action.id + "," + cell(action.customer.str()) + "," + cell(action.play) + "," +
            cell(action.priority) + "," + std::string(name_of(owned.status)) + "," +
            cell(owned.owner) + "," + format_time(action.created) + "," +
            (owned.until ? format_time(*owned.until) : "") + "," + cell(shown.sentence) + "," +
            cell(action.channel) + "," + json_number(action.cost) + "," + cell(shown.tier) + "," +
            number(shown.risk) + "," + number(shown.health) + "," + cell(owned.reason) + "," +
            std::string(name_of(owned.outcome)) + "," + cell(owned.note) + "," +
            (owned.holds ? "true" : "false") + "," +
            (measured ? (follow_up->outcome->retained ? "true" : "false") : "") + "\r\n";
  }
  return text;
}

void write_override(JsonWriter& json, const TierOverride& one) {
  json.begin_object().member("customer_id", one.customer.str()).member("tier", one.tier);
  json.member("reason", one.reason).member_or_null("by", one.by).member("since", one.since);
  json.member("expires", one.expires).member("ended", one.ended);
  json.member_or_null("ended_by", one.ended_by).end_object();
}

Result<ActionRequest> parse_action_request(ActionStep step, std::string_view body) {
  TRY_ASSIGN(const json::object object,
             object_of(body, {"version", "owner", "until", "reason", "note", "outcome"}));
  return request_in(step, object);
}

Result<std::vector<ActionRequest>> parse_bulk_request(std::string_view body) {
  TRY_ASSIGN(const json::object object, object_of(body, {"change", "actions", "owner", "until",
                                                         "reason", "note", "outcome"}));
  TRY_ASSIGN(const std::string name, text_in(object, "change"));
  const auto step = action_step_of(name);
  if (!step) {
    return fail(ErrorCode::invalid, "change is assign, done, snooze, dismiss, reopen or outcome",
                "bad_parameter");
  }
  TRY_ASSIGN(const ActionRequest like, request_in(*step, object));
  const json::value* list = object.if_contains("actions");
  if (list == nullptr || !list->is_array() || list->get_array().empty() ||
      list->get_array().size() > kBulkMax) {
    return fail(ErrorCode::invalid, "actions is a list of 1 to 1,000 of {\"id\", \"version\"}",
                "bad_parameter");
  }
  std::vector<ActionRequest> requests;
  for (const json::value& element : list->get_array()) {
    if (!element.is_object()) {
      return fail(ErrorCode::invalid, "actions holds objects with id and version",
                  "bad_parameter");
    }
    ActionRequest& one = requests.emplace_back(like);
    TRY_ASSIGN(one.id, text_in(element.get_object(), "id"));
    TRY_ASSIGN(one.version, version_in(element.get_object()));
  }
  return requests;
}

Result<OverrideRequest> parse_override_request(std::string_view body) {
  TRY_ASSIGN(const json::object object, object_of(body, {"tier", "reason", "expires"}));
  OverrideRequest request;
  TRY_ASSIGN(request.tier, text_in(object, "tier"));
  TRY_ASSIGN(request.reason, text_in(object, "reason"));
  TRY_ASSIGN(const auto expires, time_in(object, "expires"));
  if (!expires) return fail(ErrorCode::invalid, "expires is missing", "bad_expiry");
  request.expires = *expires;
  return request;
}

}  // namespace tideline
