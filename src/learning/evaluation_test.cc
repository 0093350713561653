// Evaluation and training on made-up customers whose truth is known.
#include "learning/evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "base/rng.h"
#include "learning/train.h"
#include "scoring/test_pack.h"

namespace tideline {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t kSeed = 77;

Time day(int n) { return time_from_millis(1'700'006'400'000) + n * kDay; }

// `customers` people seen on `days` days; their feature "looked" decides, with noise; days of rest
// tell less.
SnapshotTable made_up(int customers, const std::vector<int>& days, std::uint64_t seed = kSeed) {
  Rng rng(seed);
  SnapshotTable table;
  table.now = day(days.back() + 200);
  for (int c = 0; c < customers; ++c) {
    for (const int d : days) {
      Snapshot row;
      row.customer = CustomerId("c" + std::to_string(c));
      row.as_of = day(d);
      row.fold_key = row.customer.str();
      const double bought = double(rng.poisson(3));
      const double looked = rng.normal();
      row.features = {bought, looked, rng.chance(0.2) ? kNan : rng.uniform(5, 50),
                      rng.uniform(0, 30)};
      row.days_since_qualifying = row.features[3];
      const double risk = 1.5 * looked + 0.05 * (row.features[3] - 15) - 0.5;
      const double gone = rng.chance(1 / (1 + std::exp(-risk))) ? 1 : 0;
      const double later = gone == 1 || rng.chance(0.2) ? 1 : 0;
      const double health = std::clamp(60 - 15 * looked + 5 * rng.normal(), 0.0, 100.0);
      const double velocity = std::max(0.0, 2 + bought / 2 + 0.3 * rng.normal());
      row.labels = {gone, later, health, velocity};
      row.past = {kNan, kNan, health + 10 * rng.normal(), velocity + rng.normal()};
      row.eligible = row.scorable = true;
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

const TaskReport& task(const EvaluationReport& report, std::string_view name) {
  for (const TaskReport& t : report.tasks) {
    if (t.task == name) return t;
  }
  ADD_FAILURE() << "no task " << name;
  return report.tasks.front();
}

const ModelScore* model(const TaskReport& report, std::string_view name) {
  for (const ModelScore& m : report.models) {
    if (m.name == name) return &m;
  }
  return nullptr;
}

EvaluationReport evaluated(const SnapshotTable& table, EvaluationOptions options = {}) {
  auto report = evaluate(table, *test_pack(), options);
  EXPECT_TRUE(report.has_value()) << report.error().message;
  return report ? std::move(*report) : EvaluationReport{};
}

TEST(EvaluationTest, ModelsStandBesideTheirBaselinesOnTheSameRows) {
  const SnapshotTable table = made_up(900, {0});
  const EvaluationReport report = evaluated(table);
  const TaskReport& churn = task(report, "churn_risk_14d");
  EXPECT_EQ(churn.split, SplitKind::customer_folds);
  EXPECT_EQ(churn.n, 900U);
  EXPECT_EQ(churn.n_judged, 900U);
  EXPECT_TRUE(churn.champion == Champion::network || churn.champion == Champion::logistic);
  ASSERT_NE(model(churn, "network"), nullptr);
  EXPECT_GT(model(churn, "network")->probability->roc_auc, 0.75);
  EXPECT_GT(model(churn, "logistic")->probability->roc_auc, 0.75);
  EXPECT_LT(model(churn, "recency")->probability->roc_auc, 0.7);
  EXPECT_EQ(model(churn, "base_rate")->probability->roc_auc, 0.5);
  EXPECT_LT(model(churn, "network")->probability->ece, 0.08);
  EXPECT_TRUE(churn.warnings.empty());
  const TaskReport& velocity = task(report, "velocity");
  for (const char* name : {"network", "linear", "past", "mean"}) {
    EXPECT_NE(model(velocity, name), nullptr) << name;
  }
  EXPECT_GT(model(velocity, "network")->number->r2, 0.6);
  EXPECT_NEAR(model(velocity, "mean")->number->r2, 0, 0.02);
}

TEST(EvaluationTest, EveryRowIsPredictedOnceByTheChampion) {
  const SnapshotTable table = made_up(300, {0, 7});
  const EvaluationReport report = evaluated(table);
  std::map<std::size_t, std::size_t> rows_of_task;
  for (const OutOfFold& row : report.predictions) {
    ++rows_of_task[row.task];
    ASSERT_TRUE(std::isfinite(row.p) && std::isfinite(row.label));
  }
  for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(rows_of_task[k], 600U);
}

TEST(EvaluationTest, PureNoiseGetsNoChampionThatPretends) {
  SnapshotTable table = made_up(600, {0});
  Rng rng(kSeed);
  for (Snapshot& row : table.rows) row.labels[0] = rng.chance(0.3) ? 1 : 0;
  const TaskReport churn = task(evaluated(table), "churn_risk_14d");
  EXPECT_LT(model(churn, "network")->probability->roc_auc, 0.58);
  EXPECT_LT(model(churn, "network")->probability->brier_skill, 0.02);
}

TEST(EvaluationTest, ALongHistoryIsJudgedByTime) {
  std::vector<int> days;
  for (int d = 0; d < 364; d += 14) days.push_back(d);
  const SnapshotTable table = made_up(150, days);
  const EvaluationReport report = evaluated(table);
  const TaskReport& churn = task(report, "churn_risk_30d");
  EXPECT_EQ(churn.split, SplitKind::time);
  EXPECT_LT(churn.n_judged, churn.n / 2);
  Time first_test = day(10'000);
  for (const OutOfFold& row : report.predictions) first_test = std::min(first_test, row.as_of);
  EXPECT_GT(first_test, day(180));
  EXPECT_GT(model(churn, "network")->probability->roc_auc, 0.7);
  EvaluationOptions options;
  options.folds = FoldsBy::customer;
  EXPECT_EQ(task(evaluated(table, options), "churn_risk_30d").split, SplitKind::customer_folds);
}

TEST(EvaluationTest, ByBothLaterWeeksOfOtherCustomersAreJudged) {
  std::vector<int> days;
  for (int d = 0; d < 364; d += 14) days.push_back(d);
  EvaluationOptions options;
  options.folds = FoldsBy::both;
  const EvaluationReport report = evaluated(made_up(500, days), options);
  const TaskReport& churn = task(report, "churn_risk_30d");
  EXPECT_EQ(churn.split, SplitKind::time);
  EXPECT_GT(churn.n_judged, 80U);
  for (const OutOfFold& row : report.predictions) {
    EXPECT_GT(row.as_of, day(180));
    EXPECT_EQ(fold_of(row.customer.str()), 0) << row.customer.str();
  }
  EXPECT_GT(model(churn, "network")->probability->roc_auc, 0.7);
}

TEST(EvaluationTest, ANumberWithoutSenseHasNoSkill) {
  SnapshotTable table = made_up(900, {0});
  Rng rng(kSeed);
  for (std::size_t i = table.rows.size() - 1; i > 0; --i)
    std::swap(table.rows[i].labels[2], table.rows[rng.below(i + 1)].labels[2]);
  const TaskReport health = task(evaluated(table), "health_score");
  for (const char* name : {"network", "linear"})
    EXPECT_NEAR(model(health, name)->number->r2, 0, 0.05) << name;
}

TEST(EvaluationTest, FarLabelsDoNotKeepTheOthersFromASplitByTime) {
  std::vector<int> days;
  for (int d = 0; d < 270; d += 14) days.push_back(d);
  SnapshotTable table = made_up(200, days);
  std::vector<TaskSpec> tasks = test_pack()->tasks();
  tasks[3].horizon = 180 * kDay;
  for (Snapshot& row : table.rows) {
    if (row.as_of > day(90)) row.labels[3] = kNan;
  }
  EvaluationOptions options;
  options.tasks = tasks;
  const EvaluationReport report = evaluated(table, options);
  EXPECT_EQ(task(report, "churn_risk_30d").split, SplitKind::time);
  EXPECT_EQ(task(report, "velocity").split, SplitKind::customer_folds);
  EXPECT_GT(model(task(report, "velocity"), "network")->number->r2, 0.5);
}

TEST(EvaluationTest, AMiddlingHistoryIsCalibratedByCrossFitting) {
  std::vector<int> days;
  for (int d = 0; d <= 98; d += 7) days.push_back(d);
  const TaskReport churn = task(evaluated(made_up(100, days)), "churn_risk_30d");
  EXPECT_EQ(churn.split, SplitKind::time_cross_fitted);
  EXPECT_GT(model(churn, "network")->probability->roc_auc, 0.7);
}

TEST(EvaluationTest, TooLittleDataIsSaidAndFailsNothing) {
  SnapshotTable table = made_up(150, {0});
  const EvaluationReport small = evaluated(table);
  const TaskReport& churn = task(small, "churn_risk_14d");
  EXPECT_THAT(churn.warnings, Contains(Field(&Warning::code, "insufficient_data")));
  EXPECT_TRUE(churn.champion == Champion::recency || churn.champion == Champion::base_rate);
  EXPECT_EQ(model(churn, "network"), nullptr);
  EXPECT_NE(model(churn, "recency"), nullptr);

  for (Snapshot& row : table.rows) row.labels.assign(4, kNan);
  const EvaluationReport nothing = evaluated(table);
  EXPECT_EQ(task(nothing, "churn_risk_14d").champion, Champion::none);
  EXPECT_EQ(task(nothing, "churn_risk_14d").n, 0U);
  EXPECT_EQ(evaluated(SnapshotTable{}).tasks.size(), 4U);
}

TEST(EvaluationTest, RareOutcomesAreTooLittleForOneTaskOnly) {
  SnapshotTable table = made_up(600, {0});
  for (std::size_t i = 0; i < table.rows.size(); ++i) table.rows[i].labels[0] = i < 20 ? 1 : 0;
  const EvaluationReport report = evaluated(table);
  EXPECT_THAT(task(report, "churn_risk_14d").warnings,
              Contains(Field(&Warning::code, "insufficient_data")));
  EXPECT_NE(model(task(report, "churn_risk_30d"), "network"), nullptr);
}

TEST(EvaluationTest, AFeatureThatKnowsTheAnswerIsALeak) {
  SnapshotTable table = made_up(400, {0});
  for (Snapshot& row : table.rows) row.features[1] = row.labels[0] + 0.01 * row.features[1];
  const TaskReport churn = task(evaluated(table), "churn_risk_14d");
  EXPECT_THAT(churn.warnings,
              Contains(testing::AllOf(Field(&Warning::code, "leakage"),
                                      Field(&Warning::message, HasSubstr("looked_30d")))));
  EXPECT_THAT(churn.warnings,
              Contains(testing::AllOf(Field(&Warning::code, "leakage"),
                                      Field(&Warning::message, HasSubstr("network")))));
}

TEST(EvaluationTest, BeingMissingCanBeALeakToo) {
  SnapshotTable table = made_up(400, {0});
  for (Snapshot& row : table.rows)
    row.features[2] = row.labels[0] == 1 ? kNan : 20 + row.features[1];
  EXPECT_THAT(task(evaluated(table), "churn_risk_14d").warnings,
              Contains(Field(&Warning::message, HasSubstr("mean_amount"))));
}

TEST(EvaluationTest, CopiesUnderOtherNamesAreNoticed) {
  SnapshotTable table = made_up(300, {0});
  const std::size_t n = table.rows.size();
  Rng rng(kSeed);
  for (std::size_t i = 0; i < n; ++i) {
    Snapshot copy = table.rows[i];
    copy.customer = CustomerId("copy " + copy.customer.str());
    copy.fold_key = copy.customer.str();
    for (double& x : copy.features) x += 1e-4 * rng.normal();
    table.rows.push_back(std::move(copy));
  }
  EXPECT_THAT(task(evaluated(table), "churn_risk_14d").warnings,
              Contains(Field(&Warning::code, "near_duplicates")));
}

TEST(EvaluationTest, PopulationsAreWhatTheySay) {
  SnapshotTable table = made_up(400, {0});
  for (std::size_t i = 0; i < 100; ++i) table.rows[i].eligible = false;
  for (std::size_t i = 100; i < 150; ++i) table.rows[i].lapsed = true;
  for (std::size_t i = 150; i < 160; ++i) table.rows[i].scorable = false;
  const auto rows = [&](Population population) {
    EvaluationOptions options;
    options.population = population;
    return evaluated(table, options).rows;
  };
  EXPECT_EQ(rows(Population::all), 400U);
  EXPECT_EQ(rows(Population::eligible), 300U);
  EXPECT_EQ(rows(Population::served), 240U);
}

TEST(EvaluationTest, ALabelOverrideReplacesTheTasks) {
  SnapshotTable table = made_up(400, {0});
  for (Snapshot& row : table.rows) {
    row.labels.resize(1);
    row.past.clear();
  }
  EvaluationOptions options;
  options.tasks = {TaskSpec{"gone(0d,14d)"}};
  const EvaluationReport report = evaluated(table, options);
  ASSERT_EQ(report.tasks.size(), 1U);
  EXPECT_EQ(report.tasks[0].task, "gone(0d,14d)");
  EXPECT_NE(model(report.tasks[0], "network"), nullptr);
  // Rows that do not fit the tasks are an error, not a crash.
  EXPECT_FALSE(evaluate(table, *test_pack(), {}).has_value());
}

TEST(EvaluationTest, JsonHasTheShapeOfTheContract) {
  SnapshotTable table = made_up(300, {0});
  for (Snapshot& row : table.rows) row.labels[1] = kNan;
  const auto json = boost::json::parse(to_json(evaluated(table)));
  const auto& tasks = json.at("tasks").as_array();
  ASSERT_EQ(tasks.size(), 4U);
  EXPECT_EQ(tasks[0].at("task"), "churn_risk_14d");
  EXPECT_EQ(tasks[0].at("kind"), "probability");
  EXPECT_EQ(tasks[0].at("n"), 300);
  EXPECT_TRUE(tasks[0].at("rate").is_double());
  EXPECT_EQ(tasks[0].at("split"), "customer_folds");
  EXPECT_TRUE(tasks[0].at("champion").is_string());
  const auto& network = tasks[0].at("models").as_array()[0];
  EXPECT_EQ(network.at("name"), "network");
  for (const char* key : {"roc_auc", "pr_auc", "brier", "brier_skill", "log_loss", "ece"}) {
    EXPECT_TRUE(network.at(key).is_double()) << key;
  }
  EXPECT_EQ(tasks[1].at("warnings").as_array()[0].at("code"), "insufficient_data");
  EXPECT_TRUE(tasks[1].at("rate").is_null());
  for (const char* key : {"r2", "mae", "rmse", "corr"}) {
    EXPECT_TRUE(tasks[2].at("models").as_array()[0].at(key).is_double()) << key;
  }
}

TEST(EvaluationTest, TheCallerCanStopIt) {
  EvaluationOptions options;
  options.progress = [](const Progress&) { return false; };
  const auto report = evaluate(made_up(300, {0}), *test_pack(), options);
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().code, ErrorCode::cancelled);
}

TEST(TrainTest, TheSameTableAndSeedGiveTheSameBytes) {
  const SnapshotTable table = made_up(400, {0});
  const auto pack = test_pack();
  const auto a = train(table, *pack, {});
  const auto b = train(table, *pack, {});
  ASSERT_TRUE(a.has_value() && b.has_value());
  EXPECT_EQ(a->files, b->files);
  TrainOptions other;
  other.seed = 2;
  EXPECT_NE(train(table, *pack, other)->files, a->files);
}

TEST(TrainTest, TheFilesAreAModelThatScores) {
  const SnapshotTable table = made_up(800, {0});
  const auto pack = test_pack();
  TrainOptions options;
  options.version = 3;
  const auto trained = train(table, *pack, options);
  ASSERT_TRUE(trained.has_value()) << trained.error().message;
  const auto loaded = Model::parse(trained->files, pack->feature_hash());
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_EQ(loaded->version(), "shop-health-v3");
  EXPECT_EQ(loaded->manifest().training_rows, 800U);
  EXPECT_EQ(loaded->manifest().training_from, day(0));
  EXPECT_EQ(loaded->manifest().known_until, table.now);
  EXPECT_THAT(loaded->manifest().evaluation, HasSubstr("roc_auc"));
  double gap = 0;
  for (const Snapshot& row : table.rows) {
    const auto figures =
        loaded->score(row.features, 1, std::vector<double>{row.days_since_qualifying});
    for (const auto& figure : figures) ASSERT_TRUE(figure.has_value());
    ASSERT_GE(*figures[1], *figures[0]);
    gap += *figures[0] - row.labels[0];
  }
  EXPECT_NEAR(gap / double(table.rows.size()), 0, 0.03);  // calibrated in the large
}

TEST(TrainTest, TooLittleDataTrainsTheRules) {
  const auto pack = test_pack();
  for (const int customers : {0, 5, 100}) {
    SnapshotTable table = made_up(customers, {0});
    const auto trained = train(table, *pack, {});
    ASSERT_TRUE(trained.has_value()) << customers << trained.error().message;
    const auto loaded = Model::parse(trained->files, pack->feature_hash());
    ASSERT_TRUE(loaded.has_value()) << customers << loaded.error().message;
    for (const ModelTask& t : loaded->manifest().tasks) {
      EXPECT_NE(t.champion, Champion::network);
      EXPECT_EQ(t.champion == Champion::none, customers == 0);
    }
  }
}

TEST(TrainTest, LapsedCustomersTeachNothingByDefault) {
  SnapshotTable table = made_up(400, {0});
  for (std::size_t i = 0; i < 100; ++i) table.rows[i].lapsed = true;
  EXPECT_EQ(train(table, *test_pack(), {})->manifest.training_rows, 300U);
}

}  // namespace
}  // namespace tideline
