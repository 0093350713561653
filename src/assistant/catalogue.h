// Catalogue: all questions that the assistant can answer about one kind of business. What a pack
// does not have (amounts, ratings, a figure of health) is not in it.
//
// The same query gives the same rows every time: several threads add numbers in another order each
// time, so amounts are exact decimals and averages are rounded to nine of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "assistant/question.h"
#include "base/sql_words.h"
#include "packs/pack.h"

namespace tideline {

// What the questions need to know of a pack, as it stands in SQL.
struct PackTerms {
  std::string currency;
  std::string risk;       // task of the longest horizon that tells of leaving; may be empty
  std::string risk_near;  // and of the shortest; the same where there is one
  int risk_days = 0;      // until the label of `risk` begins to be known
  int risk_near_days = 0;
  std::string health;  // a number with a range: the task of health; may be empty
  double health_most = 100;
  std::string velocity;  // task "session_velocity"; may be empty
  std::string velocity_about;
  std::string first;  // task "first_session_success"; may be empty
  std::string first_about;
  std::string income_event;  // brings an amount; may be empty
  std::string income_property;
  std::string failed_event;  // a payment that failed; may be empty
  std::string rating_event;  // carries a number called rating; may be empty
  std::string main_event;    // the first qualifying one
  std::vector<std::string> qualifying;
  std::vector<std::string> tiers;
  std::string tier_label;                                     // of one, for examples: "at risk"
  std::string other_tier_label;                               // of another
  std::vector<std::pair<std::string, std::string>> features;  // name, label
  std::vector<std::pair<std::string, std::string>> words;     // for definitions
  long lapse_s = 0;
  bool score_lapsed = false;
};
[[nodiscard]] PackTerms terms_of(const Pack& pack);

class Catalogue {
 public:
  explicit Catalogue(const Pack& pack);

  [[nodiscard]] const std::vector<Question>& questions() const { return questions_; }
  [[nodiscard]] const Question* find(std::string_view id) const;  // nullptr: there is none
  [[nodiscard]] const std::string& currency() const { return currency_; }

 private:
  std::vector<Question> questions_;
  std::string currency_;
};

// The parts of the catalogue, by subject (catalogue_*.cc).
void add_standing_questions(std::vector<Question>& questions, const PackTerms& terms);
void add_customer_questions(std::vector<Question>& questions, const PackTerms& terms);
void add_movement_questions(std::vector<Question>& questions, const PackTerms& terms);
void add_activity_questions(std::vector<Question>& questions, const PackTerms& terms);
void add_money_questions(std::vector<Question>& questions, const PackTerms& terms);
void add_loyalty_questions(std::vector<Question>& questions, const PackTerms& terms);
void add_machinery_questions(std::vector<Question>& questions, const PackTerms& terms);
void add_action_questions(std::vector<Question>& questions, const PackTerms& terms);

// Pieces of SQL that they share.
[[nodiscard]] std::string listed_in_sql(const std::vector<std::string>& texts);  // 'a', 'b'
// "latest AS (...)": the last kept prediction of each customer, with health, risk, risk_near.
[[nodiscard]] std::string latest_cte(const PackTerms& terms);
// "latest AS (...), standing AS (...)": each customer and where it stands: a tier, lapsed or
// unscored.
[[nodiscard]] std::string standing_ctes(const PackTerms& terms);
// "income AS (...)": customer_id, event_time, amount (exact, four decimals).
[[nodiscard]] std::string income_cte(const PackTerms& terms);
inline constexpr const char* kInPeriod = "event_time >= $from AND event_time < $to";

}  // namespace tideline
