// AlertService: what a server does so that alerts reach people: looks after the program's own
// trouble, hands alerts out and sends them, on threads of its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "adapters/curl/curl_notifier.h"
#include "alerts/alerts.h"
#include "app/engine.h"

namespace tideline {

class AlertService {
 public:
  // Begins nothing. `engine` must outlive it.
  [[nodiscard]] static Result<std::unique_ptr<AlertService>> open(Engine& engine);
  ~AlertService();  // stops

  void start();
  // Ends what is under way within a second; it is tried again after the next start.
  void stop();

  [[nodiscard]] Alerts& alerts() { return alerts_; }
  [[nodiscard]] Notifier& notifier() { return *notifier_; }

 private:
  AlertService(Engine& engine, std::unique_ptr<CurlNotifier> notifier);
  void route_loop();
  void send_loop();
  [[nodiscard]] std::vector<Vital> vitals();
  bool rest(Duration duration);  // false: stop

  Engine& engine_;
  std::unique_ptr<CurlNotifier> notifier_;
  Alerts alerts_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tideline
