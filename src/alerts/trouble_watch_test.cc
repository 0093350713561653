#include "alerts/trouble_watch.h"

#include <gmock/gmock.h>

#include "alerts/test_alerts.h"

namespace tideline {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

struct WatchedRig : AlertRig {
  void note(bool is_bad, Duration passed) {
    const Vital vital{"lag", is_bad, is_bad ? "events wait for 90 s" : ""};
    EXPECT_TRUE(alerts->troubles().note(std::span(&vital, 1)).has_value());
    clock.advance(passed);
  }
  // "began", "ended", the oldest first
  std::vector<std::string> told() {
    route();
    std::vector<std::string> words;
    for (const KeptAlert& alert : kept())
      words.insert(words.begin(), std::get<Trouble>(alert.alert.what).is_over ? "ended" : "began");
    return words;
  }
};

TEST(TroubleWatchTest, TellsOnceWhenItBeganAndOnceWhenItIsOver) {
  WatchedRig rig;
  for (int i = 0; i < 20; ++i) rig.note(true, seconds(10));
  for (int i = 0; i < 20; ++i) rig.note(false, seconds(10));
  EXPECT_THAT(rig.told(), ::testing::ElementsAre("began", "ended"));
  EXPECT_TRUE(rig.alerts->troubles().open().empty());
}

TEST(TroubleWatchTest, WhatIsShortIsNotTold) {
  WatchedRig rig;
  for (int i = 0; i < 20; ++i) {
    rig.note(true, seconds(20));
    rig.note(false, seconds(10));
  }
  EXPECT_TRUE(rig.told().empty());
}

TEST(TroubleWatchTest, AShortReliefIsNoEnd) {
  WatchedRig rig;
  for (int i = 0; i < 4; ++i) rig.note(true, seconds(10));
  for (int i = 0; i < 20; ++i) {
    rig.note(false, seconds(30));
    rig.note(true, seconds(10));
  }
  EXPECT_THAT(rig.told(), ::testing::ElementsAre("began"));
  EXPECT_EQ(rig.alerts->troubles().open().size(), 1U);
}

TEST(TroubleWatchTest, ARestartNeitherRepeatsNorForgets) {
  WatchedRig rig;
  for (int i = 0; i < 4; ++i) rig.note(true, seconds(10));
  rig.restart();
  for (int i = 0; i < 10; ++i) rig.note(true, seconds(10));
  EXPECT_THAT(rig.told(), ::testing::ElementsAre("began"));
  rig.restart();
  for (int i = 0; i < 10; ++i) rig.note(false, seconds(10));
  rig.restart();
  for (int i = 0; i < 10; ++i) rig.note(false, seconds(10));
  EXPECT_THAT(rig.told(), ::testing::ElementsAre("began", "ended"));
}

}  // namespace
}  // namespace tideline
