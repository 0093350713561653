#include "simulator/live_traffic.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "simulator/living_customers.h"

namespace tideline {
namespace {
constexpr double kSlowest = 0.01;
constexpr double kFastest = 10'000;
constexpr double kHighestBurst = 100;
constexpr Duration kPart = std::chrono::minutes(10);  // divides a day
// What began up to so long before a lane goes on in it, so that its rate is whole from its
// beginning on.
constexpr Duration kLookBack = std::chrono::hours(6);
// How far next_due looks ahead before it gives up.
constexpr Duration kLookAhead = 3 * kDay;

// Order of a heap with the earliest on top; equal times by id, so that it is the same always.
bool later(const Event& a, const Event& b) {
  return a.event_time != b.event_time ? a.event_time > b.event_time : a.message_id > b.message_id;
}

double beyond_the_lives(double rate) { return std::max(0.0, rate - 1.0); }

}  // namespace

LiveTraffic::LiveTraffic(const MarketplaceSimulator& simulator, const LiveOptions& options)
    : world_(&simulator.world()),
      options_(options),
      population_(std::make_unique<LivingCustomers>(*world_, 0, simulator.customers())),
      next_day_(world_->last_day() + 1),
      made_until_(world_->end() - world_->end().time_since_epoch() % kPart),
      position_(world_->end() - Duration(1)) {}
LiveTraffic::LiveTraffic(LiveTraffic&&) noexcept = default;
LiveTraffic& LiveTraffic::operator=(LiveTraffic&&) noexcept = default;
LiveTraffic::~LiveTraffic() = default;

Result<LiveTraffic> LiveTraffic::begin(const MarketplaceSimulator& simulator,
                                       const LiveOptions& options, const OnHistory& on_history) {
  if (!(options.speed >= kSlowest && options.speed <= kFastest)) {
    return fail(ErrorCode::invalid, "speed must be 0.01 to 10000");
  }
  LiveTraffic live(simulator, options);
  const World& world = *live.world_;
  std::vector<Event> block;
  for (std::int64_t day = live.population_->first_day(); day <= world.last_day(); ++day) {
    block.clear();
    live.population_->live_day(day, block);
    // The last day may go on after the end.
    for (Event& event : block) {
      if (event.event_time >= world.end()) live.push(std::move(event));
    }
    std::erase_if(block, [&](const Event& event) { return !in_history(world, event); });
    if (on_history && !block.empty()) on_history(block);
  }
  live.add_lane(beyond_the_lives(options.speed), world.end(), Time::max(), "a");
  return live;
}

Status LiveTraffic::plan_bursts(const BurstPlan& plan) {
  CHECK(bursts_.length == Duration{} && plan.first >= position_);
  if (!(plan.factor >= 1 && plan.factor <= kHighestBurst)) {
    return fail(ErrorCode::invalid, "the factor of a burst must be 1 to 100");
  }
  if (plan.length < Duration{} ||
      (plan.every != Duration{} && plan.length > Duration{} && plan.every <= plan.length)) {
    return fail(ErrorCode::invalid, "bursts must be shorter than the time from one to the next");
  }
  bursts_ = plan;
  if (plan.length == Duration{}) return {};
  next_burst_ = plan.first;
  add_bursts_before(made_until_);
  return {};
}

bool LiveTraffic::in_burst(Time t) const {
  if (bursts_.length == Duration{} || t < bursts_.first) return false;
  const Duration since = t - bursts_.first;
  return (bursts_.every == Duration{} ? since : since % bursts_.every) < bursts_.length;
}

double LiveTraffic::rate_at(Time t) const {
  return options_.speed * (in_burst(t) ? bursts_.factor : 1.0);
}

void LiveTraffic::push(Event event) {
  waiting_.push_back(std::move(event));
  std::push_heap(waiting_.begin(), waiting_.end(), later);
}

void LiveTraffic::add_lane(double times, Time from, Time until, std::string name) {
  if (times <= 0) return;
  const Time begin = from - kLookBack;
  const Time made = begin - begin.time_since_epoch() % kPart;  // no part crosses midnight
  lanes_.push_back(Lane{times, from, until, std::move(name), made});
  make_lane(lanes_.back(), made_until_);
}

void LiveTraffic::make_lane(Lane& lane, Time until) {
  until = std::min(until, lane.until);
  while (lane.made < until) {
    const Time next = lane.made + kPart;
    part_.clear();
    population_->live_part(lane.made, next, lane.times, lane.name, part_);
    for (Event& event : part_) {
      if (event.event_time >= lane.from && event.event_time < lane.until) push(std::move(event));
    }
    lane.made = next;
  }
}

void LiveTraffic::add_bursts_before(Time until) {
  while (next_burst_ < until) {
    const double usual = beyond_the_lives(options_.speed);
    const double burst = beyond_the_lives(options_.speed * bursts_.factor);
    add_lane(burst - usual, next_burst_, next_burst_ + bursts_.length,
             "b" + std::to_string(bursts_begun_++));
    next_burst_ = bursts_.every == Duration{} ? Time::max() : next_burst_ + bursts_.every;
  }
}

void LiveTraffic::live_next_day() {
  auto next = static_cast<std::uint32_t>(population_->customers().size());
  while (world_->joining_day(next) <= next_day_) population_->add(next++);
  part_.clear();
  population_->live_day(next_day_, part_);
  for (Event& event : part_) push(std::move(event));
  ++next_day_;
}

void LiveTraffic::make_next_part() {
  if (made_until_ == start_of_day(next_day_)) live_next_day();
  const Time until = made_until_ + kPart;
  add_bursts_before(until);
  for (Lane& lane : lanes_) make_lane(lane, until);
  std::erase_if(lanes_, [](const Lane& lane) { return lane.made >= lane.until; });
  made_until_ = until;
}

template <class Sink>
void LiveTraffic::pass_until(Time to, Sink&& sink) {
  if (to <= position_) return;
  for (;;) {
    const Time sure = std::min(to, made_until_ - Duration(1));
    while (!waiting_.empty() && waiting_.front().event_time <= sure) {
      std::pop_heap(waiting_.begin(), waiting_.end(), later);
      Event event = std::move(waiting_.back());
      waiting_.pop_back();
      const double rate = rate_at(event.event_time);
      if (event.event_time > position_ && (rate >= 1 || kept_at(rate, event)))
        sink(std::move(event));
    }
    if (sure == to) break;
    make_next_part();
  }
  position_ = to;
}

void LiveTraffic::take_until(Time to, std::vector<Event>& out) {
  pass_until(to, [&out](Event&& event) { out.push_back(std::move(event)); });
}

void LiveTraffic::skip_until(Time to) {
  pass_until(to, [](Event&&) {});
}

Time LiveTraffic::next_due() {
  const Time limit = made_until_ + kLookAhead;
  for (;;) {
    // The top may be passed over at a speed below 1.
    while (!waiting_.empty() && waiting_.front().event_time < made_until_) {
      const Event& next = waiting_.front();
      const double rate = rate_at(next.event_time);
      if (next.event_time > position_ && (rate >= 1 || kept_at(rate, next)))
        return next.event_time;
      std::pop_heap(waiting_.begin(), waiting_.end(), later);
      waiting_.pop_back();
    }
    if (made_until_ >= limit) return made_until_;
    make_next_part();
  }
}

const std::vector<SimulatedCustomer>& LiveTraffic::customers() const {
  return population_->customers();
}

}  // namespace tideline
