// Questions of actions: what is due, what was done, what came of it; and pilots.
#include <fmt/format.h>

#include "assistant/catalogue.h"

namespace tideline {
namespace {

using enum Form;

AnswerColumn column(std::string name, std::string label, Form form = text) {
  return {std::move(name), std::move(label), form, "", ""};
}

// Each action as it stands: the row of its last change.
constexpr const char* kStands =
    "WITH stands AS (SELECT * FROM actions WHERE \"time\" <= $now\n"
    "  QUALIFY row_number() OVER (PARTITION BY id ORDER BY version DESC) = 1)\n";

Question grouped(const std::string& id, const std::string& about, const std::string& by,
                 const std::string& label) {
  Question q;
  q.id = id;
  q.about = about;
  q.sql = kStands + fmt::format(
                        "SELECT {0} AS kind, count(*) AS actions,\n"
                        "  count(DISTINCT customer_id) AS customers, sum(count(*)) OVER () AS "
                        "total\nFROM stands WHERE status = 'open' GROUP BY kind\n"
                        "ORDER BY actions DESC, kind",
                        by);
  q.columns = {column("kind", label), column("actions", "open actions", whole),
               column("customers", "customers", whole)};
  q.nothing = "No action is open.";
  q.population = "actions that are open now";
  q.chart = Chart::bars;
  return q;
}

void add_open(std::vector<Question>& questions) {
  Question q = grouped("open_actions", "how many actions are open", "priority", "priority");
  q.example = "how many open actions are there";
  q.patterns = {"action open ?how_many ?which ?owner ?who ?customer ?how_much"};
  q.sentence = "{total:0} actions are open; most have the priority {kind}: {actions}.";
  questions.push_back(q);

  q = grouped("actions_per_play", "which plays are recommended", "play", "play");
  q.example = "open actions by play";
  q.patterns = {"action ?play ?each ?top ?which ?open ?common ?customer ?how_many ?urgent",
                "play ?action ?top ?each ?which ?open ?common"};
  q.sentence = "{total:0} actions are open; the play recommended most is {kind}: {actions}.";
  questions.push_back(q);

  q = grouped("actions_by_owner", "who has how many open actions", "coalesce(owner, 'nobody')",
              "owner");
  q.example = "open actions by owner";
  q.patterns = {"owner action each|top|how_many|who ?open ?top ?each ?how_many ?who ?which",
                "owner ?each ?how_many ?which ?who"};
  q.sentence = "{kind} has the most open actions: {actions} of {total:0}.";
  questions.push_back(q);
}

void add_done(std::vector<Question>& questions) {
  Question q;
  q.id = "actions_done";
  q.about = "how many actions were done, and what came of them";
  q.example = "outcomes of completed actions";
  q.patterns = {
      "action done|outcome|help ?how_many ?owner ?done ?outcome ?which ?how_much ?running",
      "done owner ?how_much ?how_many ?action", "outcome how_many ?action ?done"};
  q.takes = {Slot::period};
  q.period_days = 30;
  q.sql =
      "WITH steps AS (SELECT * FROM actions WHERE \"time\" >= $from AND \"time\" < $to\n"
      "  AND change IN ('done', 'dismiss', 'snooze', 'outcome'))\n"
      "SELECT CASE WHEN change = 'outcome' THEN 'outcome: ' || coalesce(outcome, 'none')\n"
      "  ELSE change END AS step, count(DISTINCT id) AS actions,\n"
      "  (SELECT count(DISTINCT id) FROM steps WHERE change = 'done') AS done\n"
      "FROM steps GROUP BY step ORDER BY actions DESC, step";
  q.columns = {column("step", "what"), column("actions", "actions", whole)};
  q.sentence = "{done:0} actions were done in {period}.";
  q.nothing = "Nothing was done to actions in {period}.";
  q.population = "actions by their changes in the period";
  q.chart = Chart::bars;
  questions.push_back(q);

  q = Question();
  q.id = "actions_effect";
  q.any_time = true;
  q.about = "whether actions help, against the holdout";
  q.example = "effect of actions against the holdout";
  q.patterns = {"effect ?action ?compare ?help ?play ?running ?owner ?customer ?how_much ?top"};
  q.reading = {"/api/v1/effect", "/data", ""};
  q.columns = {{"play", "play", text, "", "/play"},
               {"treated", "treated", whole, "", "/treated"},
               {"holdout", "held out", whole, "", "/holdout"},
               {"enough", "enough to tell", text, "", "/enough"},
               {"measure", "measure", text, "", "/differences/0/measure"},
               {"difference", "difference", number2, "", "/differences/0/difference"},
               {"low", "from", number2, "", "/differences/0/low"},
               {"high", "to", number2, "", "/differences/0/high"}};
  q.sentence =
      "{treated} customers were treated and {holdout} held out; the first difference "
      "measured is {difference} ({low} to {high}).";
  q.nothing = "Nothing was measured yet.";
  q.population = "customers for whom an action was due: treated against held out";
  questions.push_back(q);

  q = Question();
  q.id = "pilots";
  q.any_time = true;
  q.about = "which pilots there are";
  q.example = "which pilots are running";
  q.patterns = {"pilot ?running ?which ?outcome ?help ?effect ?action ?done ?how_many ?compare"};
  q.reading = {"/api/v1/pilots", "/data", ""};
  q.columns = {{"name", "pilot", text, "", "/name"}, {"status", "status", text, "", "/status"}};
  q.sentence = "There are {rows} pilots; the first is {name}, {status}.";
  q.nothing = "There is no pilot.";
  q.population = "the folder's pilots";
  questions.push_back(q);
}

}  // namespace

void add_action_questions(std::vector<Question>& questions, const PackTerms&) {
  add_open(questions);
  add_done(questions);
}

}  // namespace tideline
