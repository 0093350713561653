// Setting documents: pages, fitting, cutting, places.
#include "typesetting/typeset.h"

#include <gtest/gtest.h>

#include "ports/memory_pdf_canvas.h"
#include "typesetting/plot.h"

namespace tideline::typesetting {
namespace {

Table table_of(std::size_t rows) {
  Table table;
  table.title = "A table";
  table.columns = {{"Name", 2}, {"Number", 1, TextAlign::right}};
  for (std::size_t i = 0; i < rows; ++i)
    table.rows.push_back({Text("row " + std::to_string(i)), Text(std::to_string(i))});
  return table;
}

Document document_of(Blocks blocks, int pages = 1) {
  Document document;
  document.kicker = "Kicker";
  document.title = "A document";
  document.subtitle = "About something";
  document.footer = "Foot";
  document.cut_note = "shortened";
  document.front.blocks = {Paragraph{"The front."}};
  document.sections = {{"First", pages, std::move(blocks)}};
  document.sections.push_back({"Second", 1, {Paragraph{"The end."}}});
  return document;
}

class TypesetTest : public ::testing::Test {
 protected:
  Typeset set(const Document& document, Paper paper = Paper::a4) {
    size_ = size_of(paper);
    canvas_ = std::make_unique<MemoryPdfCanvas>(PdfOptions{size_.width, size_.height});
    auto result = typeset(document, *canvas_, paper);
    EXPECT_TRUE(result.has_value()) << result.error().message;
    EXPECT_TRUE(canvas_->finish().has_value());
    return result ? *result : Typeset{};
  }
  // How often a text stands on a page (from 1).
  int count(std::size_t page, const std::string& words) const {
    int found = 0;
    for (const auto& written : canvas_->pages().at(page - 1).texts) {
      if (written.text.find(words) != std::string::npos) ++found;
    }
    return found;
  }
  void expect_within_pages() const {
    for (const auto& page : canvas_->pages()) {
      for (const auto& written : page.texts) {
        EXPECT_GE(written.box.x, 0) << written.text;
        EXPECT_GE(written.box.y, 0) << written.text;
        EXPECT_LE(written.box.x + written.box.width, size_.width) << written.text;
        EXPECT_LE(written.box.y + written.box.height, size_.height) << written.text;
      }
      for (const Box& box : page.shapes) {
        EXPECT_GE(box.x, 0);
        EXPECT_LE(box.x + box.width, size_.width);
        EXPECT_LE(box.y + box.height, size_.height);
      }
    }
  }

  PaperSize size_;
  std::unique_ptr<MemoryPdfCanvas> canvas_;
};

TEST_F(TypesetTest, SectionsBeginOnPagesAndAreInTheContents) {
  const Typeset set = this->set(document_of({Paragraph{"Words."}}));
  ASSERT_EQ(set.pages.size(), 3U);
  EXPECT_EQ(set.pages[1].section, "First");
  EXPECT_EQ(count(1, "Contents"), 1);
  EXPECT_EQ(count(1, "First"), 1);
  EXPECT_EQ(count(3, "Page 3 of 3"), 1);
  ASSERT_EQ(canvas_->outline().size(), 3U);
  EXPECT_EQ(canvas_->outline()[0].level, 0);
  EXPECT_EQ(canvas_->outline()[2].title, "2  Second");
  EXPECT_EQ(canvas_->pages()[0].links.size(), 2U);
  expect_within_pages();
}

TEST_F(TypesetTest, ATableGoesOnOnTheNextPageUnderItsHead) {
  const Typeset set = this->set(document_of({table_of(70)}, 2));
  ASSERT_EQ(set.pages.size(), 4U);
  EXPECT_DOUBLE_EQ(set.pages[1].scale, 1);
  EXPECT_EQ(count(2, "Number"), 1);
  EXPECT_EQ(count(3, "Number"), 1);
  EXPECT_EQ(count(3, "A table, continued"), 1);
  EXPECT_EQ(count(2, "row 0") + count(3, "row 0"), 1);
  EXPECT_EQ(count(3, "row 69"), 1);
  expect_within_pages();
}

TEST_F(TypesetTest, TypeShrinksBeforeAnythingIsCut) {
  const Typeset set = this->set(document_of({table_of(44)}));
  ASSERT_EQ(set.pages.size(), 3U);
  EXPECT_LT(set.pages[1].scale, 1);
  EXPECT_FALSE(set.pages[1].cut);
  EXPECT_EQ(count(2, "row 43"), 1);
  EXPECT_EQ(count(2, "shortened"), 0);
}

TEST_F(TypesetTest, WhatDoesNotFitIsCutAndSaysSo) {
  Bullets bullets;
  for (int i = 0; i < 60; ++i) bullets.items.emplace_back("item " + std::to_string(i));
  const Typeset set = this->set(document_of({table_of(200), std::move(bullets)}));
  ASSERT_EQ(set.pages.size(), 3U);
  EXPECT_TRUE(set.pages[1].cut);
  EXPECT_FALSE(set.pages[2].cut);
  EXPECT_EQ(count(2, "more rows"), 1);
  EXPECT_EQ(count(2, "more items"), 1);
  EXPECT_EQ(count(2, "shortened"), 1);
  expect_within_pages();
}

TEST_F(TypesetTest, EvenAThousandParagraphsKeepTheirPage) {
  Blocks blocks;
  for (int i = 0; i < 1000; ++i) blocks.push_back(Paragraph{std::string(600, 'x')});
  const Typeset set = this->set(document_of(std::move(blocks)), Paper::letter);
  EXPECT_EQ(set.pages.size(), 3U);
  EXPECT_TRUE(set.pages[1].cut);
  expect_within_pages();
}

TEST_F(TypesetTest, ChartsFillThePage) {
  Chart chart;
  chart.title = "A chart";
  LineChart lines;
  lines.places = {"a", "b", "c"};
  lines.series = {{"one", {1.0, 3.0, 2.0}}};
  chart.what = lines;
  chart.height_min = 100;
  chart.height_max = 300;
  MemoryPdfCanvas canvas{PdfOptions{}};
  Setter setter(canvas, 1);
  const Room room = setter.room_of(Block(chart), 400);
  EXPECT_NEAR(room.growth, 197, 0.1);
  this->set(document_of({std::move(chart)}));
  double lowest = 0;
  for (const Box& box : canvas_->pages()[1].shapes) {
    if (box.y < size_.height - 60) lowest = std::max(lowest, box.y + box.height);
  }
  EXPECT_GT(lowest, 330);
}

TEST_F(TypesetTest, EveryChartIsDrawnWithinItsBoxAndWithoutValuesSaysSo) {
  const auto chart_of = [](auto what) {
    Chart chart;
    chart.title = "Title";
    chart.what = std::move(what);
    return chart;
  };
  const std::vector<std::string> places = {"a", std::string(200, 'w'), "c"};
  const std::vector<ChartSeries> series = {{"one", {1.0, -3.0, 2.0}},
                                           {std::string(200, 's'), {1e12, std::nullopt, 0.0}}};
  const std::vector<ChartSeries> none = {{"one", {std::nullopt, std::nullopt}}};
  for (const auto& values : {series, none}) {
    Blocks blocks;
    blocks.push_back(chart_of(LineChart{places, values, {}}));
    blocks.push_back(chart_of(ColumnChart{places, values, {}}));
    blocks.push_back(chart_of(BarChart{places, values, {}, true}));
    blocks.push_back(chart_of(AreaChart{places, values, {}}));
    this->set(document_of(std::move(blocks), 2));
    expect_within_pages();
    EXPECT_EQ(count(2, "Not enough data"), values.size() == 1 ? 4 : 0);
  }
  Blocks blocks;
  blocks.push_back(
      chart_of(ReliabilityChart{{{0.2, 0.3, 0.1, 0.5, 100}, {0.9, 0.95, {}, {}, 5}}}));
  blocks.push_back(chart_of(FlowChart{{"a", "b"}, places, {{0, 1, 5}, {1, 2, 1e-9}}, {}}));
  blocks.push_back(chart_of(SketchChart{
      {{"one", std::string(300, 'd'), 0, 0, true}, {"two", "", 1, 1, false}}, {{0, 1}, {1, 0}}}));
  this->set(document_of(std::move(blocks), 2));
  expect_within_pages();
}

TEST(TicksTest, RoundStepsCoverTheRange) {
  for (const auto& [low, high] :
       {std::pair{0.0, 7.3}, std::pair{-3.0, 12.0}, std::pair{0.0, 0.00041}, std::pair{0.0, 0.0},
        std::pair{5.0, 5.0}, std::pair{0.0, 1e15}}) {
    const Ticks ticks = ticks_of(low, high, 5);
    EXPECT_LE(ticks.low, low);
    EXPECT_GE(ticks.high, high);
    EXPECT_LE((ticks.high - ticks.low) / ticks.step, 7.01);
  }
}

}  // namespace
}  // namespace tideline::typesetting
