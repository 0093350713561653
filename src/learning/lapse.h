// How long may a customer be silent before one takes it for gone? The curve of both errors over
// the lapse period D, from the folder's own history.
//
// At moments of the past, customers with a qualifying event not too long before are looked at:
// silent for more than D counts as taken for gone; whether it was so, the follow-up after the
// moment says. Type I: taken for gone, and came back. Type II: not taken for gone, and did not
// come back.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "learning/labels.h"
#include "packs/pack.h"

namespace tideline {

struct LapsePoint {
  int days = 0;           // D
  double type_1 = 0;      // of those who came back, the share taken for gone
  double type_2 = 0;      // of those who did not, the share not taken for gone
  std::size_t taken = 0;  // for gone
};

struct LapseCurve {
  std::vector<LapsePoint> points;  // D ascending, day by day
  int recommended = 0;             // D with the least sum of both errors; of equals the shortest
  int follow_up_days = 0;
  std::size_t moments = 0;
  std::size_t came_back = 0;  // customers, counted once a moment
  std::size_t stayed_away = 0;
};

class LapseCounter {
 public:
  // `first` and `now`: extent of the history. Moments are spread over it, at midnights, 30 days or
  // more apart, at most a dozen.
  LapseCounter(const Pack& pack, Time first, Time now);

  // One customer's past, sorted by time; each customer once, in any order.
  void add(History history);

  // invalid, reason insufficient_data: fewer than 30 customers came back or stayed away, or the
  // history is shorter than three weeks.
  [[nodiscard]] Result<LapseCurve> curve() const;

 private:
  const Pack& pack_;
  int days_max_ = 0;
  Duration follow_up_{};
  std::vector<Time> moments_;
  std::vector<std::size_t> came_back_;  // by days of silence, begun ones counted whole
  std::vector<std::size_t> stayed_away_;
};

}  // namespace tideline
