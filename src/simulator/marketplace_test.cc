// The simulated marketplace: repeatable, within the pack's declared ranges, and shaped like a
// business.
#include "simulator/marketplace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "packs/pack.h"
#include "simulator/event_names.h"

namespace tideline {
namespace {

namespace names = marketplace_event;

constexpr std::uint64_t kSeed = 7;

SimulationOptions options_for(std::uint32_t customers, std::uint32_t days,
                              std::uint64_t seed = kSeed) {
  SimulationOptions options;
  options.customers = customers;
  options.days = days;
  options.end = parse_time("2026-01-01T00:00:00Z").value();
  options.seed = seed;
  return options;
}

MarketplaceSimulator simulator(const SimulationOptions& options) {
  return MarketplaceSimulator::open(options).value();
}

struct Life {
  std::vector<Event> events;
  Truth truth;
};

std::vector<Life> all_lives(const MarketplaceSimulator& of) {
  std::vector<Life> lives(of.customers());
  for (std::uint32_t i = 0; i < of.customers(); ++i) {
    of.simulate_customer(i, lives[i].events, lives[i].truth);
  }
  return lives;
}

// One year of 800 customers, shared by the tests that only read it.
const std::vector<Life>& year() {
  static const std::vector<Life> lives = [] {
    SimulationOptions options = options_for(800, 365);
    options.sample_every_days = 7;
    return all_lives(simulator(options));
  }();
  return lives;
}

bool qualifies(const Event& event) {
  return event.name == names::kSessionCompleted || event.name == names::kPaymentSucceeded;
}

// The members of a flat JSON object: name to raw value. Fails the test on anything else.
std::map<std::string, std::string> members(const std::string& json) {
  std::map<std::string, std::string> found;
  std::size_t at = 1;
  EXPECT_TRUE(json.size() >= 2 && json.front() == '{' && json.back() == '}') << json;
  while (at + 1 < json.size()) {
    const std::size_t colon = json.find("\":", at);
    if (json[at] != '"' || colon == std::string::npos) {
      ADD_FAILURE() << json;
      break;
    }
    const std::string name = json.substr(at + 1, colon - at - 1);
    const std::size_t begin = colon + 2;
    const bool quoted = json[begin] == '"';
    const std::size_t end =
        quoted ? json.find('"', begin + 1) + 1 : json.find_first_of(",}", begin);
    EXPECT_TRUE(found.emplace(name, json.substr(begin, end - begin)).second) << json;
    at = end + 1;
  }
  return found;
}

std::shared_ptr<const Pack> pack() {
  const std::string path = TIDELINE_SOURCE_DIR "/packs/marketplace/pack.toml";
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto parsed = Pack::parse(text, path);
  EXPECT_TRUE(parsed.has_value()) << parsed.error().message;
  return parsed.value();
}

struct Carried {
  std::string_view event;
  std::string_view property;
};
// What features read and every event of the name must carry.
constexpr std::array<Carried, 16> kCarried = {{
    {names::kSessionBooked, "tutor_id"},
    {names::kSessionCompleted, "duration_min"},
    {names::kSessionCompleted, "tutor_id"},
    {names::kSessionCompleted, "tutor_rating"},
    {names::kSessionCancelled, "by"},
    {names::kSessionCancelled, "notice_hours"},
    {names::kSessionCancelled, "tutor_id"},
    {names::kSessionNoShow, "tutor_id"},
    {names::kSessionRated, "rating"},
    {names::kSessionRated, "tutor_id"},
    {names::kPaymentSucceeded, "amount"},
    {names::kPaymentSucceeded, "currency"},
    {names::kPaymentRefunded, "amount"},
    {names::kTutorAssigned, "match_score"},
    {names::kTutorChanged, "tutor_id"},
    {names::kTutorMessage, "reply_hours"},
}};

const std::set<std::string_view> kAllNames = {
    names::kSessionBooked,        names::kSessionCompleted, names::kSessionCancelled,
    names::kSessionRescheduled,   names::kSessionNoShow,    names::kSessionRated,
    names::kLessonStarted,        names::kLessonCompleted,  names::kMessageSent,
    names::kMessageReceived,      names::kSignedIn,         names::kContentViewed,
    names::kPaymentSucceeded,     names::kPaymentFailed,    names::kPaymentRefunded,
    names::kDisputeOpened,        names::kInboundCall,      names::kSupportTicketOpened,
    names::kTutorAssigned,        names::kTutorChanged,     names::kTutorMessage,
    names::kBookingRequested,     names::kBookingAccepted,  names::kSubscriptionStarted,
    names::kSubscriptionCancelled};

void expect_declared(const FieldSpec& field, const std::string& value) {
  const bool quoted = value.front() == '"';
  EXPECT_EQ(quoted, field.type != FieldType::number) << field.name << ' ' << value;
  if (field.type == FieldType::choice) {
    const std::string text = value.substr(1, value.size() - 2);
    EXPECT_EQ(std::count(field.choices.begin(), field.choices.end(), text), 1) << value;
  }
  if (field.type != FieldType::number || quoted) return;
  double number = -1;
  const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
  EXPECT_EQ(read.ptr, value.data() + value.size()) << value;
  if (field.min) {
    EXPECT_GE(number, *field.min) << field.name;
  }
  if (field.max) {
    EXPECT_LE(number, *field.max) << field.name;
  }
}

TEST(Marketplace, RefusesOptionsOutOfRange) {
  EXPECT_FALSE(MarketplaceSimulator::open(options_for(0, 10)).has_value());
  EXPECT_FALSE(MarketplaceSimulator::open(options_for(10'000'001, 10)).has_value());
  EXPECT_FALSE(MarketplaceSimulator::open(options_for(10, 0)).has_value());
  EXPECT_FALSE(MarketplaceSimulator::open(options_for(10, 3'651)).has_value());
  SimulationOptions early = options_for(10, 10);
  early.end = Time{};
  EXPECT_EQ(MarketplaceSimulator::open(early).error().code, ErrorCode::invalid);
}

TEST(Marketplace, SameSeedSameLivesInAnyOrder) {
  const MarketplaceSimulator one = simulator(options_for(120, 200));
  const MarketplaceSimulator two = simulator(options_for(120, 200));
  const std::vector<Life> lives = all_lives(one);
  std::size_t events = 0;
  for (std::uint32_t i = two.customers(); i-- > 0;) {
    Life again;
    two.simulate_customer(i, again.events, again.truth);
    EXPECT_TRUE(again.events == lives[i].events) << "customer " << i << ", seed " << kSeed;
    EXPECT_EQ(again.truth.left, lives[i].truth.left);
    EXPECT_EQ(again.truth.leave_hazard, lives[i].truth.leave_hazard);
    events += again.events.size();
  }
  EXPECT_GT(events, 10'000U);
}

TEST(Marketplace, AnotherSeedIsAnotherWorld) {
  Life here;
  Life there;
  simulator(options_for(120, 200)).simulate_customer(0, here.events, here.truth);
  simulator(options_for(120, 200, kSeed + 1)).simulate_customer(0, there.events, there.truth);
  ASSERT_FALSE(here.events.empty() || there.events.empty());
  EXPECT_NE(here.events.front().message_id, there.events.front().message_id);
  EXPECT_NE(here.events.front().event_time, there.events.front().event_time);
}

TEST(Marketplace, EventsAreWhatThePackDeclares) {
  const auto marketplace = pack();
  std::set<std::string> seen;
  for (const Life& life : year()) {
    for (const Event& event : life.events) {
      const auto values = members(event.properties);
      if (event.type != EventType::track) continue;
      seen.insert(event.name);
      const EventSpec* declared = marketplace->find_event(event.name);
      ASSERT_NE(declared, nullptr) << event.name;
      for (const FieldSpec& field : declared->fields) {
        const auto value = values.find(field.name);
        if (value != values.end()) expect_declared(field, value->second);
      }
      for (const Carried& carried : kCarried) {
        if (event.name == carried.event) {
          EXPECT_TRUE(values.contains(std::string(carried.property))) << event.name;
        }
      }
    }
  }
  EXPECT_EQ(seen.size(), marketplace->events().size()) << "some names never occur, seed " << kSeed;
  for (const std::string& name : seen) EXPECT_TRUE(kAllNames.contains(name)) << name;
}

TEST(Marketplace, MessageIdsAreUnique) {
  std::set<std::string> ids;
  std::size_t events = 0;
  for (const Life& life : year()) {
    for (const Event& event : life.events) ids.insert(event.message_id.str());
    events += life.events.size();
  }
  EXPECT_EQ(ids.size(), events);
}

TEST(Marketplace, ValuesAreOfTheExpectedSize) {
  double amounts = 0;
  double payments = 0;
  for (const Life& life : year()) {
    for (const Event& event : life.events) {
      const auto values = members(event.properties);
      for (const auto& [name, most] : {std::pair{"amount", 500.0},
                                       {"reply_hours", 96.0},
                                       {"notice_hours", 24.0 * 14},
                                       {"duration_min", 180.0}}) {
        const auto value = values.find(name);
        if (value == values.end()) continue;
        EXPECT_LE(std::stod(value->second), most) << event.name << event.properties;
        EXPECT_GE(std::stod(value->second), 0.0) << event.name << event.properties;
      }
      if (event.name != names::kPaymentSucceeded) continue;
      amounts += std::stod(values.at("amount"));
      ++payments;
    }
  }
  EXPECT_GT(amounts / payments, 15);
  EXPECT_LT(amounts / payments, 80);
}

TEST(Marketplace, HistoriesAreSortedAndInside) {
  const MarketplaceSimulator of = simulator([] {
    SimulationOptions options = options_for(60, 40);
    options.end = parse_time("2026-02-10T17:45:12.345Z").value();
    return options;
  }());
  EXPECT_EQ(format_time(of.start()), "2026-01-01T17:45:12.345Z");
  for (std::uint32_t i = 0; i < of.customers(); ++i) {
    Life life;
    of.simulate_customer(i, life.events, life.truth);
    EXPECT_EQ(life.truth.customer, of.customer_id(i));
    EXPECT_EQ(life.truth.events, life.events.size());
    Time last = of.start();
    for (const Event& event : life.events) {
      EXPECT_EQ(event.customer, of.customer_id(i));
      EXPECT_GE(event.event_time, last);
      EXPECT_LT(event.event_time, of.options().end);
      EXPECT_EQ(event.arrival_time, event.event_time);
      last = event.event_time;
    }
  }
}

TEST(Marketplace, EveryCustomerIsIntroducedOnce) {
  std::size_t before = 0;
  for (const Life& life : year()) {
    const auto introduced =
        std::count_if(life.events.begin(), life.events.end(),
                      [](const Event& e) { return e.type == EventType::identify; });
    EXPECT_EQ(introduced, 1) << life.truth.customer.str();
    if (life.truth.joined < parse_time("2025-01-01").value()) {
      ++before;
    } else if (!life.events.empty()) {
      EXPECT_EQ(life.events.front().type, EventType::identify);
      EXPECT_EQ(day_index(life.events.front().event_time), day_index(life.truth.joined));
    }
  }
  EXPECT_NEAR(static_cast<double>(before) / year().size(), 0.45, 0.06);
}

TEST(Marketplace, NothingHappensAfterLeaving) {
  std::size_t left = 0;
  std::size_t back = 0;
  for (const Life& life : year()) {
    if (life.truth.returned) ++back;
    if (!life.truth.left) continue;
    ++left;
    EXPECT_NE(life.truth.leave_cause, DeclineCause::none);
    EXPECT_GE(life.truth.departures, 1U);
    EXPECT_EQ(life.truth.leave_probability_30d, 1.0);
    if (!life.events.empty()) {
      EXPECT_LT(life.events.back().event_time, *life.truth.left);
    }
  }
  EXPECT_GT(left, year().size() / 6);
  EXPECT_LT(left, year().size() * 2 / 3);
  EXPECT_GT(back, year().size() / 50);
}

// The samples tell the time of leaving apart: those about to leave are less content, and rightly
// so.
TEST(Marketplace, LeaversAreLessContentBeforeTheyLeave) {
  double before_leaving = 0;
  double staying = 0;
  double leaver_pace = 0;
  double stayer_pace = 0;
  std::size_t leaver_samples = 0;
  std::size_t stayer_samples = 0;
  for (const Life& life : year()) {
    for (const LatentSample& state : life.truth.samples) {
      if (state.gone) continue;
      EXPECT_GT(state.satisfaction, 0);
      EXPECT_LT(state.satisfaction, 1);
      const bool leaving = life.truth.left && *life.truth.left - state.at < 28 * kDay;
      (leaving ? before_leaving : staying) += state.satisfaction;
      (leaving ? leaver_pace : stayer_pace) += state.activity;
      ++(leaving ? leaver_samples : stayer_samples);
    }
  }
  ASSERT_GT(leaver_samples, 300U);
  ASSERT_GT(stayer_samples, 5'000U);
  EXPECT_LT(before_leaving / leaver_samples, staying / stayer_samples - 0.08);
  EXPECT_LT(leaver_pace / leaver_samples, stayer_pace / stayer_samples - 0.15);
}

// Failures, cancellations by the tutor and poor ratings are commoner where the cause says so.
TEST(Marketplace, CausesShowInTheEvents) {
  std::map<DeclineCause, std::pair<double, double>> failed;     // events, customers
  std::map<DeclineCause, std::pair<double, double>> cancelled;  // by the tutor
  for (const Life& life : year()) {
    if (!life.truth.left) continue;
    const Time from = *life.truth.left - 90 * kDay;
    double failures = 0;
    double cancellations = 0;
    for (const Event& event : life.events) {
      if (event.event_time < from) continue;
      if (event.name == names::kPaymentFailed) ++failures;
      const bool by_tutor = event.properties.find("\"by\":\"tutor\"") != std::string::npos;
      if (event.name == names::kSessionCancelled && by_tutor) ++cancellations;
    }
    failed[life.truth.leave_cause].first += failures;
    failed[life.truth.leave_cause].second += 1;
    cancelled[life.truth.leave_cause].first += cancellations;
    cancelled[life.truth.leave_cause].second += 1;
  }
  const auto mean = [](const std::pair<double, double>& sum) { return sum.first / sum.second; };
  for (const auto& [cause, sum] : cancelled) {
    std::printf("left by %s: %.0f, cancelled on %.2f, failed payments %.2f\n",
                std::string(name_of(cause)).c_str(), sum.second, mean(sum), mean(failed[cause]));
  }
  ASSERT_GT(failed[DeclineCause::payments].second, 8);
  ASSERT_GT(cancelled[DeclineCause::cancellations].second, 8);
  EXPECT_GT(mean(failed[DeclineCause::payments]), 2 + mean(failed[DeclineCause::goal]));
  EXPECT_GT(mean(cancelled[DeclineCause::cancellations]),
            1.4 * mean(cancelled[DeclineCause::goal]));
}

TEST(Marketplace, EveningsAndSundaysAreBusierThanNights) {
  std::array<double, 24> by_hour{};
  std::array<double, 7> by_weekday{};
  for (const Life& life : year()) {
    for (const Event& event : life.events) {
      ++by_hour[static_cast<std::size_t>(hour_index(event.event_time) % 24)];
      ++by_weekday[static_cast<std::size_t>((day_index(event.event_time) + 4) % 7)];
    }
  }
  // Most customers live in America: their evening is 22:00 to 04:00 UTC, their night 07:00 to
  // 11:00.
  EXPECT_GT(by_hour[1], 2 * by_hour[9]);
  EXPECT_GT(by_hour[23], 2 * by_hour[9]);
  EXPECT_GT(by_weekday[0], 1.15 * by_weekday[5]);  // Sunday, Friday
}

TEST(Marketplace, AnActiveCustomerMakesTwoToFourEventsADay) {
  double events = 0;
  double days_here = 0;
  for (const Life& life : year()) {
    if (life.truth.departures > 1 || life.truth.returned) continue;
    const Time from = std::max(life.truth.joined, parse_time("2025-01-01").value());
    days_here += days(life.truth.left.value_or(parse_time("2026-01-01").value()) - from);
    events += static_cast<double>(life.events.size());
  }
  const double rate = events / days_here;
  std::printf("events a customer-day: %.2f\n", rate);
  EXPECT_GT(rate, 2.0);
  EXPECT_LT(rate, 4.0);
}

struct Scored {
  double silent_days;
  bool gone;
};

double auc_of_silence(std::vector<Scored> rows) {
  std::sort(rows.begin(), rows.end(),
            [](const Scored& a, const Scored& b) { return a.silent_days < b.silent_days; });
  double rank_sum = 0;
  double gone = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].gone) continue;
    rank_sum += static_cast<double>(i + 1);
    ++gone;
  }
  const double kept = static_cast<double>(rows.size()) - gone;
  return (rank_sum - gone * (gone + 1) / 2) / (gone * kept);
}

// gone(0d,30d) among those with a qualifying event in the 30 days before, at the start of 8
// months.
TEST(Marketplace, LeavingIsNeitherRareNorObvious) {
  std::vector<Scored> rows;
  for (int month = 4; month <= 11; ++month) {
    const Time t =
        parse_time((month < 10 ? "2025-0" : "2025-") + std::to_string(month) + "-01").value();
    for (const Life& life : year()) {
      std::optional<Time> last;
      bool active_after = false;
      for (const Event& event : life.events) {
        if (!qualifies(event)) continue;
        if (event.event_time <= t) last = event.event_time;
        active_after = active_after || (event.event_time > t && event.event_time <= t + 30 * kDay);
      }
      if (!last || *last < t - 30 * kDay) continue;
      rows.push_back(Scored{days(t - *last), !active_after});
    }
  }
  const auto gone =
      std::count_if(rows.begin(), rows.end(), [](const Scored& row) { return row.gone; });
  const double rate = static_cast<double>(gone) / static_cast<double>(rows.size());
  const double auc = auc_of_silence(rows);
  std::printf("gone(0d,30d): %zu rows, rate %.3f, AUC of recency %.3f\n", rows.size(), rate, auc);
  ASSERT_GT(rows.size(), 2'000U);
  EXPECT_GT(rate, 0.08);
  EXPECT_LT(rate, 0.30);
  EXPECT_GT(auc, 0.65);
  EXPECT_LT(auc, 0.90);
}

// The true probabilities must be true: their mean is the rate, and they rank well but not
// perfectly.
TEST(Marketplace, TrueProbabilitiesAgreeWithWhatHappens) {
  const MarketplaceSimulator of = simulator(options_for(500, 365));
  constexpr std::uint32_t kDaysIn = 250;
  const Time t = parse_time("2025-01-01").value() + kDaysIn * kDay;
  double expected = 0;
  double variance = 0;
  double happened = 0;
  std::vector<Scored> rows;
  for (std::uint32_t i = 0; i < of.customers(); ++i) {
    const auto chance = of.gone_probability(i, kDaysIn, Duration{0}, 30 * kDay, 40);
    Life life;
    of.simulate_customer(i, life.events, life.truth);
    EXPECT_EQ(chance.has_value(), life.truth.joined < t);
    if (!chance) continue;
    const bool active =
        std::any_of(life.events.begin(), life.events.end(), [&](const Event& event) {
          return qualifies(event) && event.event_time > t && event.event_time <= t + 30 * kDay;
        });
    expected += *chance;
    variance += *chance * (1 - *chance);
    happened += active ? 0 : 1;
    rows.push_back(Scored{*chance + 1e-9 * i, !active});
  }
  ASSERT_GT(rows.size(), 300U);
  EXPECT_NEAR(happened, expected, 4 * std::sqrt(variance) + 2) << "seed " << kSeed;
  EXPECT_GT(auc_of_silence(rows), 0.9);
  // At a longer horizon it can only grow.
  for (std::uint32_t i = 0; i < 20; ++i) {
    const auto now = of.gone_probability(i, kDaysIn, Duration{0}, 30 * kDay, 40);
    const auto later = of.gone_probability(i, kDaysIn, 30 * kDay, 30 * kDay, 40);
    if (now) {
      EXPECT_GE(*later + 0.25, *now);
    }
  }
}

}  // namespace
}  // namespace tideline
