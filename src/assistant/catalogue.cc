#include "assistant/catalogue.h"

#include <fmt/format.h>

#include <algorithm>

#include "assistant/vocabulary.h"
#include "packs/program.h"

namespace tideline {
namespace {

constexpr std::string_view kNoIncome[] = {"Refund", "Cancel", "Fail", "Chargeback", "Dispute"};

bool is_income_name(const std::string& event) {
  return std::none_of(std::begin(kNoIncome), std::end(kNoIncome),
                      [&](std::string_view part) { return event.find(part) != event.npos; });
}

// The first money of a qualifying event; else that of an event which gives none back.
void find_income(const Pack& pack, PackTerms& terms) {
  for (const bool qualifying : {true, false}) {
    for (const EventSpec& event : pack.events()) {
      if (!terms.income_event.empty()) return;
      if (qualifying ? !pack.is_qualifying(event.index) : !is_income_name(event.name)) continue;
      for (const FieldSpec& field : event.fields) {
        if (!field.is_money || !terms.income_event.empty()) continue;
        terms.income_event = event.name;
        terms.income_property = field.name;
      }
    }
  }
}

void find_events(const Pack& pack, PackTerms& terms) {
  find_income(pack, terms);
  for (const EventSpec& event : pack.events()) {
    if (pack.is_qualifying(event.index)) terms.qualifying.push_back(event.name);
    if (terms.rating_event.empty() &&
        std::any_of(event.fields.begin(), event.fields.end(), [](const FieldSpec& field) {
          return field.name == "rating" && field.type == FieldType::number;
        }))
      terms.rating_event = event.name;
    // "Payment Failed" beside "Payment Succeeded"
    const std::string kind = terms.income_event.substr(0, terms.income_event.find(' '));
    if (!kind.empty() && event.name.starts_with(kind + ' ') &&
        event.name.find("Fail") != event.name.npos)
      terms.failed_event = event.name;
  }
  terms.main_event = terms.qualifying.empty() ? "" : terms.qualifying.front();
}

void find_tasks(const Pack& pack, PackTerms& terms) {
  Duration longest{};
  Duration shortest{};
  for (const TaskSpec& task : pack.tasks()) {
    if (task.kind == TaskKind::probability && task.label.find("gone(") != task.label.npos) {
      if (terms.risk.empty() || task.horizon > longest) {
        terms.risk = task.name, longest = task.horizon;
        const auto ahead =
            task.horizon > pack.lapse() ? task.horizon - pack.lapse() : task.horizon;
        terms.risk_days = static_cast<int>(ahead / kDay);
      }
      if (terms.risk_near.empty() || task.horizon < shortest) {
        terms.risk_near = task.name, shortest = task.horizon;
        const auto ahead =
            task.horizon > pack.lapse() ? task.horizon - pack.lapse() : task.horizon;
        terms.risk_near_days = static_cast<int>(ahead / kDay);
      }
      terms.words.emplace_back(Vocabulary::label(task.name), task.definition);
    } else if (task.name == "session_velocity") {
      terms.velocity = task.name, terms.velocity_about = task.definition;
    } else if (task.name == "first_session_success") {
      terms.first = task.name, terms.first_about = task.definition;
    }
    const bool ranged = task.kind == TaskKind::number && task.min && task.max;
    if (ranged && (terms.health.empty() || task.name == "health_score")) {
      terms.health = task.name;
      terms.health_most = *task.max;
      terms.words.emplace_back(Vocabulary::label(task.name), task.definition);
    }
  }
}

}  // namespace

PackTerms terms_of(const Pack& pack) {
  PackTerms terms;
  terms.currency = pack.currency();
  terms.tiers = pack.tiers();
  if (!terms.tiers.empty()) {
    const bool known =
        std::find(terms.tiers.begin(), terms.tiers.end(), "at_risk") != terms.tiers.end();
    terms.tier_label = known ? "at risk" : Vocabulary::label(terms.tiers.back());
    terms.other_tier_label = Vocabulary::label(terms.tiers.front());
  }
  terms.score_lapsed = pack.score_lapsed();
  terms.lapse_s =
      static_cast<long>(std::chrono::floor<std::chrono::seconds>(pack.lapse()).count());
  find_events(pack, terms);
  find_tasks(pack, terms);
  for (const FeatureSpec& feature : pack.features())
    terms.features.emplace_back(feature.name,
                                feature.label.empty() ? feature.name : feature.label);
  const auto& rules = pack.program().tier_rules;
  for (std::size_t i = 0; i < pack.tiers().size() && i < rules.size(); ++i) {
    const std::string rule =
        rules[i].text == "true" ? "none of the tiers before it" : rules[i].text;
    terms.words.emplace_back(Vocabulary::label(pack.tiers()[i]), "a tier: " + rule);
  }
  terms.words.emplace_back(
      "lapsed", fmt::format("no {} for more than {} days", fmt::join(terms.qualifying, " or "),
                            terms.lapse_s / 86'400));
  terms.words.emplace_back(
      "money at risk",
      "the sum over eligible customers of the risk of leaving times what they "
      "bring in 30 days, the mean of their last 90");
  return terms;
}

std::string listed_in_sql(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + sql_text(text);
  return out;
}

std::string latest_cte(const PackTerms& terms) {
  const auto figure = [](const std::string& task) {
    return task.empty() ? std::string("CAST(NULL AS DOUBLE)") : sql_name(task);
  };
  return fmt::format(
      "latest AS (SELECT *, {} AS health, {} AS risk, {} AS risk_near\n"
      "  FROM predictions WHERE \"timestamp\" <= $now\n"
      "  QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY \"timestamp\" DESC) = 1)",
      figure(terms.health), figure(terms.risk), figure(terms.risk_near));
}

std::string standing_ctes(const PackTerms& terms) {
  return latest_cte(terms) +
         fmt::format(
             ",\nstanding AS (SELECT c.customer_id, c.first_event, c.last_event, c.eligible,\n"
             "  CASE WHEN {} THEN 'lapsed' WHEN l.tier IS NULL THEN 'unscored' ELSE l.tier END\n"
             "  AS standing, l.health, l.risk, l.risk_near\n"
             "  FROM customers c LEFT JOIN latest l ON l.customer_id = c.customer_id)",
             terms.score_lapsed ? "false" : "c.lapsed");
}

std::string income_cte(const PackTerms& terms) {
  std::string currency;
  if (!terms.currency.empty()) {
    currency = fmt::format("\n  AND upper(coalesce(properties->>'currency', {0})) = upper({0})",
                           sql_text(terms.currency));
  }
  return fmt::format(
      "income AS (SELECT customer_id, event_time,\n"
      "  coalesce(try_cast(properties->>{} AS DECIMAL(18, 4)), 0) AS amount\n"
      "  FROM events WHERE event = {}{})",
      sql_text(terms.income_property), sql_text(terms.income_event), currency);
}

Catalogue::Catalogue(const Pack& pack) : currency_(pack.currency()) {
  const PackTerms terms = terms_of(pack);
  add_standing_questions(questions_, terms);
  add_customer_questions(questions_, terms);
  add_movement_questions(questions_, terms);
  add_activity_questions(questions_, terms);
  if (!terms.income_event.empty()) add_money_questions(questions_, terms);
  add_loyalty_questions(questions_, terms);
  add_machinery_questions(questions_, terms);
  add_action_questions(questions_, terms);
  Question possible;
  possible.id = "possibilities";
  possible.about = "what can be asked";
  possible.example = "what can I ask";
  possible.patterns = {"possible ?how_many ?which ?help ?question", "help"};
  possible.columns = {{"about", "I can tell"}, {"example", "for example"}};
  possible.sentence = "I can answer {rows} kinds of questions.";
  possible.population = "the questions of this pack";
  for (const Question& question : questions_)
    possible.told.push_back({question.about, question.example});
  questions_.push_back(std::move(possible));
}

const Question* Catalogue::find(std::string_view id) const {
  const auto found = std::find_if(questions_.begin(), questions_.end(),
                                  [&](const Question& question) { return question.id == id; });
  return found == questions_.end() ? nullptr : &*found;
}

}  // namespace tideline
