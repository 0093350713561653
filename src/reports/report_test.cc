// The three reports: pages, figures, sources, and what they say where something is missing.
#include "reports/report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "adapters/cairo/cairo_press.h"
#include "ports/memory_pdf_canvas.h"
#include "reports/cost_model.h"
#include "reports/figures.h"
#include "reports/test_facts.h"

namespace tideline::reports {
namespace {

using typesetting::Paper;

struct Drawn {
  typesetting::Typeset set;
  std::string text;
  std::vector<MemoryPdfCanvas::Page> pages;
  std::vector<std::string> used;
};

Drawn draw(ReportKind kind, Facts facts, Paper paper = Paper::a4) {
  const Report report = make_report(kind, facts);
  MemoryPdfCanvas canvas(pdf_options(report, facts, paper, facts.as_of));
  const auto set = typeset(report.document, canvas, paper);
  EXPECT_TRUE(set.has_value()) << set.error().message;
  const auto text = canvas.finish();
  EXPECT_TRUE(text.has_value()) << text.error().message;
  return {set.value_or(typesetting::Typeset{}), text.value_or(""), canvas.pages(), report.used};
}

Facts full() { return test::full_facts(TIDELINE_SOURCE_DIR); }

TEST(ReportTest, PagesAreAsPromised) {
  for (const Paper paper : {Paper::a4, Paper::letter}) {
    for (const ReportKind kind : kReportKinds) {
      for (const Facts& facts :
           {full(), test::empty_facts(), test::long_named_facts(TIDELINE_SOURCE_DIR)}) {
        EXPECT_EQ(draw(kind, facts, paper).set.pages.size(),
                  static_cast<std::size_t>(pages_of(kind)))
            << name_of(kind) << " of " << facts.pack << " on " << name_of(paper);
      }
    }
  }
}

TEST(ReportTest, FiguresAreThoseOfTheFacts) {
  const Drawn engagement = draw(ReportKind::engagement, full());
  for (const char* figure : {"100,000", "58,767", "30,118", "5,612,345", "0.371", "48.9 %",
                             "$61.20", "$214,336", "0.912", "0.871", "7,913", "53.0 %",
                             "+4.2 points", "$170,000", "49.2 %", "35.0 %", "7,512"})
    EXPECT_NE(engagement.text.find(figure), std::string::npos) << figure;
  const Drawn cost = draw(ReportKind::cost, full());
  for (const char* figure : {"60,000,000", "120,000,000", "$0.625", "$31,420", "$92,118"})
    EXPECT_NE(cost.text.find(figure), std::string::npos) << figure;
  const Drawn architecture = draw(ReportKind::architecture, full());
  for (const char* figure : {"815,000", "48,900", "No certificate"})
    EXPECT_NE(architecture.text.find(figure), std::string::npos) << figure;
}

TEST(ReportTest, EverySourceIsListedWithItsQuery) {
  for (const ReportKind kind : kReportKinds) {
    Facts facts = full();
    const Drawn drawn = draw(kind, facts);
    static_cast<void>(make_report(kind, facts));  // adds what follows from others
    ASSERT_FALSE(drawn.used.empty());
    for (const std::string& id : drawn.used) {
      const Answer& answer = facts.answers.at(id);
      EXPECT_FALSE(answer.query.empty()) << id;
      EXPECT_FALSE(answer.period.empty()) << id;
      EXPECT_FALSE(answer.population.empty()) << id;
      EXPECT_NE(drawn.text.find(answer.query), std::string::npos) << id;
    }
  }
}

TEST(ReportTest, WithoutDataEachPageSaysSo) {
  const Drawn drawn = draw(ReportKind::engagement, test::empty_facts());
  std::string said;
  for (const auto& page : drawn.pages) {
    const bool says = std::any_of(page.texts.begin(), page.texts.end(), [](const auto& written) {
      return written.text.find("ot enough data") != std::string::npos;
    });
    said += says ? 'y' : 'n';
  }
  EXPECT_EQ(said, "yyyyyyy");
  for (const ReportKind kind : kReportKinds) {
    const std::string text = draw(kind, test::empty_facts()).text;
    EXPECT_EQ(text.find("nan"), std::string::npos);
    EXPECT_EQ(text.find("inf "), std::string::npos);
  }
}

TEST(ReportTest, WithoutAModelActivityIsStillThere) {
  Facts facts = full();
  facts.model.reset();
  facts.no_model = "none was trained";
  for (const char* id : {answers::kModel, answers::kReliability, answers::kImportance,
                         answers::kFigures, answers::kTiers, answers::kRisk, answers::kLoss})
    facts.answers.erase(id);
  const Drawn drawn = draw(ReportKind::engagement, facts);
  EXPECT_EQ(drawn.set.pages.size(), 7U);
  EXPECT_NE(drawn.text.find("58,767"), std::string::npos);
  EXPECT_NE(drawn.text.find("none was trained"), std::string::npos);
  EXPECT_EQ(drawn.text.find("0.912"), std::string::npos);
}

TEST(ReportTest, NoTextLeavesItsPageWhateverTheNames) {
  const auto press = CairoPress::open();
  ASSERT_TRUE(press.has_value()) << press.error().message;
  for (const Paper paper : {Paper::a4, Paper::letter}) {
    const auto size = typesetting::size_of(paper);
    for (const ReportKind kind : kReportKinds) {
      const Drawn drawn = draw(kind, test::long_named_facts(TIDELINE_SOURCE_DIR), paper);
      for (const auto& page : drawn.pages) {
        for (const auto& written : page.texts) {
          EXPECT_GE(written.box.x, 0) << written.text;
          EXPECT_LE(written.box.x + written.box.width, size.width - 40) << written.text;
          EXPECT_LE(written.box.y + written.box.height, size.height - 20) << written.text;
        }
      }
    }
  }
}

TEST(ReportTest, TwiceTheSameBytes) {
  const auto drawn = [](ReportKind kind, Time created) {
    const auto press = CairoPress::open().value();
    Facts facts = full();
    const Report report = make_report(kind, facts);
    const auto canvas = press->canvas(pdf_options(report, facts, Paper::a4, created));
    EXPECT_TRUE(typeset(report.document, *canvas, Paper::a4).has_value());
    return canvas->finish().value();
  };
  const Time created = time_from_millis(1'700'000'000'000);
  for (const ReportKind kind : kReportKinds) {
    EXPECT_EQ(drawn(kind, created), drawn(kind, created)) << name_of(kind);
    EXPECT_NE(drawn(kind, created), drawn(kind, created + kDay)) << name_of(kind);
  }
}

TEST(CostModelTest, AFigureByHand) {
  const Facts facts = full();
  MeasuredFacts measured;
  measured.cpu_s_per_million_events = 40;
  measured.cpu_s_per_million_scores = 8;
  measured.lake_bytes_per_event = 50;
  measured.state_bytes_per_customer = 1000;
  measured.memory_base_gib = 1;
  measured.memory_bytes_per_customer = 0;
  const SizeCost size = cost_of_size("", 1e6, 2e6, measured, *facts.prices);
  // 2 M events a day, 5 times the mean, 40 us each; 1 M customers 288 times a day, 8 us each.
  EXPECT_NEAR(size.cores_busy, 2e6 / 86'400 * 5 * 40e-6 + 1e6 * 288 / 86'400.0 * 8e-6, 1e-9);
  EXPECT_NEAR(size.disk_gib, (2 * 1e6 * 1000 + 2e6 * 400) / 1073741824.0, 1e-9);
  EXPECT_NEAR(size.lake_gib, 2e6 * 365.25 / 12 * 13 * 50 / 1073741824.0, 1e-6);
  EXPECT_EQ(size.machine, "m7i.large");
  EXPECT_NEAR(size.machine_month, 0.1008 * 730, 1e-9);
  EXPECT_NEAR(size.people_month, 4 * 90, 1e-9);
}

TEST(CostModelTest, TheMachineGrowsWithWhatIsNeeded) {
  const Facts facts = full();
  MeasuredFacts measured;
  measured.memory_bytes_per_customer = 1024;
  double last = 0;
  for (const double customers : {1e3, 1e6, 3e7, 6e7, 1e9}) {
    const SizeCost size = cost_of_size("", customers, customers * 2, measured, *facts.prices);
    EXPECT_GE(size.machine_month, last);
    last = size.machine_month;
    EXPECT_GE(size.machines, 1);
  }
  EXPECT_GT(last, 4.8384 * 730);
}

TEST(PriceListTest, MistakesNameFileAndLine) {
  const auto unknown =
      parse_prices("currency = 'USD'\ncollected = 'now'\nregoin = 'x'\n", "p.toml");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_NE(unknown.error().message.find("p.toml:3"), std::string::npos)
      << unknown.error().message;
  EXPECT_FALSE(parse_prices("collected = 'now'\n", "p.toml").has_value());
  EXPECT_FALSE(
      parse_prices("currency = 'USD'\ncollected = 'x'\n[assume]\nhours_month = 0\n", "p.toml")
          .has_value());
  EXPECT_FALSE(
      parse_prices("price = 3\ncurrency = 'USD'\ncollected = 'x'\n", "p.toml").has_value());
}

TEST(InitiativeTest, ReadsTheExampleAndRefusesWhatItDoesNotKnow) {
  const Facts facts = full();
  ASSERT_EQ(facts.initiative->phases.size(), 4U);
  EXPECT_DOUBLE_EQ(facts.initiative->budget(), 170'000);
  EXPECT_EQ(facts.initiative->metrics.size(), 6U);
  EXPECT_EQ(facts.initiative->decisions.size(), 3U);
  const auto wrong =
      parse_initiative("title = 'T'\n[[phase]]\nname = 'P'\nbugdet = 3\n", "i.toml");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_NE(wrong.error().message.find("i.toml:4"), std::string::npos) << wrong.error().message;
  EXPECT_FALSE(
      parse_initiative("title = 'T'\n[[metric]]\nlabel = 'M'\nform = 'percent'\n", "i.toml")
          .has_value());
}

TEST(FiguresTest, NumbersGoByFirstUse) {
  const Facts facts = full();
  Figures figures(facts);
  EXPECT_EQ(figures.mark(answers::kDaily).spans[0].text, "1");
  EXPECT_EQ(figures.mark(answers::kTiers).spans[0].text, "2");
  EXPECT_EQ(figures.mark(answers::kDaily).spans[0].text, "1");
  EXPECT_TRUE(figures.mark("nothing").empty());
  EXPECT_EQ(figures.words(answers::kTiers, "share", "high"), "8.1 %");
  EXPECT_EQ(figures.words(answers::kTiers, "share", "nowhere"), kNotEnough);
}

}  // namespace
}  // namespace tideline::reports
