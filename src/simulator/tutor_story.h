// TutorStory: a story to watch live: one tutor turns bad, and the customers of that tutor decline
// within minutes.
//
// Lives change over days and weeks; who watches a demo has minutes. So this decline is told on top
// of the lives: what a bad season brings, pressed into the story's length, at the clock's true
// times.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simulator/simulated_customer.h"

namespace tideline {

struct StoryOptions {
  Time begins{};
  Duration length = std::chrono::minutes(4);
  std::uint32_t customers_max = 30;
};

class TutorStory {
 public:
  // About the tutor with the most content customers; they must be those of `world`. nullopt where
  // no tutor has one.
  [[nodiscard]] static std::optional<TutorStory> plan(
      const World& world, const std::vector<SimulatedCustomer>& customers,
      const StoryOptions& options);

  [[nodiscard]] const std::string& tutor() const { return tutor_; }
  [[nodiscard]] const std::set<CustomerId>& customers() const { return customers_; }
  [[nodiscard]] Time begins() const { return options_.begins; }
  [[nodiscard]] Time ends() const { return options_.begins + options_.length; }

  // Appends the story's events with time up to `to` that were not taken before, in time order.
  void take_until(Time to, std::vector<Event>& out);
  // Whether an event of the ordinary lives does not happen: who declines goes about nothing else.
  [[nodiscard]] bool replaces(const Event& event) const {
    return event.event_time >= begins() && customers_.contains(event.customer);
  }

 private:
  TutorStory() = default;
  StoryOptions options_;
  std::string tutor_;
  std::set<CustomerId> customers_;
  std::vector<Event> events_;  // sorted by time
  std::size_t taken_ = 0;
};

}  // namespace tideline
