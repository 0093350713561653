// Questions of what changed: moves between tiers, trends of figures, comparisons.
#include <fmt/format.h>

#include "assistant/catalogue.h"

namespace tideline {
namespace {

using enum Form;

AnswerColumn column(std::string name, std::string label, Form form = text) {
  return {std::move(name), std::move(label), form, "", ""};
}

constexpr const char* kMoves =
    "moves AS (SELECT * FROM tier_changes WHERE \"time\" >= $from AND \"time\" < $to\n"
    "  AND from_tier IS NOT NULL AND to_tier IS NOT NULL AND from_tier <> to_tier)";

void add_moves(std::vector<Question>& questions, const PackTerms& terms) {
  Question q;
  q.id = "moved_to_tier";
  q.about = "who got into a tier lately";
  q.example = "who became " + terms.tier_label + " this week";
  q.patterns = {"@tier move|down|up ?who ?which ?customer ?how_many ?tier"};
  q.takes = {Slot::tier, Slot::period, Slot::rows};
  q.needs = {Slot::tier};
  q.period_days = 7;
  q.rows_most = 20;
  q.sql =
      "SELECT customer_id, max(\"time\") AS moved, arg_max(from_tier, \"time\") AS came_from,\n"
      "  count(*) OVER () AS total\n"
      "FROM tier_changes WHERE to_tier = $tier AND \"time\" >= $from AND \"time\" < $to\n"
      "  AND from_tier IS DISTINCT FROM to_tier\n"
      "GROUP BY customer_id ORDER BY moved DESC, customer_id LIMIT $rows";
  q.columns = {column("customer_id", "customer"), column("moved", "when", time),
               column("came_from", "from", tier)};
  q.sentence = "{total} customers became {tier} in {period}; {rows} of them are shown.";
  q.nothing = "No customer became {tier} in {period}.";
  q.population = "customers by their changes of tier";
  questions.push_back(q);

  q.id = "tier_moves";
  q.about = "how many customers moved between tiers";
  q.example = "tier changes in the last 30 days";
  q.patterns = {"move ?tier ?how_many ?customer ?which ?change ?each ?trend",
                "tier change ?customer ?how_many ?move", "tier which @period"};
  q.takes = {Slot::tier, Slot::from_tier, Slot::period};
  q.needs = {};
  q.period_days = 30;
  q.sql = std::string("WITH ") + kMoves +
          "\nSELECT from_tier, to_tier, count(*) AS moves, count(DISTINCT customer_id) AS "
          "customers\nFROM moves WHERE ($tier IS NULL OR to_tier = $tier)\n"
          "  AND ($from_tier IS NULL OR from_tier = $from_tier)\n"
          "GROUP BY ALL ORDER BY moves DESC, from_tier, to_tier";
  q.columns = {column("from_tier", "from", tier), column("to_tier", "to", tier),
               column("moves", "moves", whole), column("customers", "customers", whole)};
  q.sentence = "{customers} customers moved from {from_tier} to {to_tier} in {period}.";
  q.nothing = "No customer moved so in {period}.";
  q.chart = Chart::bars;
  questions.push_back(q);
}

void add_better_and_worse(std::vector<Question>& questions, const PackTerms& terms) {
  const std::string rank = terms.health.empty() ? "-round(avg(risk), 9)" : "round(avg(health), 9)";
  for (const bool up : {true, false}) {
    Question q;
    q.id = up ? "got_better" : "got_worse";
    q.about = up ? "which customers recovered" : "which customers got worse";
    q.example = up ? "who recovered this week" : "who got worse this week";
    q.patterns = {up ? "up ?who ?which ?customer ?tier ?move ?how_many ?back"
                     : "down ?who ?which ?customer ?tier ?move ?how_many"};
    q.takes = {Slot::period, Slot::rows, Slot::from_tier};
    q.period_days = 7;
    q.rows_most = 20;
    q.sql =
        "WITH " + latest_cte(terms) + ",\n" + kMoves +
        fmt::format(
            ",\nranks AS (SELECT tier, {} AS stands FROM latest GROUP BY tier),\n"
            "ends AS (SELECT customer_id, arg_min(from_tier, \"time\") AS came_from,\n"
            "  arg_max(to_tier, \"time\") AS came_to, max(\"time\") AS moved\n"
            "  FROM moves GROUP BY customer_id)\n"
            "SELECT e.customer_id, e.came_from, e.came_to, e.moved, count(*) OVER () AS total\n"
            "FROM ends e JOIN ranks f ON f.tier = e.came_from JOIN ranks t ON t.tier = "
            "e.came_to\nWHERE t.stands {} f.stands AND ($from_tier IS NULL OR e.came_from = "
            "$from_tier)\n"
            "ORDER BY e.moved DESC, e.customer_id LIMIT $rows",
            rank, up ? ">" : "<");
    q.columns = {column("customer_id", "customer"), column("came_from", "from", tier),
                 column("came_to", "to", tier), column("moved", "when", time)};
    q.sentence = std::string("{total} customers moved to a ") + (up ? "better" : "worse") +
                 " tier in {period}; {rows} of them are shown.";
    q.nothing =
        std::string("No customer moved to a ") + (up ? "better" : "worse") + " tier in {period}.";
    q.population =
        "customers by the first and last tier of the period; tiers by their average "
        "figures";
    questions.push_back(q);
  }
}

// What of a period and of one before it: events, people, money, moves.
std::string two_periods(const PackTerms& terms) {
  const auto both = [](const std::string& what, const std::string& time) {
    return fmt::format(
        "CAST({0} FILTER (WHERE {1} >= $from AND {1} < $to) AS DOUBLE) AS during,\n"
        "  CAST({0} FILTER (WHERE {1} >= $before_from AND {1} < $before_to) AS DOUBLE) AS earlier",
        what, time);
  };
  std::string sql = "SELECT 1 AS place, 'events' AS measure, 'events' AS unit, " +
                    both("count(*)", "event_time") + " FROM events\nUNION ALL " +
                    "SELECT 2, 'active customers', 'customers', " +
                    both("count(DISTINCT customer_id)", "event_time") +
                    " FROM events\nUNION ALL " + "SELECT 3, 'new customers', 'customers', " +
                    both("count(*)", "first_event") + " FROM customers\nUNION ALL " +
                    "SELECT 5, 'moves to ' || replace(to_tier, '_', ' '), 'moves', " +
                    both("count(*)", "\"time\"") +
                    " FROM tier_changes WHERE from_tier IS NOT NULL AND to_tier IS NOT NULL "
                    "AND from_tier <> to_tier GROUP BY to_tier";
  if (!terms.income_event.empty()) {
    sql = "WITH " + income_cte(terms) + "\n" + sql + "\nUNION ALL SELECT 4, 'revenue', " +
          sql_text(terms.currency) + ", " + both("sum(amount)", "event_time") + " FROM income";
  }
  return sql + "\nORDER BY place, measure";
}

void add_changes(std::vector<Question>& questions, const PackTerms& terms) {
  Question q;
  q.id = "what_changed";
  q.about = "what changed over all since some time";
  q.example = "what changed since last week";
  q.patterns = {"change ?overview ?new ?which ?newest ?compare"};
  q.takes = {Slot::period, Slot::before};
  q.period_days = 7;
  q.sql = two_periods(terms);
  q.columns = {column("measure", "measure"), column("during", "in the period", number1),
               column("earlier", "in the one before", number1), column("unit", "unit")};
  q.sentence = "In {period}: {during} events, against {earlier} before ({before}).";
  q.population = "all customers and events; the period before is as long";
  questions.push_back(q);

  q.id = "compare_periods";
  q.about = "two periods side by side";
  q.example = "compare this week with last week";
  q.patterns = {"compare @period ?money ?event ?activity ?customer ?up ?down ?each ?how_much",
                "@before ?money ?event ?compare ?customer ?activity ?up ?down"};
  q.sentence = "In {period}: {during} events, against {earlier} in {before}.";
  questions.push_back(q);

  q = Question();
  q.id = "compare_tiers";
  q.about = "tiers side by side";
  q.example = "compare " + terms.other_tier_label + " and " + terms.tier_label + " customers";
  q.patterns = {"@tier @from_tier ?compare ?customer ?which ?who ?tier -move -how_many",
                "compare tier ?each ?customer"};
  q.takes = {Slot::tier, Slot::from_tier};
  const std::string brought =
      terms.income_event.empty()
          ? ""
          : ",\nbrought AS (SELECT customer_id, sum(amount) / 3 AS amount FROM income\n"
            "  WHERE event_time > $now - INTERVAL '90 days' AND event_time <= $now\n"
            "  GROUP BY customer_id)";
  const bool money_known = !terms.income_event.empty();
  q.sql = "WITH " + standing_ctes(terms) + (money_known ? ",\n" + income_cte(terms) : "") +
          brought +
          ",\nseen AS (SELECT customer_id, count(*) AS events FROM events\n"
          "  WHERE event_time > $now - INTERVAL '30 days' AND event_time <= $now\n"
          "  GROUP BY customer_id)\n"
          "SELECT s.standing, count(*) AS customers, round(avg(s.health), 9) AS health,\n"
          "  round(avg(s.risk_near), 9) AS risk_near, avg(coalesce(e.events, 0)) AS events" +
          std::string(money_known ? ", round(avg(coalesce(b.amount, 0)), 4) AS amount" : "") +
          "\nFROM standing s LEFT JOIN seen e ON e.customer_id = s.customer_id" +
          (money_known ? " LEFT JOIN brought b ON b.customer_id = s.customer_id" : "") +
          "\nWHERE s.standing NOT IN ('lapsed', 'unscored')\n"
          "  AND ($tier IS NULL OR s.standing IN ($tier, coalesce($from_tier, $tier)))\n"
          "GROUP BY s.standing ORDER BY customers DESC, s.standing";
  q.columns = {column("standing", "tier", tier), column("customers", "customers", whole),
               column("health", "average health", number1),
               column("risk_near", "average risk of leaving", share),
               column("events", "events in 30 days", number1)};
  if (money_known) q.columns.push_back(column("amount", "brings in 30 days", money));
  q.sentence =
      "{customers} customers are {standing}, with {events} events in 30 days on average; "
      "{customers@last} are {standing@last}, with {events@last}.";
  q.population = "scored customers that have not lapsed; averages a customer";
  q.stands_now = true;
  questions.push_back(q);
}

void add_overview(std::vector<Question>& questions, const PackTerms& terms) {
  Question q;
  q.id = "overview";
  q.about = "how the business stands in one look";
  q.example = "how are we doing";
  q.patterns = {"overview ?current ?customer ?which ?total ?money ?data"};
  q.sql = "WITH " + standing_ctes(terms) +
          (terms.income_event.empty() ? "" : ",\n" + income_cte(terms)) +
          "\nSELECT 1 AS place, 'customers' AS measure, CAST(count(*) AS DOUBLE) AS figure,\n"
          "  'customers' AS unit FROM standing\nUNION ALL "
          "SELECT 2, replace(standing, '_', ' '), count(*), 'customers' FROM standing\n"
          "  GROUP BY standing\nUNION ALL "
          "SELECT 3, 'active in 7 days', count(DISTINCT customer_id), 'customers' FROM events\n"
          "  WHERE event_time > $now - INTERVAL '7 days' AND event_time <= $now";
  const std::string scored = " FROM standing WHERE standing NOT IN ('lapsed', 'unscored')";
  if (!terms.health.empty())
    q.sql += "\nUNION ALL SELECT 4, 'average health', round(avg(health), 9), " +
             sql_text(fmt::format("of {:g}", terms.health_most)) + scored;
  if (!terms.risk.empty())
    q.sql +=
        "\nUNION ALL SELECT 5, 'average risk of leaving', round(avg(risk_near), 9) * 100, '%'" +
        scored;
  if (!terms.income_event.empty())
    q.sql += "\nUNION ALL SELECT 6, 'revenue in 30 days', CAST(sum(amount) AS DOUBLE), " +
             sql_text(terms.currency) +
             " FROM income\n  WHERE event_time > $now - INTERVAL '30 days' AND event_time <= $now";
  q.sql += "\nORDER BY place, figure DESC, measure";
  q.columns = {column("measure", "measure"), column("figure", "figure", number1),
               column("unit", "unit")};
  q.sentence = "There are {figure:0} customers; the table tells how they stand.";
  q.population = "all customers, by their last kept prediction; revenue by event time";
  q.stands_now = true;
  questions.push_back(q);
}

Question trend_of(const std::string& id, const std::string& what, const std::string& figure,
                  Form form) {
  Question q;
  q.id = id;
  q.about = "how the average " + what + " developed";
  q.example = what + " over time";
  q.takes = {Slot::period, Slot::by, Slot::tier};
  q.period_days = 90;
  q.sql = fmt::format(
      "WITH ends AS (SELECT date_trunc($by, \"timestamp\") AS begins, {0} AS figure, tier\n"
      "  FROM predictions WHERE \"timestamp\" >= $from AND \"timestamp\" < $to AND {0} IS NOT "
      "NULL\n"
      "  QUALIFY row_number() OVER (PARTITION BY customer_id, date_trunc($by, \"timestamp\")\n"
      "    ORDER BY \"timestamp\" DESC) = 1)\n"
      "SELECT begins, round(avg(figure), 9) AS figure, count(*) AS customers FROM ends\n"
      "WHERE ($tier IS NULL OR tier = $tier) GROUP BY begins ORDER BY begins",
      sql_name(figure));
  q.columns = {column("begins", "{by} from", date), column("figure", "average " + what, form),
               column("customers", "customers", whole)};
  q.sentence = "The average " + what +
               " went from {figure} in the {by} of {begins} to "
               "{figure@last} in that of {begins@last}.";
  q.nothing = "No prediction was kept in {period}.";
  q.population = "customers scored in a {by}, each with its last kept prediction of it";
  q.chart = Chart::line;
  return q;
}

void add_trends(std::vector<Question>& questions, const PackTerms& terms) {
  if (!terms.health.empty()) {
    Question q = trend_of("health_trend", "health", terms.health,
                          terms.health_most > 10 ? number1 : number2);
    q.patterns = {"health trend|up|down|change ?mean ?figure ?customer ?each",
                  "health @by ?mean ?each ?figure ?customer ?trend"};
    questions.push_back(std::move(q));
  }
  if (!terms.risk_near.empty()) {
    Question q = trend_of("risk_trend", "risk of leaving", terms.risk_near, share);
    q.patterns = {"risk trend|up|down|change ?mean ?churn ?customer ?each ?figure",
                  "risk @by ?mean ?each ?churn ?customer ?trend"};
    questions.push_back(std::move(q));
  }
  Question q;
  q.id = "tier_trend";
  q.about = "how many customers were in each tier over time";
  q.example = "tiers over time";
  q.patterns = {"tier trend ?customer ?how_many ?each",
                "tier @by ?each ?customer ?how_many ?trend",
                "@tier trend ?customer ?how_many ?each ?change",
                "@tier @by ?customer ?how_many ?each ?trend"};
  q.takes = {Slot::period, Slot::by, Slot::tier};
  q.period_days = 90;
  q.sql =
      "WITH ends AS (SELECT date_trunc($by, \"timestamp\") AS begins, tier FROM predictions\n"
      "  WHERE \"timestamp\" >= $from AND \"timestamp\" < $to AND tier IS NOT NULL\n"
      "  QUALIFY row_number() OVER (PARTITION BY customer_id, date_trunc($by, \"timestamp\")\n"
      "    ORDER BY \"timestamp\" DESC) = 1)\n"
      "SELECT begins, tier, count(*) AS customers FROM ends\n"
      "WHERE ($tier IS NULL OR tier = $tier) GROUP BY begins, tier ORDER BY begins, tier";
  q.columns = {column("begins", "{by} from", date), column("tier", "tier", tier),
               column("customers", "customers", whole)};
  q.sentence =
      "In the {by} of {begins} {customers} customers were {tier}, in that of "
      "{begins@last} {customers@last} were {tier@last}.";
  q.nothing = "No prediction was kept in {period}.";
  q.population = "customers scored in a {by}, by the last tier of it";
  q.chart = Chart::line;
  questions.push_back(std::move(q));
}

}  // namespace

void add_movement_questions(std::vector<Question>& questions, const PackTerms& terms) {
  add_moves(questions, terms);
  if (!terms.health.empty() || !terms.risk.empty()) add_better_and_worse(questions, terms);
  add_changes(questions, terms);
  add_overview(questions, terms);
  add_trends(questions, terms);
}

}  // namespace tideline
