#include "scoring/drivers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "scoring/sentence.h"
#include "scoring/test_pack.h"

namespace tideline {
namespace {

using testing::HasSubstr;

const double kNan = std::nan("");

TEST(SentenceTest, NumbersAreWrittenAsAsked) {
  EXPECT_EQ(spoken_number(0.554, "%"), "55 %");
  EXPECT_EQ(spoken_number(2.125, ".1"), "2.1");
  EXPECT_EQ(spoken_number(-0.04, ".1"), "0.0");
  EXPECT_EQ(spoken_number(7, ""), "7");
  EXPECT_EQ(spoken_number(0.5, ""), "0.5");
  EXPECT_EQ(spoken_number(kNan, ".1"), "-");
}

TEST(SentenceTest, PlaceholdersAreFilledIn) {
  const auto value = [](std::string_view name) { return name == "risk" ? 0.41 : 3.0; };
  const auto form = [](std::string_view) { return std::string(".0"); };
  EXPECT_EQ(filled_in("Risk {risk:%} after {days} days", value, form), "Risk 41 % after 3 days");
  EXPECT_EQ(filled_in("{days:.2}", value, form), "3.00");
  EXPECT_EQ(filled_in("nothing", value, form), "nothing");
}

TEST(SentenceTest, SaysWhatTellsMore) {
  const auto pack = test_pack();
  FeatureSpec sessions;
  sessions.label = "sessions a week";
  sessions.form = ".1";
  const auto said = [&](double now, double past, double usual) {
    return sentence_of(*pack, sessions, now, past, usual);
  };
  EXPECT_EQ(said(0.8, 2.1, 1.9), "sessions a week fell from 2.1 to 0.8");
  EXPECT_EQ(said(0.8, 0.9, 3), "sessions a week: 0.8, usual is 3.0");
  EXPECT_EQ(said(0.8, 0.4, 3), "sessions a week: 0.8, usual is 3.0");  // it rose, but is low
  EXPECT_EQ(said(4, 1, kNan), "sessions a week rose from 1.0 to 4.0");
  EXPECT_EQ(said(0.8, kNan, 0.8), "sessions a week: 0.8");
  EXPECT_EQ(said(kNan, 2, 1), "sessions a week cannot be told (28 days ago: 2.0)");
  sessions.phrase = "no session for {now} days";
  sessions.form = ".0";
  EXPECT_EQ(said(23, 3, 5), "no session for 23 days (28 days ago: 3)");
  EXPECT_EQ(said(23, kNan, 5), "no session for 23 days (usual: 5)");
  FeatureSpec spent;
  spent.label = "average payment";
  spent.form = ".2";
  spent.unit = "currency";
  EXPECT_EQ(sentence_of(*pack, spent, 31.5, 20, kNan),
            "average payment rose from 20.00 to 31.50 EUR");
}

TEST(DriversTest, AddUpAndComeByTheirSize) {
  const auto pack = test_pack();
  Contributions contributions;
  contributions.base = -1;
  contributions.by_feature = {0.5, -0.75, 0, 0.125};
  contributions.by_recency = 0.25;
  contributions.output = contributions.sum();
  const std::vector<double> now{1, 2, 3, 40};
  const auto drivers = drivers_of(*pack, contributions, {now, {}, {}, 40});
  ASSERT_EQ(drivers.size(), 4U);
  EXPECT_EQ(drivers[0].feature, 1);
  EXPECT_EQ(drivers[1].feature, 0);
  EXPECT_EQ(drivers[2].feature, -1);
  EXPECT_THAT(drivers[2].sentence, HasSubstr("40 days ago"));
  double sum = contributions.base;
  for (const Driver& driver : drivers) sum += driver.contribution;
  EXPECT_NEAR(sum, contributions.output, 1e-12);
}

TEST(DriversTest, AThemeIsOneDriverAndItsStrongestFeatureSpeaks) {
  std::string text = kTestPack;
  for (const char* name : {"bought_30d", "looked_30d"}) {
    const std::string key = std::string("name = \"") + name + "\"";
    text.replace(text.find(key), key.size(),
                 key + "\ntheme = \"visits\"\nlabel = \"" + name + "\"");
  }
  const auto pack = Pack::parse(text, "test.toml");
  ASSERT_TRUE(pack.has_value()) << pack.error().message;
  Contributions contributions;
  contributions.by_feature = {-0.25, 1, 0.5, 0};
  const std::vector<double> now{1, 2, 3, 40};
  const std::vector<double> past{1, 9, 3, 10};
  const auto drivers = drivers_of(**pack, contributions, {now, past, now, 0});
  ASSERT_EQ(drivers.size(), 2U);
  EXPECT_EQ(drivers[0].theme, "visits");
  EXPECT_EQ(drivers[0].contribution, 0.75);
  EXPECT_EQ(drivers[0].feature, 1);
  ASSERT_EQ(drivers[0].parts.size(), 2U);
  EXPECT_EQ(drivers[0].parts[0].contribution, 1);
  EXPECT_EQ(drivers[0].sentence, "looked_30d fell from 9 to 2");
  EXPECT_EQ(task_of_drivers(**pack), 0U);
}

}  // namespace
}  // namespace tideline
