// World: what the lives of a simulated marketplace share: its days, its tutors, its seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/rng.h"
#include "simulator/calendar.h"
#include "simulator/marketplace.h"

namespace tideline {

// What stays of a tutor; the quality of a day is World::tutor_quality.
struct Tutor {
  double quality = 0;          // 0..1, long-run mean quality of the sessions
  double availability = 0;     // 0..1, chance that a request is accepted
  double reply_hours = 0;      // median time to answer
  double cancel_rate = 0;      // chance that the tutor cancels a booked session
  double hourly_price = 0;     // USD
  double public_rating = 0;    // 1..5, as the marketplace shows it
  std::uint8_t free_days = 0;  // bit w: does not teach on weekday w, 0 is Sunday
};

// Immutable; all of it is a pure function of the options.
class World {
 public:
  explicit World(
      const SimulationOptions& options);  // options must have passed MarketplaceSimulator::open

  [[nodiscard]] const SimulationOptions& options() const { return options_; }
  [[nodiscard]] Time start() const { return start_; }
  [[nodiscard]] Time end() const { return options_.end; }
  // UTC days of the history, last included; the first and last may be cut by start and end.
  [[nodiscard]] std::int64_t first_day() const { return first_day_; }
  [[nodiscard]] std::int64_t last_day() const { return last_day_; }

  [[nodiscard]] std::uint32_t tutors() const { return static_cast<std::uint32_t>(tutors_.size()); }
  [[nodiscard]] const Tutor& tutor(std::uint32_t index) const { return tutors_[index]; }
  [[nodiscard]] std::string tutor_id(std::uint32_t index) const;  // "t0001" for index 0
  // Quality of a tutor's sessions on a day, 0..1: the mean moved by a slow wave, lowered while the
  // tutor is in trouble.
  [[nodiscard]] double tutor_quality(std::uint32_t index, std::int64_t day) const;
  // 0..1: how far a tutor has turned bad: teaches carelessly, cancels, answers late. Comes over a
  // tutor now and then for one to two months.
  [[nodiscard]] double tutor_trouble(std::uint32_t index, std::int64_t day) const;
  // Whether the tutor is there on a day: neither free nor on holiday.
  [[nodiscard]] bool tutor_works(std::uint32_t index, std::int64_t day) const;
  [[nodiscard]] const Calendar& calendar() const { return calendar_; }

  [[nodiscard]] CustomerId customer_id(std::uint32_t index) const;
  // First day of a customer. Below options().customers it lies before the history or in it;
  // customers from there on join after the end, in order, at the pace at which customers joined
  // during the history.
  [[nodiscard]] std::int64_t joining_day(std::uint32_t index) const;
  // "CUSTOMER-TAG-": the part of message ids that tells worlds apart.
  [[nodiscard]] std::string message_prefix(const CustomerId& customer) const;

 private:
  SimulationOptions options_;
  Calendar calendar_;
  Time start_{};
  std::int64_t first_day_ = 0;
  std::int64_t last_day_ = 0;
  std::string tag_;
  std::vector<Tutor> tutors_;
};

}  // namespace tideline
