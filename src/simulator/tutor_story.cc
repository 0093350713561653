#include "simulator/tutor_story.h"

#include <algorithm>
#include <map>

#include "simulator/event_names.h"
#include "simulator/living_customers.h"
#include "simulator/property_writer.h"

namespace tideline {

namespace names = marketplace_event;

namespace {

constexpr double kContent = 0.6;      // satisfaction from which a customer has something to lose
constexpr double kLatestStart = 0.3;  // customers begin to decline within this part of the story

// One customer's part of the story.
class Scene {
 public:
  Scene(const World& world, const SimulatedCustomer& customer, std::string tutor,
        const StoryOptions& options, std::vector<Event>& out)
      : world_(world),
        customer_(customer),
        tutor_(std::move(tutor)),
        options_(options),
        rng_(Rng::stream(world.options().seed, "story", customer.index)),
        start_(rng_.uniform(0.0, kLatestStart)),
        out_(out) {}

  void tell() {
    for (int round = 0; round < 10; ++round) stand_up(0.02 + 0.06 * round);
    for (int round = 0; round < 10; ++round) rate_badly(0.05 + 0.06 * round);
    for (int round = 0; round < 5; ++round) complain(0.15 + 0.12 * round);
    for (int round = 0; round < 16; ++round) cancel(0.2 + 0.04 * round);
    for (int round = 0; round < 4; ++round) get_money_back(0.4 + 0.1 * round);
    look_for_others(0.6);
    leave(0.9);
  }

 private:
  // A request without an answer, and a lesson cancelled by the tutor at short notice.
  void stand_up(double part) {
    const double reply = rng_.uniform(30.0, 80.0);
    add(part, names::kBookingRequested, of_tutor());
    add(part + 0.02, names::kTutorMessage, of_tutor().number("reply_hours", reply, 2));
    add(part + 0.05, names::kSessionCancelled,
        of_tutor().text("by", "tutor").number("notice_hours", rng_.uniform(0.2, 3.0), 1));
  }
  void rate_badly(double part) {
    add(part, names::kSessionRated, of_tutor().whole("rating", rng_.chance(0.7) ? 1 : 2));
  }
  void complain(double part) {
    add(part, names::kSupportTicketOpened, PropertyWriter().text("topic", "tutor"));
    if (rng_.chance(0.7)) {
      add(part + 0.06, names::kInboundCall,
          PropertyWriter().number("minutes", rng_.uniform(4.0, 25.0), 0));
    }
  }
  void cancel(double part) {
    add(part, names::kSessionCancelled,
        of_tutor().text("by", "customer").number("notice_hours", rng_.uniform(0.5, 20.0), 1));
  }
  void get_money_back(double part) {
    const double amount = rng_.uniform(20.0, 60.0);
    add(part, names::kDisputeOpened,
        of_tutor().number("amount", amount, 2).text("currency", "USD"));
    add(part + 0.1, names::kPaymentRefunded,
        PropertyWriter().number("amount", amount, 2).text("currency", "USD"));
    for (int attempt = 0; attempt < 3; ++attempt) {
      add(part + 0.12 + 0.05 * attempt, names::kPaymentFailed,
          PropertyWriter().number("amount", amount, 2).text("currency", "USD"));
    }
  }
  // Other tutors, of whom none fits.
  void look_for_others(double part) {
    for (int round = 0; round < 3; ++round) {
      const auto other = static_cast<std::uint32_t>(rng_.below(world_.tutors()));
      add(part + 0.1 * round, names::kTutorChanged,
          PropertyWriter().text("tutor_id", world_.tutor_id(other)));
    }
  }
  void leave(double part) {
    if (!customer_.subscribed_until || rng_.chance(0.3)) return;
    add(part, names::kSubscriptionCancelled, PropertyWriter().text("reason", "tutor"));
  }

  [[nodiscard]] PropertyWriter of_tutor() const {
    return std::move(PropertyWriter().text("tutor_id", tutor_));
  }

  // `part` of this customer's own time of the story, 0 .. 1.
  void add(double part, std::string_view name, PropertyWriter properties) {
    const double own = std::min(1.0, part + 0.04 * rng_.uniform());
    const double whole = start_ + (1.0 - start_) * own;
    const auto after = static_cast<std::int64_t>(whole * double(options_.length.count()));
    Event event;
    event.customer = customer_.id;
    event.name = name;
    event.message_id = MessageId(customer_.message_prefix + "story-" +
                                 std::to_string(options_.begins.time_since_epoch() / kSecond) +
                                 "-" + std::to_string(++sent_));
    event.event_time = event.arrival_time = options_.begins + Duration(after);
    event.properties = properties.take();
    out_.push_back(std::move(event));
  }

  const World& world_;
  const SimulatedCustomer& customer_;
  std::string tutor_;
  const StoryOptions& options_;
  Rng rng_;
  double start_;
  std::vector<Event>& out_;
  std::uint64_t sent_ = 0;
};

bool is_content(const SimulatedCustomer& customer) {
  return customer.stage == Stage::here && !customer.last_day && satisfaction(customer) > kContent;
}

}  // namespace

std::optional<TutorStory> TutorStory::plan(const World& world,
                                           const std::vector<SimulatedCustomer>& customers,
                                           const StoryOptions& options) {
  std::map<std::uint32_t, std::uint32_t> content;  // by tutor
  for (const SimulatedCustomer& customer : customers) {
    if (is_content(customer)) ++content[customer.tutor];
  }
  const auto most = std::max_element(content.begin(), content.end(),
                                     [](auto& a, auto& b) { return a.second < b.second; });
  if (most == content.end()) return std::nullopt;
  TutorStory story;
  story.options_ = options;
  story.tutor_ = world.tutor_id(most->first);
  for (const SimulatedCustomer& customer : customers) {
    if (customer.tutor != most->first || !is_content(customer)) continue;
    if (story.customers_.size() == options.customers_max) break;
    story.customers_.insert(customer.id);
    Scene(world, customer, story.tutor_, options, story.events_).tell();
  }
  sort_by_time(story.events_);
  return story;
}

void TutorStory::take_until(Time to, std::vector<Event>& out) {
  while (taken_ < events_.size() && events_[taken_].event_time <= to) {
    out.push_back(events_[taken_++]);
  }
}

}  // namespace tideline
