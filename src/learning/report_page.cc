#include "learning/report_page.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "learning/report_plots.h"
#include "learning/report_style.h"

namespace tideline {
namespace {

constexpr std::size_t kImportantShown = 12;
constexpr const char* kDash = "–";

std::string number(double x, int digits) {
  if (!std::isfinite(x)) return kDash;
  std::string text = fmt::format("{:.{}f}", x, digits);
  const bool is_zero = text.find_first_not_of("-0.") == std::string::npos;
  return is_zero && text.front() == '-' ? text.substr(1) : text;
}
std::string percent(double x) {
  return std::isfinite(x) ? fmt::format("{:.1f}%", 100 * x) : kDash;
}
std::string count(std::size_t n) {
  std::string text = std::to_string(n);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}
// Digits that fit what is shown.
std::string figure(double x) {
  if (!std::isfinite(x)) return kDash;
  return fmt::format("{:.{}f}", x, std::abs(x) >= 100 ? 1 : std::abs(x) >= 1 ? 3 : 4);
}

std::string plain_name(std::string_view model) {
  for (const auto& [name, words] : std::initializer_list<std::pair<const char*, const char*>>{
           {"network", "Network"},
           {"xgboost", "Boosted trees"},
           {"logistic", "Logistic regression"},
           {"linear", "Linear regression"},
           {"mbg_nbd", "MBG/NBD"},
           {"mbg_nbd_gamma_gamma", "MBG/NBD with gamma-gamma"},
           {"bg_nbd", "BG/NBD"},
           {"pareto_nbd", "Pareto/NBD"},
           {"recency", "Days of silence"},
           {"base_rate", "Base rate"},
           {"mean", "Mean"},
           {"past", "Same as last time"},
           {"none", "None"}}) {
    if (model == name) return words;
  }
  return std::string(model);
}

std::string split_words(SplitKind split) {
  switch (split) {
    case SplitKind::time: return "By time, with gaps";
    case SplitKind::time_cross_fitted: return "By time, cross-fitted";
    case SplitKind::customer_folds: return "5 folds of customers";
    case SplitKind::none: return "None: too little data";
  }
  return {};
}

std::string warning_words(std::string_view code) {
  for (const auto& [name, words] : std::initializer_list<std::pair<const char*, const char*>>{
           {"leakage", "A feature may know the answer"},
           {"near_duplicates", "Rows that are nearly the same"},
           {"insufficient_data", "Too little data"},
           {"no_maximum", "A model of purchases could not be fitted"},
           {"no_trees", "No boosted trees"},
           {"dropped_ids", "Columns left out"},
           {"dropped_constants", "Columns left out"},
           {"high_cardinality", "Columns left out"},
           {"unclear_dates", "Unclear dates"},
           {"unreadable_cells", "Unreadable cells"},
           {"missing_target", "Rows without a target"},
           {"target_values", "What counts as 1"}}) {
    if (code == name) return words;
  }
  return std::string(code);
}

// A table: headings, then rows of cells that are HTML already; the first cell is the row's
// heading.
struct HtmlTable {
  std::string caption;
  std::vector<std::string> headings;
  struct Row {
    std::vector<std::string> cells;
    bool chosen = false;
  };
  std::vector<Row> rows;

  void add(std::vector<std::string> cells, bool chosen = false) {
    rows.push_back({std::move(cells), chosen});
  }

  [[nodiscard]] std::string html() const {
    std::string out =
        fmt::format(R"(<div class="scroll" tabindex="0" role="region" aria-label="{0}"><table>)"
                    R"(<caption>{0}</caption><thead><tr>)",
                    escaped(caption));
    for (const std::string& heading : headings)
      out += R"(<th scope="col">)" + escaped(heading) + "</th>";
    out += "</tr></thead><tbody>";
    for (const Row& row : rows) {
      out += row.chosen ? R"(<tr class="chosen">)" : "<tr>";
      for (std::size_t i = 0; i < row.cells.size(); ++i) {
        out += i == 0 ? R"(<th scope="row">)" + row.cells[i] + "</th>"
                      : "<td>" + row.cells[i] + "</td>";
      }
      out += "</tr>";
    }
    return out + "</tbody></table></div>";
  }
};

std::string with_interval(double value, const Interval& range, int digits) {
  std::string cell = number(value, digits);
  if (std::isfinite(range.low) && std::isfinite(range.high)) {
    cell += fmt::format("<small>{} to {}</small>", number(range.low, digits),
                        number(range.high, digits));
  }
  return cell;
}

std::vector<std::string> metric_cells(const ModelScore& model) {
  std::vector<std::string> cells;
  if (model.probability) {
    const ProbabilityMetrics& m = *model.probability;
    const ProbabilityIntervals& i = model.probability_intervals;
    cells = {with_interval(m.roc_auc, i.roc_auc, 3),
             with_interval(m.pr_auc, i.pr_auc, 3),
             with_interval(m.brier, i.brier, 4),
             with_interval(m.brier_skill, i.brier_skill, 3),
             with_interval(m.log_loss, i.log_loss, 4),
             with_interval(m.ece, i.ece, 4),
             with_interval(m.lift_top_tenth, i.lift_top_tenth, 2)};
  } else if (model.number) {
    const NumberMetrics& m = *model.number;
    const NumberIntervals& i = model.number_intervals;
    cells = {with_interval(m.r2, i.r2, 3), with_interval(m.mae, i.mae, 3),
             with_interval(m.rmse, i.rmse, 3), with_interval(m.corr, i.corr, 3)};
  }
  return cells;
}

std::string models_table(const TaskReport& task) {
  if (task.models.empty()) return {};
  HtmlTable table;
  table.caption = fmt::format(
      "Every model beside its baselines, on {} rows that none of them learnt from; below each "
      "figure its 95 % interval",
      count(task.n_judged));
  table.headings = {"Model"};
  const bool probability = task.kind == TaskKind::probability;
  const std::vector<std::string> metrics =
      probability ? std::vector<std::string>{"ROC-AUC",  "PR-AUC", "Brier",          "Brier skill",
                                             "Log loss", "ECE",    "Lift, top tenth"}
                  : std::vector<std::string>{"R²", "Mean error", "RMSE", "Correlation"};
  table.headings.insert(table.headings.end(), metrics.begin(), metrics.end());
  for (const ModelScore& model : task.models) {
    const bool chosen = model.name == name_of(task.champion, task.kind);
    std::vector<std::string> cells{escaped(plain_name(model.name)) +
                                   (chosen ? "<small>chosen</small>" : "")};
    for (std::string& cell : metric_cells(model)) cells.push_back(std::move(cell));
    table.add(std::move(cells), chosen);
  }
  return table.html();
}

// A plot with its words above it and its numbers behind it.
std::string figure_of(const std::string& title, const std::string& words, const std::string& svg,
                      const std::string& legend, const HtmlTable& numbers) {
  return "<figure><figcaption><h3>" + escaped(title) + "</h3><p>" + escaped(words) +
         "</p></figcaption>" + svg + legend + "<details><summary>Numbers</summary>" +
         numbers.html() + "</details></figure>";
}

std::string figure_of(const Plot& plot, const std::string& words, const HtmlTable& numbers) {
  return figure_of(plot.title, words, svg_of(plot), legend_of(plot), numbers);
}

double champions_ece(const TaskReport& task) {
  for (const ModelScore& model : task.models) {
    if (model.name == name_of(task.champion, task.kind) && model.probability)
      return model.probability->ece;
  }
  return std::nan("");
}

std::string reliability_figure(const TaskReport& task, const std::string& id) {
  if (task.reliability.empty()) return {};
  Plot plot;
  plot.id = id + "-reliability";
  plot.title = "Do the probabilities hold?";
  plot.x_label = "predicted";
  plot.y_label = "happened";
  HtmlTable numbers{
      "Predicted and observed shares", {"Predicted", "Happened", "95 %", "Rows"}, {}};
  PlotSeries& dots = plot.series.emplace_back();
  dots.name = "a tenth of the rows, with its 95 % interval";
  dots.line = false;
  double largest = 0;
  for (const ReliabilityBin& bin : task.reliability) {
    dots.points.push_back({bin.predicted, bin.observed, bin.observed_interval});
    largest = std::max({largest, bin.predicted, bin.observed_interval.high});
    numbers.add({percent(bin.predicted), percent(bin.observed),
                 percent(bin.observed_interval.low) + " to " + percent(bin.observed_interval.high),
                 count(bin.n)});
  }
  plot.x_max = plot.y_max = std::min(1.0, round_up(largest));
  plot.reference = {{0, 0, {}}, {plot.x_max, plot.x_max, {}}};
  plot.reference_name = "predicted = happened";
  plot.description = fmt::format(
      "Share of rows with the outcome against the predicted probability, in {} groups; on the "
      "diagonal both are equal.",
      task.reliability.size());
  const std::string words = fmt::format(
      "ECE {}: by so much predicted and observed shares differ on average. Slope {}: below 1 the "
      "probabilities are too bold, above 1 too timid.",
      number(champions_ece(task), 4), number(task.calibration_slope, 2));
  return figure_of(plot, words, numbers);
}

std::string gain_figure(const TaskReport& task, const std::string& id) {
  if (task.gain.empty()) return {};
  Plot plot;
  plot.id = id + "-gain";
  plot.title = "How many are found?";
  plot.x_label = "customers looked at, most likely first";
  plot.y_label = "of all outcomes found";
  plot.description =
      "Share of all outcomes among the customers with the highest probabilities, against the "
      "share of customers looked at; the dashed line is looking at random.";
  HtmlTable numbers{"Gain", {"Looked at", "Found"}, {}};
  PlotSeries& curve = plot.series.emplace_back();
  curve.name = "by the model";
  curve.points.push_back({0, 0, {}});
  std::string words;
  for (const GainPoint& point : task.gain) {
    curve.points.push_back({point.share, point.found, {}});
    numbers.add({percent(point.share), percent(point.found)});
    if (std::abs(point.share - 0.2) < 1e-9) {
      words = fmt::format("Among the fifth with the highest probabilities are {} of all outcomes.",
                          percent(point.found));
    }
  }
  plot.reference = {{0, 0, {}}, {1, 1, {}}};
  plot.reference_name = "at random";
  return figure_of(plot, words, numbers);
}

std::string lift_figure(const TaskReport& task, const std::string& id) {
  if (task.gain.empty()) return {};
  Plot plot;
  plot.id = id + "-lift";
  plot.title = "How much better than chance?";
  plot.x_label = "customers looked at, most likely first";
  plot.y_label = "lift";
  plot.y_percent = false;
  plot.description =
      "Rate of the outcome among the customers looked at as a multiple of the rate among all, "
      "against the share of customers looked at.";
  HtmlTable numbers{"Lift", {"Looked at", "Lift"}, {}};
  PlotSeries& curve = plot.series.emplace_back();
  curve.name = "by the model";
  double largest = 1;
  for (const GainPoint& point : task.gain) {
    curve.points.push_back({point.share, point.lift, {}});
    numbers.add({percent(point.share), number(point.lift, 2)});
    if (std::isfinite(point.lift)) largest = std::max(largest, point.lift);
  }
  plot.y_max = round_up(largest);
  plot.reference = {{0, 1, {}}, {1, 1, {}}};
  plot.reference_name = "at random";
  const double first = task.gain.front().lift;
  const std::string words =
      fmt::format("Among the first {} the outcome is {} times as frequent as among all.",
                  percent(task.gain.front().share), number(first, 1));
  return figure_of(plot, words, numbers);
}

std::string errors_figure(const TaskReport& task, const std::string& id) {
  if (task.errors.empty()) return {};
  Plot plot;
  plot.id = id + "-errors";
  plot.title = "Errors by threshold";
  plot.x_label = "threshold on the probability";
  plot.y_label = "of the rows concerned";
  plot.description =
      "Share of rows without the outcome that are taken for it (false alarms), and of rows with "
      "it that are not (missed), against the threshold.";
  HtmlTable numbers{"Errors", {"Threshold", "Hits", "False alarms", "Missed", "Rightly calm"}, {}};
  PlotSeries alarms{"false alarms", {}, true};
  PlotSeries missed{"missed", {}, true};
  for (const ErrorPoint& p : task.errors) {
    const double without = double(p.false_alarms + p.rightly_calm);
    const double with = double(p.hits + p.missed);
    alarms.points.push_back({p.threshold, double(p.false_alarms) / without, {}});
    missed.points.push_back({p.threshold, double(p.missed) / with, {}});
    numbers.add({percent(p.threshold), count(p.hits), count(p.false_alarms), count(p.missed),
                 count(p.rightly_calm)});
  }
  plot.series = {std::move(alarms), std::move(missed)};
  return figure_of(plot, "A low threshold raises false alarms, a high one misses more customers.",
                   numbers);
}

std::string costs_figure(const TaskReport& task, const std::string& id) {
  if (task.errors.empty() || task.costs.empty()) return {};
  Plot plot;
  plot.id = id + "-costs";
  plot.title = "What errors cost";
  plot.x_label = "threshold on the probability";
  plot.y_label = "cost a customer";
  plot.y_percent = false;
  plot.description =
      "Mean cost of errors a customer against the threshold, in the cost of one false alarm, for "
      "several costs of a missed customer.";
  HtmlTable numbers{
      "Cost a customer, in false alarms",
      {"A missed one costs", "Threshold", "With the model", "Alarm for all", "For none"},
      {}};
  double largest = 0;
  for (const ErrorCost& cost : task.costs) {
    PlotSeries& curve = plot.series.emplace_back();
    curve.name = fmt::format("a missed one costs {:g}", cost.ratio);
    for (const ErrorPoint& p : task.errors) {
      const double n = double(p.hits + p.false_alarms + p.missed + p.rightly_calm);
      const double each = (double(p.false_alarms) + cost.ratio * double(p.missed)) / n;
      curve.points.push_back({p.threshold, each, {}});
      largest = std::max(largest, each);
    }
    numbers.add({fmt::format("{:g}", cost.ratio), percent(cost.threshold), number(cost.cost, 3),
                 number(cost.cost_of_all, 3), number(cost.cost_of_none, 3)});
  }
  plot.y_max = round_up(largest);
  return figure_of(plot,
                   "The dearer a missed customer is, the lower the threshold should be: with "
                   "probabilities that hold, at 1 / (1 + cost of a missed one).",
                   numbers);
}

std::string importance_figure(const TaskReport& task, const std::string& id) {
  if (task.importance.empty()) return {};
  std::vector<Bar> bars;
  HtmlTable numbers{"Rise of the loss without it", {"Feature", "Rise"}, {}};
  for (const Importance& one : task.importance) {
    if (bars.size() < kImportantShown && (one.loss_rise > 0 || bars.empty()))
      bars.push_back({one.feature, one.loss_rise});
    numbers.add({escaped(one.feature), number(one.loss_rise, 5)});
  }
  const std::string svg = svg_of_bars(
      id + "-importance", "What the model goes by",
      "The features without which the model would judge worst, with the rise of its loss.", bars);
  return figure_of("What the model goes by",
                   "How much its loss rises when a feature's values are dealt out anew among the "
                   "rows. Features that say the same share their importance.",
                   svg, "", numbers);
}

std::string selection_figure(const TaskReport& task, const std::string&) {
  if (!task.selection) return {};
  const FeatureSelection& s = *task.selection;
  const char* score = task.kind == TaskKind::number ? "R2" : "ROC-AUC";
  HtmlTable curve{"What fewer features cost", {"Features", score}, {}};
  for (const SelectionPoint& point : s.curve)
    curve.add({count(point.features), number(point.score, 4)}, point.features == s.names.size());
  curve.add({"best alone: " + escaped(s.best_alone), number(s.best_alone_score, 4)});
  std::string names;
  for (const std::string& name : s.names) names += (names.empty() ? "" : ", ") + escaped(name);
  return fmt::format(
      "<div><h3>Features chosen</h3><p class=\"soft\">{} features, {:.4f} of {} "
      "lost against all of them: {}.</p>{}</div>",
      s.names.size(), s.loss, score, names, curve.html());
}

std::string warnings_list(const TaskReport& task) {
  if (task.warnings.empty()) return {};
  std::string html = R"(<ul class="warnings" aria-label="Warnings">)";
  for (const Warning& warning : task.warnings) {
    html += "<li><b>" + escaped(warning_words(warning.code)) + ".</b> " +
            escaped(warning.message) + ".</li>";
  }
  return html + "</ul>";
}

std::string task_section(const TaskReport& task, std::size_t place) {
  const std::string id = "task-" + std::to_string(place + 1);
  const bool probability = task.kind == TaskKind::probability;
  std::string html =
      fmt::format(R"(<section id="{0}" aria-labelledby="{0}-h"><h2 id="{0}-h">{1}</h2>)", id,
                  escaped(task.task));
  if (!task.definition.empty()) html += R"(<p class="soft">)" + escaped(task.definition) + "</p>";
  html += fmt::format(
      "<dl><div><dt>Rows with a known answer</dt><dd>{}</dd></div>"
      "<div><dt>{}</dt><dd>{}</dd></div><div><dt>Split</dt><dd>{}</dd></div>"
      "<div><dt>Rows judged</dt><dd>{}</dd></div><div><dt>Chosen model</dt><dd>{}</dd></div></dl>",
      count(task.n), probability ? "Outcome in" : "Mean",
      probability ? percent(task.rate) : figure(task.rate), split_words(task.split),
      count(task.n_judged), escaped(plain_name(name_of(task.champion, task.kind))));
  html += warnings_list(task);
  html += models_table(task);
  std::string figures;
  for (const auto make : {reliability_figure, gain_figure, lift_figure, errors_figure,
                          costs_figure, importance_figure, selection_figure}) {
    figures += make(task, id);
  }
  if (!figures.empty()) html += R"(<div class="figures">)" + figures + "</div>";
  return html + "</section>";
}

std::string group_cell(const GroupFigure& figure) {
  if (!std::isfinite(figure.value)) return "not enough data";
  return with_interval(figure.value, figure.interval, 3);
}

std::string fairness_section(const EvaluationReport& report) {
  if (report.fairness.empty()) return {};
  std::string html =
      R"(<section id="fairness" aria-labelledby="fairness-h"><h2 id="fairness-h">Are groups )"
      R"(treated alike?</h2><p class="soft">As many customers as have the outcome are selected, )"
      "those with the highest figures first (of a number: the highest fifth). All intervals of "
      "this page's comparisons hold together with 99 %. Under 200 customers there is not enough "
      "data. Protected traits are never an input of a model.</p>";
  for (const FairnessOfTrait& of : report.fairness) {
    html += "<h3>" + escaped(of.task) + " by " + escaped(of.trait) + "</h3><p>" +
            escaped(verdict(of)) + ".</p>";
    HtmlTable table{of.task + " by " + of.trait,
                    {"Group", "Customers", "Selected", "Rightly selected", "Wrongly selected",
                     "Came less said"},
                    {}};
    for (const FairnessGroup& group : of.groups) {
      table.add({escaped(group.value), count(group.customers), group_cell(group.selection),
                 group_cell(group.true_positives), group_cell(group.false_positives),
                 group_cell(group.calibration)});
    }
    html += table.html();
  }
  return html + "</section>";
}

std::string tiers_section(const EvaluationReport& report) {
  if (report.tiers.empty()) return {};
  HtmlTable table;
  table.caption = "What then happened on average, and below it what was predicted, by tier";
  table.headings = {"Tier", "Rows"};
  for (const TaskReport& task : report.tasks) table.headings.push_back(task.task);
  for (const TierOutcome& tier : report.tiers) {
    std::vector<std::string> cells{escaped(tier.tier), count(tier.n)};
    for (const TaskReport& task : report.tasks) {
      const auto found =
          std::find_if(tier.tasks.begin(), tier.tasks.end(),
                       [&](const TierOutcome::OfTask& t) { return t.task == task.task; });
      if (found == tier.tasks.end()) {
        cells.emplace_back(kDash);
        continue;
      }
      const auto shown = task.kind == TaskKind::probability ? percent : figure;
      cells.push_back(shown(found->realised) + "<small>predicted " + shown(found->predicted) +
                      "</small>");
    }
    table.add(std::move(cells));
  }
  return R"(<section id="tiers" aria-labelledby="tiers-h">)"
         R"(<h2 id="tiers-h">What became of each tier</h2><p class="soft">)"
         "Rows sorted into tiers by figures from models that had not seen them.</p>" +
         table.html() + "</section>";
}

// Links to the sections; empty for a single one.
std::string contents_of(const EvaluationReport& report) {
  if (report.tasks.size() < 2 && report.tiers.empty()) return {};
  std::string html = R"(<nav aria-label="Contents"><ul>)";
  for (std::size_t i = 0; i < report.tasks.size(); ++i) {
    html +=
        fmt::format("<li><a href=\"#task-{}\">{}</a></li>", i + 1, escaped(report.tasks[i].task));
  }
  if (!report.tiers.empty()) html += "<li><a href=\"#tiers\">Tiers</a></li>";
  if (!report.fairness.empty()) html += "<li><a href=\"#fairness\">Fairness</a></li>";
  return html + "</ul></nav>";
}

}  // namespace

std::string report_page(const ReportHead& head, const EvaluationReport& report) {
  std::string page = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<title>Evaluation{0}</title><style>{1}</style></head>\n<body><header>"
      "<h1>How good are the predictions?</h1><p>{2}{3} rows from {4}. Every figure below is "
      "taken on rows that its model did not learn from.</p>",
      head.model.empty() ? "" : " of " + escaped(head.model), kReportStyle,
      head.model.empty() ? "" : escaped(head.model) + ", judged on ", count(report.rows),
      escaped(head.source));
  page += contents_of(report) + "</header>\n<main>";
  for (std::size_t i = 0; i < report.tasks.size(); ++i) page += task_section(report.tasks[i], i);
  page += tiers_section(report) + fairness_section(report);
  return page +
         "</main>\n<footer><p>ROC-AUC: how often a row with the outcome stands above one "
         "without; 0.5 is chance. Brier: mean squared error of the probabilities; its skill is "
         "the share of the base rate's that was taken away. ECE: mean distance of predicted and "
         "observed shares. Intervals come from drawing the customers anew with replacement. The "
         "numbers are in evaluation.json too.</p></footer></body></html>\n";
}

}  // namespace tideline
