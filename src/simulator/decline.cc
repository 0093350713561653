#include "simulator/decline.h"

#include <algorithm>
#include <array>

namespace tideline {
namespace {

constexpr double kShare = 0.45;
constexpr double kMeanWait = 150;  // days of life before it begins, beyond kShortestWait
constexpr std::int64_t kShortestWait = 21;
constexpr std::int64_t kShortestLength = 40;
constexpr double kMeanLength = 70;  // days beyond the shortest
constexpr double kGrowing = 14;     // days

// Weights of tutor, cancellations, payments, replies, price, support, goal, drift.
using Weights = std::array<double, 8>;
constexpr std::array<DeclineCause, 8> kCauses = {
    DeclineCause::tutor,   DeclineCause::cancellations, DeclineCause::payments,
    DeclineCause::replies, DeclineCause::price,         DeclineCause::support,
    DeclineCause::goal,    DeclineCause::drift};
constexpr std::array<Weights, kCustomerKinds> kWeights = {{
    {5, 3, 2, 2, 2, 2, 1, 3},  // pupil
    {4, 3, 1, 2, 1, 1, 5, 1},  // exam
    {2, 3, 3, 2, 2, 2, 1, 4},  // adult
    {1, 2, 2, 2, 4, 1, 1, 5},  // casual
    {4, 3, 4, 1, 4, 3, 1, 1},  // family
}};

DeclineCause draw_cause(Rng& rng, const Weights& weights) {
  double sum = 0;
  for (const double weight : weights) sum += weight;
  double left = rng.uniform() * sum;
  for (std::size_t i = 0; i + 1 < weights.size(); ++i) {
    left -= weights[i];
    if (left < 0) return kCauses[i];
  }
  return kCauses.back();
}

}  // namespace

double Decline::level(std::int64_t day) const {
  if (cause == DeclineCause::none || day < begins || day >= ends) return 0;
  return strength * std::min(1.0, static_cast<double>(day - begins + 1) / kGrowing);
}

Decline draw_decline(Rng& rng, CustomerKind kind, std::int64_t from) {
  Decline decline;
  if (!rng.chance(kShare)) return decline;
  decline.cause = draw_cause(rng, kWeights[static_cast<std::size_t>(kind)]);
  decline.begins = from + kShortestWait + static_cast<std::int64_t>(rng.exponential(kMeanWait));
  decline.ends =
      decline.begins + kShortestLength + static_cast<std::int64_t>(rng.exponential(kMeanLength));
  decline.strength = rng.uniform(0.6, 1.3);
  return decline;
}

}  // namespace tideline
