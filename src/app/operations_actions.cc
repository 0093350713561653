// Actions: the inbox, and what people do with it.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "api/action_json.h"
#include "api/base64.h"
#include "app/operations.h"

namespace tideline {
namespace {

ActionSources sources_of(Engine& engine) {
  return {engine.pack(), engine.served_state(), engine.rescorer(), engine.inbox()};
}

Result<InboxQuery> query_of(const boost::json::object& arguments) {
  InboxQuery query;
  TRY_ASSIGN(const auto status, text_argument(arguments, "status"));
  TRY_ASSIGN(const auto priority, text_argument(arguments, "priority"));
  TRY_ASSIGN(const auto owner, text_argument(arguments, "owner"));
  TRY_ASSIGN(const auto play, text_argument(arguments, "play"));
  TRY_ASSIGN(const auto text, text_argument(arguments, "customer"));
  TRY_ASSIGN(const auto cursor, text_argument(arguments, "cursor"));
  if (status == "any") {
    query.status.reset();
  } else if (status) {
    query.status = action_status_of(*status);
    if (!query.status) return fail(ErrorCode::invalid, "no status " + *status, "usage");
  }
  query.priority = priority.value_or("");
  query.owner = owner;
  query.play = play.value_or("");
  query.text = text.value_or("");
  if (cursor) {
    const auto place = base64_decode(*cursor);
    if (!place) return fail(ErrorCode::invalid, "that is no cursor", "usage");
    query.after = *place;
  }
  if (const Json* limit = arguments.if_contains("limit"); limit && limit->is_int64())
    query.limit = static_cast<std::size_t>(limit->get_int64());
  return query;
}

}  // namespace

Result<Json> list_actions(const OperationContext& context, const boost::json::object& arguments) {
  Inbox& inbox = context.engine.inbox();
  TRY_ASSIGN(const InboxQuery query, query_of(arguments));
  TRY(inbox.wake(context.engine.now().now()));
  TRY_ASSIGN(InboxPage page, inbox.list(query));
  const std::string cursor =
      page.next_cursor.empty() ? std::string() : base64url_encode(page.next_cursor);
  TRY_ASSIGN(const auto shown, shown_actions(sources_of(context.engine), std::move(page.actions)));
  JsonWriter json;
  json.begin_object();
  write_counts(json, inbox.counts());
  json.key("data").begin_array();
  for (const ShownAction& action : shown) write_action(json, action);
  json.end_array().member_or_null("next_cursor", cursor).end_object();
  return boost::json::parse(json.take());
}

// The arguments are a bulk request of the API, who asks, and perhaps how long a snooze lasts.
Result<Json> change_actions(const OperationContext& context,
                            const boost::json::object& arguments) {
  boost::json::object body = arguments;
  TRY_ASSIGN(const auto by, text_argument(arguments, "by"));
  TRY_ASSIGN(const auto span, text_argument(arguments, "for"));
  body.erase("by");
  body.erase("for");
  if (span) {
    const auto duration = parse_duration(*span);
    if (!duration) return fail(ErrorCode::invalid, "no span of time: " + *span, "usage");
    body["until"] = format_time(context.engine.now().now() + *duration);
  }
  TRY_ASSIGN(auto requests, parse_bulk_request(boost::json::serialize(body)));
  for (ActionRequest& one : requests) one.by = by.value_or("command line");
  TRY_ASSIGN(const auto results,
             context.engine.inbox().change(requests, context.engine.now().now()));
  TRY_ASSIGN(const std::string answer, bulk_answer(sources_of(context.engine), requests, results));
  return boost::json::parse(answer);
}

}  // namespace tideline
