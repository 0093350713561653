// The 46 features of the marketplace against a second implementation that is as plain as can be:
// raw events, one loop a feature, written from the table of definitions and not from the code.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <iostream>
#include <map>
#include <set>

#include "features/compute.h"
#include "features/test_events.h"

namespace tideline {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Raw {
  Time time{};
  EventType type = EventType::track;
  std::string name;
  std::map<std::string, double> numbers;
  std::map<std::string, std::string> texts;
};

class Naive {
 public:
  Naive(const std::vector<Raw>& events, Time t) : t_(t) {
    for (const Raw& e : events) {
      if (e.time <= t) events_.push_back(e);
    }
  }

  std::vector<double> features() const {
    const std::string done = "Session Completed";
    std::vector<double> f;
    for (const int k : {7, 14, 30}) f.push_back(count({done}, k));
    for (const int k : {7, 14, 30})
      f.push_back(std::min(1.0, days_of(done, k).size() / double(k)));
    const std::vector<double> gaps = gaps_of(done, 90);
    f.push_back(mean(gaps));
    f.push_back(gaps.empty() ? kNaN : *std::max_element(gaps.begin(), gaps.end()));
    f.push_back(since({done}));
    const double a = count({done}, 14);
    const double b = count({done}, 28, 14);
    f.push_back(ratio(a - b, a + b));
    std::vector<double> blocks;
    int weeks = 0;
    for (int i = 0; i < 12; ++i) {
      const double n = count({done}, 7 * (i + 1), 7 * i);
      if (i < 8) blocks.push_back(n);
      weeks += n > 0 ? 1 : 0;
    }
    f.push_back(ratio(deviation(blocks), mean(blocks)));
    f.push_back(weeks);
    f.push_back(mean(values(done, "duration_min", 30)));

    const std::vector<double> ratings = values("Session Rated", "rating", 90);
    f.push_back(mean(ratings));
    f.push_back(ratings.size() < 2 ? kNaN : std::max(0.0, 1 - deviation(ratings) / 2));
    f.push_back(mean(values("Session Rated", "rating", 30)) -
                mean(values("Session Rated", "rating", 90, 30)));
    const std::set<std::string> interactions = {"Signed In", "Content Viewed", "Lesson Started",
                                                "Lesson Completed", "Message Sent"};
    f.push_back(ratio(count(interactions, 7), count(interactions, 28) / 4));
    f.push_back(
        std::min(1.0, ratio(count({"Lesson Completed"}, 30), count({"Lesson Started"}, 30))));
    if (count({"Lesson Started"}, 30) == 0) f.back() = kNaN;
    f.push_back(count(interactions, 30) / 30);
    f.push_back(
        count({"Message Received"}, 30) == 0
            ? kNaN
            : std::min(1.0, count({"Message Sent"}, 30) / count({"Message Received"}, 30)));
    f.push_back(names(30));
    add_money(f);
    add_behaviour(f, done);
    add_tutors(f, done);
    return f;
  }

 private:
  void add_money(std::vector<double>& f) const {
    const std::string paid = "Payment Succeeded";
    const double ok = count({paid}, 90);
    const double bad = count({"Payment Failed"}, 90);
    f.push_back(ratio(ok, ok + bad));
    const double m = total(values(paid, "amount", 90, 30)) / 2;
    f.push_back(ratio(total(values(paid, "amount", 30)) - m, m));
    const std::vector<double> gaps = gaps_of(paid, 90);
    f.push_back(gaps.size() < 2 ? kNaN : 1 / (1 + deviation(gaps) / mean(gaps)));
    f.push_back(count({"Payment Failed", "Payment Refunded", "Dispute Opened"}, 90));
    f.push_back(ok / 3);
    f.push_back(mean(values(paid, "amount", 90)));
  }

  void add_behaviour(std::vector<double>& f, const std::string& done) const {
    const double c30 = cancelled("customer", 30);
    const double c60 = cancelled("customer", 90, 30);
    f.push_back(ratio(c30, count({done}, 30) + c30));
    f.push_back(ratio(c30, count({done}, 30) + c30) - ratio(c60, count({done}, 90, 30) + c60));
    double late = 0;
    for (const Raw* e : window("Session Cancelled", 90)) {
      const auto by = e->texts.find("by");
      const auto notice = e->numbers.find("notice_hours");
      if (by != e->texts.end() && by->second == "customer" && notice != e->numbers.end() &&
          notice->second < 24) {
        ++late;
      }
    }
    f.push_back(ratio(late, cancelled("customer", 90)));
    const double met = count({done}, 90);
    const double gone = count({"Session No Show"}, 90);
    f.push_back(ratio(gone, met + count({"Session Cancelled"}, 90) + gone));
    const double moved = count({"Session Rescheduled"}, 90);
    f.push_back(ratio(moved, met + moved));
    f.push_back(count({"Inbound Call"}, 30));
    f.push_back(count({"Inbound Call"}, 14) - count({"Inbound Call"}, 28, 14));
    f.push_back(count({"Support Ticket Opened"}, 30));
    f.push_back(1 / geometric("Message Sent", 30));
    f.push_back(since({}));
  }

  void add_tutors(std::vector<double>& f, const std::string& done) const {
    const auto tutors = [&](int k) {
      std::map<std::string, double> by_tutor;
      for (const Raw* e : window(done, k)) {
        if (e->texts.contains("tutor_id")) by_tutor[e->texts.at("tutor_id")] += 1;
      }
      return by_tutor;
    };
    double all = 0;
    double most = 0;
    for (const auto& [tutor, n] : tutors(30)) all += n, most = std::max(most, n);
    f.push_back(ratio(most, all));
    const double asked = count({"Booking Requested"}, 30);
    f.push_back(asked == 0 ? kNaN : std::min(1.0, count({"Booking Accepted"}, 30) / asked));
    f.push_back(mean(values(done, "tutor_rating", 30)));
    f.push_back(mean(values("Tutor Assigned", "match_score", 90)));
    f.push_back(count({"Tutor Changed"}, 90) / 3);
    f.push_back(static_cast<double>(tutors(90).size()));
    f.push_back(
        ratio(cancelled("tutor", 90), count({done, "Session Cancelled", "Session No Show"}, 90)));
    f.push_back(geometric("Tutor Message", 30) - 1);
    f.push_back(since({"Tutor Assigned", "Tutor Changed"}));
  }

  Time cut(int k) const {
    const Time at = t_ - k * kDay;
    const Duration unit = k <= 14 ? kHour : kDay;
    return at - Duration(millis(at) % unit.count());
  }
  bool inside(Time time, int k, int before) const {
    return time >= cut(k) && (before == 0 || time < cut(before));
  }
  std::vector<const Raw*> window(const std::string& name, int k, int before = 0) const {
    std::vector<const Raw*> found;
    for (const Raw& e : events_) {
      if (e.type == EventType::track && e.name == name && inside(e.time, k, before))
        found.push_back(&e);
    }
    return found;
  }
  double count(const std::set<std::string>& names, int k, int before = 0) const {
    double n = 0;
    for (const std::string& name : names) n += static_cast<double>(window(name, k, before).size());
    return n;
  }
  double cancelled(const std::string& by, int k, int before = 0) const {
    double n = 0;
    for (const Raw* e : window("Session Cancelled", k, before)) {
      n += e->texts.contains("by") && e->texts.at("by") == by ? 1 : 0;
    }
    return n;
  }
  std::vector<double> values(const std::string& name, const std::string& property, int k,
                             int before = 0) const {
    std::vector<double> found;
    for (const Raw* e : window(name, k, before)) {
      if (e->numbers.contains(property)) found.push_back(e->numbers.at(property));
    }
    return found;
  }
  std::set<long> days_of(const std::string& name, int k) const {
    std::set<long> days;
    for (const Raw* e : window(name, k)) days.insert(millis(e->time) / kDay.count());
    return days;
  }
  std::vector<double> gaps_of(const std::string& name, int k) const {
    std::vector<double> gaps;
    long last = -1;
    for (const long day : days_of(name, k)) {
      if (last >= 0) gaps.push_back(static_cast<double>(day - last));
      last = day;
    }
    return gaps;
  }
  double since(const std::set<std::string>& names) const {  // empty: any
    double least = kNaN;
    for (const Raw& e : events_) {
      if (e.type == EventType::identify || e.type == EventType::group ||
          e.type == EventType::alias)
        continue;
      const bool wanted = names.empty() || (e.type == EventType::track && names.contains(e.name));
      if (!wanted || !inside(e.time, 120, 0)) continue;
      const double age = static_cast<double>((t_ - e.time).count()) / 86'400'000.0;
      least = std::isnan(least) ? age : std::min(least, age);
    }
    return least;
  }
  double names(int k) const {
    std::set<std::string> different;
    for (const Raw& e : events_) {
      const bool counts =
          e.type == EventType::track || e.type == EventType::page || e.type == EventType::screen;
      if (counts && inside(e.time, k, 0)) different.insert(e.name);
    }
    return static_cast<double>(different.size());
  }
  double geometric(const std::string& name, int k) const {
    std::vector<double> logs;
    for (const double x : values(name, "reply_hours", k)) logs.push_back(std::log(1 + x));
    return std::exp(mean(logs));
  }
  static double total(const std::vector<double>& v) {
    long double sum = 0;
    for (const double x : v) sum += x;
    return static_cast<double>(sum);
  }
  static double mean(const std::vector<double>& v) {
    return v.empty() ? kNaN : total(v) / v.size();
  }
  static double deviation(const std::vector<double>& v) {
    const double m = mean(v);
    std::vector<double> squares;
    for (const double x : v) squares.push_back((x - m) * (x - m));
    return std::sqrt(mean(squares));
  }
  static double ratio(double a, double b) { return b == 0 ? kNaN : a / b; }

  Time t_;
  std::vector<Raw> events_;
};

const char* const kNames[] = {"Session Completed", "Session Completed",   "Session Completed",
                              "Session Cancelled", "Session Rescheduled", "Session No Show",
                              "Session Rated",     "Session Rated",       "Lesson Started",
                              "Lesson Completed",  "Message Sent",        "Message Received",
                              "Signed In",         "Content Viewed",      "Payment Succeeded",
                              "Payment Succeeded", "Payment Failed",      "Payment Refunded",
                              "Dispute Opened",    "Inbound Call",        "Support Ticket Opened",
                              "Tutor Assigned",    "Tutor Changed",       "Tutor Message",
                              "Booking Requested", "Booking Accepted",    "Something Unknown"};

// Some customers are busy, some hardly come; times fall on full hours and days more often than by
// chance.
std::vector<Raw> random_customer(Rng& rng, Time start) {
  std::vector<Raw> events;
  const std::uint64_t n = rng.below(rng.chance(0.3) ? 12 : 220);
  const double span_days = rng.uniform(1, 200);
  for (std::uint64_t i = 0; i < n; ++i) {
    Raw e;
    auto ms = static_cast<std::int64_t>(rng.uniform(0, span_days) * 86'400'000.0);
    if (rng.chance(0.1)) ms -= ms % kHour.count();
    if (rng.chance(0.05)) ms -= ms % kDay.count();
    e.time = start + Duration(ms);
    const double kind = rng.uniform();
    e.type = kind < 0.9 ? EventType::track : kind < 0.95 ? EventType::page : EventType::identify;
    e.name = kNames[rng.below(std::size(kNames))];
    if (e.type == EventType::page && rng.chance(0.5)) e.name = "Home";
    const auto maybe = [&](const char* property, double value) {
      if (rng.chance(0.8)) e.numbers[property] = value;
    };
    maybe("duration_min", rng.uniform(0, 120));
    maybe("tutor_rating", 1 + static_cast<double>(rng.below(5)));
    maybe("notice_hours", rng.uniform(0, 60));
    maybe("rating", rng.uniform(1, 5));
    maybe("amount", std::round(rng.uniform(-20, 200) * 100) / 100);
    maybe("match_score", rng.uniform());
    maybe("reply_hours", rng.exponential(5));
    if (rng.chance(0.8)) e.texts["by"] = rng.chance(0.6) ? "customer" : "tutor";
    if (rng.chance(0.8)) e.texts["tutor_id"] = "t" + std::to_string(rng.below(4));
    events.push_back(std::move(e));
  }
  return events;
}

Observation observe(EventMaker& maker, const Raw& raw) {
  Properties properties;
  for (const auto& [name, value] : raw.numbers) properties.emplace_back(name, value);
  for (const auto& [name, value] : raw.texts)
    properties.emplace_back(name, std::string_view(value));
  return maker.make(raw.type, raw.time, raw.name, properties);
}

bool equal(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return std::fabs(a - b) <= 1e-9 * std::max(1.0, std::fabs(b));
}

// A time to ask at: of a midnight, of an hour, within minutes of an event, or any.
Time random_as_of(Rng& rng, const std::vector<Raw>& events, Time start) {
  Time t = start + Duration(static_cast<std::int64_t>(rng.uniform(0, 330) * 86'400'000.0));
  const double kind = rng.uniform();
  if (kind < 0.35) return start_of_day(day_index(t));
  if (kind < 0.5) return start_of_hour(hour_index(t));
  if (kind < 0.8 && !events.empty()) {
    const Time at = events[rng.below(events.size())].time;
    return at + Duration(static_cast<std::int64_t>(rng.uniform(-3, 3) * 60'000));
  }
  if (kind < 0.85 && !events.empty()) return events[rng.below(events.size())].time;
  return t;
}

TEST(OracleTest, every_feature_equals_the_plain_implementation) {
  const std::uint64_t seed = 20260102;
  RecordProperty("seed", std::to_string(seed));
  std::cout << "seed " << seed << "\n";
  const auto pack = load_pack("marketplace");
  ASSERT_NE(pack, nullptr);
  Rng rng(seed);
  const Time start = *parse_time("2025-03-01T00:00:00Z");
  std::vector<int> present(pack->features().size(), 0);
  for (int customer = 0; customer < 400; ++customer) {
    const std::vector<Raw> events = random_customer(rng, start);
    for (int point = 0; point < 8; ++point) {
      const Time as_of = random_as_of(rng, events, start);
      // What is known at as_of: an event's time may lie up to 5 minutes ahead of its arrival.
      EventMaker maker(*pack);
      std::vector<Observation> known;
      for (const Raw& raw : events) {
        if (raw.time <= as_of + std::chrono::minutes(5)) known.push_back(observe(maker, raw));
      }
      CustomerState state;
      for (std::size_t i = 0; i < known.size();) {  // in pieces, as they would come
        const std::size_t n = std::min<std::size_t>(known.size() - i, 1 + rng.below(40));
        state.apply(*pack, std::span(known).subspan(i, n));
        i += n;
      }
      const FeatureVector got = compute_features(*pack, state, as_of);
      const std::vector<double> want = Naive(events, as_of).features();
      ASSERT_EQ(got.values.size(), want.size());
      for (std::size_t f = 0; f < want.size(); ++f) {
        ASSERT_TRUE(equal(got.values[f], want[f]))
            << pack->features()[f].name << " of customer " << customer << " at "
            << format_time(as_of) << ": " << got.values[f] << ", the plain way " << want[f];
        present[f] += std::isnan(want[f]) || want[f] == 0 ? 0 : 1;
      }
    }
  }
  // The test says something of a feature only where it was there.
  for (std::size_t f = 0; f < present.size(); ++f)
    EXPECT_GT(present[f], 100) << pack->features()[f].name;
}

TEST(OracleTest, any_order_of_arrival_gives_the_same_bytes) {
  const std::uint64_t seed = 77;
  std::cout << "seed " << seed << "\n";
  const auto pack = load_pack("marketplace");
  ASSERT_NE(pack, nullptr);
  Rng rng(seed);
  const Time start = *parse_time("2025-03-01T00:00:00Z");
  for (int customer = 0; customer < 25; ++customer) {
    EventMaker maker(*pack);
    std::vector<Observation> observations;
    for (const Raw& raw : random_customer(rng, start)) observations.push_back(observe(maker, raw));
    if (observations.empty()) continue;
    // A crowd within minutes of the newest, some at the very same time.
    Time newest = observations[0].time;
    for (const Observation& o : observations) newest = std::max(newest, o.time);
    for (int i = 0; i < 15; ++i) {
      observations.push_back(maker.track(newest - std::chrono::minutes(rng.below(14)),
                                         "Session Completed",
                                         {{"duration_min", rng.uniform(1, 90)}}));
    }
    std::string bytes;
    std::vector<double> values;
    for (int order = 0; order < 20; ++order) {
      for (std::size_t i = observations.size(); i > 1; --i) {
        std::swap(observations[i - 1], observations[rng.below(i)]);
      }
      CustomerState state;
      for (std::size_t i = 0; i < observations.size();) {
        const std::size_t n = std::min<std::size_t>(observations.size() - i, 1 + rng.below(30));
        state.apply(*pack, std::span(observations).subspan(i, n));
        i += n;
        if (rng.chance(0.3)) {  // through the store and back
          auto again = CustomerState::decode(*pack, state.encode(*pack));
          ASSERT_TRUE(again.has_value()) << again.error().message;
          state = std::move(*again);
        }
      }
      const std::string these = state.encode(*pack);
      const FeatureVector vector =
          compute_features(*pack, state, newest - std::chrono::minutes(4));
      if (order == 0) bytes = these, values = vector.values;
      ASSERT_EQ(these, bytes) << "customer " << customer << ", order " << order;
      ASSERT_EQ(std::memcmp(vector.values.data(), values.data(), values.size() * sizeof(double)),
                0);
    }
  }
}

TEST(OracleTest, deleting_what_comes_later_changes_nothing) {
  const std::uint64_t seed = 4711;
  std::cout << "seed " << seed << "\n";
  const auto pack = load_pack("marketplace");
  ASSERT_NE(pack, nullptr);
  Rng rng(seed);
  const Time start = *parse_time("2025-03-01T00:00:00Z");
  for (int customer = 0; customer < 200; ++customer) {
    const std::vector<Raw> events = random_customer(rng, start);
    if (events.empty()) continue;
    const Time as_of = events[rng.below(events.size())].time + Duration(rng.below(120'000));
    EventMaker maker(*pack);
    std::vector<Observation> all;
    std::vector<Observation> earlier;
    for (const Raw& raw : events) {
      const Observation o = observe(maker, raw);
      if (raw.time <= as_of + std::chrono::minutes(9)) all.push_back(o);
      if (raw.time <= as_of) earlier.push_back(o);
    }
    // Always something later, also of a trait.
    all.push_back(
        maker.track(as_of + std::chrono::minutes(9), "Payment Succeeded", {{"amount", 10.0}}));
    CustomerState with;
    with.apply(*pack, all);
    CustomerState without;
    without.apply(*pack, earlier);
    const auto a = compute_features(*pack, with, as_of);
    const auto b = compute_features(*pack, without, as_of);
    ASSERT_EQ(std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(double)), 0)
        << "customer " << customer << " at " << format_time(as_of);
    EXPECT_EQ(is_eligible(*pack, with, as_of), is_eligible(*pack, without, as_of));
    EXPECT_EQ(is_lapsed(*pack, with, as_of), is_lapsed(*pack, without, as_of));
    EXPECT_EQ(unscored_reason(*pack, with, a, as_of), unscored_reason(*pack, without, b, as_of));
  }
}

}  // namespace
}  // namespace tideline
