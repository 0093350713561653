// Questions of money: what came in, from whom, and what failed.
#include <fmt/format.h>

#include "assistant/catalogue.h"

namespace tideline {
namespace {

using enum Form;

AnswerColumn column(std::string name, std::string label, Form form = text) {
  return {std::move(name), std::move(label), form, "", ""};
}

Question of_income(const PackTerms& terms) {
  Question q;
  q.takes = {Slot::period};
  q.period_days = 30;
  q.population = terms.income_event + " in the pack's currency, by event time";
  return q;
}

void add_sums(std::vector<Question>& questions, const PackTerms& terms) {
  const std::string with = "WITH " + income_cte(terms) + "\n";
  Question q = of_income(terms);
  q.id = "revenue";
  q.about = "how much money came in";
  q.example = "revenue last month";
  q.patterns = {"money ?how_much ?total ?customer ?payment ?current -who"};
  q.sql = with + fmt::format(
                     "SELECT CAST(sum(amount) AS DOUBLE) AS amount, count(*) AS payments,\n"
                     "  count(DISTINCT customer_id) AS customers FROM income WHERE {}",
                     kInPeriod);
  q.columns = {column("amount", "revenue", money), column("payments", "payments", whole),
               column("customers", "paying customers", whole)};
  q.sentence = "{amount} came in ({period}), in {payments} payments of {customers} customers.";
  questions.push_back(q);

  q.id = "payment_mean";
  q.about = "how large a payment is on average";
  q.example = "average payment";
  q.patterns = {"payment mean ?money ?customer ?each ?how_much ?figure ?which"};
  q.sql = with + fmt::format(
                     "SELECT avg(amount) AS amount, count(*) AS payments FROM income\n"
                     "WHERE {}",
                     kInPeriod);
  q.columns = {column("amount", "average payment", money), column("payments", "payments", whole)};
  q.sentence = "A payment is {amount} on average, over {payments} payments ({period}).";
  questions.push_back(q);

  q.id = "revenue_per_customer";
  q.about = "how much a paying customer brings on average";
  q.example = "average revenue per customer";
  q.patterns = {"money mean|each customer ?how_much ?mean ?each ?worth",
                "worth ?mean ?customer ?how_much ?each ?figure"};
  q.sql = with + fmt::format(
                     "SELECT sum(amount) / count(DISTINCT customer_id) AS amount,\n"
                     "  count(DISTINCT customer_id) AS customers FROM income WHERE {}",
                     kInPeriod);
  q.columns = {column("amount", "revenue a customer", money),
               column("customers", "paying customers", whole)};
  q.sentence =
      "A paying customer brought {amount} on average ({period}), over {customers} "
      "customers.";
  questions.push_back(q);

  q.id = "revenue_trend";
  q.about = "how revenue develops";
  q.example = "revenue by month";
  q.patterns = {"money trend|up|down ?each ?customer ?change ?how_much",
                "money @by ?each ?trend ?how_much ?total"};
  q.takes = {Slot::period, Slot::by};
  q.period_days = 365;
  q.by = "month";
  q.sql =
      with +
      fmt::format(
          "SELECT date_trunc($by, event_time) AS begins, CAST(sum(amount) AS DOUBLE) AS amount,\n"
          "  count(*) AS payments FROM income WHERE {} GROUP BY begins ORDER BY begins",
          kInPeriod);
  q.columns = {column("begins", "{by} from", date), column("amount", "revenue", money),
               column("payments", "payments", whole)};
  q.sentence = "{amount} came in the {by} of {begins}, {amount@last} in that of {begins@last}.";
  q.nothing = "No money came in {period}.";
  q.chart = Chart::line;
  questions.push_back(q);
}

void add_by_whom(std::vector<Question>& questions, const PackTerms& terms) {
  const std::string with = "WITH " + income_cte(terms);
  Question q = of_income(terms);
  q.id = "best_customers";
  q.about = "which customers bring the most";
  q.example = "top 10 customers by revenue";
  q.patterns = {"top money|worth customer|who ?each ?who ?which ?big ?payment ?worth ?money",
                "top customer ?who ?which ?big ?worth"};
  q.takes = {Slot::period, Slot::rows};
  q.period_days = 365;
  q.sql =
      with +
      fmt::format(
          "\nSELECT customer_id, CAST(sum(amount) AS DOUBLE) AS amount, count(*) AS payments,\n"
          "  max(event_time) AS last_payment FROM income WHERE {}\n"
          "GROUP BY customer_id ORDER BY amount DESC, customer_id LIMIT $rows",
          kInPeriod);
  q.columns = {column("customer_id", "customer"), column("amount", "paid", money),
               column("payments", "payments", whole),
               column("last_payment", "last payment", time)};
  q.sentence = "{customer_id} paid the most: {amount} ({period}).";
  q.nothing = "Nobody paid in {period}.";
  q.chart = Chart::bars;
  questions.push_back(q);

  q = of_income(terms);
  q.id = "revenue_by_tier";
  q.about = "how much money comes from each tier";
  q.example = "revenue by tier";
  q.patterns = {"money tier ?top ?each ?which ?how_much ?customer",
                "money @tier ?how_much ?customer ?each"};
  q.takes = {Slot::period, Slot::tier};
  q.sql = "WITH " + standing_ctes(terms) + ",\n" + income_cte(terms) +
          fmt::format(
              "\nSELECT s.standing, CAST(sum(i.amount) AS DOUBLE) AS amount,\n"
              "  count(DISTINCT i.customer_id) AS customers\n"
              "FROM income i JOIN standing s ON s.customer_id = i.customer_id\n"
              "WHERE {} AND ($tier IS NULL OR s.standing = $tier)\n"
              "GROUP BY s.standing ORDER BY amount DESC, s.standing",
              kInPeriod);
  q.columns = {column("standing", "tier now", tier), column("amount", "revenue", money),
               column("customers", "paying customers", whole)};
  q.sentence = "{amount} came from customers that are {standing} now ({period}).";
  q.nothing = "No money came from them in {period}.";
  q.population += "; customers by the tier they are in now";
  q.chart = Chart::bars;
  q.stands_now = true;
  questions.push_back(q);
}

void add_failures(std::vector<Question>& questions, const PackTerms& terms) {
  Question q;
  q.id = "payment_failures";
  q.about = "how many payments failed";
  q.example = "failed payments last month";
  q.patterns = {"payment fail ?how_many ?share ?rate ?total -customer",
                "payment succeed rate|share ?how_many", "payment quality ?rate"};
  q.takes = {Slot::period};
  q.of_event = terms.failed_event;
  q.period_days = 30;
  q.sql = fmt::format(
      "SELECT count(*) FILTER (WHERE event = {0}) AS failed, count(*) AS payments,\n"
      "  count(*) FILTER (WHERE event = {0}) / nullif(count(*), 0) AS failed_share,\n"
      "  1 - count(*) FILTER (WHERE event = {0}) / nullif(count(*), 0) AS passed_share\n"
      "FROM events WHERE event IN ({0}, {1}) AND {2}",
      sql_text(terms.failed_event), sql_text(terms.income_event), kInPeriod);
  q.columns = {column("failed", "failed", whole), column("payments", "tried", whole),
               column("failed_share", "share that failed", share),
               column("passed_share", "share that succeeded", share)};
  q.sentence =
      "{failed} of {payments} payments failed ({failed_share}); {passed_share} succeeded "
      "({period}).";
  q.population = terms.failed_event + " and " + terms.income_event + ", by event time";
  questions.push_back(q);
}

}  // namespace

void add_money_questions(std::vector<Question>& questions, const PackTerms& terms) {
  add_sums(questions, terms);
  add_by_whom(questions, terms);
  if (!terms.failed_event.empty()) add_failures(questions, terms);
}

}  // namespace tideline
