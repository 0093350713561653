#include "learning/lapse.h"

#include <algorithm>
#include <numeric>
#include <string>

namespace tideline {
namespace {

constexpr int kLongestDays = 180;
constexpr int kFollowUpDays = 90;
constexpr int kFewestDays = 7;
constexpr int kDaysApart = 30;
constexpr std::size_t kMomentsMax = 12;
constexpr std::size_t kOfEachMin = 30;

std::size_t sum_of(const std::vector<std::size_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::size_t(0));
}

}  // namespace

LapseCounter::LapseCounter(const Pack& pack, Time first, Time now) : pack_(pack) {
  // A third of the history to be silent in, a third to come back in, a third to begin in.
  const int third = int((now - first) / kDay / 3);
  days_max_ = std::min(kLongestDays, third);
  follow_up_ = std::min(kFollowUpDays, third) * kDay;
  if (third < kFewestDays) return;
  const Time earliest = first + days_max_ * kDay;
  const Time latest = start_of_day(day_index(now - follow_up_));
  const auto room = int((latest - earliest) / kDay);
  const int step = std::max(kDaysApart, room / int(kMomentsMax - 1));
  for (Time t = latest; t >= earliest && moments_.size() < kMomentsMax; t -= step * kDay) {
    moments_.push_back(t);
  }
  came_back_.assign(std::size_t(days_max_) + 1, 0);
  stayed_away_ = came_back_;
}

void LapseCounter::add(History history) {
  const auto later = [](Time t, const Observation& o) { return t < o.time; };
  for (const Time t : moments_) {
    const auto after = std::upper_bound(history.begin(), history.end(), t, later);
    const auto end = std::upper_bound(after, history.end(), t + follow_up_, later);
    // Who was to end anyway tells nothing.
    if (std::any_of(history.begin(), end,
                    [&](const Observation& o) { return pack_.is_end(o.event); }))
      continue;
    const auto qualifies = [&](const Observation& o) { return pack_.is_qualifying(o.event); };
    const auto last = std::find_if(std::make_reverse_iterator(after), history.rend(), qualifies);
    if (last == history.rend()) continue;
    const auto silent = std::size_t((t - last->time + kDay - Duration{1}) / kDay);
    if (silent > std::size_t(days_max_)) continue;
    const bool back = std::any_of(after, end, qualifies);
    ++(back ? came_back_ : stayed_away_)[silent];
  }
}

Result<LapseCurve> LapseCounter::curve() const {
  LapseCurve curve;
  curve.follow_up_days = int(follow_up_ / kDay);
  curve.moments = moments_.size();
  curve.came_back = sum_of(came_back_);
  curve.stayed_away = sum_of(stayed_away_);
  if (std::min(curve.came_back, curve.stayed_away) < kOfEachMin) {
    return fail(ErrorCode::invalid,
                std::to_string(curve.came_back) + " customers came back and " +
                    std::to_string(curve.stayed_away) + " stayed away; a curve needs " +
                    std::to_string(kOfEachMin) + " of either",
                "insufficient_data");
  }
  double least = 3;
  std::size_t calm_back = came_back_[0];
  std::size_t calm_away = stayed_away_[0];
  for (int d = 1; d < days_max_; ++d) {
    calm_back += came_back_[std::size_t(d)];
    calm_away += stayed_away_[std::size_t(d)];
    LapsePoint point{d, 1 - double(calm_back) / double(curve.came_back),
                     double(calm_away) / double(curve.stayed_away),
                     curve.came_back - calm_back + curve.stayed_away - calm_away};
    if (point.type_1 + point.type_2 < least - 1e-12) {
      least = point.type_1 + point.type_2;
      curve.recommended = d;
    }
    curve.points.push_back(point);
  }
  return curve;
}

}  // namespace tideline
