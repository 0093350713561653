// CustomerDay: one UTC day in a simulated customer's life; what happens, and what it does to the
// customer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/property_writer.h"
#include "simulator/simulated_customer.h"

namespace tideline {

// Lives for one call. Days of a customer must be lived in order, none left out, from lived_from
// on.
class CustomerDay {
 public:
  // Events due on this day are appended to `out`, in no order; those due later wait in the
  // customer. With `out` null the day is lived unseen. All arguments must outlive the object.
  CustomerDay(const World& world, const DayConditions& conditions, SimulatedCustomer& customer,
              std::vector<Event>* out);

  void live();
  // Once more what the customer may begin to do in a part [from, until) of the day, `times` times
  // as much as usual and with luck of its own; the hidden state stays as it is. How live traffic
  // is made denser. Appends all that follows from it, also events of later days. `lane` is a part
  // of the message ids and tells apart what is asked for twice of one part of the day.
  void live_part(Time from, Time until, double times, std::string_view lane);

 private:
  // Coming and going: customer_day.cc.
  void deliver_due();
  void evolve();
  void join();
  void settle_unseen();
  void introduce(Time at);
  void assign_tutor(Time at, bool changed);
  void consider_tutor_change();
  void consider_break();
  void consider_subscription();
  void consider_leaving();
  void leave();
  void come_back();

  // Bookings, sessions and payments: customer_sessions.cc.
  void request_sessions();
  void request_session();
  void hold_sessions();
  bool upset_booking(Booking& booking);  // true when the booking is gone
  void hold_session(const Booking& booking);
  void complete_session(const Booking& booking);
  void rate_session(const Booking& booking, Time end, double quality);
  void dispute_session(const Booking& booking, Time end, double amount);
  void live_spot_session(Time at);
  void cancel_booking(const Booking& booking, Time at, bool by_customer);
  void pay_bills();
  // True when paid.
  bool try_payment(const Bill& bill, Time at);
  void renew_subscription();

  // Visits, messages, calls: customer_visits.cc.
  void visit_site();
  void visit(Time at);
  void exchange_messages();
  void receive_message(Time at);
  void write_message(Time at);
  void contact_support();
  void struggle_with_support();

  void emit(Time at, EventType type, std::string_view name, PropertyWriter properties = {});
  void track(Time at, std::string_view name, PropertyWriter properties = {}) {
    emit(at, EventType::track, name, std::move(properties));
  }
  void suffer(Pain pain, double amount);
  // 0..about 1.3: how far a cause works on the customer today.
  [[nodiscard]] double declining(DeclineCause cause) const;
  void begin_decline();
  // What an hour with a tutor costs this customer today.
  [[nodiscard]] double hourly_price(std::uint32_t tutor) const;
  [[nodiscard]] double payment_failure(Time at) const;
  [[nodiscard]] const Outage* outage_at(Time at, bool payments) const;
  // Share of what the customer begins in a day that falls into a part of it.
  [[nodiscard]] double share_of_day(Time from, Time until) const;
  [[nodiscard]] bool here() const { return customer_.stage == Stage::here; }
  [[nodiscard]] bool away() const { return day_ < customer_.away_until; }
  [[nodiscard]] bool winding_down() const { return customer_.last_day.has_value(); }
  [[nodiscard]] double visits_a_day() const;
  [[nodiscard]] double messages_a_day() const;                        // from the tutor's side
  [[nodiscard]] double questions_a_day() const;                       // to the tutor
  [[nodiscard]] double tutor_reply_hours(std::uint32_t tutor) const;  // median
  [[nodiscard]] double weekday_factor() const;
  [[nodiscard]] double pace() const;  // activity of this day, 1 is a content customer's
  [[nodiscard]] Time own_hour(
      std::int64_t day);  // a moment of a day at which the customer is about
  [[nodiscard]] Time day_begin() const { return start_of_day(day_); }
  [[nodiscard]] Time day_end() const { return start_of_day(day_ + 1); }
  [[nodiscard]] Duration hours(double low, double high);
  [[nodiscard]] double answer_hours(double median);

  const World& world_;
  SimulatedCustomer& customer_;
  const DayConditions& conditions_;
  const Nature& nature_;
  std::int64_t day_;
  std::vector<Event>* out_;
  double impact_ = 1;  // 0 while a part of the day is lived once more
  std::string part_;   // while that: what its message ids have between prefix and number
  std::uint64_t part_sent_ = 0;
  double trouble_of_tutor_ = 0;
  double trouble_ = 0;  // what was suffered today
  Time about_from_{};   // nothing is done on this day before
};

}  // namespace tideline
