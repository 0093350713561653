#include "adapters/curl/curl_notifier.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include <curl/curl.h>

namespace tideline {
namespace {

constexpr std::size_t kAnswerBytesRead = 64 * 1024;  // what is longer ends the transfer

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListDeleter>;
struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlDeleter>;

void append(List& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return;
  static_cast<void>(list.release());
  list.reset(longer);
}

// One transfer: what libcurl's callbacks need, and what they found out.
struct Transfer {
  const AddressRule* rule = nullptr;
  const std::atomic<bool>* stopping = nullptr;
  bool is_mail = false;
  bool in_clear = false;    // nothing is encrypted on the way
  std::string refusal;      // why an address was not connected to; empty: none was refused
  std::string_view upload;  // what is left of a mail
  std::string answer;
  std::size_t answer_bytes = 0;
  std::size_t answer_bytes_kept = kAnswerBytesKept;
};

// The bytes of an address and its port; empty: neither IPv4 nor IPv6.
std::pair<std::span<const std::uint8_t>, std::uint16_t> parts_of(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    return {{reinterpret_cast<const std::uint8_t*>(&v4->sin_addr), 4}, ntohs(v4->sin_port)};
  }
  if (address->sa_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    return {{reinterpret_cast<const std::uint8_t*>(&v6->sin6_addr), 16}, ntohs(v6->sin6_port)};
  }
  return {};
}

std::string refusal_of(const Transfer& transfer, const sockaddr* address) {
  const auto [bytes, port] = parts_of(address);
  const bool is_near = is_loopback_address(bytes) || transfer.rule->is_allowed_by_name(bytes);
  // Who may set the mail server may name any; only what is not encrypted must stay near.
  if (transfer.is_mail)
    return transfer.in_clear && !is_near ? "an address to which nothing goes unencrypted" : "";
  if (auto why = transfer.rule->refusal(bytes, port)) return *why;
  if (transfer.in_clear && !transfer.rule->is_allowed_by_name(bytes))
    return "an address to which nothing goes unencrypted; use https";
  return {};
}

curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.refusal = refusal_of(transfer, &address->addr);
  if (!transfer.refusal.empty()) return CURL_SOCKET_BAD;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t take_answer(char* bytes, std::size_t, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.answer.append(bytes,
                         std::min(count, transfer.answer_bytes_kept - transfer.answer.size()));
  transfer.answer_bytes += count;
  return transfer.answer_bytes > kAnswerBytesRead ? 0 : count;
}

std::size_t give_upload(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t taken = std::min(size * count, transfer.upload.size());
  std::memcpy(bytes, transfer.upload.data(), taken);
  transfer.upload.remove_prefix(taken);
  return taken;
}

int look_for_stop(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return *static_cast<const Transfer*>(user)->stopping ? 1 : 0;
}

Result<Easy> new_easy(const CurlNotifierOptions& options, Transfer& transfer) {
  Easy easy(curl_easy_init());
  if (!easy) return fail(ErrorCode::internal, "libcurl gives no handle");
  CURL* h = easy.get();
  curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(h, CURLOPT_PROXY, "");  // none, whatever the environment says
  curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(h, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, long(options.connect_timeout.count()));
  curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, long(options.timeout.count()));
  curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, &transfer);
  curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, look_for_stop);
  curl_easy_setopt(h, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_answer);
  curl_easy_setopt(h, CURLOPT_WRITEDATA, &transfer);
  if (!options.ca_file.empty()) curl_easy_setopt(h, CURLOPT_CAINFO, options.ca_file.c_str());
  return easy;
}

Result<RemoteAnswer> perform(CURL* easy, Transfer& transfer) {
  char words[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, words);
  const CURLcode code = curl_easy_perform(easy);
  RemoteAnswer answer;
  long status = 0;
  curl_off_t took_us = 0, retry_after_s = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &took_us);
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after_s);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, nullptr);
  if (code == CURLE_COULDNT_CONNECT && !transfer.refusal.empty()) {
    return fail(ErrorCode::refused, "not connected: the target is " + transfer.refusal,
                "address_refused");
  }
  const std::string why = words[0] != '\0' ? words : curl_easy_strerror(code);
  // A mail server that says no is an answer; so is a body that is cut because it is too long.
  const bool answered =
      status > 0 && (transfer.is_mail ? status >= 400 || code == CURLE_OK
                                      : code == CURLE_OK || code == CURLE_WRITE_ERROR);
  if (!answered) {
    switch (code) {
      case CURLE_OPERATION_TIMEDOUT: return fail(ErrorCode::timeout, why, "timeout");
      case CURLE_URL_MALFORMAT:
      case CURLE_UNSUPPORTED_PROTOCOL: return fail(ErrorCode::invalid, why, "bad_url");
      default: return fail(ErrorCode::unavailable, why, "not_reached");
    }
  }
  answer.status = static_cast<int>(status);
  answer.body = code == CURLE_OK || !transfer.is_mail ? std::move(transfer.answer) : why;
  if (retry_after_s > 0) answer.retry_after = std::chrono::seconds(retry_after_s);
  answer.took = Duration(took_us / 1000);
  return answer;
}

// As libcurl itself reads it, so that nothing is looked at that is not also connected to.
Result<std::string> scheme_of(const std::string& text) {
  const Url url(curl_url());
  const CURLUcode parsed =
      curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER);
  if (parsed == CURLUE_USER_NOT_ALLOWED)
    return fail(ErrorCode::invalid, "the URL holds a user name or password", "bad_url");
  char* scheme = nullptr;
  if (parsed != CURLUE_OK || curl_url_get(url.get(), CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
    return fail(ErrorCode::invalid, "no URL that can be sent to", "bad_url");
  std::string name(scheme);
  curl_free(scheme);
  if (name != "http" && name != "https")
    return fail(ErrorCode::invalid, "a URL of " + name + "; https is allowed", "bad_url");
  return name;
}

}  // namespace

Result<std::unique_ptr<CurlNotifier>> CurlNotifier::open(CurlNotifierOptions options) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) return fail(ErrorCode::internal, "libcurl cannot be used");
  return std::unique_ptr<CurlNotifier>(new CurlNotifier(std::move(options)));
}

Result<RemoteAnswer> CurlNotifier::post(const OutgoingRequest& request) {
  TRY_ASSIGN(const std::string scheme, scheme_of(request.url));
  Transfer transfer;
  transfer.rule = &options_.rule;
  transfer.stopping = &stopping_;
  transfer.in_clear = scheme == "http";
  transfer.answer_bytes_kept = std::min(request.answer_bytes_kept, kAnswerBytesRead);
  TRY_ASSIGN(const Easy easy, new_easy(options_, transfer));
  List headers;
  for (const auto& [name, value] : request.headers) append(headers, name + ": " + value);
  append(headers, "Expect:");  // no waiting for 100 Continue
  CURL* h = easy.get();
  curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(h, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(h, CURLOPT_USERAGENT, options_.user_agent.c_str());
  curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(h, CURLOPT_POST, 1L);
  curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.size()));
  curl_easy_setopt(h, CURLOPT_POSTFIELDS, request.body.data());
  return perform(h, transfer);
}

Result<RemoteAnswer> CurlNotifier::mail(const OutgoingMail& mail) {
  if (mail.to.empty()) return fail(ErrorCode::invalid, "a mail to nobody", "bad_address");
  if (options_.mail_server.empty())
    return fail(ErrorCode::refused, "no mail server is set (alerts.mail_server)",
                "no_mail_server");
  Transfer transfer;
  transfer.rule = &options_.rule;
  transfer.stopping = &stopping_;
  transfer.is_mail = true;
  transfer.in_clear = options_.mail_security == MailSecurity::none;
  transfer.upload = mail.text;
  TRY_ASSIGN(const Easy easy, new_easy(options_, transfer));
  const bool from_start = options_.mail_security == MailSecurity::tls;
  const std::string url = (from_start ? "smtps://" : "smtp://") + options_.mail_server;
  const std::string from = "<" + mail.from + ">";
  List to;
  for (const std::string& address : mail.to) append(to, "<" + address + ">");
  CURL* h = easy.get();
  curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(h, CURLOPT_URL, url.c_str());
  curl_easy_setopt(h, CURLOPT_USE_SSL, long(transfer.in_clear ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  if (!options_.mail_user.empty()) {
    curl_easy_setopt(h, CURLOPT_USERNAME, options_.mail_user.c_str());
    curl_easy_setopt(h, CURLOPT_PASSWORD, options_.mail_password.c_str());
  }
  curl_easy_setopt(h, CURLOPT_MAIL_FROM, from.c_str());
  curl_easy_setopt(h, CURLOPT_MAIL_RCPT, to.get());
  curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(h, CURLOPT_READFUNCTION, give_upload);
  curl_easy_setopt(h, CURLOPT_READDATA, &transfer);
  return perform(h, transfer);
}

}  // namespace tideline
