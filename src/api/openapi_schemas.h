// The schemas of the OpenAPI document's components. Internal to src/api.
#pragma once

#include <map>
#include <string>

#include "packs/pack.h"

namespace tideline {

// Name to JSON Schema.
[[nodiscard]] std::map<std::string, std::string> openapi_schemas(const Pack& pack);
void add_rule_schemas(std::map<std::string, std::string>& schemas);        // rule_schemas.cc
void add_action_schemas(std::map<std::string, std::string>& schemas);      // action_schemas.cc
void add_insight_schemas(std::map<std::string, std::string>& schemas);     // insight_schemas.cc
void add_report_schemas(std::map<std::string, std::string>& schemas);      // report_schemas.cc
void add_evaluation_schemas(std::map<std::string, std::string>& schemas);  // evaluation_schemas.cc

}  // namespace tideline
