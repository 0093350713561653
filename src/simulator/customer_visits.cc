// Visits to the site, messages, and calls for help of a CustomerDay.
#include <algorithm>
#include <array>
#include <cmath>

#include "simulator/customer_day.h"
#include "simulator/event_names.h"

namespace tideline {

namespace names = marketplace_event;

namespace {

constexpr double kVisitsADay = 0.42;
constexpr double kMessagesADay = 0.3;
constexpr std::array<std::string_view, 5> kPages = {"Dashboard", "Tutor Profile", "Calendar",
                                                    "Pricing", "Help"};
constexpr std::array<std::string_view, 5> kPaths = {"/home", "/tutor", "/calendar", "/pricing",
                                                    "/help"};
constexpr std::array<std::string_view, 4> kTopics = {"tutor", "payment", "booking", "other"};
constexpr double kQuestionShare = 0.4;  // questions to the tutor, a message from the tutor

Time after(Time at, double span_h) {
  return at + Duration(static_cast<std::int64_t>(span_h * 3'600'000.0));
}

std::string numbered(std::string_view kind, std::uint64_t number) {
  return std::string(kind) + std::to_string(number);
}

}  // namespace

double CustomerDay::visits_a_day() const { return kVisitsADay * nature_.digital; }
double CustomerDay::messages_a_day() const { return kMessagesADay * nature_.talkative; }
double CustomerDay::questions_a_day() const { return kQuestionShare * messages_a_day(); }

void CustomerDay::visit_site() {
  const double rate = visits_a_day() * pace();
  for (std::uint64_t left = customer_.rng.poisson(rate); left > 0; --left) {
    visit(own_hour(day_));
  }
}

void CustomerDay::visit(Time at) {
  Rng& rng = customer_.rng;
  if (rng.chance(0.75)) {
    track(at, names::kSignedIn,
          PropertyWriter().text("device", nature_.mobile ? "mobile" : "web"));
  }
  for (std::uint64_t left = rng.poisson(0.5); left > 0; --left) {
    at += hours(0.005, 0.05);
    // The unhappy read prices and help more often.
    const bool restless = rng.chance(0.1 + 0.4 * (1.0 - satisfaction(customer_)));
    const std::size_t page = restless ? 3 + rng.below(2) : rng.below(3);
    emit(at, nature_.mobile ? EventType::screen : EventType::page, kPages[page],
         PropertyWriter().text("path", kPaths[page]));
  }
  for (std::uint64_t left = rng.poisson(0.9); left > 0; --left) {
    at += hours(0.01, 0.1);
    track(at, names::kContentViewed,
          PropertyWriter().text("content_id", numbered("a", 1 + rng.below(400))));
  }
  if (!rng.chance(0.45)) return;
  const std::string lesson = numbered("l", 1 + rng.below(200));
  at += hours(0.01, 0.1);
  track(at, names::kLessonStarted, PropertyWriter().text("lesson_id", lesson));
  if (!rng.chance(0.35 + 0.5 * satisfaction(customer_))) return;
  track(at + hours(0.1, 0.7), names::kLessonCompleted, PropertyWriter().text("lesson_id", lesson));
}

void CustomerDay::exchange_messages() {
  Rng& rng = customer_.rng;
  for (std::uint64_t left = rng.poisson(messages_a_day() * pace()); left > 0; --left) {
    receive_message(own_hour(day_));
  }
  for (std::uint64_t left = rng.poisson(questions_a_day() * pace()); left > 0; --left) {
    write_message(own_hour(day_));
  }
}

void CustomerDay::receive_message(Time at) {
  SimulatedCustomer& c = customer_;
  track(at, names::kMessageReceived);
  if (!c.rng.chance(0.25 + 0.65 * satisfaction(c))) return;
  const double reply = answer_hours(nature_.reply_hours / std::max(0.3, c.activity));
  track(after(at, reply), names::kMessageSent, PropertyWriter().number("reply_hours", reply, 2));
}

void CustomerDay::write_message(Time at) {
  SimulatedCustomer& c = customer_;
  track(at, names::kMessageSent);
  const double reply = answer_hours(tutor_reply_hours(c.tutor));
  if (reply > 24.0) suffer(Pain::replies, 0.1);
  if (!c.rng.chance(0.85)) return;
  track(
      after(at, reply), names::kTutorMessage,
      PropertyWriter().text("tutor_id", world_.tutor_id(c.tutor)).number("reply_hours", reply, 2));
}

// Trouble that support does not get rid of: the customer writes and calls again and again.
void CustomerDay::struggle_with_support() {
  Rng& rng = customer_.rng;
  if (!rng.chance(0.07 * declining(DeclineCause::support))) return;
  suffer(Pain::support, 0.35);
  const Time at = own_hour(day_);
  track(at, names::kSupportTicketOpened, PropertyWriter().text("topic", "other"));
  if (!rng.chance(0.5)) return;
  track(at + hours(1.0, 8.0), names::kInboundCall,
        PropertyWriter().number("minutes", 3.0 + rng.exponential(9.0), 0));
}

void CustomerDay::contact_support() {
  Rng& rng = customer_.rng;
  const double urge = nature_.contact * std::min(trouble_, 1.5);
  if (rng.chance(0.0015 * nature_.contact + 0.22 * urge)) {
    track(own_hour(day_), names::kSupportTicketOpened,
          PropertyWriter().text("topic", kTopics[rng.below(kTopics.size())]));
  }
  if (rng.chance(0.001 * nature_.contact + 0.1 * urge)) {
    track(own_hour(day_), names::kInboundCall,
          PropertyWriter().number("minutes", 1.0 + rng.exponential(6.0), 0));
  }
}

}  // namespace tideline
