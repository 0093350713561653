#include "app/chat_service.h"

#include <fstream>

namespace tideline {
namespace {

constexpr std::size_t kChatAnswerBytes = 48 * 1024;

Result<std::string> key_of(const std::string& file) {
  if (file.empty()) return std::string();
  std::ifstream in(file);
  std::string line;
  if (!in || !std::getline(in, line))
    return fail(ErrorCode::io_failed, "cannot read a key from " + file + " (assistant.key_file)");
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

}  // namespace

Result<std::unique_ptr<ChatService>> ChatService::open(const Settings& settings) {
  CurlNotifierOptions options;
  auto rule = AddressRule::parse(settings.alerts.allowed_networks);
  if (!rule) return fail(rule.error().in("alerts.allowed_networks"));
  options.rule = std::move(*rule);
  options.user_agent = std::string("Tideline/") + TIDELINE_VERSION;
  options.timeout = settings.assistant.timeout;
  options.connect_timeout = std::min(options.connect_timeout, options.timeout);
  TRY_ASSIGN(std::string key, key_of(settings.assistant.key_file));
  TRY_ASSIGN(auto sender, CurlNotifier::open(std::move(options)));
  return std::unique_ptr<ChatService>(
      new ChatService(settings.assistant, std::move(key), std::move(sender)));
}

ChatService::ChatService(const AssistantSettings& settings, std::string key,
                         std::unique_ptr<CurlNotifier> sender)
    : url_(settings.url),
      model_(settings.model),
      key_(std::move(key)),
      sender_(std::move(sender)) {
  while (url_.ends_with('/')) url_.pop_back();
}

ChatService::~ChatService() { sender_->stop(); }

ChatOptions ChatService::options() {
  if (url_.empty()) return {};
  return {[this](const std::string& body) { return send(body); }, model_};
}

Result<std::string> ChatService::send(const std::string& body) {
  OutgoingRequest request;
  request.url = url_ + "/chat/completions";
  request.headers = {{"Content-Type", "application/json"}};
  if (!key_.empty()) request.headers.emplace_back("Authorization", "Bearer " + key_);
  request.body = body;
  request.answer_bytes_kept = kChatAnswerBytes;
  TRY_ASSIGN(RemoteAnswer answer, sender_->post(request));
  if (answer.status != 200)
    return fail(ErrorCode::unavailable,
                "the model's endpoint answered " + std::to_string(answer.status), "chat_status");
  return std::move(answer.body);
}

}  // namespace tideline
