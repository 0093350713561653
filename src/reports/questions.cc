#include "reports/questions.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/answers.h"
#include "reports/report.h"
#include "reports/words.h"

namespace tideline::reports {
namespace {

constexpr int kDaysShown = 90;
constexpr int kWeeksShown = 16;
constexpr int kDaysRead = 7 * (kWeeksShown + 2);
constexpr int kEventsShown = 9;

NumberForm plain(std::string unit = "", int digits = 0) {
  return {NumberForm::Kind::plain, digits, std::move(unit)};
}
NumberForm share() { return {NumberForm::Kind::share, 1, ""}; }

class QuestionWriter {
 public:
  explicit QuestionWriter(const QuestionBasis& basis)
      : pack_(basis.pack), today_(std::chrono::floor<std::chrono::days>(basis.at)) {
    std::string at = format_time(basis.at).substr(0, 23);
    at[10] = ' ';  // "2026-07-01 00:00:00.000"
    at_ = "TIMESTAMP " + sql_text(at);
    date_ = "DATE " + sql_text(format_date(today_));
    day_words_ = basis.at_words;
    leaving_ = basis.leaving;
  }

  Questions write() {
    questions_.events_from = today_ - kDaysRead * kDay;
    write_parts();
    ask_customers();
    ask_activity();
    ask_daily();
    ask_weekly();
    ask_events();
    if (!pack_.tasks().empty()) ask_figures();
    if (!leaving_.empty()) ask_risk();
    ask_tiers();
    ask_tier_days();
    ask_moves();
    ask_plays();
    for (Question& question : questions_.all) question.answer.query = printed(question);
    return std::move(questions_);
  }

 private:
  [[nodiscard]] std::string qualifying() const {
    std::string names;
    for (const EventSpec& event : pack_.events()) {
      if (pack_.is_qualifying(event.index))
        names += (names.empty() ? "" : ", ") + sql_text(event.name);
    }
    return names.empty() ? "NULL" : names;
  }

  // Of the latest predictions: those whose figures count.
  [[nodiscard]] std::string counted() const {
    return pack_.score_lapsed() ? "status = 'scored'" : "status = 'scored' and not lapsed";
  }

  void write_parts() {
    questions_.parts = {
        {"recent",
         fmt::format("select event, count(*) as n, count(distinct customer_id) as customers from "
                     "events where event_time < {0} and event_time >= {0} - 28 group by event",
                     date_)},
        {"active",
         fmt::format("select distinct customer_id, event_time::DATE as day from events where "
                     "event_time < {} and event_time >= {} - {} and event in ({})",
                     at_, date_, kDaysRead, qualifying())},
        {"latest",
         fmt::format("select * from predictions where timestamp <= {} qualify row_number() over "
                     "(partition by customer_id order by timestamp desc) = 1",
                     at_)},
    };
  }

  [[nodiscard]] std::string printed(const Question& question) const {
    std::string text;
    for (const SharedPart& part : questions_.parts) {
      if (std::ranges::find(question.parts, part.name) != question.parts.end())
        text += (text.empty() ? "with " : ", ") + part.name + " as (" + part.select + ")";
    }
    return text + (text.empty() ? "" : " ") + question.select;
  }

  Question& ask(const char* id, const char* about, std::vector<std::string> parts,
                std::string select, std::vector<AnswerColumn> columns, bool named_rows) {
    Question& question = questions_.all.emplace_back();
    question.answer.id = id;
    question.answer.about = about;
    question.answer.columns = std::move(columns);
    question.answer.population = "all customers";
    question.answer.missing = "nothing happened in that time";
    question.parts = std::move(parts);
    question.select = std::move(select);
    question.named_rows = named_rows;
    return question;
  }

  [[nodiscard]] std::string days_to(int days) const {
    return fmt::format("{} days to {}", days, day_words_);
  }

  void ask_customers() {
    const auto lapse = static_cast<int>(days(pack_.lapse()));
    ask(answers::kCustomers, "Known customers", {"active"},
        fmt::format("select count(*) as registered, count(*) filter (customer_id in (select "
                    "customer_id from active where day >= {} - {})) as not_lapsed from customers "
                    "where first_event < {}",
                    date_, lapse, at_),
        {{"registered", "Registered", plain()}, {"not_lapsed", "Not lapsed", plain()}}, false)
        .answer.period = "as of " + day_words_;
  }

  void ask_activity() {
    ask(answers::kActivity, "Active customers", {"recent", "active"},
        fmt::format(
            "select count(distinct customer_id) filter (day = {0} - 1) as active_1d, "
            "count(distinct customer_id) filter (day >= {0} - 7) as active_7d, "
            "count(distinct customer_id) filter (day >= {0} - 28) as active_28d, "
            "count(distinct customer_id) filter (day < {0} - 28 and day >= {0} - 56) as "
            "before_28d, "
            "active_1d / (select nullif(count(*), 0) from customers where first_event < {1}) as "
            "share_1d, (select sum(n)::DOUBLE from recent) as "
            "events_28d from active where day < {0}",
            date_, at_),
        {{"active_1d", "1 day", plain()},
         {"active_7d", "7 days", plain()},
         {"active_28d", "28 days", plain()},
         {"before_28d", "28 days before", plain()},
         {"share_1d", "Share on a day", share()},
         {"events_28d", "Events", plain()}},
        false)
        .answer.period = "whole days to " + day_words_;
  }

  void ask_daily() {
    ask(answers::kDaily, "Active customers a day", {"active"},
        fmt::format(
            "select strftime(day, '%Y-%m-%d') as day, active, mean_7d from (select day, "
            "count(*) as active, avg(count(*)) over (order by day rows 6 preceding) as "
            "mean_7d from active where day < {0} group by day) where day >= {0} - {1} order "
            "by 1",
            date_, kDaysShown),
        {{"active", "Active", plain()}, {"mean_7d", "Mean of 7 days", plain("", 1)}}, true)
        .answer.period = days_to(kDaysShown);
  }

  void ask_weekly() {
    ask(answers::kWeekly, "Who came, stayed and went, by week", {"active"},
        fmt::format(
            "select strftime({0} - 7 * (back + 1), '%Y-%m-%d') as week, count(*) filter (here and "
            "was_here) as retained, count(*) filter (here and not was_here and first_event >= {0} "
            "- "
            "7 * (back + 1)) as new, count(*) filter (here and not was_here and not coalesce("
            "first_event >= {0} - 7 * (back + 1), false)) as resurrected, count(*) filter (not "
            "here) as churned from (select customer_id, back, bool_or(here) as here, bool_or(not "
            "here) as was_here from (select distinct customer_id, ((({0} - day) - 1) // "
            "7)::INTEGER as back, "
            "true as here from active where day < {0} union select distinct customer_id, "
            "((({0} - day) - 1) // 7 - 1)::INTEGER, false from active where day < {0}) group by "
            "all) left join "
            "customers using (customer_id) where back between 0 and {1} group by back order by 1",
            date_, kWeeksShown - 1),
        {{"retained", "Retained", plain()},
         {"new", "New", plain()},
         {"resurrected", "Resurrected", plain()},
         {"churned", "Churned", plain()}},
        true)
        .answer.period = days_to(7 * kWeeksShown);
  }

  void ask_events() {
    ask(answers::kEvents, "Events by name", {"recent"},
        fmt::format(
            "select event, n::DOUBLE as events, customers from recent where event is not null "
            "order by events desc, event limit {}",
            kEventsShown),
        {{"events", "Events", plain()}, {"customers", "Customers", plain()}}, true)
        .answer.period = days_to(28);
  }

  void ask_figures() {
    std::string select;
    for (const TaskSpec& task : pack_.tasks()) {
      const std::string name = sql_name(task.name);
      select += fmt::format(
          "{}select {} as task, count({}) as customers, avg({}) as mean, quantile_cont({}, 0.1) "
          "as "
          "p10, quantile_cont({}, 0.5) as median, quantile_cont({}, 0.9) as p90 from latest where "
          "{}",
          select.empty() ? "" : " union all ", sql_text(task.name), name, name, name, name, name,
          counted());
    }
    Question& question =
        ask(answers::kFigures, "Figures of the model", {"latest"}, std::move(select),
            {{"customers", "Customers", plain()},
             {"mean", "Mean", plain("", 3)},
             {"p10", "10 % below", plain("", 3)},
             {"median", "Median", plain("", 3)},
             {"p90", "10 % above", plain("", 3)}},
            true);
    question.answer.period = "as of " + day_words_;
    question.answer.population = "scored customers";
    question.answer.missing = "nobody is scored";
  }

  void ask_risk() {
    Question& question = ask(answers::kRisk, "Expected to leave", {"latest"},
                             fmt::format("select sum({}) as expected_churn from latest where {}",
                                         sql_name(leaving_), counted()),
                             {{"expected_churn", "Expected to leave", plain()}}, false);
    question.answer.period = "as of " + day_words_;
    question.answer.population = "scored customers";
    question.answer.missing = "nobody is scored";
  }

  void ask_tiers() {
    Question& question =
        ask(answers::kTiers, "Customers by tier", {"latest"},
            fmt::format(
                "select tier, count(*) as customers, count(*) / sum(count(*)) over () as share "
                "from latest where {} and tier is not null group by tier order by customers desc",
                counted()),
            {{"customers", "Customers", plain()}, {"share", "Share", share()}}, true);
    question.answer.period = "as of " + day_words_;
    question.answer.population = "scored customers";
    question.answer.missing = "nobody is scored";
  }

  void ask_tier_days() {
    std::string counts;
    std::vector<AnswerColumn> columns;
    for (const std::string& tier : pack_.tiers()) {
      counts += fmt::format(", count(*) filter (tier = {}) as {}", sql_text(tier), sql_name(tier));
      columns.push_back({tier, readable(tier), plain()});
    }
    Question& question = ask(
        answers::kTierDays, "Customers in each tier, by day", {},
        fmt::format("select strftime(day, '%Y-%m-%d') as day{} from (select customer_id, "
                    "timestamp::DATE as day, max_by(tier, timestamp) as tier from predictions "
                    "where timestamp <= {} and timestamp >= {} - 30 and {} group by all) group by "
                    "day order by 1",
                    counts, at_, date_, counted()),
        std::move(columns), true);
    question.answer.period = days_to(30);
    question.answer.population = "customers scored on the day";
    question.answer.missing = "nobody is scored";
  }

  void ask_moves() {
    Question& question = ask(
        answers::kMoves, "Changes of tier", {},
        fmt::format("select from_tier || ' > ' || to_tier as move, count(*) as customers from "
                    "tier_changes where time <= {} and time >= {} - 30 and from_tier <> to_tier "
                    "group by move order by customers desc, move",
                    at_, date_),
        {{"customers", "Customers", plain()}}, true);
    question.answer.period = days_to(30);
    question.answer.population = "changes of tier; a customer counts each time";
    question.answer.missing = "no customer changed tier";
  }

  void ask_plays() {
    Question& question =
        ask(answers::kPlays, "Actions by play", {},
            fmt::format(
                "select play, count(distinct id) filter (change = 'recommend') as recommended, "
                "count(distinct id) filter (change = 'done') as done, count(distinct id) "
                "filter (change = 'dismiss') as dismissed, sum(expected_cost) filter (change "
                "= 'done') as cost from actions where time <= {} and time >= {} - 28 group by "
                "play order by play",
                at_, date_),
            {{"recommended", "Recommended", plain()},
             {"done", "Done", plain()},
             {"dismissed", "Dismissed", plain()},
             {"cost", "Cost", {NumberForm::Kind::money, 2, pack_.currency()}}},
            true);
    question.answer.period = days_to(28);
    question.answer.population = "actions; the holdout is shown none";
    question.answer.missing = "no action was due";
  }

  const Pack& pack_;
  Time today_;  // its midnight
  std::string at_;
  std::string date_;
  std::string day_words_;
  std::string leaving_;
  Questions questions_;
};

}  // namespace

NumberForm form_of(const TaskSpec& task, const std::string& currency) {
  if (task.kind == TaskKind::probability) return share();
  if (task.max && *task.max <= 1) return plain("", 3);
  if (task.max && *task.max <= 100) return plain("", 1);
  // What has no upper end is money where the label sums amounts; the label says so.
  if (!currency.empty() && task.label.find("amount") != std::string::npos)
    return {NumberForm::Kind::money, 2, currency};
  return plain("", 2);
}

Question metric_question(std::size_t place, const std::string& label, const std::string& sql,
                         const std::string& at_words) {
  Question question;
  question.answer.id = metric_answer(place);
  question.answer.about = label;
  question.answer.query = sql;
  question.answer.period = "as of " + at_words;
  question.answer.population = "as its query says";
  question.answer.columns = {{"actual", label, plain("", 3)}};
  question.select = sql;
  return question;
}

Questions questions_of(const QuestionBasis& basis) { return QuestionWriter(basis).write(); }

}  // namespace tideline::reports
