// Questions of the program itself: models, pipeline, dead letters, how fresh figures are.
#include <fmt/format.h>

#include "assistant/catalogue.h"

namespace tideline {
namespace {

using enum Form;

AnswerColumn column(std::string name, std::string label, Form form = text) {
  return {std::move(name), std::move(label), form, "", ""};
}

void add_models(std::vector<Question>& questions) {
  Question q;
  q.id = "model_current";
  q.any_time = true;
  q.about = "which model is in production, and when it was trained";
  q.example = "which model is in production";
  q.patterns = {"model ?current ?which ?version ?running ?trained ?prediction -model_plural"};
  q.reading = {"/api/v1/models", "/data", "/active"};
  q.columns = {{"model_version", "model", text, "", "/model_version"},
               {"training_rows", "rows it was trained on", whole, "", "/training_rows"},
               {"training_from", "trained on days from", date, "", "/training_from"},
               {"training_to", "to", date, "", "/training_to"},
               {"known_until", "with what was known by", date, "", "/known_until"}};
  q.sentence =
      "{model_version} is in production: trained on {training_rows} rows, with what was "
      "known by {known_until}.";
  q.nothing = "No model is in production.";
  q.population = "the folder's models";
  questions.push_back(q);

  q.id = "models_all";
  q.any_time = true;
  q.about = "which models there are";
  q.example = "list all models";
  q.patterns = {"model_plural ?model ?which ?trained ?version ?how_many ?total ?current"};
  q.reading.filter = "";
  q.columns = {{"version", "version", text, "", "/version"},
               {"active", "in production", text, "", "/active"},
               {"training_rows", "rows it was trained on", whole, "", "/training_rows"},
               {"known_until", "with what was known by", date, "", "/known_until"},
               {"problem", "problem", text, "", "/problem"}};
  q.sentence = "There are {rows} models.";
  q.nothing = "There is no model.";
  questions.push_back(q);

  q = Question();
  q.id = "model_quality";
  q.any_time = true;
  q.about = "how good the predictions are";
  q.example = "how good is the model";
  q.patterns = {
      "quality ?model ?prediction ?figure ?churn ?risk ?which ?common ?rate ?health "
      "?model_plural ?how_much"};
  q.reading = {"/api/v1/models/active/evaluation", "/evaluation/tasks", ""};
  q.columns = {{"task", "task", text, "", "/task"},
               {"champion", "champion", text, "", "/champion"},
               {"n", "rows tested", whole, "", "/n"},
               {"roc_auc", "ROC-AUC", number2, "", "/champion_metrics/roc_auc"},
               {"brier_skill", "Brier skill", number2, "", "/champion_metrics/brier_skill"},
               {"r2", "R2", number2, "", "/champion_metrics/r2"},
               {"mae", "mean absolute error", number2, "", "/champion_metrics/mae"}};
  q.sentence =
      "Measured on {n} rows not trained on for {task}; ROC-AUC {roc_auc}, R2 {r2} (each "
      "where the task has it).";
  q.nothing = "No model is in production.";
  q.population = "rows that the model was not trained on";
  questions.push_back(q);
}

void add_pipeline(std::vector<Question>& questions) {
  Question q;
  q.id = "pipeline_health";
  q.any_time = true;
  q.about = "whether the pipeline runs, and what it took in";
  q.example = "is the pipeline healthy";
  q.patterns = {
      "pipeline ?running ?applied ?event ?how_many ?health ?data ?tier ?quality ?customer"};
  q.takes = {Slot::tier};  // "is the pipeline healthy"
  q.reading = {"/api/v1/pipeline", "", ""};
  q.columns = {{"received", "received", whole, "events", "/totals/received"},
               {"applied", "applied", whole, "events", "/totals/applied"},
               {"late_applied", "applied late", whole, "events", "/totals/late_applied"},
               {"duplicate", "duplicates", whole, "events", "/totals/duplicate"},
               {"dead_lettered", "dead letters", whole, "events", "/totals/dead_lettered"},
               {"lag", "waiting", whole, "events", "/lag"},
               {"failure", "failure", text, "", "/failure"}};
  q.sentence =
      "{received} events were received: {applied} applied, {late_applied} applied late, "
      "{duplicate} duplicates, {dead_lettered} dead letters; {lag} wait. Failure: "
      "{failure}.";
  q.population = "everything the folder ever took in";
  questions.push_back(q);

  q = Question();
  q.id = "dead_letters";
  q.about = "what could not be taken in, by reason";
  q.example = "dead letters by reason";
  q.patterns = {
      "dead_letter ?how_many ?each ?why ?driver ?fail ?event ?which ?data ?total ?applied"};
  q.takes = {Slot::period};
  q.sql =
      "SELECT code, count(*) AS letters, min(first_time) AS first_time,\n"
      "  max(last_time) AS last_time, sum(count(*)) OVER () AS total FROM dead_letters\n"
      "WHERE status <> 'dropped' AND last_time >= $from AND last_time < $to\n"
      "GROUP BY code ORDER BY letters DESC, code";
  q.columns = {column("code", "why"), column("letters", "dead letters", whole),
               column("first_time", "first", time), column("last_time", "last", time)};
  q.sentence = "{total:0} dead letters ({period}), most of them {code}: {letters}.";
  q.nothing = "There is no dead letter ({period}).";
  q.population = "dead letters that were not dropped";
  q.chart = Chart::bars;
  questions.push_back(q);

  q.id = "dead_letters_latest";
  q.about = "the latest dead letters";
  q.example = "show the latest dead letters";
  q.patterns = {"dead_letter newest ?which ?event"};
  q.takes = {Slot::rows};
  q.sql =
      "SELECT id, code, reason, source, customer_id, last_time FROM dead_letters\n"
      "WHERE status <> 'dropped' AND last_time <= $now\n"
      "ORDER BY last_time DESC, id LIMIT $rows";
  q.columns = {column("id", "id"),
               column("code", "why"),
               column("reason", "in words"),
               column("source", "source"),
               column("customer_id", "customer"),
               column("last_time", "when", time)};
  q.sentence = "The latest dead letter is {id}, {code}, of {last_time}.";
  q.nothing = "There is no dead letter.";
  q.chart = Chart::none;
  questions.push_back(q);
}

void add_events(std::vector<Question>& questions) {
  Question q;
  q.id = "freshness";
  q.any_time = true;
  q.about = "how old the figures are";
  q.example = "how fresh is the data";
  q.patterns = {"fresh ?data ?event ?figure ?newest ?prediction ?current ?customer ?model"};
  q.sql =
      "SELECT (SELECT max(event_time) FROM events WHERE arrival_time <= $now) AS last_event,\n"
      "  (SELECT max(arrival_time) FROM events WHERE arrival_time <= $now) AS last_arrival,\n"
      "  (SELECT max(\"timestamp\") FROM predictions WHERE \"timestamp\" <= $now) AS last_scored";
  q.columns = {column("last_event", "last event", time), column("last_arrival", "arrived", time),
               column("last_scored", "last kept prediction", time)};
  q.sentence =
      "The last event happened at {last_event} and arrived at {last_arrival}; the last "
      "prediction was kept at {last_scored}.";
  q.population = "all events and kept predictions";
  questions.push_back(q);

  q = Question();
  q.id = "sources";
  q.any_time = true;
  q.about = "where events come from";
  q.example = "events by source";
  q.patterns = {"source ?event ?each ?which ?data ?who ?top ?customer ?how_many ?spread"};
  q.takes = {Slot::period};
  q.sql = fmt::format(
      "SELECT coalesce(nullif(source, ''), '(none)') AS source, count(*) AS events, "
      "count(DISTINCT customer_id) AS customers,\n"
      "  max(arrival_time) AS last_arrival FROM events WHERE {}\n"
      "GROUP BY ALL ORDER BY events DESC, 1",
      kInPeriod);
  q.columns = {column("source", "source"), column("events", "events", whole),
               column("customers", "customers", whole), column("last_arrival", "last", time)};
  q.sentence = "{events} events came from {source} ({period}), of {rows} sources.";
  q.nothing = "No event came in {period}.";
  q.population = "applied events by event time";
  q.chart = Chart::bars;
  questions.push_back(q);

  q.id = "late_events";
  q.any_time = false;
  q.about = "how many events arrived late";
  q.example = "how many events arrived late";
  q.patterns = {"late ?event ?how_many ?applied ?mean ?how_much ?share ?customer ?fresh"};
  q.sql = fmt::format(
      "SELECT count(*) FILTER (WHERE arrival_time - event_time > INTERVAL '72 hours') AS late,\n"
      "  count(*) AS events,\n"
      "  median(date_diff('millisecond', event_time, arrival_time)) / 1000 AS delay_s,\n"
      "  max(date_diff('millisecond', event_time, arrival_time)) / 3600000 AS delay_h_max\n"
      "FROM events WHERE {}",
      kInPeriod);
  q.columns = {column("late", "late", whole),
               column("events", "events", whole),
               {"delay_s", "median delay", number1, "s", ""},
               {"delay_h_max", "longest delay", number1, "h", ""}};
  q.sentence =
      "{late} of {events} events arrived more than 72 hours after they happened "
      "({period}); half arrived within {delay_s}.";
  q.chart = Chart::none;
  questions.push_back(q);
}

}  // namespace

void add_machinery_questions(std::vector<Question>& questions, const PackTerms&) {
  add_models(questions);
  add_pipeline(questions);
  add_events(questions);
}

}  // namespace tideline
