// Users and the audit log, for admins.
#include <charconv>

#include "api/background_handler.h"
#include "api/body_json.h"
#include "api/json_writer.h"
#include "api/prediction_json.h"
#include "api/resources.h"

namespace tideline {
namespace {

void write_user(JsonWriter& json, const Services& services, const User& user) {
  json.begin_object().member("name", user.name).member("role", name_of(user.role));
  json.member("disabled", user.disabled).member("created", user.created);
  json.member("last_login", user.last_login);
  json.member("sessions", services.access.sessions().count(user.name)).end_object();
}

http::Response user_response(const Services& services, const User& user) {
  JsonWriter json;
  write_user(json, services, user);
  return http::json_response(json.take());
}

Result<Role> role_named(const std::string& text) {
  if (const auto role = parse_role(text)) return *role;
  return fail(ErrorCode::invalid, "a role is viewer, analyst, operator or admin", "bad_parameter");
}

Result<http::Response> list_users(Services& services, const http::Request& request) {
  TRY(check_parameters(request.query, {}));
  JsonWriter json;
  begin_list(json);
  for (const User& user : services.access.users().list()) write_user(json, services, user);
  end_list(json, services, "");
  return http::json_response(json.take());
}

Result<http::Response> create_user(Services& services, const http::Request& request) {
  TRY_ASSIGN(const BodyJson body, BodyJson::parse(request.body, {"name", "role", "password"}));
  TRY_ASSIGN(const std::string name, body.text("name"));
  TRY_ASSIGN(const std::string role_text, body.text("role"));
  TRY_ASSIGN(const Role role, role_named(role_text));
  TRY_ASSIGN(const std::string password, body.text("password"));
  TRY_ASSIGN(const User user, services.access.create_user(request.caller, name, role, password));
  return user_response(services, user);
}

Result<http::Response> change_user(Services& services, const http::Request& request) {
  TRY_ASSIGN(const BodyJson body, BodyJson::parse(request.body, {"role", "disabled", "password"}));
  Users::Change change;
  TRY_ASSIGN(const auto role_text, body.text_or_none("role"));
  if (role_text) {
    TRY_ASSIGN(change.role, role_named(*role_text));
  }
  TRY_ASSIGN(change.disabled, body.yes_no_or_none("disabled"));
  TRY_ASSIGN(change.password, body.text_or_none("password"));
  TRY_ASSIGN(const User user,
             services.access.change_user(request.caller, request.param("name"), change));
  return user_response(services, user);
}

void write_entry(JsonWriter& json, const AuditEntry& entry) {
  json.begin_object().member("number", entry.number).member("time", entry.time);
  json.member("who", entry.who).member_or_null("role", entry.role).member("what", entry.what);
  json.member_or_null("target", entry.target).member("outcome", entry.outcome).end_object();
}

Result<http::Response> list_audit(Services& services, const http::Request& request) {
  TRY(check_parameters(request.query, {limit_parameter(), cursor_parameter()}));
  TRY_ASSIGN(const std::size_t limit, limit_of(request.query));
  const std::string cursor = text_of(request.query, "cursor");
  std::optional<std::uint64_t> before;
  if (!cursor.empty()) {
    std::uint64_t number = 0;
    const auto [end, error] =
        std::from_chars(cursor.data(), cursor.data() + cursor.size(), number);
    if (error != std::errc() || end != cursor.data() + cursor.size()) {
      return fail(ErrorCode::invalid, "the cursor is none of this list", "bad_parameter");
    }
    before = number;
  }
  TRY_ASSIGN(const AuditPage page, services.access.audit().list(before, limit));
  JsonWriter json;
  begin_list(json);
  for (const AuditEntry& entry : page.entries) write_entry(json, entry);
  end_list(json, services, page.more ? std::to_string(page.entries.back().number) : std::string());
  return http::json_response(json.take());
}

}  // namespace

void add_user_endpoints(Endpoints& endpoints, Services& services) {
  const std::string role = R"({"type":"string","enum":["viewer","analyst","operator","admin"]})";
  Endpoint list =
      access_endpoint(services, http::Method::get, Permission::administer, "/api/v1/users",
                      "list_users", "Users with their roles", list_users);
  list.answers = {{"application/json", "#UserList"}};
  list.problems = {400};
  endpoints.push_back(std::move(list));

  Endpoint create = access_endpoint(services, http::Method::post, Permission::administer,
                                    "/api/v1/users", "create_user", "Makes a user", create_user);
  create.body = {{"application/json",
                  R"({"type":"object","properties":{"name":{"type":"string"},"role":)" + role +
                      R"(,"password":{"type":"string"}},"required":["name","role","password"]})"}};
  create.answers = {{"application/json", "#User"}};
  create.problems = {400, 409, 413, 503, 507};
  endpoints.push_back(std::move(create));

  Endpoint change = access_endpoint(
      services, http::Method::patch, Permission::administer, "/api/v1/users/{name}", "change_user",
      "Changes a user's role or password, or disables them; all their sessions end", change_user);
  change.body = {{"application/json",
                  R"({"type":"object","properties":{"role":)" + role +
                      R"(,"disabled":{"type":"boolean"},"password":{"type":"string"}}})"}};
  change.answers = {{"application/json", "#User"}};
  change.problems = {400, 404, 409, 413, 503, 507};
  endpoints.push_back(std::move(change));

  Endpoint audit =
      access_endpoint(services, http::Method::get, Permission::administer, "/api/v1/audit",
                      "list_audit", "Who did what, newest first", list_audit);
  audit.query = {limit_parameter(), cursor_parameter()};
  audit.answers = {{"application/json", "#AuditList"}};
  audit.problems = {400};
  endpoints.push_back(std::move(audit));
}

}  // namespace tideline
