#include "simulator/customer_nature.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tideline {
namespace {

constexpr std::array<std::string_view, 5> kRegions = {"us_west", "us_east", "uk", "europe",
                                                      "india"};
constexpr std::array<std::int32_t, 5> kUtcOffsets = {-8, -5, 0, 1, 5};
constexpr std::array<double, 5> kRegionShares = {0.2, 0.35, 0.2, 0.15, 0.1};
constexpr std::array<std::string_view, 6> kSubjects = {"maths",   "physics", "english",
                                                       "spanish", "coding",  "music"};

// What tells the kinds apart; see docs/simulator.md.
struct KindProfile {
  std::string_view name;
  double share;            // of the customers
  double sessions_a_week;  // median
  double digital;          // factor
  double talkative;        // factor
  double seasonal;
  double restless;   // added
  double goal_from;  // days
  double goal_mean;  // days beyond
  double subscriber;
  double sensitivity;  // added to the sensitivity to prices
  double evening;      // chance of evening hours
};
constexpr std::array<KindProfile, kCustomerKinds> kKinds = {{
    {"pupil", 0.34, 1.6, 1.0, 1.0, 0.9, 0.0, 150, 700, 0.35, 0.0, 0.55},
    {"exam", 0.17, 2.5, 1.3, 1.2, 0.4, 0.0, 60, 150, 0.15, -0.1, 0.6},
    {"adult", 0.22, 1.2, 0.9, 0.7, 0.0, -0.1, 120, 600, 0.25, -0.1, 0.9},
    {"casual", 0.16, 1.0, 0.7, 0.7, 0.2, 0.55, 90, 500, 0.04, 0.15, 0.7},
    {"family", 0.11, 2.8, 1.2, 1.4, 0.7, -0.7, 250, 1000, 0.7, 0.1, 0.5},
}};

CustomerKind draw_kind(Rng& rng) {
  double left = rng.uniform();
  for (std::size_t i = 0; i + 1 < kCustomerKinds; ++i) {
    left -= kKinds[i].share;
    if (left < 0) return static_cast<CustomerKind>(i);
  }
  return static_cast<CustomerKind>(kCustomerKinds - 1);
}

std::uint8_t draw_region(Rng& rng) {
  double left = rng.uniform();
  for (std::uint8_t i = 0; i + 1U < kRegions.size(); ++i) {
    left -= kRegionShares[i];
    if (left < 0) return i;
  }
  return static_cast<std::uint8_t>(kRegions.size() - 1);
}

double draw_peak_hour(Rng& rng, double evening) {
  const double part = rng.uniform();
  if (part < evening) return rng.uniform(17.5, 20.5);
  if (part < evening + 0.7 * (1.0 - evening)) return rng.uniform(14.0, 17.0);
  return rng.uniform(8.5, 11.5);
}

}  // namespace

std::string_view name_of(CustomerKind kind) { return kKinds[static_cast<std::size_t>(kind)].name; }
std::string_view region_name(std::uint8_t region) { return kRegions[region]; }
std::string_view subject_name(std::uint8_t subject) { return kSubjects[subject]; }

Nature draw_nature(Rng& rng, bool by_campaign) {
  Nature n;
  n.kind = draw_kind(rng);
  const KindProfile& kind = kKinds[static_cast<std::size_t>(n.kind)];
  n.by_campaign = by_campaign;
  n.sessions_a_week = std::clamp(kind.sessions_a_week * std::exp(0.3 * rng.normal()), 0.7, 5.0);
  n.digital = kind.digital * rng.gamma(2.5, 0.4);
  n.talkative = kind.talkative * rng.gamma(2.0, 0.5);
  n.reply_hours = 2.5 * std::exp(0.8 * rng.normal());
  n.contact = rng.gamma(1.2, 1.0 / 1.2);
  n.cancel_rate = rng.beta(1.6, 18.0);
  n.no_show_rate = rng.beta(1.1, 45.0);
  n.reschedule_rate = rng.beta(1.4, 20.0);
  n.rating_share = rng.beta(3.0, 2.0);
  n.rating_bias = 0.35 * rng.normal();
  n.payment_failure = rng.beta(1.0, 40.0);
  const double sensitivity = rng.beta(2.0, 3.0) + kind.sensitivity + (by_campaign ? 0.25 : 0.0);
  n.price_sensitivity = std::clamp(sensitivity, 0.0, 1.0);
  n.subscriber = kind.subscriber;
  n.seasonal = kind.seasonal;
  n.mood = 1.2 + 0.5 * rng.normal();
  n.fragility = std::exp(0.4 * rng.normal());
  // Who needs and uses little is easier to lose.
  n.restless = kind.restless + 0.35 * rng.normal() - 0.9 * (n.digital - 1.0) -
               0.7 * std::log(n.sessions_a_week / 1.6) + (by_campaign ? 0.4 : 0.0);
  n.decline_days = rng.chance(0.15) ? 2.0 : 28.0;
  n.goal_days = kind.goal_from + rng.exponential(kind.goal_mean);
  n.weekend = std::exp(0.45 * rng.normal());
  n.region = draw_region(rng);
  n.utc_offset_h = kUtcOffsets[n.region];
  n.peak_hour = draw_peak_hour(rng, kind.evening);
  constexpr std::array<double, 4> kLengths = {30, 45, 60, 90};
  n.session_minutes = kLengths[rng.below(kLengths.size())];
  n.mobile = rng.chance(0.45);
  n.subject = static_cast<std::uint8_t>(rng.below(kSubjects.size()));
  return n;
}

}  // namespace tideline
