// Planted declines show in the events before the customer leaves, each in its own way; and the
// kinds of customers differ.
#include "simulator/decline.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <functional>
#include <map>

#include "simulator/calendar.h"
#include "simulator/event_names.h"
#include "simulator/marketplace.h"

namespace tideline {
namespace {

namespace names = marketplace_event;

constexpr std::uint64_t kSeed = 21;
// Days looked at before the beginning of a decline, and from a while after it on.
constexpr Duration kLook = 45 * kDay;
constexpr Duration kGrown = 14 * kDay;
constexpr Duration kFaded = 30 * kDay;  // for what shows slowly

struct Life {
  std::vector<Event> events;
  Truth truth;
};

const std::vector<Life>& lives() {
  static const std::vector<Life> all = [] {
    SimulationOptions options;
    options.customers = 3'000;
    options.days = 330;
    options.end = parse_time("2026-01-01").value();
    options.seed = kSeed;
    const auto simulator = MarketplaceSimulator::open(options).value();
    std::vector<Life> made(options.customers);
    for (std::uint32_t i = 0; i < options.customers; ++i) {
      simulator.simulate_customer(i, made[i].events, made[i].truth);
    }
    return made;
  }();
  return all;
}

std::optional<double> number_in(const Event& event, std::string_view property) {
  const std::size_t at = event.properties.find("\"" + std::string(property) + "\":");
  if (at == std::string::npos) return std::nullopt;
  return std::stod(event.properties.substr(at + property.size() + 3));
}

// Sum and number of a reading over the 45 days before and after.
struct Sides {
  std::array<double, 2> sum{};
  std::array<double, 2> count{};
  std::size_t customers = 0;

  // After against before: of the readings' mean, or of their number a customer.
  [[nodiscard]] double mean_ratio() const { return (sum[1] / count[1]) / (sum[0] / count[0]); }
  [[nodiscard]] double count_ratio() const { return count[1] / count[0]; }
};

using Reading = std::function<std::optional<double>(const Event&)>;

// Whether the customer was there over all of the days looked at.
bool was_there(const Truth& truth, Time from, Time until) {
  if (truth.joined > from) return false;
  return truth.departures == 0 || (truth.departures == 1 && truth.left && *truth.left >= until);
}

// Over the customers who declined for this cause, and were there before and long enough after.
// `none`: customers without a decline, in the middle of the history.
Sides look(DeclineCause cause, const Reading& read, Duration after) {
  Sides sides;
  const Time end = parse_time("2026-01-01").value();
  for (const Life& life : lives()) {
    if (life.truth.decline_cause != cause) continue;
    const Time began = life.truth.decline_began.value_or(end - 150 * kDay);
    const Time until = began + after + kLook;
    if (began - kLook < end - 330 * kDay || until > end) continue;
    if (!was_there(life.truth, began - kLook, until)) continue;
    ++sides.customers;
    for (const Event& event : life.events) {
      const bool is_before = event.event_time >= began - kLook && event.event_time < began;
      const bool is_after = event.event_time >= began + after && event.event_time < until;
      if (!is_before && !is_after) continue;
      const auto value = read(event);
      if (!value) continue;
      const std::size_t side = is_after ? 1 : 0;
      sides.sum[side] += *value;
      ++sides.count[side];
    }
  }
  return sides;
}

Reading of(std::vector<std::string_view> wanted, std::string property = {}) {
  return [=](const Event& event) -> std::optional<double> {
    for (const std::string_view name : wanted) {
      if (event.name == name) return property.empty() ? 1.0 : number_in(event, property);
    }
    return std::nullopt;
  };
}

std::optional<double> by_tutor(const Event& event) {
  const bool is = event.name == names::kSessionCancelled &&
                  event.properties.find("\"by\":\"tutor\"") != std::string::npos;
  return is ? std::optional(1.0) : std::nullopt;
}

// The reading's ratio for the cause, and beside it for who has no decline.
struct Sign {
  double declining;
  double others;
};
Sign sign_of(DeclineCause cause, const Reading& read, bool mean, Duration after = kGrown) {
  const Sides declining = look(cause, read, after);
  const Sides others = look(DeclineCause::none, read, after);
  EXPECT_GE(declining.customers, 8U) << name_of(cause) << ", seed " << kSeed;
  EXPECT_GE(others.customers, 100U);
  const Sign sign{mean ? declining.mean_ratio() : declining.count_ratio(),
                  mean ? others.mean_ratio() : others.count_ratio()};
  std::printf("%s: %zu customers, after/before %.2f; without a decline %.2f (seed %llu)\n",
              std::string(name_of(cause)).c_str(), declining.customers, sign.declining,
              sign.others, static_cast<unsigned long long>(kSeed));
  return sign;
}

TEST(Decline, ABadTutorShowsInRatings) {
  const Sign sign = sign_of(DeclineCause::tutor, of({names::kSessionRated}, "rating"), true);
  EXPECT_LT(sign.declining, 0.93);
  EXPECT_GT(sign.others, 0.96);
}

TEST(Decline, CancellationsComeFromTheTutor) {
  const Sign sign = sign_of(DeclineCause::cancellations, by_tutor, false);
  EXPECT_GT(sign.declining, 2 * sign.others);
}

TEST(Decline, PaymentsFail) {
  const Sign sign = sign_of(DeclineCause::payments, of({names::kPaymentFailed}), false);
  EXPECT_GT(sign.declining, 2 * sign.others);
}

TEST(Decline, RepliesComeLate) {
  const Sign sign =
      sign_of(DeclineCause::replies, of({names::kTutorMessage}, "reply_hours"), true);
  EXPECT_GT(sign.declining, 1.8 * sign.others);
}

TEST(Decline, PricesRise) {
  const Reading session_price = [](const Event& event) -> std::optional<double> {
    if (event.name != names::kPaymentSucceeded) return std::nullopt;
    const auto amount = number_in(event, "amount");
    return amount < 85 ? amount : std::nullopt;  // a plan's fee is more
  };
  const Sign sign = sign_of(DeclineCause::price, session_price, true);
  EXPECT_GT(sign.declining, 1.12 * sign.others);
}

TEST(Decline, SupportIsAskedAgainAndAgain) {
  const Reading contacts = of({names::kSupportTicketOpened, names::kInboundCall});
  const Sign sign = sign_of(DeclineCause::support, contacts, false);
  EXPECT_GT(sign.declining, 2.5 * sign.others);
}

TEST(Decline, WhoIsDoneOrDriftsDoesLess) {
  const Reading activity = of({names::kSignedIn, names::kContentViewed, names::kSessionBooked});
  for (const DeclineCause cause : {DeclineCause::goal, DeclineCause::drift}) {
    const Sign sign = sign_of(cause, activity, false, kFaded);
    EXPECT_LT(sign.declining, 0.85 * sign.others);
  }
}

TEST(Decline, MoreLeaveAfterItBeganButNotAll) {
  constexpr Duration kWithin = 90 * kDay;
  const Time end = parse_time("2026-01-01").value();
  std::array<double, 2> there{};  // without and with a decline that begins
  std::array<double, 2> left{};
  std::map<DeclineCause, std::size_t> causes;
  for (const Life& life : lives()) {
    const Truth& truth = life.truth;
    const bool declined = truth.decline_cause != DeclineCause::none;
    EXPECT_EQ(declined, truth.decline_began.has_value());
    if (declined) {
      EXPECT_GE(*truth.decline_began, truth.joined);
    }
    if (declined) ++causes[truth.decline_cause];
    const Time from = truth.decline_began.value_or(end - 150 * kDay);
    if (truth.joined > from || from + kWithin > end || truth.returned || truth.departures > 1)
      continue;
    if (truth.left && *truth.left <= from) continue;
    ++there[declined ? 1 : 0];
    left[declined ? 1 : 0] += truth.left && *truth.left <= from + kWithin ? 1 : 0;
  }
  const double without = left[0] / there[0];
  const double with = left[1] / there[1];
  std::printf("left within 90 days: %.3f of %.0f who began to decline, %.3f of %.0f others\n",
              with, there[1], without, there[0]);
  EXPECT_EQ(causes.size(), kDeclineCauses - 2);  // all but none and outage
  EXPECT_GT(with, 1.5 * without);
  EXPECT_LT(with, 0.75);
}

TEST(Kinds, LeaveAtRatesOfTheirOwn) {
  std::map<CustomerKind, std::pair<double, double>> left;  // departures, days here
  std::map<CustomerKind, double> sessions;
  const Time start = parse_time("2026-01-01").value() - 330 * kDay;
  for (const Life& life : lives()) {
    const Truth& truth = life.truth;
    if (truth.departures > 1 || truth.returned) continue;
    const Time until = truth.left.value_or(parse_time("2026-01-01").value());
    auto& [departures, here] = left[truth.kind];
    departures += truth.departures;
    here += days(until - std::max(truth.joined, start));
    for (const Event& event : life.events)
      sessions[truth.kind] += event.name == names::kSessionCompleted;
  }
  ASSERT_EQ(left.size(), kCustomerKinds);
  const auto rate = [&](CustomerKind kind) { return 30 * left[kind].first / left[kind].second; };
  const auto pace = [&](CustomerKind kind) { return 7 * sessions[kind] / left[kind].second; };
  for (const auto& [kind, counts] : left) {
    std::printf("%s: leave %.3f in 30 days, %.2f sessions a week\n",
                std::string(name_of(kind)).c_str(), rate(kind), pace(kind));
  }
  EXPECT_GT(rate(CustomerKind::casual), 2 * rate(CustomerKind::family));
  EXPECT_GT(rate(CustomerKind::casual), 1.2 * rate(CustomerKind::pupil));
  EXPECT_GT(rate(CustomerKind::exam), rate(CustomerKind::family));
  EXPECT_GT(pace(CustomerKind::family), 2 * pace(CustomerKind::casual));
}

// The school year shows in pupils' sessions, hardly in adults'.
TEST(Kinds, PupilsRestInSummer) {
  std::map<CustomerKind, std::array<double, 2>>
      sessions;  // July and August; September and October
  for (const Life& life : lives()) {
    if (life.truth.departures > 0 || life.truth.joined > parse_time("2025-06-01").value())
      continue;
    for (const Event& event : life.events) {
      if (event.name != names::kSessionCompleted) continue;
      const std::string month = format_date(event.event_time).substr(5, 2);
      if (month == "07" || month == "08") ++sessions[life.truth.kind][0];
      if (month == "09" || month == "10") ++sessions[life.truth.kind][1];
    }
  }
  const auto summer = [&](CustomerKind kind) { return sessions[kind][0] / sessions[kind][1]; };
  std::printf("sessions of summer against autumn: pupils %.2f, adults %.2f\n",
              summer(CustomerKind::pupil), summer(CustomerKind::adult));
  EXPECT_LT(summer(CustomerKind::pupil), 0.85);
  EXPECT_LT(summer(CustomerKind::pupil), 0.85 * summer(CustomerKind::adult));
}

// While the site is down nobody visits it; while the provider is down payments fail for that.
TEST(Outages, ShowInTheEvents) {
  const Calendar calendar(kSeed);
  std::vector<Outage> outages;
  const Time end = parse_time("2026-01-01").value();
  for (std::int64_t day = day_index(end) - 330; day < day_index(end); ++day) {
    for (const Outage& outage : calendar.conditions(day).outages) {
      const bool known = !outages.empty() && outages.back().from == outage.from;
      const bool whole = outage.until <= start_of_day(day_index(outage.from) + 1);
      if (!known && whole) outages.push_back(outage);
    }
  }
  ASSERT_GE(outages.size(), 3U);
  std::size_t visits = 0;
  std::size_t usual = 0;
  std::size_t failures = 0;
  for (const Life& life : lives()) {
    for (const Event& event : life.events) {
      const bool down = event.properties.find("provider_down") != std::string::npos;
      bool in_payments = false;
      for (const Outage& outage : outages) {
        const bool in = event.event_time >= outage.from && event.event_time < outage.until;
        in_payments = in_payments || (in && outage.payments);
        if (outage.payments || event.name != names::kSignedIn) continue;
        visits += in ? 1 : 0;
        const Time shifted = event.event_time + 7 * kDay;
        usual += shifted >= outage.from && shifted < outage.until ? 1 : 0;
      }
      failures += down && in_payments ? 1 : 0;
    }
  }
  std::printf("%zu outages: %zu visits in them, %zu a week before; %zu failed payments\n",
              outages.size(), visits, usual, failures);
  EXPECT_GT(usual, 100U);
  EXPECT_LT(visits, usual / 20);
  EXPECT_GT(failures, 0U);
}

}  // namespace
}  // namespace tideline
