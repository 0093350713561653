#include "simulator/platform_figures.h"

#include <cmath>

namespace tideline {
namespace {

constexpr std::uint32_t kOutlookReplicas = 16;  // futures of the truth's outlook

// Windows begin every 28 days from the first day on and lie in the history with their 30 days.
bool begins_window(const PlatformWorld& world, std::int64_t day) {
  return day >= world.first_day() && (day - world.first_day()) % kScoreDays == 0 &&
         day + kChurnDays <= world.end_day();
}

Rng luck_of(const PlatformWorld& world, std::uint32_t index, std::int64_t day, std::uint32_t i) {
  const std::uint64_t number =
      (std::uint64_t{index} << 24) ^ (static_cast<std::uint64_t>(day) << 5) ^ i;
  return Rng::stream(world.options().seed, "platform future", number);
}

}  // namespace

PlatformSums& PlatformSums::operator+=(const PlatformSums& o) {
  windows = std::max(windows, o.windows);
  registered += o.registered;
  came += o.came;
  score += o.score;
  high += o.high;
  churned += o.churned;
  premium += o.premium;
  score_squared += o.score_squared;
  noise += o.noise;
  paid += o.paid;
  customer_days += o.customer_days;
  events += o.events;
  visit_days += o.visit_days;
  women += o.women;
  women_churned += o.women_churned;
  men += o.men;
  men_churned += o.men_churned;
  return *this;
}

PlatformFigures PlatformSums::figures() const {
  const auto share = [](double a, double b) { return b > 0 ? a / b : 0; };
  PlatformFigures out;
  out.windows = static_cast<std::uint32_t>(windows);
  out.engagement = share(score, came);
  out.high_share = share(high, came);
  out.churn = share(churned, registered);
  out.premium = share(premium, registered);
  out.revenue = 365 * share(paid, customer_days);
  out.engagement_of_all = share(score, registered);
  out.events_a_day = share(events, customer_days);
  out.active_a_day = share(visit_days, customer_days);
  const double variance =
      share(score_squared, registered) - out.engagement_of_all * out.engagement_of_all;
  out.noise_ceiling = variance > 0 ? 1 - share(noise, registered) / variance : 0;
  out.churn_gap = share(women_churned, women) - share(men_churned, men);
  return out;
}

PlatformWatch::PlatformWatch(const PlatformWorld& world, std::uint32_t index,
                             const PlatformBeginning& who)
    : world_(&world),
      index_(index),
      joined_day_(who.joined_day),
      woman_(who.gender == "woman"),
      man_(who.gender == "man") {}

void PlatformWatch::begin_outlook(const PlatformLife& life) {
  outlook_.emplace();
  outlook_->stage = life.stage;
  outlook_->churned = true;
  const std::int64_t day = world_->end_day() - kChurnDays;
  for (std::uint32_t i = 0; i < kOutlookReplicas; ++i) {
    const PlatformFuture future = live_on(life, luck_of(*world_, index_, day, 8 + i));
    outlook_->engagement_expected += future.engagement / kOutlookReplicas;
    outlook_->churn_expected += future.churned ? 1.0 / kOutlookReplicas : 0;
  }
}

void PlatformWatch::begin_window(std::int64_t day, const PlatformLife& life, PlatformSums& sums) {
  Window& window = windows_[std::size_t((day - world_->first_day()) / kScoreDays % 2)];
  window = {day, true, false, {}};
  sums.registered += 1;
  sums.premium += life.premium ? 1 : 0;
  sums.women += woman_ ? 1 : 0;
  sums.men += man_ ? 1 : 0;
  // Half the squared distance of two futures is an unbiased variance.
  const double one = live_on(life, luck_of(*world_, index_, day, 0)).engagement;
  const double two = live_on(life, luck_of(*world_, index_, day, 1)).engagement;
  sums.noise += (one - two) * (one - two) / 2;
}

void PlatformWatch::before(std::int64_t day, const PlatformLife& life, PlatformSums& sums) {
  if (joined_day_ >= day) return;  // joins today
  if (day == world_->end_day() - kChurnDays) begin_outlook(life);
  if (begins_window(*world_, day)) begin_window(day, life, sums);
}

void PlatformWatch::after(std::int64_t day, const PlatformDay& lived, PlatformSums& sums) {
  sums.customer_days += 1;
  sums.visit_days += lived.visit ? 1 : 0;
  for (Window& window : windows_) {
    if (!window.is_open) continue;
    const std::int64_t nth = day - window.begin;
    window.came |= lived.visit;
    if (nth < kScoreDays) window.score.add(lived);
    if (nth == kScoreDays - 1 && window.score.came()) {
      const double score = window.score.value();
      sums.came += 1;
      sums.score += score;
      sums.score_squared += score * score;
      sums.high += score > kHighEngagement ? 1 : 0;
    }
    if (nth < kChurnDays - 1) continue;
    window.is_open = false;
    const double churned = window.came ? 0 : 1;
    sums.churned += churned;
    sums.women_churned += woman_ ? churned : 0;
    sums.men_churned += man_ ? churned : 0;
  }
  if (!outlook_) return;
  if (lived.visit) outlook_->churned = false;
  if (day < world_->end_day() - kChurnDays + kScoreDays) outlook_score_.add(lived);
  if (day == world_->end_day() - 1) outlook_->engagement = outlook_score_.value();
}

}  // namespace tideline
