// Alerts: from something that people should hear of to a message that arrived.
//
// Whoever makes it happen puts it into the AlertQueue with the write that makes it happen; the
// AlertRouter turns it into deliveries to those Receivers that want to hear of it; the AlertSender
// gets them there; the TroubleWatch tells of the program itself. Owns Family::alerts.
#pragma once

#include <optional>
#include <vector>

#include "alerts/alert_router.h"
#include "alerts/alert_sender.h"
#include "alerts/receivers.h"
#include "alerts/trouble_watch.h"

namespace tideline {

struct AlertOptions {
  AlertRouterOptions routing;
  TroubleOptions trouble;
  std::uint64_t seed = 0;  // of the pauses between attempts
};

struct AlertPage {
  std::vector<KeptAlert> alerts;  // newest first
  bool more = false;
};

class Alerts {
 public:
  Alerts(const AlertOptions& options, Receivers::RandomBytes random_bytes, const AlertQueue& queue,
         StateStore& store, Notifier& notifier, const Clock& clock)
      : store_(store),
        receivers_(std::move(random_bytes), store, clock),
        router_(options.routing, receivers_, store, clock),
        sender_(options.routing.style, receivers_, store, notifier, clock, options.seed),
        troubles_(options.trouble, queue, store, clock) {}

  [[nodiscard]] Receivers& receivers() { return receivers_; }
  [[nodiscard]] AlertRouter& router() { return router_; }
  [[nodiscard]] AlertSender& sender() { return sender_; }
  [[nodiscard]] TroubleWatch& troubles() { return troubles_; }

  // Newest first, at most `limit`, those before `before` (a key of an earlier page) where given.
  [[nodiscard]] Result<AlertPage> recent(const std::string& before, std::size_t limit);

 private:
  StateStore& store_;
  Receivers receivers_;
  AlertRouter router_;
  AlertSender sender_;
  TroubleWatch troubles_;
};

}  // namespace tideline
