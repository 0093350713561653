// ChatService: the OpenAI-compatible endpoint of the settings assistant.*, for the wording of
// answers.
#pragma once

#include <memory>

#include "adapters/curl/curl_notifier.h"
#include "api/ask_desk.h"
#include "config/settings.h"

namespace tideline {

class ChatService {
 public:
  // A service that sends nothing where no endpoint is set.
  [[nodiscard]] static Result<std::unique_ptr<ChatService>> open(const Settings& settings);
  ~ChatService();  // what is under way ends
  ChatService(const ChatService&) = delete;
  ChatService& operator=(const ChatService&) = delete;

  // For make_routes; refers to this.
  [[nodiscard]] ChatOptions options();

 private:
  ChatService(const AssistantSettings& settings, std::string key,
              std::unique_ptr<CurlNotifier> sender);
  [[nodiscard]] Result<std::string> send(const std::string& body);

  std::string url_;
  std::string model_;
  std::string key_;
  std::unique_ptr<CurlNotifier> sender_;
};

}  // namespace tideline
