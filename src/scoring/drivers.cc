#include "scoring/drivers.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "scoring/sentence.h"

namespace tideline {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

double at(std::span<const double> values, std::size_t place) {
  return values.empty() ? kMissing : values[place];
}

bool is_larger(double a, double b) { return std::abs(a) > std::abs(b); }

// The part that pushed most in the direction of the whole speaks for it.
std::size_t speaker_of(const Driver& driver) {
  std::size_t speaker = driver.parts.front().feature;
  double most = 0;
  for (const Driver::Part& part : driver.parts) {
    if (part.contribution * driver.contribution <= 0 || !is_larger(part.contribution, most))
      continue;
    most = part.contribution;
    speaker = part.feature;
  }
  return speaker;
}

Driver recency_driver(double contribution, double days) {
  Driver driver;
  driver.theme = "recency";
  driver.contribution = contribution;
  driver.now = days;
  driver.past = driver.usual = kMissing;
  driver.sentence = std::isfinite(days) ? "the last qualifying event was " +
                                              spoken_number(days, ".0") + " days ago"
                                        : "no qualifying event yet";
  return driver;
}

}  // namespace

std::vector<Driver> drivers_of(const Pack& pack, const Contributions& contributions,
                               const DriverInputs& inputs) {
  const auto& features = pack.features();
  CHECK(contributions.by_feature.size() == features.size());
  CHECK(inputs.now.size() == features.size());
  std::vector<Driver> drivers;
  for (std::size_t f = 0; f < features.size(); ++f) {
    const double share = contributions.by_feature[f];
    if (share == 0) continue;
    auto driver = std::find_if(drivers.begin(), drivers.end(),
                               [&](const Driver& d) { return d.theme == features[f].theme; });
    if (driver == drivers.end()) {
      drivers.emplace_back().theme = features[f].theme;
      driver = drivers.end() - 1;
    }
    driver->contribution += share;
    driver->parts.push_back({f, share});
  }
  for (Driver& driver : drivers) {
    const std::size_t f = speaker_of(driver);
    std::stable_sort(driver.parts.begin(), driver.parts.end(), [](const auto& a, const auto& b) {
      return is_larger(a.contribution, b.contribution);
    });
    driver.feature = int(f);
    driver.now = inputs.now[f];
    driver.past = at(inputs.past, f);
    driver.usual = at(inputs.usual, f);
    driver.sentence = sentence_of(pack, features[f], driver.now, driver.past, driver.usual);
  }
  if (contributions.by_recency != 0) {
    drivers.push_back(recency_driver(contributions.by_recency, inputs.days_since_qualifying));
  }
  std::stable_sort(drivers.begin(), drivers.end(), [](const Driver& a, const Driver& b) {
    return is_larger(a.contribution, b.contribution);
  });
  return drivers;
}

std::size_t task_of_drivers(const Pack& pack) {
  CHECK(!pack.tasks().empty());
  for (std::size_t k = 0; k < pack.tasks().size(); ++k) {
    if (pack.tasks()[k].label.find("gone(") != std::string::npos) return k;
  }
  return 0;
}

}  // namespace tideline
