// The in-memory canvas against the contract.
#include "ports/memory_pdf_canvas.h"

#include "ports/pdf_canvas_contract.h"

namespace tideline {
namespace {

struct MemorySubject {
  std::unique_ptr<PdfCanvas> canvas(const PdfOptions& options) {
    return std::make_unique<MemoryPdfCanvas>(options);
  }
};
INSTANTIATE_TYPED_TEST_SUITE_P(Memory, PdfCanvasContract, MemorySubject);

TEST(MemoryPdfCanvasTest, KeepsWhereTextStands) {
  MemoryPdfCanvas canvas{PdfOptions{}};
  canvas.begin_page();
  TextBlock block;
  block.spans = {{"abcd"}};
  block.size = 10;
  block.width = 100;
  block.align = TextAlign::right;
  canvas.write(50, 20, block);
  ASSERT_EQ(canvas.pages().size(), 1U);
  const auto& written = canvas.pages()[0].texts.at(0);
  EXPECT_EQ(written.text, "abcd");
  EXPECT_DOUBLE_EQ(written.box.x, 130);
  EXPECT_DOUBLE_EQ(written.box.width, 20);
}

}  // namespace
}  // namespace tideline
