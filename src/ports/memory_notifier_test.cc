#include "ports/memory_notifier.h"

#include "ports/notifier_contract.h"

namespace tideline {
namespace {

struct InMemory {
  MemoryNotifier kept;
  Notifier& notifier() { return kept; }
  std::string url() { return "https://example.com/hook"; }
  void answer(int status, const std::string& body, std::optional<int> retry_after_s) {
    RemoteAnswer answer{status, body, std::nullopt, Duration(1)};
    if (retry_after_s) answer.retry_after = std::chrono::seconds(*retry_after_s);
    kept.answer(url(), [answer] { return answer; });
  }
  std::vector<OutgoingRequest> received() { return kept.requests(); }
  std::string dead_url() {
    kept.answer("https://dead.example.com/", []() -> Result<RemoteAnswer> {
      return fail(ErrorCode::unavailable, "nobody there", "not_reached");
    });
    return "https://dead.example.com/";
  }
  std::string mail_address() { return "ann@example.com"; }
  std::vector<OutgoingMail> mails() { return kept.mails(); }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, NotifierContract, InMemory);

}  // namespace
}  // namespace tideline
