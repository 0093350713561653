#include "alerts/delivery.h"

#include <gtest/gtest.h>

namespace tideline {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
const Time kNow = *parse_time("2026-03-01T12:00:00Z");

Delivery fresh() {
  Delivery delivery;
  delivery.created = kNow;
  try_again(delivery, kNow);
  return delivery;
}
Attempt failed(Time at, int status = 500) { return {at, Duration(0), status, "", ""}; }

TEST(DeliveryTest, PausesGrowFourfoldUpToTwoHours) {
  EXPECT_EQ(pause_after(1, {}, 0.5), seconds(5));
  EXPECT_EQ(pause_after(2, {}, 0.5), seconds(20));
  EXPECT_EQ(pause_after(3, {}, 0.5), seconds(80));
  EXPECT_EQ(pause_after(7, {}, 0.5), hours(2));
  EXPECT_EQ(pause_after(1'000, {}, 0.5), hours(2));
}

TEST(DeliveryTest, PausesVaryByAFifth) {
  EXPECT_EQ(pause_after(1, {}, 0), seconds(4));
  EXPECT_EQ(pause_after(1, {}, 1), seconds(6));
}

TEST(DeliveryTest, WaitsAsLongAsItWasAsked) {
  EXPECT_EQ(pause_after(1, seconds(90), 0.5), seconds(90));
  EXPECT_EQ(pause_after(5, seconds(1), 0.5), seconds(1280));
}

TEST(DeliveryTest, IsGivenUpAfterADayWithALastTryAtItsEnd) {
  Delivery delivery = fresh();
  int tries = 0;
  Time last{};
  while (delivery.status == DeliveryStatus::waiting) {
    ASSERT_LT(++tries, 100);
    last = delivery.next_try;
    note_attempt(delivery, failed(last), {}, false, 0.5);
  }
  EXPECT_EQ(delivery.status, DeliveryStatus::given_up);
  EXPECT_EQ(last, kNow + hours(24));
  EXPECT_GE(tries, 15);
  EXPECT_LE(tries, 25);
}

TEST(DeliveryTest, AnswersFrom200To299AreTheEnd) {
  for (const int status : {200, 204, 299}) {
    Delivery delivery = fresh();
    note_attempt(delivery, failed(kNow, status), {}, false, 0.5);
    EXPECT_EQ(delivery.status, DeliveryStatus::delivered) << status;
  }
  for (const int status : {0, 199, 301, 404, 500}) {
    Delivery delivery = fresh();
    note_attempt(delivery, failed(kNow, status), {}, false, 0.5);
    EXPECT_EQ(delivery.status, DeliveryStatus::waiting) << status;
  }
}

TEST(DeliveryTest, KeepsTheFirstAttemptAndTheNewest) {
  Delivery delivery = fresh();
  delivery.give_up_at = kNow + hours(10'000);
  for (int i = 0; i < 100; ++i) note_attempt(delivery, failed(kNow + i * kSecond), {}, false, 0.5);
  EXPECT_EQ(delivery.attempts.size(), kAttemptsKept);
  EXPECT_EQ(delivery.attempts.front().at, kNow);
  EXPECT_EQ(delivery.attempts.back().at, kNow + 99 * kSecond);
  EXPECT_EQ(delivery.tries, 100U);
}

}  // namespace
}  // namespace tideline
