#include "ports/memory_notifier.h"

namespace tideline {

Result<RemoteAnswer> MemoryNotifier::post(const OutgoingRequest& request) {
  if (!request.url.starts_with("http://") && !request.url.starts_with("https://"))
    return fail(ErrorCode::invalid, request.url + " is no URL of http or https", "bad_url");
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  return answer_of(request.url);
}

Result<RemoteAnswer> MemoryNotifier::mail(const OutgoingMail& mail) {
  if (mail.to.empty()) return fail(ErrorCode::invalid, "a mail to nobody", "bad_address");
  {
    const std::lock_guard lock(mutex_);
    mails_.push_back(mail);
  }
  return answer_of(mail.to.front());
}

Result<RemoteAnswer> MemoryNotifier::answer_of(const std::string& target) {
  Answer answer;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = answers_.find(target); found != answers_.end()) answer = found->second;
  }
  if (!answer) return RemoteAnswer{200, "", std::nullopt, Duration(1)};
  auto given = answer();
  if (given && given->body.size() > kAnswerBytesKept) given->body.resize(kAnswerBytesKept);
  return given;
}

void MemoryNotifier::answer(const std::string& target, Answer answer) {
  const std::lock_guard lock(mutex_);
  answers_[target] = std::move(answer);
}

std::vector<OutgoingRequest> MemoryNotifier::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<OutgoingMail> MemoryNotifier::mails() const {
  const std::lock_guard lock(mutex_);
  return mails_;
}

}  // namespace tideline
