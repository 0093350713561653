// The stream: what changes, as it changes, by server-sent events.
#include "api/live_feed.h"
#include "api/resources.h"

namespace tideline {
namespace {

http::Handler open_stream(Services& services, std::vector<Parameter> allowed) {
  return [&services, allowed = std::move(allowed)](const http::Request& request,
                                                   http::Responder responder) {
    if (const auto known = check_parameters(request.query, allowed); !known) {
      return responder(problem_of(known.error()));
    }
    if (services.live == nullptr) {
      return responder(http::problem_response(503, "no_stream", "this server has no stream"));
    }
    // A browser sends the field when it comes back by itself, the page the parameter when it does.
    const auto field = request.headers.get("Last-Event-ID");
    std::string last(field.value_or(request.query.get("last_event_id").value_or("")));
    responder(http::event_stream_response(
        [&live = *services.live, last = std::move(last)](const http::Stream& stream) {
          stream.send("retry: 1000\n\n");
          live.join(stream, last);
        }));
  };
}

}  // namespace

void add_stream_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint stream;
  stream.path = "/api/v1/stream";
  stream.name = "open_stream";
  stream.tag = "operations";
  stream.permission = Permission::read;
  stream.about =
      "What changes, as it changes, by server-sent events named change, at most about 4 a "
      "second: latest predictions of customers, figures of overview, tiers and pipeline, and "
      "topics, which are lists to be read again. reset: what was shown is too old to be brought "
      "up to date; read everything again";
  stream.query = {{"last_event_id", "Goes on behind that event; as the field Last-Event-ID"}};
  stream.answers = {{"text/event-stream", "#LiveChange"}};
  stream.problems = {400, 503};
  stream.handler = open_stream(services, stream.query);
  endpoints.push_back(std::move(stream));
}

}  // namespace tideline
