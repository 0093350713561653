#include "pipeline/explain.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.h"
#include "features/compute.h"
#include "pipeline/recommend.h"
#include "ports/memory_state_store.h"
#include "scoring/test_pack.h"

namespace tideline {
namespace {

constexpr std::uint64_t kSeed = 28;
const Time kStart = *parse_time("2026-01-01");

// One regression a task over all four features; versions differ in their bias.
Model model_of(const Pack& pack, const std::string& version, double bias) {
  Rng rng(kSeed);
  ModelManifest manifest;
  manifest.model_version = version;
  for (const FeatureSpec& feature : pack.features()) manifest.features.push_back(feature.name);
  ModelParts parts;
  Regressions& regressions = parts.logistic.emplace();
  regressions.encoding.feature_count = 4;
  for (std::int32_t f = 0; f < 4; ++f)
    regressions.encoding.inputs.push_back({f, Transform::identity, 5, 10});
  for (const TaskSpec& spec : pack.tasks()) {
    ModelTask task;
    task.name = spec.name;
    task.kind = spec.kind;
    task.not_below = spec.not_below;
    task.champion = Champion::logistic;
    manifest.tasks.push_back(task);
    Regressions::Task fitted{true, HeadKind::probability, {}, bias, -1000, 1000};
    if (spec.kind == TaskKind::number) fitted.kind = HeadKind::linear;
    for (int i = 0; i < 4; ++i) fitted.weights.push_back(0.4 * rng.normal());
    regressions.tasks.push_back(fitted);
  }
  parts.medians = {3, 4, 20, 7};
  return Model::assemble(std::move(manifest), std::move(parts));
}

EventRow event(const std::string& name, Time time, const std::string& properties = "{}") {
  EventRow row;
  row.event.customer = CustomerId("c1");
  row.event.name = name;
  row.event.event_time = row.event.arrival_time = time;
  row.event.message_id = MessageId(name + format_time(time));
  row.event.properties = properties;
  return row;
}

std::vector<EventRow> life() {
  std::vector<EventRow> rows;
  for (int day = 0; day < 90; day += 6)
    rows.push_back(event("Bought", kStart + day * kDay, R"({"amount":20})"));
  for (int day = 60; day < 100; day += 2) rows.push_back(event("Looked", kStart + day * kDay));
  return rows;
}

TEST(ExplainTest, TheStateOfATimeKnowsNothingLater) {
  const auto pack = test_pack();
  const auto rows = life();
  const auto early = state_of_events(*pack, rows, kStart + 50 * kDay);
  ASSERT_TRUE(early.has_value());
  std::vector<EventRow> first;
  for (const EventRow& row : rows) {
    if (row.event.event_time <= kStart + 50 * kDay) first.push_back(row);
  }
  EXPECT_EQ(early->encode(*pack),
            state_of_events(*pack, first, kStart + 99 * kDay)->encode(*pack));
  auto late = rows;
  late[0].event.arrival_time = kStart + 70 * kDay;
  EXPECT_EQ(state_of_events(*pack, late, kStart + 50 * kDay)->event_count(),
            early->event_count() - 1);
}

TEST(ExplainTest, DriversAddUpAndKnowThePast) {
  const auto pack = test_pack();
  const Model model = model_of(*pack, "v1", 0.2);
  const Time now = kStart + 100 * kDay;
  const auto state = state_of_events(*pack, life(), now);
  const auto past = state_of_events(*pack, life(), now - kDriverPast);
  const auto why = explain(*pack, model, 0, *state, &*past, now);
  ASSERT_TRUE(why.has_value());
  double sum = why->contributions.base;
  for (const Driver& driver : why->drivers) sum += driver.contribution;
  EXPECT_NEAR(sum, why->contributions.output, 1e-9);
  const FeatureVector before = compute_features(*pack, *past, now - kDriverPast);
  for (const Driver& driver : why->drivers) {
    EXPECT_EQ(driver.past, before.values[std::size_t(driver.feature)]) << driver.sentence;
  }
}

TEST(ExplainTest, APartOfAChangeIsWhatItsCauseAloneMakes) {
  const auto pack = test_pack();
  const Model one = model_of(*pack, "v1", 0.2);
  const Model two = model_of(*pack, "v2", 0.7);
  const Time t0 = kStart + 50 * kDay;
  const Time t1 = kStart + 90 * kDay;
  const auto before = state_of_events(*pack, life(), t0);
  const auto after = state_of_events(*pack, life(), t1);
  const auto shown = [&](const Model& model, const CustomerState& state, Time t) {
    return model.score(compute_features(*pack, state, t).values, 1, std::vector<double>{1});
  };
  auto from = shown(one, *before, t0);
  const auto to = shown(two, *after, t1);
  from[2] = *from[2] + 3;  // as another pack once showed it
  const auto changes = changes_between(*pack, {t0, &one, &*before, from}, {t1, &two, &*after, to});
  ASSERT_EQ(changes.size(), 4U);
  for (std::size_t k = 0; k < 4; ++k) {
    ASSERT_TRUE(changes[k].has_value());
    const FigureChange& c = *changes[k];
    EXPECT_NEAR(c.behaviour + c.ageing + c.model_version + c.settings + c.override_, c.to - c.from,
                1e-9);
    EXPECT_NE(c.behaviour, 0);
    EXPECT_NE(c.ageing, 0);
    EXPECT_NEAR(c.settings, k == 2 ? -3 : 0, 1e-9);
    if (k >= 2) {
      EXPECT_NEAR(c.model_version, 0.5, 1e-9);
    }
  }
  // The same model, no event between: all is ageing.
  const auto aged = shown(one, *before, t1);
  const auto quiet = changes_between(*pack, {t0, &one, &*before, shown(one, *before, t0)},
                                     {t1, &one, &*before, aged});
  EXPECT_EQ(quiet[0]->behaviour, 0);
  EXPECT_EQ(quiet[0]->model_version, 0);
  // What is not shown cannot be split.
  from[1].reset();
  EXPECT_FALSE(changes_between(*pack, {t0, &one, &*before, from}, {t1, &two, &*after, to})[1]);
}

TEST(RecommendTest, NewRecommendationsGoIntoTheLakeOnce) {
  const auto pack = Pack::parse(std::string(kTestPack) + R"(
[[play]]
name = "risk"
when = 'churn_risk_14d > past.churn_risk_14d + 0.2'
say = "Risk rose from {past.churn_risk_14d:%} to {churn_risk_14d:%}"
channel = "call"
)",
                                "test.toml");
  ASSERT_TRUE(pack.has_value()) << pack.error().message;
  const Model model = model_of(**pack, "v1", 0.2);
  MemoryStateStore store;
  KeptPrediction old;
  old.prediction.customer = CustomerId("c1");
  old.prediction.figures = {0.1, 0.2, 50, 1};
  WriteBatch first;
  first.put(Family::history, history_key(old.prediction.customer, kStart), encode(old));
  ASSERT_TRUE(store.write(first, Durability::later));
  const std::vector<double> features{1, 2, 3, 4};
  KeptPrediction now = old;
  now.prediction.timestamp = kStart + 40 * kDay;
  now.prediction.status = ScoreStatus::scored;
  now.prediction.figures[0] = 0.6;
  now.plays = recommend(**pack, store, model, {features, 4, {}}, now.prediction);
  ASSERT_EQ(now.plays.size(), 1U);
  EXPECT_EQ(now.plays[0].say, "Risk rose from 10 % to 60 %");
  EXPECT_EQ(now.plays[0].since, now.prediction.timestamp);
  // read back with the prediction, and not recommended twice
  const auto read = decode_kept_prediction(encode(now));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->plays, now.plays);
  Prediction next = now.prediction;
  next.timestamp += kDay;
  EXPECT_EQ(recommend(**pack, store, model, {features, 4, now.plays}, next), now.plays);
}

}  // namespace
}  // namespace tideline
