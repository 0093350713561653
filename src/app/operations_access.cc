// Keys and users: what `tideline keys` and `tideline users` do to a folder.
#include "app/crypto.h"
#include "app/operations.h"

namespace tideline {
namespace {

Result<std::string> needed_text(const boost::json::object& arguments, const char* name) {
  TRY_ASSIGN(auto text, text_argument(arguments, name));
  if (!text) return fail(ErrorCode::invalid, std::string("no ") + name + " given", "bad_argument");
  return std::move(*text);
}

Json scopes_json(PermissionSet scopes) {
  boost::json::array names;
  for (const Permission scope : kScopes) {
    if (scopes.has(scope)) names.emplace_back(name_of(scope));
  }
  return names;
}

Json moment_json(const std::optional<Time>& moment) {
  return moment ? Json(format_time(*moment)) : Json(nullptr);
}

Result<std::optional<Role>> role_argument(const boost::json::object& arguments) {
  TRY_ASSIGN(const auto text, text_argument(arguments, "role"));
  if (!text) return std::optional<Role>();
  if (const auto role = parse_role(*text)) return role;
  return fail(ErrorCode::invalid, "a role is viewer, analyst, operator or admin", "usage");
}

Json to_json(const User& user) {
  return boost::json::object{{"name", user.name},
                             {"role", name_of(user.role)},
                             {"disabled", user.disabled},
                             {"created", format_time(user.created)},
                             {"last_login", moment_json(user.last_login)}};
}

// A password for somebody who gave none: told once, to be changed by the user.
std::string made_password() { return random_id().substr(0, 20); }

}  // namespace

Result<Json> list_keys(const OperationContext& context, const boost::json::object&) {
  TRY_ASSIGN(const auto keys, context.engine.access().keys().list());
  boost::json::array list;
  for (const ApiKey& key : keys) {
    list.push_back({{"id", key.id},
                    {"prefix", key.prefix},
                    {"scopes", scopes_json(key.scopes)},
                    {"created", format_time(key.created)},
                    {"expires", moment_json(key.expires)},
                    {"last_used", moment_json(key.last_used)},
                    {"revoked", key.revoked}});
  }
  return Json(boost::json::object{{"keys", std::move(list)}});
}

Result<Json> create_key(const OperationContext& context, const boost::json::object& arguments) {
  KeyWish wish;
  TRY_ASSIGN(const auto id, text_argument(arguments, "id"));
  wish.id = id.value_or("");
  TRY_ASSIGN(const auto scopes, list_argument(arguments, "scopes"));
  if (!scopes.empty()) wish.scopes = {};
  for (const std::string& text : scopes) {
    const auto scope = parse_scope(text);
    if (!scope) return fail(ErrorCode::invalid, "no scope " + text, "usage");
    wish.scopes.add(*scope);
  }
  TRY_ASSIGN(const auto expires, text_argument(arguments, "expires"));
  if (expires) {
    wish.expires = parse_time(*expires);
    if (!wish.expires) {
      return fail(ErrorCode::invalid, "no RFC 3339 time: " + *expires, "usage");
    }
  }
  TRY_ASSIGN(const NewKey key, context.engine.access().create_key(kCommandCaller, wish));
  return Json(boost::json::object{{"id", key.id},
                                  {"key", key.key},
                                  {"scopes", scopes_json(wish.scopes)},
                                  {"expires", moment_json(wish.expires)}});
}

Result<Json> revoke_key(const OperationContext& context, const boost::json::object& arguments) {
  TRY_ASSIGN(const std::string id, needed_text(arguments, "id"));
  TRY(context.engine.access().revoke_key(kCommandCaller, id));
  return Json(boost::json::object{{"id", id}, {"revoked", true}});
}

Result<Json> list_users(const OperationContext& context, const boost::json::object&) {
  boost::json::array list;
  for (const User& user : context.engine.access().users().list()) list.push_back(to_json(user));
  return Json(boost::json::object{{"users", std::move(list)}});
}

Result<Json> create_user(const OperationContext& context, const boost::json::object& arguments) {
  TRY_ASSIGN(const std::string name, needed_text(arguments, "name"));
  TRY_ASSIGN(const auto role, role_argument(arguments));
  TRY_ASSIGN(const auto given, text_argument(arguments, "password"));
  const std::string password = given.value_or(made_password());
  TRY_ASSIGN(const User user, context.engine.access().create_user(
                                  kCommandCaller, name, role.value_or(Role::viewer), password));
  Json result = to_json(user);
  if (!given) result.as_object()["password"] = password;
  return result;
}

Result<Json> change_user(const OperationContext& context, const boost::json::object& arguments) {
  TRY_ASSIGN(const std::string name, needed_text(arguments, "name"));
  Users::Change change;
  TRY_ASSIGN(change.role, role_argument(arguments));
  TRY_ASSIGN(change.password, text_argument(arguments, "password"));
  const auto says_yes = [&](const char* member) {
    const Json* value = arguments.if_contains(member);
    return value != nullptr && value->is_bool() && value->get_bool();
  };
  if (says_yes("disable")) change.disabled = true;
  if (says_yes("enable")) change.disabled = false;
  const bool make = says_yes("make_password");
  if (make) change.password = made_password();
  TRY_ASSIGN(const User user, context.engine.access().change_user(kCommandCaller, name, change));
  Json result = to_json(user);
  if (make) result.as_object()["password"] = *change.password;
  return result;
}

}  // namespace tideline
