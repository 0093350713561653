// The endpoints of each resource; routes.cc puts them together. Internal to src/api.
#pragma once

#include "api/endpoint.h"

namespace tideline {

void add_ingest_endpoints(Endpoints& endpoints, Services& services);
void add_sdk_endpoints(Endpoints& endpoints, Services& services);
void add_customer_endpoints(Endpoints& endpoints, Services& services);
void add_explain_endpoints(Endpoints& endpoints, Services& services);
void add_prediction_endpoints(Endpoints& endpoints, Services& services);
void add_dead_letter_endpoints(Endpoints& endpoints, Services& services);
void add_alert_endpoints(Endpoints& endpoints, Services& services);
void add_model_endpoints(Endpoints& endpoints, Services& services);
void add_invocation_endpoints(Endpoints& endpoints, Services& services);
void add_inference_endpoints(Endpoints& endpoints, Services& services);
void add_rule_endpoints(Endpoints& endpoints, Services& services);
void add_portfolio_endpoints(Endpoints& endpoints, Services& services);
void add_view_endpoints(Endpoints& endpoints, Services& services);
void add_stream_endpoints(Endpoints& endpoints, Services& services);
void add_operation_endpoints(Endpoints& endpoints, Services& services);
void add_pack_endpoints(Endpoints& endpoints, Services& services);
void add_action_endpoints(Endpoints& endpoints, Services& services);
void add_effect_endpoints(Endpoints& endpoints, Services& services);
void add_pilot_endpoints(Endpoints& endpoints, Services& services);
void add_money_endpoints(Endpoints& endpoints, Services& services);
void add_access_endpoints(Endpoints& endpoints, Services& services);
void add_user_endpoints(Endpoints& endpoints, Services& services);
void add_key_endpoints(Endpoints& endpoints, Services& services);
void add_report_endpoints(Endpoints& endpoints, Services& services);
void add_sql_endpoints(Endpoints& endpoints, Services& services);
void add_page_endpoints(Endpoints& endpoints, Services& services);

}  // namespace tideline
