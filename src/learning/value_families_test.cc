// The value of purchases beside simulated customers, and which packs it is asked of.
#include "learning/value_families.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include "base/rng.h"
#include "learning/evaluation.h"
#include "learning/value_training.h"
#include "scoring/test_pack.h"

namespace tideline {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

constexpr const char* kShop = R"(
[pack]
name = "shop"
about = "For tests"
currency = "EUR"
qualifying = ["Looked"]
lapse_days = 30

[event."Looked"]

[event."Order Paid"]
amount = { type = "number", min = 0, money = true }

[[feature]]
name = "order_days"
value = 'active_days("Order Paid", ever)'

[[feature]]
name = "since_order"
value = 'since("Order Paid", ever)'

[[feature]]
name = "since_first_order"
value = 'since_first("Order Paid")'

[[feature]]
name = "paid_a_day"
value = 'sum("Order Paid".amount, ever) / active_days("Order Paid", ever)'

[eligible]
rule = 'true'

[[task]]
name = "spent_70d"
kind = "number"
min = 0
label = 'sum("Order Paid".amount, ahead = 70d)'
definition = "Paid in 70 days."

[[task]]
name = "looks_28d"
kind = "number"
min = 0
label = 'count("Looked", ahead = 28d)'
definition = "Looks in 28 days."

[[tier]]
name = "all"
rule = 'true'
)";

std::shared_ptr<const Pack> pack_of(const std::string& toml) {
  const auto pack = Pack::parse(toml, "test.toml");
  EXPECT_TRUE(pack.has_value()) << pack.error().message;
  return pack ? *pack : nullptr;
}

// Customers of MBG/NBD whose amounts are gamma-gamma, seen once; some have not bought yet.
SnapshotTable customers(std::uint64_t seed, int count) {
  constexpr double kWeeks = 10;
  Rng rng(seed);
  SnapshotTable table;
  for (int i = 0; i < count; ++i) {
    Snapshot row;
    row.customer = CustomerId("c" + std::to_string(i));
    row.fold_key = row.customer.str();
    row.eligible = row.scorable = true;
    row.past = {kNan, kNan};
    if (i % 5 == 0) {
      row.features = {0, kNan, kNan, kNan};
      row.labels = {rng.chance(0.1) ? 20.0 : 0.0, 1.0};
      table.rows.push_back(std::move(row));
      continue;
    }
    const double rate = rng.gamma(1.2, 1 / 3.0);
    const double leave = rng.beta(0.8, 3.0);
    const double nu = rng.gamma(4, 1 / 15.0);
    const double age = rng.uniform(10, 60);
    double t = 0, last = 0, bought = 1, later = 0;
    double paid = rng.gamma(6, 1 / nu), spent = 0;
    for (bool alive = !rng.chance(leave); alive; alive = !rng.chance(leave)) {
      t += rng.exponential(1 / rate);
      if (t > age + kWeeks) break;
      const double amount = rng.gamma(6, 1 / nu);
      if (t <= age) {
        bought += 1, last = t, paid += amount;
      } else {
        later += 1, spent += amount;
      }
    }
    row.features = {bought, 7 * (age - last), 7 * age, paid / bought};
    row.labels = {spent, later};
    table.rows.push_back(std::move(row));
  }
  return table;
}

TEST(ValueFamilies, AskedWhereFeaturesTellThePurchasesBehindASum) {
  const auto shop = pack_of(kShop);
  const auto spec = spending_spec(*shop, shop->tasks());
  ASSERT_TRUE(spec.has_value());
  EXPECT_EQ(spec->columns, (std::array<std::int32_t, 3>{0, 1, 2}));
  EXPECT_EQ(spec->amount_column, 3);
  EXPECT_NEAR(spec->spans[0], 10, 1e-12);
  EXPECT_TRUE(std::isnan(spec->spans[1]));
  std::string without = kShop;
  without.replace(without.find("since_first(\"Order Paid\")"), 25, "since_first(\"Looked\")");
  const auto other = pack_of(without);
  EXPECT_FALSE(spending_spec(*other, other->tasks()).has_value());
  const auto test = test_pack();
  EXPECT_FALSE(spending_spec(*test, test->tasks()).has_value());
}

TEST(ValueFamilies, ThePackOfTheEngagementPlatformAsksIt) {
  std::ifstream file(std::string(TIDELINE_SOURCE_DIR) + "/packs/engagement/pack.toml");
  std::stringstream toml;
  toml << file.rdbuf();
  const auto pack = pack_of(toml.str());
  ASSERT_NE(pack, nullptr);
  const auto spec = spending_spec(*pack, pack->tasks());
  ASSERT_TRUE(spec.has_value());
  EXPECT_EQ(pack->features()[std::size_t(spec->columns[0])].name, "payment_days_ever");
  EXPECT_EQ(pack->features()[std::size_t(spec->amount_column)].name, "avg_payment_day");
  EXPECT_NEAR(spec->spans[2], 180 / 7.0, 1e-9);
}

TEST(ValueFamilies, FoundParametersAndWhatComesOnAverage) {
  const auto shop = pack_of(kShop);
  EvaluationOptions options;
  options.population = Population::all;
  const SnapshotTable table = customers(11, 5'000);
  const auto report = evaluate(table, *shop, options);
  ASSERT_TRUE(report.has_value()) << report.error().message;
  const TaskReport& spent = report->tasks[0];
  const auto found = std::find_if(spent.models.begin(), spent.models.end(),
                                  [](const auto& m) { return m.name == "mbg_nbd_gamma_gamma"; });
  ASSERT_NE(found, spent.models.end());
  ASSERT_TRUE(found->purchases && found->amounts && found->number);
  EXPECT_NEAR(found->amounts->p, 6, 1.5);
  EXPECT_NEAR(found->amounts->q, 4, 0.8);
  EXPECT_NEAR(found->purchases->r, 1.2, 0.3);
  EXPECT_NEAR(found->purchases->alpha, 3, 0.9);
  EXPECT_GT(found->number->r2, 0.2);
  for (const ModelScore& model : report->tasks[1].models)
    EXPECT_NE(model.name, "mbg_nbd_gamma_gamma");
}

TEST(ValueFamilies, TooFewWhoBoughtAreTold) {
  const auto fit = fit_gamma_gamma(std::vector<AmountHistory>(49, {3, 20}));
  ASSERT_FALSE(fit.has_value());
  EXPECT_EQ(fit.error().reason, "no_maximum");
}

}  // namespace
}  // namespace tideline
