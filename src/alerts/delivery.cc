#include "alerts/delivery.h"

#include <algorithm>
#include <array>

namespace tideline {
namespace {

constexpr Duration kFirstPause = std::chrono::seconds(5);
constexpr Duration kLongestPause = std::chrono::hours(2);
constexpr std::int64_t kGrowth = 4;
constexpr double kJitter = 0.2;

}  // namespace

std::string_view name_of(DeliveryStatus status) {
  constexpr std::array<std::string_view, 4> kNames{"waiting", "delivered", "given_up",
                                                   "cancelled"};
  return kNames[static_cast<std::size_t>(status)];
}

Duration pause_after(std::uint32_t tries, std::optional<Duration> retry_after, double chance) {
  Duration pause = kFirstPause;
  for (std::uint32_t i = 1; i < tries && pause < kLongestPause; ++i) pause *= kGrowth;
  pause = std::min(pause, kLongestPause);
  const double factor = 1 + kJitter * (2 * chance - 1);
  pause = Duration(static_cast<Duration::rep>(static_cast<double>(pause.count()) * factor));
  return std::max(pause, retry_after.value_or(Duration(0)));
}

void note_attempt(Delivery& delivery, Attempt attempt, std::optional<Duration> retry_after,
                  bool permanent, double chance) {
  const bool good = attempt.status >= 200 && attempt.status < 300;
  const Time now = attempt.at + attempt.took;
  ++delivery.tries;
  delivery.attempts.push_back(std::move(attempt));
  if (delivery.attempts.size() > kAttemptsKept)
    delivery.attempts.erase(delivery.attempts.begin() + 1);
  if (good) {
    delivery.status = DeliveryStatus::delivered;
  } else if (permanent || delivery.only_once || now >= delivery.give_up_at) {
    delivery.status = DeliveryStatus::given_up;
  } else {
    delivery.next_try =
        std::min(now + pause_after(delivery.tries, retry_after, chance), delivery.give_up_at);
  }
}

void try_again(Delivery& delivery, Time now) {
  delivery.status = DeliveryStatus::waiting;
  delivery.next_try = now;
  delivery.give_up_at = now + kKeepTrying;
  delivery.tries = 0;
}

}  // namespace tideline
