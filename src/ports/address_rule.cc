#include "ports/address_rule.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace tideline {
namespace {

using Bytes = std::span<const std::uint8_t>;

struct Special {
  const char* network;
  unsigned bits;
  const char* why;
};

// IANA's registries of special-purpose addresses (RFC 6890 and what followed), multicast, and what
// only tunnels to IPv4: those forms could carry a private address that is not looked at.
constexpr Special kSpecial4[] = {
    {"0.0.0.0", 8, "an address of this host"},
    {"10.0.0.0", 8, "a private address"},
    {"100.64.0.0", 10, "an address of a carrier's own network"},
    {"127.0.0.0", 8, "a loopback address"},
    {"169.254.0.0", 16, "a link-local address"},
    {"172.16.0.0", 12, "a private address"},
    {"192.0.0.0", 24, "a special address"},
    {"192.0.2.0", 24, "an address for examples"},
    {"192.88.99.0", 24, "a relay address"},
    {"192.168.0.0", 16, "a private address"},
    {"198.18.0.0", 15, "an address for benchmarks"},
    {"198.51.100.0", 24, "an address for examples"},
    {"203.0.113.0", 24, "an address for examples"},
    {"224.0.0.0", 4, "a multicast address"},
    {"240.0.0.0", 4, "a reserved address"},
};
constexpr Special kSpecial6[] = {
    {"::1", 128, "a loopback address"},
    {"::", 96, "a reserved address"},  // unspecified, and IPv4-compatible
    {"::ffff:0:0:0", 96, "an IPv4 address in disguise"},
    {"64:ff9b::", 96, "an IPv4 address in disguise"},  // NAT64
    {"64:ff9b:1::", 48, "an IPv4 address in disguise"},
    {"100::", 64, "an address that leads nowhere"},
    {"2001::", 23, "an IPv4 address in disguise"},  // Teredo and other special purposes
    {"2001:db8::", 32, "an address for examples"},
    {"2002::", 16, "an IPv4 address in disguise"},  // 6to4
    {"3fff::", 20, "an address for examples"},
    {"5f00::", 16, "a special address"},
    {"fc00::", 7, "a private address"},
    {"fe80::", 10, "a link-local address"},
    {"fec0::", 10, "a private address"},
    {"ff00::", 8, "a multicast address"},
};

std::vector<std::uint8_t> bytes_of(const std::string& text) {
  std::array<std::uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1)
    return {bytes.begin(), bytes.begin() + 4};
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return {bytes.begin(), bytes.end()};
  return {};
}

bool starts_with_bits(Bytes address, Bytes network, unsigned bits) {
  if (address.size() != network.size()) return false;
  const unsigned whole = bits / 8, rest = bits % 8;
  if (!std::equal(network.begin(), network.begin() + whole, address.begin())) return false;
  return rest == 0 || (address[whole] ^ network[whole]) >> (8 - rest) == 0;
}

// The IPv4 address that ::ffff:a.b.c.d means; else the address itself.
Bytes unmapped(Bytes address) {
  static const std::vector<std::uint8_t> mapped = bytes_of("::ffff:0.0.0.0");
  const bool is_mapped = address.size() == 16 && starts_with_bits(address, mapped, 96);
  return is_mapped ? address.subspan(12) : address;
}

template <std::size_t N>
std::optional<std::string> special(Bytes address, const Special (&list)[N]) {
  for (const Special& entry : list) {
    if (starts_with_bits(address, bytes_of(entry.network), entry.bits)) return entry.why;
  }
  return std::nullopt;
}

// Below 1024 live other services, which must not be spoken to by way of a URL.
bool is_web_port(std::uint16_t port) { return port == 80 || port == 443 || port >= 1024; }

}  // namespace

bool is_loopback_address(Bytes address) {
  const Bytes plain = unmapped(address);
  if (plain.size() == 4) return plain[0] == 127;
  return starts_with_bits(plain, bytes_of("::1"), 128);
}

Result<AddressRule> AddressRule::parse(std::string_view networks) {
  AddressRule rule;
  constexpr std::string_view kBetween = ", \t";
  while (true) {
    const std::size_t begin = networks.find_first_not_of(kBetween);
    if (begin == std::string_view::npos) return rule;
    const std::size_t end = std::min(networks.find_first_of(kBetween, begin), networks.size());
    const std::string text(networks.substr(begin, end - begin));
    networks.remove_prefix(end);
    const std::size_t slash = text.find('/');
    Network network{bytes_of(text.substr(0, slash)), 0};
    network.bits = static_cast<unsigned>(8 * network.address.size());
    bool good = !network.address.empty();
    if (good && slash != std::string::npos) {
      unsigned bits = 0;
      const char* last = text.data() + text.size();
      const auto parsed = std::from_chars(text.data() + slash + 1, last, bits);
      good = parsed.ec == std::errc{} && parsed.ptr == last && bits <= network.bits;
      network.bits = bits;
    }
    if (!good) {
      return fail(ErrorCode::invalid,
                  "\"" + text + "\" is no network; write it as 10.1.0.0/16 or fd00::/8",
                  "bad_network");
    }
    rule.allowed_.push_back(std::move(network));
  }
}

bool AddressRule::holds(const Network& network, Bytes address) {
  return starts_with_bits(address, network.address, network.bits);
}

bool AddressRule::is_allowed_by_name(Bytes address) const {
  const Bytes plain = unmapped(address);
  return std::any_of(allowed_.begin(), allowed_.end(),
                     [&](const Network& network) { return holds(network, plain); });
}

std::optional<std::string> AddressRule::refusal(Bytes address, std::uint16_t port) const {
  const Bytes plain = unmapped(address);
  if (plain.size() != 4 && plain.size() != 16) return "no address of the internet";
  if (is_allowed_by_name(address)) return std::nullopt;
  const auto why = plain.size() == 4 ? special(plain, kSpecial4) : special(plain, kSpecial6);
  if (why) return why;
  if (!is_web_port(port)) return "a port of another service";
  return std::nullopt;
}

}  // namespace tideline
