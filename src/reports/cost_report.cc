// The cost report, 7 pages: what was measured, prices, three sizes, the usual parts beside it,
// what it returns, sources.
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

NumberForm money(const Facts& facts, int digits = 0) {
  return {NumberForm::Kind::money, digits, facts.prices ? facts.prices->currency : ""};
}

// As many as the price has, at least 2.
int price_digits(double amount) {
  for (int digits = 2; digits < 10; ++digits) {
    const double scaled = amount * std::pow(10.0, digits);
    if (std::fabs(scaled - std::round(scaled)) < 1e-6) return digits;
  }
  return 10;
}

constexpr const char* kNoPrices = "there is no price file";

// ---- Front

std::vector<Text> findings(const Facts& facts, Figures& figures) {
  std::vector<Text> items;
  if (!facts.prices) {
    items.push_back(strong("No prices: ") +
                    Text("put prices.toml where docs/reports.md says; without it nothing here has "
                         "a price. What was measured is on the next page."));
    return items;
  }
  const NumberForm form = money(facts);
  const Answer* sizes = figures.find(answers::kSizes);
  for (const AnswerRow& row : sizes->rows) {
    const auto month = sizes->value("month", row.name);
    const auto year = sizes->value("customer_year", row.name);
    const auto customers = sizes->value("customers", row.name);
    items.push_back(strong(row.name + ": ") +
                    Text(fmt::format("{} a month for {} customers, {} a customer and year.",
                                     shown(month, form), shown(customers, kCount),
                                     shown(year, money(facts, NumberForm::kByItsSize)))) +
                    figures.mark(answers::kSizes));
  }
  const Answer* parts = figures.find(answers::kCloudParts);
  if (parts && !parts->columns.empty()) {
    const std::string column = parts->columns.back().name;
    const auto theirs = parts->value(column, "All parts");
    const auto ours = sizes->value("parts_month", sizes->rows.back().name);
    if (theirs && ours && *ours > 0) {
      items.push_back(
          strong("The usual cloud parts ") +
          Text(fmt::format(
              "for {} customers come to {} a month, {:.1f} times what Tideline's parts "
              "come to; people are needed for both.",
              parts->columns.back().label, shown(*theirs, form), *theirs / *ours)) +
          figures.mark(answers::kCloudParts));
    }
  }
  return items;
}

Section front(const Facts& facts, Figures& figures) {
  Section section;
  section.title = "Summary";
  section.blocks.push_back(
      Paragraph{"What it costs to run Tideline on one machine, for 100 thousand and for 60 "
                "million customers, "
                "from what was measured and from one list of prices; what else the same work "
                "would cost; and "
                "what it has to earn.",
                Paragraph::Kind::lead});
  Tiles tiles;
  tiles.tiles.push_back(
      figures.tile("Cost of this folder", answers::kSizes, "month", "This folder"));
  tiles.tiles.push_back(
      figures.tile("100 thousand customers", answers::kSizes, "month", "100 thousand"));
  tiles.tiles.push_back(
      figures.tile("60 million customers", answers::kSizes, "month", "60 million"));
  tiles.tiles.push_back(figures.tile("60 million, a customer and year", answers::kSizes,
                                     "customer_year", "60 million"));
  for (Tile& tile : tiles.tiles) {
    if (!facts.prices) tile.detail = kNoPrices;
  }
  section.blocks.push_back(std::move(tiles));
  section.blocks.push_back(Heading{"What this says"});
  section.blocks.push_back(Bullets{findings(facts, figures)});
  if (figures.find(answers::kCostByCustomers)) {
    Chart chart;
    chart.title =
        figures.titled("Cost a month by number of customers, on a scale of powers of ten",
                       answers::kCostByCustomers);
    const Answer& by = *figures.find(answers::kCostByCustomers);
    BarChart bars;
    bars.form = money(facts);
    bars.logarithmic = true;
    for (const std::string& name : row_names(by)) bars.names.push_back(name + " customers");
    bars.series = {series_of(by, "month", "A month")};
    chart.what = std::move(bars);
    chart.height_min = 66;
    chart.height_max = 110;
    section.blocks.push_back(std::move(chart));
  }
  section.blocks.push_back(Paragraph{
      "A raised number leads to the last page: where the figure comes from. Taxes, discounts for "
      "commitment and data transfer to readers outside are not counted.",
      Paragraph::Kind::note});
  return section;
}

// ---- 1 Measured

Section measured_section(const Facts& facts, Figures& figures) {
  Section section;
  section.title = "What was measured";
  section.blocks.push_back(Paragraph{
      Text("Cost follows from four things: processor seconds, memory, bytes on disk, and bytes "
           "kept. They are measured on this folder and by the benchmarks that come with the "
           "program") +
      Text(facts.measured.machine.empty() ? "." : ", here on " + facts.measured.machine + ".")});
  Table measured;
  measured.title = figures.titled("This folder", answers::kMeasured);
  measured.columns = {{"Measurement", 3.4}, {"Value", 1.2, kRight}};
  measured.missing = figures.why(answers::kMeasured);
  if (const Answer* answer = figures.find(answers::kMeasured)) {
    for (const AnswerRow& row : answer->rows) {
      NumberForm form = answer->columns[0].form;
      const auto value = answer->value("value", row.name);
      form.digits = value && std::fabs(*value) < 100 && *value != std::floor(*value) ? 2 : 0;
      measured.rows.push_back({Text(row.name), Text(shown(value, form))});
    }
  }
  section.blocks.push_back(std::move(measured));
  Chart folder;
  folder.title = figures.titled("Where the bytes of the data folder are", answers::kFolder);
  folder.missing = figures.why(answers::kFolder);
  BarChart bars;
  bars.form = {NumberForm::Kind::plain, 2, "MiB"};
  if (const Answer* answer = figures.find(answers::kFolder)) {
    folder.missing.clear();
    bars.names = row_names(*answer);
    bars.series = {series_of(*answer, "bytes", "Bytes")};
    for (auto& value : bars.series[0].values) {
      if (value) *value /= 1024 * 1024;
    }
  }
  folder.what = std::move(bars);
  folder.height_min = 60;
  folder.height_max = 110;
  section.blocks.push_back(std::move(folder));
  TableShape shape;
  shape.first_title = "Benchmark";
  shape.first_share = 4;
  shape.rows_max = 12;
  shape.readable_names = false;
  section.blocks.push_back(
      table_of(figures, "Benchmarks, processor time a unit", answers::kBenchmarks, shape));
  section.blocks.push_back(Paragraph{
      "Processor time is that of all threads. Bytes are what the file system holds. A measurement "
      "that this folder cannot give yet is taken from the benchmarks, rounded up.",
      Paragraph::Kind::note});
  return section;
}

// ---- 2 Prices

Section price_section(const Facts& facts, Figures& figures) {
  Section section;
  section.title = "The prices";
  if (!facts.prices) {
    section.blocks.push_back(
        Callout{strong("Not enough data: ") + Text(std::string(kNoPrices) + ".")});
    return section;
  }
  const PriceList& prices = *facts.prices;
  section.blocks.push_back(
      Paragraph{Text("One file holds every price, ") + strong(prices.file) +
                Text(fmt::format(
                    ". The prices below were read {}{}. Change the file and every figure of this "
                    "report follows.",
                    prices.collected, prices.region.empty() ? "" : ", for " + prices.region))});
  Table table;
  table.title = figures.titled("Parts", answers::kPrices);
  table.columns = {{"What", 3}, {"Unit", 1.5}, {"Price", 1.5, kRight}, {"Read at", 3.2}};
  for (const Price& price : prices.prices)
    table.rows.push_back({Text(price.what), Text(price.unit),
                          Text(shown(price.amount, money(facts, price_digits(price.amount)))),
                          Text(price.source)});
  table.missing = "the file has no prices";
  section.blocks.push_back(std::move(table));
  Table machines;
  machines.title = figures.titled("Machines", answers::kPrices);
  machines.columns = {{"Machine", 3},
                      {"vCPU", 0.8, kRight},
                      {"Memory, GiB", 1, kRight},
                      {"An hour", 1, kRight},
                      {"Read at", 3.2}};
  for (const MachinePrice& machine : prices.machines)
    machines.rows.push_back({Text(machine.what), Text(shown(machine.vcpus, kCount)),
                             Text(shown(machine.memory_gib, kCount)),
                             Text(shown(machine.hour, money(facts, 4))), Text(machine.source)});
  machines.missing = "the file has no machines";
  section.blocks.push_back(std::move(machines));
  return section;
}

// ---- 3 Three sizes

Section size_section(const Facts& facts, Figures& figures) {
  Section section;
  section.title = "One machine, 100 thousand, 60 million";
  const Answer* sizes = figures.find(answers::kSizes);
  if (!sizes) {
    section.blocks.push_back(
        Callout{strong("Not enough data: ") + Text(std::string(kNoPrices) + ".")});
    return section;
  }
  const CostAssumptions& a = facts.prices->assumptions;
  section.blocks.push_back(Paragraph{fmt::format(
      "Each customer sends {:g} events a day where nothing else was measured; the busiest hour "
      "has "
      "{:g} times the mean; processors are planned to be {:.0f} % busy then. Every customer is "
      "scored "
      "anew every {:g} minutes, of more than {} customers every {:g} hours. The lake keeps {:g} "
      "months.",
      a.events_per_customer_day, a.busy_factor, a.utilisation_max * 100, a.score_minutes,
      shown(a.large_customers, kCount), a.score_minutes_large / 60, a.keep_months)});
  Table needs;
  needs.title = figures.titled("What each size needs, and what it costs a month", answers::kSizes);
  needs.columns = {{"", 2.6}};
  for (const AnswerRow& row : sizes->rows) needs.columns.push_back({row.name, 1.4, kRight});
  for (std::size_t i = 0; i < sizes->columns.size(); ++i) {
    const AnswerColumn& column = sizes->columns[i];
    if (column.name == "month" || column.name == "customer_year") continue;
    auto& cells = needs.rows.emplace_back();
    cells.emplace_back(column.label);
    for (const AnswerRow& row : sizes->rows) cells.emplace_back(shown(row.values[i], column.form));
  }
  auto& sum = needs.rows.emplace_back();
  sum.emplace_back("Cost of all");
  for (const AnswerRow& row : sizes->rows)
    sum.emplace_back(shown(sizes->value("month", row.name), sizes->column("month")->form));
  needs.last_is_sum = true;
  section.blocks.push_back(std::move(needs));
  Chart chart;
  chart.title = figures.titled("Share of the cost", answers::kSizes);
  ColumnChart columns;
  columns.form = {NumberForm::Kind::share, 0, ""};
  for (const AnswerRow& row : sizes->rows) columns.places.push_back(row.name);
  for (const auto& [name, column] :
       {std::pair{"Machine", "machine_month"}, std::pair{"Disk", "disk_month"},
        std::pair{"Lake", "lake_month"}, std::pair{"People", "people_month"}}) {
    ChartSeries series{name, {}};
    for (const AnswerRow& row : sizes->rows) {
      const double all = sizes->value("month", row.name).value_or(0);
      series.values.emplace_back(all > 0 ? sizes->value(column, row.name).value_or(0) / all : 0);
    }
    columns.series.push_back(std::move(series));
  }
  chart.what = std::move(columns);
  section.blocks.push_back(std::move(chart));
  section.blocks.push_back(Paragraph{
      "Cores are those in use in the busiest hour, before the reserve. Memory is that of the "
      "process. Disk is the state twice over, for compactions, and one day of log; the lake is "
      "priced as object storage. People is the time to look after it, at the price of an hour "
      "that "
      "the file gives.",
      Paragraph::Kind::note});
  return section;
}

// ---- 4 The usual parts and suites

Section beside_section(const Facts& facts, Figures& figures) {
  Section section;
  section.title = "Beside it: the usual cloud parts, and suites";
  const Answer* sizes = figures.find(answers::kSizes);
  const Answer* parts = figures.find(answers::kCloudParts);
  if (!sizes || !parts) {
    section.blocks.push_back(
        Callout{strong("Not enough data: ") + Text(std::string(kNoPrices) + ".")});
    return section;
  }
  section.blocks.push_back(Paragraph{
      "The same work is often put together from managed parts: a stream, functions, a table, an "
      "endpoint for the model, a schedule, storage, queries. The table counts them for the same "
      "events and customers at their list prices."});
  TableShape shape;
  shape.first_title = "Part";
  shape.readable_names = false;
  Table table = table_of(figures, "The usual parts, a month", answers::kCloudParts, shape);
  table.last_is_sum = true;
  section.blocks.push_back(std::move(table));
  Chart chart;
  chart.title = Text("A month, Tideline and the usual parts, on a scale of powers of ten ") +
                figures.marks({answers::kSizes, answers::kCloudParts});
  BarChart bars;
  bars.form = money(facts, NumberForm::kByItsSize);
  bars.logarithmic = true;
  ChartSeries ours{"Tideline", {}}, theirs{"The usual parts", {}};
  for (std::size_t i = 0; i < sizes->rows.size() && i < parts->columns.size(); ++i) {
    bars.names.push_back(sizes->rows[i].name);
    ours.values.push_back(sizes->value("parts_month", sizes->rows[i].name));
    theirs.values.push_back(parts->value(parts->columns[i].name, "All parts"));
  }
  bars.series = {std::move(ours), std::move(theirs)};
  chart.what = std::move(bars);
  chart.height_min = 80;
  chart.height_max = 130;
  section.blocks.push_back(std::move(chart));
  shape.first_title = "Suite";
  Table suites =
      table_of(figures, "Suites for customer success, a month", answers::kSuites, shape);
  section.blocks.push_back(std::move(suites));
  std::string estimates;
  for (const SuitePrice& suite : facts.prices->suites) {
    if (suite.estimate)
      estimates +=
          " " + suite.what + ": an estimate, no list price is published (" + suite.source + ").";
  }
  section.blocks.push_back(
      Paragraph{"Parts on both sides without the people who build and run them. Suites do other "
                "things too, and "
                "some of what Tideline does they do not; compare what you need." +
                    estimates,
                Paragraph::Kind::note});
  return section;
}

// ---- 5 What it returns

Section return_section(Figures& figures) {
  Section section;
  section.title = "What it has to earn";
  Tiles tiles;
  tiles.tiles = {figures.tile("Expected to leave", answers::kRisk, "expected_churn"),
                 figures.tile("Money at risk", answers::kLoss, "money_at_risk"),
                 figures.tile("Gain, proven", answers::kGain, "amount", "proven"),
                 figures.tile("Gain, scenario", answers::kGain, "amount", "scenario")};
  section.blocks.push_back(std::move(tiles));
  Table money_table;
  money_table.title = figures.titled("The calculation", answers::kMoney);
  money_table.columns = {{"Figure", 3.4}, {"Value", 1.4, kRight}};
  money_table.missing = figures.why(answers::kMoney).empty()
                            ? "acquisition cost, value of a customer and share saved are not set"
                            : figures.why(answers::kMoney);
  if (const Answer* answer = figures.find(answers::kMoney)) {
    for (const AnswerRow& row : answer->rows) {
      const auto value = answer->value("value", row.name);
      money_table.rows.push_back({Text(row.name), Text(shown(value, answer->columns[0].form))});
    }
  }
  section.blocks.push_back(std::move(money_table));
  Chart chart;
  chart.title = figures.titled("Gain, proven and scenario", answers::kGain);
  chart.missing = figures.why(answers::kGain).empty() ? "no gain has been calculated"
                                                      : figures.why(answers::kGain);
  BarChart bars;
  if (const Answer* gain = figures.find(answers::kGain)) {
    chart.missing.clear();
    bars.form = gain->columns[0].form;
    for (const std::string& name : row_names(*gain)) bars.names.push_back(readable(name));
    bars.series = {series_of(*gain, "amount", "Gain")};
  }
  chart.what = std::move(bars);
  chart.height_min = 50;
  chart.height_max = 80;
  section.blocks.push_back(std::move(chart));
  TableShape shape;
  shape.first_title = "Customers";
  section.blocks.push_back(table_of(figures, "What Tideline costs, by number of customers",
                                    answers::kCostByCustomers, shape));
  section.blocks.push_back(Heading{"Notes of definition"});
  section.blocks.push_back(Bullets{{
      strong("Return ") + Text("is (gain - cost) / cost. Break-even is the share of the customers "
                               "found at risk that must be kept for the gain to equal the cost."),
      strong("Proven ") +
          Text("is what the holdout shows: the effect of actions times the customers "
               "who got them. Scenario is what the assumptions say and nobody has "
               "measured. The two are never added."),
      strong("Money at risk ") + Text("sums, over eligible customers, the probability of leaving "
                                      "within 30 days times what a customer brings in 30 days."),
  }});
  return section;
}

}  // namespace

Report cost_report(const Facts& facts) {
  Figures figures(facts);
  Report report;
  Document& document = report.document;
  document.kicker = "TIDELINE  \xc2\xb7  pack " + facts.pack;
  document.title = "Cost and budget";
  document.subtitle =
      "What it takes and what it costs, at three sizes\nAs of " + facts.as_of_words;
  document.footer = "Cost and budget, as of " + facts.as_of_day;
  document.cut_note = "shortened to fit; all of it: GET /api/v1/reports/cost";
  document.front = front(facts, figures);
  document.sections.push_back(measured_section(facts, figures));
  document.sections.push_back(price_section(facts, figures));
  document.sections.push_back(size_section(facts, figures));
  document.sections.push_back(beside_section(facts, figures));
  document.sections.push_back(return_section(figures));
  document.sections.push_back(source_section(figures));
  report.used = figures.used();
  return report;
}

}  // namespace tideline::reports
