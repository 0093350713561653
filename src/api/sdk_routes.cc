// What the unmodified client libraries ask for beside ingest: their settings before they send
// anything, and a place for the figures about themselves.
//
// Both settings answers switch off all that a library would load from, or report to, its maker.
#include "api/json_writer.h"
#include "api/key_in_header.h"
#include "api/resources.h"

namespace tideline {
namespace {

// Of a library's figures about itself; they are not read.
constexpr std::size_t kLibraryFiguresBytesMax = 64 * 1024;
// Attempts that a browser makes before it drops an event (its own default: 10, some minutes).
constexpr int kBrowserAttempts = 100;

http::Response unknown_key(std::string_view key) {
  return problem_of({ErrorCode::unauthorized,
                     key.empty() ? "a key is needed: writeKey in the query, Basic or Bearer"
                                 : "the key is unknown or revoked",
                     "unknown_key"});
}

// "shop.example:3002" as the caller sees us, also behind a proxy; empty when it is no host name.
std::string own_host(const http::Headers& headers) {
  const auto forwarded = headers.get("X-Forwarded-Host");
  const std::string_view host = forwarded ? *forwarded : headers.get("Host").value_or("");
  const bool plain = host.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789.-_:[]") == std::string_view::npos;
  return plain ? std::string(host) : "";
}

std::string_view own_scheme(const http::Headers& headers) {
  const auto forwarded = headers.get("X-Forwarded-Proto");
  return forwarded && http::same_header_name(*forwarded, "https") ? "https" : "http";
}

// As Segment's settings host answers. Nothing but its own destination is switched on: no other
// bundle is loaded, no figures are sent to anybody.
std::string segment_settings(const std::string& key, const http::Headers& headers) {
  JsonWriter json;
  json.begin_object().key("integrations").begin_object().key("Segment.io").begin_object();
  json.member("apiKey", key);
  if (const std::string host = own_host(headers); !host.empty()) {
    json.member("apiHost", host + "/v1").member("protocol", own_scheme(headers));
  }
  json.key("unbundledIntegrations").begin_array().end_array();
  json.member("addBundledMetadata", true);
  json.key("httpConfig").begin_object();
  for (const char* part : {"rateLimitConfig", "backoffConfig"}) {
    json.key(part).begin_object().member("maxRetryCount", kBrowserAttempts).end_object();
  }
  json.end_object().end_object().end_object();
  for (const char* empty : {"plan", "edgeFunction", "middlewareSettings", "enabledMiddleware"}) {
    json.key(empty).begin_object().end_object();
  }
  json.key("remotePlugins").begin_array().end_array();
  json.key("metrics").begin_object().member("sampleRate", 0).end_object();
  return json.member("legacyVideoPluginsEnabled", false).end_object().take();
}

// As RudderStack's control plane answers: a source without destinations, whose library reports
// neither errors nor figures.
std::string rudder_source_config(const std::string& key, const SourceId& source, Time updated) {
  JsonWriter json;
  json.begin_object().member("isHosted", false).key("source").begin_object();
  json.member("id", source.str()).member("name", source.str()).member("writeKey", key);
  json.member("enabled", true).member("workspaceId", "tideline").member("updatedAt", updated);
  json.key("config").begin_object().key("statsCollection").begin_object();
  for (const char* part : {"errors", "metrics"}) {
    json.key(part).begin_object().member("enabled", false).end_object();
  }
  json.end_object().end_object();
  for (const char* empty : {"destinations", "connections"}) {
    json.key(empty).begin_array().end_array();
  }
  return json.end_object().end_object().take();
}

Endpoint described(const std::string& path, const std::string& name, const std::string& about) {
  Endpoint endpoint;
  endpoint.path = path;
  endpoint.name = name;
  endpoint.permission = Permission::ingest;
  endpoint.tag = "ingest";
  endpoint.about = about;
  endpoint.answers = {{"application/json", R"({"type":"object"})"}};
  endpoint.problems = {};
  endpoint.options.trailing_slash = true;
  endpoint.options.cors = true;
  return endpoint;
}

Endpoint settings_endpoint(Services& services) {
  Endpoint endpoint = described("/v1/projects/{key}/settings", "show_sdk_settings",
                                "Settings that Segment's libraries load before they send");
  endpoint.handler = [&services](const http::Request& request, http::Responder responder) {
    const std::string& key = request.param("key");
    if (!services.access.keys().source_of(key)) return responder(unknown_key(key));
    responder(http::json_response(segment_settings(key, request.headers)));
  };
  return endpoint;
}

Endpoint source_config_endpoint(Services& services) {
  Endpoint endpoint = described("/sourceConfig", "show_source_config",
                                "Settings that RudderStack's libraries load before they send");
  endpoint.query = {{"writeKey", "The key, where it does not come as Basic user or Bearer"}};
  endpoint.handler = [&services](const http::Request& request, http::Responder responder) {
    const std::string key = key_in_header(request).value_or(text_of(request.query, "writeKey"));
    const auto source = services.access.keys().source_of(key);
    if (!source) return responder(unknown_key(key));
    responder(http::json_response(rudder_source_config(key, *source, services.started)));
  };
  return endpoint;
}

Endpoint figures_endpoint() {
  Endpoint endpoint = described("/v1/m", "take_sdk_figures",
                                "Takes a library's figures about itself, which are not kept");
  endpoint.method = http::Method::post;
  endpoint.permission = Permission::open;  // libraries show no key here, and nothing is kept
  endpoint.body = {{"application/json", R"({"type":"object"})"}};
  endpoint.answers = {{"application/json", "#Success"}};
  endpoint.problems = {413};
  endpoint.options.wire_bytes_max = kLibraryFiguresBytesMax;
  endpoint.options.inflated_bytes_max = kLibraryFiguresBytesMax;
  endpoint.handler = [](const http::Request&, http::Responder responder) {
    responder(http::json_response(R"({"success":true})"));
  };
  return endpoint;
}

}  // namespace

void add_sdk_endpoints(Endpoints& endpoints, Services& services) {
  endpoints.push_back(settings_endpoint(services));
  endpoints.push_back(source_config_endpoint(services));
  endpoints.push_back(figures_endpoint());
}

}  // namespace tideline
