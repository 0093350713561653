// Questions of staying and leaving as observed: cohorts, the lost, the returned, the silent; and
// the pack's other figures.
#include <fmt/format.h>

#include "assistant/catalogue.h"

namespace tideline {
namespace {

using enum Form;

AnswerColumn column(std::string name, std::string label, Form form = text) {
  return {std::move(name), std::move(label), form, "", ""};
}

// Every qualifying event with the one before and after it of the same customer, as known by now.
std::string signs_cte(const PackTerms& terms) {
  return fmt::format(
      "signs AS (SELECT customer_id, event_time AS seen,\n"
      "  lag(event_time) OVER (PARTITION BY customer_id ORDER BY event_time) AS before_it,\n"
      "  lead(event_time) OVER (PARTITION BY customer_id ORDER BY event_time) AS after_it\n"
      "  FROM events WHERE event IN ({}) AND event_time <= $now)",
      listed_in_sql(terms.qualifying));
}

std::string lapse_gap(const PackTerms& terms) {
  return fmt::format("INTERVAL '{} seconds'", terms.lapse_s);
}

std::string lapse_words(const PackTerms& terms) {
  return fmt::format("{} days without {}", terms.lapse_s / 86'400,
                     fmt::join(terms.qualifying, " or "));
}

void add_cohorts(std::vector<Question>& questions) {
  Question q;
  q.id = "cohorts";
  q.about = "how many of those who joined in a month are still active";
  q.example = "retention by cohort";
  q.patterns = {
      "cohort ?customer ?each ?new ?active ?how_many ?which ?trend ?tenure ?rate ?compare "
      "?spread ?share"};
  q.takes = {Slot::period, Slot::by};
  q.by = "month";
  q.sql =
      "WITH alive AS (SELECT DISTINCT customer_id FROM events\n"
      "  WHERE event_time > $now - INTERVAL '30 days' AND event_time <= $now)\n"
      "SELECT date_trunc($by, c.first_event) AS joined, count(*) AS customers,\n"
      "  count(a.customer_id) AS active, count(a.customer_id) / count(*) AS share\n"
      "FROM customers c LEFT JOIN alive a ON a.customer_id = c.customer_id\n"
      "WHERE c.first_event >= $from AND c.first_event < $to GROUP BY joined ORDER BY joined";
  q.columns = {column("joined", "joined in the {by} from", date),
               column("customers", "customers", whole), column("active", "still active", whole),
               column("share", "share", share)};
  q.sentence =
      "Of {customers} customers who joined in the {by} of {joined} {active} are still "
      "active ({share}); of those of {joined@last} {share@last}.";
  q.nothing = "Nobody joined in {period}.";
  q.population = "customers by their first event; active: an event in the last 30 days";
  q.chart = Chart::bars;
  questions.push_back(q);
}

void add_lost(std::vector<Question>& questions, const PackTerms& terms) {
  const std::string gap = lapse_gap(terms);
  const std::string lost_cte = "WITH " + signs_cte(terms) +
                               fmt::format(
                                   ",\nlost AS (SELECT customer_id, seen + {0} AS lapsed FROM "
                                   "signs\n  WHERE seen + {0} <= $now AND (after_it IS NULL OR "
                                   "after_it > seen + {0}))",
                                   gap);
  Question q;
  q.id = "churn_rate";
  q.about = "how many customers were lost";
  q.example = "how many customers did we lose last month";
  q.patterns = {"churn rate|share ?customer ?how_much ?how_many ?current",
                "churn @period ?how_many ?customer ?rate ?share ?who",
                "churn how_many customer -expect -likely -risk"};
  q.takes = {Slot::period};
  q.period_days = 30;
  q.sql = lost_cte +
          fmt::format(
              ",\nalive AS (SELECT DISTINCT customer_id FROM signs\n"
              "  WHERE seen <= $from AND seen > $from - {})\n"
              "SELECT count(DISTINCT l.customer_id) AS lost,\n"
              "  (SELECT count(*) FROM alive) AS alive,\n"
              "  count(DISTINCT a.customer_id) AS lost_of_alive,\n"
              "  count(DISTINCT a.customer_id) / nullif((SELECT count(*) FROM alive), 0) AS rate\n"
              "FROM lost l LEFT JOIN alive a ON a.customer_id = l.customer_id\n"
              "WHERE l.lapsed >= $from AND l.lapsed < $to",
              gap);
  q.columns = {column("lost", "lost", whole), column("alive", "active at the beginning", whole),
               column("lost_of_alive", "lost of these", whole), column("rate", "rate", share)};
  q.sentence =
      "{lost} customers were lost in {period}; of the {alive} active at its beginning "
      "{lost_of_alive} were ({rate}).";
  q.population = "customers; lost: " + lapse_words(terms);
  questions.push_back(q);

  q.id = "churn_trend";
  q.about = "how the number of lost customers develops";
  q.example = "lost customers per month";
  q.patterns = {"churn @by ?each ?customer ?rate ?how_many ?trend",
                "churn trend|up|down ?customer ?rate ?how_many"};
  q.takes = {Slot::period, Slot::by};
  q.period_days = 365;
  q.by = "month";
  q.sql = lost_cte +
          "\nSELECT date_trunc($by, lapsed) AS begins, count(DISTINCT customer_id) AS lost\n"
          "FROM lost WHERE lapsed >= $from AND lapsed < $to GROUP BY begins ORDER BY begins";
  q.columns = {column("begins", "{by} from", date), column("lost", "lost customers", whole)};
  q.sentence =
      "{lost} customers were lost in the {by} of {begins}, {lost@last} in that of "
      "{begins@last}.";
  q.nothing = "No customer was lost in {period}.";
  q.chart = Chart::line;
  questions.push_back(q);
}

void add_returned(std::vector<Question>& questions, const PackTerms& terms) {
  const std::string gap = lapse_gap(terms);
  const std::string after = lapse_words(terms);
  Question q;
  q.id = "returned";
  q.about = "how many customers came back";
  q.example = "how many customers came back last month";
  q.patterns = {"back ?customer ?how_many ?churn ?who ?which ?new"};
  q.takes = {Slot::period};
  q.period_days = 30;
  q.sql = "WITH " + signs_cte(terms) +
          fmt::format(
              "\nSELECT count(DISTINCT customer_id) AS customers FROM signs\n"
              "WHERE seen >= $from AND seen < $to AND before_it < seen - {}",
              gap);
  q.columns = {column("customers", "customers", whole)};
  q.sentence = "{customers} customers came back in {period}.";
  q.population = "customers; back: a sign of life after " + after;
  questions.push_back(q);
}

void add_away(std::vector<Question>& questions, const PackTerms& terms) {
  Question q;
  q.id = "silent_customers";
  q.about = "which customers were not seen for some time";
  q.example = "who was not seen for 14 days";
  q.patterns = {
      "silent ?negation ?customer ?which ?who ?how_many ?activity ?active ?newest ?contact"};
  q.takes = {Slot::period, Slot::rows};
  q.period_days = 14;
  q.rows_most = 20;
  q.sql =
      "SELECT customer_id, last_event, events, count(*) OVER () AS total FROM customers\n"
      "WHERE last_event < $from ORDER BY last_event DESC, customer_id LIMIT $rows";
  q.columns = {column("customer_id", "customer"), column("last_event", "last event", time),
               column("events", "events", whole)};
  q.sentence =
      "{total} customers were not seen in {period}; {rows} of them are shown, the latest "
      "first.";
  q.nothing = "Everybody was seen in {period}.";
  q.population = "customers by their last event";
  q.stands_now = true;
  questions.push_back(q);

  q = Question();
  q.id = "lapsed_customers";
  q.about = "how many customers have lapsed";
  q.example = "how many customers have lapsed";
  q.patterns = {"lapsed ?negation ?how_many ?customer ?which ?who ?active ?share ?current"};
  q.sql =
      "SELECT count(*) FILTER (WHERE lapsed) AS customers, count(*) AS total,\n"
      "  count(*) FILTER (WHERE lapsed) / count(*) AS share FROM customers";
  q.columns = {column("customers", "lapsed", whole), column("total", "of all", whole),
               column("share", "share", share)};
  q.sentence = "{customers} of {total} customers have lapsed ({share}).";
  q.population = fmt::format("customers without {} for more than {} days",
                             fmt::join(terms.qualifying, " or "), terms.lapse_s / 86'400);
  q.stands_now = true;
  questions.push_back(q);
}

void add_unscored(std::vector<Question>& questions, const PackTerms& terms) {
  Question q;
  q.stands_now = true;
  q.id = "unscored_customers";
  q.any_time = true;
  q.about = "how many customers have no score";
  q.example = "how many customers have no score";
  q.patterns = {"unscored ?negation ?how_many ?customer ?which ?who ?why ?figure ?prediction"};
  q.sql = "WITH " + standing_ctes(terms) +
          ",\nwithout AS (SELECT c.* FROM customers c JOIN standing s\n"
          "  ON s.customer_id = c.customer_id WHERE s.standing = 'unscored')\n"
          "SELECT CASE WHEN first_event > $now - INTERVAL '7 days'\n"
          "    THEN 'first seen less than 7 days ago'\n"
          "  WHEN qualifying_events < 2 THEN 'fewer than two qualifying events'\n"
          "  ELSE 'no prediction yet' END AS reason, count(*) AS customers,\n"
          "  sum(count(*)) OVER () AS total\n"
          "FROM without GROUP BY reason ORDER BY customers DESC, reason";
  q.columns = {column("reason", "reason"), column("customers", "customers", whole)};
  q.sentence = "{total:0} customers have no score, most because: {reason} ({customers}).";
  q.nothing = "Every customer that has not lapsed has a score.";
  q.population = "customers that have not lapsed and have no kept prediction";
  questions.push_back(q);

  q.id = "tenure";
  q.any_time = false;
  q.about = "whether long-standing customers do better";
  q.example = "health by tenure";
  q.patterns = {"tenure ?health ?risk ?tier ?each ?compare ?new ?customer ?up ?figure ?churn"};
  q.sql = "WITH " + standing_ctes(terms) +
          ",\naged AS (SELECT *, date_diff('day', first_event, $now) AS days FROM standing\n"
          "  WHERE standing NOT IN ('lapsed', 'unscored'))\n"
          "SELECT CASE WHEN days < 30 THEN 'under 30 days' WHEN days < 90 THEN '30 to 89 days'\n"
          "    WHEN days < 180 THEN '90 to 179 days' WHEN days < 365 THEN '180 to 364 days'\n"
          "    ELSE 'a year and more' END AS tenure,\n"
          "  count(*) AS customers, round(avg(health), 9) AS health, round(avg(risk_near), 9) AS "
          "risk\n"
          "FROM aged GROUP BY tenure ORDER BY min(days)";
  q.columns = {column("tenure", "with us for"), column("customers", "customers", whole),
               column("health", "average health", number1),
               column("risk", "average risk of leaving", share)};
  q.sentence =
      "Health is {health} on average with us for {tenure}, and {health@last} for "
      "{tenure@last}.";
  q.nothing = "Nobody is scored.";
  q.population = "scored customers that have not lapsed, by their first event";
  q.chart = Chart::bars;
  questions.push_back(q);
}

// What goes with a high risk: features of those above a half against those of the others.
void add_drivers(std::vector<Question>& questions, const PackTerms& terms) {
  std::string cells;
  for (const auto& [name, label] : terms.features) {
    cells += fmt::format("{}{{'feature': {}, 'value': {}}}", cells.empty() ? "" : ",\n    ",
                         sql_text(label), sql_name(name));
  }
  Question q;
  q.id = "drivers_overall";
  q.any_time = true;
  q.about = "what goes with a high risk of leaving, over all customers";
  q.example = "why are customers leaving";
  q.patterns = {
      "why|driver churn|risk ?customer ?which ?top ?common ?how_many ?driver ?why ?churn "
      "?risk ?likely ?tier",
      "driver common|top ?customer ?which ?top ?common",
      "why @tier ?customer ?how_many ?which ?churn"};
  q.takes = {Slot::tier, Slot::rows};
  q.sql = "WITH " + latest_cte(terms) + ",\ncells AS (SELECT customer_id, unnest([" + cells +
          "]) AS cell FROM features),\n"
          "sides AS (SELECT c.cell.feature AS feature, c.cell.value AS value,\n"
          "  l.risk_near >= 0.5 AS high FROM cells c JOIN latest l\n"
          "  ON l.customer_id = c.customer_id WHERE c.cell.value IS NOT NULL\n"
          "  AND l.risk_near IS NOT NULL)\n"
          "SELECT feature, round(avg(value) FILTER (WHERE high), 9) AS of_high,\n"
          "  round(avg(value) FILTER (WHERE NOT high), 9) AS of_others,\n"
          "  round((avg(value) FILTER (WHERE high) - avg(value) FILTER (WHERE NOT high))\n"
          "    / nullif(stddev_pop(value), 0), 9) AS apart, count(*) AS customers\n"
          "FROM sides GROUP BY feature HAVING apart IS NOT NULL\n"
          "  AND count(*) FILTER (WHERE high) >= 10 AND count(*) FILTER (WHERE NOT high) >= 10\n"
          "ORDER BY abs(apart) DESC, feature LIMIT $rows";
  q.columns = {column("feature", "feature"), column("of_high", "at high risk", number2),
               column("of_others", "others", number2),
               column("apart", "apart, standard deviations", number2),
               column("customers", "customers", whole)};
  q.sentence =
      "What sets customers at high risk apart the most is {feature}: {of_high} on average, "
      "against {of_others} of the others. It goes with leaving; whether it causes it, a "
      "pilot would tell.";
  q.nothing =
      "There are fewer than ten customers at high risk, or fewer than ten others: too few "
      "to compare.";
  q.population = "scored customers; high: a risk of leaving of a half or more";
  q.stands_now = true;
  questions.push_back(q);
}

void add_figures(std::vector<Question>& questions, const PackTerms& terms) {
  const auto add = [&](const std::string& id, const std::string& task, const std::string& about,
                       Form form, const std::string& definition) {
    Question q;
    q.id = id;
    q.about = about;
    q.takes = {Slot::tier, Slot::by};
    q.sql = "WITH " + standing_ctes(terms) +
            fmt::format(
                "\nSELECT round(avg(l.{0}), 9) AS figure, count(l.{0}) AS customers\n"
                "FROM standing s JOIN latest l ON l.customer_id = s.customer_id\n"
                "WHERE s.standing NOT IN ('lapsed', 'unscored')\n"
                "  AND ($tier IS NULL OR s.standing = $tier)",
                sql_name(task));
    q.columns = {column("figure", about, form), column("customers", "customers", whole)};
    q.population = "scored customers that have not lapsed. " + definition;
    q.stands_now = true;
    return q;
  };
  if (!terms.velocity.empty()) {
    Question q =
        add("velocity", terms.velocity, "sessions expected a week", number2, terms.velocity_about);
    q.example = "how many sessions a week do we expect";
    q.patterns = {
        "velocity ?mean ?customer ?expect ?top ?which ?session ?how_many ?each ?prediction",
        "session expect ?how_many ?customer ?mean ?each ?top ?which ?prediction"};
    q.sentence =
        "{figure} a week are expected of a customer on average, over {customers} "
        "customers{ of tier}.";
    q.takes = {Slot::tier, Slot::by};
    q.by = "week";
    questions.push_back(std::move(q));
  }
  if (!terms.first.empty()) {
    Question q = add("first_session", terms.first, "chance that a first session goes well", share,
                     terms.first_about);
    q.example = "first session success";
    q.patterns = {
        "first_session ?likely ?succeed ?mean ?quality ?prediction ?rate ?customer ?how_much"};
    q.takes = {Slot::tier};
    q.sentence =
        "The chance that a first session goes well is {figure} on average, over "
        "{customers} customers{ of tier}.";
    questions.push_back(std::move(q));
  }
}

}  // namespace

void add_loyalty_questions(std::vector<Question>& questions, const PackTerms& terms) {
  add_cohorts(questions);
  if (!terms.qualifying.empty()) add_lost(questions, terms);
  if (!terms.qualifying.empty()) add_returned(questions, terms);
  add_away(questions, terms);
  add_unscored(questions, terms);
  if (!terms.risk.empty() && !terms.features.empty()) add_drivers(questions, terms);
  add_figures(questions, terms);
}

}  // namespace tideline
