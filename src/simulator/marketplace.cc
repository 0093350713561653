#include "simulator/marketplace.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "simulator/customer_day.h"
#include "simulator/event_names.h"
#include "simulator/living_customers.h"
#include "simulator/world.h"

namespace tideline {
namespace {

constexpr std::uint32_t kMostCustomers = 10'000'000;
constexpr std::uint32_t kMostDays = 3'650;

// What of one future the label gone(horizon, lapse) looks at.
struct Future {
  std::vector<Time> qualifying;  // sorted
  std::vector<Time> cancelled;
  std::vector<Time> started;
};

Future live_on(const World& world, SimulatedCustomer life, std::int64_t first_day, Time until) {
  namespace names = marketplace_event;
  Future future;
  std::vector<Event> events;
  for (std::int64_t day = first_day; day <= day_index(until); ++day) {
    events.clear();
    CustomerDay(world, world.calendar().conditions(day), life, &events).live();
    for (const Event& event : events) {
      if (event.event_time <= start_of_day(first_day) || event.event_time > until) continue;
      const bool qualifies =
          event.name == names::kSessionCompleted || event.name == names::kPaymentSucceeded;
      if (qualifies) future.qualifying.push_back(event.event_time);
      if (event.name == names::kSubscriptionCancelled)
        future.cancelled.push_back(event.event_time);
      if (event.name == names::kSubscriptionStarted) future.started.push_back(event.event_time);
    }
  }
  std::sort(future.qualifying.begin(), future.qualifying.end());
  return future;
}

bool any_within(const std::vector<Time>& times, Time after, Time until) {
  return std::any_of(times.begin(), times.end(), [&](Time t) { return t > after && t <= until; });
}

// gone(horizon, lapse) as of t. A silence of `lapse` can only begin at t or right at a qualifying
// event.
bool is_gone(const Future& future, Time t, Duration horizon, Duration lapse) {
  if (!any_within(future.qualifying, t, t + lapse)) return true;
  for (const Time s : future.qualifying) {
    if (s <= t + horizon && !any_within(future.qualifying, s, s + lapse)) return true;
  }
  return std::any_of(future.cancelled.begin(), future.cancelled.end(), [&](Time cancelled) {
    return cancelled <= t + horizon && !any_within(future.started, cancelled, cancelled + lapse);
  });
}

}  // namespace

std::string_view name_of(DeclineCause cause) {
  constexpr std::array<std::string_view, kDeclineCauses> kNames = {
      "none",  "tutor",   "cancellations", "payments", "replies",
      "price", "support", "outage",        "goal",     "drift"};
  return kNames[static_cast<std::size_t>(cause)];
}

Result<MarketplaceSimulator> MarketplaceSimulator::open(const SimulationOptions& options) {
  if (options.customers < 1 || options.customers > kMostCustomers) {
    return fail(ErrorCode::invalid,
                "customers must be 1 to 10000000, not " + std::to_string(options.customers));
  }
  if (options.days < 1 || options.days > kMostDays) {
    return fail(ErrorCode::invalid, "days must be 1 to 3650, not " + std::to_string(options.days));
  }
  constexpr Time kEarliest = Time(std::chrono::sys_days(std::chrono::year(1981) / 1 / 1));
  constexpr Time kLatest = Time(std::chrono::sys_days(std::chrono::year(2199) / 1 / 1));
  if (options.end < kEarliest || options.end > kLatest) {
    return fail(ErrorCode::invalid,
                "the end of a simulated history must lie in the years 1981 to 2198");
  }
  return MarketplaceSimulator(std::make_unique<const World>(options));
}

MarketplaceSimulator::MarketplaceSimulator(std::unique_ptr<const World> world)
    : world_(std::move(world)) {}
MarketplaceSimulator::MarketplaceSimulator(MarketplaceSimulator&&) noexcept = default;
MarketplaceSimulator& MarketplaceSimulator::operator=(MarketplaceSimulator&&) noexcept = default;
MarketplaceSimulator::~MarketplaceSimulator() = default;

const SimulationOptions& MarketplaceSimulator::options() const { return world_->options(); }
Time MarketplaceSimulator::start() const { return world_->start(); }
std::uint32_t MarketplaceSimulator::customers() const { return world_->options().customers; }
std::uint32_t MarketplaceSimulator::tutors() const { return world_->tutors(); }

CustomerId MarketplaceSimulator::customer_id(std::uint32_t index) const {
  return world_->customer_id(index);
}

void MarketplaceSimulator::simulate_customer(std::uint32_t index, std::vector<Event>& out,
                                             Truth& truth) const {
  CHECK(index < customers());
  LivingCustomers alone(*world_, index, 1);
  std::vector<LatentSample> samples;
  const std::size_t begin = out.size();
  for (std::int64_t day = alone.first_day(); day <= world_->last_day(); ++day) {
    if (sample_due(*world_, day) && day > alone.customers()[0].joined_day) {
      samples.push_back(sample(alone.customers()[0], day));
    }
    alone.live_day(day, out);
  }
  const auto outside = [&](const Event& event) { return !in_history(*world_, event); };
  out.erase(std::remove_if(out.begin() + std::ptrdiff_t(begin), out.end(), outside), out.end());
  truth = truth_of(*world_, alone.customers()[0]);
  truth.samples = std::move(samples);
}

std::optional<double> MarketplaceSimulator::gone_probability(std::uint32_t index,
                                                             std::uint32_t days_in,
                                                             Duration horizon, Duration lapse,
                                                             std::uint32_t replicas) const {
  CHECK(index < customers() && days_in <= options().days && replicas > 0);
  const std::int64_t now = world_->first_day() + days_in;
  LivingCustomers alone(*world_, index, 1);
  if (alone.customers()[0].joined_day >= now) return std::nullopt;
  std::vector<Event> past;
  for (std::int64_t day = alone.first_day(); day < now; ++day) {
    past.clear();
    alone.live_day(day, past);
  }
  const Time t = start_of_day(now);
  std::uint32_t gone = 0;
  for (std::uint32_t i = 0; i < replicas; ++i) {
    SimulatedCustomer life = alone.customers()[0];
    const std::uint64_t number = (std::uint64_t{index} << 32) ^ (std::uint64_t{days_in} << 18) ^ i;
    life.rng = Rng::stream(options().seed, "future", number);
    const Future future = live_on(*world_, std::move(life), now, t + horizon + lapse);
    if (is_gone(future, t, horizon, lapse)) ++gone;
  }
  return static_cast<double>(gone) / replicas;
}

}  // namespace tideline
