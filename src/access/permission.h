// Permission, Role and scope: what somebody may do. Pure.
//
// A role of a user and the scopes of a key both come to a PermissionSet; an endpoint names the one
// permission that it needs (api/endpoint.h), and that is all that is ever compared.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace tideline {

// read < act < operate < administer: who has one has those before it. ingest stands beside them:
// a key that writes events need not read any.
enum class Permission : std::uint8_t {
  open,        // anybody
  local,       // anybody on this machine; from elsewhere as read
  ingest,      // send events; keys only
  read,        // see customers, figures, the pipeline
  act,         // work on customers: actions, overrides, saved views
  operate,     // run the program: dead letters, models, tiers, alerts
  administer,  // users, keys, the audit log
};
[[nodiscard]] std::string_view name_of(Permission permission);

class PermissionSet {
 public:
  constexpr PermissionSet() = default;
  constexpr PermissionSet(std::initializer_list<Permission> permissions) {
    for (const Permission permission : permissions) add(permission);
  }
  // As kept on disk.
  [[nodiscard]] static constexpr PermissionSet from_bits(std::uint8_t bits) {
    PermissionSet set;
    set.bits_ = bits;
    return set;
  }
  [[nodiscard]] constexpr std::uint8_t bits() const { return bits_; }

  constexpr void add(Permission permission) { bits_ |= bit(permission); }
  [[nodiscard]] constexpr bool has(Permission permission) const {
    return (bits_ & bit(permission)) != 0;
  }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  // With every permission that one of these includes.
  [[nodiscard]] PermissionSet closed() const;
  bool operator==(const PermissionSet&) const = default;

 private:
  [[nodiscard]] static constexpr std::uint8_t bit(Permission permission) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(permission));
  }
  std::uint8_t bits_ = 0;
};

// What a key may be made for: ingest, read, act, operate, administer.
[[nodiscard]] std::optional<Permission> parse_scope(std::string_view text);
inline constexpr Permission kScopes[] = {Permission::ingest, Permission::read, Permission::act,
                                         Permission::operate, Permission::administer};

enum class Role : std::uint8_t { viewer, analyst, operator_, admin };
[[nodiscard]] std::string_view name_of(Role role);  // "viewer", "analyst", "operator", "admin"
[[nodiscard]] std::optional<Role> parse_role(std::string_view text);
[[nodiscard]] PermissionSet permissions_of(Role role);
inline constexpr Role kRoles[] = {Role::viewer, Role::analyst, Role::operator_, Role::admin};

}  // namespace tideline
