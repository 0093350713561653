// AlertRouter: from alerts to deliveries: who wants to hear of it, what was told too lately, what
// waits for a digest. No threads.
//
// What an alert turns into and that it left the queue are one write, so that a crash neither loses
// an alert nor doubles it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "alerts/alert_records.h"
#include "alerts/message.h"
#include "alerts/receivers.h"
#include "base/clock.h"
#include "domain/token_bucket.h"
#include "ports/state_store.h"

namespace tideline {

struct AlertRouterOptions {
  MessageStyle style;
  // The same of one customer is told once in that time.
  Duration cooldown = kDay;
  // Dead letters of one reason and source are told once in that time, with how many more there
  // were.
  Duration dead_letter_cooldown = kHour;
  // Messages of one receiver; what is more is gathered into a digest.
  double messages_per_min = 30;
  Duration keep = 30 * kDay;  // alerts and what became of them
};

class AlertRouter {
 public:
  AlertRouter(AlertRouterOptions options, Receivers& receivers, StateStore& store,
              const Clock& clock)
      : options_(std::move(options)), receivers_(receivers), store_(store), clock_(clock) {}

  // Takes what waits in the queue, and digests that are due; how many alerts were taken.
  [[nodiscard]] Result<std::size_t> route();
  // Removes what is older than it is kept.
  Status remove_old();

  [[nodiscard]] const AlertRouterOptions& options() const { return options_; }

 private:
  struct Round;
  Status take_queue(Round& round);
  Status judge(Round& round, Alert alert);
  [[nodiscard]] Result<bool> is_told_lately(Round& round, Alert& alert);
  Status tell(Round& round, const Receiver& receiver, ToldAlert told);
  Status gather(Round& round, const Receiver& receiver, const ToldAlert& told, Duration window);
  Status send_digest(Round& round, const Receiver& receiver);
  void add_delivery(Round& round, const Receiver& receiver, const std::vector<ToldAlert>& alerts);
  [[nodiscard]] bool within_rate(const Receiver& receiver, Time now);

  AlertRouterOptions options_;
  Receivers& receivers_;
  StateStore& store_;
  const Clock& clock_;
  std::map<std::string, TokenBucket> rates_;  // by receiver
};

// A delivery that is to be tried at once.
[[nodiscard]] Delivery new_delivery(const Receiver& receiver, const std::vector<ToldAlert>& alerts,
                                    const MessageStyle& style, Time now);

}  // namespace tideline
