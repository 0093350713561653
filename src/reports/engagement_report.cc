// The engagement report, 7 pages: what engagement is here, activity, the model, tiers and tactics,
// the initiative, sources.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/answers.h"
#include "reports/figures.h"
#include "reports/report.h"
#include "reports/words.h"

namespace tideline::reports {
namespace {

using namespace typesetting;  // NOLINT: a report is made of its blocks
constexpr NumberForm kCount{NumberForm::Kind::plain, 0, ""};
constexpr TextAlign kRight = TextAlign::right;

std::string share_words(double share, int digits = 1) {
  return shown(share, {NumberForm::Kind::share, digits, ""});
}

const TaskFacts* main_task(const Facts& facts) {
  for (const TaskFacts& task : facts.tasks) {
    if (facts.model && task.name == facts.model->main_task) return &task;
  }
  for (const TaskFacts& task : facts.tasks) {
    if (task.is_probability) return &task;
  }
  return nullptr;
}

Chart daily_chart(Figures& figures);

// ---- Front

std::string opening(const Facts& facts, const Figures& figures) {
  const auto all = figures.value(answers::kCustomers, "registered");
  if (!all) {
    return "There are no customers in this folder yet. The pages below say what will be measured, "
           "and how; figures come with the first events.";
  }
  std::string words = fmt::format("{} customers are known.", shown(*all, kCount));
  if (const auto active = figures.value(answers::kActivity, "active_28d"); active && *all > 0)
    words += fmt::format(" {} of them ({}) were active in the last 28 days.",
                         shown(*active, kCount), share_words(*active / *all));
  const auto leaving = figures.value(answers::kRisk, "expected_churn");
  if (leaving && facts.model)
    words += fmt::format(" The model expects {} to leave.", shown(*leaving, kCount));
  return words;
}

// What follows from the figures, in words made by rule; none where a figure is missing.
std::vector<Text> findings(const Facts& facts, Figures& figures) {
  std::vector<Text> items;
  const auto now = figures.value(answers::kActivity, "active_28d");
  const auto before = figures.value(answers::kActivity, "before_28d");
  if (now && before && *before > 0) {
    const double change = *now / *before - 1;
    const char* verb = std::fabs(change) < 0.005 ? "is level" : change > 0 ? "rose" : "fell";
    items.push_back(strong("Activity ") +
                    Text(fmt::format("{} against the 28 days before: {} active customers after {} "
                                     "({}{}).",
                                     verb, shown(*now, kCount), shown(*before, kCount),
                                     change > 0 ? "+" : "", share_words(change))) +
                    figures.mark(answers::kActivity));
  }
  if (const Answer* model = figures.find(answers::kModel); model && facts.model) {
    const std::string row = facts.model->main_task + " > ";
    for (const auto& task : facts.model->tasks) {
      if (task.task != facts.model->main_task) continue;
      const auto auc = model->value("roc_auc", row + task.champion);
      const auto rule = model->value("roc_auc", row + "recency");
      if (!auc) break;
      items.push_back(
          strong("The model ") +
          Text(fmt::format("ranks who leaves with ROC-AUC {:.3f} on rows it had not seen{}; what "
                           "that means, and where it fails, is on the page about the model.",
                           *auc,
                           rule ? fmt::format(", the recency rule with {:.3f}", *rule) : "")) +
          figures.mark(answers::kModel));
    }
  } else {
    items.push_back(strong("No model ") +
                    Text("is in production" +
                         (facts.no_model.empty() ? "" : " (" + facts.no_model + ")") +
                         ": figures of the future are left out, never guessed."));
  }
  const auto effect = figures.value(answers::kEffect, "difference", "all");
  const auto low = figures.value(answers::kEffect, "low", "all");
  const auto high = figures.value(answers::kEffect, "high", "all");
  if (effect && low && high) {
    items.push_back(strong("Actions ") +
                    Text(fmt::format(
                        "changed the share of customers who came back by {} points (95 % interval "
                        "{} to {}), measured against the holdout: {}.",
                        shown_bare(*effect, {NumberForm::Kind::signed_share, 1, ""}),
                        shown_bare(*low, {NumberForm::Kind::signed_share, 1, ""}),
                        shown_bare(*high, {NumberForm::Kind::signed_share, 1, ""}),
                        *low > 0    ? "proven"
                        : *high < 0 ? "they do harm"
                                    : "not told from chance yet")) +
                    figures.mark(answers::kEffect));
  } else {
    items.push_back(strong("The effect of actions ") +
                    Text("is not measured yet; what the tactics are expected to do is marked as "
                         "scenario."));
  }
  if (facts.initiative && !facts.initiative->is_example) {
    items.push_back(strong("Asked of you: ") +
                    Text(fmt::format(
                        "{} decisions on \xe2\x80\x9c{}\xe2\x80\x9d, a budget of {} in {} phases.",
                        facts.initiative->decisions.size(), facts.initiative->title,
                        shown(facts.initiative->budget(),
                              {NumberForm::Kind::money, 0, facts.initiative->currency}),
                        facts.initiative->phases.size())));
  }
  return items;
}

Section front(const Facts& facts, Figures& figures) {
  Section section;
  section.title = "Summary";
  section.blocks.push_back(Paragraph{opening(facts, figures), Paragraph::Kind::lead});
  Tiles tiles;
  tiles.tiles.push_back(figures.tile("Customers", answers::kCustomers, "registered"));
  tiles.tiles.push_back(figures.tile("Active in 28 days", answers::kActivity, "active_28d"));
  tiles.tiles.push_back(figures.tile("Active on a day", answers::kActivity, "active_1d"));
  for (const TaskFacts& task : facts.tasks) {
    if (tiles.tiles.size() == 7) break;
    tiles.tiles.push_back(figures.tile(readable(task.name) + ", mean", answers::kFigures, "mean",
                                       task.name, &task.form));
  }
  while (tiles.tiles.size() > 7) tiles.tiles.pop_back();
  tiles.tiles.push_back(facts.currency.empty()
                            ? figures.tile("Expected to leave", answers::kRisk, "expected_churn")
                            : figures.tile("Money at risk", answers::kLoss, "money_at_risk"));
  section.blocks.push_back(std::move(tiles));
  section.blocks.push_back(Heading{"What this says"});
  section.blocks.push_back(Bullets{findings(facts, figures)});
  Chart picture = daily_chart(figures);
  picture.height_min = 76;
  picture.height_max = 190;
  section.blocks.push_back(std::move(picture));
  section.blocks.push_back(Paragraph{
      "A raised number leads to the last page: the query that gives the figure again, with its "
      "unit, period and population. Where something cannot be said yet, it says so in place.",
      Paragraph::Kind::note});
  return section;
}

// ---- 1 What engagement is

Table task_table(const Facts& facts, Figures& figures) {
  Table table;
  table.title = figures.titled("What is predicted", answers::kFigures);
  table.columns = {{"Figure", 2.2},
                   {"What it says", 4.6, TextAlign::left, 4},
                   {"Customers", 1.1, kRight},
                   {"Mean", 1.1, kRight},
                   {"10 % below", 1.1, kRight},
                   {"Median", 1.1, kRight},
                   {"10 % above", 1.1, kRight}};
  for (const TaskFacts& task : facts.tasks) {
    std::vector<Text> row = {strong(readable(task.name)), Text(task.definition)};
    for (const char* column : {"customers", "mean", "p10", "median", "p90"}) {
      const auto value = figures.value(answers::kFigures, column, task.name);
      const bool is_count = std::string_view(column) == "customers";
      row.emplace_back(shown(value, is_count ? kCount : task.form));
    }
    table.rows.push_back(std::move(row));
  }
  table.missing = "the pack names no tasks";
  return table;
}

Table tier_table(const Facts& facts, Figures& figures) {
  Table table;
  table.title = figures.titled("Tiers, checked in this order", answers::kTiers);
  table.columns = {{"Tier", 1.4},
                   {"Rule", 3.4, TextAlign::left, 3},
                   {"Customers", 1.2, kRight},
                   {"Share", 1, kRight}};
  for (const TierFacts& tier : facts.tiers) {
    table.rows.push_back(
        {strong(readable(tier.name)), Text(tier.rule),
         Text(shown(figures.value(answers::kTiers, "customers", tier.name), kCount)),
         Text(shown(figures.value(answers::kTiers, "share", tier.name),
                    {NumberForm::Kind::share, 1, ""}))});
  }
  table.missing = "the pack names no tiers";
  return table;
}

Chart tier_chart(const Facts& facts, Figures& figures) {
  Chart chart;
  chart.title = figures.titled("Customers by tier", answers::kTiers);
  chart.missing = figures.find(answers::kTiers) ? "" : figures.why(answers::kTiers);
  BarChart bars;
  bars.form = kCount;
  ChartSeries series{"Customers", {}};
  for (const TierFacts& tier : facts.tiers) {
    bars.names.push_back(readable(tier.name));
    series.values.push_back(figures.value(answers::kTiers, "customers", tier.name));
  }
  bars.series = {std::move(series)};
  chart.what = std::move(bars);
  chart.height_min = 70;
  chart.height_max = 130;
  return chart;
}

Section measure_section(const Facts& facts, Figures& figures) {
  Section section;
  section.title = "What engagement is, and how it is measured";
  std::vector<std::string> signs = facts.qualifying;
  for (std::string& sign : signs) sign = "\xe2\x80\x9c" + sign + "\xe2\x80\x9d";
  section.blocks.push_back(Paragraph{
      Text("A customer is ") + strong("active") +
      Text(" on a day with a sign of life: " +
           (signs.empty() ? std::string("the pack names none") : listed(signs)) + ". After " +
           fmt::format("{:.0f}", facts.lapse_days) + " days without one the customer has ") +
      strong("lapsed") +
      Text(". Events are counted once, by the time when they happened, in UTC days. Figures of "
           "the future are forecasts of what can be checked later: each says what will have "
           "happened, and by when.")});
  section.blocks.push_back(task_table(facts, figures));
  SideBySide side;
  side.columns.push_back({1.35, {tier_table(facts, figures)}});
  side.columns.push_back({1, {tier_chart(facts, figures)}});
  section.blocks.push_back(std::move(side));
  section.blocks.push_back(Heading{"How to read it"});
  section.blocks.push_back(Bullets{{
      strong("A probability ") + Text("of 0.2 means that of 100 such customers about 20 do it. "
                                      "Whether that holds is shown on the page about the model."),
      strong("A tier ") +
          Text("follows from the figures by the rule above. It changes only when a "
               "figure has passed the border clearly, or stayed over it twice."),
      strong("Missing is missing. ") + Text("A customer with too little history has no figure and "
                                            "is counted as unscored, not as average."),
  }});
  section.blocks.push_back(Callout{
      Text("The definitions come from the pack \xe2\x80\x9c") + Text(facts.pack) +
      Text("\xe2\x80\x9d. The API prints them with every answer that carries such a figure, and "
           "a change of the pack asks for a replay, so that old and new figures are never "
           "mixed.")});
  return section;
}

// ---- 2 Activity

Chart daily_chart(Figures& figures) {
  Chart chart;
  chart.title = figures.titled("Active customers a day", answers::kDaily);
  chart.missing = figures.why(answers::kDaily);
  LineChart lines;
  lines.form = kCount;
  if (const Answer* daily = figures.find(answers::kDaily)) {
    chart.missing = daily->rows.size() < 2 ? "a line needs two days" : "";
    for (const std::string& day : row_names(*daily)) lines.places.push_back(short_day(day));
    lines.series = {series_of(*daily, "mean_7d", "Mean of 7 days"),
                    series_of(*daily, "active", "Active on the day")};
  }
  chart.what = std::move(lines);
  chart.height_min = 120;
  chart.height_max = 200;
  return chart;
}

Chart weekly_chart(Figures& figures) {
  Chart chart;
  chart.title = figures.titled("Who came, stayed and went, by week", answers::kWeekly);
  chart.missing = figures.why(answers::kWeekly);
  ColumnChart columns;
  columns.form = kCount;
  if (const Answer* weekly = figures.find(answers::kWeekly)) {
    chart.missing.clear();
    for (const std::string& week : row_names(*weekly)) columns.places.push_back(short_day(week));
    columns.series = {series_of(*weekly, "retained", "Retained"), series_of(*weekly, "new", "New"),
                      series_of(*weekly, "resurrected", "Resurrected"),
                      series_of(*weekly, "churned", "Churned")};
    for (auto& value : columns.series[3].values) {
      if (value) value = -*value;
    }
  }
  chart.what = std::move(columns);
  chart.height_min = 120;
  chart.height_max = 200;
  return chart;
}

Section activity_section(Figures& figures) {
  Section section;
  section.title = "Activity";
  Tiles tiles;
  tiles.tiles = {figures.tile("Active on the last day", answers::kActivity, "active_1d"),
                 figures.tile("Active in 7 days", answers::kActivity, "active_7d"),
                 figures.tile("Active in 28 days", answers::kActivity, "active_28d"),
                 figures.tile("Events", answers::kActivity, "events_28d")};
  section.blocks.push_back(std::move(tiles));
  section.blocks.push_back(daily_chart(figures));
  section.blocks.push_back(weekly_chart(figures));
  TableShape shape;
  shape.first_title = "Event";
  shape.rows_max = 8;
  shape.readable_names = false;
  SideBySide side;
  side.columns.push_back(
      {1.25, {table_of(figures, "What customers do most", answers::kEvents, shape)}});
  side.columns.push_back(
      {1,
       {Heading{"Notes of definition"},
        Bullets{{strong("New: ") + Text("the first active week of a customer."),
                 strong("Retained: ") + Text("active in this week and in the one before."),
                 strong("Resurrected: ") + Text("active again after at least one week without."),
                 strong("Churned: ") +
                     Text("active in the week before, not in this one; drawn below zero."),
                 Text("New, retained and resurrected add up to the active customers of a week; "
                      "retained and churned to those of the week before.")}}}});
  section.blocks.push_back(std::move(side));
  return section;
}

// ---- 3 The model

Table model_table(const Facts& facts, Figures& figures) {
  Table table;
  table.title = figures.titled("On rows that no model had seen", answers::kModel);
  table.columns = {{"Figure", 2.2},
                   {"Model", 1.6},
                   {"ROC-AUC", 1, kRight},
                   {"Brier skill", 1, kRight},
                   {"Log loss", 1, kRight},
                   {"ECE", 0.9, kRight},
                   {"R\xc2\xb2", 0.9, kRight},
                   {"MAE", 1, kRight}};
  const Answer* model = figures.find(answers::kModel);
  if (!model) {
    table.missing = facts.no_model.empty() ? figures.why(answers::kModel) : facts.no_model;
    return table;
  }
  std::string last;
  for (const AnswerRow& row : model->rows) {
    const std::size_t arrow = row.name.find(" > ");
    const std::string task = row.name.substr(0, arrow);
    const std::string name = arrow == std::string::npos ? "" : row.name.substr(arrow + 3);
    const bool champion = model->value("champion", row.name).value_or(0) > 0;
    std::vector<Text> cells = {task == last ? Text() : strong(readable(task)),
                               champion ? strong(readable(name)) : Text(readable(name))};
    for (const char* column : {"roc_auc", "brier_skill", "log_loss", "ece", "r2", "mae"}) {
      const auto value = model->value(column, row.name);
      const std::string words = value ? shown(*value, model->column(column)->form) : "";
      cells.push_back(champion ? strong(words) : Text(words));
    }
    table.rows.push_back(std::move(cells));
    last = task;
  }
  return table;
}

Chart reliability_chart(const Facts& facts, Figures& figures) {
  Chart chart;
  const TaskFacts* task = main_task(facts);
  chart.title = figures.titled(task ? "Said against happened: " + readable(task->name)
                                    : std::string("Said against happened"),
                               answers::kReliability);
  chart.y_label = "Happened, share of rows";
  chart.x_label = "Said";
  ReliabilityChart what;
  if (const Answer* bins = figures.find(answers::kReliability)) {
    for (const AnswerRow& row : bins->rows) {
      const auto predicted = bins->value("predicted", row.name);
      const auto observed = bins->value("observed", row.name);
      if (!predicted || !observed) continue;
      what.bins.push_back({*predicted, *observed, bins->value("low", row.name),
                           bins->value("high", row.name),
                           bins->value("rows", row.name).value_or(0)});
    }
  } else {
    chart.missing = facts.model ? "no figure of the model is a probability" : "there is no model";
  }
  chart.what = std::move(what);
  chart.height_min = 140;
  chart.height_max = 250;
  return chart;
}

Chart importance_chart(const Facts& facts, Figures& figures) {
  Chart chart;
  chart.title = figures.titled("What the model leans on", answers::kImportance);
  BarChart bars;
  if (const Answer* importance = figures.find(answers::kImportance)) {
    bars.form = importance->columns.empty() ? NumberForm{} : importance->columns[0].form;
    ChartSeries series = series_of(*importance, "loss_rise", "Loss rises by");
    bars.names = row_names(*importance);
    if (bars.names.size() > 10) {
      bars.names.resize(10);
      series.values.resize(10);
    }
    bars.series = {std::move(series)};
  } else {
    chart.missing =
        facts.model ? "the model in production was not learnt from features" : "there is no model";
  }
  chart.what = std::move(bars);
  chart.height_min = 140;
  chart.height_max = 250;
  return chart;
}

Bullets trust_words(const Facts& facts) {
  Bullets bullets;
  for (const auto& task : facts.model->tasks) {
    std::string words =
        fmt::format(" {} is in use, judged on {} rows ({}).", readable(task.champion),
                    shown(task.judged, kCount), task.split);
    for (const std::string& warning : task.warnings) words += " Warning: " + warning + ".";
    bullets.items.push_back(strong(readable(task.task) + ":") + Text(words));
  }
  bullets.items.push_back(
      strong("Not said: ") +
      Text("causes. What the model leans on goes along with leaving; whether changing it keeps "
           "anybody is what holdout and pilots measure."));
  return bullets;
}

Section model_section(const Facts& facts, Figures& figures) {
  Section section;
  section.title = "The model, and how far to trust it";
  if (facts.model) {
    section.blocks.push_back(
        Paragraph{strong(facts.model->version) +
                  Text(fmt::format(
                      " was learnt from {} snapshots of customers ({}). Beside it stand simpler "
                      "rules and the base rate; the one in use is set in bold. A skill of 0 is "
                      "the base rate, 1 is perfect.",
                      shown(facts.model->rows, kCount), facts.model->trained))});
  } else {
    section.blocks.push_back(Callout{
        strong("Not enough data: ") +
        Text("no model is in production" +
             (facts.no_model.empty() ? "." : " (" + facts.no_model + ").") +
             " Customers are unscored until there is one; activity and money are not affected.")});
  }
  section.blocks.push_back(model_table(facts, figures));
  SideBySide side;
  side.columns.push_back({1, {reliability_chart(facts, figures)}});
  side.columns.push_back({1, {importance_chart(facts, figures)}});
  section.blocks.push_back(std::move(side));
  if (facts.model) {
    section.blocks.push_back(Heading{"How far to trust it"});
    section.blocks.push_back(trust_words(facts));
  }
  section.blocks.push_back(Paragraph{
      "ROC-AUC: of one who left and one who stayed, how often the first got the higher figure. "
      "Brier skill: share of the base rate's squared error that is avoided. ECE: mean distance of "
      "said and happened. Points on the dashed line hold their word; bars are 95 % intervals. "
      "Loss rises by: when a feature's values are shuffled among the rows.",
      Paragraph::Kind::note});
  return section;
}

// ---- 4 Tiers, flow and tactics

Chart tier_days_chart(const Facts& facts, Figures& figures) {
  Chart chart;
  chart.title = figures.titled("Customers in each tier", answers::kTierDays);
  chart.missing = figures.why(answers::kTierDays);
  AreaChart areas;
  areas.form = kCount;
  if (const Answer* days = figures.find(answers::kTierDays)) {
    chart.missing = days->rows.size() < 2 ? "a picture over time needs two days" : "";
    for (const std::string& day : row_names(*days)) areas.places.push_back(short_day(day));
    for (const TierFacts& tier : facts.tiers)
      areas.series.push_back(series_of(*days, tier.name, readable(tier.name)));
  }
  chart.what = std::move(areas);
  chart.height_min = 120;
  chart.height_max = 250;
  return chart;
}

std::size_t place_in(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  names.push_back(name);
  return names.size() - 1;
}

Chart moves_chart(const Facts& facts, Figures& figures) {
  Chart chart;
  chart.title = figures.titled("Who changed tier", answers::kMoves);
  chart.missing = figures.why(answers::kMoves);
  FlowChart flow;
  flow.form = kCount;
  for (const TierFacts& tier : facts.tiers) {
    flow.left.push_back(readable(tier.name));
    flow.right.push_back(readable(tier.name));
  }
  if (const Answer* moves = figures.find(answers::kMoves)) {
    chart.missing.clear();
    for (const AnswerRow& row : moves->rows) {
      const std::size_t arrow = row.name.find(" > ");
      const auto customers = moves->value("customers", row.name);
      if (arrow == std::string::npos || !customers || *customers <= 0) continue;
      flow.streams.push_back({place_in(flow.left, readable(row.name.substr(0, arrow))),
                              place_in(flow.right, readable(row.name.substr(arrow + 3))),
                              *customers});
    }
  }
  chart.what = std::move(flow);
  chart.height_min = 120;
  chart.height_max = 250;
  return chart;
}

Table tactics_table(const Facts& facts, Figures& figures) {
  Table table;
  table.title =
      Text("Tactics: the plays of the pack ") + figures.marks({answers::kPlays, answers::kEffect});
  table.columns = {
      {"Play", 2.4, TextAlign::left, 2}, {"Channel", 1},        {"Cost of one", 1.1, kRight},
      {"Recommended", 1.3, kRight},      {"Done", 0.9, kRight}, {"Effect on coming back", 2.9}};
  const NumberForm points{NumberForm::Kind::signed_share, 1, ""};
  for (const PlayFacts& play : facts.plays) {
    const auto difference = figures.value(answers::kEffect, "difference", play.name);
    const auto low = figures.value(answers::kEffect, "low", play.name);
    const auto high = figures.value(answers::kEffect, "high", play.name);
    Text effect = slanted("scenario: not measured yet");
    if (difference && low && high) {
      effect = Text(fmt::format("{} points [{}, {}], {}", shown_bare(*difference, points),
                                shown_bare(*low, points), shown_bare(*high, points),
                                *low > 0 || *high < 0 ? "measured" : "open"));
    }
    table.rows.push_back(
        {strong(readable(play.name)), Text(play.channel),
         Text(facts.currency.empty()
                  ? std::string("n/a")
                  : shown(play.cost, {NumberForm::Kind::money, 2, facts.currency})),
         Text(shown(figures.value(answers::kPlays, "recommended", play.name), kCount)),
         Text(shown(figures.value(answers::kPlays, "done", play.name), kCount)), effect});
  }
  table.missing = "the pack has no plays";
  return table;
}

Section tiers_section(const Facts& facts, Figures& figures) {
  Section section;
  section.title = "Tiers, flow and tactics";
  SideBySide side;
  side.columns.push_back({1.1, {tier_days_chart(facts, figures)}});
  side.columns.push_back({1, {moves_chart(facts, figures)}});
  section.blocks.push_back(std::move(side));
  section.blocks.push_back(tactics_table(facts, figures));
  section.blocks.push_back(Paragraph{
      "Effect: customers to whom an action was shown less those of the holdout for whom one was "
      "due and withheld, share who came back within a lapse period, in points with 95 % interval; "
      "whether somebody carried it out or not (intention to treat). An interval that spans zero "
      "is open: it may be chance. Without a measurement the effect is a scenario.",
      Paragraph::Kind::note});
  Table pilots;
  pilots.title = figures.titled("Pilots", answers::kPilots);
  pilots.columns = {{"Pilot", 2.4},
                    {"Treated", 1, kRight},
                    {"Holdout", 1, kRight},
                    {"Effect", 1, kRight},
                    {"95 % interval", 1.6, kRight}};
  pilots.missing =
      figures.why(answers::kPilots).empty() ? "no pilot has run" : figures.why(answers::kPilots);
  if (const Answer* answer = figures.find(answers::kPilots)) {
    const NumberForm points{NumberForm::Kind::signed_share, 1, ""};
    for (const AnswerRow& row : answer->rows) {
      const auto value = [&](const char* column) { return answer->value(column, row.name); };
      pilots.rows.push_back({Text(row.name), Text(shown(value("treated"), kCount)),
                             Text(shown(value("holdout"), kCount)),
                             Text(shown(value("difference"), points)),
                             Text(shown_bare(value("low").value_or(NAN), points) + " to " +
                                  shown_bare(value("high").value_or(NAN), points))});
    }
  }
  section.blocks.push_back(std::move(pilots));
  return section;
}

// ---- 5 The initiative

Table phase_table(const Initiative& initiative) {
  Table table;
  table.title = "Phases";
  table.columns = {{"Phase", 1.2},
                   {"From", 1.1},
                   {"What is done", 3.6, TextAlign::left, 4},
                   {"Owner", 1.7},
                   {"Customers", 1.15, kRight},
                   {"Budget", 1.1, kRight},
                   {"Expected effect (scenario)", 2.2, TextAlign::left, 3}};
  const NumberForm money{NumberForm::Kind::money, 0, initiative.currency};
  for (const InitiativePhase& phase : initiative.phases) {
    table.rows.push_back({strong(phase.name), Text(phase.begins), Text(phase.what),
                          Text(phase.owner), Text(share_words(phase.share, 0)),
                          Text(shown(phase.budget, money)), Text(phase.effect)});
  }
  table.missing = "the file names no phases";
  if (!table.rows.empty()) {
    table.rows.push_back({Text("All phases"), Text(), Text(), Text(initiative.owner), Text(),
                          Text(shown(initiative.budget(), money)), Text()});
    table.last_is_sum = true;
  }
  return table;
}

Table metric_table(const Initiative& initiative, Figures& figures) {
  Table table;
  table.title = figures.titled("Success metrics", answers::kSuccess);
  table.columns = {
      {"Metric", 3}, {"Baseline", 1.2, kRight}, {"Target", 1.2, kRight}, {"Actual", 1.9, kRight}};
  for (const SuccessMetric& metric : initiative.metrics) {
    const auto actual = figures.value(answers::kSuccess, "actual", metric.label);
    table.rows.push_back({Text(metric.label), Text(shown(metric.baseline, metric.form)),
                          Text(shown(metric.target, metric.form)),
                          actual ? strong(shown(*actual, metric.form)) : slanted(kNotEnough)});
  }
  table.missing = "the file names no metrics";
  return table;
}

Table risk_table(const Initiative& initiative) {
  Table table;
  table.title = "Risks and mitigation";
  table.columns = {{"Risk", 2.6, TextAlign::left, 3},
                   {"Likely / grave", 1.3},
                   {"Mitigation", 3.4, TextAlign::left, 3},
                   {"Owner", 1.3}};
  for (const InitiativeRisk& risk : initiative.risks)
    table.rows.push_back({Text(risk.risk), Text(risk.likelihood + " / " + risk.impact),
                          Text(risk.mitigation), Text(risk.owner)});
  table.missing = "the file names no risks";
  return table;
}

Bullets pilot_words(const PilotPlan& pilot) {
  Bullets bullets;
  const auto add = [&](const char* name, const std::string& words) {
    if (!words.empty()) bullets.items.push_back(strong(std::string(name) + ": ") + Text(words));
  };
  add("Question", pilot.question);
  add("Arms", pilot.arms);
  add("Metric", pilot.metric);
  add("Size", pilot.size);
  add("Length", pilot.length);
  add("Stopped when", pilot.stop);
  return bullets;
}

Section initiative_section(const Facts& facts, Figures& figures) {
  Section section;
  section.title = "The initiative";
  if (!facts.initiative) {
    section.blocks.push_back(Callout{
        strong("Not enough data: ") +
        Text("no initiative is written down. Put initiative.toml beside the pack or into the data "
             "folder; packs/engagement/initiative.toml is an example, docs/reports.md says what "
             "it holds. Phases, budget, owners, risks, pilot plan, decisions and next steps then "
             "stand here.")});
    return section;
  }
  const Initiative& initiative = *facts.initiative;
  section.title = "The initiative: " + initiative.title;
  if (initiative.is_example) {
    section.blocks.push_back(Paragraph{
        "This is the pack's example. Write your own as initiative.toml into the data folder "
        "(docs/reports.md).",
        Paragraph::Kind::note});
  }
  if (!initiative.goal.empty()) section.blocks.push_back(Paragraph{initiative.goal});
  section.blocks.push_back(phase_table(initiative));
  SideBySide upper;
  upper.columns.push_back({1.15, {metric_table(initiative, figures)}});
  Blocks plan = {Heading{"Pilot plan"}};
  if (initiative.pilot) {
    plan.push_back(pilot_words(*initiative.pilot));
  } else {
    plan.push_back(Paragraph{"The file plans no pilot."});
  }
  upper.columns.push_back({1, std::move(plan)});
  section.blocks.push_back(std::move(upper));
  section.blocks.push_back(risk_table(initiative));
  SideBySide lower;
  Bullets decisions;
  decisions.numbered = true;
  for (const std::string& decision : initiative.decisions) decisions.items.emplace_back(decision);
  lower.columns.push_back({1, {Heading{"Decisions asked"}, std::move(decisions)}});
  Bullets steps;
  for (const NextStep& step : initiative.next_steps) {
    std::string who = step.owner;
    if (!step.by.empty()) who += (who.empty() ? "by " : ", by ") + step.by;
    steps.items.push_back(Text(step.what) + (who.empty() ? Text() : slanted(" (" + who + ")")));
  }
  lower.columns.push_back({1, {Heading{"Next steps"}, std::move(steps)}});
  section.blocks.push_back(std::move(lower));
  return section;
}

}  // namespace

Report engagement_report(const Facts& facts) {
  Figures figures(facts);
  Report report;
  Document& document = report.document;
  document.kicker = "TIDELINE  \xc2\xb7  pack " + facts.pack;
  document.title = "Engagement";
  document.subtitle = facts.about + "\nAs of " + facts.as_of_words;
  document.footer = "Engagement, as of " + facts.as_of_day;
  document.cut_note = "shortened to fit; all of it: GET /api/v1/reports/engagement";
  document.front = front(facts, figures);
  document.sections.push_back(measure_section(facts, figures));
  document.sections.push_back(activity_section(figures));
  document.sections.push_back(model_section(facts, figures));
  document.sections.push_back(tiers_section(facts, figures));
  document.sections.push_back(initiative_section(facts, figures));
  document.sections.push_back(source_section(figures));
  report.used = figures.used();
  return report;
}

}  // namespace tideline::reports
