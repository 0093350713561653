#include "api/routes.h"

#include <memory>

#include "api/access_gate.h"
#include "api/ask_endpoints.h"
#include "api/caller_limits.h"
#include "api/idempotency.h"
#include "api/openapi.h"
#include "api/resources.h"
#include "base/check.h"

namespace tideline {
namespace {

Endpoint openapi_endpoint() {
  Endpoint endpoint;
  endpoint.path = "/api/v1/openapi.json";
  endpoint.name = "show_openapi";
  endpoint.permission = Permission::local;
  endpoint.tag = "operations";
  endpoint.about = "This document";
  endpoint.answers = {{"application/json", R"({"type":"object"})"}};
  return endpoint;
}

// Nobody reaches a handler without the permission that its endpoint names.
void check_access(Endpoint& endpoint, const std::shared_ptr<const AccessGate>& access) {
  CHECK(endpoint.permission.has_value());  // every endpoint says who may call it
  if (*endpoint.permission == Permission::open) return;
  endpoint.options.admit = [access, needed = *endpoint.permission](const http::RequestHead& head) {
    return access->admit(needed, head);
  };
}

// What takes events in takes the processor and the disk: it waits its turn, and is refused when
// that would take too long.
void guard(Endpoint& endpoint, Services& services) {
  if (endpoint.permission != Permission::ingest || endpoint.method != http::Method::post) return;
  endpoint.options.queued = true;
  if (services.gate == nullptr) return;
  endpoint.options.admit = [&gate = *services.gate, access = std::move(endpoint.options.admit)](
                               const http::RequestHead& head) {
    http::Admission known = access(head);
    if (known.refusal) return known;
    http::Admission admission = gate.admit(source_of_caller(known.caller), head);
    admission.caller = std::move(known.caller);
    return admission;
  };
  endpoint.handler = services.gate->guard(std::move(endpoint.handler));
}

// The handler, and what it uses for as long as it may be called.
template <class Kept>
http::Handler kept_by(std::shared_ptr<Kept> kept, http::Handler handler) {
  return [kept = std::move(kept), handler = std::move(handler)](http::Request request,
                                                                http::Responder responder) {
    handler(std::move(request), std::move(responder));
  };
}

}  // namespace

http::Router make_routes(Services& services, ChatOptions chat) {
  Endpoints endpoints;
  add_ingest_endpoints(endpoints, services);
  add_sdk_endpoints(endpoints, services);
  add_customer_endpoints(endpoints, services);
  add_explain_endpoints(endpoints, services);
  add_prediction_endpoints(endpoints, services);
  add_dead_letter_endpoints(endpoints, services);
  add_action_endpoints(endpoints, services);
  add_effect_endpoints(endpoints, services);
  add_pilot_endpoints(endpoints, services);
  add_money_endpoints(endpoints, services);
  add_alert_endpoints(endpoints, services);
  add_model_endpoints(endpoints, services);
  add_rule_endpoints(endpoints, services);
  add_operation_endpoints(endpoints, services);
  add_stream_endpoints(endpoints, services);
  add_view_endpoints(endpoints, services);
  add_portfolio_endpoints(endpoints, services);
  add_pack_endpoints(endpoints, services);
  add_access_endpoints(endpoints, services);
  add_user_endpoints(endpoints, services);
  add_key_endpoints(endpoints, services);
  add_report_endpoints(endpoints, services);
  add_sql_endpoints(endpoints, services);
  add_ask_endpoints(endpoints, services, std::move(chat));
  add_page_endpoints(endpoints, services);
  endpoints.push_back(openapi_endpoint());

  endpoints.back().handler = [document = std::make_shared<const std::string>(openapi_document(
                                  endpoints, services.pack, services.program_version))](
                                 const http::Request& request, http::Responder responder) {
    http::Response response = http::shared_response({document, *document}, "application/json");
    http::apply_etag(request, response);
    responder(std::move(response));
  };
  const auto access = std::make_shared<const AccessGate>(services.access, services.visitor_role);
  const auto idempotency = std::make_shared<Idempotency>(services.state, services.clock);
  const auto limits = std::make_shared<CallerLimits>(services.caller_rates, services.clock);
  http::Router router;
  for (Endpoint& endpoint : endpoints) {
    check_access(endpoint, access);
    if (takes_idempotency_key(endpoint)) {
      endpoint.handler =
          kept_by(idempotency, idempotency->once(services, std::move(endpoint.handler)));
    }
    if (endpoint.permission != Permission::ingest)
      endpoint.handler = kept_by(limits, limits->limit(std::move(endpoint.handler)));
    guard(endpoint, services);
    router.add(endpoint.method, endpoint.path, std::move(endpoint.handler), endpoint.options);
  }
  return router;
}

}  // namespace tideline
