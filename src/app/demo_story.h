// DemoStory: tells on the terminal what a visitor of the demo can watch: one tutor turns bad, and
// the tiers of that tutor's customers move.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/engine.h"
#include "simulator/live_traffic.h"
#include "simulator/tutor_story.h"

namespace tideline {

// Not thread-safe. Prints to standard error, where the program's messages go.
class DemoStory {
 public:
  DemoStory(Engine& engine, std::uint16_t port) : engine_(engine), port_(port) {}

  // Begins the story of the traffic's tutor with the most content customers.
  void begin(const LiveTraffic& live, Time now);
  [[nodiscard]] bool begun() const { return begun_; }
  // Puts the story's events up to `now` in the place of its customers' ordinary ones, and tells
  // how it goes once a minute and at its end.
  void go_on(Time now, std::vector<Event>& due);

 private:
  using TierCounts = std::map<std::string, std::uint32_t>;
  [[nodiscard]] std::map<CustomerId, std::string> tiers_now() const;
  [[nodiscard]] std::string listed(const TierCounts& counts) const;
  void tell_beginning() const;
  void tell_state(Time now);

  Engine& engine_;
  std::uint16_t port_;
  bool begun_ = false;
  std::optional<TutorStory> story_;  // while it runs
  std::map<CustomerId, std::string> tiers_before_;
  Time next_telling_{};
};

}  // namespace tideline
