// Labels by hand: what is known when, gone() in all its cases, first meetings, the health index.
#include "learning/labels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/rng.h"
#include "features/observer.h"

namespace tideline {
namespace {

const Time kT = *parse_time("2025-06-01T00:00:00Z");
const Time kLater = kT + 400 * kDay;

class LabelsTest : public testing::Test {
 protected:
  static std::shared_ptr<const Pack> load(const std::string& name) {
    std::ifstream file(std::string(TIDELINE_SOURCE_DIR) + "/packs/" + name + "/pack.toml");
    std::stringstream text;
    text << file.rdbuf();
    auto pack = Pack::parse(text.str(), name);
    EXPECT_TRUE(pack.has_value()) << pack.error().message;
    return *pack;
  }

  // `day` counts from kT; a fraction is a time of day.
  void event(double day, const std::string& name,
             const std::vector<std::pair<std::string, PropertyValue>>& properties = {}) {
    Event made;
    made.name = name;
    made.event_time = kT + Duration(std::llround(day * 86'400'000.0));
    made.message_id = MessageId(std::to_string(history_.size()));
    Observer observer(*pack_);
    observer.begin(made);
    for (const auto& [property, value] : properties) {
      ASSERT_TRUE(observer.set(*observer.wanted(property), value).has_value());
    }
    history_.push_back(observer.take());
    std::stable_sort(history_.begin(), history_.end(),
                     [](const Observation& a, const Observation& b) { return a.time < b.time; });
  }
  std::optional<double> of(const std::string& text, Time t = kT, Time now = kLater) const {
    const auto program = parse_label(*pack_, text);
    EXPECT_TRUE(program.has_value()) << program.error().message;
    return label_value(*pack_, *program, history_, t, now);
  }
  std::optional<double> task(const std::string& name, Time now = kLater) const {
    return label(*pack_, *pack_->task_index(name), history_, kT, now);
  }

  std::shared_ptr<const Pack> pack_ = load("marketplace");
  std::vector<Observation> history_;
};

TEST_F(LabelsTest, is_not_known_before_its_horizon_has_passed) {
  event(-1, "Session Completed");
  EXPECT_EQ(of("gone(0d, 14d)", kT, kT + 14 * kDay - Duration(1)), std::nullopt);
  EXPECT_EQ(of("gone(0d, 14d)", kT, kT + 14 * kDay), 1.0);
  EXPECT_EQ(task("churn_risk_14d", kT + 44 * kDay - Duration(1)), std::nullopt);
  EXPECT_EQ(task("churn_risk_14d", kT + 44 * kDay), 1.0);
  EXPECT_EQ(task("session_velocity", kT + 28 * kDay - Duration(1)), std::nullopt);
  EXPECT_EQ(task("session_velocity", kT + 28 * kDay), 0.0);
}

TEST_F(LabelsTest, gone_without_horizon_is_inactive_for_the_next_days_ends_included) {
  EXPECT_EQ(of("gone(0d, 14d)"), 1.0);
  event(0, "Session Completed");  // at t itself: before the period
  EXPECT_EQ(of("gone(0d, 14d)"), 1.0);
  event(14, "Session Completed");  // the period's last moment
  EXPECT_EQ(of("gone(0d, 14d)"), 0.0);
  EXPECT_EQ(of("gone(0d, 13d)"), 1.0);
}

TEST_F(LabelsTest, gone_looks_at_every_start_of_silence_within_the_horizon) {
  event(5, "Session Completed");
  event(30, "Payment Succeeded");
  event(70, "Session Completed");
  EXPECT_EQ(of("gone(0d, 30d)"), 0.0);
  EXPECT_EQ(of("gone(14d, 30d)"), 0.0);  // 5 -> 30 is 25 days
  EXPECT_EQ(of("gone(14d, 25d)"), 0.0);  // (5, 30] still holds the payment
  EXPECT_EQ(of("gone(14d, 24d)"), 1.0);
  EXPECT_EQ(of("gone(29d, 30d)"), 0.0);
  EXPECT_EQ(of("gone(30d, 30d)"), 1.0);  // 30 -> 70
}

TEST_F(LabelsTest, a_cancellation_counts_unless_started_again) {
  for (int day = 1; day < 100; day += 3) event(day, "Session Completed");
  EXPECT_EQ(task("churn_risk_14d"), 0.0);
  event(14, "Subscription Cancelled");
  EXPECT_EQ(task("churn_risk_14d"), 1.0);
  EXPECT_EQ(of("gone(13d, 30d)"), 0.0);
  event(44, "Subscription Started");  // within 30 days, the last moment
  EXPECT_EQ(task("churn_risk_14d"), 0.0);
  EXPECT_EQ(of("gone(14d, 29d)"), 1.0);
}

TEST_F(LabelsTest, an_end_event_masks) {
  pack_ = load("learning");
  event(3, "Learning Session");
  EXPECT_EQ(of("gone(0d, 14d)"), 0.0);
  event(14, "Course Ended");
  EXPECT_EQ(of("gone(0d, 14d)"), std::nullopt);
  EXPECT_EQ(of("gone(0d, 13d)"), 0.0);
  EXPECT_EQ(of("gone(0d, 14d)", kT + 14 * kDay), 1.0);  // it had ended already
}

TEST_F(LabelsTest, a_label_and_a_longer_one_never_contradict) {
  const std::uint64_t seed = 99;
  std::cout << "seed " << seed << "\n";
  Rng rng(seed);
  int ones = 0;
  for (int round = 0; round < 300; ++round) {
    history_.clear();
    double day = -20;
    const double mean = rng.uniform(1, 20);
    while ((day += rng.exponential(mean)) < 100) {
      const char* names[] = {"Session Completed", "Payment Succeeded", "Subscription Cancelled",
                             "Subscription Started", "Signed In"};
      event(day, names[rng.below(rng.chance(0.2) ? 5 : 2)]);
    }
    double last = 0;
    for (int h = 0; h <= 30; h += 2) {
      const double value = *of("gone(" + std::to_string(h) + "d, 20d)");
      EXPECT_GE(value, last);
      last = value;
    }
    ones += last > 0 ? 1 : 0;
    // The plain definition, moment by moment, at H = 14 d.
    bool gone = false;
    for (std::int64_t minute = 0; minute <= 14 * 24 * 60 && !gone; minute += 7) {
      const Time s = kT + std::chrono::minutes(minute);
      gone = std::none_of(history_.begin(), history_.end(), [&](const Observation& o) {
        return o.time > s && o.time <= s + 20 * kDay && pack_->is_qualifying(o.event);
      });
    }
    if (gone) {
      EXPECT_EQ(of("gone(14d, 20d)"), 1.0);
    }
  }
  EXPECT_GT(ones, 30);
  EXPECT_LT(ones, 290);
}

TEST_F(LabelsTest, velocity_counts_sessions_a_week) {
  event(0, "Session Completed");
  for (const double day : {1.0, 2.0, 28.0, 28.001}) event(day, "Session Completed");
  event(3, "Session Cancelled");
  EXPECT_EQ(task("session_velocity"), 0.75);
}

using P = std::vector<std::pair<std::string, PropertyValue>>;
P tutor(std::string_view id) { return {{"tutor_id", id}}; }

TEST_F(LabelsTest, first_session_success_judges_the_next_new_tutor_only) {
  event(-30, "Session Completed", tutor("a"));
  event(5, "Session Completed", tutor("a"));
  EXPECT_EQ(task("first_session_success"), std::nullopt);  // nobody new
  event(6, "Session Completed", tutor("b"));
  EXPECT_EQ(task("first_session_success"), 0.0);  // not rated, not again
  event(8, "Session Completed", tutor("c"));
  event(9, "Session Completed", tutor("c"));
  EXPECT_EQ(task("first_session_success"), 0.0);  // c is not the next new one
  event(20, "Session Completed", tutor("b"));     // 14 days later
  EXPECT_EQ(task("first_session_success"), 1.0);
}

TEST_F(LabelsTest, first_session_success_by_rating) {
  event(-119, "Session Completed", tutor("old"));
  event(-130, "Session Completed", tutor("b"));  // longer than 120 days ago: new again
  event(6, "Session Completed", {{"tutor_id", std::string_view("b")}, {"tutor_rating", 5.0}});
  EXPECT_EQ(task("first_session_success"), 1.0);  // by the session's own rating
  event(7, "Session Rated", {{"rating", 5.0}, {"tutor_id", std::string_view("other")}});
  EXPECT_EQ(task("first_session_success"), 1.0);
  event(13, "Session Rated", {{"rating", 3.9}, {"tutor_id", std::string_view("b")}});
  EXPECT_EQ(task("first_session_success"), 0.0);  // the rating event comes first
}

TEST_F(LabelsTest, first_session_success_of_a_meeting_that_did_not_take_place) {
  event(4, "Session No Show", tutor("b"));
  EXPECT_EQ(task("first_session_success"), 0.0);
  event(12, "Session Completed", {{"tutor_id", std::string_view("b")}, {"tutor_rating", 1.0}});
  EXPECT_EQ(task("first_session_success"), 1.0);  // they met after all
}

TEST_F(LabelsTest, first_session_success_needs_one_within_30_days) {
  event(30.001, "Session Completed", {{"tutor_id", std::string_view("b")}, {"tutor_rating", 5.0}});
  EXPECT_EQ(task("first_session_success"), std::nullopt);
  event(30, "Session Completed", {{"tutor_id", std::string_view("d")}, {"tutor_rating", 5.0}});
  EXPECT_EQ(task("first_session_success"), 1.0);
}

TEST_F(LabelsTest, health_is_an_index_in_which_absent_parts_leave_the_sum) {
  EXPECT_EQ(task("health_score"), 0.0);  // only `kept` is known, and it is 0
  for (const double day : {-80, -50, -20}) event(day, "Session Completed");
  EXPECT_EQ(task("health_score"), 0.0);
  event(10, "Session Completed");
  event(20, "Session Completed");
  // kept 2/4; pace 2 against 1 a month, full marks; nothing paid, nothing rated.
  EXPECT_NEAR(*task("health_score"), 100 * (0.4 * 0.5 + 0.3) / 0.7, 1e-12);
  event(21, "Payment Succeeded", {{"amount", 10.0}});
  event(22, "Payment Failed");
  event(23, "Session Rated", {{"rating", 4.0}});
  EXPECT_NEAR(*task("health_score"), 100 * (0.4 * 0.75 + 0.3 + 0.15 * 0.5 + 0.15 * 0.75), 1e-12);
}

TEST_F(LabelsTest, aggregates_of_the_past_are_cut_as_features_are) {
  event(-2.5, "Session Rated", {{"rating", 2.0}});
  event(-1, "Session Rated", {{"rating", 5.0}});
  event(0, "Session Rated", {{"rating", 3.0}});
  event(0.5, "Session Rated", {{"rating", 4.0}});
  const auto with = [&](const std::string& past) {
    return of("0 * count(any, ahead = 1d) + " + past);
  };
  EXPECT_EQ(with("count(\"Session Rated\", 2d)"), 2.0);
  EXPECT_EQ(with("count(\"Session Rated\", 3d, before = 1d)"), 1.0);
  EXPECT_EQ(with("sum(\"Session Rated\".rating, ever)"), 10.0);
  EXPECT_EQ(with("min_of(\"Session Rated\".rating, 3d)"), 2.0);
  EXPECT_EQ(with("max_of(\"Session Rated\".rating, 3d)"), 5.0);
  EXPECT_EQ(with("last(\"Session Rated\".rating, 3d)"), 3.0);
  EXPECT_EQ(with("since(\"Session Rated\")"), 0.0);
  EXPECT_EQ(with("since_first(\"Session Rated\")"), 2.5);
  EXPECT_EQ(with("gap_max(\"Session Rated\", 7d)"), 2.0);
  EXPECT_EQ(with("blocks_active(\"Session Rated\", 1d, 3)"), 2.0);
  EXPECT_EQ(of("max_of(\"Session Rated\".rating, ahead = 1d)"), 4.0);
}

}  // namespace
}  // namespace tideline
