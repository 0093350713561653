// Delivery: one message on its way to one receiver, and every attempt to get it there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "ports/notifier.h"

namespace tideline {

enum class DeliveryStatus : std::uint8_t { waiting, delivered, given_up, cancelled };
[[nodiscard]] std::string_view name_of(DeliveryStatus status);

struct Attempt {
  Time at{};
  Duration took{};
  int status = 0;      // HTTP's or SMTP's; 0: nobody answered
  std::string error;   // why nobody answered
  std::string answer;  // what was said, its first kAnswerBytesKept
};

struct Delivery {
  std::string id;  // webhook-id, and the mail's Message-ID; the same in every attempt
  std::string receiver;
  Time created{};
  std::string type;                 // "tier.entered", "digest", …
  std::string subject;              // one line for people
  std::vector<std::string> alerts;  // ids
  std::string body;                 // as sent; of mail the text with its head
  DeliveryStatus status = DeliveryStatus::waiting;
  bool only_once = false;         // a trial: not tried again
  Time next_try{};                // while waiting
  Time give_up_at{};              // the last try is made then
  std::uint32_t tries = 0;        // since it was made, or sent again by hand
  std::vector<Attempt> attempts;  // the oldest first; the first and the newest are kept
};

inline constexpr Duration kKeepTrying = kDay;
inline constexpr std::size_t kAttemptsKept = 40;

// How long to wait after the `tries`th failed attempt: 5 s, four times as long each time up to 2
// h, then a fifth more or less by `chance` (0 to 1), and at least what the other side asked for.
[[nodiscard]] Duration pause_after(std::uint32_t tries, std::optional<Duration> retry_after,
                                   double chance);

// Writes down an attempt and what follows from it: delivered, when to try again, or given up.
// `permanent`: trying again is of no use.
void note_attempt(Delivery& delivery, Attempt attempt, std::optional<Duration> retry_after,
                  bool permanent, double chance);

// From the start again, at once.
void try_again(Delivery& delivery, Time now);

}  // namespace tideline
