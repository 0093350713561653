// Drift: the quantile against tables, PSI against a sum by hand, alarms by chance, damage.
#include "learning/drift.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/rng.h"

namespace tideline {
namespace {

TEST(DriftTest, TheQuantileIsTheTables) {
  // Abramowitz and Stegun, table 26.8.
  const std::pair<std::size_t, double> at_999[] = {{1, 10.828}, {2, 13.816},  {5, 20.515},
                                                   {9, 27.877}, {10, 29.588}, {20, 45.315}};
  for (const auto& [degrees, expected] : at_999)
    EXPECT_NEAR(chi_square_quantile(0.999, degrees), expected, 0.001) << degrees;
  EXPECT_NEAR(chi_square_quantile(0.5, 10), 9.3418, 1e-4);
  EXPECT_EQ(chi_square_quantile(0.999, 0), 0);
}

TEST(DriftTest, PsiIsTheSumByHand) {
  DriftBins reference{"x", {0}, {600, 400, 0}};
  const Drift drift = drift_of(reference, std::vector<std::uint64_t>{400, 600, 0});
  const double a = 600.5 / 1001, b = 400.5 / 1001;
  EXPECT_NEAR(drift.psi, (b - a) * std::log(b / a) * 2, 1e-12);
  EXPECT_EQ(drift.verdict, DriftVerdict::drifted);
  EXPECT_EQ(drift.alarm_above, kDriftFloor) << "one degree of freedom: 10.83 x 2 / 1000 is less";
}

TEST(DriftTest, FewerThan400RowsAreTooLittle) {
  const DriftBins many{"x", {0}, {300, 100, 0}};
  EXPECT_EQ(drift_of(many, std::vector<std::uint64_t>{0, 399, 0}).verdict,
            DriftVerdict::too_little_data);
  EXPECT_EQ(drift_of(many, std::vector<std::uint64_t>{0, 400, 0}).verdict, DriftVerdict::drifted);
  const DriftBins few{"x", {0}, {300, 99, 0}};
  EXPECT_EQ(drift_of(few, std::vector<std::uint64_t>{0, 400, 0}).verdict,
            DriftVerdict::too_little_data);
}

TEST(DriftTest, SmallSamplesOfTheSameRaiseNoAlarm) {
  const std::uint64_t seed = 20'260'131;
  SCOPED_TRACE("seed " + std::to_string(seed));
  Rng rng(seed);
  const auto draw = [&](std::size_t n) {
    std::vector<double> values(n);
    for (double& x : values) x = rng.normal();
    return values;
  };
  int alarms = 0;
  double greatest = 0;
  for (int i = 0; i < 300; ++i) {
    const DriftBins reference = drift_bins("x", draw(400));
    const Drift drift = drift_of(reference, counts_in(reference, draw(400)));
    alarms += drift.verdict == DriftVerdict::drifted ? 1 : 0;
    greatest = std::max(greatest, drift.psi);
    EXPECT_GT(drift.alarm_above, kDriftFloor);
  }
  EXPECT_LE(alarms, 3) << "0.3 are expected";
  EXPECT_GT(greatest, kDriftFloor * 0.5) << "so a fixed border near it would have cried wolf";
}

TEST(DriftTest, AShiftOfHalfADeviationIsSeen) {
  Rng rng(7);
  std::vector<double> before(2'000), now(2'000);
  for (double& x : before) x = rng.normal();
  for (double& x : now) x = rng.normal() + 0.5;
  const DriftBins reference = drift_bins("x", before);
  EXPECT_EQ(reference.edges.size(), kDriftBins - 1);
  EXPECT_EQ(drift_of(reference, counts_in(reference, now)).verdict, DriftVerdict::drifted);
  EXPECT_EQ(drift_of(reference, counts_in(reference, before)).psi, 0);
}

TEST(DriftTest, MissingIsABinOfItsOwn) {
  const double missing = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> before(1'000, 1), now(1'000, 1);
  for (std::size_t i = 0; i < 500; ++i) now[i] = missing;
  now[999] = std::numeric_limits<double>::infinity();
  const DriftBins reference = drift_bins("x", before);
  const auto counts = counts_in(reference, now);
  EXPECT_EQ(counts.back(), 501u);
  EXPECT_EQ(drift_of(reference, counts).verdict, DriftVerdict::drifted);
  const DriftBins none = drift_bins("x", std::vector<double>(500, missing));
  EXPECT_EQ(none.counts, (std::vector<std::uint64_t>{0, 500}));
  EXPECT_EQ(drift_of(none, none.counts).verdict, DriftVerdict::steady);
}

TEST(DriftTest, TheFileComesBackAndNoFlippedBitIsTaken) {
  const std::vector<DriftBins> reference = {
      drift_bins("a", {0.1, 0.2, 0.30000000000000004, 1e-300, 3, 4, 5, 6, 7, 8, 9, 10}),
      drift_bins("a \"quoted\" name", {})};
  const std::string text = to_json(reference);
  const auto back = parse_drift(text);
  ASSERT_TRUE(back);
  ASSERT_EQ(back->size(), 2u);
  EXPECT_EQ((*back)[0].edges, reference[0].edges);
  EXPECT_EQ((*back)[0].counts, reference[0].counts);
  EXPECT_EQ((*back)[1].name, reference[1].name);
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(parse_drift(flipped)) << bit;
  }
  EXPECT_FALSE(parse_drift(text.substr(0, text.size() - 1)));
  EXPECT_FALSE(parse_drift(""));
}

}  // namespace
}  // namespace tideline
