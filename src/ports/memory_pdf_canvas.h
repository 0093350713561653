// MemoryPdfCanvas: the PdfCanvas that keeps what was drawn, for tests of what draws. Its letters
// are all half as wide as high.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "ports/pdf_canvas.h"

namespace tideline {

class MemoryPdfCanvas final : public PdfCanvas {
 public:
  struct Written {
    Box box;
    std::string text;  // of all spans
    TextExtent extent;
  };
  struct Page {
    std::vector<Written> texts;
    std::vector<Box> shapes;  // bounds of what was filled or stroked
    std::vector<std::string> places;
    std::vector<std::string> links;
  };
  struct Outline {
    std::string title;
    std::string place;
    int level = 0;
  };

  explicit MemoryPdfCanvas(PdfOptions options) : options_(std::move(options)) {}

  void begin_page() override;
  TextExtent measure(const TextBlock& block) override;
  void write(double x, double y, const TextBlock& block) override;
  void fill(const Path& path, const Colour& colour) override;
  void stroke(const Path& path, const Pen& pen) override;
  void mark_place(const std::string& name, double y) override;
  void link(const Box& box, const std::string& place) override;
  void add_outline(const std::string& title, const std::string& place, int level) override;
  // A text of the pages, one a line and form feeds between.
  Result<std::string> finish() override;

  [[nodiscard]] const std::vector<Page>& pages() const { return pages_; }
  [[nodiscard]] const std::vector<Outline>& outline() const { return outline_; }

 private:
  Page* page();  // nullptr, and a trouble noted, before the first one

  PdfOptions options_;
  std::vector<Page> pages_;
  std::vector<Outline> outline_;
  std::set<std::string> places_;
  std::set<std::string> wanted_places_;
  bool out_of_order_ = false;
  bool finished_ = false;
};

}  // namespace tideline
