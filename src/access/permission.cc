#include "access/permission.h"

#include "base/check.h"

namespace tideline {

std::string_view name_of(Permission permission) {
  switch (permission) {
    case Permission::open: return "open";
    case Permission::local: return "local";
    case Permission::ingest: return "ingest";
    case Permission::read: return "read";
    case Permission::act: return "act";
    case Permission::operate: return "operate";
    case Permission::administer: return "administer";
  }
  CHECK(false);
}

PermissionSet PermissionSet::closed() const {
  PermissionSet set = *this;
  if (set.has(Permission::administer)) set.add(Permission::operate);
  if (set.has(Permission::operate)) set.add(Permission::act);
  if (set.has(Permission::act)) set.add(Permission::read);
  return set;
}

std::optional<Permission> parse_scope(std::string_view text) {
  for (const Permission scope : kScopes) {
    if (name_of(scope) == text) return scope;
  }
  return std::nullopt;
}

std::string_view name_of(Role role) {
  switch (role) {
    case Role::viewer: return "viewer";
    case Role::analyst: return "analyst";
    case Role::operator_: return "operator";
    case Role::admin: return "admin";
  }
  CHECK(false);
}

std::optional<Role> parse_role(std::string_view text) {
  for (const Role role : kRoles) {
    if (name_of(role) == text) return role;
  }
  return std::nullopt;
}

PermissionSet permissions_of(Role role) {
  switch (role) {
    case Role::viewer: return {Permission::read};
    case Role::analyst: return PermissionSet{Permission::act}.closed();
    case Role::operator_: return PermissionSet{Permission::operate}.closed();
    case Role::admin: return PermissionSet{Permission::administer}.closed();
  }
  CHECK(false);
}

}  // namespace tideline
