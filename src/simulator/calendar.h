// Calendar: what happens to the whole simulated marketplace: seasons, campaigns, price shocks and
// outages.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"

namespace tideline {

// A time in which something does not work for anybody.
struct Outage {
  Time from{};
  Time until{};           // exclusive
  bool payments = false;  // of the payment provider; else of the site
};

// What a UTC day is like for everybody.
struct DayConditions {
  std::int64_t day = 0;
  double season = 1;            // need of customers bound to the school year; about 1 over a year
  bool campaign = false;        // a campaign runs
  double price_level = 1;       // factor on every tutor's price; 1 is usual
  std::vector<Outage> outages;  // those that touch the day, in order
};

// A pure function of the seed, for every day from 1971 on.
class Calendar {
 public:
  explicit Calendar(std::uint64_t seed) : seed_(seed) {}

  [[nodiscard]] DayConditions conditions(std::int64_t day) const;
  [[nodiscard]] double season(std::int64_t day) const;
  [[nodiscard]] bool campaign(std::int64_t day) const;
  [[nodiscard]] double price_level(std::int64_t day) const;
  // How many join on a day, against a usual one; 0 .. kMostDraw.
  [[nodiscard]] double draw(std::int64_t day) const;
  static constexpr double kMostDraw = 3.0;

 private:
  void add_outages(std::int64_t day, std::vector<Outage>& out) const;
  std::uint64_t seed_;
};

}  // namespace tideline
