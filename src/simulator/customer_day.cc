#include "simulator/customer_day.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "simulator/event_names.h"

namespace tideline {

namespace names = marketplace_event;

namespace {

constexpr double kMoodPull = 0.02;   // a day, towards nature.mood
constexpr double kMoodStep = 0.09;   // standard deviation a day
constexpr double kPainKept = 0.968;  // a day: half of a pain is gone after 21 days
constexpr double kRiseHurts = 2.0;
constexpr double kFeltPull = 0.08;  // a day: nobody leaves over one bad day
constexpr double kOwnHours = 0.8;   // share of what is done around the customer's own hour
constexpr double kOwnHoursSpread = 2.0;
constexpr double kFirstHour = 7.5;  // the rest falls between these, evenly
constexpr double kLastHour = 23.5;
constexpr double kActivityPull = 0.15;  // a day, towards what satisfaction allows
constexpr double kCardBreaks = 1.0 / 450;
constexpr double kCardMended = 0.13;
constexpr double kBreakBegins = 1.0 / 350;
constexpr double kAwayPace = 0.1;
constexpr double kNewPlanShare = 0.006;  // a day, of those inclined to be on a plan
constexpr double kGloom = 0.05;          // a day, off the mood of who drifts away
constexpr double kNewcomerDiscount = 0.25;
constexpr std::int64_t kDiscountDays = 30;
constexpr double kReturnShare = 0.25;

}  // namespace

CustomerDay::CustomerDay(const World& world, const DayConditions& conditions,
                         SimulatedCustomer& customer, std::vector<Event>* out)
    : world_(world),
      customer_(customer),
      conditions_(conditions),
      nature_(customer.nature),
      day_(conditions.day),
      out_(out),
      about_from_(start_of_day(conditions.day)) {}

void CustomerDay::live() {
  SimulatedCustomer& c = customer_;
  deliver_due();
  if (c.stage == Stage::not_joined) {
    if (day_ < c.lived_from) return;
    day_ > c.joined_day ? settle_unseen() : join();
  } else if (c.stage == Stage::gone) {
    if (c.return_day != day_) return;
    come_back();
  }
  evolve();
  if (!c.introduced && out_ != nullptr) introduce(own_hour(day_));
  hold_sessions();
  request_sessions();
  visit_site();
  exchange_messages();
  renew_subscription();
  pay_bills();
  struggle_with_support();
  contact_support();
  consider_tutor_change();
  consider_subscription();
  consider_break();
  consider_leaving();
}

void CustomerDay::live_part(Time from, Time until, double times, std::string_view lane) {
  if (!here()) return;
  const auto part = static_cast<std::uint64_t>(from.time_since_epoch() / kSecond);
  const std::uint64_t number = (std::uint64_t{customer_.index} << 38) ^ (part << 6) ^ xxh64(lane);
  Rng rng = Rng::stream(world_.options().seed, "part", number);
  std::swap(customer_.rng, rng);
  impact_ = 0;
  part_ = std::to_string(part).append(lane);
  part_sent_ = 0;
  trouble_of_tutor_ = world_.tutor_trouble(customer_.tutor, day_);
  const double share = times * pace() * share_of_day(from, until);
  const auto begin = [&](double a_day, auto&& what) {
    for (std::uint64_t left = customer_.rng.poisson(a_day * share); left > 0; --left) {
      const double within = customer_.rng.uniform() * static_cast<double>((until - from).count());
      what(from + Duration(static_cast<std::int64_t>(within)));
    }
  };
  begin(visits_a_day(), [&](Time at) { visit(at); });
  begin(messages_a_day(), [&](Time at) { receive_message(at); });
  begin(questions_a_day(), [&](Time at) { write_message(at); });
  begin(nature_.sessions_a_week / 7.0, [&](Time at) { live_spot_session(at); });
  impact_ = 1;
  part_.clear();
  std::swap(customer_.rng, rng);
}

void CustomerDay::deliver_due() {
  if (customer_.later.empty() || out_ == nullptr) return;
  std::vector<Event> still_later;
  for (Event& event : customer_.later) {
    (event.event_time < day_end() ? *out_ : still_later).push_back(std::move(event));
  }
  customer_.later = std::move(still_later);
}

void CustomerDay::emit(Time at, EventType type, std::string_view name, PropertyWriter properties) {
  const bool again = !part_.empty();
  const std::uint64_t number = again ? ++part_sent_ : ++customer_.sent;
  if (out_ == nullptr) return;
  Event event;
  event.type = type;
  event.customer = customer_.id;
  event.name = name;
  std::string id = customer_.message_prefix;
  if (again) id += part_ + '-';
  event.message_id = MessageId(id += std::to_string(number));
  event.event_time = event.arrival_time = std::max(at, about_from_);
  event.properties = properties.take();
  (again || event.event_time < day_end() ? *out_ : customer_.later).push_back(std::move(event));
}

void CustomerDay::suffer(Pain pain, double amount) {
  amount *= impact_;
  customer_.pains[static_cast<std::size_t>(pain)] += amount;
  trouble_ += amount;
}

double CustomerDay::weekday_factor() const {
  const std::int64_t weekday = (day_ + 4) % 7;  // 0 is Sunday; 1970-01-01 was a Thursday
  if (weekday == 0 || weekday == 6) return 1.1 * nature_.weekend;
  return weekday == 5 ? 0.75 : 1.0;
}

double CustomerDay::pace() const {
  const double season = 1.0 + nature_.seasonal * (conditions_.season - 1.0);
  const double campaign = conditions_.campaign ? 1.1 : 1.0;
  return customer_.activity * season * campaign * weekday_factor() * (away() ? kAwayPace : 1.0);
}

const Outage* CustomerDay::outage_at(Time at, bool payments) const {
  for (const Outage& outage : conditions_.outages) {
    if (outage.payments == payments && at >= outage.from && at < outage.until) return &outage;
  }
  return nullptr;
}

Time CustomerDay::own_hour(std::int64_t day) {
  Rng& rng = customer_.rng;
  const double local = rng.chance(kOwnHours) ? nature_.peak_hour + kOwnHoursSpread * rng.normal()
                                             : rng.uniform(kFirstHour, kLastHour);
  const double utc = local - nature_.utc_offset_h;
  const double hour = utc - 24.0 * std::floor(utc / 24.0);
  const auto ms =
      std::min<std::int64_t>(static_cast<std::int64_t>(hour * 3'600'000.0), kDay.count() - 1);
  Time at = start_of_day(day) + Duration(ms);
  if (day != day_) return at;
  if (at < about_from_) at = about_from_ + hours(0.05, 3.0);
  if (const Outage* outage = outage_at(at, false)) {
    suffer(Pain::outages, 0.12);
    at = outage->until + hours(0.02, 1.5);
  }
  return at;
}

double CustomerDay::share_of_day(Time from, Time until) const {
  const auto below = [](double hours, double mean) {  // normal distribution
    return 0.5 * std::erfc((mean - hours) / (kOwnHoursSpread * std::sqrt(2.0)));
  };
  const double length = static_cast<double>((until - from).count()) / 3'600'000.0;
  const double begin =
      static_cast<double>((from - day_begin()).count()) / 3'600'000.0 + nature_.utc_offset_h;
  double share = 0;
  for (const double turn : {-24.0, 0.0, 24.0}) {  // hours of the day are a circle
    const double a = begin + turn;
    const double b = a + length;
    share += kOwnHours * (below(b, nature_.peak_hour) - below(a, nature_.peak_hour));
    const double overlap = std::min(b, kLastHour) - std::max(a, kFirstHour);
    share += (1.0 - kOwnHours) * std::max(0.0, overlap) / (kLastHour - kFirstHour);
  }
  return share;
}

Duration CustomerDay::hours(double low, double high) {
  return Duration(static_cast<std::int64_t>(customer_.rng.uniform(low, high) * 3'600'000.0));
}

double CustomerDay::answer_hours(double median) {
  return std::clamp(median * std::exp(0.7 * customer_.rng.normal()), 0.02, 96.0);
}

double CustomerDay::declining(DeclineCause cause) const {
  const SimulatedCustomer& c = customer_;
  const double planted = c.decline.cause == cause ? c.decline.level(day_) : 0.0;
  return cause == DeclineCause::tutor ? std::max(planted, trouble_of_tutor_) : planted;
}

// Remembers the beginning of a decline for the truth, and does what is done once.
void CustomerDay::begin_decline() {
  SimulatedCustomer& c = customer_;
  const double planted = c.decline.level(day_);
  if (planted > 0 && c.decline_began < c.decline.begins) {
    c.decline_cause = c.decline.cause;
    c.decline_began = day_;
    if (c.decline.cause == DeclineCause::goal) {
      c.nature.goal_days = static_cast<double>(day_ + 10 - c.stage_day);
    }
  }
  if (trouble_of_tutor_ == 0 || planted > 0) return;
  constexpr std::int64_t kLongestTrouble = 66;  // days; a later one is another
  if (c.decline_cause == DeclineCause::tutor && day_ - c.decline_began < kLongestTrouble) return;
  c.decline_cause = DeclineCause::tutor;
  c.decline_began = day_;
}

double CustomerDay::hourly_price(std::uint32_t tutor) const {
  const SimulatedCustomer& c = customer_;
  const bool discount = nature_.by_campaign && day_ - c.joined_day < kDiscountDays;
  return world_.tutor(tutor).hourly_price * conditions_.price_level *
         (1.0 + 0.35 * declining(DeclineCause::price)) *
         (discount ? 1.0 - kNewcomerDiscount : 1.0);
}

void CustomerDay::evolve() {
  SimulatedCustomer& c = customer_;
  trouble_of_tutor_ = world_.tutor_trouble(c.tutor, day_);
  begin_decline();
  c.mood += kMoodPull * (nature_.mood - c.mood) + kMoodStep * c.rng.normal();
  c.mood -= kGloom * declining(DeclineCause::drift);
  for (double& pain : c.pains) pain *= kPainKept;
  const double dearness = (hourly_price(c.tutor) - 30.0) / 25.0;
  // What has become dearer hurts more than what always was dear.
  const double rise = (conditions_.price_level - 1.0) + 0.35 * declining(DeclineCause::price);
  c.price_pressure =
      nature_.price_sensitivity * (std::clamp(dearness, 0.0, 2.0) + kRiseHurts * rise);
  c.felt += kFeltPull * (satisfaction_logit(c) - c.felt);
  double target = 1.45 / (1.0 + std::exp(0.6 - 1.5 * satisfaction_logit(c)));
  target *= 1.0 - 0.65 * goal_met(c, day_);
  if (winding_down()) target *= 0.3;
  c.activity += kActivityPull * (target - c.activity);
  c.card_broken = c.card_broken ? !c.rng.chance(kCardMended) : c.rng.chance(kCardBreaks);
}

void CustomerDay::join() {
  SimulatedCustomer& c = customer_;
  c.stage = Stage::here;
  c.stage_day = day_;
  const Time at = own_hour(day_);
  about_from_ = at;
  introduce(at);
  track(at + Duration(1'000), names::kSignedIn,
        PropertyWriter().text("device", nature_.mobile ? "mobile" : "web"));
  assign_tutor(at + hours(0.05, 3.0), false);
}

// An old customer is first met in mid-life: what was before is drawn, not told.
void CustomerDay::settle_unseen() {
  SimulatedCustomer& c = customer_;
  c.stage = Stage::here;
  assign_tutor(day_begin(), false);
  c.tutor_since = std::max(c.joined_day, day_ - static_cast<std::int64_t>(c.rng.below(120)));
  if (c.rng.chance(nature_.subscriber)) {
    c.subscribed_until = day_ + 1 + static_cast<std::int64_t>(c.rng.below(30));
  }
}

void CustomerDay::introduce(Time at) {
  customer_.introduced = out_ != nullptr;  // who joined before the history is met later
  emit(at, EventType::identify, "",
       PropertyWriter()
           .text("region", region_name(nature_.region))
           .text("device", nature_.mobile ? "mobile" : "web")
           .text("subject", subject_name(nature_.subject))
           .text("came_by", nature_.by_campaign ? "campaign" : "search")
           .text("joined", format_date(start_of_day(customer_.joined_day))));
}

void CustomerDay::assign_tutor(Time at, bool changed) {
  SimulatedCustomer& c = customer_;
  const auto first = static_cast<std::uint32_t>(c.rng.below(world_.tutors()));
  const auto second = static_cast<std::uint32_t>(c.rng.below(world_.tutors()));
  const bool prefer_second =
      world_.tutor(second).public_rating > world_.tutor(first).public_rating;
  c.tutor = prefer_second ? second : first;
  c.match = c.rng.beta(4.0, 2.2);
  c.tutor_since = day_;
  const std::string id = world_.tutor_id(c.tutor);
  if (changed) track(at, names::kTutorChanged, PropertyWriter().text("tutor_id", id));
  const double score = std::clamp(c.match + 0.08 * c.rng.normal(), 0.0, 1.0);
  track(at + Duration(2'000), names::kTutorAssigned,
        PropertyWriter().text("tutor_id", id).number("match_score", score, 2));
}

void CustomerDay::consider_tutor_change() {
  double& pain = customer_.pains[static_cast<std::size_t>(Pain::tutor)];
  const double anger = pain + 0.5 * customer_.pains[static_cast<std::size_t>(Pain::cancellations)];
  const double wish = anger > 0.35 ? std::min(0.1, 0.012 + 0.03 * anger) : 1.0 / 700;
  if (!customer_.rng.chance(wish) || winding_down() || away()) return;
  assign_tutor(own_hour(day_), true);
  pain *= 0.5;
  // Another tutor helps against what the last one did, unless it was not the tutor's fault.
  if (customer_.decline.level(day_) > 0 && customer_.rng.chance(0.5)) {
    const DeclineCause cause = customer_.decline.cause;
    const bool of_tutor = cause == DeclineCause::tutor || cause == DeclineCause::cancellations ||
                          cause == DeclineCause::replies;
    if (of_tutor) customer_.decline.ends = day_;
  }
}

void CustomerDay::consider_break() {
  if (away() || winding_down() || !customer_.rng.chance(kBreakBegins)) return;
  const double length = std::min(40.0, 5.0 + customer_.rng.exponential(7.0));
  customer_.away_until = day_ + 1 + static_cast<std::int64_t>(length);
}

void CustomerDay::consider_subscription() {
  SimulatedCustomer& c = customer_;
  if (winding_down() || away()) return;
  if (c.subscribed_until) {
    // Some go back to paying by the session without leaving.
    if (!c.rng.chance(0.0002 + 0.001 * (1.0 - satisfaction(c)))) return;
    c.subscribed_until.reset();
    track(own_hour(day_), names::kSubscriptionCancelled, PropertyWriter().text("reason", "plan"));
  } else if (c.rng.chance(kNewPlanShare * nature_.subscriber * c.activity)) {
    c.subscribed_until = day_;
    track(own_hour(day_), names::kSubscriptionStarted, PropertyWriter().text("plan", "monthly"));
  }
}

void CustomerDay::consider_leaving() {
  SimulatedCustomer& c = customer_;
  const bool in_history =
      day_ >= world_.first_day();  // before it nobody leaves: see make_customer
  if (!winding_down()) {
    if (!in_history || !c.rng.chance(leave_hazard(c, day_))) return;
    c.leave_cause = pressing_cause(c, day_);
    c.last_day = day_ + static_cast<std::int64_t>(c.rng.exponential(nature_.decline_days));
  }
  if (day_ >= *c.last_day) leave();
}

void CustomerDay::leave() {
  SimulatedCustomer& c = customer_;
  const auto late_today = [&] { return day_end() - hours(0.2, 3.0); };
  for (const Booking& booking : c.bookings) cancel_booking(booking, late_today(), true);
  if (c.subscribed_until && c.rng.chance(0.9)) {
    track(late_today(), names::kSubscriptionCancelled, PropertyWriter().text("reason", "leaving"));
  }
  c.stage = Stage::gone;
  c.left = day_end();
  ++c.departures;
  c.last_day.reset();
  c.subscribed_until.reset();
  c.bookings.clear();
  c.bills.clear();
  c.later.clear();  // all of it lies after the day
  c.return_day.reset();
  if (c.rng.chance(kReturnShare)) {
    c.return_day = day_ + 21 + static_cast<std::int64_t>(c.rng.exponential(60.0));
  }
}

void CustomerDay::come_back() {
  SimulatedCustomer& c = customer_;
  c.stage = Stage::here;
  c.stage_day = day_;
  c.return_day.reset();
  c.away_until = 0;
  c.mood = nature_.mood + 0.3 * c.rng.normal();
  c.felt = c.mood;
  c.activity = 0.8;
  for (double& pain : c.pains) pain *= 0.3;
  const Time at = own_hour(day_);
  about_from_ = at;
  c.returned = at;
  track(at, names::kSignedIn, PropertyWriter().text("device", nature_.mobile ? "mobile" : "web"));
  if (c.rng.chance(0.6)) assign_tutor(at + hours(0.02, 0.3), true);
}

}  // namespace tideline
