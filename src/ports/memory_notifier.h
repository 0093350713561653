// MemoryNotifier: the Notifier that keeps what was sent and answers as it was told, for tests.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>

#include "ports/notifier.h"

namespace tideline {

// Thread-safe.
class MemoryNotifier final : public Notifier {
 public:
  using Answer = std::function<Result<RemoteAnswer>()>;

  Result<RemoteAnswer> post(const OutgoingRequest& request) override;
  Result<RemoteAnswer> mail(const OutgoingMail& mail) override;

  // From now on a target (URL, or first address of a mail) answers so; without it: 200.
  void answer(const std::string& target, Answer answer);
  void answer(const std::string& target, int status) {
    answer(target, [status] { return RemoteAnswer{status, "", std::nullopt, Duration(1)}; });
  }
  [[nodiscard]] std::vector<OutgoingRequest> requests() const;
  [[nodiscard]] std::vector<OutgoingMail> mails() const;

 private:
  Result<RemoteAnswer> answer_of(const std::string& target);

  mutable std::mutex mutex_;
  std::map<std::string, Answer> answers_;
  std::vector<OutgoingRequest> requests_;
  std::vector<OutgoingMail> mails_;
};

}  // namespace tideline
