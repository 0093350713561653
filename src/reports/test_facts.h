// Facts made up for tests: of a platform in full swing, of nothing at all, and with names as long
// as anybody might think of.
#pragma once

#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "reports/answers.h"
#include "reports/facts.h"

namespace tideline::reports::test {

inline std::string text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline NumberForm plain(int digits = 0, std::string unit = "") {
  return {NumberForm::Kind::plain, digits, std::move(unit)};
}
inline NumberForm share(int digits = 1) { return {NumberForm::Kind::share, digits, ""}; }
inline NumberForm dollars(int digits = 0) { return {NumberForm::Kind::money, digits, "USD"}; }

inline Answer answer(std::string id, std::string about, std::string query,
                     std::vector<AnswerColumn> columns, std::vector<AnswerRow> rows) {
  Answer one;
  one.id = std::move(id);
  one.about = std::move(about);
  one.kind = query.starts_with("GET ") ? QueryKind::api : QueryKind::sql;
  one.query = std::move(query);
  one.period = "to 1 July 2026";
  one.population = "all customers";
  one.columns = std::move(columns);
  one.rows = std::move(rows);
  return one;
}

inline std::string day(int number) {
  return format_date(time_from_millis(1'775'000'000'000) + number * kDay);
}

inline void add(Facts& facts, Answer one) { facts.answers[one.id] = std::move(one); }

inline void add_activity(Facts& facts) {
  add(facts,
      answer(answers::kCustomers, "Known customers",
             "select count(*) registered, count(*) filter (eligible) eligible, count(*) filter "
             "(lapsed) lapsed from customers",
             {{"registered", "Registered", plain()},
              {"eligible", "Eligible", plain()},
              {"lapsed", "Lapsed", plain()}},
             {{"", {100'000, 100'000, 41'233}}}));
  add(facts,
      answer(
          answers::kActivity, "Active customers",
          "with active as (select customer_id, event_time::date as day, count(*) as events from "
          "events where event in ('Signed In', 'Session Ended') and event_time < '2026-07-01' "
          "group by 1, 2) select count(distinct customer_id) filter (day >= '2026-06-30') "
          "active_1d, count(distinct customer_id) filter (day >= '2026-06-24') active_7d, ... "
          "from "
          "active",
          {{"active_1d", "1 day", plain()},
           {"active_7d", "7 days", plain()},
           {"active_28d", "28 days", plain()},
           {"before_28d", "28 days before", plain()},
           {"share_1d", "Share on a day", share()},
           {"events_28d", "Events", plain()}},
          {{"", {30'118, 44'702, 58'767, 57'310, 0.30118, 5'612'345}}}));
  Answer daily =
      answer(answers::kDaily, "Active customers a day",
             "with active as (...) select day, count(*) active, avg(count(*)) over (order "
             "by day rows 6 preceding) mean_7d from active group by day order by day",
             {{"active", "Active", plain()}, {"mean_7d", "Mean of 7 days", plain(1)}}, {});
  for (int i = 0; i < 90; ++i) {
    const double level = 29'500 + 12.0 * i;
    daily.rows.push_back(
        {day(i),
         {std::round(level + 1'900 * std::sin(i * 2 * M_PI / 7) + 400 * std::sin(i * 0.9)),
          level}});
  }
  add(facts, std::move(daily));
  Answer weekly = answer(answers::kWeekly, "Who came, stayed and went, by week",
                         "with weeks as (...) select week, ... from weeks group by 1 order by 1",
                         {{"retained", "Retained", plain()},
                          {"new", "New", plain()},
                          {"resurrected", "Resurrected", plain()},
                          {"churned", "Churned", plain()}},
                         {});
  for (int i = 0; i < 16; ++i)
    weekly.rows.push_back(
        {day(7 * i),
         {36'000.0 + 120 * i, 1'400.0 + 25 * (i % 3), 6'800.0 - 40 * i, 7'900.0 - 60 * i}});
  add(facts, std::move(weekly));
  Answer events = answer(answers::kEvents, "Events by name", "select event, count(*) events, ...",
                         {{"events", "Events", plain()}, {"customers", "Customers", plain()}}, {});
  for (const auto& [name, count] :
       {std::pair{"Feed Viewed", 1'512'003.0}, std::pair{"Message Sent", 1'104'992.0},
        std::pair{"Session Ended", 902'118.0}, std::pair{"Story Viewed", 700'003.0},
        std::pair{"Like Given", 611'245.0}, std::pair{"Signed In", 402'887.0},
        std::pair{"Match Made", 103'118.0}, std::pair{"Story Posted", 91'004.0},
        std::pair{"Payment Succeeded", 20'416.0}})
    events.rows.push_back({name, {count, count / 21}});
  add(facts, std::move(events));
}

inline void add_figures(Facts& facts) {
  Answer figures = answer(answers::kFigures, "Figures now", "select task, count(*) customers, ...",
                          {{"customers", "Customers", plain()},
                           {"mean", "Mean", plain(3)},
                           {"p10", "10 % below", plain(3)},
                           {"median", "Median", plain(3)},
                           {"p90", "10 % above", plain(3)}},
                          {{"engagement_score", {98'233, 0.3711, 0.02, 0.331, 0.58}},
                           {"churn_risk_30d", {98'233, 0.4894, 0.06, 0.44, 0.97}},
                           {"ltv_180d", {98'233, 61.20, 0, 12.5, 180.25}}});
  add(facts, std::move(figures));
  add(facts,
      answer(
          answers::kTiers, "Customers by tier", "select tier, count(*) customers, ...",
          {{"customers", "Customers", plain()}, {"share", "Share", share()}},
          {{"high", {7'913, 0.0806}}, {"medium", {52'104, 0.5304}}, {"low", {38'216, 0.3890}}}));
  Answer days = answer(
      answers::kTierDays, "Customers in each tier, by day", "select day, ...",
      {{"high", "High", plain()}, {"medium", "Medium", plain()}, {"low", "Low", plain()}}, {});
  for (int i = 0; i < 30; ++i)
    days.rows.push_back({day(60 + i), {7'600.0 + 11 * i, 51'000.0 + 37 * i, 39'600.0 - 48 * i}});
  add(facts, std::move(days));
  add(facts,
      answer(answers::kMoves, "Changes of tier", "select from_tier || ' > ' || to_tier, ...",
             {{"customers", "Customers", plain()}},
             {{"high > medium", {1'204}},
              {"medium > high", {1'518}},
              {"medium > low", {4'410}},
              {"low > medium", {4'933}},
              {"high > low", {122}},
              {"low > high", {96}}}));
  add(facts, answer(answers::kRisk, "Expected to leave", "select sum(churn_risk_30d) from latest",
                    {{"expected_churn", "Expected to leave", plain()}}, {{"", {48'075}}}));
  add(facts, answer(answers::kLoss, "Money at risk", "GET /api/v1/overview",
                    {{"money_at_risk", "Money at risk", dollars()}}, {{"", {214'336}}}));
}

inline void add_model(Facts& facts) {
  facts.model =
      ModelFacts{"engagement-v3", "1 March 2026 to 20 May 2026", 412'887, {}, "churn_risk_30d"};
  facts.model->tasks = {{"engagement_score", "xgboost", "by time", 101'224, {}},
                        {"churn_risk_30d", "xgboost", "by time", 101'224, {}},
                        {"ltv_180d", "network", "by customer", 88'102, {}}};
  add(facts, answer(answers::kModel, "The model and its rivals",
                    "GET /api/v1/models/v3/evaluation: tasks[].models[]",
                    {{"champion", "In use", plain()},
                     {"roc_auc", "ROC-AUC", plain(3)},
                     {"brier_skill", "Brier skill", plain(3)},
                     {"log_loss", "Log loss", plain(3)},
                     {"ece", "ECE", plain(4)},
                     {"r2", "R2", plain(3)},
                     {"mae", "MAE", plain(3)}},
                    {{"engagement_score > xgboost", {1, {}, {}, {}, {}, 0.853, 0.061}},
                     {"engagement_score > past", {0, {}, {}, {}, {}, 0.701, 0.094}},
                     {"churn_risk_30d > xgboost", {1, 0.912, 0.487, 0.341, 0.0091, {}, {}}},
                     {"churn_risk_30d > network", {0, 0.910, 0.481, 0.345, 0.0102, {}, {}}},
                     {"churn_risk_30d > recency", {0, 0.871, 0.402, 0.399, 0.0188, {}, {}}},
                     {"churn_risk_30d > base_rate", {0, 0.5, 0.0, 0.693, 0.0, {}, {}}},
                     {"ltv_180d > network", {1, {}, {}, {}, {}, 0.634, 31.2}},
                     {"ltv_180d > mbg_nbd", {0, {}, {}, {}, {}, 0.588, 35.7}}}));
  Answer bins = answer(answers::kReliability, "Said against happened",
                       "GET /api/v1/models/v3/evaluation: tasks[1].curves.reliability",
                       {{"rows", "Rows", plain()},
                        {"predicted", "Said", share(2)},
                        {"observed", "Happened", share(2)},
                        {"low", "95 % from", share(2)},
                        {"high", "to", share(2)}},
                       {});
  for (int i = 0; i < 10; ++i) {
    const double p = 0.05 + 0.1 * i;
    bins.rows.push_back(
        {std::to_string(i + 1),
         {9'000.0 + 600 * i, p, p + 0.012 * std::sin(i * 1.7), p - 0.02, p + 0.03}});
  }
  add(facts, std::move(bins));
  Answer importance = answer(answers::kImportance, "What the model leans on",
                             "GET /api/v1/models/v3/evaluation: tasks[1].curves.importance",
                             {{"loss_rise", "Loss rises by", plain(4)}}, {});
  for (const auto& [name, rise] :
       {std::pair{"days since last visit", 0.1412}, std::pair{"active days in 28 days", 0.0871},
        std::pair{"visit trend", 0.0322}, std::pair{"messages sent in 28 days", 0.0201},
        std::pair{"conversations begun", 0.0118}, std::pair{"story days", 0.0102},
        std::pair{"premium now", 0.0075}, std::pair{"avg session minutes", 0.0061}})
    importance.rows.push_back({name, {rise}});
  add(facts, std::move(importance));
}

inline void add_actions(Facts& facts) {
  facts.plays = {{"at_risk", "high", "email", 0.5},
                 {"smart_notifications", "high", "push", 0.05},
                 {"conversation_prompts", "medium", "app", 0.05},
                 {"story_prompts", "medium", "app", 0.05},
                 {"compatibility", "medium", "app", 0.1},
                 {"date_scheduler", "medium", "app", 0.1},
                 {"feed_ranking", "medium", "app", 0.05},
                 {"creator_incentives", "low", "email", 3},
                 {"premium_offer", "low", "app", 1}};
  Answer plays = answer(answers::kPlays, "Actions by play", "select play, ... from actions",
                        {{"recommended", "Recommended", plain()},
                         {"done", "Done", plain()},
                         {"dismissed", "Dismissed", plain()},
                         {"cost", "Cost", dollars()}},
                        {});
  for (const PlayFacts& play : facts.plays)
    plays.rows.push_back({play.name,
                          {1'000.0 + 371 * static_cast<double>(plays.rows.size()),
                           402.0 + 17 * static_cast<double>(plays.rows.size()), 31, 200}});
  add(facts, std::move(plays));
  const NumberForm points{NumberForm::Kind::signed_share, 1, ""};
  add(facts, answer(answers::kEffect, "Effect of actions", "GET /api/v1/effect?days=180",
                    {{"treated", "Treated", plain()},
                     {"holdout", "Holdout", plain()},
                     {"difference", "Difference", points},
                     {"low", "95 % from", points},
                     {"high", "to", points}},
                    {{"all", {21'883, 2'410, 0.0231, 0.0042, 0.0421}},
                     {"at_risk", {4'118, 466, 0.0312, -0.0021, 0.0652}},
                     {"conversation_prompts", {3'902, 431, 0.0418, 0.0073, 0.0779}}}));
  add(facts,
      answer(answers::kPilots, "Pilots", "GET /api/v1/pilots",
             {{"treated", "Treated", plain()},
              {"holdout", "Holdout", plain()},
              {"difference", "Difference", points},
              {"low", "95 % from", points},
              {"high", "to", points},
              {"sample_ratio_p", "p", plain(2)}},
             {{"Conversation prompts, 10 %", {7'512, 7'488, 0.0244, 0.0019, 0.0466, 0.84}}}));
  add(facts, answer(answers::kMoney, "The calculation", "GET /api/v1/money",
                    {{"value", "Value", dollars(2)}},
                    {{"Value of a customer", {126.40}},
                     {"Cost to win a customer", {38.10}},
                     {"Revenue at risk a year", {2'572'032}},
                     {"Gain a year", {61'728}}}));
  add(facts, answer(answers::kGain, "Gain", "GET /api/v1/money", {{"amount", "Amount", dollars()}},
                    {{"proven", {31'420}}, {"scenario", {92'118}}}));
}

inline void add_measurements(Facts& facts) {
  facts.measured.customers = 100'000;
  facts.measured.events_per_day = 200'441;
  facts.measured.cpu_s_per_million_events = 38;
  facts.measured.lake_bytes_per_event = 44;
  facts.measured.state_bytes_per_customer = 913;
  facts.measured.machine = "2 cores, 8 GiB";
  facts.controls = {false, 16, 2, 7, 24, 72};
  add(facts, answer(answers::kMeasured, "Measurements of this folder", "GET /api/v1/pipeline",
                    {{"value", "Value", plain()}},
                    {{"Customers", {100'000}},
                     {"Events a day, mean of 28 days", {200'441}},
                     {"Bytes of the lake an event", {44.31}},
                     {"Bytes of state a customer", {913}},
                     {"Memory of the process, MiB", {612}}}));
  add(facts, answer(answers::kFolder, "The data folder", "GET /api/v1/pipeline",
                    {{"bytes", "Bytes", plain(0, "bytes")}},
                    {{"log", {67'108'864}},
                     {"state", {191'221'004}},
                     {"lake", {612'887'002}},
                     {"models", {3'221'004}}}));
  add(facts, answer(answers::kBenchmarks, "Benchmarks", "make bench; docs/benchmarks.md",
                    {{"value", "A second", plain()},
                     {"worst", "Worst round", plain()},
                     {"cpu_us", "CPU a unit, us", plain(2)}},
                    {{answers::kDurableIngest, {815'000, 615'000, 2.65}},
                     {answers::kApplied, {48'900, 41'600, 38}},
                     {"Segment log, 1,000 records a commit", {3'720'000, 2'170'000, 0.139}},
                     {"Import of a generated history", {63'800, 58'000, 19.3}},
                     {"All features of a customer", {184'000, 174'000, 5.43}},
                     {"Network, one row a call", {1'260'000, 1'240'000, 0.79}},
                     {"Trees, AVX-512", {3'800'000, 3'730'000, 0.263}},
                     {"Replay on one core", {847'000, 793'000, 1.09}}}));
  add(facts, answer(answers::kLimits, "The room left", "GET /api/v1/pipeline",
                    {{"value", "Events a second", plain(1)}},
                    {{"Mean of the last 28 days", {2.32}},
                     {"Busiest hour, at 5 times the mean", {11.6}},
                     {"Applied a second, benchmark", {48'900}},
                     {"Made safe a second, benchmark", {815'000}}}));
}

// Every answer there is; figures with digits that can be found again in the text of a PDF file.
// `source_folder`: of the checkout, for the price list and the example of an initiative.
inline Facts full_facts(const std::string& source_folder) {
  Facts facts;
  facts.program_version = "0.1.0";
  facts.pack = "engagement";
  facts.about = "Social and dating platform: visits, stories, conversations, matches, premium";
  facts.currency = "USD";
  facts.as_of = *parse_time("2026-07-01");
  facts.as_of_words = "1 July 2026, 00:00 UTC";
  facts.as_of_day = "1 July 2026";
  facts.lapse_days = 30;
  facts.qualifying = {"Signed In", "Session Ended"};
  facts.tasks = {
      {"engagement_score",
       "An index of what the customer does in the next 28 days: days, minutes, messages, "
       "stories, matches, dates.",
       false, plain(3), 28},
      {"churn_risk_30d", "No visit (signing in or a session) in the next 30 days.", true, share(1),
       30},
      {"ltv_180d", "What the customer pays in the next 180 days, in USD.", false, dollars(2),
       180}};
  facts.tiers = {{"high", "engagement_score > 0.6"},
                 {"medium", "engagement_score > 0.25"},
                 {"low", "everybody else"}};
  add_activity(facts);
  add_figures(facts);
  add_model(facts);
  add_actions(facts);
  add_measurements(facts);
  const std::string packs = source_folder + "/packs/";
  facts.initiative = parse_initiative(text_of_file(packs + "engagement/initiative.toml"),
                                      "packs/engagement/initiative.toml")
                         .value();
  const auto metric = [&](const char* label, NumberForm form, double from, double to,
                          const char* figure) {
    facts.initiative->metrics.push_back({label, form, from, to, figure, "", std::nullopt});
  };
  const NumberForm share{NumberForm::Kind::share, 1, ""};
  const NumberForm score{NumberForm::Kind::plain, 3, ""};
  const NumberForm money{NumberForm::Kind::money, 0, "USD"};
  metric("Average engagement", score, 0.37, 0.5, "figures.engagement_score.mean");
  metric("30-day churn", share, 0.492, 0.35, "figures.churn_risk_30d.mean");
  metric("Share of high engagement", share, 0.08, 0.4, "tiers.high.share");
  metric("Active on a day", share, 0.3, 0.45, "activity.share_1d");
  metric("Revenue a customer and year", money, 126, 197, "nothing.here");
  metric("Share with premium", share, 0.2, 0.3, "nothing.here");
  facts.prices = parse_prices(text_of_file(packs + "prices.toml"), "packs/prices.toml").value();
  return facts;
}

// A folder without events, model, prices or initiative.
inline Facts empty_facts() {
  Facts facts;
  facts.program_version = "0.1.0";
  facts.pack = "learning";
  facts.about = "Courses online";
  facts.as_of = *parse_time("2026-07-01");
  facts.as_of_words = "1 July 2026, 00:00 UTC";
  facts.as_of_day = "1 July 2026";
  facts.lapse_days = 30;
  facts.no_model = "no model was trained yet";
  return facts;
}

inline std::string long_name(const std::string& name, bool blanks) {
  std::string words = name;
  while (words.size() < 200) words += blanks ? " of many words" : "Xyzw";
  return words.substr(0, 200);
}

// full_facts with names of 200 characters wherever people or packs give names.
inline Facts long_named_facts(const std::string& source_folder) {
  Facts facts = full_facts(source_folder);
  int turn = 0;
  const auto stretch = [&](std::string& name) { name = long_name(name, ++turn % 2 == 0); };
  stretch(facts.pack);
  stretch(facts.about);
  stretch(facts.as_of_words);
  for (std::string& event : facts.qualifying) stretch(event);
  for (TaskFacts& task : facts.tasks) stretch(task.definition);
  for (TierFacts& tier : facts.tiers) stretch(tier.rule);
  for (PlayFacts& play : facts.plays) {
    stretch(play.name);
    stretch(play.channel);
  }
  for (const char* id : {answers::kEvents, answers::kImportance, answers::kPilots,
                         answers::kBenchmarks, answers::kMeasured, answers::kMoney}) {
    for (AnswerRow& row : facts.answers[id].rows) stretch(row.name);
  }
  for (auto& row : facts.answers[answers::kMoves].rows)
    row.name = long_name("from", false) + " > " + long_name("to", true);
  for (auto& [id, answer] : facts.answers) {
    stretch(answer.period);
    stretch(answer.population);
  }
  stretch(facts.model->version);
  facts.model->tasks[0].warnings = {long_name("leakage", true), long_name("leakage", false)};
  Initiative& plan = *facts.initiative;
  for (std::string* text : {&plan.title, &plan.goal, &plan.owner}) stretch(*text);
  for (InitiativePhase& phase : plan.phases) {
    for (std::string* text :
         {&phase.name, &phase.begins, &phase.what, &phase.owner, &phase.effect})
      stretch(*text);
  }
  for (SuccessMetric& metric : plan.metrics) stretch(metric.label);
  for (InitiativeRisk& risk : plan.risks) {
    for (std::string* text : {&risk.risk, &risk.likelihood, &risk.mitigation, &risk.owner})
      stretch(*text);
  }
  for (std::string& decision : plan.decisions) stretch(decision);
  for (NextStep& step : plan.next_steps) stretch(step.what);
  for (Price& price : facts.prices->prices) stretch(price.what);
  for (MachinePrice& machine : facts.prices->machines) stretch(machine.what);
  for (SuitePrice& suite : facts.prices->suites) stretch(suite.what);
  return facts;
}

}  // namespace tideline::reports::test
