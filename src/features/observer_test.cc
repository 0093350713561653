// Declared properties: what is taken, what makes a bad_property, what is not read at all.
#include "features/observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "features/test_events.h"

namespace tideline {
namespace {

using testing::HasSubstr;

class ObserverTest : public testing::Test {
 protected:
  void begin(const std::string& name, EventType type = EventType::track) {
    Event event;
    event.type = type;
    event.name = name;
    observer_.begin(event);
  }
  Status set(const std::string& property, PropertyValue value) {
    const FieldSpec* field = observer_.wanted(property);
    if (field == nullptr) return fail(ErrorCode::not_found, "not read");
    return observer_.set(*field, value);
  }
  void expect_bad(const std::string& property, PropertyValue value, const std::string& says) {
    const Status status = set(property, value);
    ASSERT_FALSE(status.has_value()) << property;
    EXPECT_EQ(status.error().reason, "bad_property");
    EXPECT_THAT(status.error().message, HasSubstr("\"" + property + "\""));
    EXPECT_THAT(status.error().message, HasSubstr(says));
  }

  std::shared_ptr<const Pack> pack_ = load_pack("marketplace");
  Observer observer_{*pack_};
};

TEST_F(ObserverTest, takes_declared_properties_of_the_right_type) {
  begin("Session Completed");
  EXPECT_TRUE(set("duration_min", std::int64_t{50}).has_value());
  EXPECT_TRUE(set("tutor_id", std::int64_t{1234567890123456789}).has_value());
  EXPECT_EQ(observer_.wanted("by"), nullptr);
  const Observation observation = observer_.take();
  EXPECT_EQ(observation.event, pack_->find_event("Session Completed")->index);
  ASSERT_EQ(observation.fields.size(), 2U);
  EXPECT_EQ(std::get<double>(observation.fields[0].value), 50);
  EXPECT_EQ(std::get<std::string>(observation.fields[1].value), "1234567890123456789");
}

TEST_F(ObserverTest, numbers_as_ids_take_their_shortest_form) {
  begin("Session Completed");
  EXPECT_TRUE(set("tutor_id", 12.0).has_value());
  EXPECT_EQ(std::get<std::string>(observer_.take().fields[0].value), "12");
}

TEST_F(ObserverTest, refuses_wrong_types_and_values_out_of_range) {
  begin("Session Completed");
  expect_bad("duration_min", std::string_view("50"), "a text was sent");
  begin("Session Completed");
  expect_bad("duration_min", true, "true or false was sent");
  begin("Session Completed");
  expect_bad("duration_min", Nested{}, "a list or an object was sent");
  begin("Session Completed");
  expect_bad("duration_min", 1440.5, "1440.5, outside 0..1440");
  begin("Session Completed");
  expect_bad("duration_min", -0.001, "outside 0..1440");
  begin("Session Completed");
  expect_bad("tutor_id", false, "is an id or text");
  begin("Session Cancelled");
  expect_bad("by", std::string_view("nobody"), "allowed are customer, tutor");
  begin("Session Cancelled");
  expect_bad("by", 3.0, "is one of customer, tutor");
  begin("Session Cancelled");
  EXPECT_TRUE(set("notice_hours", 0x1.0p40 - 1).has_value());
  begin("Session Cancelled");
  expect_bad("notice_hours", 0x1.0p40, "2^40");
  begin("Payment Succeeded");
  expect_bad("amount", -0x1.0p40, "2^40");
  begin("Payment Succeeded");
  EXPECT_TRUE(set("amount", -5.0).has_value());
}

TEST_F(ObserverTest, null_is_absent_and_the_first_of_two_is_taken) {
  begin("Session Completed");
  EXPECT_TRUE(set("duration_min", std::monostate{}).has_value());
  EXPECT_TRUE(set("duration_min", 5.0).has_value());
  EXPECT_TRUE(set("tutor_rating", 4.0).has_value());
  EXPECT_TRUE(set("tutor_rating", std::string_view("x")).has_value());
  const Observation observation = observer_.take();
  ASSERT_EQ(observation.fields.size(), 1U);
  EXPECT_EQ(std::get<double>(observation.fields[0].value), 4);
}

TEST_F(ObserverTest, unknown_names_and_other_types_carry_no_properties) {
  begin("Never Heard Of");
  EXPECT_EQ(observer_.wanted("amount"), nullptr);
  Observation observation = observer_.take();
  EXPECT_EQ(observation.event, kUnknownEvent);
  EXPECT_EQ(observation.name_hash, xxh64("Never Heard Of"));
  begin("Session Completed", EventType::page);
  EXPECT_EQ(observer_.wanted("duration_min"), nullptr);
  observation = observer_.take();
  EXPECT_EQ(observation.event, kUnknownEvent);
  EXPECT_EQ(observation.name_hash, xxh64("Session Completed"));
  begin("", EventType::screen);
  EXPECT_EQ(observer_.take().name_hash, 0U);
}

TEST_F(ObserverTest, currency_is_read_beside_amounts_even_where_it_is_not_declared) {
  begin("Payment Refunded");  // declares no currency
  EXPECT_TRUE(set("amount", 5.0).has_value());
  EXPECT_TRUE(set("currency", std::string_view("GBP")).has_value());
  const Observation observation = observer_.take();
  EXPECT_TRUE(observation.foreign_currency);
  EXPECT_TRUE(observation.fields.empty());
  begin("Signed In");
  EXPECT_EQ(observer_.wanted("currency"), nullptr);
}

TEST_F(ObserverTest, carries_the_message_id) {
  Event event;
  event.message_id = MessageId("m-1");
  observer_.begin(event);
  EXPECT_EQ(observer_.take().message, "m-1");
}

}  // namespace
}  // namespace tideline
