#include "adapters/curl/curl_notifier.h"

#include <gmock/gmock.h>

#include "adapters/curl/test_far_end.h"
#include "ports/notifier_contract.h"

namespace tideline {
namespace {

AddressRule rule_of(const std::string& networks) {
  auto rule = AddressRule::parse(networks);
  EXPECT_TRUE(rule.has_value());
  return rule ? *rule : AddressRule();
}

std::unique_ptr<CurlNotifier> notifier(const std::string& networks,
                                       CurlNotifierOptions options = {}) {
  options.rule = rule_of(networks);
  auto opened = CurlNotifier::open(std::move(options));
  EXPECT_TRUE(opened.has_value());
  return opened ? std::move(*opened) : nullptr;
}

// A port where nobody listens: it was free a moment ago.
std::uint16_t closed_port() {
  const Listener gone([](int) {});
  return gone.port();
}

struct OverCurl {
  HttpFarEnd http;
  MailFarEnd smtp;
  std::unique_ptr<CurlNotifier> curl = make();

  std::unique_ptr<CurlNotifier> make() {
    CurlNotifierOptions options;
    options.mail_server = smtp.host();
    options.mail_security = MailSecurity::none;
    return tideline::notifier("127.0.0.1", std::move(options));
  }
  Notifier& notifier() { return *curl; }
  std::string url() { return http.url(); }
  void answer(int status, const std::string& body, std::optional<int> retry_after_s) {
    std::string head = std::to_string(status) + " So\r\n";
    if (retry_after_s) head += "Retry-After: " + std::to_string(*retry_after_s) + "\r\n";
    if (status == 302) head += "Location: http://127.0.0.1:1/elsewhere\r\n";
    http.answer(head, body);
  }
  std::vector<OutgoingRequest> received() { return http.received(); }
  std::string dead_url() { return "http://127.0.0.1:" + std::to_string(closed_port()) + "/"; }
  std::string mail_address() { return "ann@example.com"; }
  std::vector<OutgoingMail> mails() { return smtp.mails(); }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Curl, NotifierContract, OverCurl);

// Private and trick targets, PORT put in: each is tried for real, and the server that listens on
// all of loopback must not see one connection.
constexpr const char* kTargets[] = {
    "http://127.0.0.1:PORT/",
    "http://127.0.0.2:PORT/",
    "http://127.1:PORT/",
    "http://127.0.1:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f000001:PORT/",
    "http://0x7f.0.0.1:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://017700000001:PORT/",
    "http://0x7F.0x0.0x0.0x1:PORT/",
    "http://0177.0x0.0.1:PORT/",
    "http://127.0.0.1.:PORT/",
    "http://0.0.0.0:PORT/",
    "http://0:PORT/",
    "http://0x0:PORT/",
    "http://localhost:PORT/",
    "http://LOCALHOST:PORT/",
    "http://localhost.:PORT/",
    "http://sub.localhost:PORT/",
    "https://127.0.0.1:PORT/",
    "https://localhost:PORT/",
    "http://[::1]:PORT/",
    "http://[0:0:0:0:0:0:0:1]:PORT/",
    "http://[::]:PORT/",
    "http://[::127.0.0.1]:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[::ffff:0:127.0.0.1]:PORT/",
    "http://[64:ff9b::7f00:1]:PORT/",
    "http://[64:ff9b::127.0.0.1]:PORT/",
    "http://[2002:7f00:1::]:PORT/",
    "http://[2001::7f00:1]:PORT/",
    "http://[fe80::1]:PORT/",
    "http://[fc00::1]:PORT/",
    "http://[fd00::1]:PORT/",
    "http://[ff02::1]:PORT/",
    "http://[fec0::1]:PORT/",
    "http://10.0.0.1/",
    "http://10.255.255.254:8080/",
    "http://172.16.0.1/",
    "http://172.31.255.254/",
    "http://192.168.0.1/",
    "http://192.168.1.254:8443/",
    "http://169.254.169.254/latest/meta-data/",
    "http://0xa9fea9fe/",
    "http://2852039166/",
    "http://100.64.0.1/",
    "http://198.18.0.1/",
    "http://192.0.2.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://user@127.0.0.1:PORT/",
    "http://user:pass@127.0.0.1:PORT/",
    "http://8.8.8.8@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT@8.8.8.8/",
    "http://8.8.8.8#@127.0.0.1:PORT/",
    "http:127.0.0.1:PORT/",
    "ftp://127.0.0.1:PORT/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:PORT/_x",
    "dict://127.0.0.1:PORT/",
    "smtp://127.0.0.1:PORT/",
    "telnet://127.0.0.1:PORT/",
    "ldap://127.0.0.1:PORT/",
    "tftp://127.0.0.1:PORT/",
    "javascript:alert(1)",
    "//127.0.0.1:PORT/",
};

TEST(CurlNotifierTest, PrivateAndTrickAddressesAreRefused) {
  const HttpFarEnd far_end;
  CurlNotifierOptions options;
  options.connect_timeout = options.timeout = std::chrono::seconds(5);
  const auto curl = notifier("", std::move(options));
  std::size_t refused = 0;
  for (std::string url : kTargets) {
    const std::size_t port = url.find("PORT");
    if (port != std::string::npos) url.replace(port, 4, std::to_string(far_end.port()));
    const auto answer = curl->post({url, {}, "{}"});
    ASSERT_FALSE(answer.has_value()) << url;
    const ErrorCode code = answer.error().code;
    // Refused by its address or its form; a name that leads nowhere here is fine as well, a
    // time-out is not: then something was tried.
    EXPECT_TRUE(code == ErrorCode::refused || code == ErrorCode::invalid ||
                answer.error().message.find("resolve") != std::string::npos)
        << url << ": " << name_of(code) << " " << answer.error().message;
    refused += code == ErrorCode::refused || code == ErrorCode::invalid;
  }
  EXPECT_EQ(far_end.accepted(), 0);
  EXPECT_GE(refused, 40U);
  RecordProperty("refused", static_cast<int>(refused));
}

// The same server is reached where a setting names its network; so the refusals above are the
// rule's.
TEST(CurlNotifierTest, ASettingAllowsNetworks) {
  HttpFarEnd far_end;
  const auto curl = notifier("127.0.0.0/8");
  for (const char* host : {"127.0.0.1", "127.1", "2130706433", "0x7f.1", "localhost"}) {
    const auto answer =
        curl->post({"http://" + std::string(host) + ":" + std::to_string(far_end.port()), {}, ""});
    ASSERT_TRUE(answer.has_value()) << host << ": " << answer.error().message;
    EXPECT_EQ(answer->status, 200);
  }
  EXPECT_EQ(far_end.accepted(), 5);
}

TEST(CurlNotifierTest, FollowsNoRedirect) {
  HttpFarEnd first, second;
  first.answer("307 Elsewhere\r\nLocation: " + second.url() + "\r\n", "");
  const auto answer = notifier("127.0.0.1")->post({first.url(), {}, "{}"});
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status, 307);
  EXPECT_EQ(second.accepted(), 0);
}

TEST(CurlNotifierTest, IgnoresTheProxyOfTheEnvironment) {
  HttpFarEnd proxy, target;
  ::setenv("http_proxy", ("http://127.0.0.1:" + std::to_string(proxy.port())).c_str(), 1);
  const auto answer = notifier("127.0.0.1")->post({target.url(), {}, "{}"});
  ::unsetenv("http_proxy");
  EXPECT_TRUE(answer.has_value());
  EXPECT_EQ(proxy.accepted(), 0);
  EXPECT_EQ(target.accepted(), 1);
}

TEST(CurlNotifierTest, DoesNotWaitForEver) {
  std::atomic<bool> over = false;
  const Listener silent([&](int connection) {
    pollfd waiting{connection, POLLIN | POLLHUP, 0};
    char byte;
    // Until the other side hangs up.
    while (!over && ::poll(&waiting, 1, 100) >= 0 && ::recv(connection, &byte, 1, 0) > 0) {}
  });
  CurlNotifierOptions options;
  options.timeout = std::chrono::milliseconds(300);
  const auto answer = notifier("127.0.0.1", std::move(options))
                          ->post({"http://127.0.0.1:" + std::to_string(silent.port()), {}, "{}"});
  over = true;
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::timeout);
}

TEST(CurlNotifierTest, ALongAnswerIsCutAndStillAnAnswer) {
  HttpFarEnd far_end;
  far_end.answer("200 OK\r\n", std::string(1 << 20, 'x'));
  const auto answer = notifier("127.0.0.1")->post({far_end.url(), {}, "{}"});
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body.size(), kAnswerBytesKept);
}

TEST(CurlNotifierTest, StopsWhatIsUnderWay) {
  const auto curl = notifier("127.0.0.1");
  const Listener silent([&](int connection) {
    curl->stop();  // it is under way now
    char byte;
    while (::recv(connection, &byte, 1, 0) > 0) {}
  });
  const auto answer = curl->post({"http://127.0.0.1:" + std::to_string(silent.port()), {}, "{}"});
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
}

TEST(CurlNotifierTest, MailNeedsAServerAndEncryption) {
  const OutgoingMail mail{"a@example.com", {"b@example.com"}, "Subject: x\r\n\r\nx\r\n"};
  const auto none = notifier("")->mail(mail);
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().reason, "no_mail_server");

  MailFarEnd far_end;
  CurlNotifierOptions options;
  options.mail_server = far_end.host();
  const auto plain = notifier("", options)->mail(mail);  // it offers no STARTTLS
  EXPECT_FALSE(plain.has_value() && plain->status / 100 == 2);
  EXPECT_TRUE(far_end.mails().empty());
  options.mail_security = MailSecurity::none;
  const auto near = notifier("", options)->mail(mail);
  ASSERT_TRUE(near.has_value()) << near.error().message;
  EXPECT_EQ(far_end.mails().size(), 1U);
}

TEST(CurlNotifierTest, AMailServerThatRefusesIsAnAnswer) {
  MailFarEnd far_end;
  far_end.refuse_recipients();
  CurlNotifierOptions options;
  options.mail_server = far_end.host();
  options.mail_security = MailSecurity::none;
  const auto answer = notifier("", std::move(options))
                          ->mail({"a@example.com", {"b@example.com"}, "Subject: x\r\n\r\nx\r\n"});
  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(answer->status, 550);
}

}  // namespace
}  // namespace tideline
