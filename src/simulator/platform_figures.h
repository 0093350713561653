// Counting the baseline figures of a simulated platform while its lives are lived.
#pragma once

#include "simulator/platform_world.h"

namespace tideline {

// Sums of one range of customers; those of all ranges add up.
struct PlatformSums {
  std::uint64_t windows = 0;
  double registered = 0;  // customers at beginnings of windows
  double came = 0, score = 0, high = 0, churned = 0, premium = 0;
  double score_squared = 0;
  double noise = 0;  // variances of the score given the hidden state
  double paid = 0, customer_days = 0, events = 0, visit_days = 0;
  double women = 0, women_churned = 0, men = 0, men_churned = 0;

  PlatformSums& operator+=(const PlatformSums& other);
  [[nodiscard]] PlatformFigures figures() const;
};

// One customer's share in the figures.
class PlatformWatch {
 public:
  PlatformWatch(const PlatformWorld& world, std::uint32_t index, const PlatformBeginning& who);

  // Before and after each seen day is lived.
  void before(std::int64_t day, const PlatformLife& life, PlatformSums& sums);
  void after(std::int64_t day, const PlatformDay& lived, PlatformSums& sums);
  [[nodiscard]] const std::optional<PlatformTruth::Outlook>& outlook() const { return outlook_; }

 private:
  struct Window {
    std::int64_t begin = 0;
    bool is_open = false;
    bool came = false;
    EngagementScore score;
  };
  void begin_outlook(const PlatformLife& life);
  void begin_window(std::int64_t day, const PlatformLife& life, PlatformSums& sums);

  const PlatformWorld* world_;
  std::uint32_t index_;
  std::int64_t joined_day_;
  bool woman_, man_;
  // Of the older one only the last two days of its 30 are still open when the next begins.
  std::array<Window, 2> windows_;
  std::optional<PlatformTruth::Outlook> outlook_;
  EngagementScore outlook_score_;
};

}  // namespace tideline
