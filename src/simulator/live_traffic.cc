#include "simulator/live_traffic.h"

#include <algorithm>

#include "simulator/living_customers.h"

namespace tideline {
namespace {
constexpr double kSlowest = 0.01;
constexpr double kFastest = 10'000;
// Days that next_due looks ahead before it gives up: nobody may be left.
constexpr int kDaysAhead = 3;
}  // namespace

LiveTraffic::LiveTraffic(const MarketplaceSimulator& simulator, const LiveOptions& options)
    : world_(&simulator.world()),
      options_(options),
      population_(std::make_unique<LivingCustomers>(*world_, 0, simulator.customers())),
      next_day_(world_->last_day() + 1),
      position_(world_->end()) {}
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
    // The last day may go on after the end; there the live rate begins, so it is lived at speed.
    const bool last = day == world.last_day();
    live.population_->live_day(day, block, last ? std::max(1.0, options.speed) : 1.0);
    if (last) {
      const auto is_live = [&](const Event& event) { return event.event_time >= world.end(); };
      const auto split = std::find_if(block.begin(), block.end(), is_live);
      live.day_events_.assign(std::make_move_iterator(split),
                              std::make_move_iterator(block.end()));
      block.erase(split, block.end());
      std::erase_if(block, [](const Event& event) { return is_repeated(event); });
    }
    std::erase_if(block, [&](const Event& event) { return event.event_time < world.start(); });
    if (on_history && !block.empty()) on_history(block);
  }
  if (options.speed < 1) {
    std::erase_if(live.day_events_, [&](const Event& e) { return !kept_at(options.speed, e); });
  }
  return live;
}

void LiveTraffic::prepare_next_day() {
  day_events_.clear();
  taken_ = 0;
  auto next = static_cast<std::uint32_t>(population_->customers().size());
  while (world_->joining_day(next) <= next_day_) population_->add(next++);
  population_->live_day(next_day_, day_events_, options_.speed);
  ++next_day_;
}

void LiveTraffic::take_until(Time to, std::vector<Event>& out) {
  if (to <= position_) return;
  for (;;) {
    while (taken_ < day_events_.size() && day_events_[taken_].event_time <= to) {
      out.push_back(std::move(day_events_[taken_++]));
    }
    if (to < start_of_day(next_day_)) break;
    prepare_next_day();
  }
  position_ = to;
}

void LiveTraffic::skip_until(Time to) {
  std::vector<Event> passed;
  while (to > position_) {
    // A day at a time, so that a long absence needs no memory.
    passed.clear();
    take_until(std::min(to, position_ + kDay), passed);
  }
}

Time LiveTraffic::next_due() {
  for (int ahead = 0; taken_ >= day_events_.size() && ahead < kDaysAhead; ++ahead)
    prepare_next_day();
  return taken_ < day_events_.size() ? day_events_[taken_].event_time : start_of_day(next_day_);
}

}  // namespace tideline
