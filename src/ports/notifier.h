// Notifier: sends one request or one mail to somebody outside. Two implementations: libcurl
// (adapters/curl) and MemoryNotifier; one contract suite over both (ports/notifier_contract.h).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace tideline {

// An HTTP POST.
struct OutgoingRequest {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::size_t answer_bytes_kept = 1024;  // of the answer's body; at most 48 KiB
};

struct OutgoingMail {
  std::string from;  // bare addresses
  std::vector<std::string> to;
  std::string text;  // head and body as RFC 5322 wants them
};

// What the other side said.
struct RemoteAnswer {
  int status = 0;    // HTTP's or SMTP's
  std::string body;  // its first answer_bytes_kept, of mail kAnswerBytesKept
  std::optional<Duration> retry_after;
  Duration took{};
};
inline constexpr std::size_t kAnswerBytesKept = 1024;

// Thread-safe. Redirects are answers like any other: nobody follows them.
class Notifier {
 public:
  virtual ~Notifier() = default;
  // Whatever status came back is an answer. Errors: `invalid` (no URL that can be sent to),
  // `refused` (an address that may not be reached), `timeout`, `unavailable` (nobody answered).
  [[nodiscard]] virtual Result<RemoteAnswer> post(const OutgoingRequest& request) = 0;
  // The same; `refused` also where no mail server is set.
  [[nodiscard]] virtual Result<RemoteAnswer> mail(const OutgoingMail& mail) = 0;
};

}  // namespace tideline
