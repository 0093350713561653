// AlertSender: tries to get deliveries to their receivers, and keeps what came of every attempt.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "alerts/alert_records.h"
#include "alerts/message.h"
#include "alerts/receivers.h"
#include "base/clock.h"
#include "base/rng.h"
#include "ports/notifier.h"
#include "ports/state_store.h"

namespace tideline {

struct DeliveryPage {
  std::vector<Delivery> deliveries;  // newest first
  bool more = false;
};

// Thread-safe; a receiver gets one thing at a time.
class AlertSender {
 public:
  AlertSender(MessageStyle style, Receivers& receivers, StateStore& store, Notifier& notifier,
              const Clock& clock, std::uint64_t seed)
      : style_(std::move(style)),
        receivers_(receivers),
        store_(store),
        notifier_(notifier),
        clock_(clock),
        rng_(seed) {}

  // Tries one delivery that is due; false: none is, or those that are go to receivers that are
  // being spoken to.
  [[nodiscard]] Result<bool> send_one();

  // Newest first, at most `limit`, those before the delivery `before` where given.
  [[nodiscard]] Result<DeliveryPage> deliveries_of(const std::string& receiver,
                                                   const std::string& before, std::size_t limit);
  [[nodiscard]] Result<Delivery> show(const std::string& receiver, const std::string& id);
  // From the start again. conflict while it is being tried.
  [[nodiscard]] Result<Delivery> resend(const std::string& receiver, const std::string& id);
  // A message that says that it is a test; tried once, at once, also where the receiver is
  // switched off. conflict while the receiver is being spoken to.
  [[nodiscard]] Result<Delivery> send_test(const std::string& receiver);

 private:
  // Keeps a receiver to one thread for its lifetime.
  class Turn {
   public:
    Turn(AlertSender& sender, std::string receiver);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    [[nodiscard]] bool is_mine() const { return mine_; }

   private:
    AlertSender& sender_;
    std::string receiver_;
    bool mine_ = false;
  };

  [[nodiscard]] Result<std::optional<DueAt>> next_due(const std::set<std::string>& passed_over);
  Status attempt(const Receiver& receiver, Delivery& delivery);
  [[nodiscard]] Result<RemoteAnswer> speak(const Receiver& receiver, const Delivery& delivery,
                                           Time now);
  Status write(const Delivery& delivery, const std::string& old_due);
  [[nodiscard]] double chance();

  MessageStyle style_;
  Receivers& receivers_;
  StateStore& store_;
  Notifier& notifier_;
  const Clock& clock_;
  std::mutex mutex_;  // what follows
  Rng rng_;
  std::set<std::string> busy_;  // receivers that are being spoken to
};

}  // namespace tideline
