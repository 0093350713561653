// AskDesk: the assistant of a running server: its questions, its SQL and its readings of the API.
// Shared by the endpoints of /api/v1/ask and /mcp. Internal to src/api.
#pragma once

#include <functional>
#include <string>

#include "api/asking.h"
#include "api/endpoint.h"

namespace tideline {

// Sends the JSON of a chat to the endpoint that the settings name, and returns what it answered.
using SendChat = std::function<Result<std::string>(const std::string& body)>;
struct ChatOptions {
  SendChat send;      // empty: no model is asked
  std::string model;  // its name there
};

class AskDesk {
 public:
  // Keeps the handlers of those reads among `endpoints` that questions need.
  AskDesk(Services& services, const Endpoints& endpoints, ChatOptions chat);

  [[nodiscard]] const Asker& asker() const { return asker_; }
  [[nodiscard]] AskSources sources() const;
  [[nodiscard]] Time now() const { return services_.folder_now(); }
  // Gets work that runs queries to a thread; false: too much waits already.
  [[nodiscard]] bool in_background(std::function<void()> work) const;

 private:
  [[nodiscard]] Result<std::string> read(const std::string& path) const;

  Services& services_;
  Asker asker_;
  http::Router readings_;
  ChatOptions chat_;
};

}  // namespace tideline
