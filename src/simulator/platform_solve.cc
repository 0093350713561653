#include "simulator/platform_solve.h"

#include <algorithm>
#include <cmath>
#include <thread>
#include <vector>

#include "simulator/platform_world.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 20260101;  // of lives that no history shows
constexpr std::int64_t kMoneyDays = 240;   // before the window, over which payments are counted
constexpr double kYear = 365;
constexpr int kMostSteps = 12;
constexpr double kGoodEnough = 5e-4;  // relative

struct Tally {
  double registered = 0, came = 0, score = 0, high = 0, churned = 0, premium = 0;
  double money_days = 0, price = 0, boosts = 0;

  Tally& operator+=(const Tally& o) {
    registered += o.registered;
    came += o.came;
    score += o.score;
    high += o.high;
    churned += o.churned;
    premium += o.premium;
    money_days += o.money_days;
    price += o.price;
    boosts += o.boosts;
    return *this;
  }
};

void add_life(const PlatformWorld& world, std::uint32_t index, Tally& tally) {
  PlatformBeginning life = world.begin(index);
  if (life.joined_day >= world.first_day()) return;
  const PlatformNature& nature = life.life.nature;
  for (std::int64_t day = life.lived_from; day < world.first_day(); ++day) {
    const PlatformDay lived = life.life.live_unseen();
    if (day < world.first_day() - kMoneyDays) continue;
    tally.money_days += 1;
    tally.price += lived.premium_paid ? nature.plan : 0;
    if (nature.pays && lived.visit)
      tally.boosts += nature.rates[std::size_t(PlatformDeed::boost_bought)];
  }
  tally.registered += 1;
  tally.premium += life.life.premium ? 1 : 0;
  EngagementScore score;
  bool came = false;
  for (int i = 0; i < kChurnDays; ++i) {
    const PlatformDay lived = life.life.live_day();
    if (i < kScoreDays) score.add(lived);
    came |= lived.visit;
  }
  tally.churned += came ? 0 : 1;
  if (!score.came()) return;
  tally.came += 1;
  tally.score += score.value();
  tally.high += score.value() > kHighEngagement ? 1 : 0;
}

PlatformOptions nobody(std::uint32_t customers) {
  PlatformOptions options;
  options.customers = customers;
  options.days = kChurnDays;
  options.end = Time(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));
  options.seed = kSeed;
  return options;
}

// Solves a 3 x 3 system by Cramer's rule; false when it is singular.
bool solve3(const double (&m)[3][3], const double (&b)[3], double (&x)[3]) {
  const auto det = [](const double(&a)[3][3]) {
    return a[0][0] * (a[1][1] * a[2][2] - a[1][2] * a[2][1]) -
           a[0][1] * (a[1][0] * a[2][2] - a[1][2] * a[2][0]) +
           a[0][2] * (a[1][0] * a[2][1] - a[1][1] * a[2][0]);
  };
  const double whole = det(m);
  if (!(std::abs(whole) > 1e-12)) return false;
  for (int k = 0; k < 3; ++k) {
    double with[3][3];
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) with[i][j] = j == k ? b[i] : m[i][j];
    }
    x[k] = det(with) / whole;
  }
  return true;
}

// The three levels that hang together, as numbers without bounds.
struct Knobs {
  double of[3];  // log of return_a_day, level, log of spread
};

PlatformLevels with(PlatformLevels levels, const Knobs& knobs) {
  levels.return_a_day = std::exp(knobs.of[0]);
  levels.level = knobs.of[1];
  levels.spread = std::exp(knobs.of[2]);
  return levels;
}

// How far an outcome is from the targets, as logarithms.
struct Misses {
  double of[3];
  [[nodiscard]] double largest() const {
    return std::max({std::abs(of[0]), std::abs(of[1]), std::abs(of[2])});
  }
};

Misses misses(const PlatformOutcome& outcome, const PlatformTargets& targets) {
  const auto log_ratio = [](double a, double b) { return std::log(std::max(a, 1e-9) / b); };
  return {{log_ratio(outcome.churn, targets.churn),
           log_ratio(outcome.engagement, targets.engagement),
           log_ratio(outcome.high_share, targets.high_share)}};
}

}  // namespace

PlatformOutcome outcome_at(const PlatformLevels& levels, std::uint32_t customers, int threads) {
  const PlatformWorld world(nobody(customers), levels);
  // Parts of fixed size, added up in order, so that the number of threads changes nothing.
  constexpr std::uint32_t kPart = 4096;
  std::vector<Tally> parts((customers + kPart - 1) / kPart);
  const auto work = [&](std::size_t lane) {
    for (std::size_t p = lane; p < parts.size(); p += std::size_t(std::max(1, threads))) {
      const auto from = std::uint32_t(p) * kPart;
      for (std::uint32_t i = from; i < std::min(customers, from + kPart); ++i)
        add_life(world, i, parts[p]);
    }
  };
  {
    std::vector<std::jthread> lanes;
    for (int t = 1; t < threads; ++t) lanes.emplace_back(work, std::size_t(t));
    work(0);
  }
  Tally all;
  for (const Tally& part : parts) all += part;
  const auto share = [](double a, double b) { return b > 0 ? a / b : 0; };
  PlatformOutcome outcome;
  outcome.engagement = share(all.score, all.came);
  outcome.high_share = share(all.high, all.came);
  outcome.churn = share(all.churned, all.registered);
  outcome.premium = share(all.premium, all.registered);
  outcome.price_share = kYear * share(all.price, all.money_days);
  outcome.boosts = kYear * kBoostPrice * share(all.boosts, all.money_days);
  return outcome;
}

Result<PlatformLevels> solve_from(PlatformLevels guess, const PlatformTargets& targets,
                                  std::uint32_t customers, int threads) {
  constexpr double kStep = 0.05;
  constexpr double kSmallestPart = 1.0 / 16;
  Knobs knobs{{std::log(guess.return_a_day), guess.level, std::log(guess.spread)}};
  PlatformOutcome outcome = outcome_at(with(guess, knobs), customers, threads);
  Misses now = misses(outcome, targets);
  bool is_nearer = true;
  for (int step = 0; step < kMostSteps && is_nearer && now.largest() > kGoodEnough; ++step) {
    double slopes[3][3];
    for (int k = 0; k < 3; ++k) {
      Knobs moved = knobs;
      moved.of[k] += kStep;
      const Misses then = misses(outcome_at(with(guess, moved), customers, threads), targets);
      for (int i = 0; i < 3; ++i) slopes[i][k] = (then.of[i] - now.of[i]) / kStep;
    }
    double change[3];
    if (!solve3(slopes, now.of, change)) break;
    // Near the end the steps of single lives mislead the slopes: a part of the way may be nearer.
    is_nearer = false;
    for (double part = 1; part >= kSmallestPart && !is_nearer; part /= 2) {
      Knobs tried = knobs;
      for (int k = 0; k < 3; ++k) tried.of[k] -= part * std::clamp(change[k], -0.5, 0.5);
      const PlatformOutcome there = outcome_at(with(guess, tried), customers, threads);
      const Misses then = misses(there, targets);
      is_nearer = then.largest() < now.largest();
      if (is_nearer) knobs = tried, outcome = there, now = then;
    }
  }
  PlatformLevels levels = with(guess, knobs);
  // Premium and what it brings are proportional to payers, revenue to price on top of boosts.
  const double more = targets.premium / std::max(outcome.premium, 1e-9);
  levels.payers = guess.payers * more;
  levels.price = (targets.revenue - outcome.boosts * more) / (outcome.price_share * more);
  // Shares move by whole lives.
  const double tolerance = 5e-3 + 2 / std::sqrt(double(customers));
  if (now.largest() > tolerance || !(levels.payers <= 1) || !(levels.price > 0.5)) {
    return fail(ErrorCode::invalid,
                "no platform of this kind has these figures together; ask for ones nearer to the "
                "usual ones",
                "usage");
  }
  return levels;
}

Result<PlatformLevels> solve_levels(const PlatformTargets& targets, std::uint32_t customers,
                                    int threads) {
  if (targets == PlatformTargets{}) return usual_levels();
  return solve_from(usual_levels(), targets, customers, threads);
}

PlatformLevels usual_levels() { return {0.00344305, -0.823185, 0.795387, 0.42101, 44.9563}; }

}  // namespace tideline
