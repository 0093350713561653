// The gate: a better model passes; a worse one, one worse in a single task, and one that loses to
// the recency rule do not.
#include "learning/promotion_gate.h"

#include <gmock/gmock.h>

#include <limits>

#include "scoring/test_pack.h"

namespace tideline {
namespace {

using testing::HasSubstr;

constexpr Time kThen = time_from_millis(1'700'000'000'000);

class PromotionGateTest : public ::testing::Test {
 protected:
  PromotionGateTest() {
    for (int i = 0; i < 100; ++i) {
      Snapshot row;
      row.customer = CustomerId("c" + std::to_string(i));
      row.as_of = kThen + (i % 2) * 100 * kDay;
      row.features.assign(pack_->features().size(), 1);
      table_.rows.push_back(row);
    }
    for (std::size_t k = 0; k < pack_->tasks().size(); ++k) {
      TaskReport task;
      task.task = pack_->tasks()[k].name;
      task.kind = pack_->tasks()[k].kind;
      task.champion = Champion::network;
      if (task.kind == TaskKind::probability) {
        task.models = {score("network", 0.10), score("recency", 0.15)};
      }
      report_.tasks.push_back(task);
    }
  }
  static ModelScore score(const char* name, double brier) {
    ModelScore score;
    score.name = name;
    score.probability = ProbabilityMetrics{};
    score.probability->brier = brier;
    return score;
  }
  // The candidate says `p[k]` everywhere, the label is 0.2 (of a number 20).
  void candidate_says(const std::vector<double>& p) {
    report_.predictions.clear();
    for (std::size_t k = 0; k < p.size(); ++k) {
      for (const Snapshot& row : table_.rows) {
        const bool probability = pack_->tasks()[k].kind == TaskKind::probability;
        report_.predictions.push_back({row.customer, row.as_of, k, probability ? 0.2 : 20, p[k]});
      }
    }
  }
  // A model that says 0.5 (of a number 50) of everybody.
  [[nodiscard]] Model production(Time known_until) const {
    ModelManifest manifest;
    manifest.name = "shop-health";
    manifest.feature_hash = pack_->feature_hash();
    manifest.known_until = known_until;
    for (const auto& feature : pack_->features()) manifest.features.push_back(feature.name);
    ConstantRule rule;
    for (const TaskSpec& spec : pack_->tasks()) {
      ModelTask task;
      task.name = spec.name;
      task.kind = spec.kind;
      task.champion = Champion::base_rate;
      manifest.tasks.push_back(task);
      rule.figures.push_back(spec.kind == TaskKind::probability ? 0.5 : 50);
    }
    ModelParts parts;
    parts.calibrations.resize(rule.figures.size());
    parts.constant = rule;
    return Model::assemble(std::move(manifest), std::move(parts));
  }
  GateVerdict judge(const Model& model) {
    return judge_promotion(table_, report_, *pack_, &model);
  }

  std::shared_ptr<const Pack> pack_ = test_pack();
  SnapshotTable table_;
  EvaluationReport report_;
};

TEST_F(PromotionGateTest, TheBetterOnePasses) {
  candidate_says({0.3, 0.3, 30, 30});
  const GateVerdict verdict = judge(production(kThen));
  EXPECT_TRUE(verdict.promote) << verdict.reason;
  ASSERT_EQ(verdict.tasks.size(), 4u);
  EXPECT_NEAR(verdict.tasks[0].candidate, 0.01, 1e-12);
  EXPECT_NEAR(verdict.tasks[0].production, 0.09, 1e-12);
}

TEST_F(PromotionGateTest, TheWorseOneDoesNot) {
  candidate_says({0.6, 0.6, 60, 60});
  const GateVerdict verdict = judge(production(kThen));
  EXPECT_FALSE(verdict.promote);
  EXPECT_THAT(verdict.reason, HasSubstr("worse than in production"));
}

TEST_F(PromotionGateTest, OneTaskMayNotPayForAnother) {
  candidate_says({0.2, 0.2, 20, 52});
  const GateVerdict verdict = judge(production(kThen));
  EXPECT_FALSE(verdict.promote);
  EXPECT_THAT(verdict.reason, HasSubstr("velocity is worse"));
}

TEST_F(PromotionGateTest, RowsThatProductionLearntFromAreLeftOut) {
  candidate_says({0.3, 0.3, 30, 30});
  // By then the labels of the first half were known.
  const GateVerdict verdict = judge(production(kThen + 90 * kDay));
  EXPECT_EQ(verdict.tasks[0].n, 50u);
  EXPECT_EQ(judge(production(kThen + 900 * kDay)).tasks[0].n, 100u) << "none is left";
}

TEST_F(PromotionGateTest, WhatLosesToTheRuleIsNotPromotedWhateverElse) {
  candidate_says({0.3, 0.3, 30, 30});
  report_.tasks[1].models = {score("network", 0.2), score("recency", 0.15)};
  EXPECT_THAT(judge(production(kThen)).reason, HasSubstr("recency rule"));
  EXPECT_FALSE(judge_promotion(table_, report_, *pack_, nullptr).promote);
  for (TaskReport& task : report_.tasks) task.champion = Champion::recency;
  EXPECT_THAT(judge(production(kThen)).reason, HasSubstr("nothing that it learnt"));
}

TEST_F(PromotionGateTest, WithoutProductionOnlyTheRuleIsToBeBeaten) {
  candidate_says({0.9, 0.9, 90, 90});
  EXPECT_TRUE(judge_promotion(table_, report_, *pack_, nullptr).promote);
}

}  // namespace
}  // namespace tideline
