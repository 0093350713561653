// CairoCanvas: one PDF file being drawn, in memory.
#pragma once

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/cairo/pango_handles.h"
#include "ports/pdf_canvas.h"

namespace tideline {

class CairoCanvas final : public PdfCanvas {
 public:
  // `context` has the fonts; it outlives the canvas.
  CairoCanvas(PangoContext* context, const PdfOptions& options);

  void begin_page() override;
  TextExtent measure(const TextBlock& block) override;
  void write(double x, double y, const TextBlock& block) override;
  void fill(const Path& path, const Colour& colour) override;
  void stroke(const Path& path, const Pen& pen) override;
  void mark_place(const std::string& name, double y) override;
  void link(const Box& box, const std::string& place) override;
  void add_outline(const std::string& title, const std::string& place, int level) override;
  Result<std::string> finish() override;

 private:
  void set_metadata(const PdfOptions& options);
  void end_page();
  [[nodiscard]] TextExtent laid_out_extent(const TextBlock& block);
  void lay_out(const TextBlock& block);
  void trace(const Path& path);
  [[nodiscard]] bool can_draw();

  std::string bytes_;
  Owned<cairo_surface_t> surface_;
  Owned<cairo_t> cairo_;
  Owned<PangoLayout> layout_;
  bool page_begun_ = false;
  bool out_of_order_ = false;
  bool finished_ = false;
  std::set<std::string> places_;
  std::set<std::string> wanted_places_;
  std::unordered_map<std::string, TextExtent> measured_;  // a block is measured many times
  std::vector<int> outline_parents_;                      // the last entry of each level
};

}  // namespace tideline
