// CairoPress: draws PDF files with Cairo; Pango breaks the lines, HarfBuzz shapes the letters.
//
// Only the fonts of the folders given are used, whatever else is installed, so that a document has
// the same bytes on every machine with the same versions of fonts and libraries. Every font is
// embedded, as far as its letters are used.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ports/pdf_canvas.h"

namespace tideline {

struct PressOptions {
  // Of the families Inter, Inter Display (text), DejaVu Sans Mono (code) and DejaVu Sans (letters
  // that Inter lacks): where Debian's packages fonts-inter and fonts-dejavu-core put them.
  std::vector<std::string> font_folders = {"/usr/share/fonts/opentype/inter",
                                           "/usr/share/fonts/truetype/dejavu"};
};

// Holds the fonts. For one thread at a time, together with its canvases.
class CairoPress {
 public:
  // not_found names a font that is missing, and the package that has it.
  [[nodiscard]] static Result<std::unique_ptr<CairoPress>> open(const PressOptions& options = {});
  ~CairoPress();
  CairoPress(const CairoPress&) = delete;
  CairoPress& operator=(const CairoPress&) = delete;

  // The press must outlive its canvases.
  [[nodiscard]] std::unique_ptr<PdfCanvas> canvas(const PdfOptions& options);

 private:
  struct Fonts;
  explicit CairoPress(std::unique_ptr<Fonts> fonts);
  std::unique_ptr<Fonts> fonts_;
};

}  // namespace tideline
