// AddressRule: which network addresses the program may connect to when somebody else names the
// target. Everything that is not the public internet is refused unless a setting allows it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tideline {

class AddressRule {
 public:
  // Networks that are allowed although they are not public: "10.1.0.0/16, fd00::/8, 127.0.0.1",
  // by commas or blanks; empty: none.
  [[nodiscard]] static Result<AddressRule> parse(std::string_view networks);

  // An address as the system has it: 4 or 16 bytes in network order; nothing else is allowed.
  // nullopt: it may be connected to; else why not, in a few words ("a private address").
  [[nodiscard]] std::optional<std::string> refusal(std::span<const std::uint8_t> address,
                                                   std::uint16_t port) const;
  // Whether the setting names it.
  [[nodiscard]] bool is_allowed_by_name(std::span<const std::uint8_t> address) const;

 private:
  struct Network {
    std::vector<std::uint8_t> address;
    unsigned bits = 0;
  };
  [[nodiscard]] static bool holds(const Network& network, std::span<const std::uint8_t> address);
  std::vector<Network> allowed_;
};

[[nodiscard]] bool is_loopback_address(std::span<const std::uint8_t> address);

}  // namespace tideline
