// PlatformLife: one simulated customer of the platform, lived day by day as numbers; turning them
// into events is platform_events.h's.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/rng.h"
#include "simulator/platform.h"

namespace tideline {

// What happens, counted a day.
enum class PlatformDeed : std::uint8_t {
  feed_viewed,
  story_posted,
  story_viewed,
  story_prompt_answered,
  conversation_started,
  conversation_prompt_used,
  message_sent,
  message_received,
  like_given,
  like_received,
  match_made,
  date_proposed,
  date_accepted,
  date_completed,
  profile_updated,
  creator_followed,
  friend_added,
  notification_received,
  notification_opened,
  boost_bought,
  report_filed,
  support_ticket_opened,
};
inline constexpr std::size_t kPlatformDeeds = 22;

// What the whole platform's rates hang on; found by solve_levels() for given targets.
struct PlatformLevels {
  double return_a_day = 0.0033;  // typical chance to come back when away
  double level = 0;              // log of a factor on what drives the engagement score
  double spread = 0.6;           // between customers, standard deviation of the rates' logs
  double payers = 0.3;           // share of customers who take premium now and then
  double price = 50;             // USD for 30 days of premium, before the plan's factor
};

// What does not change in a life.
struct PlatformNature {
  double involvement = 0;                      // N(0, 1)
  double visit_chance = 0;                     // a day, while here
  double minutes = 0;                          // mean of a session
  std::array<double, kPlatformDeeds> rates{};  // a visit day
  double leave_chance = 0;                     // a day, to begin to cool down
  double return_chance = 0;                    // a day, while away
  bool pays = false;
  double plan = 1;            // factor on the price of premium
  double premium_chance = 0;  // to take premium on a visit day
  bool stays_away = false;    // the planted gap: gone for good soon after joining
  double hour = 0;            // of the day, UTC, at which visits tend to begin
};

// One day, as it came out.
struct PlatformDay {
  bool visit = false;
  double minutes = 0;  // of the session, one decimal; 0 without a visit
  std::array<std::uint16_t, kPlatformDeeds> deeds{};
  bool premium_started = false;
  bool premium_cancelled = false;
  bool premium_paid = false;    // the price of 30 days
  bool premium_failed = false;  // a try that did not go through
};

// Share of proposed dates that come about, through accepting.
inline constexpr double kDateAccepted = 0.8;
inline constexpr double kDatesKept = 0.68;
inline constexpr double kBoostPrice = 4.99;  // USD

struct PlatformLife {
  PlatformNature nature;
  Rng rng{0};
  PlatformStage stage = PlatformStage::here;
  bool premium = false;
  std::int32_t bill_in = 0;  // days until the next try, while premium
  std::uint8_t tries = 0;    // of the bill that is due

  // One day more.
  [[nodiscard]] PlatformDay live_day();
  // One day of which nobody asks what was done but coming and paying.
  [[nodiscard]] PlatformDay live_unseen();

 private:
  // Changes the stage; whether the customer comes.
  [[nodiscard]] bool move_on();
  void change_stage();
  void do_deeds(PlatformDay& day);
  void handle_premium(PlatformDay& day);
};

// What premium costs this customer, USD with two decimals.
[[nodiscard]] double premium_price(const PlatformLevels& levels, const PlatformNature& nature);

// The engagement score of the pack, added up over days.
class EngagementScore {
 public:
  void add(const PlatformDay& day);
  [[nodiscard]] double value() const;  // 0..1
  [[nodiscard]] bool came() const { return active_days_ > 0; }

 private:
  double active_days_ = 0, minutes_ = 0, messages_ = 0, stories_ = 0, matches_ = 0, dates_ = 0;
};
inline constexpr int kScoreDays = 28;
inline constexpr int kChurnDays = 30;

// A life lived on from a state with other luck, for kChurnDays days.
struct PlatformFuture {
  double engagement = 0;
  bool churned = false;
};
[[nodiscard]] PlatformFuture live_on(PlatformLife life, Rng luck);

}  // namespace tideline
