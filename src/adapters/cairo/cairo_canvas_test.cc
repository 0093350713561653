// Cairo against the contract of PdfCanvas, and what PDF files must have besides.
#include <fstream>

#include "adapters/cairo/cairo_press.h"
#include "ports/pdf_canvas_contract.h"

namespace tideline {
namespace {

struct CairoSubject {
  std::unique_ptr<PdfCanvas> canvas(const PdfOptions& options) {
    if (!press) press = CairoPress::open().value();
    return press->canvas(options);
  }
  std::unique_ptr<CairoPress> press;
};
INSTANTIATE_TYPED_TEST_SUITE_P(Cairo, PdfCanvasContract, CairoSubject);

std::string drawn(const PdfOptions& options) {
  const auto press = CairoPress::open().value();
  const auto canvas = press->canvas(options);
  canvas->begin_page();
  TextBlock block;
  block.spans = {{"Words"}, {" and more", FontWeight::semibold}, {"12", {}, false, true}};
  canvas->write(50, 50, block);
  return canvas->finish().value();
}

TEST(CairoPressTest, SamePressOrAnotherGivesTheSameBytes) {
  PdfOptions options;
  options.title = "A title";
  EXPECT_EQ(drawn(options), drawn(options));
  PdfOptions later = options;
  later.created = time_from_millis(1'700'000'000'000);
  EXPECT_NE(drawn(options), drawn(later));
}

TEST(CairoPressTest, SaysWhichFontIsMissing) {
  PressOptions options;
  options.font_folders = {"/nowhere"};
  const auto press = CairoPress::open(options);
  ASSERT_FALSE(press.has_value());
  EXPECT_EQ(press.error().code, ErrorCode::not_found);
  EXPECT_NE(press.error().message.find("fonts-inter"), std::string::npos) << press.error().message;
}

TEST(CairoCanvasTest, ALeftToRightLineKeepsItsSide) {
  const auto press = CairoPress::open().value();
  const auto canvas = press->canvas({});
  TextBlock block;
  block.width = 200;
  block.spans = {{"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"}};
  EXPECT_GT(canvas->measure(block).width, 5);
  EXPECT_LT(canvas->measure(block).width, 100);
}

}  // namespace
}  // namespace tideline
