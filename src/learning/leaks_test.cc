// A planted leak is refused by name; what merely helps is not.
#include "learning/leaks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/rng.h"
#include "learning/evaluation_run.h"
#include "scoring/test_pack.h"

namespace tideline {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::vector<std::string> kNames = {"orders", "looked", "last", "rest"};

// Rows of the test pack: features 0..3, labels 0..3; `leak` sets a feature from the labels.
template <class Leak>
Status refused(std::uint64_t seed, const Leak& leak) {
  Rng rng(seed);
  SnapshotTable table;
  for (int i = 0; i < 2'000; ++i) {
    Snapshot row;
    row.customer = CustomerId("c" + std::to_string(i));
    row.fold_key = row.customer.str();
    for (int f = 0; f < 4; ++f) row.features.push_back(rng.normal());
    const double risk = 1 / (1 + std::exp(-2 * row.features[1]));
    const double gone = rng.chance(risk) ? 1 : 0;
    row.labels = {gone, gone, 50 - 10 * row.features[1] + 5 * rng.normal(), rng.uniform(0, 9)};
    leak(row, rng);
    row.eligible = row.scorable = true;
    table.rows.push_back(std::move(row));
  }
  const auto pack = test_pack();
  const auto data = dataset_of(table, *pack, pack->tasks(), Population::eligible);
  EXPECT_TRUE(data.has_value());
  return refuse_leaks(*data, kNames);
}

TEST(Leaks, WhatHelpsIsNoLeak) {
  EXPECT_TRUE(refused(1, [](Snapshot&, Rng&) {}).has_value());
}

TEST(Leaks, AColumnMadeOfANumberIsRefusedByName) {
  const auto status = refused(2, [](Snapshot& row, Rng& rng) {
    row.features[3] = std::exp(row.labels[2] / 20) + 0.02 * rng.normal();
  });
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::refused);
  EXPECT_EQ(status.error().reason, "target_derived");
  EXPECT_THAT(status.error().message, HasSubstr("rest tells health_score (R2 0.9"));
  EXPECT_THAT(status.error().message, Not(HasSubstr("looked")));
}

TEST(Leaks, AColumnThatOnlyTheGoneHaveIsRefused) {
  const auto status = refused(3, [](Snapshot& row, Rng& rng) {
    row.features[0] =
        row.labels[0] == 1 ? rng.uniform(0, 1) : std::numeric_limits<double>::quiet_NaN();
  });
  ASSERT_FALSE(status.has_value());
  EXPECT_THAT(status.error().message, HasSubstr("orders tells churn_risk_14d (AUC 1.000)"));
}

TEST(Leaks, FewRowsSayNothing) {
  SnapshotTable table;
  for (int i = 0; i < 150; ++i) {
    Snapshot row;
    row.customer = CustomerId("c" + std::to_string(i));
    row.fold_key = row.customer.str();
    const double gone = i % 2;
    row.features = {gone, gone, gone, gone};
    row.labels = {gone, gone, gone, gone};
    row.eligible = row.scorable = true;
    table.rows.push_back(std::move(row));
  }
  const auto pack = test_pack();
  const auto data = dataset_of(table, *pack, pack->tasks(), Population::eligible);
  ASSERT_TRUE(data.has_value());
  EXPECT_TRUE(refuse_leaks(*data, kNames).has_value());
}

}  // namespace
}  // namespace tideline
