// Questions of what customers do: activity, events, newcomers, times of the week.
#include <fmt/format.h>

#include "assistant/catalogue.h"

namespace tideline {
namespace {

using enum Form;

AnswerColumn column(std::string name, std::string label, Form form = text) {
  return {std::move(name), std::move(label), form, "", ""};
}

void add_newcomers(std::vector<Question>& questions) {
  Question q;
  q.id = "new_customers";
  q.about = "how many customers are new";
  q.example = "how many new customers did we get last month";
  q.patterns = {"new ?customer ?how_many ?how_much ?total ?who"};
  q.takes = {Slot::period};
  q.period_days = 30;
  q.sql =
      "SELECT count(*) AS customers FROM customers\n"
      "WHERE first_event >= $from AND first_event < $to";
  q.columns = {column("customers", "new customers", whole)};
  q.sentence = "{customers} customers are new in {period}.";
  q.population = "customers by their first event";
  questions.push_back(q);

  q.id = "new_customers_trend";
  q.about = "how the number of new customers develops";
  q.example = "new customers per month";
  q.patterns = {"new @by ?each ?customer ?trend ?how_many", "new trend ?customer ?how_many ?each"};
  q.takes = {Slot::period, Slot::by};
  q.period_days = 365;
  q.by = "month";
  q.sql =
      "SELECT date_trunc($by, first_event) AS begins, count(*) AS customers FROM customers\n"
      "WHERE first_event >= $from AND first_event < $to GROUP BY begins ORDER BY begins";
  q.columns = {column("begins", "{by} from", date), column("customers", "new customers", whole)};
  q.sentence =
      "{customers} customers came in the {by} of {begins}, {customers@last} in that of "
      "{begins@last}.";
  q.nothing = "Nobody is new in {period}.";
  q.chart = Chart::line;
  questions.push_back(q);

  for (const bool oldest : {true, false}) {
    q = Question();
    q.id = oldest ? "oldest_customers" : "newest_customers";
    q.about = oldest ? "who has been a customer the longest" : "who came last";
    q.example = oldest ? "longest-standing customers" : "newest customers";
    if (oldest) {
      q.patterns = {"oldest ?customer ?who ?which ?top"};
    } else {
      q.patterns = {"newest new ?who ?which ?customer ?top", "newest customer ?who ?which"};
    }
    q.takes = {Slot::rows};
    q.sql = fmt::format(
        "SELECT customer_id, first_event, last_event, events FROM customers\n"
        "WHERE first_event <= $now ORDER BY first_event {}, customer_id LIMIT $rows",
        oldest ? "ASC" : "DESC");
    q.columns = {column("customer_id", "customer"), column("first_event", "first event", time),
                 column("last_event", "last event", time), column("events", "events", whole)};
    q.sentence = std::string(oldest ? "The longest" : "The newest") +
                 " is {customer_id}, since {first_event}.";
    q.population = "customers by their first event";
    q.stands_now = true;
    questions.push_back(q);
  }
}

void add_active(std::vector<Question>& questions) {
  Question q;
  q.id = "active_customers";
  q.about = "how many customers were active in a period";
  q.example = "how many customers were active yesterday";
  q.patterns = {"active ?customer ?how_many ?how_much ?total"};
  q.takes = {Slot::period};
  q.period_days = 30;
  q.sql = fmt::format("SELECT count(DISTINCT customer_id) AS customers FROM events WHERE {}",
                      kInPeriod);
  q.columns = {column("customers", "active customers", whole)};
  q.sentence = "{customers} customers were active in {period}.";
  q.population = "customers with an event in the period";
  questions.push_back(q);

  q.id = "active_trend";
  q.about = "how many customers are active a day, week or month";
  q.example = "daily active customers";
  q.patterns = {"active_day|active_week|active_month ?customer ?active ?trend ?how_many",
                "active @by ?customer ?each ?trend ?how_many",
                "active trend ?customer ?each ?how_many"};
  q.takes = {Slot::period, Slot::by};
  q.sql = fmt::format(
      "SELECT date_trunc($by, event_time) AS begins, count(DISTINCT customer_id) AS customers\n"
      "FROM events WHERE {} GROUP BY begins ORDER BY begins",
      kInPeriod);
  q.columns = {column("begins", "{by} from", date),
               column("customers", "active customers", whole)};
  q.sentence =
      "{customers@last} customers were active in the {by} of {begins@last}, {customers} "
      "in that of {begins}.";
  q.nothing = "Nobody was active in {period}.";
  q.chart = Chart::line;
  questions.push_back(q);

  q.id = "activity_trend";
  q.about = "how activity develops";
  q.example = "events per day";
  q.patterns = {"activity trend|change ?event ?customer ?each", "activity @by ?event ?each ?trend",
                "activity ?event ?customer", "event trend ?activity ?each",
                "event @by ?activity ?each ?trend"};
  q.sql = fmt::format(
      "SELECT date_trunc($by, event_time) AS begins, count(*) AS events,\n"
      "  count(DISTINCT customer_id) AS customers\n"
      "FROM events WHERE {} GROUP BY begins ORDER BY begins",
      kInPeriod);
  q.columns = {column("begins", "{by} from", date), column("events", "events", whole),
               column("customers", "active customers", whole)};
  q.sentence =
      "{events} events came in the {by} of {begins}, {events@last} in that of "
      "{begins@last}.";
  q.nothing = "No event came in {period}.";
  q.population = "all events by event time";
  questions.push_back(q);
}

void add_events(std::vector<Question>& questions, const PackTerms& terms) {
  Question q;
  q.id = "events_count";
  q.about = "how many events came in";
  q.example = "how many events did we get yesterday";
  q.patterns = {"event how_many|how_much|total ?customer ?activity", "event @period ?customer"};
  q.takes = {Slot::period};
  q.sql = fmt::format(
      "SELECT count(*) AS events, count(DISTINCT customer_id) AS customers FROM events WHERE {}",
      kInPeriod);
  q.columns = {column("events", "events", whole), column("customers", "customers", whole)};
  q.sentence = "{events} events of {customers} customers came in {period}.";
  q.population = "applied events by event time";
  questions.push_back(q);

  q.id = "events_common";
  q.about = "which events are most frequent";
  q.example = "most common events";
  q.patterns = {"event common|top|each ?which ?change ?who ?common ?top ?customer",
                "common ?customer ?event ?which ?top -driver -why"};
  q.takes = {Slot::period, Slot::rows};
  q.sql = fmt::format(
      "SELECT event, count(*) AS events, count(DISTINCT customer_id) AS customers\n"
      "FROM events WHERE {} GROUP BY event ORDER BY events DESC, event LIMIT $rows",
      kInPeriod);
  q.columns = {column("event", "event"), column("events", "events", whole),
               column("customers", "customers", whole)};
  q.sentence = "The most frequent is {event}: {events} times ({period}).";
  q.nothing = "No event came in {period}.";
  q.chart = Chart::bars;
  questions.push_back(q);

  q = Question();
  q.id = "event_count";
  q.about = "how often one event happened";
  q.example = "how many times " + terms.main_event + " last week";
  q.patterns = {"@event ?how_many ?customer ?total ?change ?event ?how_much ?common"};
  q.takes = {Slot::event, Slot::period};
  q.needs = {Slot::event};
  q.period_days = 30;
  q.sql = fmt::format(
      "SELECT count(*) AS events, count(DISTINCT customer_id) AS customers FROM events\n"
      "WHERE event = $event AND {}",
      kInPeriod);
  q.columns = {column("events", "events", whole), column("customers", "customers", whole)};
  q.sentence = "{event} happened {events} times, with {customers} customers ({period}).";
  q.population = "events of this name by event time";
  questions.push_back(q);

  q.id = "event_trend";
  q.about = "how one event develops";
  q.example = terms.main_event + " per week";
  q.patterns = {"@event trend|up|down ?each ?how_many ?customer ?change",
                "@event @by ?each ?trend ?how_many ?customer"};
  q.takes = {Slot::event, Slot::period, Slot::by};
  q.period_days = 90;
  q.sql = fmt::format(
      "SELECT date_trunc($by, event_time) AS begins, count(*) AS events FROM events\n"
      "WHERE event = $event AND {} GROUP BY begins ORDER BY begins",
      kInPeriod);
  q.columns = {column("begins", "{by} from", date), column("events", "events", whole)};
  q.sentence =
      "{event} happened {events} times in the {by} of {begins}, {events@last} in that of "
      "{begins@last}.";
  q.nothing = "{event} did not happen in {period}.";
  q.chart = Chart::line;
  questions.push_back(q);
}

void add_rest(std::vector<Question>& questions, const PackTerms& terms) {
  Question q;
  if (!terms.main_event.empty()) {
    q.id = "uses_per_customer";
    q.about = "how much a customer uses us on average";
    q.example = "sessions per customer";
    q.patterns = {"session mean|each ?customer ?how_many ?total",
                  "activity each|mean customer ?how_many"};
    q.takes = {Slot::period, Slot::tier};
    q.period_days = 30;
    q.sql = "WITH " + latest_cte(terms) +
            fmt::format(
                ",\nused AS (SELECT customer_id, count(*) FILTER (WHERE event = {}) AS uses\n"
                "  FROM events WHERE {} GROUP BY customer_id)\n"
                "SELECT avg(u.uses) AS uses, count(*) AS customers FROM used u\n"
                "LEFT JOIN latest l ON l.customer_id = u.customer_id\n"
                "WHERE ($tier IS NULL OR l.tier = $tier)",
                sql_text(terms.main_event), kInPeriod);
    q.columns = {column("uses", terms.main_event + " a customer", number2),
                 column("customers", "active customers", whole)};
    q.sentence = "An active customer has {uses} times " + terms.main_event +
                 " on average ({period}), over {customers} customers{ of tier}.";
    q.population = "customers with an event in the period";
    questions.push_back(q);
  }
}

void add_times(std::vector<Question>& questions, const PackTerms& terms) {
  Question q;
  q.id = "busy_times";
  q.about = "when customers are active: by day of the week and hour";
  q.example = "what is the busiest day of the week";
  q.patterns = {"busy ?activity ?event ?customer ?active ?top ?each ?which ?session ?common"};
  q.takes = {Slot::period};
  q.period_days = 90;
  q.sql = fmt::format(
      "SELECT 'day' AS kind, dayname(event_time) AS moment, count(*) AS events FROM events\n"
      "WHERE {0} GROUP BY ALL UNION ALL\n"
      "SELECT 'hour', printf('%02d:00 UTC', hour(event_time)), count(*) FROM events\n"
      "WHERE {0} GROUP BY ALL ORDER BY kind, events DESC, moment",
      kInPeriod);
  q.columns = {column("kind", "by"), column("moment", "when"), column("events", "events", whole)};
  q.sentence = "The busiest day is {moment}, with {events} events ({period}).";
  q.nothing = "No event came in {period}.";
  q.population = "all events by event time, UTC";
  q.chart = Chart::bars;
  questions.push_back(q);

  if (terms.rating_event.empty()) return;
  q = Question();
  q.id = "ratings";
  q.about = "how customers rate";
  q.example = "average rating last month";
  q.patterns = {
      "rating ?mean ?session ?event_word ?customer ?trend ?quality ?each ?rate ?how_much"};
  q.takes = {Slot::period, Slot::by};
  q.of_event = terms.rating_event;
  q.period_days = 90;
  q.by = "month";
  q.sql = fmt::format(
      "WITH given AS (SELECT event_time, try_cast(properties->>'rating' AS DOUBLE) AS rating\n"
      "  FROM events WHERE event = {} AND {})\n"
      "SELECT date_trunc($by, event_time) AS begins, round(avg(rating), 9) AS rating, "
      "count(rating) AS "
      "ratings,\n  (SELECT round(avg(rating), 9) FROM given) AS over_all, (SELECT count(rating) "
      "FROM given) "
      "AS total\nFROM given GROUP BY begins ORDER BY begins",
      sql_text(terms.rating_event), kInPeriod);
  q.columns = {column("begins", "{by} from", date), column("rating", "average rating", number2),
               column("ratings", "ratings", whole)};
  q.sentence = "The average rating is {over_all:2} over {total:0} ratings ({period}).";
  q.nothing = "Nobody rated in {period}.";
  q.population = terms.rating_event + ", by event time";
  q.chart = Chart::line;
  questions.push_back(q);
}

}  // namespace

void add_activity_questions(std::vector<Question>& questions, const PackTerms& terms) {
  add_newcomers(questions);
  add_active(questions);
  add_events(questions, terms);
  add_rest(questions, terms);
  add_times(questions, terms);
}

}  // namespace tideline
