// Bookings, sessions and payments of a CustomerDay.
#include <algorithm>
#include <cmath>

#include "simulator/customer_day.h"
#include "simulator/event_names.h"

namespace tideline {

namespace names = marketplace_event;

namespace {

constexpr std::string_view kCurrency = "USD";
constexpr std::size_t kMostBookings = 6;
constexpr double kExpectedQuality = 0.62;  // a session below it hurts, one above it pleases
constexpr double kSubstitute = 0.07;       // share of requests to another tutor
constexpr double kSlowReplyHours = 10;
constexpr std::uint8_t kMostTries = 4;
constexpr std::int64_t kSubscriptionDays = 30;
constexpr double kRequests = 1.5;  // a session that is needed: some are refused or fall through
constexpr int kMostDaysMoved = 4;  // past free days of the tutor

constexpr Duration kQuarterHour = std::chrono::minutes(15);

Time quarter_hour(Time t) { return t - t.time_since_epoch() % kQuarterHour; }

// A tutor in trouble, by its level.
constexpr double kTroubleCancels = 0.25;  // added to the chance to cancel
constexpr double kTroubleReplies = 3.0;   // times later

double in_hours(Duration d) { return static_cast<double>(d.count()) / 3'600'000.0; }

}  // namespace

void CustomerDay::request_sessions() {
  if (away() || customer_.bookings.size() >= kMostBookings) return;
  const double rate =
      kRequests * nature_.sessions_a_week / 7.0 * pace() * (winding_down() ? 0.4 : 1.0);
  for (std::uint64_t left = customer_.rng.poisson(rate); left > 0; --left) request_session();
}

void CustomerDay::request_session() {
  SimulatedCustomer& c = customer_;
  const bool substitute = c.rng.chance(kSubstitute);
  const auto tutor =
      substitute ? static_cast<std::uint32_t>(c.rng.below(world_.tutors())) : c.tutor;
  const Tutor& asked = world_.tutor(tutor);
  const std::string id = world_.tutor_id(tutor);
  const Time at = own_hour(day_);
  track(at, names::kBookingRequested, PropertyWriter().text("tutor_id", id));

  const double reply = answer_hours(tutor_reply_hours(tutor));
  const Time answered = at + Duration(static_cast<std::int64_t>(reply * 3'600'000.0));
  if (c.rng.chance(0.5)) {
    track(answered - Duration(20'000), names::kTutorMessage,
          PropertyWriter().text("tutor_id", id).number("reply_hours", reply, 2));
  }
  if (reply > kSlowReplyHours) {
    suffer(Pain::replies, 0.06 * std::min(reply / kSlowReplyHours, 4.0));
  }
  const double availability =
      asked.availability * (1.0 - 0.4 * std::min(1.0, declining(DeclineCause::replies)));
  if (!c.rng.chance(availability) || !world_.tutor_works(tutor, day_index(answered))) {
    suffer(Pain::replies, 0.08);
    return;
  }
  track(answered, names::kBookingAccepted, PropertyWriter().text("tutor_id", id));
  const Time booked = answered + hours(0.02, 0.6);
  std::int64_t held = day_index(booked) + 1 + static_cast<std::int64_t>(c.rng.below(4));
  for (int moved = 0; moved < kMostDaysMoved && !world_.tutor_works(tutor, held); ++moved) ++held;
  const Time session = quarter_hour(own_hour(held));
  track(booked, names::kSessionBooked, PropertyWriter().text("tutor_id", id));
  c.bookings.push_back(Booking{session, tutor});
}

void CustomerDay::hold_sessions() {
  std::vector<Booking> bookings = std::move(customer_.bookings);
  std::vector<Booking> kept;
  for (Booking& booking : bookings) {
    if (upset_booking(booking)) continue;
    if (day_index(booking.at) == day_) {
      hold_session(booking);
    } else {
      kept.push_back(booking);
    }
  }
  customer_.bookings = std::move(kept);
}

// Cancelled or moved, by either side; about half of it on the day itself, at short notice.
bool CustomerDay::upset_booking(Booking& booking) {
  SimulatedCustomer& c = customer_;
  const bool today = day_index(booking.at) == day_;
  const double share = today ? 0.5 : 0.2;
  const auto some_time = [&] {
    const Time latest = today ? booking.at : day_end();
    const auto span = static_cast<double>((latest - day_begin()).count());
    return day_begin() + Duration(static_cast<std::int64_t>(span * c.rng.uniform(0.1, 0.98)));
  };
  double by_customer = nature_.cancel_rate * (0.6 + 2.0 * (1.0 - satisfaction(c)));
  if (winding_down()) by_customer += 0.3;
  if (booking.at < start_of_day(c.away_until)) by_customer = 1.0 / share;
  if (c.rng.chance(share * by_customer)) {
    cancel_booking(booking, some_time(), true);
    return true;
  }
  double by_tutor = world_.tutor(booking.tutor).cancel_rate;
  if (booking.tutor == c.tutor) {
    by_tutor +=
        0.45 * declining(DeclineCause::cancellations) + kTroubleCancels * trouble_of_tutor_;
  }
  if (c.rng.chance(share * by_tutor)) {
    cancel_booking(booking, some_time(), false);
    suffer(Pain::cancellations, today ? 0.45 : 0.25);
    return true;
  }
  if (c.rng.chance(share * nature_.reschedule_rate)) {
    const auto ahead = static_cast<std::int64_t>(c.rng.below(4));
    const Time at = some_time();
    booking.at = quarter_hour(own_hour(day_index(booking.at) + 1 + ahead));
    track(at, names::kSessionRescheduled,
          PropertyWriter().text("tutor_id", world_.tutor_id(booking.tutor)));
  }
  return false;
}

void CustomerDay::cancel_booking(const Booking& booking, Time at, bool by_customer) {
  const double notice = std::max(0.0, in_hours(booking.at - at));
  track(at, names::kSessionCancelled,
        PropertyWriter()
            .text("by", by_customer ? "customer" : "tutor")
            .number("notice_hours", notice, 1)
            .text("tutor_id", world_.tutor_id(booking.tutor)));
}

void CustomerDay::hold_session(const Booking& booking) {
  const double no_show = nature_.no_show_rate * (winding_down() ? 4.0 : 1.0);
  if (customer_.rng.chance(no_show)) {
    track(booking.at + hours(0.2, 0.4), names::kSessionNoShow,
          PropertyWriter().text("tutor_id", world_.tutor_id(booking.tutor)));
    return;
  }
  complete_session(booking);
}

void CustomerDay::complete_session(const Booking& booking) {
  SimulatedCustomer& c = customer_;
  const Tutor& tutor = world_.tutor(booking.tutor);
  const double match = booking.tutor == c.tutor ? c.match : 0.55;
  const double taught = world_.tutor_quality(booking.tutor, day_);
  const bool neglected = booking.tutor == c.tutor && trouble_of_tutor_ == 0;
  const double lowered = neglected ? 0.3 * declining(DeclineCause::tutor) : 0.0;
  const double quality =
      std::clamp(0.66 * taught + 0.34 * match - lowered + 0.12 * c.rng.normal(), 0.0, 1.0);
  const double minutes = std::clamp(nature_.session_minutes + 4.0 * c.rng.normal(), 10.0, 180.0);
  const Time end = booking.at + Duration(static_cast<std::int64_t>(minutes * 60'000.0));
  track(end, names::kSessionCompleted,
        PropertyWriter()
            .number("duration_min", minutes, 0)
            .text("tutor_id", world_.tutor_id(booking.tutor))
            .number("tutor_rating", tutor.public_rating, 1));
  if (quality < kExpectedQuality) suffer(Pain::tutor, 1.1 * (kExpectedQuality - quality));
  c.mood += impact_ * 0.2 * (quality - kExpectedQuality);
  rate_session(booking, end, quality);

  const double amount = hourly_price(booking.tutor) * std::round(minutes / 15.0) * 0.25;
  if (!c.subscribed_until) {
    const Bill bill{day_ + 1, amount, 1, false};
    if (!try_payment(bill, end + hours(0.02, 0.5)) && impact_ > 0) c.bills.push_back(bill);
  }
  if (quality < 0.4 && c.rng.chance(0.05)) dispute_session(booking, end, amount);
}

void CustomerDay::rate_session(const Booking& booking, Time end, double quality) {
  Rng& rng = customer_.rng;
  if (!rng.chance(nature_.rating_share)) return;
  const double felt = 1.3 + 4.3 * quality + nature_.rating_bias + 0.4 * rng.normal();
  const double rating = std::clamp(std::round(felt), 1.0, 5.0);
  track(end + hours(0.02, rng.chance(0.7) ? 1.0 : 20.0), names::kSessionRated,
        PropertyWriter()
            .whole("rating", static_cast<std::int64_t>(rating))
            .text("tutor_id", world_.tutor_id(booking.tutor)));
}

void CustomerDay::dispute_session(const Booking& booking, Time end, double amount) {
  const Time opened = end + hours(1.0, 30.0);
  track(opened, names::kDisputeOpened,
        PropertyWriter()
            .text("tutor_id", world_.tutor_id(booking.tutor))
            .number("amount", amount, 2)
            .text("currency", kCurrency));
  suffer(Pain::tutor, 0.2);
  if (!customer_.rng.chance(0.6)) return;
  track(opened + hours(20.0, 90.0), names::kPaymentRefunded,
        PropertyWriter().number("amount", amount, 2).text("currency", kCurrency));
}

// A session asked for and held within hours; only of use where a part of a day is lived once more.
void CustomerDay::live_spot_session(Time at) {
  SimulatedCustomer& c = customer_;
  const Booking booking{at + hours(0.25, 2.0), c.tutor};
  const Tutor& tutor = world_.tutor(c.tutor);
  const std::string id = world_.tutor_id(c.tutor);
  const auto between = [&](double share) {
    return at + Duration(static_cast<std::int64_t>(share * double((booking.at - at).count())));
  };
  track(at, names::kBookingRequested, PropertyWriter().text("tutor_id", id));
  if (!c.rng.chance(tutor.availability)) return;
  track(between(0.3), names::kBookingAccepted, PropertyWriter().text("tutor_id", id));
  track(between(0.35), names::kSessionBooked, PropertyWriter().text("tutor_id", id));
  if (c.rng.chance(nature_.cancel_rate)) return cancel_booking(booking, between(0.8), true);
  if (c.rng.chance(tutor.cancel_rate)) return cancel_booking(booking, between(0.8), false);
  hold_session(booking);
}

bool CustomerDay::try_payment(const Bill& bill, Time at) {
  SimulatedCustomer& c = customer_;
  const bool provider_down = outage_at(at, true) != nullptr;
  if (!c.rng.chance(payment_failure(at))) {
    track(at, names::kPaymentSucceeded,
          PropertyWriter().number("amount", bill.amount, 2).text("currency", kCurrency));
    return true;
  }
  track(at, names::kPaymentFailed,
        PropertyWriter()
            .number("amount", bill.amount, 2)
            .text("currency", kCurrency)
            .text("reason", provider_down   ? "provider_down"
                            : c.card_broken ? "card_declined"
                                            : "insufficient_funds"));
  suffer(provider_down ? Pain::outages : Pain::payments, provider_down ? 0.1 : 0.28);
  return false;
}

double CustomerDay::payment_failure(Time at) const {
  if (outage_at(at, true)) return 0.97;
  if (customer_.card_broken) return 0.92;
  return nature_.payment_failure + 0.45 * std::min(1.0, declining(DeclineCause::payments));
}

double CustomerDay::tutor_reply_hours(std::uint32_t tutor) const {
  const double later = tutor == customer_.tutor ? 3.5 * declining(DeclineCause::replies) +
                                                      kTroubleReplies * trouble_of_tutor_
                                                : 0.0;
  return world_.tutor(tutor).reply_hours * (1.0 + later);
}

void CustomerDay::pay_bills() {
  SimulatedCustomer& c = customer_;
  std::vector<Bill> open;
  for (Bill bill : c.bills) {
    if (bill.day > day_) {
      open.push_back(bill);
      continue;
    }
    if (try_payment(bill, day_begin() + hours(5.0, 9.0))) continue;
    bill.day = day_ + 1 + static_cast<std::int64_t>(c.rng.below(3));
    if (++bill.tries < kMostTries) {
      open.push_back(bill);
    } else if (bill.subscription && c.subscribed_until) {
      c.subscribed_until.reset();
      track(day_end() - hours(1.0, 8.0), names::kSubscriptionCancelled,
            PropertyWriter().text("reason", "unpaid"));
    }
  }
  c.bills = std::move(open);
}

void CustomerDay::renew_subscription() {
  SimulatedCustomer& c = customer_;
  if (!c.subscribed_until || day_ < *c.subscribed_until) return;
  *c.subscribed_until += kSubscriptionDays;
  // Three plans by need, a little under the price of the sessions one by one.
  const double fee = nature_.sessions_a_week < 1.0   ? 89.0
                     : nature_.sessions_a_week < 2.0 ? 169.0
                                                     : 289.0;
  c.bills.push_back(Bill{day_, std::round(fee * conditions_.price_level), 0, true});
}

}  // namespace tideline
