// Questions of single customers, and of whom to turn to.
#include <fmt/format.h>

#include "assistant/catalogue.h"

namespace tideline {
namespace {

using enum Form;

AnswerColumn column(std::string name, std::string label, Form form = text) {
  return {std::move(name), std::move(label), form, "", ""};
}

std::vector<AnswerColumn> standing_columns() {
  return {column("customer_id", "customer"), column("standing", "tier", tier),
          column("health", "health", number1), column("risk_near", "risk of leaving", share),
          column("last_event", "last event", time)};
}

// The open action of highest priority of each customer.
constexpr const char* kDue =
    "due AS (SELECT customer_id, arg_max(sentence, (created_time, id)) AS action FROM (SELECT * "
    "FROM "
    "actions\n  WHERE \"time\" <= $now QUALIFY row_number() OVER (PARTITION BY id ORDER BY "
    "version "
    "DESC) = 1)\n  WHERE status = 'open' GROUP BY customer_id)";

void add_whom(std::vector<Question>& questions, const PackTerms& terms) {
  const bool money_known = !terms.income_event.empty();
  const std::string brought =
      money_known
          ? ",\n" + income_cte(terms) +
                ",\nbrought AS (SELECT customer_id, sum(amount) / 3 AS amount FROM income\n"
                "  WHERE event_time > CAST($now AS TIMESTAMP) - INTERVAL '90 days' AND "
                "event_time <= $now GROUP BY customer_id)"
          : "";
  const std::string amount = money_known ? "coalesce(b.amount, 0)" : "1";
  const std::string joined =
      money_known ? " LEFT JOIN brought b ON b.customer_id = s.customer_id" : "";
  Question q;
  q.id = "call_first";
  q.about = "whom to turn to first";
  q.example = "who should we call first";
  q.patterns = {"contact ?first ?top ?urgent ?who ?which ?customer ?owner ?risk",
                "first ?who ?owner ?customer ?which ?help ?urgent",
                "urgent ?who ?which ?customer ?top ?first ?help"};
  q.takes = {Slot::rows};
  q.sql = "WITH " + standing_ctes(terms) + brought + ",\n" + kDue +
          fmt::format(
              "\nSELECT s.customer_id, s.standing, s.risk_near,{} d.action\n"
              "FROM standing s{} LEFT JOIN due d ON d.customer_id = s.customer_id\n"
              "WHERE s.standing NOT IN ('lapsed', 'unscored') AND s.eligible AND "
              "s.risk_near IS NOT NULL\n"
              "ORDER BY s.risk_near * {} DESC, s.risk_near DESC, s.customer_id LIMIT $rows",
              money_known ? " coalesce(b.amount, 0) AS amount," : "", joined, amount);
  q.columns = {column("customer_id", "customer"), column("standing", "tier", tier),
               column("risk_near", "risk of leaving", share)};
  if (money_known) q.columns.push_back(column("amount", "brings in 30 days", money));
  q.columns.push_back(column("action", "open action"));
  q.sentence = money_known ? "First {customer_id}: a risk of {risk_near}, and {amount} in 30 days."
                           : "First {customer_id}, with a risk of {risk_near}.";
  q.nothing = "Nobody has a figure of risk.";
  q.population = money_known
                     ? "eligible scored customers, by risk of leaving times what they bring"
                     : "eligible scored customers, by risk of leaving";
  q.stands_now = true;
  questions.push_back(q);
  if (!money_known) return;

  q.id = "money_at_risk_customers";
  q.about = "which customers the money at risk sits with";
  q.example = "top 10 customers by revenue at risk";
  q.patterns = {"money_risk which|who|top|customer ?each ?money ?big ?top ?customer ?which ?who",
                "money churn who|top ?which ?customer ?likely ?big",
                "big customer risk ?top ?which"};
  q.sql = "WITH " + standing_ctes(terms) + brought +
          "\nSELECT s.customer_id, s.risk * b.amount AS at_risk, s.risk, b.amount, s.standing\n"
          "FROM standing s JOIN brought b ON b.customer_id = s.customer_id\n"
          "WHERE s.eligible AND s.standing NOT IN ('lapsed', 'unscored') AND s.risk IS NOT NULL\n"
          "ORDER BY at_risk DESC, s.customer_id LIMIT $rows";
  q.columns = {column("customer_id", "customer"), column("at_risk", "money at risk", money),
               column("risk", "risk of leaving", share),
               column("amount", "brings in 30 days", money), column("standing", "tier", tier)};
  q.sentence = "The most is at risk with {customer_id}: {at_risk} of 30 days.";
  q.population = "eligible scored customers: risk times what they bring in 30 days";
  q.chart = Chart::bars;
  questions.push_back(q);
}

void add_one(std::vector<Question>& questions, const PackTerms& terms) {
  Question q;
  q.id = "customer_status";
  q.about = "how one customer is doing";
  q.example = "how is c000001 doing";
  q.patterns = {
      "@customer ?health ?risk ?churn ?figure ?tier ?how_much ?which ?running ?likely ?current "
      "?customer"};
  q.takes = {Slot::customer, Slot::tier};
  q.needs = {Slot::customer};
  q.sql = "WITH " + standing_ctes(terms) +
          "\nSELECT customer_id, standing, health, risk_near, last_event FROM standing\n"
          "WHERE customer_id = $customer";
  q.columns = standing_columns();
  q.sentence = "{customer_id} is {standing}: health {health}, risk of leaving {risk_near}.";
  q.nothing = "There is no customer {customer}.";
  q.population = "one customer, by its last kept prediction";
  q.stands_now = true;
  questions.push_back(q);

  q.id = "compare_customers";
  q.about = "two customers side by side";
  q.example = "compare c000001 and c000002";
  q.patterns = {
      "@customer @other ?compare ?top ?risk ?health ?who ?which ?churn ?customer ?up ?figure"};
  q.takes = q.needs = {Slot::customer, Slot::other};
  q.sql = "WITH " + standing_ctes(terms) +
          "\nSELECT customer_id, standing, health, risk_near, last_event FROM standing\n"
          "WHERE customer_id IN ($customer, $other) ORDER BY risk_near NULLS LAST, customer_id";
  q.sentence =
      "{customer_id} has the lower risk of leaving: {risk_near}, against "
      "{risk_near@last} of {customer_id@last}.";
  q.nothing = "Neither customer is known.";
  q.population = "two customers, by their last kept predictions";
  questions.push_back(q);
}

void add_changes_of_one(std::vector<Question>& questions, const PackTerms& terms) {
  Question q;
  q.id = "customer_changes";
  q.about = "what changed for one customer";
  q.example = "what changed for c000001 since last month";
  q.patterns = {
      "@customer change|trend|up|down ?health ?risk ?churn ?figure ?tier ?move ?compare "
      "?which ?customer"};
  q.takes = {Slot::customer, Slot::period, Slot::tier};
  q.needs = {Slot::customer};
  q.period_days = 30;
  q.sql =
      "WITH kept AS (SELECT * FROM predictions WHERE customer_id = $customer\n"
      "  AND \"timestamp\" >= $from AND \"timestamp\" < $to)\n"
      "SELECT date_trunc('day', \"timestamp\") AS day, arg_max(tier, \"timestamp\") AS tier" +
      std::string(terms.health.empty()
                      ? ""
                      : ",\n  arg_max(" + sql_name(terms.health) + ", \"timestamp\") AS health") +
      (terms.risk_near.empty()
           ? ""
           : ",\n  arg_max(" + sql_name(terms.risk_near) + ", \"timestamp\") AS risk_near") +
      "\nFROM kept GROUP BY 1 ORDER BY 1";
  q.columns = {column("day", "day", date), column("tier", "tier", tier)};
  if (!terms.health.empty()) q.columns.push_back(column("health", "health", number1));
  if (!terms.risk_near.empty()) q.columns.push_back(column("risk_near", "risk of leaving", share));
  q.sentence = "In {period} {customer} went from {tier} to {tier@last}";
  if (!terms.health.empty()) q.sentence += ", health from {health} to {health@last}";
  if (!terms.risk_near.empty())
    q.sentence += ", risk of leaving from {risk_near} to {risk_near@last}";
  q.sentence += ".";
  q.nothing = "No prediction of {customer} was kept in {period}.";
  q.population = "one customer: the last kept prediction of each day";
  q.chart = Chart::line;
  questions.push_back(q);
}

void add_one_more(std::vector<Question>& questions, const PackTerms& terms) {
  Question q;
  if (!terms.risk.empty()) {
    q.id = "customer_drivers";
    q.about = "why a customer stands where it stands";
    q.example = "why is c000001 " + terms.tier_label;
    q.patterns = {"@customer why|driver ?risk ?churn ?figure ?health ?tier ?low ?which ?customer"};
    q.takes = {Slot::customer, Slot::tier};
    q.needs = {Slot::customer};
    q.reading = {"/api/v1/customers/{customer}/drivers?task=" + terms.risk_near, "/drivers", ""};
    q.columns = {{"sentence", "what pushed the risk of leaving", text, "", "/sentence"},
                 {"direction", "direction", text, "", "/direction"},
                 {"contribution", "contribution", number2, "", "/contribution"}};
    q.sentence = "What moved the risk of leaving of {customer} the most: {sentence}.";
    q.nothing = "There are no drivers for {customer}: it is not scored.";
    q.population = "one customer, as of its last scoring";
    questions.push_back(q);
  }
  q = Question();
  q.id = "customer_events";
  q.about = "what a customer did lately";
  q.example = "last events of c000001";
  q.patterns = {
      "@customer event|activity|newest|active|fresh|silent ?event ?newest ?which "
      "?activity ?done ?customer"};
  q.takes = {Slot::customer, Slot::rows, Slot::period};
  q.needs = {Slot::customer};
  q.sql = fmt::format(
      "SELECT event_time, event, type, source FROM events WHERE customer_id = $customer AND {}\n"
      "ORDER BY event_time DESC, message_id LIMIT $rows",
      kInPeriod);
  q.columns = {column("event_time", "when", time), column("event", "event"),
               column("type", "type"), column("source", "source")};
  q.sentence = "{customer} was last seen on {event_time}: {event}.";
  q.nothing = "No event of {customer} is known in {period}.";
  q.population = "events of one customer, newest first";
  questions.push_back(q);
  if (terms.income_event.empty()) return;

  q.id = "customer_money";
  q.about = "what a customer paid";
  q.example = "how much has c000001 paid";
  q.patterns = {"@customer money|worth|payment ?how_much ?total ?customer ?money ?worth"};
  q.takes = {Slot::customer, Slot::period};
  q.sql = "WITH " + income_cte(terms) +
          fmt::format(
              "\nSELECT CAST(sum(amount) AS DOUBLE) AS amount, count(*) AS payments, "
              "max(event_time) AS "
              "last_payment\nFROM income WHERE customer_id = $customer AND {} "
              "HAVING count(*) > 0",
              kInPeriod);
  q.columns = {column("amount", "paid", money), column("payments", "payments", whole),
               column("last_payment", "last payment", time)};
  q.sentence = "{customer} paid {amount} in {payments} payments ({period}).";
  q.nothing = "No payment of {customer} is known ({period}).";
  q.population = "one customer: " + terms.income_event + ", in the pack's currency";
  questions.push_back(q);
}

}  // namespace

void add_customer_questions(std::vector<Question>& questions, const PackTerms& terms) {
  if (!terms.risk.empty()) add_whom(questions, terms);
  add_one(questions, terms);
  add_changes_of_one(questions, terms);
  add_one_more(questions, terms);
}

}  // namespace tideline
