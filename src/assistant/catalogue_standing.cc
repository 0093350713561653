// Questions of how all customers stand: tiers, health, risk, what is to be lost.
#include <fmt/format.h>

#include "assistant/catalogue.h"

namespace tideline {
namespace {

using enum Form;

constexpr const char* kKept =
    "customers of the lake as they stand now, each with its last kept prediction";

AnswerColumn column(std::string name, std::string label, Form form = text, std::string unit = {}) {
  return {std::move(name), std::move(label), form, std::move(unit), ""};
}

void add_tiers(std::vector<Question>& questions, const PackTerms& terms) {
  Question q;
  q.id = "customers_total";
  q.about = "how many customers there are";
  q.example = "how many customers do we have";
  q.patterns = {"how_many|how_much|total customer ?current"};
  q.sql =
      "SELECT count(*) AS customers FROM customers\n"
      "WHERE coalesce(first_event <= $now, true)";
  q.columns = {column("customers", "customers", whole)};
  q.sentence = "There are {customers} customers.";
  q.population = "everybody with an event";
  questions.push_back(q);

  q = Question();
  q.id = "tiers_count";
  q.about = "how many customers are in each tier";
  q.example = "split customers by tier";
  q.patterns = {"tier ?each ?spread ?how_many ?how_much ?who ?share ?current"};
  q.sql = "WITH " + standing_ctes(terms) +
          "\nSELECT standing, count(*) AS customers, count(*) / sum(count(*)) OVER () AS share\n"
          "FROM standing GROUP BY standing ORDER BY customers DESC, standing";
  q.columns = {column("standing", "tier", tier), column("customers", "customers", whole),
               column("share", "share", share)};
  q.sentence = "{customers} customers ({share}) are {standing}, the largest group of {rows}.";
  q.population = kKept;
  q.chart = Chart::bars;
  q.stands_now = true;
  questions.push_back(q);

  q.id = "tier_count";
  q.about = "how many customers are in one tier";
  q.example = "how many customers are " + terms.tier_label;
  q.patterns = {"@tier how_many|how_much ?customer ?current ?risk"};
  q.takes = q.needs = {Slot::tier};
  q.sql = "WITH " + standing_ctes(terms) +
          "\nSELECT count(*) FILTER (WHERE standing = $tier) AS customers, count(*) AS total,\n"
          "  count(*) FILTER (WHERE standing = $tier) / count(*) AS share FROM standing";
  q.columns = {column("customers", "customers", whole), column("total", "of all", whole),
               column("share", "share", share)};
  q.sentence = "{customers} of {total} customers are {tier}.";
  q.chart = Chart::none;
  questions.push_back(q);

  q.id = "tier_share";
  q.about = "which share of the customers is in a tier";
  q.example = "what share is " + terms.tier_label;
  q.patterns = {"@tier share|rate ?customer ?how_many ?current ?risk"};
  q.sentence = "{share} of the {total} customers are {tier}: {customers}.";
  questions.push_back(q);

  q.id = "customers_of_tier";
  q.about = "which customers are in a tier, the most at risk first";
  q.example = "list the customers that are " + terms.tier_label;
  q.patterns = {"@tier who|which ?customer ?current ?risk"};
  q.takes = {Slot::tier, Slot::rows};
  q.rows_most = 20;
  q.sql = "WITH " + standing_ctes(terms) +
          "\nSELECT customer_id, health, risk_near, last_event, count(*) OVER () AS total\n"
          "FROM standing WHERE standing = $tier\n"
          "ORDER BY risk_near DESC NULLS LAST, customer_id LIMIT $rows";
  q.columns = {column("customer_id", "customer"), column("health", "health", number1),
               column("risk_near", "risk of leaving", share),
               column("last_event", "last event", time)};
  q.sentence = "{total} customers are {tier}; {rows} of them are shown.";
  q.nothing = "No customer is {tier}.";
  questions.push_back(q);
}

std::string soon_words(const PackTerms& terms) {
  if (terms.risk_near_days == 0) return "";
  return fmt::format(" within {} days", terms.risk_near_days);
}

void add_risk(std::vector<Question>& questions, const PackTerms& terms) {
  const std::string soon = soon_words(terms);
  Question q;
  q.id = "riskiest";
  q.about = "which customers are most likely to leave";
  q.example = "who is most likely to churn";
  q.patterns = {"risk top ?customer ?who ?which ?churn ?likely ?current ?each",
                "likely churn ?top ?customer ?who ?which ?risk ?first ?expect"};
  q.takes = {Slot::rows};
  q.sql = "WITH " + standing_ctes(terms) +
          "\nSELECT customer_id, risk_near, standing, health, last_event FROM standing\n"
          "WHERE standing NOT IN ('lapsed', 'unscored') AND risk_near IS NOT NULL\n"
          "ORDER BY risk_near DESC, customer_id LIMIT $rows";
  q.columns = {column("customer_id", "customer"),
               column("risk_near", "risk of leaving" + soon, share),
               column("standing", "tier", tier), column("health", "health", number1),
               column("last_event", "last event", time)};
  q.sentence = "Most likely to leave" + soon + " is {customer_id}, with a risk of {risk_near}.";
  q.nothing = "No customer has a figure of risk.";
  q.population = "scored customers that have not lapsed, by their last kept prediction";
  q.chart = Chart::bars;
  q.stands_now = true;
  questions.push_back(q);

  q.id = "over_threshold";
  q.about = "how many customers have a risk of leaving above a share";
  q.example = "how many customers have a churn risk above 70%";
  q.patterns = {"@threshold risk|churn ?how_many ?customer ?likely ?which ?who ?share"};
  q.takes = q.needs = {Slot::threshold};
  q.sql = "WITH " + standing_ctes(terms) +
          "\nSELECT count(*) FILTER (WHERE risk_near > $threshold) AS customers,\n"
          "  count(*) AS total FROM standing\n"
          "WHERE standing NOT IN ('lapsed', 'unscored') AND risk_near IS NOT NULL";
  q.columns = {column("customers", "customers", whole), column("total", "of scored", whole)};
  q.sentence = "{customers} of {total} scored customers have a risk of leaving" + soon +
               " above {threshold}.";
  q.chart = Chart::none;
  questions.push_back(q);

  q.id = "risk_mean";
  q.about = "the average risk of leaving";
  q.example = "what is the average churn risk";
  q.patterns = {"risk|churn mean ?how_much ?likely ?customer ?current ?figure"};
  q.takes = {Slot::tier};
  q.needs = {};
  q.sql =
      "WITH " + standing_ctes(terms) +
      "\nSELECT round(avg(risk_near), 9) AS risk, count(risk_near) AS customers FROM standing\n"
      "WHERE standing NOT IN ('lapsed', 'unscored') AND ($tier IS NULL OR standing = $tier)";
  q.columns = {column("risk", "average risk of leaving" + soon, share),
               column("customers", "customers", whole)};
  q.sentence =
      "The average risk of leaving" + soon + " is {risk}, over {customers} customers{ of tier}.";
  questions.push_back(q);
}

void add_risk_spread(std::vector<Question>& questions, const PackTerms& terms) {
  const std::string soon = soon_words(terms);
  Question q;
  q.id = "risk_spread";
  q.about = "how the risk of leaving is spread";
  q.example = "distribution of churn risk";
  q.patterns = {"risk|churn spread ?customer ?figure ?each ?how_many"};
  q.sql = "WITH " + standing_ctes(terms) +
          ",\nbands AS (SELECT least(floor(risk_near * 10), 9) AS band FROM standing\n"
          "  WHERE standing NOT IN ('lapsed', 'unscored') AND risk_near IS NOT NULL)\n"
          "SELECT CAST(CAST(band * 10 AS BIGINT) AS VARCHAR) || ' to ' ||\n"
          "  CAST(CAST(band * 10 + 10 AS BIGINT) AS VARCHAR) || ' %' AS risk,\n"
          "  count(*) AS customers FROM bands GROUP BY band ORDER BY band";
  q.columns = {column("risk", "risk of leaving" + soon), column("customers", "customers", whole)};
  q.sentence = "{customers} customers have a risk of {risk}, {customers@last} one of {risk@last}.";
  q.chart = Chart::bars;
  q.population = "scored customers that have not lapsed, by their last kept prediction";
  q.stands_now = true;
  questions.push_back(q);
}

void add_health(std::vector<Question>& questions, const PackTerms& terms) {
  Question q;
  q.id = "health_mean";
  q.about = "the average health";
  q.example = "what is the average health score";
  q.patterns = {"health mean ?how_much ?customer ?figure ?current"};
  q.takes = {Slot::tier};
  q.sql = "WITH " + standing_ctes(terms) +
          "\nSELECT round(avg(health), 9) AS health, count(health) AS customers FROM standing\n"
          "WHERE standing NOT IN ('lapsed', 'unscored') AND ($tier IS NULL OR standing = $tier)";
  const std::string unit = fmt::format("of {:g}", terms.health_most);
  const Form form = terms.health_most > 10 ? number1 : number2;
  q.columns = {column("health", "average health", form, unit),
               column("customers", "customers", whole)};
  q.sentence = "The average health is {health}, over {customers} customers{ of tier}.";
  q.population = "scored customers that have not lapsed, by their last kept prediction";
  q.stands_now = true;
  questions.push_back(q);

  q.id = "health_spread";
  q.about = "how health is spread over the customers";
  q.example = "distribution of health scores";
  q.patterns = {"health spread ?customer ?figure ?each ?how_many"};
  q.takes = {};
  q.sql = "WITH " + standing_ctes(terms) +
          fmt::format(
              ",\nbands AS (SELECT least(floor(health / {0:g} * 10), 9) AS band FROM standing\n"
              "  WHERE standing NOT IN ('lapsed', 'unscored') AND health IS NOT NULL)\n"
              "SELECT printf('%g to %g', band * {0:g} / 10, (band + 1) * {0:g} / 10) AS health,\n"
              "  count(*) AS customers FROM bands GROUP BY band ORDER BY band",
              terms.health_most);
  q.columns = {column("health", "health"), column("customers", "customers", whole)};
  q.sentence =
      "{customers} customers have a health of {health}, {customers@last} one of "
      "{health@last}.";
  q.chart = Chart::bars;
  questions.push_back(q);
}

// The figures of the overview, kept by the program for all eligible customers.
void add_losses(std::vector<Question>& questions, const PackTerms& terms) {
  Question q;
  q.id = "expected_losses";
  q.about = "how many customers are expected to leave";
  q.example = "how many customers will we lose in the next 30 days";
  q.patterns = {"expect churn ?how_many ?customer ?figure ?likely ?total -who",
                "churn how_many expect ?customer"};
  q.ahead_days = terms.risk_days;
  q.reading = {"/api/v1/overview", "/expected_churn", ""};
  q.columns = {{"customers", "customers expected to leave", number1, "", "/customers"},
               {"of", "of eligible customers", whole, "", "/of_customers"},
               {"as_of", "as of", time, "", "/as_of"}};
  q.sentence = fmt::format(
      "{{customers}} of {{of}} eligible customers are expected to leave within {} days.",
      terms.risk_days);
  q.nothing = "That is known once everybody was scored.";
  q.population = "eligible customers: the sum of their risk of leaving";
  questions.push_back(q);
  if (terms.income_event.empty()) return;

  q.id = "money_at_risk";
  q.about = "how much money is at risk";
  q.example = "how much revenue is at risk";
  q.patterns = {"money_risk ?how_much ?money ?total ?current ?customer",
                "money risk|churn ?how_much ?expect ?likely"};
  q.reading = {"/api/v1/overview", "/money_at_risk", ""};
  q.columns = {{"amount", "money at risk, 30 days", money, "", "/amount_30d"},
               {"of", "eligible customers", whole, "", "/of_customers"},
               {"as_of", "as of", time, "", "/as_of"}};
  q.sentence = "{amount} of 30 days' revenue is at risk, over {of} eligible customers.";
  q.population = "eligible customers: the sum of risk times what they bring in 30 days";
  questions.push_back(q);
}

void add_definitions(std::vector<Question>& questions, const PackTerms& terms) {
  Question q;
  q.id = "definitions";
  q.any_time = true;
  q.about = "what the words mean";
  q.example = "what does " + terms.tier_label + " mean";
  q.patterns = {
      "definition ?tier ?churn ?health ?risk ?customer ?money_risk ?lapsed ?figure ?money ?driver "
      "?likely"};
  q.takes = {Slot::tier};
  q.columns = {column("word", "word"), column("meaning", "meaning")};
  for (const auto& [word, meaning] : terms.words) q.told.push_back({word, meaning});
  q.sentence = "{word}: {meaning}";
  q.population = "the definitions of the pack";
  questions.push_back(q);
}

}  // namespace

void add_standing_questions(std::vector<Question>& questions, const PackTerms& terms) {
  add_tiers(questions, terms);
  if (!terms.risk.empty()) add_risk(questions, terms);
  if (!terms.risk.empty()) add_risk_spread(questions, terms);
  if (!terms.health.empty()) add_health(questions, terms);
  if (!terms.risk.empty()) add_losses(questions, terms);
  add_definitions(questions, terms);
}

}  // namespace tideline
