#include "ports/address_rule.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace tideline {
namespace {

std::vector<std::uint8_t> bytes_of(const std::string& text) {
  std::vector<std::uint8_t> bytes(text.find(':') == std::string::npos ? 4 : 16);
  EXPECT_EQ(::inet_pton(bytes.size() == 4 ? AF_INET : AF_INET6, text.c_str(), bytes.data()), 1)
      << text;
  return bytes;
}

bool is_refused(const AddressRule& rule, const std::string& address, std::uint16_t port = 443) {
  return rule.refusal(bytes_of(address), port).has_value();
}

TEST(AddressRuleTest, OnlyThePublicInternet) {
  const AddressRule rule;
  for (const char* address : {"0.0.0.0",
                              "0.1.2.3",
                              "10.0.0.1",
                              "10.255.255.255",
                              "100.64.0.1",
                              "100.127.255.255",
                              "127.0.0.1",
                              "127.255.255.254",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.0.1",
                              "192.0.2.1",
                              "192.88.99.1",
                              "192.168.1.1",
                              "198.18.0.1",
                              "198.19.255.255",
                              "198.51.100.7",
                              "203.0.113.9",
                              "224.0.0.1",
                              "239.255.255.255",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "::127.0.0.1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.0.0.1",
                              "::ffff:169.254.169.254",
                              "::ffff:0:127.0.0.1",
                              "64:ff9b::7f00:1",
                              "64:ff9b:1::a00:1",
                              "100::1",
                              "2001::1",
                              "2001:db8::1",
                              "2002:7f00:1::",
                              "2002:a00:1::1",
                              "3fff::1",
                              "5f00::1",
                              "fc00::1",
                              "fd12:3456::1",
                              "fe80::1",
                              "febf::1",
                              "fec0::1",
                              "ff02::1"}) {
    EXPECT_TRUE(is_refused(rule, address)) << address;
  }
  for (const char* address : {"1.1.1.1",           "8.8.8.8",
                              "9.255.255.255",     "11.0.0.0",
                              "100.63.255.255",    "100.128.0.0",
                              "126.255.255.255",   "128.0.0.1",
                              "169.253.255.255",   "172.15.255.255",
                              "172.32.0.0",        "192.167.255.255",
                              "192.169.0.0",       "198.17.255.255",
                              "198.20.0.0",        "223.255.255.255",
                              "::ffff:8.8.8.8",    "2606:4700:4700::1111",
                              "2a00:1450:4001::1", "2001:4860:4860::8888"}) {
    EXPECT_FALSE(is_refused(rule, address)) << address;
  }
}

TEST(AddressRuleTest, OnlyPortsOfTheWeb) {
  const AddressRule rule;
  for (const std::uint16_t port : {80, 443, 1024, 8080, 8443, 65535})
    EXPECT_FALSE(is_refused(rule, "8.8.8.8", port)) << port;
  for (const std::uint16_t port : {0, 22, 25, 110, 1023})
    EXPECT_TRUE(is_refused(rule, "8.8.8.8", port)) << port;
}

TEST(AddressRuleTest, WhatASettingNames) {
  const auto rule = AddressRule::parse("10.1.0.0/16, 127.0.0.1 fd00:1::/32,192.168.4.0/23");
  ASSERT_TRUE(rule.has_value());
  for (const char* address :
       {"10.1.2.3", "127.0.0.1", "::ffff:127.0.0.1", "fd00:1::7", "192.168.5.255"}) {
    EXPECT_FALSE(is_refused(*rule, address)) << address;
    EXPECT_TRUE(rule->is_allowed_by_name(bytes_of(address))) << address;
  }
  for (const char* address : {"10.2.0.1", "127.0.0.2", "fd00:2::7", "192.168.6.0", "::1"})
    EXPECT_TRUE(is_refused(*rule, address)) << address;
  EXPECT_FALSE(is_refused(*rule, "10.1.2.3", 25));
}

TEST(AddressRuleTest, ATextThatIsNoNetwork) {
  for (const char* text : {"10.0.0.0/33", "10.0.0/8", "localhost", "::/129", "10.0.0.0/", "1/2",
                           "10.0.0.0/8x", "10.0.0.0/-1"}) {
    EXPECT_FALSE(AddressRule::parse(text).has_value()) << text;
  }
  EXPECT_TRUE(AddressRule::parse("").has_value());
  EXPECT_TRUE(AddressRule::parse("0.0.0.0/0 ::/0").has_value());
}

}  // namespace
}  // namespace tideline
