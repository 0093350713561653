#include "simulator/world.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/hash.h"

namespace tideline {
namespace {

constexpr std::uint32_t kCustomersPerTutor = 25;
constexpr std::uint32_t kFewestTutors = 12;
constexpr double kShareJoinedBefore = 0.45;
constexpr double kLongestTenureBefore = 240;  // days before the history's first
constexpr std::int64_t kWaveDays = 28;        // distance of the knots of a tutor's quality wave
constexpr double kWaveHeight = 0.16;

// A tutor's holiday, and a time of trouble, come at most once in a period and end within it.
constexpr std::int64_t kHolidayPeriod = 130;
constexpr double kHolidayChance = 0.8;
constexpr std::int64_t kLongestHoliday = 18;  // days; the shortest is 5
constexpr std::int64_t kTroublePeriod = 160;
constexpr double kTroubleChance = 0.07;
constexpr std::int64_t kShortestTrouble = 30;  // days
constexpr std::int64_t kLongestTrouble = 65;
constexpr double kTroubleGrows = 10;     // days until it is at its height
constexpr double kTroubleQuality = 0.4;  // taken from the quality at the height

// The stream of something that may befall a tutor in a period.
Rng period_stream(std::uint64_t seed, std::string_view what, std::uint32_t tutor,
                  std::int64_t period) {
  return Rng::stream(seed, what,
                     (std::uint64_t{tutor} << 24) ^ static_cast<std::uint64_t>(period));
}

Tutor make_tutor(std::uint64_t seed, std::uint32_t index) {
  Rng rng = Rng::stream(seed, "tutor", index);
  Tutor tutor;
  tutor.quality = rng.beta(5.5, 2.2);
  tutor.availability = 0.45 + 0.54 * rng.beta(4.0, 1.6);
  tutor.reply_hours = 3.5 * std::exp(0.85 * rng.normal());
  tutor.cancel_rate = rng.beta(1.1, 16.0);
  const double price = 32.0 * std::exp(0.28 * rng.normal()) * (0.75 + 0.35 * tutor.quality);
  tutor.hourly_price = std::clamp(std::round(price), 12.0, 120.0);
  tutor.public_rating = std::clamp(1.4 + 3.6 * tutor.quality + 0.15 * rng.normal(), 1.0, 5.0);
  for (std::uint64_t free = rng.below(3); free > 0; --free) {
    tutor.free_days |= static_cast<std::uint8_t>(1U << rng.below(7));
  }
  return tutor;
}

std::string padded(char letter, std::uint64_t number, std::size_t width) {
  const std::string digits = std::to_string(number);
  std::string id(1, letter);
  if (digits.size() < width) id.append(width - digits.size(), '0');
  return id + digits;
}

}  // namespace

World::World(const SimulationOptions& options) : options_(options), calendar_(options.seed) {
  start_ = options.end - options.days * kDay;
  first_day_ = day_index(start_);
  last_day_ = day_index(options.end - Duration(1));
  const std::string identity =
      std::to_string(options.seed) + '/' + std::to_string(millis(options.end)) + '/' +
      std::to_string(options.days) + '/' + std::to_string(options.customers);
  tag_ = xxh3_128(identity).hex().substr(0, 8);
  const std::uint32_t count = std::max(kFewestTutors, options.customers / kCustomersPerTutor);
  tutors_.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) tutors_.push_back(make_tutor(options.seed, i));
}

std::string World::tutor_id(std::uint32_t index) const { return padded('t', index + 1ULL, 4); }

CustomerId World::customer_id(std::uint32_t index) const {
  return CustomerId(padded('c', index + 1ULL, 6));
}

std::string World::message_prefix(const CustomerId& customer) const {
  return customer.str() + '-' + tag_ + '-';
}

double World::tutor_quality(std::uint32_t index, std::int64_t day) const {
  const std::int64_t knot = day / kWaveDays;
  const auto height = [&](std::int64_t at) {
    const std::uint64_t stream = (std::uint64_t{index} << 24) ^ static_cast<std::uint64_t>(at);
    return Rng::stream(options_.seed, "tutor wave", stream).uniform(-1.0, 1.0);
  };
  const double within = static_cast<double>(day - knot * kWaveDays) / double(kWaveDays);
  const double wave = (1.0 - within) * height(knot) + within * height(knot + 1);
  const double lowered = kTroubleQuality * tutor_trouble(index, day);
  return std::clamp(tutors_[index].quality + kWaveHeight * wave - lowered, 0.0, 1.0);
}

double World::tutor_trouble(std::uint32_t index, std::int64_t day) const {
  const std::int64_t period = day / kTroublePeriod;
  Rng rng = period_stream(options_.seed, "tutor trouble", index, period);
  if (!rng.chance(kTroubleChance)) return 0;
  const auto length =
      kShortestTrouble + static_cast<std::int64_t>(rng.below(kLongestTrouble - kShortestTrouble));
  const auto latest = static_cast<std::uint64_t>(kTroublePeriod - length);
  const std::int64_t since =
      day - period * kTroublePeriod - static_cast<std::int64_t>(rng.below(latest));
  if (since < 0 || since >= length) return 0;
  return std::min(1.0, static_cast<double>(since + 1) / kTroubleGrows);
}

bool World::tutor_works(std::uint32_t index, std::int64_t day) const {
  if (tutors_[index].free_days >> ((day + 4) % 7) & 1U) return false;  // 1970-01-01: a Thursday
  const std::int64_t period = day / kHolidayPeriod;
  Rng rng = period_stream(options_.seed, "tutor holiday", index, period);
  if (!rng.chance(kHolidayChance)) return true;
  const std::int64_t length = 5 + static_cast<std::int64_t>(rng.below(kLongestHoliday - 4));
  const auto latest = static_cast<std::uint64_t>(kHolidayPeriod - length);
  const std::int64_t since =
      day - period * kHolidayPeriod - static_cast<std::int64_t>(rng.below(latest));
  return since < 0 || since >= length;
}

std::int64_t World::joining_day(std::uint32_t index) const {
  const std::int64_t length = last_day_ - first_day_ + 1;
  if (index >= options_.customers) {
    const double pace =
        (1.0 - kShareJoinedBefore) * options_.customers / static_cast<double>(length);
    return last_day_ + 1 + static_cast<std::int64_t>((index - options_.customers) / pace);
  }
  Rng rng = Rng::stream(options_.seed, "joining", index);
  if (rng.chance(kShareJoinedBefore)) {
    return first_day_ - 1 - static_cast<std::int64_t>(rng.uniform() * kLongestTenureBefore);
  }
  for (;;) {  // rejection: more join in term and while a campaign runs
    const std::int64_t day =
        first_day_ + static_cast<std::int64_t>(rng.below(static_cast<std::uint64_t>(length)));
    if (rng.chance(calendar_.draw(day) / Calendar::kMostDraw)) return day;
  }
}

}  // namespace tideline
