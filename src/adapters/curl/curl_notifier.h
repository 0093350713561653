// CurlNotifier: the Notifier over libcurl: HTTP, HTTPS and SMTP.
//
// Which addresses it connects to is decided when it connects, by the address that the name led to:
// a name that leads elsewhere the second time, or a number written in a strange way, does not get
// past. No redirects, no proxies, no connection is used twice.
#pragma once

#include <atomic>
#include <memory>

#include "ports/address_rule.h"
#include "ports/notifier.h"

namespace tideline {

enum class MailSecurity : std::uint8_t {
  starttls,  // refused where the server has none
  tls,       // from the first byte
  none,      // to loopback and allowed networks only
};

struct CurlNotifierOptions {
  AddressRule rule;  // of targets of post(); plain HTTP goes only where it names the network
  std::string user_agent = "Tideline";
  Duration connect_timeout = std::chrono::seconds(10);
  Duration timeout = std::chrono::seconds(20);  // of the whole
  std::string mail_server;                      // HOST:PORT; empty: there is none
  MailSecurity mail_security = MailSecurity::starttls;
  std::string mail_user;  // empty: no login
  std::string mail_password;
  std::string ca_file;  // certificates that are trusted; empty: the system's
};

class CurlNotifier final : public Notifier {
 public:
  [[nodiscard]] static Result<std::unique_ptr<CurlNotifier>> open(CurlNotifierOptions options);

  Result<RemoteAnswer> post(const OutgoingRequest& request) override;
  Result<RemoteAnswer> mail(const OutgoingMail& mail) override;

  // What is under way ends within a second, as `unavailable`; so does all that comes.
  void stop() { stopping_ = true; }

 private:
  explicit CurlNotifier(CurlNotifierOptions options) : options_(std::move(options)) {}
  CurlNotifierOptions options_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace tideline
