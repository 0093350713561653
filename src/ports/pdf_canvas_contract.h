// The contract suite of PdfCanvas: what every implementation must do. A Subject type makes one:
//
//   struct Subject {
//     std::unique_ptr<PdfCanvas> canvas(const PdfOptions& options);
//   };
//   INSTANTIATE_TYPED_TEST_SUITE_P(Name, PdfCanvasContract, Subject);
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "ports/pdf_canvas.h"

namespace tideline {

template <class Subject>
class PdfCanvasContract : public ::testing::Test {
 protected:
  std::unique_ptr<PdfCanvas> canvas() {
    PdfOptions options;
    options.title = "A title";
    options.created = time_from_millis(1'700'000'000'000);
    return subject_.canvas(options);
  }
  static TextBlock block(const std::string& text, double width = 0, int lines_max = 0) {
    TextBlock block;
    block.spans = {{text}};
    block.width = width;
    block.lines_max = lines_max;
    return block;
  }
  static Path square() {
    using Kind = PathStep::Kind;
    return {{Kind::move, 10, 10}, {Kind::line, 20, 10}, {Kind::line, 20, 20}, {Kind::close}};
  }
  static Result<std::string> document(PdfCanvas& canvas) {
    for (const char* place : {"first", "second"}) {
      canvas.begin_page();
      canvas.mark_place(place, 50);
      canvas.add_outline(std::string("The ") + place, place, 0);
      canvas.write(60, 60, block("Words on the page", 200));
      canvas.fill(square(), {0.1, 0.2, 0.3});
      canvas.stroke(square(), {{0.5, 0.5, 0.5}, 1, {2, 1}});
      canvas.link({60, 60, 100, 12}, "second");
    }
    return canvas.finish();
  }
  Subject subject_;
};
TYPED_TEST_SUITE_P(PdfCanvasContract);

TYPED_TEST_P(PdfCanvasContract, SameCallsGiveTheSameBytes) {
  const auto first = this->document(*this->canvas());
  const auto again = this->document(*this->canvas());
  ASSERT_TRUE(first.has_value()) << first.error().message;
  ASSERT_TRUE(again.has_value());
  EXPECT_FALSE(first->empty());
  EXPECT_EQ(*first, *again);
}

TYPED_TEST_P(PdfCanvasContract, LongerTextTakesMoreRoom) {
  const auto canvas = this->canvas();
  const TextExtent one = canvas->measure(this->block("word"));
  const TextExtent two = canvas->measure(this->block("word word"));
  EXPECT_EQ(one.lines, 1);
  EXPECT_GT(one.width, 0);
  EXPECT_GT(two.width, one.width);
  EXPECT_NEAR(one.height, 9 * 1.4, 0.01);
  TextBlock large = this->block("word");
  large.size = 18;
  EXPECT_GT(canvas->measure(large).width, one.width * 1.8);
}

TYPED_TEST_P(PdfCanvasContract, NoLineIsWiderThanItsRoom) {
  const auto canvas = this->canvas();
  for (const std::string& text :
       {std::string(200, 'W'),
        std::string("many words that go on and on ") + std::string(90, 'x')}) {
    for (const double width : {30.0, 80.0, 300.0}) {
      const TextExtent extent = canvas->measure(this->block(text, width));
      EXPECT_LE(extent.width, width + 0.01) << text << " in " << width;
      EXPECT_GT(extent.lines, 0);
      EXPECT_NEAR(extent.height, extent.lines * 9 * 1.4, 0.05);
      EXPECT_FALSE(extent.cut);
    }
  }
}

TYPED_TEST_P(PdfCanvasContract, LinesAreCutAtTheirMost) {
  const auto canvas = this->canvas();
  const std::string text(400, 'm');
  for (const int lines : {1, 2, 5}) {
    const TextExtent extent = canvas->measure(this->block(text, 100, lines));
    EXPECT_EQ(extent.lines, lines);
    EXPECT_TRUE(extent.cut);
    EXPECT_LE(extent.width, 100.01);
  }
  EXPECT_FALSE(canvas->measure(this->block("short", 100, 2)).cut);
  EXPECT_EQ(canvas->measure(this->block("short\nlines\nthree", 100, 2)).lines, 2);
}

TYPED_TEST_P(PdfCanvasContract, TakesWhateverBytes) {
  const auto canvas = this->canvas();
  canvas->begin_page();
  for (const std::string& text :
       {std::string("\xff\xfe broken"), std::string("nul\0inside", 10),
        std::string("\xe2\x80\xae right to left \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"),
        std::string("\xf0\x9f\x98\x80 and \xe6\xbc\xa2\xe5\xad\x97"), std::string("tab\tfeed\n\r"),
        std::string()}) {
    EXPECT_GE(canvas->measure(this->block(text, 50)).lines, 1);
    canvas->write(10, 10, this->block(text, 50));
  }
  const auto bytes = canvas->finish();
  EXPECT_TRUE(bytes.has_value()) << bytes.error().message;
}

TYPED_TEST_P(PdfCanvasContract, NothingIsDrawnWithoutAPage) {
  const auto empty = this->canvas();
  EXPECT_FALSE(empty->finish().has_value());
  const auto early = this->canvas();
  early->write(1, 1, this->block("too early"));
  early->begin_page();
  EXPECT_FALSE(early->finish().has_value());
}

TYPED_TEST_P(PdfCanvasContract, LinksLeadSomewhere) {
  const auto canvas = this->canvas();
  canvas->begin_page();
  canvas->link({1, 1, 10, 10}, "nowhere");
  EXPECT_FALSE(canvas->finish().has_value());
}

REGISTER_TYPED_TEST_SUITE_P(PdfCanvasContract, SameCallsGiveTheSameBytes, LongerTextTakesMoreRoom,
                            NoLineIsWiderThanItsRoom, LinesAreCutAtTheirMost, TakesWhateverBytes,
                            NothingIsDrawnWithoutAPage, LinksLeadSomewhere);

}  // namespace tideline
