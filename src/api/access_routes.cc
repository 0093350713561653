// Signing in and out: set-up, login, logout, who one is, one's own password.
#include "api/access_gate.h"
#include "api/background_handler.h"
#include "api/body_json.h"
#include "api/json_writer.h"
#include "api/resources.h"

namespace tideline {
namespace {

std::string cookie_text(const Services& services, std::string_view token, Duration lasts) {
  std::string cookie =
      std::string(kSessionCookie) + "=" + std::string(token) +
      "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" +
      std::to_string(std::chrono::duration_cast<std::chrono::seconds>(lasts).count());
  if (services.tls) cookie += "; Secure";
  return cookie;
}

std::string_view token_of(const http::Request& request) {
  return cookie_of(request.headers.get("Cookie").value_or(""), kSessionCookie);
}

// Who a caller is and what they may do; `csrf_token` is empty without a session.
std::string me_json(const Services& services, const Caller& caller, std::string_view csrf_token) {
  constexpr std::string_view kKinds[] = {"user", "key", "visitor", "command"};
  JsonWriter json;
  json.begin_object().member("kind", kKinds[static_cast<std::size_t>(caller.kind)]);
  json.member_or_null("name", caller.id);
  json.member_or_null("role", caller.role ? name_of(*caller.role) : "");
  json.key("permissions").begin_array();
  for (const Permission scope : kScopes) {
    if (caller.permissions.has(scope)) json.value(name_of(scope));
  }
  json.end_array().member_or_null("csrf_token", csrf_token);
  json.member("signs_in", !services.access.users().none());
  return json.end_object().take();
}

http::Response signed_in_response(const Services& services, const SignedIn& signed_in) {
  const User& user = signed_in.user;
  const Caller caller{Caller::Kind::user, user.name, permissions_of(user.role), user.role};
  http::Response response = http::json_response(me_json(services, caller, signed_in.csrf_token));
  response.headers.set("Set-Cookie", cookie_text(services, signed_in.token,
                                                 services.access.sessions().options().length_max));
  return response;
}

// A page of another site must not sign its visitor in as somebody it chose.
Status check_own_site(const http::Request& request) {
  if (!is_cross_site(request)) return {};
  return fail(ErrorCode::refused, "writes from pages of other sites are refused", "cross_site");
}

Result<http::Response> log_in(Services& services, const http::Request& request) {
  TRY(check_own_site(request));
  TRY_ASSIGN(const BodyJson body, BodyJson::parse(request.body, {"name", "password"}));
  TRY_ASSIGN(const std::string name, body.text("name"));
  TRY_ASSIGN(const std::string password, body.text("password"));
  Duration wait{};
  const auto signed_in = services.access.log_in(name, password, request.remote_address, wait);
  if (signed_in) return signed_in_response(services, *signed_in);
  http::Response refusal = problem_of(signed_in.error());
  if (wait > Duration(0) && refusal.problem) {
    refusal.problem->retry_after_s = static_cast<int>((wait.count() + 999) / 1000);
  }
  return refusal;
}

Result<http::Response> set_up(Services& services, const http::Request& request) {
  TRY(check_own_site(request));
  TRY_ASSIGN(const BodyJson body, BodyJson::parse(request.body, {"token", "name", "password"}));
  TRY_ASSIGN(const std::string token, body.text("token"));
  TRY_ASSIGN(const std::string name, body.text("name"));
  TRY_ASSIGN(const std::string password, body.text("password"));
  TRY_ASSIGN(const SignedIn signed_in, services.access.set_up(token, name, password));
  return signed_in_response(services, signed_in);
}

Result<http::Response> log_out(Services& services, const http::Request& request) {
  const std::string_view token = token_of(request);
  if (!token.empty()) TRY(services.access.log_out(token));
  http::Response response = http::json_response(R"({"signed_out":true})");
  response.headers.set("Set-Cookie", cookie_text(services, "", Duration(0)));
  return response;
}

Result<http::Response> show_me(Services& services, const http::Request& request) {
  const std::string& name = request.caller;
  if (name.starts_with("user:")) {
    const std::string_view token = token_of(request);
    const auto caller = services.access.caller_of_session(token);
    if (!caller) return fail(ErrorCode::unauthorized, "sign in", "not_signed_in");
    const std::string csrf_token = services.access.sessions().csrf_token_of(token);
    return http::json_response(me_json(services, *caller, csrf_token));
  }
  Caller caller;
  if (const auto source = source_of_caller(name)) {
    caller.kind = Caller::Kind::key;
    caller.id = source->str();
    caller.permissions =
        services.access.keys().scopes_of(caller.id).value_or(PermissionSet()).closed();
  } else if (name == kCommandCaller) {
    caller.permissions = permissions_of(Role::admin);
  } else {
    caller.kind = Caller::Kind::visitor;
    caller.role = services.visitor_role;
    caller.permissions = permissions_of(services.visitor_role.value_or(Role::viewer));
  }
  return http::json_response(me_json(services, caller, ""));
}

Result<http::Response> change_password(Services& services, const http::Request& request) {
  TRY_ASSIGN(const BodyJson body, BodyJson::parse(request.body, {"current", "password"}));
  TRY_ASSIGN(const std::string current, body.text("current"));
  TRY_ASSIGN(const std::string password, body.text("password"));
  if (!request.caller.starts_with("user:")) {
    return fail(ErrorCode::refused, "only a user has a password", "not_a_user");
  }
  const std::string name = request.caller.substr(std::string_view("user:").size());
  TRY(services.access.change_own_password(name, current, password, token_of(request)));
  return http::json_response(R"({"changed":true})");
}

std::string texts(std::string_view names) {
  JsonWriter json;
  json.begin_object().member("type", "object").key("properties").begin_object();
  std::string required;
  for (std::size_t at = 0; at < names.size();) {
    const std::size_t end = std::min(names.find(' ', at), names.size());
    const std::string_view name = names.substr(at, end - at);
    json.key(name).raw(R"({"type":"string"})");
    required += (required.empty() ? "\"" : ",\"") + std::string(name) + "\"";
    at = end + 1;
  }
  return json.end_object().key("required").raw("[" + required + "]").end_object().take();
}

}  // namespace

void add_access_endpoints(Endpoints& endpoints, Services& services) {
  Endpoint setup =
      access_endpoint(services, http::Method::post, Permission::open, "/api/v1/setup", "set_up",
                      "Makes the first admin, with the token of the set-up link that the "
                      "program printed, and signs them in",
                      set_up);
  setup.body = {{"application/json", texts("token name password")}};
  setup.answers = {{"application/json", "#Me"}};
  setup.problems = {400, 401, 403, 409, 413, 503, 507};
  endpoints.push_back(std::move(setup));

  Endpoint login =
      access_endpoint(services, http::Method::post, Permission::open, "/api/v1/login", "log_in",
                      "Signs a user in: sets the cookie of a session", log_in);
  login.body = {{"application/json", texts("name password")}};
  login.answers = {{"application/json", "#Me"}};
  login.problems = {400, 401, 403, 413, 429, 503, 507};
  endpoints.push_back(std::move(login));

  Endpoint logout = access_endpoint(services, http::Method::post, Permission::read,
                                    "/api/v1/logout", "log_out", "Ends the session", log_out);
  logout.answers = {{"application/json", R"({"type":"object"})"}};
  endpoints.push_back(std::move(logout));

  Endpoint me =
      access_endpoint(services, http::Method::post, Permission::read, "/api/v1/me", "show_me",
                      "Who the caller is, what they may do, and the token that their changes "
                      "need",
                      show_me);
  me.method = http::Method::get;
  me.answers = {{"application/json", "#Me"}};
  endpoints.push_back(std::move(me));

  Endpoint password = access_endpoint(
      services, http::Method::post, Permission::read, "/api/v1/me/password", "change_own_password",
      "Changes the caller's password; their other sessions end", change_password);
  password.body = {{"application/json", texts("current password")}};
  password.answers = {{"application/json", R"({"type":"object"})"}};
  password.problems = {400, 413, 429, 503, 507};
  endpoints.push_back(std::move(password));
}

}  // namespace tideline
