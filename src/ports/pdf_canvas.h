// PdfCanvas: paper to draw a document on, page by page. Two implementations: Cairo with Pango
// (adapters/cairo) and MemoryPdfCanvas; one contract suite over both
// (ports/pdf_canvas_contract.h).
//
// All lengths are points (1/72 inch), from the upper left corner of the page.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace tideline {

struct Colour {
  double red = 0;  // 0..1, as the next two
  double green = 0;
  double blue = 0;
  bool operator==(const Colour&) const = default;
};

enum class FontFace : std::uint8_t { text, display, code };
enum class FontWeight : std::uint8_t { regular, medium, semibold };
enum class TextAlign : std::uint8_t { left, centre, right };

// A stretch of text in one style. Bytes that are not UTF-8 show as U+FFFD; control characters, but
// for the line feed, as blanks.
struct TextSpan {
  std::string text;
  FontWeight weight = FontWeight::regular;
  bool italic = false;
  bool raised = false;                // small and above the line: a mark
  std::optional<Colour> colour = {};  // nullopt: the block's
};

struct TextBlock {
  std::vector<TextSpan> spans;
  FontFace face = FontFace::text;
  double size = 9;
  double leading = 1.4;  // distance of lines, in sizes
  Colour colour = {};
  TextAlign align = TextAlign::left;
  double width = 0;   // lines are broken there, also within a word; 0: one line, however long
  int lines_max = 0;  // what is over ends with an ellipsis; 0: as many as it takes
};

struct TextExtent {
  double width = 0;  // of the longest line
  double height = 0;
  int lines = 0;
  bool cut = false;  // lines_max left something out
};

struct PathStep {
  enum class Kind : std::uint8_t { move, line, curve, close };
  Kind kind = Kind::move;
  double x = 0;  // where it ends
  double y = 0;
  double x1 = 0;  // control points of a curve
  double y1 = 0;
  double x2 = 0;
  double y2 = 0;
};
using Path = std::vector<PathStep>;

struct Pen {
  Colour colour = {};
  double width = 0.5;
  std::vector<double> dashes = {};  // lengths of strokes and gaps; none: unbroken
};

struct Box {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
};

struct PdfOptions {
  double width = 595.28;  // of every page
  double height = 841.89;
  std::string title;
  std::string author;
  std::string subject;
  std::string creator;
  Time created{};
};

// Not thread-safe. What fails while drawing is told by finish().
class PdfCanvas {
 public:
  virtual ~PdfCanvas() = default;

  // What is drawn from now on stands on a new page; the first one too needs it.
  virtual void begin_page() = 0;
  // How much room write() takes; needs no page.
  [[nodiscard]] virtual TextExtent measure(const TextBlock& block) = 0;
  // `x`, `y`: the upper left corner of a room of block.width; where that is 0, the point that the
  // block is aligned to.
  virtual void write(double x, double y, const TextBlock& block) = 0;
  virtual void fill(const Path& path, const Colour& colour) = 0;
  virtual void stroke(const Path& path, const Pen& pen) = 0;
  // A place that links and the outline lead to. Names are of letters, digits and _.
  virtual void mark_place(const std::string& name, double y) = 0;
  virtual void link(const Box& box, const std::string& place) = 0;
  // In the order of the document; level 0 is the top.
  virtual void add_outline(const std::string& title, const std::string& place, int level) = 0;
  // The bytes of the file; nothing can be drawn afterwards. The same calls give the same bytes.
  [[nodiscard]] virtual Result<std::string> finish() = 0;
};

}  // namespace tideline
