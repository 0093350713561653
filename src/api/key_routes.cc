// Keys of programs: list, create, revoke, for admins.
#include "api/background_handler.h"
#include "api/body_json.h"
#include "api/json_writer.h"
#include "api/prediction_json.h"
#include "api/resources.h"

namespace tideline {
namespace {

void write_scopes(JsonWriter& json, PermissionSet scopes) {
  json.key("scopes").begin_array();
  for (const Permission scope : kScopes) {
    if (scopes.has(scope)) json.value(name_of(scope));
  }
  json.end_array();
}

void write_key(JsonWriter& json, const ApiKey& key, Time now) {
  json.begin_object().member("id", key.id).member("prefix", key.prefix);
  write_scopes(json, key.scopes);
  json.member("created", key.created).member("expires", key.expires);
  json.member("last_used", key.last_used).member("revoked", key.revoked);
  json.member("expired", key.expires && *key.expires <= now).end_object();
}

Result<http::Response> list_keys(Services& services, const http::Request& request) {
  TRY(check_parameters(request.query, {}));
  TRY_ASSIGN(const auto keys, services.access.keys().list());
  JsonWriter json;
  begin_list(json);
  for (const ApiKey& key : keys) write_key(json, key, services.clock.now());
  end_list(json, services, "");
  return http::json_response(json.take());
}

Result<http::Response> create_key(Services& services, const http::Request& request) {
  TRY_ASSIGN(const BodyJson body, BodyJson::parse(request.body, {"id", "scopes", "expires"}));
  KeyWish wish;
  TRY_ASSIGN(const auto id, body.text_or_none("id"));
  wish.id = id.value_or("");
  TRY_ASSIGN(const auto scopes, body.texts("scopes"));
  wish.scopes = {};
  for (const std::string& text : scopes) {
    const auto scope = parse_scope(text);
    if (!scope) return fail(ErrorCode::invalid, "no scope \"" + text + "\"", "bad_scope");
    wish.scopes.add(*scope);
  }
  TRY_ASSIGN(wish.expires, body.time_or_none("expires"));
  TRY_ASSIGN(const NewKey key, services.access.create_key(request.caller, wish));
  JsonWriter json;
  json.begin_object().member("id", key.id).member("key", key.key);
  write_scopes(json, wish.scopes);
  return http::json_response(json.member("expires", wish.expires).end_object().take());
}

Result<http::Response> revoke_key(Services& services, const http::Request& request) {
  const std::string& id = request.param("id");
  TRY(services.access.revoke_key(request.caller, id));
  JsonWriter json;
  return http::json_response(
      json.begin_object().member("id", id).member("revoked", true).end_object().take());
}

}  // namespace

void add_key_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint list =
      access_endpoint(services, http::Method::get, Permission::administer, "/api/v1/keys",
                      "list_keys", "Keys of programs; never the keys themselves", list_keys);
  list.answers = {{"application/json", "#KeyList"}};
  list.problems = {400};
  endpoints.push_back(std::move(list));

  Endpoint create =
      access_endpoint(services, http::Method::post, Permission::administer, "/api/v1/keys",
                      "create_key", "Makes a key; it is shown only in this answer", create_key);
  create.body = {
      {"application/json",
       R"({"type":"object","properties":{"id":{"type":"string"},"scopes":{"type":"array",)"
       R"("items":{"type":"string","enum":["ingest","read","act","operate","administer"]}},)"
       R"("expires":{"type":"string","format":"date-time"}},"required":["scopes"]})"}};
  create.answers = {{"application/json", "#NewKey"}};
  create.problems = {400, 409, 413, 503, 507};
  endpoints.push_back(std::move(create));

  Endpoint revoke = access_endpoint(services, http::Method::post, Permission::administer,
                                    "/api/v1/keys/{id}/revoke", "revoke_key",
                                    "From now on the key opens nothing", revoke_key);
  revoke.answers = {{"application/json", R"({"type":"object"})"}};
  revoke.problems = {404, 503, 507};
  endpoints.push_back(std::move(revoke));
}

}  // namespace tideline
